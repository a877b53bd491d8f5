/*
 * scheme.h: phases and their schemes: who is allocated to which arms, by which method with which
 * parameters.
 */
#ifndef RCTD_TRIAL_PROTOCOL_SCHEME_H
#define RCTD_TRIAL_PROTOCOL_SCHEME_H

#include "base/arena.h"
#include "trial/protocol/terms.h"

#include <stdbool.h>
#include <stddef.h>

struct protocol;

struct protocol_arm {
    const char *id;
    struct protocol_texts label;
};

/*
 * The methods of rctd-allocation(7): X(name in C, name in the protocol). Each takes its parameters
 * from struct protocol_design.
 */
#define PROTOCOL_METHODS(X)                                                                        \
    X(SIMPLE, "simple")                                                                            \
    X(PERMUTED_BLOCK, "permuted-block")                                                            \
    X(BIASED_COIN, "biased-coin")                                                                  \
    X(BIG_STICK, "big-stick")                                                                      \
    X(BIASED_COIN_LIMIT, "biased-coin-limit")                                                      \
    X(BLOCK_URN, "block-urn")                                                                      \
    X(URN, "urn")                                                                                  \
    X(MAXIMAL, "maximal")                                                                          \
    X(MINIMISATION, "minimisation")                                                                \
    X(CONSTRAINED, "constrained")                                                                  \
    X(NONRANDOM, "nonrandom-comparison")

#define PROTOCOL_METHOD_ENUM(name, text) METHOD_##name,
enum protocol_method { PROTOCOL_METHODS(PROTOCOL_METHOD_ENUM) METHOD_COUNT };
#undef PROTOCOL_METHOD_ENUM

enum protocol_measure { MEASURE_RANGE, MEASURE_VARIANCE, MEASURE_SD, MEASURE_MARGINAL };
enum protocol_score { SCORE_L2, SCORE_L1 };

/*
 * How minimisation turns scores into probabilities: the preferred arms share p (PLAIN); each arm
 * has the probability of its rank (RANKED: Pocock and Simon 1975, 3.3); p is that of the arm with
 * the least share, and the others' follow from the ratio (BIASED_COIN: Han, Enas and McEntegart
 * 2009).
 */
enum protocol_preference { FORM_PLAIN, FORM_BIASED_COIN, FORM_RANKED };

/* An attribute that minimisation or constrained randomisation balances. */
struct protocol_balanced {
    size_t attribute;
    double weight; /* over 0 */

    /* Of constrained randomisation: */
    bool ordinal;       /* levels count as 1, 2, 3, ... instead of one column for each */
    double mean_limit;  /* two arms' means never differ by more; 0: no such limit */
    double total_limit; /* two arms' totals never differ by more; 0: no such limit */
};

/* Parameters of the methods; one that a method does not take is 0. */
struct protocol_design {
    unsigned *blocks; /* permuted-block: the sizes; a size may be repeated to weight it */
    size_t block_count;
    unsigned limit;                /* big-stick, biased-coin-limit, maximal: largest imbalance */
    double p;                      /* biased-coin, biased-coin-limit, minimisation */
    unsigned size;                 /* block-urn */
    unsigned alpha;                /* urn: balls of each arm at the start */
    unsigned beta;                 /* urn: balls added for the other arms */
    unsigned length;               /* maximal: block length */
    bool balanced_end;             /* maximal */
    enum protocol_measure measure; /* minimisation */
    enum protocol_preference form; /* minimisation */
    double *ranked;                /* minimisation, RANKED: one per arm of the scheme, falling */
    size_t ranked_count;
    struct protocol_balanced *balanced; /* minimisation, constrained; in the order of the file */
    size_t balanced_count;
    enum protocol_score score; /* constrained */
    double accept;      /* constrained: quantile of the score that is accepted, over 0 to 1 */
    unsigned enumerate; /* constrained: up to so many assignments are scored one and all */
    unsigned sample;    /* constrained: beyond it, so many distinct ones are */
};

struct protocol_scheme {
    const char *name; /* PHASE, or PHASE.NAME: the second part of the allocation's label */
    size_t phase;
    enum protocol_unit unit;
    enum protocol_method method;
    unsigned ratio[PROTOCOL_ARMS_MAX]; /* per arm; 0: the arm is not in the scheme */
    unsigned ratio_sum;
    size_t *factors; /* key `strata`: indexes into the attributes of the unit's subject */
    size_t factor_count;
    bool roster_lock;      /* the roster must be locked before allocation */
    double predictability; /* advice when more of the arms than this share can be guessed, 0 to 1 */
    struct protocol_design design;
    unsigned line; /* where the scheme stands in the file, from 1 */
    unsigned column;
};

struct protocol_phase {
    const char *name;
    unsigned target[PROTOCOL_UNITS]; /* how many units; 0 where the protocol says none */
    size_t *excludes;                /* phases whose units may not enter this one */
    size_t exclude_count;
    size_t first_scheme; /* schemes of a phase stand together in protocol->schemes */
    size_t scheme_count;
};

const char *protocol_method_name(enum protocol_method method);

/* NULL or PROTOCOL_NONE where there is none of that name. */
const struct protocol_scheme *protocol_scheme_by_name(
    const struct protocol *protocol, const char *name);
const struct protocol_phase *protocol_phase_by_name(
    const struct protocol *protocol, const char *name);
size_t protocol_arm_index(const struct protocol *protocol, const char *id);

/* Where a scheme stands in the file: phases.rct.scheme, or phases.rct.schemes.NAME. In the arena.
 */
const char *protocol_scheme_path(
    struct arena *arena, const struct protocol *protocol, const struct protocol_scheme *scheme);

#endif
