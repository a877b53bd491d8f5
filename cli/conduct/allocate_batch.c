/*
 * allocate_batch.c: a scheme that balances its units together takes them all at once. How many ways
 * there are is shown first, and who would end up together in most of them; never the choice.
 */
#include "cli/conduct/allocate_batch.h"

#include "cli/certain.h"
#include "cli/path.h"
#include "cli/table.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS_FOR_PEOPLE 10

static const struct column allocation_columns[] = {
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"participant", "PARTICIPANT", COLUMN_TEXT},
    {"name", "NAME", COLUMN_TEXT},
    {"arm", "ARM", COLUMN_TEXT},
    {"arm_label", "WHICH IS", COLUMN_TEXT},
    {"receipt", "RECEIPT", COLUMN_TEXT},
    {"position", "POSITION", COLUMN_CSV},
    {"allocated_at", "ALLOCATED", COLUMN_CSV},
    {"allocation", "ALLOCATION", COLUMN_CSV},
    {0},
};

static const struct column unit_columns[] = {
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"participant", "PARTICIPANT", COLUMN_TEXT},
    {"eligible", "ELIGIBLE", COLUMN_TEXT},
    {"missing", "MISSING", COLUMN_LONG},
    {0},
};

bool
allocate_is_batch(const struct invocation *in)
{
    return invocation_has(in, "all") || invocation_count(in) > 2;
}

const char *
allocate_kind_of(const char *code)
{
    return code[0] == 'P' || code[0] == 'p' ? "participant" : "workplace";
}

static const char *
path_in_trial(struct session *session, const struct invocation *in, const char *first,
    const char *second, const char *third)
{
    return path_of(
        session->arena, "v1", "trials", invocation_argument(in, 0), first, second, third, NULL);
}

/* What the scheme allocates: "workplace", "participant"; NULL on failure or where there is no such
 * scheme. */
static const char *
unit_of_scheme(struct session *session, const struct invocation *in)
{
    json_t *schemes = session_list(session, path_in_trial(session, in, "schemes", NULL, NULL));
    const char *name = invocation_option(in, "scheme");
    size_t index;
    json_t *scheme;
    if (schemes == NULL)
        return NULL;
    json_array_foreach(schemes, index, scheme)
    {
        if (text_equal(session_field(scheme, "scheme"), name))
            return session_field(scheme, "unit");
    }
    error_set(&session->error, ERROR_NOT_FOUND, "scheme",
        "The trial has no scheme called %s; rctctl scheme list shows them", name);
    return NULL;
}

static int
compare_codes(const void *a, const void *b)
{
    json_t *const *x = a;
    json_t *const *y = b;
    return strcmp(json_string_value(*x), json_string_value(*y));
}

/* In one order, whichever list they come from: a request that is repeated is the same request. */
static json_t *
sort_codes(struct session *session, json_t *codes)
{
    size_t count = json_array_size(codes);
    json_t **sorted = arena_array(session->arena, count, sizeof *sorted);
    json_t *list = session_keep(session, json_array());
    for (size_t i = 0; i < count; i++)
        sorted[i] = json_array_get(codes, i);
    if (count > 0)
        qsort(sorted, count, sizeof *sorted, compare_codes);
    for (size_t i = 0; i < count; i++)
        json_array_append(list, sorted[i]);
    return list;
}

/* Everybody who waits for an allocation: never allocated by themselves, nor withdrawn. */
static json_t *
list_waiting(struct session *session, const struct invocation *in)
{
    const char *unit = unit_of_scheme(session, in);
    if (unit == NULL)
        return NULL;
    json_t *units = session_list(
        session, path_in_trial(session, in, arena_printf(session->arena, "%ss", unit), NULL, NULL));
    if (units == NULL)
        return NULL;
    json_t *codes = session_keep(session, json_array());
    size_t index;
    json_t *item;
    json_array_foreach(units, index, item)
    {
        if (json_array_size(json_object_get(item, "schemes")) == 0 &&
            !text_equal(session_field(item, "state"), "withdrawn"))
            json_array_append(codes, json_object_get(item, "code"));
    }
    if (json_array_size(codes) < 2) {
        error_set(&session->error, ERROR_REFUSED, "all",
            "Fewer than two %ss wait for an allocation; the others are allocated or withdrawn",
            unit);
        return NULL;
    }
    return sort_codes(session, codes);
}

/* Everybody whom a request with this key has allocated: its answer was lost, and nobody waits. */
static json_t *
list_by_key(struct session *session, const struct invocation *in, const char *key)
{
    const char *path =
        path_query(session->arena, path_in_trial(session, in, "allocations", NULL, NULL), "scheme",
            invocation_option(in, "scheme"));
    json_t *allocations = session_list(session, path);
    if (allocations == NULL)
        return NULL;
    json_t *codes = session_keep(session, json_array());
    size_t index;
    json_t *item;
    json_array_foreach(allocations, index, item)
    {
        json_t *workplace = json_object_get(item, "workplace");
        if (text_equal(session_field(item, "key"), key))
            json_array_append(codes,
                json_is_string(workplace) ? workplace : json_object_get(item, "participant"));
    }
    return sort_codes(session, codes);
}

static json_t *
list_all(struct session *session, const struct invocation *in)
{
    const char *key = invocation_option(in, "key");
    json_t *codes = key == NULL ? NULL : list_by_key(session, in, key);
    if (key != NULL && codes == NULL)
        return NULL;
    return json_array_size(codes) > 0 ? codes : list_waiting(session, in);
}

static json_t *
list_named(struct session *session, const struct invocation *in)
{
    json_t *codes = session_keep(session, json_array());
    for (size_t i = 1; i < invocation_count(in); i++)
        json_array_append_new(codes, json_string(invocation_argument(in, i)));
    return codes;
}

static json_t *
make_body(const struct invocation *in, json_t *codes)
{
    json_t *body =
        json_pack("{s:s, s:O}", "scheme", invocation_option(in, "scheme"), "units", codes);
    if (invocation_has(in, "acknowledge"))
        json_object_set_new(body, "acknowledge", json_true());
    return body;
}

static void
print_sentences(json_t *sentences, const char *before)
{
    for (size_t i = 0; i < json_array_size(sentences); i++)
        printf("  - %s%s\n", before, json_string_value(json_array_get(sentences, i)));
}

/* For people: what is missing, unit by unit. */
static void
print_missing(struct session *session, json_t *answer)
{
    size_t index;
    json_t *unit;
    printf(": cannot be allocated now:\n");
    json_array_foreach(json_object_get(answer, "units"), index, unit)
    {
        const char *code = session_field(unit, "workplace");
        if (code == NULL)
            code = session_field(unit, "participant");
        print_sentences(
            json_object_get(unit, "missing"), arena_printf(session->arena, "%s: ", code));
    }
    print_sentences(json_object_get(answer, "missing"), "");
}

static void
print_pairs(json_t *answer)
{
    json_t *pairs = json_object_get(answer, "pairs");
    size_t shown = json_array_size(pairs);
    if (shown == 0)
        return;
    printf("In one arm in so many of the accepted assignments:\n");
    for (size_t i = 0; i < shown && i < PAIRS_FOR_PEOPLE; i++) {
        json_t *pair = json_array_get(pairs, i);
        printf("  %s and %s: %.0f %%\n", session_field(pair, "first"),
            session_field(pair, "second"),
            100 * json_number_value(json_object_get(pair, "together")));
    }
    long long more = (long long)shown - PAIRS_FOR_PEOPLE +
                     json_integer_value(json_object_get(answer, "pairs_left_out"));
    if (more > 0)
        printf("  and %lld more pairs (--json shows them)\n", more);
}

static void
print_dry_run(struct session *session, const struct invocation *in, json_t *answer)
{
    size_t units = json_array_size(json_object_get(answer, "units"));
    printf("Scheme %s, %zu units together", invocation_option(in, "scheme"), units);
    if (!json_is_true(json_object_get(answer, "eligible"))) {
        print_missing(session, answer);
        return;
    }
    printf(": can be allocated.\n%s%lld assignments, of which %lld are balanced well enough to be "
           "drawn.\n",
        json_is_true(json_object_get(answer, "enumerated")) ? "" : "A sample of ",
        json_integer_value(json_object_get(answer, "assignments")),
        json_integer_value(json_object_get(answer, "accepted")));
    json_t *warnings = json_object_get(answer, "warnings");
    for (size_t i = 0; i < json_array_size(warnings); i++)
        printf("Warning: %s\n", json_string_value(json_array_get(warnings, i)));
    print_pairs(answer);
}

/* For programs. */
static void
show_dry_run(struct session *session, json_t *answer)
{
    if (session->output == OUTPUT_JSON)
        table_json(answer);
    else if (session->output == OUTPUT_CSV)
        table_list(session, unit_columns, json_object_get(answer, "units"), "");
}

static int
allocate(struct session *session, const struct invocation *in, json_t *codes)
{
    json_t *answer = session_post(session, path_in_trial(session, in, "allocations", "batch", NULL),
        make_body(in, codes), invocation_option(in, "key"));
    if (answer == NULL)
        return session_fail(session);
    if (session->output == OUTPUT_JSON) {
        table_json(answer);
        return 0;
    }
    if (session->output == OUTPUT_PEOPLE)
        printf("\nBatch %lld: one of %lld accepted assignments was drawn.\n\n",
            json_integer_value(json_object_get(answer, "batch")),
            json_integer_value(json_object_get(answer, "accepted")));
    table_list(session, allocation_columns, json_object_get(answer, "allocations"), "");
    return 0;
}

int
allocate_batch(struct session *session, const struct invocation *in)
{
    bool all = invocation_has(in, "all");
    bool only_look = invocation_has(in, "dry-run");
    if (all && invocation_count(in) > 1)
        return session_usage(session, "--all stands for all codes: leave them out, or --all");
    if (invocation_has(in, "arm") || invocation_has(in, "reason"))
        return session_usage(
            session, "--arm and --reason are for one unit, which nobody randomises");
    json_t *codes = all ? list_all(session, in) : list_named(session, in);
    if (codes == NULL)
        return session_fail(session);
    json_t *answer = session_post(session,
        path_in_trial(session, in, "allocations", "batch", "dry-run"), make_body(in, codes), NULL);
    if (answer == NULL)
        return session_fail(session);
    bool eligible = json_is_true(json_object_get(answer, "eligible"));
    /* With a key of the user's own this may be the repeat of a command whose answer was lost. */
    bool repeat = !eligible && !only_look && invocation_has(in, "key");
    if (session->output == OUTPUT_PEOPLE && !repeat)
        print_dry_run(session, in, answer);
    if (only_look || (!eligible && !repeat)) {
        show_dry_run(session, answer);
        return eligible ? 0 : error_exit_status(ERROR_REFUSED);
    }
    int status = repeat ? 0
                        : certain_confirm(session, in, "Allocate them now? This cannot be undone.",
                              "allocated");
    return status != 0 ? status : allocate(session, in, codes);
}
