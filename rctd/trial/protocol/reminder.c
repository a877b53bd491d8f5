/*
 * reminder.c: reads the ladders of reminders: for each kind of task, the messages that
 * follow one another until somebody answers, and the task for a person at the end.
 */
#include "trial/protocol/read.h"

struct written {
    const struct yaml_node *at;
    int after;
    const struct yaml_node *channel;
    const char *template;
    const struct yaml_node *task;
};

static const struct field step_fields[] = {
    FIELD(FIELD_NODE, "at", written, at),
    FIELD(FIELD_DAYS, "after", written, after, .low = 1, .high = 1000),
    FIELD(FIELD_NODE, "channel", written, channel, .required = true),
    FIELD(FIELD_ID, "template", written, template),
    FIELD(FIELD_NODE, "task", written, task),
};

static const char *const moments[] = {"window-open"};
static const struct field moment_field = {.type = FIELD_WORD, .words = WORDS(moments)};

/* Either the moment at which the window opens, or days after it. */
static void
read_when(struct reader *reader, const struct yaml_node *node, const struct given *given,
    const struct written *written, struct protocol_step *step)
{
    int which;
    bool after = field_given(given, "after");
    if (after == (written->at != NULL))
        reader_fault_key(reader, node, "write at: window-open, or after: 3d",
            after ? "it is said twice when" : "it is not said when");
    if (written->at != NULL)
        (void)field_read_value(reader, written->at, &moment_field, &which);
    step->after = (unsigned)written->after;
}

/* A message goes out by a template; a phone step makes work for somebody. */
static void
read_what(struct reader *reader, const struct yaml_node *node, const struct given *given,
    const struct written *written, struct protocol_step *step)
{
    const struct field kind = {.type = FIELD_WORD, .words = protocol_task_kind_words};
    step->template = written->template;
    if (written->task != NULL)
        (void)field_read_value(reader, written->task, &kind, &step->task);
    bool template = field_given(given, "template");
    bool phone = step->channel == CHANNEL_PHONE;
    if (phone && written->task == NULL)
        reader_fault_key(reader, node, "add task: call", "a phone step needs the key `task`");
    if (!phone && !template)
        reader_fault_key(reader, node, "add template: NAME", "a message needs the key `template`");
    if (phone && template)
        reader_fault_key(
            reader, node, "remove template", "`template` means nothing for a phone step");
    if (!phone && written->task != NULL)
        reader_fault_key(reader, written->task, "remove it", "`task` means nothing for a message");
}

static void
read_step(struct reader *reader, const struct yaml_node *node, struct protocol_ladder *ladder)
{
    const struct field channel = {.type = FIELD_WORD, .words = protocol_channel_words};
    struct written written = {0};
    size_t before = reader->faults->total;
    struct given given;
    if (!field_read_given(reader, node, step_fields, COUNT_OF(step_fields), &written, &given))
        return;
    struct protocol_step *step = &ladder->steps[ladder->step_count];
    read_when(reader, node, &given, &written, step);
    if (written.channel != NULL &&
        field_read_value(reader, written.channel, &channel, &step->channel))
        read_what(reader, node, &given, &written, step);
    if (ladder->step_count > 0 && reader->faults->total == before &&
        step->after <= ladder->steps[ladder->step_count - 1].after)
        reader_fault_key(reader, node, "write the steps in the order in which they are sent",
            "this step is not later than the one before it");
    ladder->step_count++;
}

void
protocol_read_reminders(struct reader *reader, const struct yaml_node *node)
{
    struct protocol *protocol = reader->protocol;
    if (!reader_is_map(reader, node, "ladders"))
        return;
    protocol->ladders = arena_array(reader->arena, node->count, sizeof *protocol->ladders);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        struct protocol_ladder *ladder = &protocol->ladders[protocol->ladder_count++];
        size_t kind = reader_key(reader, entry,
            NAMED(protocol_task_kind_words.items, protocol_task_kind_words.count),
            "a kind of task");
        if (kind != PROTOCOL_NONE)
            ladder->kind = (enum protocol_task_kind)kind;
        if (!reader_is_list(reader, entry, "steps"))
            continue;
        ladder->steps = arena_array(reader->arena, entry->count, sizeof *ladder->steps);
        for (const struct yaml_node *step = reader_next(entry->first); step != NULL;
             step = reader_next(step->next))
            read_step(reader, step, ladder);
    }
}
