/*
 * expr_token.h: the words and signs of an expression, read one after another, with the place of
 * each for faults. For the parser; nobody else reads it.
 */
#ifndef RCTD_TRIAL_EXPR_TOKEN_H
#define RCTD_TRIAL_EXPR_TOKEN_H

#include "trial/expr.h"

enum expr_token_kind { TOKEN_END, TOKEN_WORD, TOKEN_TEXT, TOKEN_SIGN, TOKEN_BROKEN };

struct expr_token {
    enum expr_token_kind kind;
    const char *text; /* word, content of the quotes, or sign */
    size_t offset;    /* bytes from the start of the expression */
};

struct expr_parser {
    struct arena *arena;
    const char *text;
    size_t at; /* behind the current token */
    struct expr_token token;
    const struct expr_names *names;
    const struct expr_place *place;
    struct faults *faults;
    unsigned depth;
    bool broken; /* a fault of grammar was told */
};

/* Reads the next token into parser->token. */
void expr_advance(struct expr_parser *parser);

/* Is the current token this one? expr_take() also steps over it. */
bool expr_next_is(const struct expr_parser *parser, enum expr_token_kind kind, const char *text);
bool expr_take(struct expr_parser *parser, enum expr_token_kind kind, const char *text);

/* Tells a fault of meaning at a byte of the expression. */
void expr_fault(struct expr_parser *parser, size_t offset, const char *remedy, const char *message);

/* Tells a fault of grammar at the current token, the first one only: what follows from it is no
 * news. Always NULL. */
const struct expr *expr_break_off(
    struct expr_parser *parser, const char *remedy, const char *message);

#endif
