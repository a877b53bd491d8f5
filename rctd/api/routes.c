/*
 * routes.c: the route table: one row per method and path, with permission, fields and handler.
 */
#include "api/routes.h"

#include "api/handlers.h"

#include <jansson.h>

#define MEBIBYTE ((size_t)1024 * 1024)
#define TRIAL "/v1/trials/{trial}"
#define WORKPLACE TRIAL "/workplaces/{workplace}"
#define PARTICIPANT TRIAL "/participants/{participant}"
#define SCHEME TRIAL "/schemes/{scheme}"

/* clang-format off */
static const struct route rows[] = {
    { HTTP_GET, "/healthz", "public", .answer = health_answer, .status = 200, .id = "health",
        .summary = "Is the process alive", .handler = service_health },
    { HTTP_GET, "/readyz", "public", .answer = ready_answer, .status = 200, .id = "ready",
        .summary = "Can it serve: database, schema", .handler = service_ready },
    { HTTP_GET, "/metrics", "public", .status = 200, .id = "metrics",
        .summary = "Counters in Prometheus text format; none by arm or site", .handler = service_metrics },
    { HTTP_GET, "/openapi.json", "public", .status = 200, .id = "openapi",
        .summary = "This description", .handler = service_openapi },
    { HTTP_GET, "/v1/me", "any", .answer = me_answer, .status = 200, .id = "me.show",
        .summary = "Whose token this is, and its roles", .handler = me_show },

    { HTTP_GET, "/v1/accounts", "instance.read", .flags = ROUTE_LIST, .answer = account_answer, .status = 200,
        .id = "account.list", .summary = "Accounts with their roles and last use", .handler = account_list },
    { HTTP_POST, "/v1/accounts", "instance.write", .body = BODY_JSON, .fields = account_new,
        .answer = account_answer, .status = 201, .id = "account.add", .summary = "Make an account", .handler = account_add },
    { HTTP_GET, "/v1/accounts/{account}", "instance.read", .flags = ROUTE_ETAG, .answer = account_answer,
        .status = 200, .id = "account.show", .summary = "One account", .handler = account_show },
    { HTTP_PATCH, "/v1/accounts/{account}", "instance.write", .body = BODY_JSON, .flags = ROUTE_IF_MATCH | ROUTE_ETAG,
        .key = KEY_UNUSED, .fields = account_changes, .answer = account_answer, .status = 200, .id = "account.change",
        .summary = "Change or disable an account", .handler = account_patch },
    { HTTP_GET, "/v1/accounts/{account}/tokens", "instance.read", .flags = ROUTE_LIST, .answer = token_answer,
        .status = 200, .id = "token.list", .summary = "Tokens of an account, never their text", .handler = token_list },
    { HTTP_POST, "/v1/accounts/{account}/tokens", "instance.write", .body = BODY_JSON, .key = KEY_UNUSED,
        .fields = token_new, .answer = token_made, .status = 201, .id = "token.add",
        .summary = "Make a token; its text is shown this once", .handler = token_add },
    { HTTP_DELETE, "/v1/accounts/{account}/tokens/{token}", "instance.write", .key = KEY_UNUSED, .answer = token_answer,
        .status = 200, .id = "token.revoke", .summary = "Revoke a token, at once on every daemon", .handler = token_revoke },
    { HTTP_GET, "/v1/accounts/{account}/grants", "instance.read", .flags = ROUTE_LIST, .answer = grant_answer,
        .status = 200, .id = "grant.list", .summary = "Roles of an account, past ones too", .handler = grant_list },
    { HTTP_POST, "/v1/accounts/{account}/grants", "instance.write", .body = BODY_JSON, .fields = grant_new,
        .answer = grant_answer, .status = 201, .id = "grant.add",
        .summary = "Give a role; nobody defines and enrols in one trial", .handler = grant_add },
    { HTTP_DELETE, "/v1/accounts/{account}/grants/{grant}", "instance.write", .key = KEY_UNUSED, .answer = grant_answer,
        .status = 200, .id = "grant.remove", .summary = "Take a role back", .handler = grant_remove },
    { HTTP_GET, "/v1/audit", "instance.trail", .flags = ROUTE_LIST, .query = audit_query, .answer = audit_answer,
        .status = 200, .id = "audit.instance", .summary = "The instance's trail: accounts, tokens, roles",
        .handler = audit_instance_list },
    { HTTP_GET, "/v1/audit/heads", "instance.trail", .flags = ROUTE_LIST, .answer = head_answer, .status = 200,
        .id = "audit.instance_heads", .summary = "The last row of each of its streams", .handler = audit_instance_heads },
    { HTTP_GET, "/v1/audit/records", "instance.trail", .flags = ROUTE_LIST, .answer = record_answer, .status = 200,
        .id = "audit.instance_records", .summary = "What is stored now, to be held against the trail",
        .handler = record_instance_list },
    { HTTP_GET, "/v1/rehearsal", "any", .answer = rehearsal_answer, .status = 200, .id = "rehearsal.show",
        .summary = "The trial's clock", .handler = rehearsal_show },
    { HTTP_POST, "/v1/rehearsal/advance", "instance.write", .body = BODY_JSON, .fields = rehearsal_new,
        .answer = rehearsal_answer, .status = 200, .id = "rehearsal.advance",
        .summary = "Move the trial's clock ahead, where no real trial runs", .handler = rehearsal_advance },

    { HTTP_GET, "/v1/trials", "any", .flags = ROUTE_LIST, .answer = trial_listed, .status = 200, .id = "trial.list",
        .summary = "Trials on which you have a role", .handler = trial_list },
    { HTTP_POST, "/v1/trials", "instance.write", .body = BODY_JSON, .fields = trial_new, .answer = trial_answer,
        .status = 201, .id = "trial.add", .summary = "Make a trial", .handler = trial_add },
    { HTTP_GET, TRIAL, "trial.read", .answer = trial_answer, .status = 200, .id = "trial.show",
        .summary = "One trial", .handler = trial_show },
    { HTTP_GET, TRIAL "/protocols", "trial.read", .flags = ROUTE_LIST, .answer = protocol_answer, .status = 200,
        .id = "protocol.list", .summary = "Protocol versions with hashes and commitments", .handler = protocol_list },
    { HTTP_POST, TRIAL "/protocols", "protocol.write", .body = BODY_JSON, .body_limit = 3 * MEBIBYTE,
        .fields = protocol_new, .answer = protocol_version_answer, .status = 201, .id = "protocol.submit",
        .summary = "Check a protocol and keep it as the draft", .handler = protocol_submit },
    { HTTP_GET, TRIAL "/protocols/{version}", "protocol.read", .answer = protocol_document_answer, .status = 200,
        .id = "protocol.show", .summary = "One version with its document", .handler = protocol_show },
    { HTTP_GET, TRIAL "/protocols/{version}/advice", "protocol.read", .answer = protocol_advice_answer, .status = 200,
        .id = "protocol.advice", .summary = "Look ahead at a lock: faults, advice, seeds that it would make",
        .handler = protocol_advice },
    { HTTP_POST, TRIAL "/protocols/{version}/lock", "protocol.write", .body = BODY_JSON, .fields = protocol_lock_body,
        .answer = protocol_answer, .status = 200, .id = "protocol.lock",
        .summary = "Freeze a version, make its seeds, publish the commitments", .handler = protocol_lock },
    { HTTP_GET, TRIAL "/phases", "trial.read", .flags = ROUTE_LIST, .answer = phase_answer, .status = 200,
        .id = "phase.list", .summary = "Phases with targets and counts", .handler = phase_list },
    { HTTP_POST, TRIAL "/phases/{phase}/open", "phase.write", .body = BODY_JSON, .fields = phase_change,
        .answer = phase_answer, .status = 200, .id = "phase.open", .summary = "Open a phase for allocation", .handler = phase_open },
    { HTTP_POST, TRIAL "/phases/{phase}/close", "phase.write", .body = BODY_JSON, .fields = phase_change,
        .answer = phase_answer, .status = 200, .id = "phase.close", .summary = "Close a phase for good", .handler = phase_close },
    { HTTP_GET, TRIAL "/schemes", "trial.read", .flags = ROUTE_LIST, .answer = scheme_answer, .status = 200,
        .id = "scheme.list", .summary = "Schemes with their commitments; never method or block sizes", .handler = scheme_list },
    { HTTP_GET, SCHEME, "trial.read", .answer = scheme_answer, .status = 200, .id = "scheme.show",
        .summary = "One scheme", .handler = scheme_show },
    { HTTP_POST, SCHEME "/close", "scheme.write", .body = BODY_JSON, .key = KEY_REQUIRED, .fields = scheme_close_body,
        .answer = scheme_answer, .status = 200, .id = "scheme.close",
        .summary = "Close a scheme for good: nothing more is allocated in it", .handler = scheme_end },
    { HTTP_GET, SCHEME "/reveal", "reveal.read", .answer = scheme_reveal_answer, .status = 200, .id = "scheme.reveal_show",
        .summary = "Who has approved the reveal of a scheme's seed, and what is missing", .handler = scheme_reveal_show },
    { HTTP_POST, SCHEME "/reveal", "reveal.write", .body = BODY_JSON, .key = KEY_REQUIRED, .fields = scheme_reveal_body,
        .answer = scheme_reveal_answer, .status = 200, .id = "scheme.reveal",
        .summary = "Approve the reveal of a closed scheme's seed; it takes a trial manager and a statistician, two people",
        .handler = scheme_reveal },
    { HTTP_GET, SCHEME "/seed", "seed.read", .key = KEY_UNUSED, .flags = ROUTE_RECORDED, .answer = scheme_seed_answer,
        .status = 200, .id = "scheme.seed", .summary = "A revealed seed; each reading is in the trail",
        .handler = scheme_seed_show },

    { HTTP_GET, TRIAL "/workplaces", "workplace.read", .flags = ROUTE_LIST, .query = workplace_query,
        .answer = workplace_answer, .status = 200, .id = "workplace.list", .summary = "Workplaces", .handler = workplace_list },
    { HTTP_POST, TRIAL "/workplaces/import", "workplace.write", .body = BODY_CSV, .body_limit = 32 * MEBIBYTE,
        .query = import_query, .answer = import_answer, .status = 200, .id = "workplace.import",
        .summary = "Register a CSV file of workplaces: all or none", .handler = workplace_import },
    { HTTP_GET, WORKPLACE, "workplace.read", .flags = ROUTE_ETAG, .answer = workplace_answer, .status = 200,
        .id = "workplace.show", .summary = "One workplace", .handler = workplace_show },
    { HTTP_POST, WORKPLACE "/answers", "workplace.write", .body = BODY_JSON, .key = KEY_REQUIRED, .fields = answers_new,
        .answer = workplace_answer, .status = 200, .id = "workplace.answer",
        .summary = "Record answers to eligibility questions", .handler = workplace_answers },
    { HTTP_GET, WORKPLACE "/agreements", "consent.read", .flags = ROUTE_LIST, .answer = agreement_answer, .status = 200,
        .id = "agreement.list", .summary = "The workplace's consent ledger", .handler = agreement_list },
    { HTTP_POST, WORKPLACE "/agreements", "workplace.write", .body = BODY_JSON, .key = KEY_REQUIRED,
        .fields = agreement_new, .answer = agreement_made, .status = 201, .id = "agreement.add",
        .summary = "Record the employer's agreement, or its withdrawal", .handler = agreement_add },
    { HTTP_POST, WORKPLACE "/roster-lock", "workplace.write", .body = BODY_JSON, .key = KEY_REQUIRED,
        .fields = roster_new, .answer = workplace_answer, .status = 200, .id = "workplace.lock_roster",
        .summary = "Freeze the roster", .handler = workplace_roster_lock },

    { HTTP_GET, TRIAL "/participants", "participant.read", .flags = ROUTE_LIST, .query = participant_query,
        .answer = participant_answer, .status = 200, .id = "participant.list", .summary = "Participants, by their codes",
        .handler = participant_list },
    { HTTP_POST, TRIAL "/participants", "participant.write", .body = BODY_JSON, .key = KEY_REQUIRED, .fields = participant_new,
        .answer = participant_answer, .status = 201, .flags = ROUTE_ETAG, .id = "participant.add",
        .summary = "Register a participant under a new code", .handler = participant_add },
    { HTTP_POST, TRIAL "/participants/import", "participant.write", .body = BODY_CSV, .body_limit = 32 * MEBIBYTE,
        .query = import_query, .answer = import_answer, .status = 200, .id = "participant.import",
        .summary = "Register a CSV file of participants: all or none", .handler = participant_import },
    { HTTP_GET, PARTICIPANT, "participant.read", .flags = ROUTE_ETAG, .answer = participant_answer, .status = 200,
        .id = "participant.show", .summary = "One participant", .handler = participant_show },
    { HTTP_POST, PARTICIPANT "/answers", "participant.write", .body = BODY_JSON, .key = KEY_REQUIRED,
        .fields = participant_answers_new, .answer = participant_answer, .status = 200, .id = "participant.answer",
        .summary = "Record answers to eligibility questions", .handler = participant_answers },
    { HTTP_GET, PARTICIPANT "/consents", "consent.read", .flags = ROUTE_LIST, .answer = consent_answer, .status = 200,
        .id = "consent.list", .summary = "The participant's consent ledger", .handler = consent_list },
    { HTTP_POST, PARTICIPANT "/consents", "participant.write", .body = BODY_JSON, .key = KEY_REQUIRED,
        .fields = consent_new, .answer = consent_made, .status = 201, .id = "consent.add",
        .summary = "Record a participant's consent, or its withdrawal", .handler = consent_record },

    { HTTP_POST, TRIAL "/allocations", "allocation.make", .body = BODY_JSON, .key = KEY_REQUIRED,
        .flags = ROUTE_COMBINED, .fields = allocation_new, .answer = allocation_answer, .status = 201,
        .id = "allocation.make", .summary = "Allocate a workplace or a participant" },
    { HTTP_POST, TRIAL "/allocations/dry-run", "allocation.make", .body = BODY_JSON, .fields = dry_run_new,
        .answer = dry_run_answer, .status = 200, .id = "allocation.dry_run",
        .summary = "Stratum and what is missing, never the arm; leaves a record", .handler = allocation_dry_run },
    { HTTP_POST, TRIAL "/allocations/batch", "allocation.make", .body = BODY_JSON, .key = KEY_REQUIRED,
        .flags = ROUTE_IN_TURN, .fields = batch_new, .answer = batch_answer, .status = 201, .id = "allocation.make_batch",
        .summary = "Allocate units all at once, where a scheme balances them together: all or none",
        .handler = allocation_make_batch },
    { HTTP_POST, TRIAL "/allocations/batch/dry-run", "allocation.make", .body = BODY_JSON, .flags = ROUTE_IN_TURN,
        .fields = batch_new, .answer = batch_dry_run_answer, .status = 200, .id = "allocation.dry_run_batch",
        .summary = "How many ways there are to allocate them and what is missing, never the choice; leaves records",
        .handler = allocation_dry_run_batch },
    { HTTP_GET, TRIAL "/allocations", "allocation.read", .flags = ROUTE_LIST, .query = allocation_query,
        .answer = allocation_answer, .status = 200, .id = "allocation.list", .summary = "The ledger, by role",
        .handler = allocation_list },
    { HTTP_GET, TRIAL "/allocations/{allocation}", "allocation.read", .answer = allocation_answer, .status = 200,
        .id = "allocation.show", .summary = "One allocation, by role", .handler = allocation_show },
    { HTTP_GET, TRIAL "/allocations/{allocation}/deviations", "deviation.read", .flags = ROUTE_LIST,
        .answer = deviation_answer, .status = 200, .id = "deviation.list_of_allocation",
        .summary = "What was wrong about one allocation, by role", .handler = deviation_list_of_allocation },
    { HTTP_POST, TRIAL "/allocations/{allocation}/deviations", "deviation.write", .body = BODY_JSON, .key = KEY_REQUIRED,
        .fields = deviation_new, .answer = deviation_answer, .status = 201, .id = "deviation.add",
        .summary = "Report a randomisation error; the allocation stays, and its position never returns", .handler = deviation_add },
    { HTTP_GET, TRIAL "/deviations", "deviation.read", .flags = ROUTE_LIST, .query = deviation_query,
        .answer = deviation_answer, .status = 200, .id = "deviation.list", .summary = "Randomisation errors, by role",
        .handler = deviation_list },
    { HTTP_POST, TRIAL "/deviations/{deviation}/decisions", "deviation.decide", .body = BODY_JSON, .key = KEY_REQUIRED,
        .fields = deviation_decision_new, .answer = deviation_answer, .status = 201, .id = "deviation.decide",
        .summary = "Decide whether the unit is in the primary analysis set; the last decision counts",
        .handler = deviation_decision_add },
    { HTTP_GET, TRIAL "/attempts", "attempt.read", .flags = ROUTE_LIST, .answer = attempt_answer, .status = 200,
        .id = "attempt.list", .summary = "Dry runs and refusals", .handler = attempt_list },

    { HTTP_GET, TRIAL "/recruitment", "workplace.read", .answer = recruitment_answer, .status = 200,
        .id = "recruitment.show", .summary = "Recruitment against plan, all arms together",
        .handler = recruitment_show },
    { HTTP_GET, TRIAL "/tasks", "task.read", .flags = ROUTE_LIST, .query = task_query, .answer = task_answer,
        .status = 200, .id = "task.list", .summary = "Planned contacts", .handler = task_list },
    { HTTP_GET, TRIAL "/reminders", "reminder.read", .flags = ROUTE_LIST, .query = reminder_query,
        .answer = reminder_answer, .status = 200, .id = "reminder.list", .summary = "Reminders with every attempt",
        .handler = reminder_list },
    { HTTP_POST, TRIAL "/reminders/{reminder}/replay", "reminder.write", .key = KEY_REQUIRED, .answer = reminder_answer,
        .status = 200, .id = "reminder.replay", .summary = "Send a dead reminder again", .handler = reminder_replay },
    { HTTP_GET, TRIAL "/endpoints", "endpoint.read", .flags = ROUTE_LIST, .answer = endpoint_answer, .status = 200,
        .id = "endpoint.list", .summary = "Where reminders go, never the secrets", .handler = endpoint_list },
    { HTTP_POST, TRIAL "/endpoints", "endpoint.write", .body = BODY_JSON, .key = KEY_UNUSED, .fields = endpoint_new,
        .answer = endpoint_made, .status = 201, .id = "endpoint.add",
        .summary = "Add an endpoint; its secret is shown this once", .handler = endpoint_add },
    { HTTP_PATCH, TRIAL "/endpoints/{endpoint}", "endpoint.write", .body = BODY_JSON, .key = KEY_UNUSED,
        .flags = ROUTE_IF_MATCH | ROUTE_ETAG, .fields = endpoint_change, .answer = endpoint_answer, .status = 200,
        .id = "endpoint.change", .summary = "Disable or enable an endpoint", .handler = endpoint_patch },
    { HTTP_POST, TRIAL "/endpoints/{endpoint}/rotate", "endpoint.write", .key = KEY_UNUSED, .answer = endpoint_made,
        .status = 200, .id = "endpoint.rotate", .summary = "A new secret; both sign for 24 hours", .handler = endpoint_rotate },
    { HTTP_GET, TRIAL "/audit", "trail.read", .flags = ROUTE_LIST, .query = audit_query, .answer = audit_answer,
        .status = 200, .id = "audit.list", .summary = "The trial's trail", .handler = audit_list },
    { HTTP_GET, TRIAL "/audit/heads", "trail.read", .flags = ROUTE_LIST, .answer = head_answer, .status = 200,
        .id = "audit.heads", .summary = "The last row of each stream", .handler = audit_heads },
    { HTTP_GET, TRIAL "/audit/records", "trail.read", .flags = ROUTE_LIST, .answer = record_answer, .status = 200,
        .id = "audit.records", .summary = "What is stored now, to be held against the trail", .handler = record_list },
};
/* clang-format on */

const struct route_table routes = {rows, COUNT_OF(rows)};

bool
routes_check(struct error *error)
{
    for (size_t i = 0; i < routes.count; i++)
        if (permission_by_name(rows[i].permission) == NULL)
            return error_set(
                error, ERROR_CONFIG, rows[i].id, "The route %s has no permission", rows[i].path);
    return route_table_check(&routes, error);
}

char *
routes_openapi(void)
{
    json_t *document = route_openapi(&routes, RCTD_VERSION, permission_roles);
    char *text = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    return text;
}
