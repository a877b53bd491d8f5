/*
 * rerandomise_read.h: outcomes from the table of a statistician.
 */
#ifndef RCTD_CLI_RERANDOMISE_READ_H
#define RCTD_CLI_RERANDOMISE_READ_H

#include "cli/session.h"
#include "trial/proof/rerandomise.h"

struct rerandomise_outcomes {
    const char *file;
    const char *id;    /* the column of units' codes */
    const char *value; /* the column of outcomes */
    size_t read;       /* outcomes of units in the ledger */
    size_t empty;      /* rows without an outcome */
    size_t unknown;    /* rows whose unit is not in the ledger */
    const char *first_unknown;
};

/* Gives the test its outcomes. False with session->error, and a fault for each bad cell. */
bool rerandomise_read(struct session *session, struct rerandomise *test,
    struct rerandomise_outcomes *outcomes) MUST_CHECK;

#endif
