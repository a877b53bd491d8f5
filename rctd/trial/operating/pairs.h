/*
 * pairs.h: the arms that take part in a scheme, their differences pair by pair, and the arms that
 * are behind. Arms are numbered here from 0 among those that take part.
 */
#ifndef RCTD_TRIAL_OPERATING_PAIRS_H
#define RCTD_TRIAL_OPERATING_PAIRS_H

#include "trial/protocol.h"

#include <stddef.h>
#include <stdint.h>

struct pairs {
    size_t count;                    /* arms that take part, 1 or more */
    size_t pairs;                    /* of them */
    size_t arm[PROTOCOL_ARMS_MAX];   /* each one's number in protocol order */
    size_t place[PROTOCOL_ARMS_MAX]; /* the other way round */
    int64_t ratio[PROTOCOL_ARMS_MAX];
};

void pairs_of(const struct protocol_scheme *scheme, struct pairs *pairs);

/* The difference of two arms with these numbers, which need not be whole. */
static inline double
pairs_difference(const struct pairs *pairs, size_t i, size_t j, double n_i, double n_j)
{
    int64_t sum = pairs->ratio[i] + pairs->ratio[j];
    return 2 * (n_i * (double)pairs->ratio[j] - n_j * (double)pairs->ratio[i]) / (double)sum;
}

struct pairs_spread {
    double absolute; /* mean over the pairs */
    double square;   /* likewise */
    double largest;  /* absolute difference of any pair */
};

void pairs_spread(const struct pairs *pairs, const int64_t *counts, struct pairs_spread *spread);

/* The mean of the squared differences of the mean numbers: what the mean square has to be reduced
 * by to be a variance. */
double pairs_square_of_means(const struct pairs *pairs, const double *means);

/* Marks the arms that are behind (behind[i] is 1, else 0) and gives how many they are. */
size_t pairs_behind(const struct pairs *pairs, const int64_t *counts, uint8_t *behind);

#endif
