/*
 * allocation_batch.c: units that are allocated all at once. The dry run says how many ways there
 * are to do it and which units would end up together in most of them, never which way it will be.
 */
#include "store/conduct/allocation_batch.h"

#include "api/conduct/allocation.h"
#include "api/handlers.h"
#include "api/people/unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS_SHOWN 1000
#define OFTEN 0.75  /* pairs that are together as often are told of */
#define SELDOM 0.25 /* or as seldom */

const struct field batch_new[] = {
    {.name = "scheme",
        .type = FIELD_IDENTIFIER,
        .flags = FIELD_REQUIRED,
        .meaning = "The scheme, such as rct"},
    {.name = "units",
        .type = FIELD_ARRAY,
        .flags = FIELD_REQUIRED,
        .min = 2,
        .max = CONSTRAINED_UNITS_MAX,
        .meaning = "Codes of the units, of the scheme's kind, in any order"},
    ALLOCATION_ACKNOWLEDGE,
    {0},
};

#define SCORED_FIELDS(more)                                                                        \
    {.name = "assignments",                                                                        \
        .type = FIELD_INTEGER,                                                                     \
        .flags = (more),                                                                           \
        .meaning = "How many assignments were scored"},                                            \
        {.name = "enumerated",                                                                     \
            .type = FIELD_BOOLEAN,                                                                 \
            .flags = (more),                                                                       \
            .meaning = "They are all there are; false: a sample of them"},                         \
    {                                                                                              \
        .name = "accepted", .type = FIELD_INTEGER, .flags = (more),                                \
        .meaning = "How many of them are balanced well enough to be drawn"                         \
    }

const struct field batch_answer[] = {
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "The scheme"},
    {.name = "batch", .type = FIELD_INTEGER, .meaning = "The number of the batch, from 1"},
    SCORED_FIELDS(0),
    {.name = "cutoff_score",
        .type = FIELD_NUMBER,
        .meaning = "Assignments up to this score were accepted (rctd-allocation(7))"},
    {.name = "chosen",
        .type = FIELD_INTEGER,
        .meaning = "The one that was drawn: its place among the accepted ones, from 0"},
    {.name = "score", .type = FIELD_NUMBER, .meaning = "Its score"},
    {.name = "allocations",
        .type = FIELD_ARRAY,
        .children = allocation_answer,
        .meaning = "One for each unit, by code, which is their order in the ledger"},
    {0},
};

static const struct field unit_fields[] = {
    UNIT_FIELDS,
    {.name = "eligible", .type = FIELD_BOOLEAN, .meaning = "Nothing is missing"},
    {.name = "missing", .type = FIELD_ARRAY, .meaning = "What is missing, in sentences"},
    {0},
};

static const struct field pair_fields[] = {
    {.name = "first", .type = FIELD_STRING, .meaning = "A unit's code"},
    {.name = "second", .type = FIELD_STRING, .meaning = "Another's"},
    {.name = "together",
        .type = FIELD_NUMBER,
        .meaning = "In this share of the accepted assignments they are in one arm: 0 is never, 1 "
                   "always"},
    {0},
};

const struct field batch_dry_run_answer[] = {
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "The scheme"},
    {.name = "eligible",
        .type = FIELD_BOOLEAN,
        .meaning = "The batch can be allocated: nothing is missing of any unit, and there is a "
                   "balanced way"},
    {.name = "units",
        .type = FIELD_ARRAY,
        .children = unit_fields,
        .meaning = "What is missing of each, by code"},
    {.name = "missing",
        .type = FIELD_ARRAY,
        .meaning = "What speaks against the batch as a whole, in sentences"},
    SCORED_FIELDS(FIELD_NULLABLE),
    {.name = "warnings",
        .type = FIELD_ARRAY,
        .meaning = "What is allowed but probably not meant, in sentences"},
    {.name = "pairs",
        .type = FIELD_ARRAY,
        .children = pair_fields,
        .meaning = "Units that are in one arm in at least 75 % or at most 25 % of the accepted "
                   "assignments, the most certain first; at most 1000 of them, and none where the "
                   "groups differ in size: there they would tell of arms"},
    {.name = "pairs_left_out", .type = FIELD_INTEGER, .meaning = "How many more there are"},
    {0},
};

static bool
read_scheme(struct call *call, struct allocation_scheme *scheme, struct error *error)
{
    const char *name = call_text(call, "scheme");
    if (!allocation_scheme_read(
            call->tx, call->session, call->trial_id, call->caller.time_zone, name, scheme))
        return call_failed(call, error);
    return scheme->scheme->method == METHOD_CONSTRAINED ||
           error_set(error, ERROR_REFUSED, "allocation",
               "%s allocates one %s at a time: rctctl allocate %s CODE --scheme %s", name,
               protocol_unit_name(scheme->scheme->unit), call->request->parameters[0], name);
}

static bool
read_codes(struct call *call, enum protocol_unit kind, const char ***codes, size_t *count,
    struct error *error)
{
    json_t *units = json_object_get(call->body, "units");
    *count = json_array_size(units);
    *codes = arena_array(call->arena, *count, sizeof **codes);
    for (size_t i = 0; i < *count; i++) {
        const char *written = json_string_value(json_array_get(units, i));
        (*codes)[i] = unit_code(call->arena, kind, written);
        for (size_t j = 0; j < i; j++)
            if (strcmp((*codes)[i], (*codes)[j]) == 0)
                return call_fault(call, error, arena_printf(call->arena, "/units/%zu", i),
                    "name each unit once", "%s stands there twice", (*codes)[i]);
    }
    return true;
}

/* Says of each unit what is missing, and leaves a record of it. */
static bool
refuse(struct call *call, const struct allocation_scheme *scheme,
    const struct allocation_batch *batch, struct error *error)
{
    struct error refusal = ERROR_CLEAR;
    for (size_t i = 0; i < batch->count; i++) {
        const struct allocation_candidate *candidate = &batch->units[i].candidate;
        const char *pointer = arena_printf(call->arena, "/units/%zu", batch->units[i].asked);
        if (candidate->missing_count == 0)
            continue;
        if (!allocation_record_attempt(
                call->tx, scheme, candidate, false, call->caller.account_id, call->request->id))
            return call_failed(call, error);
        for (size_t m = 0; m < candidate->missing_count; m++)
            faults_add(&call->faults, pointer, 0, 0, NULL, "%s: %s", candidate->unit.row.code,
                candidate->missing[m]);
    }
    error_set(&refusal, ERROR_REFUSED, "allocation",
        "Nothing was allocated: %zu of %zu units cannot be allocated yet (see errors); a batch is "
        "allocated as a whole",
        batch->unready, batch->count);
    http_problem(call->request, call->response, &refusal, &call->faults);
    call->refused = true;
    return true;
}

static bool
refuse_problem(struct call *call, struct error *error)
{
    const struct fault *first = &call->faults.items[0];
    return error_set(error, ERROR_REFUSED, "allocation", "The batch cannot be allocated: %s%s",
        first->message, call->faults.total > 1 ? " (and more, see errors)" : "");
}

static json_t *
encode_batch(struct call *call, const struct allocation_scheme *scheme,
    const struct allocation_batch *batch, const struct allocation_batch_made *made)
{
    const struct constrained_choice *choice = &made->choice;
    json_t *allocations = json_array();
    for (size_t i = 0; i < batch->count; i++)
        json_array_append_new(allocations,
            allocation_encode_made(call, scheme, &batch->units[i].candidate, &made->made[i]));
    return json_pack("{s:s, s:I, s:I, s:b, s:I, s:f, s:I, s:f, s:o}", "scheme",
        scheme->scheme->name, "batch", (json_int_t)made->number, "assignments",
        (json_int_t)choice->summary.assignments, "enumerated", choice->summary.enumerated,
        "accepted", (json_int_t)choice->summary.accepted, "cutoff_score",
        choice->summary.cutoff_score, "chosen", (json_int_t)choice->chosen, "score", choice->score,
        "allocations", allocations);
}

bool
allocation_make_batch(struct call *call, struct error *error)
{
    static const char *const strata[] = {""};
    struct allocation_scheme scheme;
    struct allocation_strata locked;
    struct allocation_batch batch;
    struct allocation_batch_made made;
    const char **codes;
    size_t count;
    if (!allocation_hold_trial(call->tx, call->trial_id))
        return call_failed(call, error);
    if (!read_scheme(call, &scheme, error) ||
        !read_codes(call, scheme.scheme->unit, &codes, &count, error))
        return false;
    if (!allocation_strata_lock(call->tx, call->session, &scheme, strata, 1, &locked) ||
        !allocation_batch_read(call->tx, &scheme, call->scope, codes, count, true,
            call_flag(call, "acknowledge"), &batch))
        return call_failed(call, error);
    if (batch.unready > 0)
        return refuse(call, &scheme, &batch, error);
    const struct constrained_problem *problem =
        allocation_batch_problem(call->tx, &scheme, &batch, &call->faults);
    if (problem == NULL)
        return refuse_problem(call, error);
    if (!allocation_batch_make(call->tx, call->session, &scheme, &batch, problem,
            call->caller.account_id, call->key, &made))
        return call_failed(call, error);
    call->restricted = call->for_ever = call->wake = true;
    return call_answer(call, 201, encode_batch(call, &scheme, &batch, &made));
}

struct pair {
    size_t first;
    size_t second;
    double together;
};

/* The most certain first. */
static int
compare_pairs(const void *a, const void *b)
{
    const struct pair *x = a;
    const struct pair *y = b;
    double certain_x = fabs(x->together - 0.5);
    double certain_y = fabs(y->together - 0.5);
    if (certain_x > certain_y || certain_x < certain_y)
        return certain_x > certain_y ? -1 : 1;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->second < y->second ? -1 : x->second > y->second;
}

static struct pair *
find_pairs(struct arena *arena, const struct constrained_set *set, size_t units, size_t *count)
{
    struct pair *pairs = NULL;
    size_t capacity = 0;
    double accepted = (double)constrained_summary(set)->accepted;
    *count = 0;
    for (size_t i = 0; i < units; i++)
        for (size_t j = i + 1; j < units; j++) {
            double together = (double)constrained_together(set, i, j) / accepted;
            if (together > SELDOM && together < OFTEN)
                continue;
            pairs = arena_grow(arena, pairs, *count, &capacity, sizeof *pairs);
            pairs[(*count)++] = (struct pair){i, j, together};
        }
    if (*count > 0)
        qsort(pairs, *count, sizeof *pairs, compare_pairs);
    return pairs;
}

/* Groups of one size are exchanged for each other in the accepted assignments: who is together
 * tells of nobody the arm. Of groups that differ in size it would, to people who enrol. */
static bool
groups_are_alike(const struct constrained_problem *problem)
{
    for (size_t i = 0; i < problem->stratum_count * problem->arms; i++)
        if (problem->sizes[i] != problem->sizes[i / problem->arms * problem->arms])
            return false;
    return true;
}

static void
warn(json_t *answer, json_t *sentence)
{
    json_array_append_new(json_object_get(answer, "warnings"), sentence);
}

static void
warn_of_staff(const struct allocation_batch *batch, json_t *answer)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct allocation_candidate *candidate = &batch->units[i].candidate;
        for (size_t w = 0; w < candidate->warning_count; w++)
            warn(answer, json_string(candidate->warnings[w]));
    }
}

static void
add_pairs(struct call *call, json_t *answer, const struct constrained_problem *problem,
    const struct constrained_set *set)
{
    size_t count;
    struct pair *pairs = find_pairs(call->arena, set, problem->units, &count);
    bool alike = groups_are_alike(problem);
    size_t most = alike ? PAIRS_SHOWN : 0;
    size_t shown = count < most ? count : most;
    json_t *list = json_array();
    for (size_t i = 0; i < shown; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:f}", "first", problem->ids[pairs[i].first], "second",
                      problem->ids[pairs[i].second], "together", pairs[i].together));
    json_object_set_new(answer, "pairs", list);
    json_object_set_new(
        answer, "pairs_left_out", json_integer(alike ? (json_int_t)(count - shown) : 0));
    if (!alike)
        warn(
            answer, json_string("The groups differ in size: which units are often or seldom in one "
                                "arm would tell which arm it is, and is not shown"));
    size_t fixed = 0;
    while (fixed < count && (pairs[fixed].together <= 0 || pairs[fixed].together >= 1))
        fixed++;
    if (fixed > 0)
        warn(answer,
            json_sprintf("Pairs of units that are always in one arm, or never: %zu", fixed));
}

static void
add_summary(struct call *call, json_t *answer, const struct constrained_problem *problem,
    const struct constrained_set *set)
{
    const struct constrained_summary *summary = constrained_summary(set);
    json_t *warnings = json_object_get(answer, "warnings");
    json_object_set_new(answer, "assignments", json_integer((json_int_t)summary->assignments));
    json_object_set_new(answer, "enumerated", json_boolean(summary->enumerated));
    json_object_set_new(answer, "accepted", json_integer((json_int_t)summary->accepted));
    if (summary->accepted < CONSTRAINED_FEW)
        json_array_append_new(
            warnings, json_sprintf("Only %llu assignments are accepted; with fewer than %d the "
                                   "draw decides little, and a test has few values",
                          (unsigned long long)summary->accepted, CONSTRAINED_FEW));
    if (!summary->enumerated)
        json_array_append_new(warnings,
            json_string("There are too many assignments to score them all; the allocation draws a "
                        "sample of its own, whose numbers differ a little from these"));
    add_pairs(call, answer, problem, set);
}

/* How the batch could be allocated, or why it cannot. */
static void
preview(struct call *call, const struct allocation_scheme *scheme,
    const struct allocation_batch *batch, json_t *answer)
{
    struct faults faults;
    struct error error = ERROR_CLEAR;
    struct constrained_set *set = NULL;
    json_t *missing = json_object_get(answer, "missing");
    const char *closed = allocation_closed(call->session, scheme);
    faults_init(&faults, call->arena);
    if (closed != NULL)
        json_array_append_new(missing, json_string(closed));
    if (batch->unready > 0)
        return;
    const struct constrained_problem *problem =
        allocation_batch_problem(call->tx, scheme, batch, &faults);
    for (size_t i = 0; i < faults.count; i++)
        json_array_append_new(missing, json_string(faults.items[i].message));
    if (problem == NULL)
        return;
    set = allocation_batch_preview(problem, &error);
    if (set == NULL)
        json_array_append_new(missing, json_string(error.detail));
    else
        add_summary(call, answer, problem, set);
    json_object_set_new(answer, "eligible", json_boolean(set != NULL && closed == NULL));
    constrained_free(set);
}

static json_t *
encode_unit(const struct allocation_candidate *candidate)
{
    const char *code = candidate->unit.row.code;
    bool workplace = candidate->unit.kind == PROTOCOL_WORKPLACE;
    return json_pack("{s:o, s:o, s:b, s:o}", "workplace", json_text(workplace ? code : NULL),
        "participant", json_text(workplace ? NULL : code), "eligible",
        candidate->missing_count == 0, "missing", allocation_encode_missing(candidate));
}

bool
allocation_dry_run_batch(struct call *call, struct error *error)
{
    struct allocation_scheme scheme;
    struct allocation_batch batch;
    const char **codes;
    size_t count;
    if (!read_scheme(call, &scheme, error) ||
        !read_codes(call, scheme.scheme->unit, &codes, &count, error))
        return false;
    if (!allocation_batch_read(call->tx, &scheme, call->scope, codes, count, false, true, &batch))
        return call_failed(call, error);
    json_t *units = json_array();
    for (size_t i = 0; i < batch.count; i++) {
        const struct allocation_candidate *candidate = &batch.units[i].candidate;
        json_array_append_new(units, encode_unit(candidate));
        if (!allocation_record_attempt(
                call->tx, &scheme, candidate, true, call->caller.account_id, call->request->id)) {
            json_decref(units);
            return call_failed(call, error);
        }
    }
    json_t *answer = json_pack("{s:s, s:b, s:o, s:[], s:n, s:n, s:n, s:[], s:[], s:i}", "scheme",
        scheme.scheme->name, "eligible", false, "units", units, "missing", "assignments",
        "enumerated", "accepted", "warnings", "pairs", "pairs_left_out", 0);
    warn_of_staff(&batch, answer);
    preview(call, &scheme, &batch, answer);
    return call_answer(call, 200, answer);
}
