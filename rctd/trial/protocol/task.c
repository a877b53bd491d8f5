/*
 * task.c: reads the tasks (what is done with whom, and when) and the ladders of reminders.
 */
#include "base/text.h"
#include "trial/protocol/read.h"

#include <string.h>

#define DAYS_MAX 20000

struct written {
    const struct yaml_node *kind;
    const struct yaml_node *arms;
    const struct yaml_node *phase;
    const struct yaml_node *unit;
    enum protocol_anchor anchor;
    int at;
    int every;
    unsigned times;
    const struct yaml_node *window;
    const struct yaml_node *scope;
    const struct yaml_node *instruments;
    bool primary;
    const struct yaml_node *sample;
    const struct yaml_node *assessor;
    const struct yaml_node *size;
    const struct yaml_node *stamp;
};

static const char *const anchor_names[] = {
    [ANCHOR_ALLOCATION] = "allocation", [ANCHOR_PHASE_START] = "phase-start"};

static const struct field task_fields[] = {
    FIELD(FIELD_NODE, "kind", written, kind, .required = true),
    FIELD(FIELD_NODE, "arms", written, arms),
    FIELD(FIELD_NODE, "phase", written, phase),
    FIELD(FIELD_NODE, "unit", written, unit),
    FIELD(FIELD_WORD, "anchor", written, anchor, .required = true, .words = WORDS(anchor_names)),
    FIELD(FIELD_DAYS, "at", written, at, .low = -DAYS_MAX, .high = DAYS_MAX),
    FIELD(FIELD_DAYS, "every", written, every, .low = 1, .high = DAYS_MAX),
    FIELD(FIELD_COUNT, "times", written, times, .low = 2, .high = 1000),
    FIELD(FIELD_NODE, "window", written, window),
    FIELD(FIELD_NODE, "scope", written, scope),
    FIELD(FIELD_NODE, "instruments", written, instruments),
    FIELD(FIELD_YES, "primary", written, primary),
    FIELD(FIELD_NODE, "sample", written, sample),
    FIELD(FIELD_NODE, "assessor", written, assessor),
    FIELD(FIELD_NODE, "size", written, size),
    FIELD(FIELD_NODE, "stamp", written, stamp),
};

static const struct field assessor_fields[] = {
    FIELD(FIELD_YES, "independent", protocol_task, assessor_independent),
    FIELD(FIELD_YES, "blinded", protocol_task, assessor_blinded),
};

struct written_sample {
    unsigned counts[PROTOCOL_UNITS];
    const struct yaml_node *spread;
};

static const struct field sample_fields[] = {
    FIELD(FIELD_COUNT, "participants", written_sample, counts[PROTOCOL_PARTICIPANT], .low = 1,
        .high = 1000000),
    FIELD(FIELD_COUNT, "workplaces", written_sample, counts[PROTOCOL_WORKPLACE], .low = 1,
        .high = 1000000),
    FIELD(FIELD_NODE, "spread", written_sample, spread),
};

/* [-14d, 14d]: the first not after the target, the second not before it. */
static void
read_window(struct reader *reader, const struct yaml_node *node, struct protocol_task *task)
{
    if (node->kind == YAML_REFUSED)
        return;
    if (node->kind != YAML_LIST || node->count != 2) {
        reader_fault(reader, node, "write [-14d, 14d]", "a window has a first and a last day");
        return;
    }
    struct field before = {.type = FIELD_DAYS, .low = -DAYS_MAX, .high = 0};
    struct field after = {.type = FIELD_DAYS, .low = 0, .high = DAYS_MAX};
    (void)field_read_value(reader, node->first, &before, &task->window_before);
    (void)field_read_value(reader, node->first->next, &after, &task->window_after);
}

static void
read_when(struct reader *reader, const struct yaml_node *node, const struct given *given,
    const struct written *written, struct protocol_task *task)
{
    bool at = field_given(given, "at"), every = field_given(given, "every");
    bool times = field_given(given, "times");
    if (!at && !every)
        reader_fault_key(
            reader, node, "add at: 91d, or every: 28d with times: 13", "it is not said when");
    if (every != times)
        reader_fault_key(reader, node, "write every: 28d and times: 13 together",
            "the key `%s` is missing", every ? "times" : "every");
    task->anchor = written->anchor;
    task->every = (unsigned)written->every;
    task->times = times ? written->times : 1;
    task->at = at ? written->at : written->every;
    if (written->window != NULL)
        read_window(reader, written->window, task);
}

/* Bits of the arms named; of all arms where none is. */
static void
read_arms(struct reader *reader, const struct yaml_node *node, struct protocol_task *task)
{
    const struct protocol *protocol = reader->protocol;
    task->arms = (uint32_t)((UINT64_C(1) << protocol->arm_count) - 1);
    if (node == NULL)
        return;
    size_t *arms = NULL;
    size_t count = 0;
    reader_references(
        reader, node, NAMED(protocol->arms, protocol->arm_count), "an arm", &arms, &count);
    task->arms = 0;
    for (size_t i = 0; i < count; i++)
        task->arms |= UINT32_C(1) << arms[i];
}

/* Whose it is: workplaces have tasks where they are allocated; participants where they or their
 * workplaces are. */
static void
read_unit(struct reader *reader, const struct yaml_node *node, struct protocol_task *task)
{
    const struct field unit = {.type = FIELD_WORD, .words = protocol_unit_words};
    const struct protocol *protocol = reader->protocol;
    int read;
    bool allocated = protocol->scheme_count == 0;
    if (!field_read_value(reader, node, &unit, &read))
        return;
    task->unit = (enum protocol_unit)read;
    for (size_t i = 0; i < protocol->scheme_count; i++)
        if (task->phase == PROTOCOL_NONE || protocol->schemes[i].phase == task->phase)
            allocated = allocated || task->unit == PROTOCOL_PARTICIPANT ||
                        protocol->schemes[i].unit == PROTOCOL_WORKPLACE;
    if (!allocated)
        reader_fault(reader, node, "write unit: participant, or leave it out",
            "no workplace is allocated%s, and none would have this task",
            task->phase == PROTOCOL_NONE ? "" : " in its phase");
    if (task->kind == TASK_FOCUS_GROUP && task->unit == PROTOCOL_PARTICIPANT)
        reader_fault(reader, node, "leave it out",
            "a focus group is one task of a workplace, with many participants");
}

/* Who signs the scope is whose task it is; members of a focus group sign for themselves. */
static void
check_scope_unit(
    struct reader *reader, const struct yaml_node *node, const struct protocol_task *task)
{
    const struct protocol *protocol = reader->protocol;
    if (task->scope == NULL || task->unit == PROTOCOL_UNITS || task->kind == TASK_FOCUS_GROUP ||
        reader->forms_faulty || protocol_scope_signed(protocol, task->scope, task->unit))
        return;
    enum protocol_unit other =
        task->unit == PROTOCOL_WORKPLACE ? PROTOCOL_PARTICIPANT : PROTOCOL_WORKPLACE;
    reader_fault(reader, node,
        arena_printf(reader->arena, "write unit: %s, or a scope that a %s signs",
            protocol_unit_name(other), protocol_unit_name(task->unit)),
        "the scope %s is signed by %ss, and this is a task of %ss", task->scope,
        protocol_unit_name(other), protocol_unit_name(task->unit));
}

/* A scope that some form has. */
static void
read_scope(struct reader *reader, const struct yaml_node *node, struct protocol_task *task)
{
    const struct protocol *protocol = reader->protocol;
    const char *text = reader_text(reader, node);
    size_t count = 0, room = 0;
    for (size_t i = 0; i < protocol->form_count; i++)
        room += protocol->forms[i].scope_count;
    const char **known = arena_array(reader->arena, room, sizeof *known);
    for (size_t i = 0; i < protocol->form_count; i++)
        for (size_t j = 0; j < protocol->forms[i].scope_count; j++) {
            const char *scope = protocol->forms[i].scopes[j];
            if (!named_has(NAMED(known, count), scope))
                known[count++] = scope;
        }
    if (text == NULL || reader->forms_faulty)
        return;
    size_t place = reader_reference(reader, node, NAMED(known, count), "a scope of a consent form");
    if (place != PROTOCOL_NONE)
        task->scope = known[place];
}

/* What a sample is spread over: the arm, attributes and flags of those that are drawn. */
static void
read_spread(struct reader *reader, const struct yaml_node *node, enum protocol_unit drawn,
    struct protocol_task *task)
{
    struct expr_names names = reader_names(reader, &reader->protocol->subjects[drawn], true);
    const char **known = arena_array(reader->arena, names.count + 1, sizeof *known);
    known[0] = "arm";
    for (size_t i = 0; i < names.count; i++)
        known[i + 1] = names.items[i].name;
    size_t *indexes = NULL;
    reader_references(reader, node, NAMED(known, names.count + 1),
        drawn == PROTOCOL_WORKPLACE ? "the word arm, an attribute or a flag of workplaces"
                                    : "the word arm, an attribute or a flag of participants",
        &indexes, &task->spread_count);
    task->spread = arena_array(reader->arena, task->spread_count, sizeof *task->spread);
    for (size_t i = 0; i < task->spread_count; i++)
        task->spread[i] = known[indexes[i]];
}

static void
read_sample(struct reader *reader, const struct yaml_node *node, struct protocol_task *task)
{
    struct written_sample written = {{0}, NULL};
    struct given given;
    if (!field_read_given(reader, node, sample_fields, COUNT_OF(sample_fields), &written, &given))
        return;
    bool workplaces = field_given(&given, "workplaces");
    if (field_given(&given, "participants") == workplaces)
        reader_fault_key(reader, node, "write {participants: 24} or {workplaces: 12}",
            "a sample is of participants or of workplaces");
    enum protocol_unit drawn = workplaces ? PROTOCOL_WORKPLACE : PROTOCOL_PARTICIPANT;
    if (task->unit != PROTOCOL_UNITS && task->unit != drawn)
        reader_fault_key(reader, node,
            arena_printf(reader->arena, "write %ss: NUMBER", protocol_unit_name(task->unit)),
            "this is a task of %ss, and a sample of %ss would draw nobody",
            protocol_unit_name(task->unit), protocol_unit_name(drawn));
    memcpy(task->sample, written.counts, sizeof task->sample);
    if (written.spread != NULL)
        read_spread(reader, written.spread, drawn, task);
}

static void
read_size(struct reader *reader, const struct yaml_node *node, struct protocol_task *task)
{
    long long low, high;
    if (task->kind != TASK_FOCUS_GROUP) {
        reader_fault_key(reader, node, "remove it", "`size` means nothing for the kind %s",
            protocol_task_kind_name(task->kind));
        return;
    }
    if (!reader_range(reader, node, &low, &high))
        return;
    if (low < 2 || high > 1000)
        reader_fault(reader, node, "write [4, 8]", "a group has 2 to 1000 members");
    task->group_min = (unsigned)low;
    task->group_max = (unsigned)high;
}

static void
read_task(struct reader *reader, const struct yaml_node *node, struct protocol_task *task)
{
    const struct protocol *protocol = reader->protocol;
    const struct field kind = {.type = FIELD_WORD, .words = protocol_task_kind_words};
    struct written written = {0};
    task->phase = PROTOCOL_NONE;
    task->unit = PROTOCOL_UNITS;
    task->line = node->key_line;
    task->column = node->key_column;
    struct given given;
    if (!field_read_given(reader, node, task_fields, COUNT_OF(task_fields), &written, &given))
        return;
    bool known = written.kind != NULL && field_read_value(reader, written.kind, &kind, &task->kind);
    read_when(reader, node, &given, &written, task);
    read_arms(reader, written.arms, task);
    if (written.phase != NULL)
        task->phase = reader_reference(
            reader, written.phase, NAMED(protocol->phases, protocol->phase_count), "a phase");
    if (written.unit != NULL)
        read_unit(reader, written.unit, task);
    if (written.scope != NULL) {
        read_scope(reader, written.scope, task);
        check_scope_unit(reader, written.scope, task);
    }
    if (written.instruments != NULL)
        reader_references(reader, written.instruments,
            NAMED(protocol->instruments, protocol->instrument_count), "an instrument",
            &task->instruments, &task->instrument_count);
    task->primary = written.primary;
    if (written.sample != NULL)
        read_sample(reader, written.sample, task);
    if (written.assessor != NULL)
        (void)field_read(
            reader, written.assessor, assessor_fields, COUNT_OF(assessor_fields), task);
    if (written.size != NULL && known)
        read_size(reader, written.size, task);
    static const char *const stamps[] = {"programme-version"};
    static const struct field stamp = {.type = FIELD_WORD, .words = WORDS(stamps)};
    int which;
    if (written.stamp != NULL)
        task->stamp_version = field_read_value(reader, written.stamp, &stamp, &which);
}

void
protocol_read_tasks(struct reader *reader, const struct yaml_node *node)
{
    struct protocol *protocol = reader->protocol;
    if (!reader_is_map(reader, node, "tasks"))
        return;
    protocol->tasks = arena_array(reader->arena, node->count, sizeof *protocol->tasks);
    for (const struct yaml_node *entry = node->first; entry != NULL; entry = entry->next) {
        struct protocol_task *task = &protocol->tasks[protocol->task_count++];
        task->name = entry->key;
        read_task(reader, entry, task);
    }
}
