/*
 * identity_key.c: a new key, and how far the daemons have come with sealing anew under it.
 */
#include "cli/people/identity_key.h"

#include "base/text.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/progress.h"
#include "cli/table.h"

#include <time.h>

#define OPTION_WAIT                                                                                \
    {                                                                                              \
        .name = "wait", .meaning = "wait until it is finished, with a bar"                         \
    }

const struct option_row identity_key_rotate_options[] = {
    {.name = "reason",
        .value = "TEXT",
        .meaning = "why, for the audit trail",
        .flags = OPTION_REQUIRED},
    OPTION_WAIT,
    OPTION_KEY,
    {0},
};

const struct option_row identity_key_rotation_options[] = {
    OPTION_WAIT,
    {0},
};

static const struct column rotation_columns[] = {
    {"key_version", "KEY", COLUMN_NUMBER},
    {"state", "STATE", COLUMN_TEXT},
    {"remaining", "LEFT", COLUMN_NUMBER},
    {"total", "OF", COLUMN_NUMBER},
    {"started_at", "STARTED", COLUMN_TIME},
    {"finished_at", "FINISHED", COLUMN_TIME},
    {"older_key_destroyed_at", "OLDER KEY DESTROYED", COLUMN_TIME},
    {"older_key_off_disk_at", "OFF DISK", COLUMN_TIME},
    {"requested_by", "BY", COLUMN_TEXT},
    {"reason", "REASON", COLUMN_LONG},
    {0},
};

static const char *
path_to(struct session *session, const struct invocation *in)
{
    return path_of(
        session->arena, "v1", "trials", invocation_argument(in, 0), "identity", "rotation", NULL);
}

/* Shows how far it has come until it is finished. */
static bool
watch(struct session *session, const struct invocation *in, json_t **newest)
{
    struct progress progress;
    const char *path = path_query(session->arena, path_to(session, in), "limit", "1");
    bool running = true;
    progress_start(&progress, "Sealing identities anew");
    while (running) {
        size_t mark = session_mark(session);
        json_t *page = session_get(session, path);
        if (page == NULL)
            break;
        *newest = json_array_get(json_object_get(page, "items"), 0);
        running = text_equal(session_field(*newest, "state"), "running");
        json_int_t total = json_integer_value(json_object_get(*newest, "total"));
        progress_set(
            &progress, total - json_integer_value(json_object_get(*newest, "remaining")), total);
        if (running) {
            session_release(session, mark);
            nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
        }
    }
    progress_end(&progress);
    return !running;
}

int
identity_key_run_rotate(struct session *session, const struct invocation *in)
{
    json_t *newest = NULL;
    json_t *answer = session_post(session, path_to(session, in),
        json_pack("{s:s}", "reason", invocation_option(in, "reason")),
        invocation_option(in, "key"));
    if (answer == NULL)
        return session_fail(session);
    if (!invocation_has(in, "wait"))
        return table_report(session, rotation_columns, answer,
            "Key %s is made and seals from now on. The daemons seal what is there anew; `rctctl "
            "identity rotation' shows how far they are.",
            table_value(session->arena, json_object_get(answer, "key_version"), COLUMN_NUMBER));
    if (!watch(session, in, &newest))
        return session_fail(session);
    return table_report(session, rotation_columns, newest,
        "Every identity is sealed under key %s, and the older key is destroyed.",
        table_value(session->arena, json_object_get(newest, "key_version"), COLUMN_NUMBER));
}

int
identity_key_run_rotation(struct session *session, const struct invocation *in)
{
    json_t *newest = NULL;
    if (invocation_has(in, "wait") && !watch(session, in, &newest))
        return session_fail(session);
    json_t *rotations = session_list(session, path_to(session, in));
    if (rotations == NULL)
        return session_fail(session);
    table_list(session, rotation_columns, rotations, "The key was never changed.");
    return 0;
}
