/*
 * route.h: the route table: what rctd answers to, who may ask, what a body or query may hold and
 * what comes back. The server, the field validator and /openapi.json all read these rows, so that
 * they cannot differ.
 */
#ifndef RCTD_HTTP_ROUTE_H
#define RCTD_HTTP_ROUTE_H

#include "base/compiler.h"
#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct call;
struct http_request;

enum field_type {
    FIELD_STRING,
    FIELD_INTEGER,
    FIELD_NUMBER,
    FIELD_BOOLEAN,
    FIELD_UUID,
    FIELD_TIME,        /* RFC 3339, UTC in answers */
    FIELD_DATE,        /* YYYY-MM-DD */
    FIELD_MOMENT,      /* of a body: a time, one without a zone (the trial's), or a day */
    FIELD_IDENTIFIER,  /* [a-z0-9][a-z0-9_.-]{0,62} */
    FIELD_OBJECT,      /* children */
    FIELD_ARRAY,       /* of objects with these children, or of strings where there are none */
    FIELD_MAP_BOOLEAN, /* names to true or false */
    FIELD_MAP_TEXT     /* names to text */
};

enum {
    FIELD_REQUIRED = 1,
    FIELD_NULLABLE = 2,
    FIELD_RESTRICTED = 4, /* of an answer: absent for roles that may not know */
    FIELD_SECRET = 8,     /* of a body: a password; kept nowhere, wiped when the request is done */
    FIELD_IDENTITY = 16   /* of a body: goes to the vault, and may hold an identity number */
};

/* One field of a body, a query or an answer. A table of fields ends with a row without a name. */
struct field {
    const char *name;
    enum field_type type;
    unsigned flags;
    long long
        min; /* numbers: least value; strings: least characters; arrays and maps: least entries */
    long long max;              /* likewise the most; 0 stands for the type's own bound */
    const char *const *choices; /* the allowed strings, NULL-terminated; or NULL */
    const struct field *children;
    const char *meaning; /* meaning, shape, unit, and the source of a rule */
};

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE };
enum body_kind { BODY_NONE, BODY_JSON, BODY_CSV };
enum key_use { KEY_OPTIONAL, KEY_REQUIRED, KEY_UNUSED };

/* A list is paged: it takes after= and limit=, and answers items and next. Its order says what the
 * cursor stands for. */
enum list_order {
    LIST_NONE,    /* no list */
    LIST_BY_TEXT, /* a name, a code, or a text that the handler makes and reads */
    LIST_BY_ID,   /* a UUID */
    LIST_BY_PLACE /* the item's place: a list so short that it is read whole */
};

enum {
    ROUTE_IF_MATCH = 1, /* needs If-Match */
    ROUTE_ETAG = 2,     /* answers with an ETag */
    ROUTE_COMBINED = 4, /* waiting requests are served together (api/conduct/combine.h) */
    ROUTE_RECORDED = 8, /* of GET: leaves a record of who read */
    ROUTE_IN_TURN = 16, /* computes for seconds: one after another in a daemon, by one worker */
    ROUTE_IDENTITY = 32 /* the body may tell who somebody is: its digest is keyed */
};

struct route {
    enum http_method method;
    const char *path;       /* "/v1/trials/{trial}/phases" */
    const char *permission; /* a row of api/permission; a route without one stops the daemon */
    enum body_kind body;
    enum key_use key;
    enum list_order list;
    unsigned flags;
    size_t body_limit;          /* bytes; 0 stands for 64 KiB */
    const struct field *fields; /* the JSON body's */
    const struct field *query;
    const struct field *answer; /* of one item of a list */
    int status;                 /* of success */
    const char *id;             /* operationId, such as "workplace_import" */
    const char *summary;
    bool (*handler)(struct call *call, struct error *error); /* NULL where ROUTE_COMBINED */
    const char *answer_type; /* content type of an answer that is not JSON, or NULL */
};

struct route_table {
    const struct route *routes;
    size_t count;
    const struct route_table *more; /* the rows that follow, or NULL */
};

/* The table's row of that number from 0; NULL behind its last. */
const struct route *route_at(const struct route_table *table, size_t i);

/* ERROR_CONFIG when a row has no permission, id, summary, status or handler, when two rows are the
 * same or share an id, when a path is not well formed, or when a row that takes no body has fields.
 */
bool route_table_check(const struct route_table *table, struct error *error) MUST_CHECK;

/* The rows by path, for look-ups by any thread. The table must have passed route_table_check and
 * must outlive the index. */
struct route_index;
struct route_index *route_index_new(const struct route_table *table);
void route_index_free(struct route_index *index); /* NULL is allowed */

/* "GET, HEAD, POST, PUT, PATCH, DELETE" */
#define ROUTE_ALLOW_SIZE 48

/*
 * Finds the row for the request's method and path and sets its route and parameters. HEAD goes to
 * the GET row; a literal segment goes before a parameter. ERROR_NOT_FOUND; ERROR_METHOD with the
 * methods that the path takes in `allow`, which is empty otherwise.
 */
bool route_find(const struct route_index *index, struct http_request *request,
    char allow[ROUTE_ALLOW_SIZE], struct error *error) MUST_CHECK;

const char *route_method(enum http_method method); /* "GET" */

/* What a body may hold at most, in bytes. */
size_t route_body_limit(const struct route *route);

/* The OpenAPI 3.1 document of the table; the caller owns the reference. `version` is rctd's.
 * `roles_of` gives, for a permission, the NULL-terminated names of the roles that hold it; an empty
 * list stands for any token, NULL for a route that needs none. */
json_t *route_openapi(const struct route_table *table, const char *version,
    const char *const *(*roles_of)(const char *permission));

#endif
