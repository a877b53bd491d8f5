/*
 * identity.c: who participants are: entered, read for a purpose, erased; and who read what.
 */
#include "cli/certain.h"
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/people/identity_input.h"
#include "cli/people/identity_key.h"
#include "cli/table.h"
#include "trial/consent.h"
#include "trial/person.h"

static const struct column set_columns[] = {
    {"participant", "Participant", COLUMN_TEXT},
    {"revision", "Revision", COLUMN_NUMBER},
    {"changed", "Changed", COLUMN_TEXT},
    {0},
};

static const struct column read_columns[] = {
    {"participant", "Participant", COLUMN_TEXT},
    {"identity.number", "Identity number", COLUMN_TEXT},
    {"identity.name", "Name", COLUMN_TEXT},
    {"identity.phone", "Phone", COLUMN_TEXT},
    {"identity.email", "E-mail", COLUMN_TEXT},
    {"identity.address", "Address", COLUMN_LONG},
    {"purpose", "Read for", COLUMN_TEXT},
    {"reading", "Reading", COLUMN_TEXT},
    {0},
};

static const struct column reading_columns[] = {
    {"read_at", "READ", COLUMN_TIME},
    {"participant", "PARTICIPANT", COLUMN_TEXT},
    {"account", "BY", COLUMN_TEXT},
    {"endpoint", "ENDPOINT", COLUMN_TEXT},
    {"purpose", "PURPOSE", COLUMN_TEXT},
    {"fields", "FIELDS", COLUMN_TEXT},
    {"reason", "REASON", COLUMN_TEXT},
    {"reference", "REFERENCE", COLUMN_TEXT},
    {"reading", "READING", COLUMN_CSV},
    {0},
};

static const struct column erasure_columns[] = {
    {"participant", "PARTICIPANT", COLUMN_TEXT},
    {"erased_at", "ERASED", COLUMN_TIME},
    {"erased_by", "BY", COLUMN_TEXT},
    {"requested_by", "ASKED BY", COLUMN_TEXT},
    {"kept_under", "RECORD STAYS UNDER", COLUMN_TEXT},
    {"off_disk_at", "OFF DISK", COLUMN_TIME},
    {"how", "HOW", COLUMN_CSV},
    {"reason", "REASON", COLUMN_TEXT},
    {"reference", "REFERENCE", COLUMN_TEXT},
    {0},
};

static const char *
person_path(struct session *session, const struct invocation *in, const char *what)
{
    return path_of(session->arena, "v1", "trials", invocation_argument(in, 0), "participants",
        invocation_argument(in, 1), what, NULL);
}

static int
run_set(struct session *session, const struct invocation *in)
{
    json_t *identity = identity_input(session, invocation_option(in, "identity-file"));
    if (identity == NULL)
        return session_fail(session);
    json_t *answer = session_post(session, person_path(session, in, "identity"),
        json_pack("{s:O}", "identity", identity), invocation_option(in, "key"));
    if (answer == NULL)
        return session_fail(session);
    return table_report(session, set_columns, answer, "Of %s these were entered: %s.",
        session_field(answer, "participant"),
        table_value(session->arena, json_object_get(answer, "changed"), COLUMN_TEXT));
}

static int
run_read(struct session *session, const struct invocation *in)
{
    struct client_answer answer;
    struct client_request request = {
        .method = "POST",
        .path = arena_printf(session->arena, "%s/readings", person_path(session, in, "identity")),
        .body = session_keep(session,
            json_pack("{s:s, s:s, s:s*}", "purpose", invocation_option(in, "purpose"), "reason",
                invocation_option(in, "reason"), "reference", invocation_option(in, "reference"))),
    };
    if (!session_call(session, &request, &answer))
        return session_fail(session);
    table_one(session, read_columns, answer.json);
    return 0;
}

static int
run_erase(struct session *session, const struct invocation *in)
{
    json_t *body = json_pack("{s:s, s:s, s:s*, s:s, s:s*}", "requested_by",
        invocation_option(in, "requested-by"), "how", invocation_option(in, "how"), "kept_under",
        invocation_option(in, "kept-under"), "reason", invocation_option(in, "reason"), "reference",
        invocation_option(in, "reference"));
    json_t *answer = session_post(
        session, person_path(session, in, "erasure"), body, invocation_option(in, "key"));
    if (answer == NULL)
        return session_fail(session);
    return table_report(session, erasure_columns, answer,
        "Who %s is was erased. The record under the code stays (%s); `rctctl identity erasures' "
        "shows when the files are written anew.",
        session_field(answer, "participant"), session_field(answer, "kept_under"));
}

static const char *const purposes[] = {"contact", "linkage", "verification", "safety", NULL};
static const char *const grounds[] = {
    "gdpr-17-3-b", "gdpr-17-3-c", "gdpr-17-3-d", "gdpr-17-3-e", NULL};

/* Words, since what is written about a person may tell who it is. */
#define OPTION_REASON(words)                                                                       \
    {                                                                                              \
        .name = "reason", .value = "WORD", .meaning = "why, for the audit trail",                  \
        .flags = OPTION_REQUIRED, .choices = (words)                                               \
    }
#define OPTION_REFERENCE                                                                           \
    {                                                                                              \
        .name = "reference", .value = "REF", .meaning = "where the matter is filed: KS-2026/417"   \
    }

static const struct option_row set_options[] = {
    OPTION_IDENTITY_FILE,
    OPTION_KEY,
    {0},
};

static const struct option_row read_options[] = {
    {.name = "purpose",
        .value = "PURPOSE",
        .meaning = "what it is read for",
        .flags = OPTION_REQUIRED,
        .choices = purposes},
    OPTION_REASON(reading_reasons),
    OPTION_REFERENCE,
    {0},
};

static const struct option_row readings_options[] = {
    {.name = "participant", .value = "CODE", .meaning = "only of this participant"},
    {.name = "purpose", .value = "PURPOSE", .meaning = "only for this", .choices = purposes},
    {0},
};

static const struct option_row erase_options[] = {
    {.name = "requested-by",
        .value = "WHO",
        .meaning = "who asked for it",
        .flags = OPTION_REQUIRED,
        .choices = consent_erasers},
    {.name = "how",
        .value = "HOW",
        .meaning = "how they asked",
        .flags = OPTION_REQUIRED,
        .choices = consent_ways},
    {.name = "kept-under",
        .value = "GROUND",
        .meaning = "why the record under the code stays; without it gdpr-17-3-d, research",
        .choices = grounds},
    OPTION_REASON(erasure_reasons),
    OPTION_REFERENCE,
    OPTION_YES,
    OPTION_KEY,
    {0},
};

static const struct warning erase_warnings[] = {
    {NULL, "Number, name and contact are erased, everything stops, and they are out of the trial. "
           "Nobody can bring any of it back."},
};

const struct command identity_commands[] = {
    {
        .group = "identity",
        .name = "set",
        .arguments = "TRIAL CODE",
        .meaning = "Enter or correct who a participant is",
        .details =
            "Asks at the terminal, or reads FILE, which must be your own and mode 0600: a JSON\n"
            "object, or a line `field: value' for each of number, name, phone, email and address.\n"
            "What is left out stays; null in JSON takes a value away. The answer shows nothing of "
            "it.\n",
        .example = "rctctl identity set work-together PK7H3WAT --identity-file person.txt",
        .options = set_options,
        .run = run_set,
    },
    {
        .group = "identity",
        .name = "read",
        .arguments = "TRIAL CODE",
        .meaning = "Read who a participant is, for a purpose; it is in the trail",
        .details = "Takes the role identity-reader for that purpose. contact gives name, phone, "
                   "e-mail and\n"
                   "address; linkage the number; verification number and name; safety all. contact "
                   "and linkage\n"
                   "need the participant's consent.\n",
        .example = "rctctl identity read work-together PK7H3WAT --purpose contact "
                   "--reason interview",
        .options = read_options,
        .run = run_read,
    },
    {
        .group = "identity",
        .name = "readings",
        .arguments = "TRIAL",
        .meaning = "List who read whose identity, when and why",
        .example = "rctctl identity readings work-together --participant PK7H3WAT",
        .options = readings_options,
        .list = &(const struct listing){.path = "trials/{}/identity/readings",
            .columns = reading_columns,
            .nothing = "Nobody has read an identity.",
            .unfit = "No reading fits."},
    },
    {
        .group = "identity",
        .name = "erase",
        .arguments = "TRIAL CODE",
        .meaning = "Erase who a participant is (GDPR 17), at their word",
        .details = "Number, name and contact go for good, everything is stopped and the "
                   "participant is out. The\n"
                   "record under the code and its trail stay, and why they do is stored.\n",
        .example = "rctctl identity erase work-together PK7H3WAT --requested-by participant "
                   "--how phone --reason objection",
        .options = erase_options,
        .warnings = erase_warnings,
        .run = run_erase,
    },
    {
        .group = "identity",
        .name = "erasures",
        .arguments = "TRIAL",
        .meaning = "List who was erased, by code",
        .details = "OFF DISK is when the files of the vault were written without it.\n",
        .example = "rctctl identity erasures work-together",
        .list = &(const struct listing){.path = "trials/{}/identity/erasures",
            .columns = erasure_columns,
            .nothing = "Nobody was erased."},
    },
    {
        .group = "identity",
        .name = "rotate",
        .arguments = "TRIAL",
        .meaning = "Change the key that identities are sealed under",
        .details = "Takes an administrator. Nothing stands still meanwhile; when nothing is left "
                   "under the\n"
                   "older key, it is destroyed.\n",
        .example = "rctctl identity rotate work-together --reason \"Once a year\" --wait",
        .options = identity_key_rotate_options,
        .run = identity_key_run_rotate,
    },
    {
        .group = "identity",
        .name = "rotation",
        .arguments = "TRIAL",
        .meaning = "Show changes of the key, and how far one under way has come",
        .example = "rctctl identity rotation work-together",
        .options = identity_key_rotation_options,
        .run = identity_key_run_rotation,
    },
    {0},
};
