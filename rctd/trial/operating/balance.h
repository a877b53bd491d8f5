/*
 * balance.h: the arms' numbers in one place of a simulated trial - the whole of it, a stratum, a
 * level of a factor - and how far apart they have been. Two arms, the common case, are followed in
 * whole numbers.
 */
#ifndef RCTD_TRIAL_OPERATING_BALANCE_H
#define RCTD_TRIAL_OPERATING_BALANCE_H

#include "trial/operating/pairs.h"

#include <math.h>

struct balance {
    int64_t counts[PROTOCOL_ARMS_MAX];
    int64_t lead;   /* two arms: n_0 r_1 - n_1 r_0 */
    int64_t most;   /* two arms: the largest |lead| */
    double largest; /* other numbers of arms: the largest absolute difference */
};

/* What a lead has to be multiplied with to be a difference. */
static inline double
balance_scale(const struct pairs *pairs)
{
    return 2 / (double)(pairs->ratio[0] + pairs->ratio[1]);
}

static inline void
balance_add(const struct pairs *pairs, struct balance *balance, size_t arm)
{
    balance->counts[arm]++;
    if (pairs->count == 2) {
        balance->lead += arm == 0 ? pairs->ratio[1] : -pairs->ratio[0];
        int64_t distance = balance->lead < 0 ? -balance->lead : balance->lead;
        balance->most = distance > balance->most ? distance : balance->most;
        return;
    }
    for (size_t i = 0; i < pairs->count; i++)
        if (i != arm) {
            double difference = pairs_difference(
                pairs, arm, i, (double)balance->counts[arm], (double)balance->counts[i]);
            balance->largest = fmax(balance->largest, fabs(difference));
        }
}

/* What the guesser wins by an allocation to the arm: 1, a part of it where arms are tied, or 0. */
static inline double
balance_guess(const struct pairs *pairs, const struct balance *balance, size_t arm)
{
    if (pairs->count == 2)
        return balance->lead == 0 ? 0.5 : (balance->lead < 0) == (arm == 0) ? 1 : 0;
    uint8_t behind[PROTOCOL_ARMS_MAX];
    size_t tied = pairs_behind(pairs, balance->counts, behind);
    return behind[arm] ? 1 / (double)tied : 0;
}

static inline double
balance_largest(const struct pairs *pairs, const struct balance *balance)
{
    return pairs->count == 2 ? (double)balance->most * balance_scale(pairs) : balance->largest;
}

/* The mean absolute difference now. */
static inline double
balance_absolute(const struct pairs *pairs, const struct balance *balance)
{
    if (pairs->count == 2)
        return fabs((double)balance->lead) * balance_scale(pairs);
    struct pairs_spread spread;
    pairs_spread(pairs, balance->counts, &spread);
    return spread.absolute;
}

#endif
