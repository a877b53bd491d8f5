/*
 * audit.c: the audit trail. Verifying it is audit_verify.c.
 */
#include "cli/proof/audit.h"

#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/table.h"

static const struct column columns[] = {
    {"at", "WHEN", COLUMN_TIME},
    {"actor", "WHO", COLUMN_TEXT},
    {"actor_role", "ROLE", COLUMN_TEXT},
    {"organisation", "ORGANISATION", COLUMN_CSV},
    {"action", "WHAT", COLUMN_TEXT},
    {"object_kind", "OBJECT", COLUMN_TEXT},
    {"object_id", "ID", COLUMN_TEXT},
    {"reason", "WHY", COLUMN_LONG},
    {"stream", "STREAM", COLUMN_TEXT},
    {"sequence", "NO.", COLUMN_NUMBER},
    {"old", "OLD", COLUMN_CSV},
    {"new", "NEW", COLUMN_CSV},
    {"request_id", "REQUEST", COLUMN_CSV},
    {"previous", "PREVIOUS", COLUMN_CSV},
    {"hash", "HASH", COLUMN_CSV},
    {0},
};

/* "/v1/trials/work-together/audit", or "/v1/audit" with --instance; NULL where it is not clear
 * which. */
char *
audit_path(struct session *session, const struct invocation *in)
{
    const char *trial = invocation_argument(in, 0);
    bool instance = invocation_has(in, "instance");
    if (instance == (trial != NULL))
        return NULL;
    if (instance)
        return path_of(session->arena, "v1", "audit", NULL);
    return path_of(session->arena, "v1", "trials", trial, "audit", NULL);
}

static int
run_list(struct session *session, const struct invocation *in)
{
    const char *path = audit_path(session, in);
    if (path == NULL)
        return session_usage(session, "name a trial, or give --instance");
    path = path_query(session->arena, path, "stream", invocation_option(in, "stream"));
    json_t *rows = session_list(session, path);
    if (rows == NULL)
        return session_fail(session);
    table_list(session, columns, rows,
        path_narrows(path) ? "The trail has no such stream." : "The trail is empty.");
    return 0;
}

static const struct option_row list_options[] = {
    {.name = "stream", .value = "STREAM", .meaning = "only of this stream, such as trial"},
    {.name = "instance", .meaning = "the trail of accounts and trials, instead of a trial's"},
    {0},
};

static const struct option_row verify_options[] = {
    {.name = "heads",
        .value = "FILE",
        .meaning = "hold the trail against this file of signed heads too"},
    {.name = "heads-key", .value = "HEX", .meaning = "the public key that must have signed it"},
    {.name = "instance", .meaning = "the trail of accounts and trials, instead of a trial's"},
    {0},
};

const struct command audit_commands[] = {
    {
        .group = "audit",
        .name = "list",
        .arguments = "[TRIAL]",
        .meaning = "List who did what, when and why",
        .details = "Old and new values and the hashes are in --json and --csv.\n",
        .example = "rctctl audit list work-together --stream trial",
        .options = list_options,
        .run = run_list,
    },
    {
        .group = "audit",
        .name = "verify",
        .arguments = "[TRIAL]",
        .meaning = "Verify the trail: name the first row that was changed, removed or swapped",
        .details = "Every hash is computed again on this machine, the end of each stream is "
                   "compared with\n"
                   "what rctd keeps beside it, and what is stored with what the trail says of it.\n"
                   "A chain that was computed anew as a whole, and a restore of an earlier day, "
                   "are found\n"
                   "with the file of signed heads (audit_heads_file) from another machine.\n"
                   "Exit status 0: whole; 8: a difference was found.\n",
        .example = "rctctl audit verify work-together",
        .options = verify_options,
        .run = audit_run_verify,
    },
    {0},
};
