/*
 * allocation_request.c: what a request for an allocation asks for, and the dry run, which says what
 * the design would look at and what is missing, and opens no seed.
 */
#include "api/conduct/allocation.h"
#include "api/handlers.h"
#include "api/people/unit.h"
#include "store/people/staff.h"

/* clang-format off */
#define UNIT_AND_SCHEME \
    { .name = "workplace", .type = FIELD_STRING, .min = 2, .max = 16, \
        .meaning = "A workplace's code; either this or participant" }, \
    { .name = "participant", .type = FIELD_STRING, .min = 2, .max = 16, \
        .meaning = "A participant's code, where the scheme allocates participants" }, \
    { .name = "scheme", .type = FIELD_IDENTIFIER, .flags = FIELD_REQUIRED, \
        .meaning = "The scheme, such as rct" }
/* clang-format on */

const struct field allocation_new[] = {
    UNIT_AND_SCHEME,
    {.name = "arm",
        .type = FIELD_IDENTIFIER,
        .meaning = "Only in a comparison that nobody randomises: the unit's group"},
    {.name = "reason",
        .type = FIELD_STRING,
        .min = 1,
        .max = 500,
        .meaning = "Only there: why the unit is in that group"},
    ALLOCATION_ACKNOWLEDGE,
    {0},
};

const struct field dry_run_new[] = {
    UNIT_AND_SCHEME,
    {0},
};

const struct field dry_run_answer[] = {
    UNIT_FIELDS,
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "The scheme"},
    {.name = "stratum",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The stratum; null where a factor is not known"},
    {.name = "levels",
        .type = FIELD_OBJECT,
        .flags = FIELD_NULLABLE,
        .meaning = "Factors that minimisation balances, each with the unit's level; null where "
                   "there are none, or one is not known"},
    {.name = "eligible", .type = FIELD_BOOLEAN, .meaning = "Nothing is missing"},
    {.name = "missing", .type = FIELD_ARRAY, .meaning = "What is missing, in sentences"},
    {.name = "warnings",
        .type = FIELD_ARRAY,
        .meaning =
            "Staff that the workplace shares with allocated ones, in sentences: to be weighed "
            "and acknowledged"},
    {0},
};

bool
allocation_read_unit(
    struct call *call, enum protocol_unit *kind, const char **code, struct error *error)
{
    const char *workplace = call_text(call, "workplace");
    const char *participant = call_text(call, "participant");
    *kind = participant != NULL ? PROTOCOL_PARTICIPANT : PROTOCOL_WORKPLACE;
    *code = participant != NULL ? unit_code(call->arena, *kind, participant) : workplace;
    if (workplace == NULL && participant == NULL)
        return call_fault(call, error, "/workplace", "give the code of a workplace, or participant",
            "is missing");
    return workplace == NULL || participant == NULL ||
           call_fault(call, error, "/participant", "leave one of them out",
               "stands beside workplace; one unit at a time");
}

/* The arms of a scheme, for a sentence. */
static const char *
list_arms(struct arena *arena, const struct allocation_scheme *scheme)
{
    struct text list;
    text_init(&list, arena);
    for (size_t i = 0; i < scheme->protocol->arm_count; i++)
        if (scheme->scheme->ratio[i] > 0)
            text_printf(&list, "%s%s", list.length == 0 ? "" : ", ", scheme->protocol->arms[i].id);
    return list.bytes;
}

bool
allocation_read_choice(struct call *call, const struct allocation_scheme *scheme,
    struct allocation_candidate *candidate, struct error *error)
{
    const char *arm = call_text(call, "arm");
    const char *reason = call_text(call, "reason");
    const char *name = scheme->scheme->name;
    if (allocation_is_random(scheme)) {
        if (arm == NULL && reason == NULL)
            return true;
        return call_fault(call, error, arm == NULL ? "/reason" : "/arm", "leave it out",
            "%s is randomised: nobody chooses there", name);
    }
    if (arm == NULL || reason == NULL)
        return call_fault(call, error, arm == NULL ? "/arm" : "/reason",
            "say the group, and why the unit is in it",
            "is missing; %s is a comparison that nobody randomises", name);
    candidate->arm = protocol_arm_index(scheme->protocol, arm);
    candidate->reason = reason;
    return (candidate->arm != PROTOCOL_NONE && scheme->scheme->ratio[candidate->arm] > 0) ||
           call_fault(call, error, "/arm", list_arms(call->arena, scheme), "%s has no group %s",
               name, arm);
}

bool
allocation_refuse_batched(
    struct call *call, const struct allocation_scheme *scheme, struct error *error)
{
    const char *name = scheme->scheme->name;
    const char *trial = call->request->parameters[0];
    if (scheme->scheme->method != METHOD_CONSTRAINED)
        return true;
    return error_set(error, ERROR_REFUSED, "allocation",
        "%s allocates its %ss together, none alone: rctctl allocate %s --scheme %s --all, or "
        "POST /v1/trials/%s/allocations/batch",
        name, protocol_unit_name(scheme->scheme->unit), trial, name, trial);
}

/* The unit's levels by factor, or null. */
static json_t *
encode_levels(const struct allocation_scheme *scheme, const struct allocation_candidate *candidate)
{
    const struct protocol_subject *subject = &scheme->protocol->subjects[scheme->scheme->unit];
    if (candidate->levels == NULL)
        return json_null();
    json_t *levels = json_object();
    for (size_t i = 0; i < scheme->scheme->design.balanced_count; i++) {
        const struct protocol_attribute *factor =
            &subject->attributes[scheme->scheme->design.balanced[i].attribute];
        json_object_set_new(
            levels, factor->name, json_string(factor->levels[candidate->levels[i]]));
    }
    return levels;
}

json_t *
allocation_encode_missing(const struct allocation_candidate *candidate)
{
    json_t *missing = json_array();
    for (size_t i = 0; i < candidate->missing_count; i++)
        json_array_append_new(missing, json_string(candidate->missing[i]));
    return missing;
}

json_t *
allocation_encode_warnings(const struct allocation_candidate *candidate)
{
    json_t *warnings = json_array();
    for (size_t i = 0; i < candidate->warning_count; i++)
        json_array_append_new(warnings, json_string(candidate->warnings[i]));
    return warnings;
}

bool
allocation_dry_run(struct call *call, struct error *error)
{
    struct allocation_scheme scheme;
    struct allocation_candidate candidate;
    enum protocol_unit kind;
    const char *code;
    if (!allocation_read_unit(call, &kind, &code, error))
        return false;
    if (!allocation_scheme_read(call->tx, call->session, call->trial_id, call->caller.time_zone,
            call_text(call, "scheme"), &scheme) ||
        !allocation_candidate_read(call->tx, &scheme, call->scope, kind, code, false, &candidate) ||
        !staff_check(call->tx, &scheme, &candidate, NULL, 0, true))
        return call_failed(call, error);
    allocation_candidate_add_missing(
        call->arena, &candidate, allocation_closed(call->session, &scheme));
    if (!allocation_record_attempt(
            call->tx, &scheme, &candidate, true, call->caller.account_id, call->request->id))
        return call_failed(call, error);
    return call_answer(call, 200,
        json_pack("{s:o, s:o, s:s, s:o, s:o, s:b, s:o, s:o}", "workplace",
            json_text(kind == PROTOCOL_WORKPLACE ? candidate.unit.row.code : NULL), "participant",
            json_text(kind == PROTOCOL_PARTICIPANT ? candidate.unit.row.code : NULL), "scheme",
            scheme.scheme->name, "stratum", json_text(candidate.stratum), "levels",
            encode_levels(&scheme, &candidate), "eligible", candidate.missing_count == 0, "missing",
            allocation_encode_missing(&candidate), "warnings",
            allocation_encode_warnings(&candidate)));
}
