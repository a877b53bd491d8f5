/*
 * deviation.c: randomisation errors. The reason, the strata and the arm are for roles that know
 * arms: people who know them have written the reason. Others learn that there was an error, of
 * which kind, and what it means for the analysis.
 */
#include "store/conduct/deviation.h"

#include "api/handlers.h"

static const char *const kinds[] = {
    "wrong-stratum", "ineligible", "duplicate", "other", "no-error", NULL};

const struct field deviation_new[] = {
    {.name = "kind",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = kinds,
        .meaning = "What was wrong (Yelland et al. 2015); no-error takes an earlier report back"},
    {.name = "reason",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 2000,
        .meaning = "What happened and how it was found; no names"},
    {.name = "arm_known",
        .type = FIELD_BOOLEAN,
        .flags = FIELD_REQUIRED,
        .meaning = "Did who found the error know the unit's arm? Decides which stratum the "
                   "primary analysis adjusts for (Yelland et al. 2023, table 5)"},
    {.name = "values",
        .type = FIELD_MAP_TEXT,
        .min = 1,
        .max = 50,
        .meaning = "Of wrong-stratum: attributes whose values were not true, to the true ones"},
    {.name = "rule",
        .type = FIELD_IDENTIFIER,
        .meaning = "Of ineligible: the protocol's rule that was not met"},
    {.name = "known_on",
        .type = FIELD_DATE,
        .meaning = "Of ineligible: the day on which it became known"},
    {.name = "duplicate_of",
        .type = FIELD_UUID,
        .meaning = "Of duplicate: the earlier allocation of the same person or workplace"},
    {.name = "separate_data",
        .type = FIELD_BOOLEAN,
        .meaning = "Of duplicate: will each of the two allocations have data of its own?"},
    {.name = "supersedes",
        .type = FIELD_UUID,
        .meaning = "The earlier report that this one is in place of"},
    {0},
};

const struct field deviation_query[] = {
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "Only of this scheme"},
    {0},
};

const struct field deviation_decision_new[] = {
    {.name = "primary_set",
        .type = FIELD_BOOLEAN,
        .flags = FIELD_REQUIRED,
        .meaning = "Is the unit in the primary analysis set?"},
    {.name = "reason",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 2000,
        .meaning = "Why, such as the place in the analysis plan; stands in the trail"},
    {0},
};

#define NULLABLE(field, kind, text)                                                                \
    {                                                                                              \
        .name = (field), .type = (kind), .flags = FIELD_NULLABLE, .meaning = (text)                \
    }
#define RESTRICTED(field, kind, text)                                                              \
    {                                                                                              \
        .name = (field), .type = (kind), .flags = FIELD_RESTRICTED | FIELD_NULLABLE,               \
        .meaning = (text)                                                                          \
    }

const struct field deviation_answer[] = {
    {.name = "deviation", .type = FIELD_UUID, .meaning = "The report's id"},
    {.name = "allocation", .type = FIELD_UUID, .meaning = "The allocation, which stays as it is"},
    NULLABLE("workplace", FIELD_STRING, "Its workplace; null where a participant is the unit"),
    NULLABLE("participant", FIELD_STRING, "Its participant; null where a workplace is the unit"),
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "Its scheme"},
    {.name = "kind", .type = FIELD_STRING, .choices = kinds, .meaning = "What was wrong"},
    {.name = "arm_known",
        .type = FIELD_BOOLEAN,
        .meaning = "Who found the error knew the unit's arm"},
    NULLABLE("rule", FIELD_IDENTIFIER, "Of ineligible: the rule that was not met"),
    NULLABLE("known_on", FIELD_DATE, "Of ineligible: the day on which it became known"),
    NULLABLE("duplicate_of", FIELD_UUID, "Of duplicate: the earlier allocation"),
    NULLABLE("separate_data", FIELD_BOOLEAN, "Of duplicate: each has data of its own"),
    NULLABLE("supersedes", FIELD_UUID, "The report that this one is in place of"),
    NULLABLE("superseded_by", FIELD_UUID, "The report that is in place of this one"),
    {.name = "intention_to_treat",
        .type = FIELD_BOOLEAN,
        .meaning = "The unit stays in that set, in the arm that it was allocated to: always but "
                   "for a duplicate without data of its own (Yelland et al. 2015)"},
    {.name = "analysis_stratum",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"allocated", "true", NULL},
        .meaning = "Which stratum the primary analysis adjusts for (Yelland et al. 2023, table 5)"},
    NULLABLE("primary_set", FIELD_BOOLEAN,
        "The statistician's decision on the primary analysis set; null before there is one"),
    NULLABLE("decided_at", FIELD_TIME, "When that was decided"),
    NULLABLE("decided_by", FIELD_STRING, "By whom"),
    {.name = "recorded_at", .type = FIELD_TIME, .meaning = "When it was reported"},
    {.name = "recorded_by", .type = FIELD_STRING, .meaning = "By whom"},
    RESTRICTED("reason", FIELD_STRING, "What happened; absent for roles that may not know arms"),
    RESTRICTED("decided_for", FIELD_STRING, "Why it was decided so; absent likewise"),
    RESTRICTED("values", FIELD_OBJECT, "The true values as reported; absent likewise"),
    RESTRICTED("allocated_levels", FIELD_OBJECT, "What it was allocated on; absent likewise"),
    RESTRICTED("true_levels", FIELD_OBJECT, "What was true, by factor; absent likewise"),
    RESTRICTED("stratum", FIELD_STRING, "The stratum that it was allocated in; absent likewise"),
    RESTRICTED("true_stratum", FIELD_STRING, "The true one; absent likewise"),
    RESTRICTED("position", FIELD_INTEGER, "Its position, which never returns; absent likewise"),
    RESTRICTED("arm", FIELD_IDENTIFIER, "Its arm, which stays; absent likewise"),
    {0},
};

/* Which kind asks for which field. */
static const struct need {
    const char *kind;
    const char *field;
    const char *remedy;
} needs[] = {
    {"wrong-stratum", "values", "the attributes whose values were not true, with the true ones"},
    {"ineligible", "rule", "the id of the protocol's rule that was not met"},
    {"ineligible", "known_on", "the day on which it became known, YYYY-MM-DD"},
    {"duplicate", "duplicate_of", "the id of the earlier allocation"},
    {"duplicate", "separate_data", "true where each of the two will have data of its own"},
};

static bool
check_kind(struct call *call, const char *kind, struct error *error)
{
    bool fine = true;
    for (size_t i = 0; i < COUNT_OF(needs); i++) {
        bool there = json_object_get(call->body, needs[i].field) != NULL;
        bool wanted = text_equal(needs[i].kind, kind);
        const char *pointer = arena_printf(call->arena, "/%s", needs[i].field);
        if (wanted && !there)
            fine = call_fault(
                call, error, pointer, needs[i].remedy, "%s needs %s", kind, needs[i].field);
        else if (!wanted && there)
            fine = call_fault(
                call, error, pointer, "leave it out", "belongs to %s only", needs[i].kind);
    }
    if (text_equal(kind, "no-error") && call_text(call, "supersedes") == NULL)
        fine = call_fault(call, error, "/supersedes", "the id of the report that was not right",
            "no-error takes an earlier report back");
    return fine;
}

static struct opt_uuid
id_field(const struct call *call, const char *field)
{
    struct opt_uuid id = {0};
    const char *text = call_text(call, field);
    id.set = text != NULL && uuid_parse(text, &id.value);
    return id;
}

static json_t *
json_opt_id(struct opt_uuid id)
{
    return id.set ? json_id(id.value) : json_null();
}

static json_t *
json_opt_flag(struct opt_bool flag)
{
    return flag.set ? json_boolean(flag.value) : json_null();
}

/* What every role may see. */
static json_t *
encode(const struct sql_deviation_list_row *row)
{
    bool workplace = text_equal(row->unit, "workplace");
    json_t *json = json_pack("{s:o, s:o, s:o, s:o, s:s, s:s, s:b, s:o, s:o}", "deviation",
        json_id(row->deviation_id), "allocation", json_id(row->allocation_id), "workplace",
        json_text(workplace ? row->code : NULL), "participant",
        json_text(workplace ? NULL : row->code), "scheme", row->scheme, "kind", row->kind,
        "arm_known", row->arm_known, "rule", json_text(row->rule), "known_on",
        json_text(row->known_on));
    json_t *more = json_pack("{s:o, s:o, s:o, s:o, s:b, s:s, s:o, s:o, s:o, s:o, s:s}",
        "duplicate_of", json_opt_id(row->duplicate_of), "separate_data",
        json_opt_flag(row->separate_data), "supersedes", json_opt_id(row->supersedes),
        "superseded_by", json_opt_id(row->superseded_by), "intention_to_treat", row->kept,
        "analysis_stratum", row->analysis_stratum, "primary_set", json_opt_flag(row->primary_set),
        "decided_at", json_opt_time(row->decided_at), "decided_by", json_text(row->decided_by),
        "recorded_at", json_time(row->recorded_at), "recorded_by", row->recorded_by);
    json_object_update(json, more);
    json_decref(more);
    return json;
}

static json_t *
json_opt_stored(const char *json)
{
    return json == NULL ? json_null() : json_stored(json);
}

static bool
add_restricted(struct call *call, struct uuid deviation_id, json_t *json)
{
    struct sql_deviation_restricted_row row;
    if (!sql_deviation_restricted(call->tx,
            &(struct sql_deviation_restricted){
                .trial_id = call->trial_id, .deviation_id = deviation_id},
            &row))
        return false;
    json_t *more = json_pack("{s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:I, s:s}", "reason", row.reason,
        "decided_for", json_text(row.decided_for), "values", json_opt_stored(row.true_values),
        "allocated_levels", json_opt_stored(row.allocated_levels), "true_levels",
        json_opt_stored(row.true_levels), "stratum", row.stratum, "true_stratum",
        json_text(row.true_stratum), "position", (json_int_t)row.position, "arm", row.arm);
    json_object_update(json, more);
    json_decref(more);
    return true;
}

/* The rows that fit, as JSON by role; NULL where the transaction has failed. */
static json_t *
read_rows(struct call *call, const struct sql_deviation_list *query)
{
    struct sql_deviation_list_rows rows;
    if (!sql_deviation_list(call->tx, query, &rows))
        return NULL;
    json_t *items = json_array();
    for (size_t i = 0; i < rows.count; i++) {
        json_t *json = encode(&rows.rows[i]);
        json_array_append_new(items, json);
        if (call_sees_arms(call) && !add_restricted(call, rows.rows[i].deviation_id, json)) {
            json_decref(items);
            return NULL;
        }
    }
    return items;
}

static bool
answer_one(struct call *call, struct uuid deviation_id, int status, struct error *error)
{
    const struct sql_deviation_list query = {
        .trial_id = call->trial_id,
        .scope = call->scope,
        .most = 1,
        .deviation_id = {true, deviation_id},
    };
    json_t *items = read_rows(call, &query);
    if (items == NULL)
        return call_failed(call, error);
    json_t *json = json_incref(json_array_get(items, 0));
    json_decref(items);
    call->restricted = true;
    call->for_ever = true;
    return call_answer(call, status, json);
}

static bool
answer_list(struct call *call, struct opt_uuid allocation_id, struct error *error)
{
    const struct sql_deviation_list query = {
        .trial_id = call->trial_id,
        .scope = call->scope,
        .allocation_id = allocation_id,
        .scheme = http_query(call->request, "scheme"),
        .after = call->list.after_id,
        .most = call->list.most,
    };
    json_t *items = read_rows(call, &query);
    if (items == NULL)
        return call_failed(call, error);
    list_add_all(call, items, "deviation");
    return list_answer(call);
}

/* The allocation of the path, where it is one that the caller may know of. */
static bool
find_allocation(struct call *call, struct uuid *allocation_id, struct error *error)
{
    const char *text = call->request->parameters[1];
    struct sql_deviation_allocation_there_row row = {0};
    if (uuid_parse(text, allocation_id) &&
        !sql_deviation_allocation_there(call->tx,
            &(struct sql_deviation_allocation_there){
                .trial_id = call->trial_id, .scope = call->scope, .allocation_id = *allocation_id},
            &row))
        return call_failed(call, error);
    return row.there || error_set(error, ERROR_NOT_FOUND, "allocation",
                            "There is no allocation %s for you", text);
}

bool
deviation_list(struct call *call, struct error *error)
{
    return answer_list(call, (struct opt_uuid){0}, error);
}

bool
deviation_list_of_allocation(struct call *call, struct error *error)
{
    struct uuid allocation_id;
    return find_allocation(call, &allocation_id, error) &&
           answer_list(call, (struct opt_uuid){true, allocation_id}, error);
}

bool
deviation_add(struct call *call, struct error *error)
{
    struct uuid deviation_id;
    const char *kind = call_text(call, "kind");
    json_t *separate = json_object_get(call->body, "separate_data");
    struct deviation_report report = {
        .kind = deviation_kind_by_name(kind),
        .reason = call_text(call, "reason"),
        .arm_known = call_flag(call, "arm_known"),
        .values = json_object_get(call->body, "values"),
        .rule = call_text(call, "rule"),
        .known_on = call_text(call, "known_on"),
        .duplicate_of = id_field(call, "duplicate_of"),
        .separate_data = {separate != NULL, json_is_true(separate)},
        .supersedes = id_field(call, "supersedes"),
    };
    if (!find_allocation(call, &report.allocation_id, error) || !check_kind(call, kind, error))
        return false;
    if (!deviation_record(call->tx, call->session, call->trial_id, call->scope, &report,
            call->caller.account_id, &call->faults, &deviation_id))
        return call_failed(call, error);
    return answer_one(call, deviation_id, 201, error);
}

bool
deviation_decision_add(struct call *call, struct error *error)
{
    struct uuid deviation_id;
    const char *text = call->request->parameters[1];
    if (!uuid_parse(text, &deviation_id))
        return error_set(
            error, ERROR_NOT_FOUND, "deviation", "There is no deviation %s for you", text);
    if (!deviation_decide(call->tx, call->trial_id, deviation_id, call_flag(call, "primary_set"),
            call_text(call, "reason"), call->caller.account_id))
        return call_failed(call, error);
    return answer_one(call, deviation_id, 201, error);
}
