/*
 * roster.c: the list of a roster as it was frozen with its lock, and where participants went
 * since: their employments, and the move to another workplace. Whether a move leads into another
 * arm is for roles that know arms.
 */
#include "api/handlers.h"
#include "store/people/move.h"
#include "store/people/workplace.h"

#define ROSTER_MAX 100000 /* a head count is no more */

static const struct field member_fields[] = {
    {.name = "code", .type = FIELD_STRING, .meaning = "The participant's code"},
    {.name = "state", .type = FIELD_STRING, .meaning = "Where they stand"},
    {.name = "workplace",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "Where they work now; null: nowhere in the trial"},
    {.name = "cluster",
        .type = FIELD_STRING,
        .meaning = "The workplace in which they are analysed, for good"},
    {0},
};

const struct field roster_answer[] = {
    {.name = "workplace", .type = FIELD_STRING, .meaning = "The workplace's code"},
    {.name = "head_count",
        .type = FIELD_INTEGER,
        .meaning = "People on the roster, registered as participants or not"},
    {.name = "listed", .type = FIELD_INTEGER, .meaning = "Of them, those on the list"},
    {.name = "digest",
        .type = FIELD_STRING,
        .meaning = "SHA-256 over the listed codes in order, each with a line end; it stands in the "
                   "trail of the lock"},
    {.name = "locked_on", .type = FIELD_DATE, .meaning = "The day of the lock"},
    {.name = "locked_at", .type = FIELD_TIME, .meaning = "Its moment"},
    {.name = "members",
        .type = FIELD_ARRAY,
        .children = member_fields,
        .meaning = "Participants who worked there on that day, by code"},
    {0},
};

const struct field employment_answer[] = {
    {.name = "workplace", .type = FIELD_STRING, .meaning = "The workplace's code"},
    {.name = "name", .type = FIELD_STRING, .meaning = "Its name"},
    {.name = "from", .type = FIELD_DATE, .meaning = "The first day there"},
    {.name = "to",
        .type = FIELD_DATE,
        .flags = FIELD_NULLABLE,
        .meaning = "The last day there; null while it goes on"},
    {.name = "cluster",
        .type = FIELD_BOOLEAN,
        .meaning = "Is it the workplace in which they are analysed?"},
    {.name = "crossed",
        .type = FIELD_BOOLEAN,
        .flags = FIELD_RESTRICTED | FIELD_NULLABLE,
        .meaning = "It is in another arm than the cluster; only for roles that know arms, and null "
                   "where one of the two lies outside their counties and sites"},
    {0},
};

const struct field employment_new[] = {
    {.name = "workplace",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 2,
        .max = 16,
        .meaning = "The code of the workplace that they go to"},
    {.name = "from",
        .type = FIELD_DATE,
        .meaning =
            "The first day there; today when absent. The employment that goes on ends the "
            "day before; its own first day stands for a registration in the wrong workplace, "
            "which is put right on its day, while nothing is locked or allocated"},
    {0},
};

bool
roster_show(struct call *call, struct error *error)
{
    struct workplace workplace;
    struct sql_roster_get_row roster;
    struct sql_roster_members_rows members;
    bool found;
    if (!workplace_read(
            call->tx, call->trial_id, call->scope, call->request->parameters[1], false, &workplace))
        return call_failed(call, error);
    const struct uuid unit_id = workplace.row.unit_id;
    if (!sql_roster_get(call->tx,
            &(struct sql_roster_get){.trial_id = call->trial_id, .unit_id = unit_id}, &roster,
            &found) ||
        !sql_roster_members(call->tx,
            &(struct sql_roster_members){
                .trial_id = call->trial_id, .unit_id = unit_id, .after = "", .most = ROSTER_MAX},
            &members))
        return call_failed(call, error);
    if (!found)
        return error_set(error, ERROR_NOT_FOUND, "roster", "The roster of %s %s",
            workplace.row.code,
            workplace.row.roster_locked_at.set ? "was locked before lists were kept"
                                               : "is not locked yet");
    json_t *list = json_array();
    for (size_t i = 0; i < members.count; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:o, s:s}", "code", members.rows[i].code, "state",
                      members.rows[i].state, "workplace", json_text(members.rows[i].workplace),
                      "cluster", members.rows[i].cluster));
    return call_answer(call, 200,
        json_pack("{s:s, s:o, s:i, s:s, s:s, s:o, s:o}", "workplace", workplace.row.code,
            "head_count", json_opt_number(workplace.row.head_count), "listed", (int)roster.listed,
            "digest", roster.digest, "locked_on", roster.locked_on, "locked_at",
            json_time(roster.locked_at), "members", list));
}

static json_t *
opt_flag(struct opt_bool flag)
{
    return flag.set ? json_boolean(flag.value) : json_null();
}

/* The employments of a participant, by role; NULL where the transaction has failed. */
static json_t *
read_employments(struct call *call, struct uuid unit_id)
{
    struct sql_employment_list_rows rows;
    struct sql_employment_crossings_rows crossings = {0};
    if (!sql_employment_list(call->tx,
            &(struct sql_employment_list){.trial_id = call->trial_id, .unit_id = unit_id}, &rows))
        return NULL;
    if (call_sees_arms(call) &&
        !sql_employment_crossings(call->tx,
            &(struct sql_employment_crossings){
                .trial_id = call->trial_id, .scope = call->scope, .unit_id = unit_id},
            &crossings))
        return NULL;
    json_t *items = json_array();
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_employment_list_row *row = &rows.rows[i];
        json_t *item = json_pack("{s:s, s:s, s:s, s:o, s:b}", "workplace", row->workplace, "name",
            row->name, "from", row->from_on, "to", json_text(row->to_on), "cluster", row->cluster);
        if (i < crossings.count)
            json_object_set_new(item, "crossed", opt_flag(crossings.rows[i].crossed));
        json_array_append_new(items, item);
    }
    return items;
}

bool
employment_list(struct call *call, struct error *error)
{
    struct unit unit;
    if (!unit_read(call->tx, call->trial_id, call->scope, PROTOCOL_PARTICIPANT,
            call->request->parameters[1], false, &unit))
        return call_failed(call, error);
    json_t *items = read_employments(call, unit.row.unit_id);
    if (items == NULL)
        return call_failed(call, error);
    list_add_all(call, items, NULL);
    return list_answer(call);
}

bool
employment_add(struct call *call, struct error *error)
{
    struct unit unit;
    const struct move move = {
        .workplace = call_text(call, "workplace"), .from = call_text(call, "from")};
    if (!unit_read(call->tx, call->trial_id, call->scope, PROTOCOL_PARTICIPANT,
            call->request->parameters[1], true, &unit) ||
        !move_participant(
            call->tx, call->session, call->trial_id, call->scope, &unit, &move, &call->faults))
        return call_failed(call, error);
    json_t *items = read_employments(call, unit.row.unit_id);
    if (items == NULL)
        return call_failed(call, error);
    json_t *last = json_incref(json_array_get(items, json_array_size(items) - 1));
    json_decref(items);
    call->restricted = true; /* it may say that an arm was left */
    return call_answer(call, 201, last);
}
