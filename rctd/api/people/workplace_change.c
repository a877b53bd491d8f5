/*
 * workplace_change.c: what became of workplaces. The reason, and whether two arms met, are for
 * roles that know arms; others see what happened and when.
 */
#include "store/people/workplace_change.h"

#include "api/handlers.h"

static const char *const kinds[] = {"merged", "split", "closed", "renamed", "reopened", NULL};

const struct field workplace_change_new[] = {
    {.name = "kind",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = kinds,
        .meaning = "merged: it is part of the other now, and no more itself; split: the other was "
                   "part of it; closed: it is no more; renamed; reopened"},
    {.name = "other",
        .type = FIELD_STRING,
        .min = 2,
        .max = 16,
        .meaning = "Of merged and split: the other workplace's code"},
    {.name = "name", .type = FIELD_STRING, .min = 1, .max = 200, .meaning = "Of renamed: the name"},
    {.name = "on", .type = FIELD_DATE, .meaning = "Since which day; today when absent"},
    {.name = "reason",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 500,
        .meaning = "What happened, and how it is known; no names of people"},
    {0},
};

const struct field workplace_change_query[] = {
    {.name = "workplace",
        .type = FIELD_STRING,
        .max = 16,
        .meaning = "Only of this workplace, on either side"},
    {0},
};

const struct field workplace_change_answer[] = {
    {.name = "change", .type = FIELD_UUID, .meaning = "The change's id"},
    {.name = "workplace", .type = FIELD_STRING, .meaning = "The workplace that it is about"},
    {.name = "kind", .type = FIELD_STRING, .choices = kinds, .meaning = "What happened"},
    {.name = "other",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "What it is part of now, or what was part of it; null otherwise"},
    {.name = "on", .type = FIELD_DATE, .meaning = "Since which day"},
    {.name = "name",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The new name, where it was renamed"},
    {.name = "former_name",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The name before, where it was renamed"},
    {.name = "reason",
        .type = FIELD_STRING,
        .flags = FIELD_RESTRICTED,
        .meaning = "What happened, and how it is known; only for roles that know arms"},
    {.name = "crossed",
        .type = FIELD_BOOLEAN,
        .flags = FIELD_RESTRICTED | FIELD_NULLABLE,
        .meaning = "The two were allocated to different arms; only for roles that know arms, and "
                   "null where one of them lies outside their counties and sites"},
    {.name = "recorded_at", .type = FIELD_TIME, .meaning = "When it was recorded"},
    {.name = "recorded_by", .type = FIELD_STRING, .meaning = "By which account"},
    {0},
};

static json_t *
encode(const struct sql_workplace_change_list_row *row)
{
    return json_pack("{s:o, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:s}", "change",
        json_id(row->change_id), "workplace", row->workplace, "kind", row->kind, "other",
        json_text(row->other), "on", row->on_day, "name", json_text(row->name), "former_name",
        json_text(row->former_name), "recorded_at", json_time(row->recorded_at), "recorded_by",
        row->recorded_by);
}

static bool
add_restricted(struct call *call, struct uuid change_id, json_t *json)
{
    struct sql_workplace_change_restricted_row row;
    if (!sql_workplace_change_restricted(call->tx,
            &(struct sql_workplace_change_restricted){
                .trial_id = call->trial_id, .scope = call->scope, .change_id = change_id},
            &row))
        return false;
    json_object_set_new(json, "reason", json_string(row.reason));
    json_object_set_new(
        json, "crossed", row.crossed.set ? json_boolean(row.crossed.value) : json_null());
    return true;
}

/* The rows that fit, by role; NULL where the transaction has failed. */
static json_t *
read_rows(struct call *call, const struct sql_workplace_change_list *query)
{
    struct sql_workplace_change_list_rows rows;
    if (!sql_workplace_change_list(call->tx, query, &rows))
        return NULL;
    json_t *items = json_array();
    for (size_t i = 0; i < rows.count; i++) {
        json_t *json = encode(&rows.rows[i]);
        json_array_append_new(items, json);
        if (call_sees_arms(call) && !add_restricted(call, rows.rows[i].change_id, json)) {
            json_decref(items);
            return NULL;
        }
    }
    return items;
}

bool
workplace_change_list(struct call *call, struct error *error)
{
    struct workplace workplace;
    const char *code = http_query(call->request, "workplace");
    struct sql_workplace_change_list query = {.trial_id = call->trial_id,
        .scope = call->scope,
        .after = call->list.after_id,
        .most = call->list.most};
    if (code != NULL) {
        if (!workplace_read(call->tx, call->trial_id, call->scope, code, false, &workplace))
            return call_failed(call, error);
        query.unit_id = (struct opt_uuid){true, workplace.row.unit_id};
    }
    json_t *items = read_rows(call, &query);
    if (items == NULL)
        return call_failed(call, error);
    list_add_all(call, items, "change");
    return list_answer(call);
}

bool
workplace_change_add(struct call *call, struct error *error)
{
    struct workplace workplace;
    struct uuid change_id;
    const struct workplace_change change = {
        .kind = call_text(call, "kind"),
        .other = call_text(call, "other"),
        .name = call_text(call, "name"),
        .on = call_text(call, "on"),
        .reason = call_text(call, "reason"),
    };
    if (!workplace_read(call->tx, call->trial_id, call->scope, call->request->parameters[1], true,
            &workplace) ||
        !workplace_change_record(call->tx, call->trial_id, call->scope, &workplace, &change,
            call->caller.account_id, &call->faults, &change_id))
        return call_failed(call, error);
    json_t *items = read_rows(call, &(struct sql_workplace_change_list){.trial_id = call->trial_id,
                                        .scope = call->scope,
                                        .most = 1,
                                        .change_id = {true, change_id}});
    if (items == NULL)
        return call_failed(call, error);
    json_t *json = json_incref(json_array_get(items, 0));
    json_decref(items);
    call->restricted = true;
    return call_answer(call, 201, json);
}
