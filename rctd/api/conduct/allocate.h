/*
 * allocate.h: allocation requests of one scheme, served together.
 */
#ifndef RCTD_API_ALLOCATE_H
#define RCTD_API_ALLOCATE_H

#include "api/call.h"

/* What requests are combined by: trial and scheme. A request without a readable scheme has a group
 * of its own. In the request's arena. */
const char *allocate_group(const struct http_request *request);

/* Serves and answers the requests (combine.h); every answer is sent after the commit alone. */
void allocate_serve(const struct service *service, struct session *session,
    struct http_request *const *requests, size_t count);

#endif
