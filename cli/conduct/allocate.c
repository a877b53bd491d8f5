/*
 * allocate.c: the moment that counts. What would happen is shown first; nothing is allocated
 * without a yes; one key stands for the whole command, so that a repeated request never takes a
 * second slot.
 */
#include "cli/certain.h"
#include "cli/command.h"
#include "cli/conduct/allocate_batch.h"
#include "cli/path.h"
#include "cli/table.h"

#include <stdio.h>
#include <string.h>

static const struct column allocation_columns[] = {
    {"workplace", "Workplace", COLUMN_TEXT},
    {"participant", "Participant", COLUMN_TEXT},
    {"scheme", "Scheme", COLUMN_TEXT},
    {"stratum", "Stratum", COLUMN_TEXT},
    {"arm", "Arm", COLUMN_TEXT},
    {"arm_label", "Which is", COLUMN_TEXT},
    {"randomised", "Randomised", COLUMN_TEXT},
    {"allocated_at", "Allocated", COLUMN_TIME},
    {"allocation", "Allocation", COLUMN_TEXT},
    {"receipt", "Receipt", COLUMN_TEXT},
    {"position", "Position", COLUMN_CSV},
    {0},
};

static const struct column dry_run_columns[] = {
    {"workplace", "Workplace", COLUMN_TEXT},
    {"participant", "Participant", COLUMN_TEXT},
    {"scheme", "Scheme", COLUMN_TEXT},
    {"stratum", "Stratum", COLUMN_TEXT},
    {"levels", "Levels", COLUMN_TEXT},
    {"eligible", "Eligible", COLUMN_TEXT},
    {"missing", "Missing", COLUMN_CSV},
    {"warnings", "Warnings", COLUMN_CSV},
    {0},
};

static json_t *
make_body(const struct invocation *in)
{
    const char *code = invocation_argument(in, 1);
    return json_pack(
        "{s:s, s:s}", allocate_kind_of(code), code, "scheme", invocation_option(in, "scheme"));
}

/* With what a comparison that nobody randomises asks for, and that shared staff was weighed. */
static json_t *
make_choice(const struct invocation *in, bool acknowledged)
{
    json_t *body = make_body(in);
    if (acknowledged)
        json_object_set_new(body, "acknowledge", json_true());
    static const char *const names[] = {"arm", "reason"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (invocation_has(in, names[i]))
            json_object_set_new(body, names[i], json_string(invocation_option(in, names[i])));
    return body;
}

static void
print_missing(struct session *session, json_t *missing)
{
    size_t index;
    json_t *item;
    json_array_foreach(missing, index, item)
    {
        const char *detail = session_field(item, "detail");
        printf(
            "  - %s\n", detail == NULL ? table_value(session->arena, item, COLUMN_TEXT) : detail);
    }
}

/* Asks what would happen; NULL on failure. */
static json_t *
dry_run(struct session *session, const struct invocation *in)
{
    const char *path = path_of(
        session->arena, "v1", "trials", invocation_argument(in, 0), "allocations", "dry-run", NULL);
    return session_post(session, path, make_body(in), NULL);
}

/* For people. */
static void
print_dry_run(struct session *session, const struct invocation *in, json_t *answer)
{
    const char *stratum = session_field(answer, "stratum");
    printf("%s, scheme %s", invocation_argument(in, 1), invocation_option(in, "scheme"));
    if (stratum != NULL && stratum[0] != '\0')
        printf(", stratum %s", stratum);
    json_t *levels = json_object_get(answer, "levels");
    if (json_is_object(levels))
        printf(", %s", table_value(session->arena, levels, COLUMN_TEXT));
    if (json_is_true(json_object_get(answer, "eligible"))) {
        printf(": can be allocated.\n");
    } else {
        printf(": cannot be allocated now:\n");
        print_missing(session, json_object_get(answer, "missing"));
    }
    json_t *warnings = json_object_get(answer, "warnings");
    for (size_t i = 0; i < json_array_size(warnings); i++)
        printf("Warning: %s\n", json_string_value(json_array_get(warnings, i)));
}

/* Asks for a yes; 0, or the exit status of a no. To say yes to an allocation that is warned of is
 * to have weighed it. */
static int
confirm(struct session *session, const struct invocation *in, bool warned, bool *acknowledged)
{
    if (warned && !*acknowledged && invocation_has(in, "yes"))
        return session_usage(session, "not allocated: staff is shared with allocated workplaces; "
                                      "weigh that, then add --acknowledge");
    int status = certain_confirm(session, in,
        warned ? "Staff is shared with allocated workplaces. Allocate it all the same? This cannot "
                 "be undone."
               : "Allocate it now? This cannot be undone.",
        "allocated");
    *acknowledged = *acknowledged || (warned && status == 0);
    return status;
}

static int
allocate(struct session *session, const struct invocation *in, const char *key, bool acknowledged)
{
    const char *path =
        path_of(session->arena, "v1", "trials", invocation_argument(in, 0), "allocations", NULL);
    json_t *allocation = session_post(session, path, make_choice(in, acknowledged), key);
    if (allocation == NULL)
        return session_fail(session);
    table_one(session, allocation_columns, allocation);
    return 0;
}

static int
run_allocate(struct session *session, const struct invocation *in)
{
    const char *key = invocation_option(in, "key");
    bool acknowledged = invocation_has(in, "acknowledge");
    if (allocate_is_batch(in))
        return allocate_batch(session, in);
    if (invocation_count(in) < 2)
        return session_usage(
            session, "say which: the code of a workplace or participant, or --all");
    json_t *answer = dry_run(session, in);
    if (answer == NULL)
        return session_fail(session);
    bool eligible = json_is_true(json_object_get(answer, "eligible"));
    bool only_look = invocation_has(in, "dry-run");
    /* With a key of the user's own this may be the repeat of a command whose answer was lost: then
     * the workplace is allocated already, and the first answer is wanted. */
    bool repeat = !eligible && key != NULL && !only_look;
    if (session->output == OUTPUT_PEOPLE && !repeat)
        print_dry_run(session, in, answer);
    if (only_look || (!eligible && !repeat)) {
        if (session->output != OUTPUT_PEOPLE)
            table_one(session, dry_run_columns, answer);
        return eligible ? 0 : error_exit_status(ERROR_REFUSED);
    }
    bool warned = json_array_size(json_object_get(answer, "warnings")) > 0;
    int status = repeat ? 0 : confirm(session, in, warned, &acknowledged);
    return status != 0 ? status : allocate(session, in, key, acknowledged);
}

static const struct option_row options[] = {
    {.name = "scheme",
        .value = "SCHEME",
        .meaning = "in which scheme, such as rct",
        .flags = OPTION_REQUIRED},
    {.name = "all", .meaning = "everybody who waits, where a scheme takes all at once"},
    {.name = "arm", .value = "ARM", .meaning = "the group, in a comparison nobody randomises"},
    {.name = "reason", .value = "TEXT", .meaning = "and why it is in that group"},
    {.name = "acknowledge", .meaning = "that staff is shared with others was weighed"},
    {.name = "dry-run", .meaning = "show stratum and eligibility only"},
    OPTION_YES,
    OPTION_KEY,
    {0},
};

const struct command allocate_commands[] = {
    {
        .group = "allocate",
        .arguments = "TRIAL [UNIT...]",
        .meaning = "Allocate a workplace or participant to an arm",
        .details =
            "Shows the stratum and what is missing first, then asks. Each look leaves a record.\n"
            "The answer has the arm and a receipt, by which an auditor finds the allocation. A\n"
            "request whose answer was lost is repeated with the same key: it never takes a\n"
            "second slot. When something is missing the exit status is 4, also with --dry-run.\n"
            "A workplace that shares staff with allocated ones is allocated when that was seen\n"
            "and weighed: --acknowledge says so, and is kept with the allocation.\n"
            "\n"
            "A scheme of constrained randomisation takes its units together: name them all, or\n"
            "say --all for every one that was neither allocated nor withdrawn. They are\n"
            "allocated as a whole or not at all. The dry run tells how many assignments are\n"
            "accepted and which units nearly always or never share an arm, not the choice.\n",
        .example = "rctctl allocate work-together W0001 --scheme feasibility --yes",
        .options = options,
        .run = run_allocate,
    },
    {0},
};
