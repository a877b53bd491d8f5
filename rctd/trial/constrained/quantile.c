/*
 * quantile.c: quickselect for several ranks at once. Only the parts in which a rank lies are
 * divided further; where dividing goes badly, the part is sorted.
 */
#include "trial/constrained/quantile.h"

#include <math.h>
#include <stdlib.h>

#define SMALL 24

static int
compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void
sort_few(double *scores, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        double score = scores[i];
        size_t j = i;
        for (; j > 0 && scores[j - 1] > score; j--)
            scores[j] = scores[j - 1];
        scores[j] = score;
    }
}

static double
middle(double a, double b, double c)
{
    double low = fmin(a, b), high = fmax(a, b);
    return c < low ? low : c > high ? high : c;
}

/* Hoare's partition: what stands before the answer is at most what stands from it on; neither part
 * is empty. */
static size_t
divide(double *scores, size_t count)
{
    double pivot = middle(scores[0], scores[count / 2], scores[count - 1]);
    size_t i = 0, j = count - 1;
    for (;; i++, j--) {
        while (scores[i] < pivot)
            i++;
        while (scores[j] > pivot)
            j--;
        if (i >= j)
            break;
        double score = scores[i];
        scores[i] = scores[j];
        scores[j] = score;
    }
    return i;
}

static void
select_in(double *scores, size_t first, size_t count, const size_t *ranks, size_t rank_count,
    unsigned depth)
{
    while (rank_count > 0) {
        if (count <= SMALL) {
            sort_few(scores + first, count);
            return;
        }
        if (depth-- == 0) {
            qsort(scores + first, count, sizeof *scores, compare_doubles);
            return;
        }
        size_t left = divide(scores + first, count), in_left = 0;
        while (in_left < rank_count && ranks[in_left] < first + left)
            in_left++;
        select_in(scores, first, left, ranks, in_left, depth);
        first += left;
        count -= left;
        ranks += in_left;
        rank_count -= in_left;
    }
}

void
quantile_select(double *scores, size_t count, const size_t *ranks, size_t rank_count)
{
    unsigned depth = 16;
    for (size_t n = count; n > 0; n /= 2)
        depth += 3;
    select_in(scores, 0, count, ranks, rank_count, depth);
}

void
quantile_ranks(size_t count, unsigned times, double p, size_t ranks[2])
{
    size_t all = count * times, rank = (size_t)((double)(all - 1) * p);
    ranks[0] = rank / times;
    ranks[1] = (rank + 1 < all ? rank + 1 : rank) / times;
}

double
quantile_at(const double *scores, size_t count, unsigned times, double p)
{
    double place = (double)(count * times - 1) * p;
    size_t ranks[2];
    quantile_ranks(count, times, p, ranks);
    return scores[ranks[0]] + (place - floor(place)) * (scores[ranks[1]] - scores[ranks[0]]);
}
