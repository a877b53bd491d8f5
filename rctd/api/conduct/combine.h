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

/* As many are served in one transaction at most. */
#define COMBINE_MOST 64

/* Serves and answers `count` requests, 1 to COMBINE_MOST. */
typedef void (*combine_serve)(const struct service *service, struct session *session,
    struct http_request *const *requests, size_t count);

struct combiner;

struct combiner *combiner_new(void);
void combiner_free(struct combiner *combiner); /* no group may be left: all workers have ended */

/* Serves the request, with others of the same key, or leaves it to the worker that serves that key.
 */
void combiner_submit(struct combiner *combiner, const char *key, struct http_request *request,
    const struct service *service, struct session *session, combine_serve serve);

#endif
