/*
 * expr_eval.c: the truth of an expression for one unit. What is not known stays unknown instead of
 * being taken for no: a coordinator is asked for it, nobody is turned away because of it.
 */
#include "trial/expr_tree.h"
#include "trial/number.h"

#include <string.h>

static enum expr_truth
truth(bool holds)
{
    return holds ? EXPR_YES : EXPR_NO;
}

static enum expr_truth
truth_not(enum expr_truth a)
{
    return a == EXPR_UNKNOWN ? EXPR_UNKNOWN : truth(a == EXPR_NO);
}

static enum expr_truth
truth_and(enum expr_truth a, enum expr_truth b)
{
    if (a == EXPR_NO || b == EXPR_NO)
        return EXPR_NO;
    return a == EXPR_YES && b == EXPR_YES ? EXPR_YES : EXPR_UNKNOWN;
}

static enum expr_truth
truth_or(enum expr_truth a, enum expr_truth b)
{
    return truth_not(truth_and(truth_not(a), truth_not(b)));
}

static enum expr_truth
compare_numbers(const struct expr *expr, const char *text)
{
    double number;
    if (!number_parse(text, &number))
        return EXPR_UNKNOWN;
    double first = expr->values[0].number;
    switch (expr->verb) {
    case EXPR_OP_EQUAL:
        return truth(number == first);
    case EXPR_OP_DIFFERENT:
        return truth(number != first);
    case EXPR_OP_LESS:
        return truth(number < first);
    case EXPR_OP_AT_MOST:
        return truth(number <= first);
    case EXPR_OP_MORE:
        return truth(number > first);
    case EXPR_OP_AT_LEAST:
        return truth(number >= first);
    case EXPR_OP_BETWEEN:
        return truth(number >= first && number <= expr->values[1].number);
    default:
        for (size_t i = 0; i < expr->value_count; i++)
            if (number == expr->values[i].number)
                return EXPR_YES;
        return EXPR_NO;
    }
}

static enum expr_truth
compare_texts(const struct expr *expr, const char *text)
{
    bool found = false;
    for (size_t i = 0; i < expr->value_count && !found; i++)
        found = strcmp(text, expr->values[i].text) == 0;
    return truth(expr->verb == EXPR_OP_DIFFERENT ? !found : found);
}

static enum expr_truth
match(const struct expr *expr, const char *text)
{
    enum pattern_result result = pattern_match(expr->pattern, text);
    return result == PATTERN_LIMIT ? EXPR_UNKNOWN : truth(result == PATTERN_YES);
}

enum expr_truth
expr_evaluate(const struct expr *expr, const struct expr_values *values)
{
    if (expr->verb == EXPR_OP_NOT)
        return truth_not(expr_evaluate(expr->left, values));
    if (expr->verb == EXPR_OP_AND)
        return truth_and(expr_evaluate(expr->left, values), expr_evaluate(expr->right, values));
    if (expr->verb == EXPR_OP_OR)
        return truth_or(expr_evaluate(expr->left, values), expr_evaluate(expr->right, values));
    const char *text = values->value(values->context, expr->name);
    if (text == NULL || text[0] == '\0')
        return EXPR_UNKNOWN;
    if (expr->verb == EXPR_OP_HOLDS)
        return truth(strcmp(text, "true") == 0);
    if (expr->verb == EXPR_OP_MATCHES)
        return match(expr, text);
    return expr->kind == EXPR_NUMBER ? compare_numbers(expr, text) : compare_texts(expr, text);
}

void
expr_visit_names(const struct expr *expr, void (*visit)(void *, const char *), void *context)
{
    if (expr->name != NULL)
        visit(context, expr->name);
    if (expr->left != NULL)
        expr_visit_names(expr->left, visit, context);
    if (expr->right != NULL)
        expr_visit_names(expr->right, visit, context);
}
