/*
 * eligibility.c: the rules one by one, with what each lacks. Texts are read by a coordinator.
 */
#include "trial/protocol/eligibility.h"

#include "base/named.h"
#include "base/text.h"
#include "trial/expr.h"

struct lookup {
    struct arena *arena;
    const struct protocol_subject *subject;
    const struct protocol_values *values;
    const char **missing; /* names of what is not known, each once */
    size_t missing_count;
    size_t missing_capacity;
};

static const char *
look_up(const void *context, const char *name)
{
    const struct lookup *lookup = context;
    return protocol_value_of(lookup->subject, name, lookup->values);
}

/* Adds the attribute that a coordinator would enter, each once. */
static void
collect_missing(void *context, const char *name)
{
    struct lookup *lookup = context;
    const struct protocol_attribute *attribute = protocol_attribute_by_name(lookup->subject, name);
    if (attribute != NULL)
        name = protocol_entered_for(lookup->subject, attribute);
    if (protocol_value_entered(lookup->values, name) != NULL ||
        named_has(NAMED(lookup->missing, lookup->missing_count), name))
        return;
    lookup->missing = arena_grow(lookup->arena, lookup->missing, lookup->missing_count,
        &lookup->missing_capacity, sizeof *lookup->missing);
    lookup->missing[lookup->missing_count++] = name;
}

/* What an expression rule lacks; NULL where it holds. */
static const char *
rule_gap(struct arena *arena, const struct protocol_subject *subject,
    const struct protocol_rule *rule, const struct protocol_values *given, bool *failed)
{
    struct lookup lookup = {.arena = arena, .subject = subject, .values = given};
    struct expr_values values = {.value = look_up, .context = &lookup};
    enum expr_truth truth = expr_evaluate(rule->need, &values);
    if (truth == EXPR_YES)
        return NULL;
    const char *label = rule->ask != NULL ? rule->ask : rule->id;
    *failed = truth == EXPR_NO;
    if (*failed)
        return arena_printf(arena, "%s: the trial needs %s", label, rule->need_text);
    expr_visit_names(rule->need, collect_missing, &lookup);
    if (lookup.missing_count == 0)
        return arena_printf(arena, "%s: it cannot be decided from what is entered", label);
    struct text names;
    text_init(&names, arena);
    for (size_t i = 0; i < lookup.missing_count; i++)
        text_printf(&names, "%s%s", i > 0 ? ", " : "", lookup.missing[i]);
    return arena_printf(arena, "%s: %s not known yet", label, names.bytes);
}

/* What a question lacks; NULL where the answer is the one that is needed. */
static const char *
answer_gap(struct arena *arena, const struct protocol_rule *rule,
    const struct protocol_answers *answers, bool *failed)
{
    const struct protocol_answer *answer =
        named_get(NAMED(answers->items, answers->count), rule->id);
    if (answer == NULL)
        return arena_printf(arena, "%s: not answered yet", rule->ask);
    if (answer->yes == rule->need_yes)
        return NULL;
    *failed = true;
    return arena_printf(arena, "%s: the answer is %s, the trial needs %s", rule->ask,
        rule->need_yes ? "no" : "yes", rule->need_yes ? "yes" : "no");
}

struct protocol_eligibility
protocol_eligibility(struct arena *arena, const struct protocol_subject *subject,
    const struct protocol_values *values, const struct protocol_answers *answers)
{
    struct protocol_eligibility eligibility = {.eligible = true};
    eligibility.gaps = arena_array(arena, subject->rule_count, sizeof *eligibility.gaps);
    for (size_t i = 0; i < subject->rule_count; i++) {
        const struct protocol_rule *rule = &subject->rules[i];
        bool failed = false;
        const char *text = rule->need != NULL ? rule_gap(arena, subject, rule, values, &failed)
                                              : answer_gap(arena, rule, answers, &failed);
        if (text == NULL)
            continue;
        eligibility.eligible = false;
        eligibility.gaps[eligibility.gap_count++] =
            (struct protocol_gap){.id = rule->id, .text = text, .failed = failed};
    }
    return eligibility;
}
