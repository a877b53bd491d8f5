/*
 * expr.c: parses an expression by recursive descent. A fault of grammar ends the parse; faults of
 * meaning (an unknown name, a level that does not exist) are collected, so that all of them are
 * told at once.
 */
#include "base/named.h"
#include "base/nearest.h"
#include "trial/expr_token.h"
#include "trial/expr_tree.h"
#include "trial/number.h"

#include <string.h>

static struct expr *
expr_new(struct expr_parser *parser, enum expr_operator verb)
{
    struct expr *expr = arena_alloc(parser->arena, sizeof *expr);
    expr->verb = verb;
    return expr;
}

static bool
is_keyword(const char *word)
{
    static const char *const keywords[] = {"and", "or", "not", "between", "in"};
    for (size_t i = 0; i < COUNT_OF(keywords); i++)
        if (strcmp(word, keywords[i]) == 0)
            return true;
    return false;
}

static const struct expr_name *
find_name(struct expr_parser *parser, const char *word)
{
    for (size_t i = 0; i < parser->names->count; i++)
        if (strcmp(parser->names->items[i].name, word) == 0)
            return &parser->names->items[i];
    return NULL;
}

static void
unknown_name(struct expr_parser *parser, const struct expr_token *word)
{
    const char **known = arena_array(parser->arena, parser->names->count, sizeof(const char *));
    for (size_t i = 0; i < parser->names->count; i++)
        known[i] = parser->names->items[i].name;
    expr_fault(parser, word->offset,
        nearest_remedy(parser->arena, word->text, known, parser->names->count),
        arena_printf(parser->arena, "there is no attribute `%.80s`", word->text));
}

static const char *
boolean_text(const char *word)
{
    if (strcmp(word, "true") == 0 || strcmp(word, "yes") == 0)
        return "true";
    if (strcmp(word, "false") == 0 || strcmp(word, "no") == 0)
        return "false";
    return NULL;
}

/* Checks a value against the kind of the name that it is compared with, and puts it into normal
 * form. */
static void
check_value(struct expr_parser *parser, const struct expr_name *name, struct expr_literal *literal)
{
    size_t offset = parser->token.offset;
    if (name->kind == EXPR_NUMBER && !number_parse(literal->text, &literal->number))
        expr_fault(parser, offset, "write a number",
            arena_printf(parser->arena, "`%s` is compared with `%.80s`, which is no number",
                name->name, literal->text));
    if (name->kind == EXPR_BOOLEAN) {
        const char *normal = boolean_text(literal->text);
        if (normal == NULL)
            expr_fault(parser, offset, "write true or false",
                arena_printf(
                    parser->arena, "`%s` is yes or no, not `%.80s`", name->name, literal->text));
        else
            literal->text = normal;
    }
    if (name->kind != EXPR_LEVELS)
        return;
    if (named_has(NAMED(name->levels, name->level_count), literal->text))
        return;
    expr_fault(parser, offset,
        nearest_remedy(parser->arena, literal->text, name->levels, name->level_count),
        arena_printf(parser->arena, "`%s` has no level `%.80s`", name->name, literal->text));
}

/* Reads one value behind a comparison. */
static bool
read_value(struct expr_parser *parser, struct expr *expr, const struct expr_name *name)
{
    bool word = parser->token.kind == TOKEN_WORD && !is_keyword(parser->token.text);
    if (!word && parser->token.kind != TOKEN_TEXT) {
        expr_break_off(
            parser, "write a number, a level or text in quotes", "a value is missing here");
        return false;
    }
    struct expr_literal literal = {.text = parser->token.text};
    check_value(parser, name, &literal);
    expr->values = arena_grow(parser->arena, expr->values, expr->value_count, &expr->value_capacity,
        sizeof *expr->values);
    expr->values[expr->value_count++] = literal;
    expr_advance(parser);
    return true;
}

static bool
takes(enum expr_kind kind, enum expr_operator verb)
{
    if (kind == EXPR_ANY)
        return true;
    switch (verb) {
    case EXPR_OP_EQUAL:
    case EXPR_OP_DIFFERENT:
        return true;
    case EXPR_OP_IN:
        return kind != EXPR_BOOLEAN;
    case EXPR_OP_MATCHES:
        return kind == EXPR_LEVELS || kind == EXPR_TEXT;
    default:
        return kind == EXPR_NUMBER;
    }
}

static const char *
kind_remedy(enum expr_kind kind)
{
    switch (kind) {
    case EXPR_NUMBER:
        return "it is a number: compare it with = != < <= > >= between or in";
    case EXPR_BOOLEAN:
        return "it is yes or no: write it alone, or not before it";
    default:
        return "compare it with = != in or ~";
    }
}

static bool
read_pattern(struct expr_parser *parser, struct expr *expr)
{
    if (parser->token.kind != TOKEN_TEXT) {
        expr_break_off(parser, "write it in quotes: ~ '^[59]'", "a pattern is missing here");
        return false;
    }
    const char *why;
    size_t offset;
    expr->pattern = pattern_compile(parser->arena, parser->token.text, &why, &offset);
    if (expr->pattern == NULL)
        expr_fault(parser, parser->token.offset + 1 + offset, NULL,
            arena_printf(parser->arena, "this is no pattern: %s", why));
    expr_advance(parser);
    return true;
}

/* Reads the values behind the comparison that was just taken. */
static bool
read_values(struct expr_parser *parser, struct expr *expr, const struct expr_name *name)
{
    if (expr->verb == EXPR_OP_MATCHES)
        return read_pattern(parser, expr);
    if (expr->verb == EXPR_OP_BETWEEN) {
        if (!read_value(parser, expr, name))
            return false;
        if (!expr_take(parser, TOKEN_WORD, "and")) {
            expr_break_off(
                parser, "write between A and B", "the second number of between is missing");
            return false;
        }
        return read_value(parser, expr, name);
    }
    if (expr->verb != EXPR_OP_IN)
        return read_value(parser, expr, name);
    if (!expr_take(parser, TOKEN_SIGN, "(")) {
        expr_break_off(parser, "write in (a, b)", "the list of values is missing");
        return false;
    }
    do
        if (!read_value(parser, expr, name))
            return false;
    while (expr_take(parser, TOKEN_SIGN, ","));
    if (expr_take(parser, TOKEN_SIGN, ")"))
        return true;
    expr_break_off(parser, "write in (a, b)", "the list of values is not closed");
    return false;
}

/* Takes the sign or word of a comparison; false where none stands here. */
static bool
take_verb(struct expr_parser *parser, enum expr_operator *verb)
{
    static const struct {
        enum expr_token_kind kind;
        const char *text;
        enum expr_operator verb;
    } verbs[] = {
        {TOKEN_SIGN, "=", EXPR_OP_EQUAL},
        {TOKEN_SIGN, "!=", EXPR_OP_DIFFERENT},
        {TOKEN_SIGN, "<", EXPR_OP_LESS},
        {TOKEN_SIGN, "<=", EXPR_OP_AT_MOST},
        {TOKEN_SIGN, ">", EXPR_OP_MORE},
        {TOKEN_SIGN, ">=", EXPR_OP_AT_LEAST},
        {TOKEN_SIGN, "~", EXPR_OP_MATCHES},
        {TOKEN_WORD, "between", EXPR_OP_BETWEEN},
        {TOKEN_WORD, "in", EXPR_OP_IN},
    };
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        if (expr_take(parser, verbs[i].kind, verbs[i].text)) {
            *verb = verbs[i].verb;
            return true;
        }
    return false;
}

/* NAME, or NAME COMPARISON VALUE. */
static const struct expr *
read_comparison(struct expr_parser *parser)
{
    struct expr_token word = parser->token;
    if (word.kind != TOKEN_WORD || is_keyword(word.text))
        return expr_break_off(parser, "write NAME COMPARISON VALUE, such as employees >= 10",
            "the name of an attribute is missing here");
    const struct expr_name *name = find_name(parser, word.text);
    struct expr_name undeclared = {.name = word.text, .kind = EXPR_NUMBER};
    if (name == NULL && !parser->names->open) {
        unknown_name(parser, &word);
        undeclared.kind = EXPR_ANY;
    }
    if (name == NULL)
        name = &undeclared;
    expr_advance(parser);
    struct expr *expr = expr_new(parser, EXPR_OP_HOLDS);
    expr->name = name->name;
    expr->kind = name->kind;
    size_t offset = parser->token.offset;
    if (!take_verb(parser, &expr->verb)) {
        if (name->kind != EXPR_BOOLEAN && name->kind != EXPR_ANY)
            expr_fault(parser, word.offset, kind_remedy(name->kind),
                arena_printf(parser->arena, "`%s` cannot stand alone", name->name));
        return expr;
    }
    if (!takes(name->kind, expr->verb))
        expr_fault(parser, offset, kind_remedy(name->kind),
            arena_printf(parser->arena, "`%s` cannot be compared in this way", name->name));
    return read_values(parser, expr, name) ? expr : NULL;
}

static const struct expr *read_or(struct expr_parser *parser);

/* not X, ( X ), or a comparison. */
static const struct expr *
read_unary(struct expr_parser *parser)
{
    if (!expr_next_is(parser, TOKEN_WORD, "not") && !expr_next_is(parser, TOKEN_SIGN, "("))
        return read_comparison(parser);
    if (++parser->depth > EXPR_DEPTH_MAX)
        return expr_break_off(parser, "at most 20 levels are taken", "nested too deep");
    const struct expr *inner;
    if (expr_take(parser, TOKEN_WORD, "not")) {
        struct expr *expr = expr_new(parser, EXPR_OP_NOT);
        expr->left = read_unary(parser);
        inner = expr->left == NULL ? NULL : expr;
    } else {
        expr_advance(parser);
        inner = read_or(parser);
        if (inner != NULL && !expr_take(parser, TOKEN_SIGN, ")"))
            return expr_break_off(parser, "write )", "a parenthesis is not closed");
    }
    parser->depth--;
    return inner;
}

/* Parts joined by one word, from left to right. */
static const struct expr *
read_joined(struct expr_parser *parser, const char *word, enum expr_operator verb,
    const struct expr *(*read_part)(struct expr_parser *))
{
    const struct expr *left = read_part(parser);
    while (left != NULL && expr_take(parser, TOKEN_WORD, word)) {
        struct expr *both = expr_new(parser, verb);
        both->left = left;
        both->right = read_part(parser);
        left = both->right == NULL ? NULL : both;
    }
    return left;
}

static const struct expr *
read_and(struct expr_parser *parser)
{
    return read_joined(parser, "and", EXPR_OP_AND, read_unary);
}

static const struct expr *
read_or(struct expr_parser *parser)
{
    return read_joined(parser, "or", EXPR_OP_OR, read_and);
}

const struct expr *
expr_parse(struct arena *arena, const char *text, const struct expr_names *names,
    const struct expr_place *place, struct faults *faults)
{
    struct expr_parser parser = {
        .arena = arena, .text = text, .names = names, .place = place, .faults = faults};
    size_t before = faults->total;
    if (strlen(text) > EXPR_LENGTH_MAX) {
        expr_fault(&parser, 0, "at most 1,000 bytes are taken", "the expression is too long");
        return NULL;
    }
    expr_advance(&parser);
    const struct expr *expr = read_or(&parser);
    if (expr != NULL && parser.token.kind != TOKEN_END)
        expr_break_off(&parser, "join comparisons with and or or", "this does not belong here");
    return faults->total == before ? expr : NULL;
}
