/*
 * deviation.h: what was wrong about an allocation, beside the ledger. Rows are added only: a report
 * that was not right is followed by one that supersedes it. The database holds each rule once more
 * (0009_deviation.sql).
 */
#ifndef RCTD_STORE_DEVIATION_H
#define RCTD_STORE_DEVIATION_H

#include "base/compiler.h"
#include "base/fault.h"
#include "db/statement.h"
#include "store/session.h"
#include "trial/deviation.h"

#include <jansson.h>
#include <stdbool.h>

/* A report as it came. Texts and JSON are borrowed. */
struct deviation_report {
    struct uuid allocation_id;
    enum deviation_kind kind;
    const char *reason;
    bool arm_known;                /* who found the error knew the unit's arm */
    json_t *values;                /* WRONG_STRATUM: attribute to its true value, or NULL */
    const char *rule;              /* INELIGIBLE: id of the rule that was not met */
    const char *known_on;          /* INELIGIBLE: YYYY-MM-DD */
    struct opt_uuid duplicate_of;  /* DUPLICATE: the earlier allocation */
    struct opt_bool separate_data; /* DUPLICATE: each of the two has data of its own */
    struct opt_uuid supersedes;    /* the report that this one is in place of */
};

/*
 * Records a report by a coordinator whose counties and sites are `scope`. ERROR_NOT_FOUND where
 * there is no such allocation for him; ERROR_FIELDS with `faults`; ERROR_REFUSED where it is
 * reported already, or says nothing that was wrong. The protocol is the version that the allocation
 * was made under.
 */
bool deviation_record(struct tx *tx, struct session *session, struct uuid trial_id,
    const char *scope, const struct deviation_report *report, struct uuid account_id,
    struct faults *faults, struct uuid *deviation_id) MUST_CHECK;

/* A statistician's word on the primary analysis set; the last one counts. ERROR_NOT_FOUND,
 * ERROR_REFUSED where the report was superseded. */
bool deviation_decide(struct tx *tx, struct uuid trial_id, struct uuid deviation_id,
    bool primary_set, const char *reason, struct uuid account_id) MUST_CHECK;

#endif
