/*
 * protocol_lock.c: shows what is about to be frozen for good, locks it, and prints the commitments,
 * which are worth nothing to an auditor unless somebody kept them from that day on.
 */
#include "cli/conduct/protocol.h"

#include "base/clock.h"
#include "cli/design/consequences.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/sign.h"
#include "trial/protocol.h"

#include <stdio.h>
#include <string.h>

const struct option_row protocol_lock_options[] = {
    {.name = "reason", .value = "TEXT", .meaning = "why now, for the audit trail"},
    {.name = "dry-run", .meaning = "show what stands in the way and what would be locked"},
    OPTION_SIGN,
    OPTION_KEY,
    {0},
};

static const struct column commitment_columns[] = {
    {"scheme", "SCHEME", COLUMN_TEXT},
    {"label", "LABEL", COLUMN_TEXT},
    {"commitment", "COMMITMENT", COLUMN_TEXT},
    {0},
};

static void
print_scheme(const struct protocol *protocol, const struct protocol_scheme *scheme)
{
    const struct protocol_subject *subject = &protocol->subjects[scheme->unit];
    printf("  Scheme %s: %s to", scheme->name,
        scheme->unit == PROTOCOL_WORKPLACE ? "workplaces" : "participants");
    for (size_t i = 0; i < protocol->arm_count; i++)
        if (scheme->ratio[i] > 0)
            printf(" %s %u", protocol->arms[i].id, scheme->ratio[i]);
    for (size_t i = 0; i < scheme->factor_count; i++)
        printf("%s%s", i == 0 ? "; strata by " : " and ",
            subject->attributes[scheme->factors[i]].name);
    printf("%s\n", scheme->roster_lock ? "; the roster is locked first" : "");
}

static void
print_summary(const struct protocol *protocol)
{
    printf("Trial %s, times of %s\n", protocol->trial, protocol->time_zone);
    for (size_t i = 0; i < protocol->phase_count; i++) {
        const struct protocol_phase *phase = &protocol->phases[i];
        printf("Phase %s: %u workplaces, %u participants wanted\n", phase->name,
            phase->target[PROTOCOL_WORKPLACE], phase->target[PROTOCOL_PARTICIPANT]);
        for (size_t k = 0; k < phase->scheme_count; k++)
            print_scheme(protocol, &protocol->schemes[phase->first_scheme + k]);
    }
    printf("%zu tasks, %zu instruments, %zu consent forms\n", protocol->task_count,
        protocol->instrument_count, protocol->form_count);
}

static const struct column preview_columns[] = {
    {"scheme", "SCHEME", COLUMN_TEXT},
    {"unit", "UNIT", COLUMN_TEXT},
    {"method", "METHOD", COLUMN_TEXT},
    {"strata", "STRATA", COLUMN_NUMBER},
    {"seed", "SEED", COLUMN_TEXT},
    {0},
};

void
protocol_fault_of(const json_t *item, struct fault *fault)
{
    const char *texts[] = {session_field(item, "pointer"), session_field(item, "message"),
        session_field(item, "remedy"), session_field(item, "source")};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (texts[i] == NULL)
            texts[i] = "";
    *fault = (struct fault){
        .pointer = texts[0],
        .line = (unsigned)json_integer_value(json_object_get(item, "line")),
        .column = (unsigned)json_integer_value(json_object_get(item, "column")),
        .message = texts[1],
        .remedy = texts[2],
        .source = texts[3],
    };
}

/* A line for each of the faults or pieces of advice that rctd answered. */
static void
print_said(struct session *session, const char *title, const json_t *list)
{
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item)
    {
        struct fault fault;
        protocol_fault_of(item, &fault);
        printf("%s: %s\n", title, fault_line(session->arena, NULL, &fault));
    }
}

/* Asks rctd what a lock would do; nothing changes. */
static int
look_ahead(struct session *session, const char *trial, const char *version)
{
    json_t *ahead = session_get(session,
        path_of(session->arena, "v1", "trials", trial, "protocols", version, "advice", NULL));
    if (ahead == NULL)
        return session_fail(session);
    bool lockable = json_is_true(json_object_get(ahead, "lockable"));
    if (session->output == OUTPUT_PEOPLE) {
        print_said(session, "In the way", json_object_get(ahead, "faults"));
        print_said(session, "Advice", json_object_get(ahead, "advice"));
    }
    if (session->output == OUTPUT_JSON)
        table_json(ahead);
    else
        table_list(session, preview_columns, json_object_get(ahead, "schemes"), "(no scheme)");
    if (!lockable)
        return error_exit_status(ERROR_FIELDS);
    if (session->output == OUTPUT_PEOPLE)
        printf("\nNothing is locked. A lock would make each new seed and publish its commitment:\n"
               "  rctctl protocol lock %s %s --reason \"...\"\n",
            trial, version);
    return 0;
}

/* What the document says and what its designs lead to; NULL where it has faults. */
static const struct protocol *
show_document(struct session *session, const char *document, struct faults *faults)
{
    faults_init(faults, session->arena);
    const struct protocol *protocol =
        protocol_parse(session->arena, document, strlen(document), faults);
    if (protocol != NULL) {
        print_summary(protocol);
        consequences_print(protocol, stdout);
    }
    return protocol;
}

static bool
show_summary(struct session *session, const char *document)
{
    struct faults faults;
    const struct protocol *protocol = show_document(session, document, &faults);
    if (protocol != NULL)
        protocol_advise(protocol, clock_year(clock_now()), &faults);
    for (size_t i = 0; i < faults.count; i++)
        printf("%s: %s\n", protocol == NULL ? "Fault" : "Advice",
            fault_line(session->arena, NULL, &faults.items[i]));
    if (protocol != NULL)
        return true;
    return error_set(&session->error, ERROR_FIELDS, "protocol",
        "This version has faults and cannot be locked; submit a mended one");
}

int
protocol_run_lock(struct session *session, const struct invocation *in)
{
    const char *trial = invocation_argument(in, 0), *version = invocation_argument(in, 1);
    const char *reason = invocation_option(in, "reason");
    bool people = session->output == OUTPUT_PEOPLE;
    struct faults faults;
    const char *path = path_of(session->arena, "v1", "trials", trial, "protocols", version, NULL);
    json_t *draft = session_get(session, path);
    const char *document = session_field(draft, "document");
    if (draft == NULL)
        return session_fail(session);
    if (invocation_has(in, "dry-run")) {
        if (people && document != NULL)
            show_document(session, document, &faults);
        return look_ahead(session, trial, version);
    }
    if (people && document != NULL && !show_summary(session, document))
        return session_fail(session);
    if (reason == NULL)
        return session_usage(session,
            "nothing is locked. A locked version never changes; to lock it, add --reason TEXT");
    path = path_of(session->arena, "v1", "trials", trial, "protocols", version, "lock", NULL);
    json_t *locked = sign_post(session, in, path,
        json_pack("{s:s, s:s*}", "reason", reason, "sha256", session_field(draft, "sha256")),
        "I approve this protocol");
    if (locked == NULL)
        return session_fail(session);
    json_t *commitments = json_object_get(locked, "commitments");
    bool binds = json_array_size(commitments) > 0;
    table_report(session, protocol_one_columns, locked, "\nVersion %s of %s is locked. %s", version,
        trial,
        binds ? "These commitments bind the seeds from now on:"
              : "No new seed: the earlier commitments stay.");
    if (people && binds) {
        table_list(session, commitment_columns, commitments, "");
        printf(
            "Write them down with today's date, outside this system: when the seeds are revealed,\n"
            "they prove that no allocation was chosen by hand.\n");
    }
    return 0;
}
