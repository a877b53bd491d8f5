/*
 * erasure.c: erasure of who a participant is (GDPR 17), at their word. What follows from it the
 * database does with the row; the files are written anew a moment later.
 */
#include "api/handlers.h"
#include "api/people/reference.h"
#include "store/people/unit.h"
#include "store/vault/vault.h"
#include "trial/consent.h"
#include "trial/person.h"

static const char *const grounds[] = {
    "gdpr-17-3-b", "gdpr-17-3-c", "gdpr-17-3-d", "gdpr-17-3-e", NULL};

const struct field erasure_new[] = {
    {.name = "requested_by",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = consent_erasers,
        .meaning = "Who asked for it"},
    {.name = "how",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = consent_ways,
        .meaning = "How they asked"},
    {.name = "kept_under",
        .type = FIELD_STRING,
        .choices = grounds,
        .meaning = "Why the pseudonymous record and the trail stay: gdpr-17-3-d, research (when "
                   "absent); b, a legal obligation; c, public health; e, legal claims"},
    {.name = "reason",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = erasure_reasons,
        .meaning = "Why, in one word: the grounds of GDPR 17(1), or registered-in-error"},
    REFERENCE_FIELD(0),
    {0},
};

const struct field erasure_answer[] = {
    {.name = "participant", .type = FIELD_STRING, .meaning = "The participant's code, which stays"},
    {.name = "requested_by", .type = FIELD_STRING, .meaning = "Who asked for it"},
    {.name = "how", .type = FIELD_STRING, .meaning = "How they asked"},
    {.name = "kept_under", .type = FIELD_STRING, .meaning = "Why the pseudonymous record stays"},
    {.name = "reason", .type = FIELD_STRING, .meaning = "Why, in one word"},
    REFERENCE_FIELD(FIELD_NULLABLE),
    {.name = "erased_at", .type = FIELD_TIME, .meaning = "When who they are was erased"},
    {.name = "erased_by", .type = FIELD_STRING, .meaning = "By whom"},
    {.name = "off_disk_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "When the files of the vault's tables were written without it; null until then"},
    {0},
};

static bool
encode(struct call *call, const struct sql_erasure_list_row *row, json_t **json)
{
    struct tx_context caller;
    struct sql_erasure_off_disk_row disk;
    if (!vault_enter(call->tx, &caller) ||
        !sql_erasure_off_disk(call->tx,
            &(struct sql_erasure_off_disk){.trial_id = call->trial_id, .erased_at = row->erased_at},
            &disk) ||
        !vault_leave(call->tx, &caller))
        return false;
    *json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:o, s:s, s:o}", "participant", row->code,
        "requested_by", row->requested_by, "how", row->how, "kept_under", row->kept_under, "reason",
        row->reason, "reference", row->reference, "erased_at", json_time(row->erased_at),
        "erased_by", row->erased_by, "off_disk_at", json_opt_time(disk.off_disk_at));
    return true;
}

bool
erasure_list(struct call *call, struct error *error)
{
    struct sql_erasure_list_rows rows;
    if (!sql_erasure_list(call->tx,
            &(struct sql_erasure_list){
                .trial_id = call->trial_id, .after = call->list.after, .most = call->list.most},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++) {
        json_t *item;
        if (!encode(call, &rows.rows[i], &item))
            return call_failed(call, error);
        list_add(call, rows.rows[i].code, item);
    }
    return list_answer(call);
}

static bool
erase(struct call *call, const struct unit *unit)
{
    const char *ground = call_text(call, "kept_under");
    return sql_erasure_insert(call->tx,
               &(struct sql_erasure_insert){.trial_id = call->trial_id,
                   .unit_id = unit->row.unit_id,
                   .requested_by = call_text(call, "requested_by"),
                   .how = call_text(call, "how"),
                   .kept_under = ground == NULL ? "gdpr-17-3-d" : ground,
                   .reason = call_text(call, "reason"),
                   .reference = call_text(call, "reference"),
                   .erased_by = call->caller.account_id},
               NULL) ||
           vault_explain_reference(call->tx) ||
           tx_explain(call->tx, "erasure_pkey", ERROR_CONFLICT, "Who %s is was erased already",
               unit->row.code);
}

bool
erasure_add(struct call *call, struct error *error)
{
    struct unit unit;
    struct sql_erasure_list_rows rows;
    json_t *json;
    if (!unit_read(call->tx, call->trial_id, call->scope, PROTOCOL_PARTICIPANT,
            call->request->parameters[1], false, &unit) ||
        !erase(call, &unit) ||
        !sql_erasure_list(call->tx,
            &(struct sql_erasure_list){
                .trial_id = call->trial_id, .after = "", .most = 1, .code = unit.row.code},
            &rows) ||
        !encode(call, &rows.rows[0], &json))
        return call_failed(call, error);
    return call_answer(call, 201, json);
}
