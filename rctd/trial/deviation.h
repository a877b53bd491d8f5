/*
 * deviation.h: errors in an allocation that was made, and what they mean for the analysis. The
 * allocation stays and its position never returns: an error is documented, not corrected (Yelland
 * et al. 2015, Clinical Trials 12:418-423).
 */
#ifndef RCTD_TRIAL_DEVIATION_H
#define RCTD_TRIAL_DEVIATION_H

#include <stdbool.h>

/*
 * X(name in C, name in the API). WRONG_STRATUM: allocated on values that were not true. DUPLICATE:
 * the same person or workplace as an earlier allocation. NO_ERROR only takes an earlier report
 * back.
 */
#define DEVIATION_KINDS(X)                                                                         \
    X(WRONG_STRATUM, "wrong-stratum")                                                              \
    X(INELIGIBLE, "ineligible")                                                                    \
    X(DUPLICATE, "duplicate")                                                                      \
    X(OTHER, "other")                                                                              \
    X(NO_ERROR, "no-error")

#define DEVIATION_ENUM(name, text) DEVIATION_##name,
enum deviation_kind { DEVIATION_KINDS(DEVIATION_ENUM) DEVIATION_KIND_COUNT };
#undef DEVIATION_ENUM

const char *deviation_kind_name(enum deviation_kind kind);
enum deviation_kind deviation_kind_by_name(const char *name); /* KIND_COUNT where there is none */

struct deviation_analysis {
    bool intention_to_treat; /* stays in that set, in the arm that it was allocated to */
    bool true_stratum;       /* the primary analysis adjusts for the true stratum */
};

/*
 * Intention to treat keeps everybody, the ineligible too; of a duplicate only the first allocation
 * stays where there is one set of data (Yelland et al. 2015). The primary analysis adjusts for the
 * true stratum where who found the error did not know the arm, else for the allocated one (Yelland
 * et al. 2023, Statistics in Medicine 42:3529-3546, table 5). `separate_data` counts for a
 * duplicate only. Who is in the primary set is for the statistician to decide.
 */
struct deviation_analysis deviation_analysis_of(
    enum deviation_kind kind, bool arm_known, bool separate_data);

#endif
