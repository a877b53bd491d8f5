/*
 * expr_tree.h: the tree of an expression, shared by the parser and the evaluator; nobody else reads
 * it.
 */
#ifndef RCTD_TRIAL_EXPR_TREE_H
#define RCTD_TRIAL_EXPR_TREE_H

#include "base/pattern.h"
#include "trial/expr.h"

enum expr_operator {
    EXPR_OP_AND,
    EXPR_OP_OR,
    EXPR_OP_NOT,   /* of `left` */
    EXPR_OP_HOLDS, /* the yes-or-no name itself */
    EXPR_OP_EQUAL, /* to the only value; the other comparisons likewise */
    EXPR_OP_DIFFERENT,
    EXPR_OP_LESS,
    EXPR_OP_AT_MOST,
    EXPR_OP_MORE,
    EXPR_OP_AT_LEAST,
    EXPR_OP_BETWEEN, /* two values, both included */
    EXPR_OP_IN,      /* any of the values */
    EXPR_OP_MATCHES  /* `pattern` */
};

struct expr_literal {
    const char *text;
    double number; /* where the name's kind is EXPR_NUMBER */
};

struct expr {
    enum expr_operator verb;
    const struct expr *left; /* of AND, OR, NOT */
    const struct expr *right;
    const char *name; /* of the others */
    enum expr_kind kind;
    struct expr_literal *values;
    size_t value_count;
    size_t value_capacity;
    const struct pattern *pattern;
};

#endif
