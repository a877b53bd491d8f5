/*
 * client.h: requests to rctd over HTTP, and the only place of rctctl that knows curl. A client
 * belongs to one thread.
 *
 * No redirect is followed, nothing but http and https is spoken, and the token goes nowhere but
 * into the request's header. A request with a key is repeated with the same key when its answer is
 * lost or rctd says that it is busy: rctd then gives the first answer again instead of doing the
 * thing twice.
 */
#ifndef RCTD_CLI_CLIENT_H
#define RCTD_CLI_CLIENT_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/fault.h"
#include "cli/progress.h"
#include "cli/settings.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;

struct client_request {
    const char *method; /* "GET", "POST", "PATCH", "DELETE" */
    const char *path;   /* of path_of(), with its query */
    const json_t *body; /* sent as JSON; NULL for none */
    const void *bytes;  /* a body of another type, such as CSV; NULL for none */
    size_t size;
    const char *content_type;  /* of `bytes` */
    const char *key;           /* Idempotency-Key, or NULL */
    const char *if_match;      /* an entity tag, or NULL */
    struct progress *progress; /* of the upload, or NULL */
    unsigned patience;         /* seconds that the answer may take; 0 stands for 120 */
};

struct client_answer {
    int status;
    json_t *json;          /* the caller owns the reference; NULL where there was no body */
    const char *etag;      /* in the arena; NULL where there was none */
    const char *time_zone; /* in the arena: the trial's; NULL where the answer is of no trial */
    int64_t date;          /* rctd's clock (UTC, microseconds); 0 where the answer did not say */
};

/* NULL with ERROR_CONFIG when the address is not one that rctctl speaks to. Settings and arena must
 * outlive the client. */
struct client *client_open(
    struct arena *arena, const struct settings *settings, struct error *error) MUST_CHECK;
void client_close(struct client *client); /* NULL is allowed */

/*
 * True for a status of 200 to 299. Otherwise the error has the code that the problem's type names
 * and its detail, and `faults` its list. No answer at all is ERROR_BUSY (nobody listens, time-out),
 * or ERROR_COMMIT_UNKNOWN where the request may have been carried out; the detail then names the
 * key.
 */
bool client_call(struct client *client, const struct client_request *request,
    struct client_answer *answer, struct faults *faults, struct error *error) MUST_CHECK;

#endif
