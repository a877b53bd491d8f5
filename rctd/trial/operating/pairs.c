/*
 * pairs.c: see pairs.h. Who is behind is decided in whole numbers, so that equal shares are equal.
 */
#include "trial/operating/pairs.h"

#include <math.h>
#include <string.h>

void
pairs_of(const struct protocol_scheme *scheme, struct pairs *pairs)
{
    memset(pairs, 0, sizeof *pairs);
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++) {
        if (scheme->ratio[arm] == 0)
            continue;
        pairs->arm[pairs->count] = arm;
        pairs->place[arm] = pairs->count;
        pairs->ratio[pairs->count++] = scheme->ratio[arm];
    }
    pairs->pairs = pairs->count * (pairs->count - 1) / 2;
}

void
pairs_spread(const struct pairs *pairs, const int64_t *counts, struct pairs_spread *spread)
{
    *spread = (struct pairs_spread){0};
    for (size_t i = 0; i < pairs->count; i++)
        for (size_t j = i + 1; j < pairs->count; j++) {
            double difference =
                fabs(pairs_difference(pairs, i, j, (double)counts[i], (double)counts[j]));
            spread->absolute += difference;
            spread->square += difference * difference;
            spread->largest = fmax(spread->largest, difference);
        }
    if (pairs->pairs > 1) {
        spread->absolute /= (double)pairs->pairs;
        spread->square /= (double)pairs->pairs;
    }
}

double
pairs_square_of_means(const struct pairs *pairs, const double *means)
{
    double sum = 0;
    for (size_t i = 0; i < pairs->count; i++)
        for (size_t j = i + 1; j < pairs->count; j++) {
            double difference = pairs_difference(pairs, i, j, means[i], means[j]);
            sum += difference * difference;
        }
    return pairs->pairs == 0 ? 0 : sum / (double)pairs->pairs;
}

size_t
pairs_behind(const struct pairs *pairs, const int64_t *counts, uint8_t *behind)
{
    size_t least = 0;
    size_t tied = 0;
    for (size_t i = 1; i < pairs->count; i++)
        if (counts[i] * pairs->ratio[least] < counts[least] * pairs->ratio[i])
            least = i;
    for (size_t i = 0; i < pairs->count; i++) {
        behind[i] = counts[i] * pairs->ratio[least] == counts[least] * pairs->ratio[i];
        tied += behind[i];
    }
    return tied;
}
