/*
 * body.h: reads a JSON body and checks it against a table of fields. Unknown fields, wrong types,
 * duplicate keys, too much depth and bytes that are not UTF-8 are refused, each fault with its JSON
 * pointer. The same tables give the schema in /openapi.json.
 */
#ifndef RCTD_HTTP_BODY_H
#define RCTD_HTTP_BODY_H

#include "base/error.h"
#include "base/fault.h"
#include "http/request.h"
#include "http/route.h"

/* Deepest nesting of a body. */
#define BODY_DEPTH 16

/*
 * The request's body as an object that keeps to `fields`. ERROR_MALFORMED (not JSON; line and
 * column in the detail) or ERROR_FIELDS with `faults` filled. The caller owns the reference.
 */
bool body_json(struct http_request *request, const struct field *fields, json_t **json,
    struct faults *faults, struct error *error) MUST_CHECK;

/*
 * Checks values of the query against `fields` (NULL: none is taken); unknown names and names given
 * twice are faults, with the pointer "?name". after= and limit= are taken where the route is a
 * list; page_read checks them. ERROR_FIELDS.
 */
bool body_query(struct http_request *request, const struct field *fields, struct faults *faults,
    struct error *error) MUST_CHECK;

/* ERROR_FIELDS for a list that has at least one fault: names it, or says how many there are. For
 * checks that come after the table's own. */
bool body_refuse(const struct faults *faults, struct error *error);

/* JSON Schema 2020-12 of a table of fields; the caller owns the reference. `answer`: of an answer,
 * in which every field is present. */
json_t *body_schema(const struct field *fields, bool answer);

#endif
