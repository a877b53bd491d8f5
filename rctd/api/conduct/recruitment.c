/*
 * recruitment.c: recruitment against plan, for every role that sees workplaces.
 */
#include "report/recruitment.h"

#include "api/handlers.h"

static const struct field month_fields[] = {
    {.name = "month", .type = FIELD_STRING, .meaning = "YYYY-MM in the trial's time zone"},
    {.name = "allocated", .type = FIELD_INTEGER, .meaning = "Workplaces allocated in it"},
    {.name = "cumulative",
        .type = FIELD_INTEGER,
        .meaning = "Workplaces allocated up to and with it"},
    {0},
};

static const struct field phase_fields[] = {
    {.name = "phase", .type = FIELD_IDENTIFIER, .meaning = "The phase's name"},
    {.name = "state",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"planned", "open", "closed", NULL},
        .meaning = "Where it stands"},
    {.name = "target",
        .type = FIELD_INTEGER,
        .flags = FIELD_NULLABLE,
        .meaning = "Wanted workplaces; null where the protocol sets none"},
    {.name = "allocated",
        .type = FIELD_INTEGER,
        .meaning = "Workplaces randomised, all arms together"},
    {.name = "not_randomised",
        .type = FIELD_INTEGER,
        .meaning = "Workplaces in a comparison that nobody randomised: apart, in no other number"},
    {.name = "share",
        .type = FIELD_NUMBER,
        .flags = FIELD_NULLABLE,
        .meaning = "allocated / target, unrounded; null without a target"},
    {.name = "participants_target",
        .type = FIELD_INTEGER,
        .flags = FIELD_NULLABLE,
        .meaning = "Wanted participants; null where the protocol sets none"},
    {.name = "participants_allocated",
        .type = FIELD_INTEGER,
        .meaning = "Participants randomised, one by one or with their workplace, all arms "
                   "together; `randomised` of the screening flow"},
    {.name = "months",
        .type = FIELD_ARRAY,
        .children = month_fields,
        .meaning = "Months in which workplaces were allocated, in order"},
    {0},
};

const struct field recruitment_answer[] = {
    {.name = "registered", .type = FIELD_INTEGER, .meaning = "Workplaces ever registered"},
    {.name = "roster_locked", .type = FIELD_INTEGER, .meaning = "Of them, with a locked roster"},
    {.name = "allocated",
        .type = FIELD_INTEGER,
        .meaning = "Of them, randomised and not withdrawn"},
    {.name = "not_randomised",
        .type = FIELD_INTEGER,
        .meaning = "Of them, only in a comparison that nobody randomised, and not withdrawn"},
    {.name = "withdrawn", .type = FIELD_INTEGER, .meaning = "Of them, withdrawn after allocation"},
    {.name = "participants_registered",
        .type = FIELD_INTEGER,
        .meaning = "Participants ever registered"},
    {.name = "participants_allocated",
        .type = FIELD_INTEGER,
        .meaning = "Of them, randomised, one by one or with their workplace, also who withdrew "
                   "since; `randomised` of the screening flow"},
    {.name = "participants_still_allocated",
        .type = FIELD_INTEGER,
        .meaning = "Of those allocated, who has not withdrawn: those whose state is allocated"},
    {.name = "participants_joined_later",
        .type = FIELD_INTEGER,
        .meaning = "Of those registered, who came when their workplace was allocated already, and "
                   "is in no primary set; `joined_later` of the screening flow"},
    {.name = "participants_withdrawn", .type = FIELD_INTEGER, .meaning = "Of them, withdrawn"},
    {.name = "phases",
        .type = FIELD_ARRAY,
        .children = phase_fields,
        .meaning = "In the protocol's order (CONSORT 2025 22, all arms together)"},
    {0},
};

static json_t *
encode_phase(const struct recruitment_phase *phase)
{
    json_t *months = json_array();
    for (size_t i = 0; i < phase->month_count; i++)
        json_array_append_new(months, json_pack("{s:s, s:I, s:I}", "month", phase->months[i].month,
                                          "allocated", (json_int_t)phase->months[i].allocated,
                                          "cumulative", (json_int_t)phase->months[i].cumulative));
    json_t *share = phase->target.set && phase->target.value > 0
                        ? json_real((double)phase->allocated / (double)phase->target.value)
                        : json_null();
    return json_pack("{s:s, s:s, s:o, s:I, s:I, s:o, s:o, s:I, s:o}", "phase", phase->phase,
        "state", phase->state, "target", json_opt_number(phase->target), "allocated",
        (json_int_t)phase->allocated, "not_randomised", (json_int_t)phase->not_randomised, "share",
        share, "participants_target", json_opt_number(phase->people_target),
        "participants_allocated", (json_int_t)phase->people, "months", months);
}

bool
recruitment_show(struct call *call, struct error *error)
{
    struct recruitment found;
    if (!recruitment_read(call->tx, call->trial_id, call->scope, call->caller.time_zone, &found))
        return call_failed(call, error);
    json_t *phases = json_array();
    for (size_t i = 0; i < found.phase_count; i++)
        json_array_append_new(phases, encode_phase(&found.phases[i]));
    return call_answer(call, 200,
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "registered",
            (json_int_t)found.registered, "roster_locked", (json_int_t)found.roster_locked,
            "allocated", (json_int_t)found.allocated, "not_randomised",
            (json_int_t)found.not_randomised, "withdrawn", (json_int_t)found.withdrawn,
            "participants_registered", (json_int_t)found.people_registered,
            "participants_allocated", (json_int_t)found.people_allocated,
            "participants_still_allocated", (json_int_t)found.people_still_allocated,
            "participants_joined_later", (json_int_t)found.people_joined_later,
            "participants_withdrawn", (json_int_t)found.people_withdrawn, "phases", phases));
}
