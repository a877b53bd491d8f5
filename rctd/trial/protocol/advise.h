/*
 * advise.h: what the rules of advice share. A rule is a function of one scheme and a row of the
 * table in advise.c; it says its figure, the threshold and what would be right, and names the
 * publication that it rests on. Nobody outside advise*.c includes this.
 */
#ifndef RCTD_TRIAL_PROTOCOL_ADVISE_H
#define RCTD_TRIAL_PROTOCOL_ADVISE_H

#include "trial/protocol.h"

/* A scheme, and what several rules ask about it. */
struct advised {
    const struct protocol *protocol;
    const struct protocol_scheme *scheme;
    const char *path;  /* where it stands in the file */
    const char *units; /* "workplaces" or "participants" */
    unsigned target;   /* units wanted in its phase; 0 where the protocol says none */
    size_t strata;
    unsigned per_stratum; /* units in each where all fill alike, rounded up; 0 without a target */
    unsigned arms;        /* of the scheme */
    bool equal;           /* in equal numbers */
};

/* Tells it at the scheme's place; `source` is the publication, NULL where the figure speaks. */
void advise(const struct advised *advised, struct faults *advice, const char *source,
    const char *remedy, const char *format, ...) PRINTF_LIKE(5, 6);

typedef void advise_rule(const struct advised *advised, struct faults *advice);

/* advise_method.c: by method. */
advise_rule advise_simple, advise_coin, advise_urn, advise_limit, advise_maximal;
advise_rule advise_minimisation_certain, advise_minimisation_idle, advise_minimisation_ratio,
    advise_minimisation_ranks;

/* advise_constrained.c */
advise_rule advise_constrained_few, advise_constrained_sampled, advise_constrained_large;

/* advise_task.c: tasks that nobody of those who have them signs for. */
void advise_tasks(const struct protocol *protocol, struct faults *advice);

/* advise_calendar.c: years of the follow-up without holidays. */
void advise_calendar(const struct protocol *protocol, int year, struct faults *advice);

/* advise_consent.c: what is done with people whom no form asks for it. */
void advise_consents(const struct protocol *protocol, struct faults *advice);

#endif
