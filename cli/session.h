/*
 * session.h: one run of rctctl: what the global options say, the connection to rctd that is opened
 * when a command first needs it, and what went wrong. Everything belongs to the main thread and
 * lives until session_free().
 */
#ifndef RCTD_CLI_SESSION_H
#define RCTD_CLI_SESSION_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/fault.h"
#include "cli/client.h"

#include <jansson.h>
#include <stdbool.h>

struct option_row;

enum output { OUTPUT_PEOPLE, OUTPUT_JSON, OUTPUT_CSV };

struct session {
    struct arena *arena;
    enum output output;
    const char *url;                  /* --url, or NULL */
    const char *token_file;           /* --token-file, or NULL */
    struct client *client;            /* NULL until a command needs it */
    const struct option_row *options; /* of the command; NULL for none */
    const char *file;    /* what faults with lines are about: the file the user gave; or NULL */
    int64_t server_time; /* rctd's clock at the last answer (UTC, microseconds) */
    struct error error;
    struct faults faults;
    json_t *kept; /* answers and bodies, given back at the end */
};

void session_init(struct session *session);
void session_free(struct session *session);

/* Keeps a JSON value until the session ends; gives it back. NULL gives NULL. */
json_t *session_keep(struct session *session, json_t *json);

/* Gives back everything kept since the mark was taken: for walks through more than memory should
 * hold. */
size_t session_mark(const struct session *session);
void session_release(struct session *session, size_t mark);

/*
 * One request; false with session->error (and faults) set. The answer's JSON is kept by the
 * session; it is an empty object where rctd answered without a body.
 */
bool session_call(struct session *session, const struct client_request *request,
    struct client_answer *answer) MUST_CHECK;

/* GET; NULL on failure. */
json_t *session_get(struct session *session, const char *path);

/* The user's own idempotency key, or a new one where `given` is NULL. */
const char *session_key(struct session *session, const char *given);

/* POST of a JSON body, whose reference is taken (NULL for none), with a key: the user's own, or a
 * new one where `key` is NULL. NULL on failure. */
json_t *session_post(struct session *session, const char *path, json_t *body, const char *key);

/* DELETE; NULL on failure. */
json_t *session_delete(struct session *session, const char *path);

/* PATCH of what GET of `path` answers with its ETag, so that nobody else's change is lost. */
json_t *session_patch(struct session *session, const char *path, json_t *body);

/* All items of a list, page after page, as one array; NULL on failure. */
json_t *session_list(struct session *session, const char *path);

/* Prints what went wrong on stderr and gives the exit status for it. */
int session_fail(struct session *session);

/* Prints a sentence on how the command is to be used and gives exit status 2. */
int session_usage(struct session *session, const char *format, ...) PRINTF_LIKE(2, 3);

/* Reads a whole file ("-": standard input) of at most `limit` bytes into the arena; NULL on
 * failure. */
char *session_read_file(struct session *session, const char *path, size_t limit, size_t *size);

/* The field of an object as text; NULL where it is absent or no string. */
const char *session_field(const json_t *object, const char *name);

/* The objects of a list in the order of the texts of their fields, the first field first; `fields`
 * is closed by NULL. */
json_t *session_sorted(struct session *session, json_t *items, const char *const *fields);

#endif
