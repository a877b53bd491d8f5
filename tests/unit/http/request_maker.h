/*
 * request_maker.h: requests without a socket, for the unit tests of http/.
 */
#ifndef TESTS_UNIT_HTTP_REQUEST_MAKER_H
#define TESTS_UNIT_HTTP_REQUEST_MAKER_H

#include "http/request.h"
#include "http/route.h"

#include <string.h>

struct made {
    struct http_request request;
    struct http_header headers[8];
    struct error error;
    struct faults faults;
};

static inline void
make_request(struct made *made, const struct route *route)
{
    memset(made, 0, sizeof *made);
    made->request.arena = arena_new();
    made->request.route = route;
    made->request.method = "POST";
    made->request.target = "/v1/echo";
    made->request.path = "/v1/echo";
    made->request.headers = made->headers;
    made->request.body = "";
    strcpy(made->request.id, "019386f2-5a0e-7cc3-9f42-0d6a3c1b7e55");
    faults_init(&made->faults, made->request.arena);
}

static inline void
drop_request(struct made *made)
{
    arena_free(made->request.arena);
}

static inline void
put_header(struct made *made, const char *name, const char *value)
{
    made->headers[made->request.header_count++] = (struct http_header){name, value};
}

static inline void
put_body(struct made *made, const char *body)
{
    made->request.body = body;
    made->request.body_size = strlen(body);
}

#endif
