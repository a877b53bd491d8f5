/*
 * constrain_covariate.c: takes the list of covariates apart.
 */
#include "cli/design/constrain_covariate.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST 1e15

char **
constrain_split(struct arena *arena, const char *text, char separator, size_t *count)
{
    char **parts = NULL;
    size_t capacity = 0;
    *count = 0;
    for (const char *at = text;; at++) {
        const char *end = strchr(at, separator);
        size_t length = end == NULL ? strlen(at) : (size_t)(end - at);
        parts = arena_grow(arena, parts, *count, &capacity, sizeof *parts);
        parts[(*count)++] = text_trim(arena, arena_strndup(arena, at, length));
        if (end == NULL)
            return parts;
        at = end;
    }
}

bool
constrain_number(const char *text, double *value)
{
    char *end;
    if (text[0] == '\0' || text[strspn(text, "0123456789+-.eE")] != '\0')
        return false;
    *value = strtod(text, &end);
    return *end == '\0' && end != text && fabs(*value) <= LARGEST;
}

static bool
read_levels(struct arena *arena, const char *text, struct constrain_covariate *covariate,
    struct error *error)
{
    char **levels = constrain_split(arena, text, '/', &covariate->level_count);
    covariate->levels = arena_array(arena, covariate->level_count, sizeof *covariate->levels);
    for (size_t i = 0; i < covariate->level_count; i++) {
        covariate->levels[i] = levels[i];
        if (covariate->levels[i][0] == '\0')
            return error_set(error, ERROR_MALFORMED, "levels",
                "--covariates: `%s' has an empty level in `%s'", covariate->name, text);
        for (size_t j = 0; j < i; j++)
            if (strcmp(covariate->levels[i], covariate->levels[j]) == 0)
                return error_set(error, ERROR_MALFORMED, "levels",
                    "--covariates: `%s' has the level `%s' twice", covariate->name,
                    covariate->levels[i]);
    }
    if (covariate->level_count < 2)
        return error_set(error, ERROR_MALFORMED, "levels",
            "--covariates: `%s' needs two levels or more, such as %s=low/high", covariate->name,
            covariate->kind == CONSTRAIN_ORDINAL ? "ordinal" : "categorical");
    return true;
}

static bool
read_positive(
    const char *name, const char *word, const char *text, double *value, struct error *error)
{
    if (text != NULL && constrain_number(text, value) && *value > 0)
        return true;
    return error_set(error, ERROR_MALFORMED, word,
        "--covariates: `%s' takes %s=NUMBER, over 0, such as %s:%s=2", name, word, name, word);
}

static bool
read_kind(struct arena *arena, const char *word, const char *levels,
    struct constrain_covariate *covariate, struct error *error)
{
    if (covariate->kind != CONSTRAIN_NUMBER)
        return error_set(error, ERROR_MALFORMED, word,
            "--covariates: `%s' is said to be categorical or ordinal twice", covariate->name);
    covariate->kind = strcmp(word, "ordinal") == 0 ? CONSTRAIN_ORDINAL : CONSTRAIN_CATEGORICAL;
    if (levels != NULL)
        return read_levels(arena, levels, covariate, error);
    if (covariate->kind == CONSTRAIN_ORDINAL)
        return error_set(error, ERROR_MALFORMED, word,
            "--covariates: `%s' is ordinal: name its levels from the lowest up, such as "
            "%s:ordinal=low/mid/high",
            covariate->name, covariate->name);
    return true;
}

static bool
read_word(
    struct arena *arena, char *word, struct constrain_covariate *covariate, struct error *error)
{
    char *value = strchr(word, '=');
    if (value != NULL)
        *value++ = '\0';
    if (strcmp(word, "categorical") == 0 || strcmp(word, "ordinal") == 0)
        return read_kind(arena, word, value, covariate, error);
    if (strcmp(word, "weight") == 0)
        return read_positive(covariate->name, word, value, &covariate->weight, error);
    if (strcmp(word, "mean") == 0)
        return read_positive(covariate->name, word, value, &covariate->mean_limit, error);
    if (strcmp(word, "total") == 0)
        return read_positive(covariate->name, word, value, &covariate->total_limit, error);
    return error_set(error, ERROR_MALFORMED, "covariate",
        "--covariates: `%s' is not known behind `%s'; there are categorical[=A/B], ordinal=A/B/C, "
        "weight=, mean= and total=",
        word, covariate->name);
}

static bool
read_covariate(struct arena *arena, const char *text, struct constrain_covariate *covariate,
    struct error *error)
{
    size_t count;
    char **words = constrain_split(arena, text, ':', &count);
    *covariate = (struct constrain_covariate){.name = words[0], .weight = 1};
    if (words[0][0] == '\0')
        return error_set(error, ERROR_MALFORMED, "covariate",
            "--covariates has an empty name; write the names of columns with commas between them");
    for (size_t i = 1; i < count; i++)
        if (!read_word(arena, words[i], covariate, error))
            return false;
    return true;
}

bool
constrain_covariates(struct arena *arena, const char *list, struct constrain_covariate **covariates,
    size_t *count, struct error *error)
{
    char **texts = constrain_split(arena, list, ',', count);
    *covariates = arena_array(arena, *count, sizeof **covariates);
    for (size_t i = 0; i < *count; i++) {
        if (!read_covariate(arena, texts[i], &(*covariates)[i], error))
            return false;
        for (size_t j = 0; j < i; j++)
            if (strcmp((*covariates)[i].name, (*covariates)[j].name) == 0)
                return error_set(error, ERROR_MALFORMED, "covariate",
                    "--covariates names `%s' twice; give it a weight instead",
                    (*covariates)[i].name);
    }
    return true;
}
