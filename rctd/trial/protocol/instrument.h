/*
 * instrument.h: questionnaires and registers, as far as rctd knows them: items, ranges and scores.
 */
#ifndef RCTD_TRIAL_PROTOCOL_INSTRUMENT_H
#define RCTD_TRIAL_PROTOCOL_INSTRUMENT_H

#include "trial/protocol/subject.h"

#include <stdbool.h>
#include <stddef.h>

enum protocol_score_method { INSTRUMENT_SUM, INSTRUMENT_MEAN };

struct protocol_instrument_score {
    const char *name;
    enum protocol_score_method method;
    unsigned first_item; /* from 1 */
    unsigned last_item;
    bool has_cutoff;
    double cutoff; /* a score of this or more is counted as a case */
};

/* A questionnaire of `items` items with scores, or a list of `fields`; never item wording. */
struct protocol_instrument {
    const char *name;
    const char *version; /* NULL where the protocol names none */
    unsigned items;      /* 0 where it consists of fields */
    int low;             /* range of each item */
    int high;
    unsigned missing_allowed; /* items that may be missing in a score; 0 for `missing: none` */
    struct protocol_instrument_score *scores;
    size_t score_count;
    struct protocol_attribute *fields;
    size_t field_count;
};

#endif
