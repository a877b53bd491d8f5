/*
 * expr.h: the small language of protocols: comparisons of an attribute with a value (`= != < <= >
 * >=`, `between A and B`, `in (a, b)`, `~ 'pattern'`), joined with `and`, `or`, `not` and
 * parentheses. A yes-or-no attribute stands alone. A value is a number, a word (a level) or text in
 * quotes. Nothing else.
 *
 * Three-valued: an attribute that is not known makes a comparison unknown, and `and`, `or`, `not`
 * follow Kleene's logic (no and unknown is no; yes or unknown is yes). Pure; an expression is
 * read-only after it is parsed, and may be evaluated by many threads at once.
 */
#ifndef RCTD_TRIAL_EXPR_H
#define RCTD_TRIAL_EXPR_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>
#include <stddef.h>

struct expr;

#define EXPR_LENGTH_MAX 1000 /* bytes */
#define EXPR_DEPTH_MAX 20    /* parentheses and `not` */

/* EXPR_ANY: its declaration has a fault of its own, so everything may be said of it. */
enum expr_kind { EXPR_NUMBER, EXPR_BOOLEAN, EXPR_LEVELS, EXPR_TEXT, EXPR_ANY };

/* A name that an expression may use. */
struct expr_name {
    const char *name;
    enum expr_kind kind;
    const char *const *levels; /* of EXPR_LEVELS */
    size_t level_count;
};

struct expr_names {
    const struct expr_name *items;
    size_t count;
    bool open; /* other names are taken too, as numbers: they are declared by use */
};

/* Where the expression stands, for its faults. */
struct expr_place {
    const char *pointer;
    unsigned line;
    unsigned column; /* of the expression's first character, from 1 */
    bool exact; /* a fault's column is `column` plus its place in the text; else `column` itself */
};

/* Parses and checks names, levels and kinds, into the arena; NULL after adding what is wrong. */
const struct expr *expr_parse(struct arena *arena, const char *text, const struct expr_names *names,
    const struct expr_place *place, struct faults *faults);

enum expr_truth { EXPR_NO, EXPR_YES, EXPR_UNKNOWN };

/* Gives the value of a name as text; NULL or "" where it is not known. Yes-or-no: "true" or
 * "false". */
struct expr_values {
    const char *(*value)(const void *context, const char *name);
    const void *context;
};

enum expr_truth expr_evaluate(const struct expr *expr, const struct expr_values *values);

/* Calls `visit` for every name in the expression, in its order; a name may come more than once. */
void expr_visit_names(
    const struct expr *expr, void (*visit)(void *context, const char *name), void *context);

#endif
