/*
 * notice.c: the inbox of whoever asks: what they must hear of.
 */
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/table.h"

#include "base/text.h"

#include <stdio.h>

static const struct column columns[] = {
    {"at", "WHEN", COLUMN_TIME},
    {"trial", "TRIAL", COLUMN_TEXT},
    {"text", "NOTICE", COLUMN_LONG},
    {"read_at", "READ", COLUMN_TIME},
    {"kind", "KIND", COLUMN_CSV},
    {"workplace", "WORKPLACE", COLUMN_CSV},
    {"participant", "PARTICIPANT", COLUMN_CSV},
    {"actor", "ACTOR", COLUMN_CSV},
    {"about", "ABOUT", COLUMN_TEXT},
    {"notice", "ID", COLUMN_TEXT},
    {0},
};

static json_t *
fetch(struct session *session, bool unread)
{
    const char *path = path_of(session->arena, "v1", "me", "notices", NULL);
    return session_list(
        session, unread ? path_query(session->arena, path, "unread", "true") : path);
}

static int
run_list(struct session *session, const struct invocation *in)
{
    json_t *notices = fetch(session, !invocation_has(in, "all"));
    if (notices == NULL)
        return session_fail(session);
    table_list(session, columns, notices, "No notice waits to be read.");
    return 0;
}

static bool
mark(struct session *session, const char *id)
{
    return session_post(session, path_of(session->arena, "v1", "me", "notices", id, "read", NULL),
               NULL, NULL) != NULL;
}

static int
run_read(struct session *session, const struct invocation *in)
{
    size_t index;
    json_t *notice;
    const char *only = invocation_argument(in, 0);
    if (only != NULL) {
        if (!mark(session, only))
            return session_fail(session);
        puts("Read.");
        return 0;
    }
    json_t *notices = fetch(session, true);
    if (notices == NULL)
        return session_fail(session);
    json_array_foreach(notices, index, notice)
    {
        if (!mark(session, session_field(notice, "notice")))
            return session_fail(session);
    }
    printf("%zu read.\n", json_array_size(notices));
    return 0;
}

static const struct option_row list_options[] = {
    {.name = "all", .meaning = "those too that were read"},
    {0},
};

const struct command notice_commands[] = {
    {
        .group = "notice",
        .name = "list",
        .arguments = "",
        .meaning = "List what you must hear of, on all your trials",
        .details = "Who was told an arm or asks to be, and what was decided on what you asked "
                   "for;\nnever an arm.\n",
        .example = "rctctl notice list",
        .options = list_options,
        .run = run_list,
    },
    {
        .group = "notice",
        .name = "read",
        .arguments = "[NOTICE]",
        .meaning = "Mark a notice, or all of them, as read",
        .example = "rctctl notice read",
        .run = run_read,
    },
    {0},
};
