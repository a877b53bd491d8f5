/*
 * listing.h: commands that show what a GET answers, and nothing else. Their row says where it is
 * and how it is shown. Options narrow a list, and so does an argument [CODE] of a workplace or
 * participant.
 */
#ifndef RCTD_CLI_LISTING_H
#define RCTD_CLI_LISTING_H

#include "cli/session.h"
#include "cli/table.h"

struct invocation;

struct listing {
    const char *path; /* below /v1/, such as "trials/{}/tasks": each {} is the next argument */
    const struct column *columns;
    bool one;            /* the path answers with one object, and no list */
    const char *nothing; /* said where a list is empty */
    const char *unfit;   /* said instead where it was narrowed; NULL: `nothing` says that too */
    const char *const
        *order; /* of tables, as session_sorted() takes it; NULL: as rctd sends them */
    /* Makes what comes fit for tables, never for JSON; NULL: it is. */
    void (*prepare)(const struct session *session, json_t *item);
};

/* What the command's row lists. Gives the exit status. */
int listing_run(struct session *session, const struct invocation *in);

#endif
