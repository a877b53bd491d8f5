/*
 * protocol.c: protocols: checked here, submitted as drafts, read back. Locking is protocol_lock.c.
 */
#include "cli/conduct/protocol.h"

#include "base/text.h"
#include "cli/conduct/protocol_check.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "trial/protocol.h"

#include <stdio.h>
#include <string.h>

const struct column protocol_one_columns[] = {
    {"version", "Version", COLUMN_NUMBER},
    {"state", "State", COLUMN_TEXT},
    {"sha256", "SHA-256", COLUMN_TEXT},
    {"reason", "Reason", COLUMN_LONG},
    {"created_at", "Submitted", COLUMN_TIME},
    {"created_by", "Submitted by", COLUMN_TEXT},
    {"locked_at", "Locked", COLUMN_TIME},
    {"document", "Document", COLUMN_CSV},
    {0},
};

static const struct column columns[] = {
    {"version", "VERSION", COLUMN_NUMBER},
    {"state", "STATE", COLUMN_TEXT},
    {"created_at", "SUBMITTED", COLUMN_TIME},
    {"created_by", "BY", COLUMN_TEXT},
    {"locked_at", "LOCKED", COLUMN_TIME},
    {"reason", "REASON", COLUMN_LONG},
    {"sha256", "SHA-256", COLUMN_CSV},
    {0},
};

/* As CSV: a row for each scheme, with what it leads to. */
static const struct column check_columns[] = {
    {"scheme", "SCHEME", COLUMN_TEXT},
    {"unit", "UNIT", COLUMN_TEXT},
    {"method", "METHOD", COLUMN_TEXT},
    {"ratio", "RATIO", COLUMN_TEXT},
    {"strata", "STRATA", COLUMN_NUMBER},
    {"target", "TARGET", COLUMN_NUMBER},
    {"consequences.correct_guess", "GUESSED", COLUMN_NUMBER},
    {"consequences.deterministic", "CERTAIN", COLUMN_NUMBER},
    {"consequences.final_sd", "FINAL SD", COLUMN_NUMBER},
    {"consequences.stratum_abs", "IN A STRATUM", COLUMN_NUMBER},
    {"consequences.exact", "EXACT", COLUMN_TEXT},
    {"consequences.assignments", "ASSIGNMENTS", COLUMN_NUMBER},
    {"consequences.accepted", "ACCEPTED", COLUMN_NUMBER},
    {"consequences.unknown", "WITHOUT FIGURES", COLUMN_TEXT},
    {0},
};

/* A table has no place for faults: they go to standard error, as does advice. */
static void
tell(struct session *session, const char *file, const char *title, const json_t *list)
{
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item)
    {
        struct fault fault;
        protocol_fault_of(item, &fault);
        fprintf(stderr, "%s%s\n", title, fault_line(session->arena, file, &fault));
    }
}

static int
run_check(struct session *session, const struct invocation *in)
{
    enum error_code code = ERROR_NONE;
    const char *file = invocation_argument(in, 0);
    if (session->output == OUTPUT_PEOPLE) {
        bool right = protocol_check_file(file, stdout, &code);
        return right ? 0 : error_exit_status(code);
    }
    json_t *report = session_keep(session, protocol_check_json(file, &code));
    if (report != NULL && session->output == OUTPUT_JSON)
        table_json(report);
    if (report != NULL && session->output == OUTPUT_CSV) {
        tell(session, file, "", json_object_get(report, "faults"));
        tell(session, file, "Advice: ", json_object_get(report, "advice"));
        table_list(session, check_columns,
            json_object_get(json_object_get(report, "summary"), "schemes"), "");
    }
    return error_exit_status(code);
}

static int
run_submit(struct session *session, const struct invocation *in)
{
    const char *trial = invocation_argument(in, 0), *file = invocation_argument(in, 1);
    size_t size;
    const char *document = session_read_file(session, file, PROTOCOL_SIZE_MAX, &size);
    if (document == NULL)
        return session_fail(session);
    if (strlen(document) != size || !text_is_utf8(document, size)) {
        error_set(&session->error, ERROR_FIELDS, file, "%s is not UTF-8 text", file);
        return session_fail(session);
    }
    json_t *body =
        json_pack("{s:s, s:s*}", "document", document, "reason", invocation_option(in, "reason"));
    const char *path = path_of(session->arena, "v1", "trials", trial, "protocols", NULL);
    json_t *draft = session_post(session, path, body, invocation_option(in, "key"));
    if (draft == NULL)
        return session_fail(session);
    long long version = (long long)json_integer_value(json_object_get(draft, "version"));
    return table_report(session, protocol_one_columns, draft,
        "%s is draft version %lld of %s; nothing follows from it until it is locked:\n"
        "  rctctl protocol lock %s %lld --reason \"...\"",
        file, version, trial, trial, version);
}

static int
run_show(struct session *session, const struct invocation *in)
{
    json_t *version =
        session_get(session, path_of(session->arena, "v1", "trials", invocation_argument(in, 0),
                                 "protocols", invocation_argument(in, 1), NULL));
    if (version == NULL)
        return session_fail(session);
    if (invocation_has(in, "document")) {
        const char *document = session_field(version, "document");
        fputs(document == NULL ? "" : document, stdout);
        return 0;
    }
    table_one(session, protocol_one_columns, version);
    return 0;
}

static const struct option_row submit_options[] = {
    {.name = "reason", .value = "TEXT", .meaning = "why it changes; an amendment needs it"},
    OPTION_KEY,
    {0},
};

static const struct option_row show_options[] = {
    {.name = "document", .meaning = "print the protocol itself, byte for byte"},
    {0},
};

const struct command protocol_commands[] = {
    {
        .group = "protocol",
        .name = "check",
        .arguments = "FILE",
        .meaning = "Check a protocol file: its faults, or what its designs lead to and advice",
        .example = "rctctl protocol check etc/protocols/work-together.yaml",
        .run = run_check,
        .offline = true,
    },
    {
        .group = "protocol",
        .name = "submit",
        .arguments = "TRIAL FILE",
        .meaning = "Submit a protocol as a draft, or replace the draft",
        .example = "rctctl protocol submit work-together etc/protocols/work-together.yaml",
        .options = submit_options,
        .run = run_submit,
    },
    {
        .group = "protocol",
        .name = "list",
        .arguments = "TRIAL",
        .meaning = "List the versions of the protocol",
        .example = "rctctl protocol list work-together",
        .list =
            &(const struct listing){
                .path = "trials/{}/protocols", .columns = columns, .nothing = "No protocol yet."},
    },
    {
        .group = "protocol",
        .name = "show",
        .arguments = "TRIAL VERSION",
        .meaning = "Show one version, or print its document",
        .example = "rctctl protocol show work-together 1 --document",
        .options = show_options,
        .run = run_show,
    },
    {
        .group = "protocol",
        .name = "lock",
        .arguments = "TRIAL VERSION",
        .meaning = "Lock a version: make the seeds and publish their commitments",
        .details =
            "A locked version never changes. Without --reason nothing is locked: the summary\n"
            "and the advice on it are shown, and the exit status is 2. --dry-run asks rctd what\n"
            "a lock would do; the exit status is 6 where something stands in its way.\n",
        .example =
            "rctctl protocol lock work-together 1 --reason \"Approved by the steering group\"",
        .options = protocol_lock_options,
        .run = protocol_run_lock,
    },
    {0},
};
