/*
 * may.c: what may be done with a participant or a workplace now, action by action, as the one
 * function of the database says; and who must sign an amended form anew.
 */
#include "api/handlers.h"
#include "http/body.h"
#include "store/people/unit.h"
#include "trial/consent.h"

#include <string.h>

const struct field may_answer[] = {
    {.name = "action", .type = FIELD_STRING, .meaning = "What is to be done"},
    {.name = "meaning", .type = FIELD_STRING, .meaning = "The same in plain words"},
    {.name = "allowed", .type = FIELD_BOOLEAN, .meaning = "May it be done now"},
    {.name = "objection",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .choices = (const char *const[]){"erased", "out", "withdrawn", "declined", "never-asked",
            "old-version", NULL},
        .meaning = "Why not; null where it may"},
    {.name = "because", .type = FIELD_STRING, .meaning = "The same in plain words, or yes"},
    {0},
};

const struct field consent_due_query[] = {
    {.name = "form", .type = FIELD_IDENTIFIER, .meaning = "Only of this form"},
    {0},
};

const struct field consent_due_answer[] = {
    {.name = "kind",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"workplace", "participant", NULL},
        .meaning = "Who signs"},
    {.name = "code", .type = FIELD_STRING, .meaning = "The code of who signs"},
    {.name = "workplace",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "Where a participant works"},
    {.name = "form", .type = FIELD_IDENTIFIER, .meaning = "The form"},
    {.name = "signed_version", .type = FIELD_INTEGER, .meaning = "The version that was signed"},
    {.name = "signed_at", .type = FIELD_TIME, .meaning = "When it was signed"},
    {.name = "version", .type = FIELD_INTEGER, .meaning = "The version in force"},
    {.name = "until",
        .type = FIELD_TIME,
        .meaning = "From then on the signed version is good for nothing"},
    {.name = "overdue", .type = FIELD_BOOLEAN, .meaning = "That time has come"},
    {.name = "waits",
        .type = FIELD_ARRAY,
        .meaning = "The actions that wait for the new signature already; an allocation always "
                   "does"},
    {0},
};

static bool
list_permissions(struct call *call, enum protocol_unit kind, struct error *error)
{
    struct unit unit;
    struct sql_consent_permissions_rows rows;
    if (!unit_read(call->tx, call->trial_id, call->scope, kind, call->request->parameters[1], false,
            &unit) ||
        !sql_consent_permissions(call->tx,
            &(struct sql_consent_permissions){
                .trial_id = call->trial_id, .unit_id = unit.row.unit_id},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_consent_permissions_row *row = &rows.rows[i];
        enum consent_action action = consent_action_by_name(row->action);
        list_add_next(
            call, json_pack("{s:s, s:s, s:b, s:s?, s:s}", "action", row->action, "meaning",
                      action == CONSENT_ACTION_COUNT ? row->action : consent_action_words(action),
                      "allowed", row->objection == NULL, "objection", row->objection, "because",
                      consent_objection_words(row->objection)));
    }
    return list_answer(call);
}

bool
participant_permissions(struct call *call, struct error *error)
{
    return list_permissions(call, PROTOCOL_PARTICIPANT, error);
}

bool
workplace_permissions(struct call *call, struct error *error)
{
    return list_permissions(call, PROTOCOL_WORKPLACE, error);
}

static json_t *
encode_due(const struct sql_consent_due_row *row)
{
    return json_pack("{s:s, s:s, s:s?, s:s, s:i, s:o, s:i, s:o, s:b, s:o}", "kind", row->kind,
        "code", row->code, "workplace", row->workplace, "form", row->form, "signed_version",
        row->signed_version, "signed_at", json_time(row->decided_at), "version", row->form_version,
        "until", json_time(row->until_at), "overdue", row->is_over, "waits",
        json_stored(row->waits));
}

/* The list's order: the code, then the form; a cursor is CODE/FORM. */
static const char *
read_cursor(struct call *call, const char *after, const char **form)
{
    const char *slash = strchr(after, '/');
    *form = slash == NULL ? "" : slash + 1;
    return slash == NULL ? "" : arena_strndup(call->arena, after, (size_t)(slash - after));
}

bool
consent_due_list(struct call *call, struct error *error)
{
    struct sql_consent_due_rows rows;
    const char *form;
    const char *code = read_cursor(call, call->list.after, &form);
    if (!sql_consent_due(call->tx,
            &(struct sql_consent_due){.trial_id = call->trial_id,
                .scope = call->scope,
                .after_code = code,
                .after_form = form,
                .most = call->list.most,
                .form = http_query(call->request, "form")},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        list_add(call, arena_printf(call->arena, "%s/%s", rows.rows[i].code, rows.rows[i].form),
            encode_due(&rows.rows[i]));
    return list_answer(call);
}
