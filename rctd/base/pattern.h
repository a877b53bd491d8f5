/*
 * pattern.h: regular expressions (PCRE2) from protocols and configuration, with limits: a pattern
 * that somebody wrote badly, or wrote to do harm, costs a bounded time and memory. A compiled
 * pattern is never changed and may be used by many threads at once; what a match needs is made and
 * given back in the call.
 */
#ifndef RCTD_BASE_PATTERN_H
#define RCTD_BASE_PATTERN_H

#include "base/arena.h"
#include "base/compiler.h"

#include <stddef.h>

struct pattern;

#define PATTERN_LENGTH_MAX 500

/*
 * Compiles a pattern into the arena (UTF-8, `$` only at the very end). NULL when it is not one:
 * then
 * `*why` says what is wrong, in the arena, and `*offset` where, in bytes from the start of the
 * text.
 */
struct pattern *pattern_compile(
    struct arena *arena, const char *text, const char **why, size_t *offset) MUST_CHECK;

enum pattern_result {
    PATTERN_NO,
    PATTERN_YES,
    PATTERN_LIMIT /* the limit of steps or memory was reached: it is not known */
};

/* Is the pattern found anywhere in the text? Text that is not UTF-8 is not matched. */
enum pattern_result pattern_match(const struct pattern *pattern, const char *text);

#endif
