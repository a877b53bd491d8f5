/*
 * task.c: turns the protocol's tasks into the JSON rows that one statement plans with. Days are
 * counted here; civil time, windows and due times are the database's (sql/query/task.sql).
 */
#include "store/task.h"

#include "db/statement.h"

#include <jansson.h>
#include <stdlib.h>

struct plan {
    const struct protocol *protocol;
    size_t phase;
    size_t arm;
    json_t *rows;
};

/* The arms that the phase's schemes allocate to, a bit each. */
static uint32_t
arms_of_phase(const struct protocol *protocol, const struct protocol_phase *phase)
{
    uint32_t arms = 0;
    for (size_t i = 0; i < phase->scheme_count; i++)
        for (size_t arm = 0; arm < protocol->arm_count; arm++)
            if (protocol->schemes[phase->first_scheme + i].ratio[arm] > 0)
                arms |= UINT32_C(1) << arm;
    return arms;
}

static bool
is_of_phase(const struct protocol_task *task, size_t phase)
{
    return task->phase == PROTOCOL_NONE || task->phase == phase;
}

static bool
concerns(const struct plan *plan, const struct protocol_task *task)
{
    return is_of_phase(task, plan->phase) && (task->arms & UINT32_C(1) << plan->arm) != 0;
}

static bool
excludes(const struct protocol_phase *phase, size_t other)
{
    for (size_t i = 0; i < phase->exclude_count; i++)
        if (phase->excludes[i] == other)
            return true;
    return false;
}

/* Who is in two phases has a task once: where one of the two gives it to some arms only, whether it
 * came with the other one would tell. */
static bool
is_arm_specific(const struct plan *plan, const struct protocol_task *task)
{
    const struct protocol *protocol = plan->protocol;
    for (size_t i = 0; i < protocol->phase_count; i++) {
        const struct protocol_phase *phase = &protocol->phases[i];
        uint32_t arms = arms_of_phase(protocol, phase);
        if (is_of_phase(task, i) && (task->arms & arms) != arms && !excludes(phase, plan->phase) &&
            !excludes(&protocol->phases[plan->phase], i))
            return true;
    }
    return false;
}

/* The ladder's first step, where it is a message that is pushed: later steps follow from what
 * happens after it, and a letter or a call is somebody's work. */
static const struct protocol_step *
first_message(const struct protocol *protocol, enum protocol_task_kind kind)
{
    const struct protocol_ladder *ladder = protocol_ladder_for(protocol, kind);
    if (ladder == NULL || ladder->step_count == 0)
        return NULL;
    const struct protocol_step *step = &ladder->steps[0];
    return step->template == NULL || step->channel == CHANNEL_LETTER ? NULL : step;
}

static void
add_reminder(json_t *row, const struct protocol *protocol, const struct protocol_step *step)
{
    char id[UUID_TEXT_SIZE];
    struct uuid reminder_id = uuid_new();
    json_object_set_new(row, "reminder_id", json_string(uuid_text(reminder_id, id)));
    json_object_set_new(row, "wait", json_integer(step->after));
    json_object_set_new(row, "begins", json_integer(protocol->calendar.start_minute));
    json_object_set_new(row, "ends", json_integer(protocol->calendar.end_minute));
    json_object_set_new(row, "working_days", json_integer(protocol->calendar.working_days));
    json_object_set_new(
        row, "paused_weeks", json_integer((json_int_t)protocol->calendar.paused_weeks));
    json_object_set_new(row, "channel", json_string(protocol_channel_name(step->channel)));
    json_object_set_new(row, "template", json_string(step->template));
    json_object_set_new(row, "language", json_string(protocol->languages[0]));
    json_object_set_new(row, "shard", json_integer(reminder_id.bytes[15]));
}

static void
add_task(struct plan *plan, const struct protocol_task *task)
{
    const struct protocol_step *step = first_message(plan->protocol, task->kind);
    bool arm_specific = is_arm_specific(plan, task);
    for (unsigned n = 0; n < task->times; n++) {
        char id[UUID_TEXT_SIZE];
        json_t *row = json_pack("{s:s, s:s, s:i, s:s, s:s, s:i, s:i, s:i, s:b}", "task_id",
            uuid_text(uuid_new(), id), "task", task->name, "occurrence", (int)n + 1, "kind",
            protocol_task_kind_name(task->kind), "anchor",
            task->anchor == ANCHOR_ALLOCATION ? "allocation" : "phase-start", "at",
            task->at + (int)(n * task->every), "before", task->window_before, "after",
            task->window_after, "arm_specific", arm_specific);
        if (step != NULL)
            add_reminder(row, plan->protocol, step);
        json_array_append_new(plan->rows, row);
    }
}

static const char *
plan_text(struct arena *arena, struct plan *plan)
{
    plan->rows = json_array();
    for (size_t i = 0; i < plan->protocol->task_count; i++)
        if (concerns(plan, &plan->protocol->tasks[i]))
            add_task(plan, &plan->protocol->tasks[i]);
    char *dumped = json_dumps(plan->rows, JSON_COMPACT);
    const char *text = arena_strdup(arena, dumped);
    free(dumped);
    json_decref(plan->rows);
    return text;
}

bool
task_plan_allocation(struct tx *tx, const struct protocol *protocol, struct uuid trial_id,
    int version, const char *time_zone, size_t phase_index, struct uuid unit_id, size_t arm)
{
    const struct protocol_phase *phase = &protocol->phases[phase_index];
    struct plan plan = {.protocol = protocol, .phase = phase_index, .arm = arm};
    return sql_task_plan(tx,
        &(struct sql_task_plan){.trial_id = trial_id,
            .unit_id = unit_id,
            .protocol_version = version,
            .time_zone = time_zone,
            .phase = phase->name,
            .tasks = plan_text(tx_arena(tx), &plan)},
        NULL);
}

bool
task_cancel_unit(struct tx *tx, struct uuid trial_id, struct uuid unit_id)
{
    return sql_unit_lock(
               tx, &(struct sql_unit_lock){.trial_id = trial_id, .unit_id = unit_id}, NULL) &&
           sql_task_cancel_of_unit(tx,
               &(struct sql_task_cancel_of_unit){.trial_id = trial_id, .unit_id = unit_id}, NULL) &&
           sql_reminder_cancel_of_unit(tx,
               &(struct sql_reminder_cancel_of_unit){.trial_id = trial_id, .unit_id = unit_id},
               NULL);
}
