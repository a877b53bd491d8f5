/*
 * listing.c: makes the path from arguments and options, asks, and prints.
 */
#include "cli/listing.h"

#include "base/text.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/people/unit.h"

#include <string.h>

/* The path of the row; counts the arguments that it takes. */
static const char *
path_of_row(struct session *session, const struct invocation *in, const char *shape, size_t *taken)
{
    struct text path;
    text_init(&path, session->arena);
    text_append(&path, "/v1/");
    for (const char *c = shape; *c != '\0';) {
        size_t plain = strcspn(c, "{");
        text_append_bytes(&path, c, plain);
        c += plain;
        if (*c == '\0')
            break;
        text_append(&path, path_of(session->arena, invocation_argument(in, (*taken)++), NULL) + 1);
        c += strlen("{}");
    }
    return path.bytes;
}

static const char *
asked(const struct option_row *row, const char *value)
{
    if ((row->flags & OPTION_BOOLEAN) == 0)
        return value;
    return text_equal(value, "yes") ? "true" : text_equal(value, "no") ? "false" : value;
}

static const char *
narrowed(struct session *session, const struct invocation *in, const char *path, const char *code)
{
    const struct option_row *row = invocation_command(in)->options;
    for (; row != NULL && row->name != NULL; row++)
        path = path_query(session->arena, path, row->field == NULL ? row->name : row->field,
            asked(row, invocation_option(in, row->name)));
    if (code != NULL)
        path = path_query(session->arena, path, unit_kind_of_code(code), code);
    return path;
}

static int
show_one(struct session *session, const struct listing *listing, const char *path)
{
    json_t *one = session_get(session, path);
    if (one == NULL)
        return session_fail(session);
    if (listing->prepare != NULL && session->output != OUTPUT_JSON)
        listing->prepare(session, one);
    table_one(session, listing->columns, one);
    return 0;
}

static int
show_list(struct session *session, const struct listing *listing, const char *path)
{
    size_t index;
    json_t *item, *items = session_list(session, path);
    if (items == NULL)
        return session_fail(session);
    if (session->output != OUTPUT_JSON) {
        if (listing->prepare != NULL)
            json_array_foreach(items, index, item) listing->prepare(session, item);
        if (listing->order != NULL)
            items = session_sorted(session, items, listing->order);
    }
    bool unfit = listing->unfit != NULL && path_narrows(path);
    table_list(session, listing->columns, items, unfit ? listing->unfit : listing->nothing);
    return 0;
}

int
listing_run(struct session *session, const struct invocation *in)
{
    const struct listing *listing = invocation_command(in)->list;
    size_t taken = 0;
    const char *path = path_of_row(session, in, listing->path, &taken);
    if (listing->one)
        return show_one(session, listing, path);
    path = narrowed(session, in, path, invocation_argument(in, taken));
    return show_list(session, listing, path);
}
