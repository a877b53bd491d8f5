/*
 * task.c: turns the protocol's tasks into the JSON rows that one statement plans with. Days are
 * counted here; civil time, windows and due times are the database's (sql/query/task.sql).
 */
#include "store/contact/task.h"

#include "db/statement.h"

#include <jansson.h>
#include <stdlib.h>

#define MISSED_AT_ONCE 500

struct plan {
    const struct protocol *protocol;
    const struct task_allocation *allocation;
    bool arrivals; /* only what participants of a workplace have */
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

/* Is it a task of the participants of the workplace that is allocated? */
static bool
is_of_people(const struct plan *plan, const struct protocol_task *task)
{
    return plan->allocation->kind == PROTOCOL_WORKPLACE && task->unit == PROTOCOL_PARTICIPANT;
}

static bool
concerns(const struct plan *plan, const struct protocol_task *task)
{
    const struct task_allocation *allocation = plan->allocation;
    bool people = is_of_people(plan, task);
    if (plan->arrivals ? !people
                       : !people && task->unit != PROTOCOL_UNITS && task->unit != allocation->kind)
        return false;
    return is_of_phase(task, allocation->phase) &&
           (task->arms & UINT32_C(1) << allocation->arm) != 0;
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
        if (is_of_phase(task, i) && (task->arms & arms) != arms &&
            !excludes(phase, plan->allocation->phase) &&
            !excludes(&protocol->phases[plan->allocation->phase], i))
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

/* What holds of who may do it, where the protocol says something. */
static void
add_rules(json_t *row, const struct plan *plan, const struct protocol_task *task)
{
    enum protocol_unit whose = task->unit == PROTOCOL_UNITS ? plan->allocation->kind : task->unit;
    if (task->assessor_independent)
        json_object_set_new(row, "independent", json_true());
    if (task->assessor_blinded)
        json_object_set_new(row, "blinded", json_true());
    if (task->sample[whose] > 0)
        json_object_set_new(row, "sample", json_integer(task->sample[whose]));
    if (task->group_max > 0) {
        json_object_set_new(row, "group_min", json_integer(task->group_min));
        json_object_set_new(row, "group_max", json_integer(task->group_max));
    }
}

static void
add_task(struct plan *plan, const struct protocol_task *task)
{
    const struct protocol_step *step = first_message(plan->protocol, task->kind);
    bool arm_specific = is_arm_specific(plan, task);
    for (unsigned n = 0; n < task->times; n++) {
        char id[UUID_TEXT_SIZE];
        json_t *row = json_pack("{s:s, s:b, s:s, s:i, s:s, s:s, s:i, s:i, s:i, s:b}", "task_id",
            uuid_text(uuid_new(), id), "people", is_of_people(plan, task), "task", task->name,
            "occurrence", (int)n + 1, "kind", protocol_task_kind_name(task->kind), "anchor",
            task->anchor == ANCHOR_ALLOCATION ? "allocation" : "phase-start", "at",
            task->at + (int)(n * task->every), "before", task->window_before, "after",
            task->window_after, "arm_specific", arm_specific);
        add_rules(row, plan, task);
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

/* `people`: JSON array of ids, NULL for everybody of the cluster; `anchored_at`: unset where it is
 * this moment. */
static bool
run(struct tx *tx, struct plan *plan, const char *people, struct opt_int64 anchored_at)
{
    const struct task_allocation *allocation = plan->allocation;
    return sql_rows_by_key(tx, NULL) &&
           sql_task_plan(tx,
               &(struct sql_task_plan){.trial_id = allocation->trial_id,
                   .unit_id = allocation->unit_id,
                   .protocol_version = allocation->version,
                   .time_zone = allocation->time_zone,
                   .phase = plan->protocol->phases[allocation->phase].name,
                   .tasks = plan_text(tx_arena(tx), plan),
                   .people = people,
                   .anchored_at = anchored_at},
               NULL);
}

bool
task_plan_allocation(
    struct tx *tx, const struct protocol *protocol, const struct task_allocation *allocation)
{
    struct plan plan = {.protocol = protocol, .allocation = allocation};
    return run(tx, &plan, NULL, (struct opt_int64){0});
}

static bool
plan_arrivals(struct tx *tx, struct session *session, struct uuid trial_id,
    const struct sql_task_arrivals_row *row)
{
    const struct protocol *protocol =
        session_protocol(session, tx, trial_id, row->protocol_version);
    if (protocol == NULL)
        return false;
    const struct protocol_phase *phase = protocol_phase_by_name(protocol, row->phase);
    size_t arm = protocol_arm_index(protocol, row->arm);
    if (phase == NULL || arm == PROTOCOL_NONE)
        return tx_fail(tx, ERROR_INTERNAL, "Version %d of the protocol does not know an allocation",
            row->protocol_version);
    const struct task_allocation allocation = {.trial_id = trial_id,
        .version = row->protocol_version,
        .time_zone = row->time_zone,
        .phase = (size_t)(phase - protocol->phases),
        .unit_id = row->workplace_id,
        .kind = PROTOCOL_WORKPLACE,
        .arm = arm};
    struct plan plan = {.protocol = protocol, .allocation = &allocation, .arrivals = true};
    return run(tx, &plan, row->units, (struct opt_int64){true, row->allocated_at});
}

bool
task_plan_arrivals(struct tx *tx, struct session *session, struct uuid trial_id, const char *units)
{
    struct sql_task_arrivals_rows rows;
    if (!sql_task_arrivals(
            tx, &(struct sql_task_arrivals){.trial_id = trial_id, .units = units}, &rows))
        return false;
    for (size_t i = 0; i < rows.count; i++)
        if (!plan_arrivals(tx, session, trial_id, &rows.rows[i]))
            return false;
    return true;
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

bool
task_miss(struct tx *tx, int64_t *missed, bool *more)
{
    bool done = sql_task_miss(tx, &(struct sql_task_miss){.most = MISSED_AT_ONCE}, missed);
    *more = done && *missed >= MISSED_AT_ONCE;
    return done;
}
