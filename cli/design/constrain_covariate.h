/*
 * constrain_covariate.h: a covariate as it is written on the command line:
 * NAME[:categorical[=A/B]|:ordinal=A/B/C][:weight=W][:mean=LIMIT][:total=LIMIT].
 */
#ifndef RCTD_CLI_CONSTRAIN_COVARIATE_H
#define RCTD_CLI_CONSTRAIN_COVARIATE_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum constrain_kind { CONSTRAIN_NUMBER, CONSTRAIN_CATEGORICAL, CONSTRAIN_ORDINAL };

struct constrain_covariate {
    const char *name;
    enum constrain_kind kind;
    const char **levels; /* in the order given; NULL where none were */
    size_t level_count;
    double weight;
    double mean_limit; /* 0: none */
    double total_limit;
};

/* Reads the list; ERROR_MALFORMED with a sentence where it cannot be read. */
bool constrain_covariates(struct arena *arena, const char *list,
    struct constrain_covariate **covariates, size_t *count, struct error *error) MUST_CHECK;

/* Parts of a text between separators, trimmed, in the arena. */
char **constrain_split(struct arena *arena, const char *text, char separator, size_t *count);

/* A decimal number, "12", "-0.5" or "1e-3", of at most 1e15 either way. */
bool constrain_number(const char *text, double *value) MUST_CHECK;

#endif
