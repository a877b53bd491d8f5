/*
 * pattern.c: PCRE2 with every limit set. Compiled code lives in the arena of its owner, so nobody
 * has to remember to free it; what a single match needs comes from the heap and goes back before
 * the call ends.
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "base/pattern.h"

#include <pcre2.h>
#include <stdint.h>
#include <string.h>

#define MATCH_LIMIT 100000
#define DEPTH_LIMIT 5000
#define HEAP_LIMIT_KIB 2048
#define NEST_LIMIT 40

struct pattern {
    pcre2_code *code;
    pcre2_match_context *limits;
};

static void *
arena_get(size_t size, void *arena)
{
    return arena_alloc(arena, size);
}

static void
arena_keep(void *memory, void *arena)
{
    (void)memory;
    (void)arena;
}

struct pattern *
pattern_compile(struct arena *arena, const char *text, const char **why, size_t *offset)
{
    pcre2_general_context *general = pcre2_general_context_create(arena_get, arena_keep, arena);
    pcre2_compile_context *context = pcre2_compile_context_create(general);
    pcre2_set_max_pattern_length(context, PATTERN_LENGTH_MAX);
    pcre2_set_parens_nest_limit(context, NEST_LIMIT);
    int code;
    PCRE2_SIZE at = 0;
    uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)text, strlen(text), options, &code, &at, context);
    if (compiled == NULL) {
        char message[160];
        pcre2_get_error_message(code, (PCRE2_UCHAR *)message, sizeof message);
        *why = arena_strdup(arena, message);
        *offset = at < strlen(text) ? at : strlen(text);
        return NULL;
    }
    struct pattern *pattern = arena_alloc(arena, sizeof *pattern);
    pattern->code = compiled;
    pattern->limits = pcre2_match_context_create(general);
    pcre2_set_match_limit(pattern->limits, MATCH_LIMIT);
    pcre2_set_depth_limit(pattern->limits, DEPTH_LIMIT);
    pcre2_set_heap_limit(pattern->limits, HEAP_LIMIT_KIB);
    return pattern;
}

enum pattern_result
pattern_match(const struct pattern *pattern, const char *text)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    if (data == NULL)
        return PATTERN_LIMIT;
    int found =
        pcre2_match(pattern->code, (PCRE2_SPTR)text, strlen(text), 0, 0, data, pattern->limits);
    pcre2_match_data_free(data);
    if (found >= 0)
        return PATTERN_YES;
    if (found == PCRE2_ERROR_NOMATCH ||
        (found <= PCRE2_ERROR_UTF8_ERR1 && found >= PCRE2_ERROR_UTF8_ERR21))
        return PATTERN_NO;
    return PATTERN_LIMIT;
}
