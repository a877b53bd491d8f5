/*
 * knowledge.c: who knows the arm of which unit, never the arm: by a role, by an unblinding, or
 * because it was told.
 */
#include "api/handlers.h"
#include "api/people/unit.h"
#include "store/conduct/unblinding.h"

#define NULLABLE(field, kind, text)                                                                \
    {                                                                                              \
        .name = (field), .type = (kind), .flags = FIELD_NULLABLE, .meaning = (text)                \
    }

static const char *const sources[] = {
    "participant", "workplace", "colleague", "document", "other", NULL};

const struct field knowledge_new[] = {
    UNIT_ASKED,
    {.name = "source",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = sources,
        .meaning = "From whom or what the arm was learnt; never the arm"},
    {.name = "account",
        .type = FIELD_STRING,
        .min = 1,
        .max = 63,
        .meaning = "Who knows it now; absent: you. Others' is for coordinators and trial managers"},
    {0},
};

const struct field knowledge_query[] = {
    {.name = "account", .type = FIELD_STRING, .meaning = "Only what this account knows"},
    {.name = "workplace", .type = FIELD_STRING, .meaning = "Only who knows this workplace's arm"},
    {.name = "participant", .type = FIELD_STRING, .meaning = "Only who knows this person's arm"},
    {0},
};

const struct field knowledge_answer[] = {
    {.name = "knowledge", .type = FIELD_UUID, .meaning = "Its id"},
    {.name = "account", .type = FIELD_STRING, .meaning = "Who knows"},
    UNIT_FIELDS,
    NULLABLE("arm_of", FIELD_STRING, "The code of the unit whose allocation it is"),
    {.name = "how",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"role", "emergency", "planned", "told", NULL},
        .meaning = "role: it sees the arms of all units that the role covers"},
    NULLABLE("role", FIELD_STRING, "Of role: which"),
    NULLABLE("county", FIELD_STRING, "Of role: of this county only"),
    NULLABLE("site", FIELD_STRING, "Of role: of this site only"),
    {.name = "since", .type = FIELD_TIME, .meaning = "Since when"},
    NULLABLE("until", FIELD_TIME,
        "Of role: when it was taken back; what was allocated by then stays known"),
    NULLABLE("unblinding", FIELD_UUID, "Of emergency and planned: the unblinding"),
    {.name = "source",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .choices = sources,
        .meaning = "Of told: from whom or what"},
    NULLABLE("recorded_by", FIELD_STRING, "Who wrote it down"),
    {0},
};

static json_t *
encode(const struct sql_arm_knowledge_list_row *row)
{
    bool workplace = text_equal(row->unit, "workplace");
    json_t *json = json_pack("{s:o, s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "knowledge",
        json_id(row->knowledge_id), "account", row->account, "workplace",
        json_text(workplace ? row->code : NULL), "participant",
        json_text(workplace ? NULL : row->code), "arm_of", json_text(row->arm_of), "how", row->how,
        "role", json_text(row->role), "county", json_text(row->county), "site",
        json_text(row->site));
    json_t *more = json_pack("{s:o, s:o, s:o, s:o, s:o}", "since", json_time(row->since), "until",
        json_opt_time(row->until), "unblinding",
        row->unblinding_id.set ? json_id(row->unblinding_id.value) : json_null(), "source",
        json_text(row->source), "recorded_by", json_text(row->recorded_by));
    json_object_update(json, more);
    json_decref(more);
    return json;
}

/* The unit that the query names, by its code, if any. */
static bool
query_unit(struct call *call, struct opt_uuid *unit_id, struct error *error)
{
    struct unit unit;
    const char *code;
    bool participant = http_query(call->request, "participant") != NULL;
    *unit_id = (struct opt_uuid){0};
    if (!unit_query(call, &code, error))
        return false;
    if (code == NULL)
        return true;
    if (!unit_read(call->tx, call->trial_id, call->scope,
            participant ? PROTOCOL_PARTICIPANT : PROTOCOL_WORKPLACE, code, false, &unit))
        return call_failed(call, error);
    *unit_id = (struct opt_uuid){true, unit.row.unit_id};
    return true;
}

bool
knowledge_list(struct call *call, struct error *error)
{
    struct sql_arm_knowledge_list_rows rows;
    struct sql_arm_knowledge_list query = {
        .trial_id = call->trial_id,
        .scope = call->scope,
        .account = role_sight(call->role) == SIGHT_BLINDED ? call->caller.name
                                                           : http_query(call->request, "account"),
        .after = call->list.after_id,
        .most = call->list.most,
    };
    if (!query_unit(call, &query.unit_id, error))
        return false;
    if (!sql_arm_knowledge_list(call->tx, &query, &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        list_add_id(call, rows.rows[i].knowledge_id, encode(&rows.rows[i]));
    return list_answer(call);
}

bool
knowledge_add(struct call *call, struct error *error)
{
    struct unit unit;
    struct uuid knowledge_id;
    struct sql_account_get_row account = {.account_id = call->caller.account_id};
    const char *name = call_text(call, "account");
    struct sql_arm_knowledge_list_rows rows;
    if (!unit_asked(call, &unit, error))
        return false;
    if ((name != NULL && !account_find(call->tx, name, &account)) ||
        !unblinding_told(call->tx, call->trial_id, account.account_id, unit.row.unit_id,
            unit.row.code, call_text(call, "source"), &knowledge_id) ||
        !sql_arm_knowledge_list(call->tx,
            &(struct sql_arm_knowledge_list){
                .trial_id = call->trial_id, .most = 1, .knowledge_id = {true, knowledge_id}},
            &rows))
        return call_failed(call, error);
    return call_answer(call, 201, encode(&rows.rows[0]));
}
