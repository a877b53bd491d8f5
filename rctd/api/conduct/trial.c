/*
 * trial.c: trials: made by an administrator, seen by whoever has a role on them.
 */
#include "store/conduct/trial.h"
#include "api/handlers.h"

const struct field trial_new[] = {
    {.name = "trial",
        .type = FIELD_IDENTIFIER,
        .flags = FIELD_REQUIRED,
        .meaning =
            "The trial's name in addresses and labels; the protocol bears it; never changes"},
    {.name = "title",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 500,
        .meaning = "What people call it; the locked protocol's title takes its place"},
    {.name = "organisation",
        .type = FIELD_STRING,
        .max = 200,
        .meaning = "The responsible organisation"},
    {0},
};

/* clang-format off */
#define TRIAL_FIELDS \
    { .name = "trial", .type = FIELD_IDENTIFIER, .meaning = "The trial's name" }, \
    { .name = "title", .type = FIELD_STRING, .meaning = "What people call it" }, \
    { .name = "organisation", .type = FIELD_STRING, .meaning = "The responsible organisation; may be empty" }, \
    { .name = "state", .type = FIELD_STRING, .choices = (const char *const[]) { "draft", "open", "closed", NULL }, \
        .meaning = "draft until a protocol version is locked" }, \
    { .name = "time_zone", .type = FIELD_STRING, .meaning = "Area/City; windows are civil days in it" }, \
    { .name = "created_at", .type = FIELD_TIME, .meaning = "When the trial was made" }
/* clang-format on */

const struct field trial_listed[] = {TRIAL_FIELDS, {0}};

const struct field trial_answer[] = {
    TRIAL_FIELDS,
    {.name = "trial_id",
        .type = FIELD_UUID,
        .meaning = "Its number, which the rows of its trail are hashed with"},
    {.name = "protocol_version",
        .type = FIELD_INTEGER,
        .flags = FIELD_NULLABLE,
        .meaning = "The version in force; null before the first lock"},
    {.name = "workplaces", .type = FIELD_INTEGER, .meaning = "Registered workplaces"},
    {.name = "allocated",
        .type = FIELD_INTEGER,
        .meaning = "Units that have been randomised in any phase, all arms together"},
    {0},
};

static json_t *
encode(const char *name, const char *title, const char *organisation, const char *state,
    const char *time_zone, int64_t created_at)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "trial", name, "title", title,
        "organisation", organisation, "state", state, "time_zone", time_zone, "created_at",
        json_time(created_at));
}

static bool
holds(const struct call *call, enum role role)
{
    for (size_t i = 0; i < call->caller.grant_count; i++)
        if (call->caller.grants[i].role == role && call->caller.grants[i].instance)
            return true;
    return false;
}

bool
trial_list(struct call *call, struct error *error)
{
    struct sql_trial_list_rows rows;
    if (!sql_trial_list(call->tx,
            &(struct sql_trial_list){.account_id = call->caller.account_id,
                .everything = holds(call, ROLE_ADMINISTRATOR) || holds(call, ROLE_AUDITOR),
                .after = call->list.after,
                .most = call->list.most},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_trial_list_row *row = &rows.rows[i];
        list_add(call, row->name,
            encode(row->name, row->title, row->organisation, row->state, row->time_zone,
                row->created_at));
    }
    return list_answer(call);
}

static bool
answer_trial(struct call *call, int status, struct uuid trial_id, struct error *error)
{
    struct sql_trial_get_row row;
    if (!sql_trial_get(call->tx, &(struct sql_trial_get){.trial_id = trial_id}, &row))
        return call_failed(call, error);
    json_t *json =
        encode(row.name, row.title, row.organisation, row.state, row.time_zone, row.created_at);
    json_object_set_new(json, "trial_id", json_id(trial_id));
    json_object_set_new(json, "protocol_version", json_opt_number(row.locked_version));
    json_object_set_new(json, "workplaces", json_integer(row.workplaces));
    json_object_set_new(json, "allocated", json_integer(row.allocated));
    return call_answer(call, status, json);
}

bool
trial_add(struct call *call, struct error *error)
{
    struct uuid trial_id = uuid_new();
    if (!trial_create(call->tx, trial_id, call_text(call, "trial"), call_text(call, "title"),
            call_text(call, "organisation")))
        return call_failed(call, error);
    return answer_trial(call, 201, trial_id, error);
}

bool
trial_show(struct call *call, struct error *error)
{
    return answer_trial(call, 200, call->trial_id, error);
}
