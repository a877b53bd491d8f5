/*
 * simulate_value.h: the values of the parameters of `rctctl simulate'. Each function is false with
 * session->error, which names the parameter and says what would be right.
 */
#ifndef RCTD_CLI_SIMULATE_VALUE_H
#define RCTD_CLI_SIMULATE_VALUE_H

#include "cli/session.h"

#include <stdbool.h>
#include <stddef.h>

/* A parameter as it was written: the name without dashes, its value. */
struct simulate_given {
    const char *name;
    const char *value;
};

bool simulate_whole(struct session *session, const struct simulate_given *given, long long low,
    long long high, long long *value) MUST_CHECK;

/* 0.667, or 2/3; not negative. */
bool simulate_number(
    struct session *session, const struct simulate_given *given, double *value) MUST_CHECK;

/* "4,6" and "0.7/0.3": the numbers between the marks, in the arena; at most `most`. */
bool simulate_wholes(struct session *session, const struct simulate_given *given, char mark,
    size_t most, unsigned **values, size_t *count) MUST_CHECK;
bool simulate_numbers(struct session *session, const struct simulate_given *given, char mark,
    size_t most, double **values, size_t *count) MUST_CHECK;

/* The place of the value in the list of words. */
bool simulate_word(struct session *session, const struct simulate_given *given,
    const char *const *words, size_t count, size_t *place) MUST_CHECK;

#endif
