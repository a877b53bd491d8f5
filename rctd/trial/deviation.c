/*
 * deviation.c: the kinds of deviation, and their flags for the analysis.
 */
#include "trial/deviation.h"

#include "base/named.h"

#define DEVIATION_ROW(name, text) text,
static const char *const names[] = {DEVIATION_KINDS(DEVIATION_ROW)};
#undef DEVIATION_ROW

const char *
deviation_kind_name(enum deviation_kind kind)
{
    return names[kind];
}

enum deviation_kind
deviation_kind_by_name(const char *name)
{
    return (enum deviation_kind)named_find(NAMED(names, DEVIATION_KIND_COUNT), name);
}

struct deviation_analysis
deviation_analysis_of(enum deviation_kind kind, bool arm_known, bool separate_data)
{
    return (struct deviation_analysis){
        .intention_to_treat = kind != DEVIATION_DUPLICATE || separate_data,
        .true_stratum = kind == DEVIATION_WRONG_STRATUM && !arm_known,
    };
}
