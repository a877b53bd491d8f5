/*
 * secret.c: finds the secrets of a body by its route's fields.
 */
#include "http/secret.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

bool
secret_in_fields(const struct field *fields)
{
    for (; fields != NULL && fields->name != NULL; fields++)
        if ((fields->flags & FIELD_SECRET) != 0 || secret_in_fields(fields->children))
            return true;
    return false;
}

/* What others only read is wiped by its owner here. */
static void
wipe(const void *bytes, size_t size)
{
    union {
        const void *read;
        void *owned;
    } at = {.read = bytes};
    sodium_memzero(at.owned, size);
}

/* Whatever the caller sent under a secret's name is one, also what is no text. */
static void
wipe_text(json_t *value)
{
    if (json_is_string(value))
        wipe(json_string_value(value), json_string_length(value));
}

static void
wipe_fields(json_t *object, const struct field *fields)
{
    for (; fields != NULL && fields->name != NULL; fields++) {
        json_t *value = json_object_get(object, fields->name);
        if ((fields->flags & FIELD_SECRET) != 0)
            wipe_text(value);
        else if (json_is_object(value))
            wipe_fields(value, fields->children);
    }
}

/* Takes the secrets out of an object. */
static void
leave_out(json_t *object, const struct field *fields)
{
    for (; fields != NULL && fields->name != NULL; fields++) {
        json_t *value = json_object_get(object, fields->name);
        if ((fields->flags & FIELD_SECRET) != 0) {
            wipe_text(value);
            json_object_del(object, fields->name);
        } else if (json_is_object(value)) {
            leave_out(value, fields->children);
        }
    }
}

struct digest
secret_digest(const char *body, size_t size, const struct field *fields)
{
    json_t *json = json_loadb(body, size, 0, NULL);
    if (json == NULL)
        return digest_sha256(body, size);
    leave_out(json, fields);
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(json);
    struct digest digest = digest_sha256(text, strlen(text));
    free(text);
    return digest;
}

void
secret_wipe(struct http_request *request, json_t *body)
{
    const struct route *route = request->route;
    if (route == NULL || !secret_in_fields(route->fields))
        return;
    wipe_fields(body, route->fields);
    /* The bytes stand in the request's arena, whose owner never reads them again. */
    if (request->body != NULL && request->body_size > 0)
        wipe(request->body, request->body_size);
}
