/*
 * consequence.h: what a scheme's design leads to at its phase's target, for whoever has to choose
 * before anything is locked: how much can be guessed, how uneven the arms become.
 */
#ifndef RCTD_TRIAL_CONSEQUENCE_H
#define RCTD_TRIAL_CONSEQUENCE_H

#include "trial/operating/operating.h"
#include "trial/protocol.h"

#include <stdbool.h>
#include <stddef.h>

/* A protocol with more schemes has the others' consequences not worked out. */
#define CONSEQUENCES_MAX 12

/*
 * Units are taken to fill the strata evenly; those of minimisation to have every level of a factor
 * equally often.
 */
struct consequence {
    const char *unknown; /* why there are no figures, for a table; NULL where there are */
    size_t strata;
    unsigned target;      /* units of the phase; 0 where the protocol says none */
    double correct_guess; /* shares of all allocations, 0 to 1 */
    double deterministic;
    double final_sd;    /* of the difference of two arms in the whole trial */
    double stratum_abs; /* mean absolute difference of two arms in a stratum */
    bool exact;         /* else simulated, with these standard errors */
    double standard_error[OPERATING_FIGURES]; /* of stratum_abs at OPERATING_FINAL_ABS */

    /* Of constrained randomisation, whose other figures are unknown; 0 elsewhere, and where there
     * are more units than it takes. */
    uint64_t assignments; /* UINT64_MAX: as many or more */
    uint64_t scored;      /* all of them, or the sample */
    uint64_t accepted;    /* about so many, before limits */
};

/* Answers at once, whatever the scheme. `scheme` is one of the protocol's. */
struct consequence consequence_of(
    const struct protocol *protocol, const struct protocol_scheme *scheme);

#endif
