/*
 * protocol_lock.c: shows what is about to be frozen for good, locks it, and prints the commitments,
 * which are worth nothing to an auditor unless somebody kept them from that day on.
 */
#include "cli/protocol.h"

#include "cli/invocation.h"
#include "cli/path.h"
#include "trial/protocol.h"

#include <stdio.h>
#include <string.h>

const struct option_row protocol_lock_options[] = {
    {.name = "reason", .value = "TEXT", .meaning = "why now, for the audit trail"},
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

static bool
show_summary(struct session *session, const char *document)
{
    struct faults faults;
    faults_init(&faults, session->arena);
    const struct protocol *protocol =
        protocol_parse(session->arena, document, strlen(document), &faults);
    if (protocol != NULL) {
        print_summary(protocol);
        protocol_advise(protocol, &faults);
    }
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
    const char *path = path_of(session->arena, "v1", "trials", trial, "protocols", version, NULL);
    json_t *draft = session_get(session, path);
    const char *document = session_field(draft, "document");
    if (draft == NULL)
        return session_fail(session);
    if (session->output == OUTPUT_PEOPLE && document != NULL && !show_summary(session, document))
        return session_fail(session);
    if (reason == NULL)
        return session_usage(session,
            "nothing is locked. A locked version never changes; to lock it, add --reason TEXT");
    path = path_of(session->arena, "v1", "trials", trial, "protocols", version, "lock", NULL);
    json_t *locked = session_post(session, path,
        json_pack("{s:s, s:s*}", "reason", reason, "sha256", session_field(draft, "sha256")),
        invocation_option(in, "key"));
    if (locked == NULL)
        return session_fail(session);
    table_report(session, protocol_one_columns, locked,
        "\nVersion %s of %s is locked. These commitments bind the seeds from now on:", version,
        trial);
    if (session->output == OUTPUT_PEOPLE) {
        table_list(session, commitment_columns, json_object_get(locked, "commitments"),
            "(no scheme allocates)");
        printf(
            "Write them down with today's date, outside this system: when the seeds are revealed,\n"
            "they prove that no allocation was chosen by hand.\n");
    }
    return 0;
}
