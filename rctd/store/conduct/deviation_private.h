/*
 * deviation_private.h: what the files of deviations share.
 */
#ifndef RCTD_STORE_DEVIATION_PRIVATE_H
#define RCTD_STORE_DEVIATION_PRIVATE_H

#include "store/conduct/deviation.h"

/* Fails with the first fault; always false. */
bool deviation_faulty(struct tx *tx, const struct faults *faults);

/* Fills in what a wrong stratum asks for: values, levels and strata. ERROR_REFUSED where the scheme
 * has no factors, or the unit belongs where it was allocated. */
bool deviation_tell_stratum(struct tx *tx, const struct protocol *protocol,
    const struct protocol_scheme *scheme, const struct sql_deviation_allocation_row *row,
    json_t *values, struct faults *faults, struct sql_deviation_insert *in) MUST_CHECK;

#endif
