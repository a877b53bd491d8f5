/*
 * expr_token.c: cuts an expression into tokens. A character that belongs to none breaks the parse
 * off.
 */
#include "trial/expr_token.h"

#include "base/text.h"

#include <string.h>

static unsigned
column_of(const struct expr_parser *parser, size_t offset)
{
    unsigned column = parser->place->column;
    if (!parser->place->exact)
        return column;
    for (size_t i = 0; i < offset; i++)
        if (((unsigned char)parser->text[i] & 0xc0) != 0x80)
            column++;
    return column;
}

void
expr_fault(struct expr_parser *parser, size_t offset, const char *remedy, const char *message)
{
    faults_add(parser->faults, parser->place->pointer, parser->place->line,
        column_of(parser, offset), remedy, "%s", message);
}

const struct expr *
expr_break_off(struct expr_parser *parser, const char *remedy, const char *message)
{
    if (!parser->broken)
        expr_fault(parser, parser->token.offset, remedy, message);
    parser->broken = true;
    return NULL;
}

static bool
is_word_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
}

static void
read_quoted(struct expr_parser *parser)
{
    const char *start = parser->text + parser->at + 1;
    const char *end = strchr(start, start[-1]);
    if (end == NULL) {
        parser->token.kind = TOKEN_BROKEN;
        expr_break_off(
            parser, "close it with the same quote", "a quote is opened and never closed");
        return;
    }
    parser->token.kind = TOKEN_TEXT;
    parser->token.text = arena_strndup(parser->arena, start, (size_t)(end - start));
    parser->at = (size_t)(end + 1 - parser->text);
}

static void
read_sign(struct expr_parser *parser)
{
    static const char *const signs[] = {"!=", "<=", ">=", "=", "<", ">", "~", "(", ")", ","};
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (text_starts(parser->text + parser->at, signs[i])) {
            parser->token.kind = TOKEN_SIGN;
            parser->token.text = signs[i];
            parser->at += strlen(signs[i]);
            return;
        }
    parser->token.kind = TOKEN_BROKEN;
    expr_break_off(parser, "use = != < <= > >= ~ between in and or not ( )",
        "this character means nothing in an expression");
}

void
expr_advance(struct expr_parser *parser)
{
    while (parser->text[parser->at] == ' ' || parser->text[parser->at] == '\t' ||
           parser->text[parser->at] == '\n')
        parser->at++;
    char c = parser->text[parser->at];
    parser->token = (struct expr_token){.kind = TOKEN_END, .text = "", .offset = parser->at};
    if (c == '\0')
        return;
    if (c == '\'' || c == '"') {
        read_quoted(parser);
    } else if (is_word_character(c)) {
        size_t start = parser->at;
        while (is_word_character(parser->text[parser->at]))
            parser->at++;
        parser->token.kind = TOKEN_WORD;
        parser->token.text = arena_strndup(parser->arena, parser->text + start, parser->at - start);
    } else {
        read_sign(parser);
    }
}

bool
expr_next_is(const struct expr_parser *parser, enum expr_token_kind kind, const char *text)
{
    return parser->token.kind == kind && strcmp(parser->token.text, text) == 0;
}

bool
expr_take(struct expr_parser *parser, enum expr_token_kind kind, const char *text)
{
    if (!expr_next_is(parser, kind, text))
        return false;
    expr_advance(parser);
    return true;
}
