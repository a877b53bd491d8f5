/*
 * combine.h: waiting requests for one thing are served together by the worker that serves it. A
 * request that arrives while its group is being served joins the group and its worker goes on to
 * other work; the serving worker takes all that wait, in one transaction, and answers each.
 *
 * What is kept here can be lost: it is only the order of work of one daemon.
 */
#ifndef RCTD_API_COMBINE_H
#define RCTD_API_COMBINE_H

#include "api/call.h"

#define COMBINE_MOST 64

/* How the requests of a group are served. */
struct combine_way {
    /* Serves and answers `count` requests, 1 to `together`. */
    void (*serve)(const struct service *service, struct session *session,
        struct http_request *const *requests, size_t count);
    size_t together; /* as many at once; at most COMBINE_MOST */
    size_t line;     /* so many may wait for their turn; 0: any number */
};

struct combiner;

struct combiner *combiner_new(void);
void combiner_free(struct combiner *combiner); /* no group may be left: all workers have ended */

/*
 * Serves the request, with others of the same key, or leaves it to the worker that serves that key.
 * A key is always given the same way. False: too many wait already, and the request is the caller's
 * to answer.
 */
bool combiner_submit(struct combiner *combiner, const char *key, const struct combine_way *way,
    struct http_request *request, const struct service *service,
    struct session *session) MUST_CHECK;

#endif
