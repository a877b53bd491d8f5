/*
 * unblinding.c: arms that are told to people who are blinded: in an emergency at once, otherwise
 * with another person's approval; and the report
 * of it. An answer names an arm only where
 * the database has just written down whom it was told to, and for roles that know arms.
 */
#include "store/conduct/unblinding.h"

#include "api/handlers.h"
#include "api/office/signature.h"
#include "api/people/unit.h"

#include <string.h>

#define REASON                                                                                     \
    {                                                                                              \
        .name = "reason", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .min = 1, .max = 2000,    \
        .meaning = "Why; no names. Stands in the report and in the trail"                          \
    }
#define NULLABLE(field, kind, text)                                                                \
    {                                                                                              \
        .name = (field), .type = (kind), .flags = FIELD_NULLABLE, .meaning = (text)                \
    }

static const char *const kinds[] = {"emergency", "planned", NULL};
static const char *const decisions[] = {"approved", "refused", NULL};

const struct field unblinding_new[] = {UNIT_ASKED, REASON, SIGNATURE_FIELD, {0}};

const struct field unblinding_decision_new[] = {
    {.name = "decision",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = decisions,
        .meaning = "May the arm be told to who asked?"},
    REASON,
    SIGNATURE_FIELD,
    {0},
};

const struct field unblinding_query[] = {
    {.name = "account", .type = FIELD_STRING, .meaning = "Only what this account asked for"},
    {.name = "workplace", .type = FIELD_STRING, .meaning = "Only of this workplace"},
    {.name = "participant", .type = FIELD_STRING, .meaning = "Only of this participant"},
    {0},
};

const struct field unblinding_answer[] = {
    {.name = "unblinding", .type = FIELD_UUID, .meaning = "Its id"},
    UNIT_FIELDS,
    {.name = "arm_of",
        .type = FIELD_STRING,
        .meaning = "The code of the unit that was allocated: itself, or a participant's workplace"},
    {.name = "kind",
        .type = FIELD_STRING,
        .choices = kinds,
        .meaning = "emergency: told at once; planned: once another person has approved"},
    {.name = "reason", .type = FIELD_STRING, .meaning = "Why it was asked for"},
    {.name = "account", .type = FIELD_STRING, .meaning = "Who asked"},
    {.name = "role", .type = FIELD_STRING, .meaning = "In which role"},
    {.name = "asked_at", .type = FIELD_TIME, .meaning = "When"},
    {.name = "decision",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .choices = decisions,
        .meaning = "Of planned: the second person's; null before there is one"},
    NULLABLE("decided_by", FIELD_STRING, "Who decided"),
    NULLABLE("decided_role", FIELD_STRING, "In which role"),
    NULLABLE("decided_at", FIELD_TIME, "When"),
    NULLABLE("decided_for", FIELD_STRING, "Why"),
    NULLABLE("known_at", FIELD_TIME, "Since when who asked knows the arm; null: was not told yet"),
    {.name = "looks", .type = FIELD_INTEGER, .meaning = "How often it was told"},
    {.name = "told",
        .type = FIELD_OBJECT,
        .flags = FIELD_RESTRICTED | FIELD_NULLABLE,
        .meaning = "Schemes to arms, as they were told; null before. Absent for roles that may "
                   "not know arms"},
    {0},
};

static const struct field told_fields[] = {
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "The scheme that it was allocated in"},
    {.name = "arm", .type = FIELD_IDENTIFIER, .meaning = "The arm"},
    {.name = "allocated_at", .type = FIELD_TIME, .meaning = "When it was allocated"},
    {0},
};

const struct field unblinding_told_answer[] = {
    {.name = "unblinding", .type = FIELD_UUID, .meaning = "The id of what was written down"},
    {.name = "arm_of", .type = FIELD_STRING, .meaning = "The code of the unit that was allocated"},
    {.name = "allocations",
        .type = FIELD_ARRAY,
        .children = told_fields,
        .meaning = "Its arm; one row for each scheme that it was allocated in"},
    {0},
};

const struct field unblinding_account_answer[] = {
    {.name = "account", .type = FIELD_STRING, .meaning = "The account"},
    {.name = "display", .type = FIELD_STRING, .meaning = "Its name for people"},
    {.name = "emergency", .type = FIELD_INTEGER, .meaning = "Arms told at once, to it alone"},
    {.name = "planned", .type = FIELD_INTEGER, .meaning = "Arms told with another's approval"},
    {.name = "asked", .type = FIELD_INTEGER, .meaning = "Planned ones that it asked for"},
    {.name = "refused", .type = FIELD_INTEGER, .meaning = "Of these refused"},
    {.name = "told", .type = FIELD_INTEGER, .meaning = "Arms that came out to it"},
    {.name = "last_at", .type = FIELD_TIME, .meaning = "When the last of these was"},
    {0},
};

static bool
read_ask(struct call *call, struct unblinding_ask *ask, struct error *error)
{
    struct unit unit;
    if (!unit_asked(call, &unit, error))
        return false;
    *ask = (struct unblinding_ask){
        .trial_id = call->trial_id,
        .unblinding_id = uuid_new(),
        .unit_id = unit.row.unit_id,
        .code = unit.row.code,
        .reason = call_text(call, "reason"),
        .key = call->key,
    };
    return true;
}

/* What is asked for or decided about whom, and why, is what the signature stands under. */
static bool
sign(struct call *call, const char *code, const char *what, bool *done, struct error *error)
{
    const char *record =
        arena_printf(call->arena, "%s\n%s\n%s", code, what, call_text(call, "reason"));
    const struct call_signing signing = {
        .action = "unblind",
        .object = arena_printf(call->arena, "unit/%s", code),
        .record = digest_sha256(record, strlen(record)),
    };
    return call_sign(call, &signing, done, error);
}

static json_t *
encode_told(struct uuid unblinding_id, const struct sql_unblind_row *rows, size_t count)
{
    json_t *allocations = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            allocations, json_pack("{s:s, s:s, s:o}", "scheme", rows[i].scheme, "arm", rows[i].arm,
                             "allocated_at", json_time(rows[i].allocated_at)));
    return json_pack("{s:o, s:s, s:o}", "unblinding", json_id(unblinding_id), "arm_of",
        rows[0].unit, "allocations", allocations);
}

bool
unblinding_emergency_add(struct call *call, struct error *error)
{
    struct unblinding_ask ask;
    struct sql_unblind_rows told;
    bool done;
    if (!read_ask(call, &ask, error))
        return false;
    if (!sign(call, ask.code, "emergency", &done, error) || done)
        return done;
    if (!unblinding_emergency(call->tx, &ask, &told))
        return call_failed(call, error);
    call->restricted = true;
    call->for_ever = true;
    return call_answer(call, 201, encode_told(ask.unblinding_id, told.rows, told.count));
}

/* The arms that were told, for roles that know them. */
static bool
add_told(struct call *call, const struct sql_unblinding_list_row *row, json_t *json)
{
    struct sql_unblinding_told_rows rows;
    json_t *told = row->known_at.set ? json_object() : json_null();
    json_object_set_new(json, "told", told);
    if (!row->known_at.set)
        return true;
    if (!sql_unblinding_told(call->tx,
            &(struct sql_unblinding_told){
                .trial_id = call->trial_id, .unblinding_id = row->unblinding_id},
            &rows))
        return false;
    for (size_t i = 0; i < rows.count; i++)
        json_object_set_new(told, rows.rows[i].scheme, json_string(rows.rows[i].arm));
    return true;
}

static json_t *
encode(const struct sql_unblinding_list_row *row)
{
    bool workplace = text_equal(row->unit, "workplace");
    json_t *json = json_pack("{s:o, s:o, s:o, s:s, s:s, s:s, s:s, s:s, s:o}", "unblinding",
        json_id(row->unblinding_id), "workplace", json_text(workplace ? row->code : NULL),
        "participant", json_text(workplace ? NULL : row->code), "arm_of", row->arm_of, "kind",
        row->kind, "reason", row->reason, "account", row->account, "role", row->role, "asked_at",
        json_time(row->asked_at));
    json_t *more = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "decision",
        json_text(row->decision), "decided_by", json_text(row->decided_by), "decided_role",
        json_text(row->decided_role), "decided_at", json_opt_time(row->decided_at), "decided_for",
        json_text(row->decided_for), "known_at", json_opt_time(row->known_at), "looks",
        (json_int_t)row->looks);
    json_object_update(json, more);
    json_decref(more);
    return json;
}

static bool
answer_one(struct call *call, struct uuid unblinding_id, int status, struct error *error)
{
    struct sql_unblinding_list_row row;
    if (!unblinding_read(call->tx, call->trial_id, call->scope, unblinding_id, &row))
        return call_failed(call, error);
    json_t *json = encode(&row);
    if (call_sees_arms(call) && !add_told(call, &row, json)) {
        json_decref(json);
        return call_failed(call, error);
    }
    return call_answer(call, status, json);
}

bool
unblinding_add(struct call *call, struct error *error)
{
    struct unblinding_ask ask;
    bool done;
    if (!read_ask(call, &ask, error))
        return false;
    if (!sign(call, ask.code, "planned", &done, error) || done)
        return done;
    if (!unblinding_request(call->tx, &ask))
        return call_failed(call, error);
    return answer_one(call, ask.unblinding_id, 201, error);
}

/* The unblinding of the path. */
static bool
find_id(const struct call *call, struct uuid *id, struct error *error)
{
    const char *text = call->request->parameters[1];
    return uuid_parse(text, id) || error_set(error, ERROR_NOT_FOUND, "unblinding",
                                       "There is no unblinding %s for you", text);
}

/* Who holds both roles decides in the one that who asked did not ask in. */
static bool
take_other_role(struct call *call, const struct sql_unblinding_list_row *asked)
{
    enum role other = call->role == ROLE_STATISTICIAN ? ROLE_TRIAL_MANAGER : ROLE_STATISTICIAN;
    if (!text_equal(asked->role, role_name(call->role)))
        return true;
    for (size_t i = 0; i < call->caller.grant_count; i++)
        if (call->caller.grants[i].role == other) {
            call->role = other;
            return call_act(call, call->request->route->id);
        }
    return true;
}

bool
unblinding_decision_add(struct call *call, struct error *error)
{
    struct uuid id;
    struct sql_unblinding_list_row asked;
    const char *decision = call_text(call, "decision");
    bool done;
    if (!find_id(call, &id, error))
        return false;
    if (!unblinding_read(call->tx, call->trial_id, call->scope, id, &asked) ||
        !take_other_role(call, &asked))
        return call_failed(call, error);
    if (!sign(call, asked.code, decision, &done, error) || done)
        return done;
    if (!unblinding_decide(call->tx, call->trial_id, &asked, text_equal(decision, "approved"),
            call->role, call->caller.account_id, call_text(call, "reason")))
        return call_failed(call, error);
    return answer_one(call, id, 201, error);
}

bool
unblinding_arm_show(struct call *call, struct error *error)
{
    struct uuid id;
    struct sql_unblinding_arm_rows told;
    if (!find_id(call, &id, error))
        return false;
    if (!unblinding_tell(call->tx, call->trial_id, id, call->caller.account_id, &told))
        return call_failed(call, error);
    return call_answer(call, 200, encode_told(id, told.rows, told.count));
}

bool
unblinding_show(struct call *call, struct error *error)
{
    struct uuid id;
    return find_id(call, &id, error) && answer_one(call, id, 200, error);
}

bool
unblinding_list(struct call *call, struct error *error)
{
    struct sql_unblinding_list_rows rows;
    struct sql_unblinding_list query = {.trial_id = call->trial_id,
        .scope = call->scope,
        .account = http_query(call->request, "account"),
        .after = call->list.after_id,
        .most = call->list.most};
    if (!unit_query(call, &query.unit, error))
        return false;
    if (!sql_unblinding_list(call->tx, &query, &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++) {
        json_t *json = encode(&rows.rows[i]);
        bool told = !call_sees_arms(call) || add_told(call, &rows.rows[i], json);
        list_add_id(call, rows.rows[i].unblinding_id, json);
        if (!told)
            return call_failed(call, error);
    }
    return list_answer(call);
}

bool
unblinding_account_list(struct call *call, struct error *error)
{
    struct sql_unblinding_accounts_rows rows;
    if (!sql_unblinding_accounts(call->tx,
            &(struct sql_unblinding_accounts){
                .trial_id = call->trial_id, .after = call->list.after, .most = call->list.most},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_unblinding_accounts_row *row = &rows.rows[i];
        list_add(call, row->account,
            json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:o}", "account", row->account,
                "display", row->display, "emergency", (json_int_t)row->emergency, "planned",
                (json_int_t)row->planned, "asked", (json_int_t)row->asked, "refused",
                (json_int_t)row->refused, "told", (json_int_t)row->told, "last_at",
                json_time(row->last_at)));
    }
    return list_answer(call);
}
