/*
 * progression.c: reads the criteria for going on to the next phase, with their limits of
 * green and amber.
 */
#include "base/text.h"
#include "trial/number.h"
#include "trial/protocol/read.h"

#include <string.h>

struct written_criterion {
    const struct yaml_node *of;
    const struct yaml_node *flag;
    const struct yaml_node *task;
    const struct yaml_node *green;
    const struct yaml_node *amber;
};

static const struct field criterion_fields[] = {
    FIELD(FIELD_NODE, "of", written_criterion, of),
    FIELD(FIELD_NODE, "flag", written_criterion, flag),
    FIELD(FIELD_NODE, "task", written_criterion, task),
    FIELD(FIELD_NODE, "green", written_criterion, green, .required = true),
    FIELD(FIELD_NODE, "amber", written_criterion, amber, .required = true),
};

static const char *const denominators[] = {
    "approached", "invited", "eligible", "consenting", "allocated"};
static const struct field of_field = {.type = FIELD_WORD, .words = WORDS(denominators)};

/* Criteria that their name alone defines; others say of which flag or task they are. */
static const char *const criterion_names[] = {
    "workplaces-accepting", "employees-consenting", "baseline-before-reveal", "contamination"};

static const char *const signs[] = {
    [COMPARE_AT_LEAST] = ">=",
    [COMPARE_ABOVE] = ">",
    [COMPARE_AT_MOST] = "<=",
    [COMPARE_BELOW] = "<",
};

/* ">= 50%" */
static bool
read_limit(struct reader *reader, const struct yaml_node *node, struct protocol_limit *limit)
{
    const char *text = reader_text(reader, node);
    if (text == NULL)
        return false;
    size_t sign = 0;
    while (sign < COUNT_OF(signs) && !text_starts(text, signs[sign]))
        sign++;
    if (sign < COUNT_OF(signs)) {
        const char *rest = text_trim(reader->arena, text + strlen(signs[sign]));
        size_t length = strlen(rest);
        if (length > 1 && rest[length - 1] == '%' &&
            number_parse(arena_strndup(reader->arena, rest, length - 1), &limit->share) &&
            limit->share >= 0 && limit->share <= 100) {
            limit->compare = (enum protocol_compare)sign;
            limit->share /= 100;
            return true;
        }
    }
    reader_fault(reader, node, "write \">= 50%\"", "`%.40s` is no limit", text);
    return false;
}

static bool
is_upward(const struct protocol_limit *limit)
{
    return limit->compare == COMPARE_AT_LEAST || limit->compare == COMPARE_ABOVE;
}

static void
read_limits(struct reader *reader, const struct written_criterion *written,
    struct protocol_criterion *criterion)
{
    if (written->green == NULL || written->amber == NULL)
        return;
    bool green = read_limit(reader, written->green, &criterion->green);
    if (!read_limit(reader, written->amber, &criterion->amber) || !green)
        return;
    bool upward = is_upward(&criterion->green);
    double apart = criterion->green.share - criterion->amber.share;
    if (upward != is_upward(&criterion->amber))
        reader_fault(reader, written->amber, "compare both with >=, or both with <=",
            "green and amber point in different directions");
    else if (upward ? apart <= 0 : apart >= 0)
        reader_fault(reader, written->amber,
            upward ? "write less than the green limit" : "write more than the green limit",
            "amber leaves nothing between green and red");
}

static void
read_criterion(struct reader *reader, const struct yaml_node *node, const struct expr_names *names,
    struct protocol_criterion *criterion)
{
    const struct protocol *protocol = reader->protocol;
    criterion->name = node->key;
    criterion->task = PROTOCOL_NONE;
    struct written_criterion written = {0};
    if (!field_read(reader, node, criterion_fields, COUNT_OF(criterion_fields), &written))
        return;
    int which;
    if (written.of != NULL && field_read_value(reader, written.of, &of_field, &which))
        criterion->of = denominators[which];
    if (written.flag != NULL)
        criterion->flag = reader_expr(reader, written.flag, names, &criterion->flag_text);
    if (written.task != NULL)
        criterion->task = reader_reference(
            reader, written.task, NAMED(protocol->tasks, protocol->task_count), "a task");
    struct named alone = NAMED(criterion_names, COUNT_OF(criterion_names));
    if (written.flag == NULL && written.task == NULL && !named_has(alone, node->key))
        reader_fault_key(reader, node,
            "add flag: or task:, or use a known name: workplaces-accepting, "
            "employees-consenting, baseline-before-reveal, contamination",
            "it is not said what `%.60s` measures", node->key);
    read_limits(reader, &written, criterion);
}

void
protocol_read_progression(struct reader *reader, const struct yaml_node *node)
{
    struct protocol *protocol = reader->protocol;
    if (!reader_is_map(reader, node, "criteria"))
        return;
    struct expr_names names = reader_names(reader, &protocol->subjects[PROTOCOL_PARTICIPANT], true);
    protocol->criteria = arena_array(reader->arena, node->count, sizeof *protocol->criteria);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next))
        read_criterion(reader, entry, &names, &protocol->criteria[protocol->criterion_count++]);
}
