/*
 * score.c: sums per arm and column, and the score that follows from them. An exchange of two units
 * costs one addition per column and arm, however many units there are.
 */
#include "trial/constrained/score.h"

#include <math.h>
#include <string.h>

struct scorer {
    struct arena *arena;
    const struct constrained_problem *problem;
    size_t units;
    size_t arms;
    size_t width;    /* columns, and one of nothing where their number is odd */
    double *values;  /* [unit * width + column]: whole numbers around 0 */
    double *sums;    /* [arm * width + column] */
    double *factors; /* per column: weight over s or over its square */
    double *inverse; /* per arm: 1 / units */
    double *sizes;   /* per arm */
    bool limited;
    double *centres;     /* per column: what was taken from each value */
    double *mean_limits; /* per column, in whole numbers; infinite where there is none */
    double *total_limits;
    uint8_t *arm; /* per unit */
};

#define EXACT 0x1p52
#define DIGITS_MAX 15 /* a power of ten that is a double, and more digits than data have */

/* What a column is multiplied by, so that sums over all units are whole numbers and exact. */
static double
scale_of(const struct constrained_column *column, size_t units)
{
    double largest = 0;
    for (size_t i = 0; i < units; i++)
        largest = fmax(largest, fabs(column->values[i]));
    double digits = floor(log10(EXACT / (2 * (double)units * largest)));
    return pow(10, fmax(fmin(digits, DIGITS_MAX), -300));
}

static double
infinite_if_none(double limit, double scale)
{
    return limit > 0 ? limit * scale * (1 + 1e-9) : (double)INFINITY;
}

static bool
fill_column(struct scorer *scorer, size_t index, struct error *error)
{
    const struct constrained_column *column = &scorer->problem->columns[index];
    double *at = scorer->values + index;
    double scale = scale_of(column, scorer->units), sum = 0, squares = 0;
    for (size_t i = 0; i < scorer->units; i++)
        sum += rint(column->values[i] * scale);
    double centre = rint(sum / (double)scorer->units);
    double rest = (sum - centre * (double)scorer->units) / (double)scorer->units;
    for (size_t i = 0; i < scorer->units; i++) {
        double value = rint(column->values[i] * scale) - centre;
        at[i * scorer->width] = value;
        squares += (value - rest) * (value - rest);
    }
    double variance = squares / ((double)scorer->units - 1);
    if (!(variance > 0))
        return error_set(error, ERROR_REFUSED, "constrained column",
            "all units have the same %s%s%s: leave it out, it cannot tell assignments apart",
            column->covariate, column->level == NULL ? "" : "=",
            column->level == NULL ? "" : column->level);
    scorer->factors[index] = scorer->problem->metric == SCORE_L1 ? column->weight / sqrt(variance)
                                                                 : column->weight / variance;
    scorer->centres[index] = centre;
    scorer->mean_limits[index] = infinite_if_none(column->mean_limit, scale);
    scorer->total_limits[index] = infinite_if_none(column->total_limit, scale);
    scorer->limited = scorer->limited || column->mean_limit > 0 || column->total_limit > 0;
    return true;
}

static void
fill_arms(struct scorer *scorer)
{
    const struct constrained_problem *problem = scorer->problem;
    for (size_t arm = 0; arm < scorer->arms; arm++) {
        size_t size = 0;
        for (size_t stratum = 0; stratum < problem->stratum_count; stratum++)
            size += problem->sizes[stratum * problem->arms + arm];
        scorer->sizes[arm] = (double)size;
        scorer->inverse[arm] = 1 / (double)size;
    }
}

struct scorer *
scorer_new(const struct constrained_problem *problem, struct error *error)
{
    struct arena *arena = arena_new();
    struct scorer *scorer = arena_alloc(arena, sizeof *scorer);
    size_t width = problem->column_count + problem->column_count % 2;
    size_t number = sizeof(double);
    *scorer = (struct scorer){.arena = arena,
        .problem = problem,
        .units = problem->units,
        .arms = problem->arms,
        .width = width,
        .values = arena_array(arena, problem->units * width, number),
        .sums = arena_array(arena, problem->arms * width, number),
        .factors = arena_array(arena, width, number),
        .inverse = arena_array(arena, problem->arms, number),
        .sizes = arena_array(arena, problem->arms, number),
        .centres = arena_array(arena, width, number),
        .mean_limits = arena_array(arena, width, number),
        .total_limits = arena_array(arena, width, number),
        .arm = arena_alloc(arena, problem->units)};
    fill_arms(scorer);
    for (size_t i = 0; i < problem->column_count; i++)
        if (!fill_column(scorer, i, error)) {
            scorer_free(scorer);
            return NULL;
        }
    return scorer;
}

void
scorer_free(struct scorer *scorer)
{
    if (scorer != NULL)
        arena_free(scorer->arena);
}

void
scorer_set(struct scorer *scorer, const uint8_t *arms)
{
    memcpy(scorer->arm, arms, scorer->units);
    memset(scorer->sums, 0, scorer->arms * scorer->width * sizeof *scorer->sums);
    for (size_t unit = 0; unit < scorer->units; unit++) {
        double *sums = scorer->sums + arms[unit] * scorer->width;
        const double *values = scorer->values + unit * scorer->width;
        for (size_t k = 0; k < scorer->width; k++)
            sums[k] += values[k];
    }
}

const uint8_t *
scorer_arms(const struct scorer *scorer)
{
    return scorer->arm;
}

void
scorer_exchange(struct scorer *scorer, size_t first, size_t second)
{
    size_t width = scorer->width;
    uint8_t a = scorer->arm[first], b = scorer->arm[second];
    const double *x = scorer->values + first * width, *y = scorer->values + second * width;
    double *restrict of_a = scorer->sums + a * width;
    double *restrict of_b = scorer->sums + b * width;
    for (size_t k = 0; k < width; k++) {
        double more = y[k] - x[k];
        of_a[k] += more;
        of_b[k] -= more;
    }
    scorer->arm[first] = b;
    scorer->arm[second] = a;
}

/* The difference of two arms' means in a column. */
static inline double
difference(const struct scorer *scorer, size_t a, size_t b, size_t column)
{
    return scorer->sums[a * scorer->width + column] * scorer->inverse[a] -
           scorer->sums[b * scorer->width + column] * scorer->inverse[b];
}

/* Two sums side by side: the processor need not wait for one addition to begin the next. */
static double
apart_l2(const struct scorer *scorer, size_t a, size_t b)
{
    double even = 0, odd = 0;
    for (size_t k = 0; k < scorer->width; k += 2) {
        double d = difference(scorer, a, b, k), e = difference(scorer, a, b, k + 1);
        even += scorer->factors[k] * d * d;
        odd += scorer->factors[k + 1] * e * e;
    }
    return even + odd;
}

static double
apart_l1(const struct scorer *scorer, size_t a, size_t b)
{
    double sum = 0;
    for (size_t k = 0; k < scorer->width; k++)
        sum += scorer->factors[k] * fabs(difference(scorer, a, b, k));
    return sum;
}

double
scorer_score(const struct scorer *scorer)
{
    bool l1 = scorer->problem->metric == SCORE_L1;
    double score = 0;
    for (size_t a = 0; a < scorer->arms; a++)
        for (size_t b = a + 1; b < scorer->arms; b++)
            score += l1 ? apart_l1(scorer, a, b) : apart_l2(scorer, a, b);
    return score;
}

static bool
pair_within(const struct scorer *scorer, size_t a, size_t b)
{
    for (size_t k = 0; k < scorer->problem->column_count; k++) {
        size_t x = a * scorer->width + k, y = b * scorer->width + k;
        double total = scorer->sums[x] - scorer->sums[y] +
                       scorer->centres[k] * (scorer->sizes[a] - scorer->sizes[b]);
        if (fabs(difference(scorer, a, b, k)) > scorer->mean_limits[k] ||
            fabs(total) > scorer->total_limits[k])
            return false;
    }
    return true;
}

bool
scorer_within(const struct scorer *scorer)
{
    if (!scorer->limited)
        return true;
    for (size_t a = 0; a < scorer->arms; a++)
        for (size_t b = a + 1; b < scorer->arms; b++)
            if (!pair_within(scorer, a, b))
                return false;
    return true;
}
