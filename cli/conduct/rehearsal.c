/*
 * rehearsal.c: lets time pass where no real trial runs.
 */
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/table.h"

#include "base/text.h"

static const struct column columns[] = {
    {"now", "Now", COLUMN_TIME},
    {0},
};

static int
run_advance(struct session *session, const struct invocation *in)
{
    const char *typed = invocation_argument(in, 0);
    long long days;
    if (!text_to_int64(typed, &days) || days < 1)
        return session_usage(session, "DAYS is a whole number from 1, not `%s'", typed);
    json_t *body = json_pack("{s:I}", "days", (json_int_t)days);
    json_t *answer =
        session_post(session, "/v1/rehearsal/advance", body, invocation_option(in, "key"));
    if (answer == NULL)
        return session_fail(session);
    const char *now = table_value(session->arena, json_object_get(answer, "now"), COLUMN_TIME);
    return table_report(session, columns, answer, "%lld day%s have passed%s%s.", days,
        days == 1 ? "" : "s", now[0] == '\0' ? "" : "; it is now ", now);
}

static const struct option_row options[] = {
    OPTION_KEY,
    {0},
};

const struct command rehearsal_commands[] = {
    {
        .group = "rehearsal",
        .name = "advance",
        .arguments = "DAYS",
        .meaning = "Let days pass, to see tasks fall due and reminders go out",
        .details = "Only for administrators, and only where rctd was started with --rehearsal: a "
                   "database\n"
                   "whose clock was moved never serves a real trial again.\n",
        .example = "rctctl rehearsal advance 78",
        .options = options,
        .run = run_advance,
    },
    {0},
};
