/*
 * participant.c: participants under their codes: registered one by one or from a table, listed, and
 * what coordinators record of them. Nothing here tells who they are, nor the arm of their
 * workplace.
 */
#include "store/people/participant.h"

#include "api/handlers.h"
#include "api/people/unit.h"
#include "store/conduct/protocol.h"

static const char *const states[] = {"registered", "allocated", "withdrawn", NULL};

static const char *const joined[] = {"on-roster", "after-roster", "post_allocation", NULL};

const struct field participant_query[] = {
    {.name = "state",
        .type = FIELD_STRING,
        .choices = states,
        .meaning = "Only those in this state"},
    {.name = "county", .type = FIELD_STRING, .max = 63, .meaning = "Only those of this county"},
    {.name = "scheme",
        .type = FIELD_IDENTIFIER,
        .meaning = "Only those allocated in this scheme, one by one or with their workplace"},
    {.name = "workplace",
        .type = FIELD_STRING,
        .max = 16,
        .meaning = "Only those of this workplace"},
    {.name = "joined",
        .type = FIELD_STRING,
        .choices = joined,
        .meaning = "Only those who came to their cluster so"},
    {0},
};

const struct field participant_new[] = {
    {.name = "workplace",
        .type = FIELD_STRING,
        .min = 2,
        .max = 16,
        .meaning = "The code of the workplace that employs the participant; required where the "
                   "trial has workplaces"},
    {.name = "from", .type = FIELD_DATE, .meaning = "Employed there since; today when absent"},
    {.name = "attributes",
        .type = FIELD_MAP_TEXT,
        .flags = FIELD_REQUIRED,
        .max = 200,
        .meaning = "The protocol's attributes of participants, as text; never anything that tells "
                   "who it is"},
    {.name = "identity",
        .type = FIELD_OBJECT,
        .children = identity_fields,
        .meaning = "Who it is: kept sealed in the vault, and shown by no answer but a reading's"},
    {0},
};

const struct field participant_answers_new[] = {
    {.name = "answers",
        .type = FIELD_MAP_BOOLEAN,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 100,
        .meaning = "Question ids of the protocol to true (yes) or false (no); a later answer takes "
                   "the place of an earlier one"},
    {0},
};

const struct field participant_answer[] = {
    {.name = "code",
        .type = FIELD_STRING,
        .meaning = "The participant's code in this trial, such as PK7H3WAT; its last character "
                   "finds mistyped ones"},
    {.name = "state",
        .type = FIELD_STRING,
        .choices = states,
        .meaning = "Where they stand; allocated: by themselves or with the workplace that is their "
                   "cluster, whenever they came there"},
    {.name = "workplace",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The workplace that they are in, or were in last; null in a trial without"},
    {.name = "employed_from",
        .type = FIELD_DATE,
        .flags = FIELD_NULLABLE,
        .meaning = "The first day there"},
    {.name = "employed_to",
        .type = FIELD_DATE,
        .flags = FIELD_NULLABLE,
        .meaning = "The last day there; null while it goes on"},
    {.name = "cluster",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The workplace in which they are analysed, for good: the first they were in "
                   "when its roster was locked or it was allocated; null until then"},
    {.name = "joined",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .choices = joined,
        .meaning = "How they came to the cluster: on-roster, there when its roster was locked, or, "
                   "without a lock, when it was allocated; after-roster, between the lock and the "
                   "allocation; post_allocation, after that"},
    {.name = "primary_set",
        .type = FIELD_BOOLEAN,
        .flags = FIELD_NULLABLE,
        .meaning = "In the primary set of the cluster's analysis: false for who came after the "
                   "allocation and for who was excluded; null without a cluster"},
    {.name = "county",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The workplace's county, where the protocol asks for it"},
    {.name = "site",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The workplace's site, where the trial has sites"},
    {.name = "attributes",
        .type = FIELD_MAP_TEXT,
        .meaning = "Values as text, by the protocol's names"},
    {.name = "answers",
        .type = FIELD_MAP_BOOLEAN,
        .meaning = "Eligibility questions answered so far"},
    {.name = "flags",
        .type = FIELD_OBJECT,
        .flags = FIELD_NULLABLE,
        .meaning = "The protocol's flags: true, false, or null where one cannot be decided; as "
                   "they were frozen before allocation, and before that as they are now, which is "
                   "null for blinded roles"},
    {.name = "flags_version",
        .type = FIELD_INTEGER,
        .flags = FIELD_NULLABLE,
        .meaning = "The protocol version whose rules froze the flags; null until then"},
    {.name = "schemes",
        .type = FIELD_ARRAY,
        .meaning = "Schemes that they have been allocated in; never to what"},
    {.name = "eligible",
        .type = FIELD_BOOLEAN,
        .flags = FIELD_NULLABLE,
        .meaning = "Nothing is missing; null for blinded roles"},
    {.name = "missing",
        .type = FIELD_ARRAY,
        .flags = FIELD_NULLABLE,
        .meaning = "What is missing, in sentences; null for blinded roles"},
    {.name = "registered_at", .type = FIELD_TIME, .meaning = "When they were registered"},
    {.name = "changed_at", .type = FIELD_TIME, .meaning = "When they were last changed"},
    {0},
};

/* The flags as they are now; null without the protocol or without flags. */
static json_t *
flags_now(struct call *call, const struct protocol *protocol, const struct readiness_unit *facts)
{
    json_t *list =
        protocol == NULL ? json_null() : json_stored(unit_flags(call->arena, protocol, facts));
    if (!json_is_array(list))
        return list;
    json_t *flags = json_object();
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item) json_object_set(
        flags, json_string_value(json_object_get(item, "flag")), json_object_get(item, "raised"));
    json_decref(list);
    return flags;
}

static json_t *
encode(
    struct call *call, const struct sql_participant_list_row *row, const struct protocol *protocol)
{
    struct readiness_unit facts;
    participant_facts(call->arena, row, &facts);
    json_t *json = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "code",
        row->code, "state", row->state, "workplace", json_text(row->workplace), "employed_from",
        json_text(row->employed_from), "employed_to", json_text(row->employed_to), "county",
        json_text(row->county), "site", json_text(row->site), "attributes",
        json_stored(row->attributes), "answers", json_stored(row->answers), "flags",
        row->flags == NULL ? flags_now(call, protocol, &facts) : json_stored(row->flags),
        "flags_version", json_opt_number(row->flags_version), "schemes",
        unit_encode_schemes(row->allocations));
    json_object_set_new(json, "cluster", json_text(row->cluster));
    json_object_set_new(json, "joined", json_text(row->joined));
    json_object_set_new(json, "primary_set",
        row->joined == NULL
            ? json_null()
            : json_boolean(!text_equal(row->joined, "post_allocation") && !row->screened_out));
    unit_encode_readiness(call, protocol, &facts, json);
    json_object_set_new(json, "registered_at", json_time(row->registered_at));
    json_object_set_new(json, "changed_at", json_time(row->changed_at));
    return json;
}

bool
participant_list(struct call *call, struct error *error)
{
    struct sql_participant_list_rows rows;
    const struct protocol *protocol = NULL;
    int version;
    if (!sql_participant_list(call->tx,
            &(struct sql_participant_list){.trial_id = call->trial_id,
                .scope = call->scope,
                .after = call->list.after,
                .most = call->list.most,
                .state = http_query(call->request, "state"),
                .county = http_query(call->request, "county"),
                .scheme = http_query(call->request, "scheme"),
                .workplace = http_query(call->request, "workplace"),
                .joined = http_query(call->request, "joined")},
            &rows))
        return call_failed(call, error);
    if (rows.count > 0 && !unit_rules(call, &protocol, &version))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        list_add(call, rows.rows[i].code, encode(call, &rows.rows[i], protocol));
    return list_answer(call);
}

static bool
answer_participant(struct call *call, int status, const char *typed, struct error *error)
{
    struct unit unit;
    struct sql_participant_list_rows rows;
    const struct protocol *protocol;
    int version;
    if (!unit_read(
            call->tx, call->trial_id, call->scope, PROTOCOL_PARTICIPANT, typed, false, &unit) ||
        !sql_participant_list(call->tx,
            &(struct sql_participant_list){.trial_id = call->trial_id,
                .scope = call->scope,
                .after = "",
                .most = 1,
                .code = unit.row.code},
            &rows) ||
        !unit_rules(call, &protocol, &version))
        return call_failed(call, error);
    if (rows.count == 0)
        return error_set(error, ERROR_INTERNAL, "participant", "%s has no card", unit.row.code);
    call_answer(call, status, encode(call, &rows.rows[0], protocol));
    etag_add(call->response, etag_version(call->arena, unit.row.version));
    return true;
}

bool
participant_show(struct call *call, struct error *error)
{
    return answer_participant(call, 200, call->request->parameters[1], error);
}

static bool
read_desk(struct call *call, struct participant_desk *desk)
{
    *desk = (struct participant_desk){.session = call->session,
        .trial_id = call->trial_id,
        .scope = call->scope,
        .account_id = call->caller.account_id,
        .refused = &call->enrolments_refused};
    desk->protocol = protocol_in_force(call->tx, call->session, call->trial_id, &desk->version);
    return desk->protocol != NULL;
}

bool
participant_add(struct call *call, struct error *error)
{
    struct participant_desk desk;
    const struct participant_new new = {.workplace = call_text(call, "workplace"),
        .from = call_text(call, "from"),
        .attributes = json_object_get(call->body, "attributes"),
        .identity = json_object_get(call->body, "identity")};
    char code[CODE_SIZE];
    if (!read_desk(call, &desk) ||
        !participant_register(call->tx, &desk, &new, &call->faults, code))
        return call_failed(call, error);
    return answer_participant(call, 201, code, error);
}

bool
participant_import(struct call *call, struct error *error)
{
    struct csv csv;
    struct participant_desk desk;
    struct enrol_imported imported;
    call->faults.most = ENROL_FAULTS_MOST;
    bool readable =
        csv_read(call->arena, call->request->body, call->request->body_size, &call->faults, &csv);
    if (!read_desk(call, &desk))
        return call_failed(call, error);
    if (!readable && csv.header.count == 0)
        return error_set(error, ERROR_FIELDS, "csv", "The file cannot be read as a table");
    if (!participant_import_rows(call->tx, &desk, &csv,
            text_equal(http_query(call->request, "dry_run"), "true"), &call->faults, &imported))
        return call_failed(call, error);
    return import_answered(call, &csv, &imported);
}

bool
participant_answers(struct call *call, struct error *error)
{
    return unit_record_answers(call, PROTOCOL_PARTICIPANT, error) &&
           answer_participant(call, 200, call->request->parameters[1], error);
}
