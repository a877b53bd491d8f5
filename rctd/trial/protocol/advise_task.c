/*
 * advise_task.c: tasks of whoever is allocated, with a scope that those never sign: it is asked of
 * nobody, and the consent that was meant stays unasked.
 */
#include "trial/protocol/advise.h"

/* Does a scheme that the task belongs to allocate units of this kind? */
static bool
is_allocated(
    const struct protocol *protocol, const struct protocol_task *task, enum protocol_unit unit)
{
    for (size_t i = 0; i < protocol->scheme_count; i++)
        if (protocol->schemes[i].unit == unit &&
            (task->phase == PROTOCOL_NONE || task->phase == protocol->schemes[i].phase))
            return true;
    return false;
}

static void
advise_scope(
    const struct protocol *protocol, const struct protocol_task *task, struct faults *advice)
{
    for (int i = 0; i < PROTOCOL_UNITS; i++) {
        enum protocol_unit unit = (enum protocol_unit)i;
        enum protocol_unit other =
            unit == PROTOCOL_WORKPLACE ? PROTOCOL_PARTICIPANT : PROTOCOL_WORKPLACE;
        if (!is_allocated(protocol, task, unit) ||
            protocol_scope_signed(protocol, task->scope, unit))
            continue;
        faults_cite(advice, NULL, arena_printf(advice->arena, "tasks.%s", task->name), task->line,
            task->column, arena_printf(advice->arena, "write unit: %s", protocol_unit_name(other)),
            "this is planned for %ss, who never sign its scope %s: it is asked of nobody",
            protocol_unit_name(unit), task->scope);
    }
}

void
advise_tasks(const struct protocol *protocol, struct faults *advice)
{
    for (size_t i = 0; i < protocol->task_count; i++) {
        const struct protocol_task *task = &protocol->tasks[i];
        if (task->scope != NULL && task->unit == PROTOCOL_UNITS && task->kind != TASK_FOCUS_GROUP)
            advise_scope(protocol, task, advice);
    }
}
