/*
 * design_case.h: what tests of designs ask of a scheme: probabilities at given counts, and whether
 * it can be run.
 */
#ifndef TESTS_UNIT_TRIAL_DESIGN_CASE_H
#define TESTS_UNIT_TRIAL_DESIGN_CASE_H

#include "trial/design/design.h"

#include "scheme.h"
#include "source.h"

/* Numbers with a space between them; gives how many. */
static inline size_t
case_counts(const char *text, int64_t counts[PROTOCOL_ARMS_MAX])
{
    size_t count = 0;
    char *end;
    memset(counts, 0, PROTOCOL_ARMS_MAX * sizeof *counts);
    for (const char *at = text; *at != '\0'; at = *end == ' ' ? end + 1 : end)
        counts[count++] = strtoll(at, &end, 10);
    return count;
}

/* With these counts ("3 2") the arms have these probabilities, to the last bit, and others none. */
static inline void
case_probabilities(const struct protocol_scheme *scheme, const char *counts, const double *expected)
{
    int64_t numbers[PROTOCOL_ARMS_MAX];
    double p[PROTOCOL_ARMS_MAX];
    size_t arms = case_counts(counts, numbers);
    design_of(scheme->method)->probabilities(scheme, numbers, p);
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        ck_assert_msg(p[arm] == (arm < arms ? expected[arm] : 0), "counts %s: arm %zu has %.17g",
            counts, arm, p[arm]);
}

static inline void
case_refused(const struct protocol_scheme *scheme, const char *says)
{
    const struct design *design;
    struct error error = ERROR_CLEAR;
    ck_assert(!design_check(scheme, &design, &error));
    ck_assert_int_eq(error.code, ERROR_CONFIG);
    ck_assert_msg(strstr(error.detail, says) != NULL, "%s", error.detail);
    ck_assert_ptr_nonnull(strstr(error.detail, scheme->name));
}

static inline void
case_accepted(const struct protocol_scheme *scheme)
{
    const struct design *design;
    struct error error = ERROR_CLEAR;
    ck_assert_msg(design_check(scheme, &design, &error), "%s", error.detail);
    ck_assert_int_eq(design->method, scheme->method);
}

/* Draws an arm at the counts, and counts it. */
static inline size_t
case_draw(
    const struct protocol_scheme *scheme, int64_t counts[PROTOCOL_ARMS_MAX], struct stream *stream)
{
    double p[PROTOCOL_ARMS_MAX];
    design_of(scheme->method)->probabilities(scheme, counts, p);
    size_t arm = design_pick(scheme, p, stream);
    if (!(p[arm] > 0)) /* ck_assert tells of each success too, which millions of draws would feel */
        ck_abort_msg("arm %zu was drawn, which cannot be next", arm);
    counts[arm]++;
    return arm;
}

/* Of two arms of a scheme, the first one's lead never passes the limit, and reaches it. */
static inline void
case_largest_lead(const struct protocol_scheme *scheme, int64_t limit, unsigned positions)
{
    struct source_fast source;
    struct stream stream;
    int64_t counts[PROTOCOL_ARMS_MAX] = {0};
    int64_t largest = 0;
    source_open_fast(&stream, &source, 7);
    for (unsigned i = 0; i < positions; i++) {
        case_draw(scheme, counts, &stream);
        int64_t lead = llabs(counts[0] - counts[1]);
        largest = lead > largest ? lead : largest;
    }
    ck_assert_int_eq(largest, limit);
}

#endif
