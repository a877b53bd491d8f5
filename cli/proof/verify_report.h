/*
 * verify_report.h: what a verification found, for people, as JSON or as CSV.
 */
#ifndef RCTD_CLI_VERIFY_REPORT_H
#define RCTD_CLI_VERIFY_REPORT_H

#include "cli/session.h"
#include "trial/proof/verify.h"

struct verify_report {
    const struct protocol *protocol;
    const struct protocol_scheme *scheme;
    const char *file;            /* of the ledger */
    const char *protocol_sha256; /* 64 hex digits */
    const char *commitment;      /* of seed, label and protocol; NULL of a nonrandom comparison */
    bool committed;              /* it was held against the published one */
    int64_t published; /* allocations that the scheme had when it was listed; -1: not known */
    const struct verify_result *result;
};

/* Prints the report and gives the exit status. */
int verify_report(struct session *session, const struct verify_report *report);

#endif
