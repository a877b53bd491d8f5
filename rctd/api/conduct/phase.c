/*
 * phase.c: phases of a trial, as every role may see them.
 */
#include "api/handlers.h"
#include "store/conduct/trial.h"

const struct field phase_change[] = {
    {.name = "reason",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 2000,
        .meaning = "Why now; stands in the trail"},
    {0},
};

const struct field phase_answer[] = {
    {.name = "phase", .type = FIELD_IDENTIFIER, .meaning = "The phase's name"},
    {.name = "state",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"planned", "open", "closed", NULL},
        .meaning = "Units are allocated in an open phase only"},
    {.name = "target_workplaces",
        .type = FIELD_INTEGER,
        .flags = FIELD_NULLABLE,
        .meaning = "Wanted workplaces"},
    {.name = "target_participants",
        .type = FIELD_INTEGER,
        .flags = FIELD_NULLABLE,
        .meaning = "Wanted participants"},
    {.name = "allocated",
        .type = FIELD_INTEGER,
        .meaning = "Workplaces randomised so far, all arms together"},
    {.name = "allocated_participants",
        .type = FIELD_INTEGER,
        .meaning = "Participants randomised so far, one by one or with their workplace, all arms "
                   "together; as the screening flow counts them"},
    {.name = "opened_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "When it was opened"},
    {.name = "closed_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "When it was closed"},
    {0},
};

static json_t *
encode(const struct sql_phase_list_row *row)
{
    return json_pack("{s:s, s:s, s:o, s:o, s:I, s:I, s:o, s:o}", "phase", row->phase, "state",
        row->state, "target_workplaces", json_opt_number(row->target_workplaces),
        "target_participants", json_opt_number(row->target_participants), "allocated",
        (json_int_t)row->allocated, "allocated_participants",
        (json_int_t)row->allocated_participants, "opened_at", json_opt_time(row->opened_at),
        "closed_at", json_opt_time(row->closed_at));
}

bool
phase_list(struct call *call, struct error *error)
{
    struct sql_phase_list_rows rows;
    if (!sql_phase_list(call->tx, &(struct sql_phase_list){.trial_id = call->trial_id}, &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        list_add_next(call, encode(&rows.rows[i]));
    return list_answer(call);
}

static bool
move(struct call *call, const char *state, struct error *error)
{
    const char *phase = call->request->parameters[1];
    struct sql_phase_list_rows rows;
    if (!phase_move(call->tx, call->trial_id, phase, state) ||
        !sql_phase_list(call->tx, &(struct sql_phase_list){.trial_id = call->trial_id}, &rows))
        return call_failed(call, error);
    size_t at = 0;
    while (!text_equal(rows.rows[at].phase, phase))
        at++;
    return call_answer(call, 200, encode(&rows.rows[at]));
}

bool
phase_open(struct call *call, struct error *error)
{
    return move(call, "open", error);
}

bool
phase_close(struct call *call, struct error *error)
{
    return move(call, "closed", error);
}
