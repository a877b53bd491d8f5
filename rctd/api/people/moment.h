/*
 * moment.h: when something was decided, shown or collected, as a body says it in a FIELD_MOMENT: a
 * time, a time of the clocks where the trial is, or a day whose time nobody wrote down.
 */
#ifndef RCTD_API_MOMENT_H
#define RCTD_API_MOMENT_H

#include "api/call.h"

/* `first` and `last` are the same but for a day, of which they are the first and the last moment,
 * by the trial's time zone. */
struct moment {
    bool told; /* the body has the field */
    int64_t first;
    int64_t last;
    const char *day; /* YYYY-MM-DD; NULL where the time was told */
};

/*
 * The body's field. Adds a fault, and is false, where the clocks skipped that time, showed it
 * twice, or where it begins in the future: then the fault says `future`; NULL takes that too.
 */
bool moment_read(struct call *call, const char *field, const char *future, struct moment *moment,
    struct error *error) MUST_CHECK;

#endif
