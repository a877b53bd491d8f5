/*
 * scheme.c: the schemes that allocate, their end, and the reveal of their seeds.
 */
#include "cli/certain.h"
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/secret.h"
#include "cli/sign.h"
#include "cli/table.h"

#include <stdio.h>

static const struct column columns[] = {
    {"scheme", "SCHEME", COLUMN_TEXT},
    {"phase", "PHASE", COLUMN_TEXT},
    {"state", "STATE", COLUMN_TEXT},
    {"unit", "UNIT", COLUMN_TEXT},
    {"protocol_version", "PROTOCOL", COLUMN_NUMBER},
    {"allocations", "ALLOCATIONS", COLUMN_NUMBER},
    {"label", "LABEL", COLUMN_CSV},
    {"closed_at", "CLOSED", COLUMN_CSV},
    {"commitment", "COMMITMENT", COLUMN_TEXT},
    {0},
};

static const struct column one_columns[] = {
    {"scheme", "Scheme", COLUMN_TEXT},
    {"phase", "Phase", COLUMN_TEXT},
    {"state", "State", COLUMN_TEXT},
    {"unit", "Unit", COLUMN_TEXT},
    {"label", "Label", COLUMN_TEXT},
    {"protocol_version", "Seed of protocol version", COLUMN_NUMBER},
    {"allocations", "Allocations", COLUMN_NUMBER},
    {"commitment", "Commitment", COLUMN_TEXT},
    {"closed_at", "Closed", COLUMN_TIME},
    {0},
};

static const struct column reveal_columns[] = {
    {"scheme", "Scheme", COLUMN_TEXT},
    {"state", "State", COLUMN_TEXT},
    {"approvals", "Approvals", COLUMN_CSV},
    {"missing", "Missing", COLUMN_LONG},
    {0},
};

static const struct column seed_columns[] = {
    {"scheme", "Scheme", COLUMN_TEXT},
    {"label", "Label", COLUMN_TEXT},
    {"seed", "Seed", COLUMN_TEXT},
    {"commitment", "Commitment", COLUMN_TEXT},
    {"protocol_version", "Protocol version", COLUMN_NUMBER},
    {"protocol_sha256", "SHA-256 of its document", COLUMN_TEXT},
    {0},
};

/* The path of the scheme that the first two arguments name; `end` is what follows, or NULL. */
static const char *
scheme_path(struct session *session, const struct invocation *in, const char *end)
{
    return path_of(session->arena, "v1", "trials", invocation_argument(in, 0), "schemes",
        invocation_argument(in, 1), end, NULL);
}

/* Who has approved, and who is still waited for, a line each. */
static void
tell_reveal(json_t *reveal)
{
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(reveal, "approvals"), index, item)
    {
        printf("Approved by %s as %s: %s%s\n", session_field(item, "account"),
            session_field(item, "role"), session_field(item, "reason"),
            json_is_false(json_object_get(item, "stands")) ? " (does not hold the role any more)"
                                                           : "");
    }
    json_array_foreach(json_object_get(reveal, "missing"), index, item)
    {
        printf("%s %s.\n",
            index == 0 ? "Before the seed is revealed:" : "And:", json_string_value(item));
    }
}

static int
run_show(struct session *session, const struct invocation *in)
{
    json_t *scheme = session_get(session, scheme_path(session, in, NULL));
    if (scheme == NULL)
        return session_fail(session);
    table_one(session, one_columns, scheme);
    if (session->output != OUTPUT_PEOPLE)
        return 0;
    json_t *reveal = session_get(session, scheme_path(session, in, "reveal"));
    if (reveal != NULL)
        tell_reveal(reveal);
    else if (session->error.code != ERROR_FORBIDDEN)
        return session_fail(session);
    return 0;
}

static int
run_close(struct session *session, const struct invocation *in)
{
    const char *trial = invocation_argument(in, 0), *name = invocation_argument(in, 1);
    json_t *scheme = session_post(session, scheme_path(session, in, "close"),
        json_pack("{s:s}", "reason", invocation_option(in, "reason")),
        invocation_option(in, "key"));
    if (scheme == NULL)
        return session_fail(session);
    return table_report(session, one_columns, scheme,
        "Scheme %s of %s is closed: nothing more is allocated in it. Its seed is revealed by a "
        "trial manager and a statistician together: `rctctl scheme reveal'.",
        name, trial);
}

static int
run_reveal(struct session *session, const struct invocation *in)
{
    const char *trial = invocation_argument(in, 0), *name = invocation_argument(in, 1);
    json_t *reveal = sign_post(session, in, scheme_path(session, in, "reveal"),
        json_pack("{s:s}", "reason", invocation_option(in, "reason")),
        "I approve the reveal of this seed");
    if (reveal == NULL)
        return session_fail(session);
    if (json_is_true(json_object_get(reveal, "revealed")))
        return table_report(session, reveal_columns, reveal,
            "Your approval is recorded, and the seed of %s is revealed: a statistician or an "
            "auditor gets it with `rctctl scheme seed %s %s'.",
            name, trial, name);
    table_report(session, reveal_columns, reveal, "Your approval is recorded; one more is needed.");
    if (session->output == OUTPUT_PEOPLE)
        tell_reveal(reveal);
    return 0;
}

static int
run_seed(struct session *session, const struct invocation *in)
{
    int fd;
    const char *file = invocation_option(in, "out");
    if (!secret_open(session, file, &fd))
        return session_fail(session);
    json_t *seed = session_get(session, scheme_path(session, in, "seed"));
    if (seed == NULL) {
        secret_cancel(file, fd);
        return session_fail(session);
    }
    if (file == NULL) {
        table_one(session, seed_columns, seed);
        return 0;
    }
    if (!secret_write(session, file, fd, session_field(seed, "seed")))
        return session_fail(session);
    json_object_del(seed, "seed");
    return table_report(session, seed_columns, seed,
        "The seed of %s is in %s. It fits the commitment %s, under protocol version %lld.",
        session_field(seed, "label"), file, session_field(seed, "commitment"),
        json_integer_value(json_object_get(seed, "protocol_version")));
}

#define OPTION_REASON                                                                              \
    {                                                                                              \
        .name = "reason", .value = "TEXT", .meaning = "why, for the audit trail",                  \
        .flags = OPTION_REQUIRED                                                                   \
    }

static const struct option_row close_options[] = {
    OPTION_REASON,
    OPTION_YES,
    OPTION_KEY,
    {0},
};

static const struct option_row reveal_options[] = {
    OPTION_REASON,
    OPTION_SIGN,
    OPTION_KEY,
    {0},
};

static const struct option_row seed_options[] = {
    {.name = "out", .value = "FILE", .meaning = "into this new file, mode 0600"},
    {0},
};

static const struct warning close_warnings[] = {
    {NULL, "Nothing is ever allocated in this scheme again, and its seed may be revealed."},
};

const struct command scheme_commands[] = {
    {
        .group = "scheme",
        .name = "list",
        .arguments = "TRIAL",
        .meaning = "List the allocation schemes with their commitments",
        .details = "A commitment binds the sealed seed and the locked protocol before the first\n"
                   "allocation; rctd-allocation(7) says how it is checked.\n",
        .example = "rctctl scheme list work-together",
        .list = &(const struct listing){.path = "trials/{}/schemes",
            .columns = columns,
            .nothing = "No scheme yet: no protocol version is locked."},
    },
    {
        .group = "scheme",
        .name = "show",
        .arguments = "TRIAL SCHEME",
        .meaning = "Show one scheme, and how far the reveal of its seed is",
        .details = "Who has approved and who is still waited for is shown to trial managers,\n"
                   "statisticians and auditors.\n",
        .example = "rctctl scheme show work-together rct",
        .run = run_show,
    },
    {
        .group = "scheme",
        .name = "close",
        .arguments = "TRIAL SCHEME",
        .meaning = "Close a scheme for good: nothing more is allocated in it",
        .details =
            "A trial manager's. Asks first. The phase and its other schemes go on; a closed\n"
            "phase closes all of its schemes.\n",
        .example = "rctctl scheme close work-together feasibility --reason \"Six are in\" --yes",
        .options = close_options,
        .warnings = close_warnings,
        .run = run_close,
    },
    {
        .group = "scheme",
        .name = "reveal",
        .arguments = "TRIAL SCHEME",
        .meaning = "Approve the reveal of a closed scheme's seed",
        .details =
            "It takes a trial manager and a statistician, who are two people. The second\n"
            "approval reveals the seed to statisticians and auditors; nobody takes it back.\n",
        .example =
            "rctctl scheme reveal work-together feasibility --reason \"To verify the ledger\"",
        .options = reveal_options,
        .run = run_reveal,
    },
    {
        .group = "scheme",
        .name = "seed",
        .arguments = "TRIAL SCHEME",
        .meaning = "Get the revealed seed of a scheme",
        .details =
            "A statistician's or an auditor's; each reading is in the audit trail. The file\n"
            "of --out holds the 64 hex digits, for --seed @FILE of `rctctl verify'.\n",
        .example = "rctctl scheme seed work-together feasibility --out feasibility.seed",
        .options = seed_options,
        .run = run_seed,
    },
    {0},
};
