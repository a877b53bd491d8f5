/*
 * call_role.c: as whom a call runs: the role that allows it, the counties and sites of that role,
 * and the role of the database that may see as much.
 */
#include "api/call.h"

#include <string.h>

const char *
call_trial(const struct call *call)
{
    bool has_trial = strstr(call->request->route->path, "/{trial}") != NULL;
    return has_trial ? call->request->parameters[0] : NULL;
}

/* The first role in the table's order that allows the call: roles that know more come first. */
static void
choose_role(struct call *call)
{
    for (size_t i = 0; i < call->caller.grant_count; i++) {
        const struct caller_grant *grant = &call->caller.grants[i];
        bool allowed = (call->permission->roles & 1U << grant->role) != 0;
        if (allowed && (grant->instance || !call->permission->instance) && grant->role < call->role)
            call->role = grant->role;
    }
}

/* The counties and sites of the chosen role; NULL when one of its grants has no bounds. Only those
 * held for the purpose count, where one is named. */
static const char *
scope_of_role(const struct call *call, enum purpose purpose)
{
    json_t *scope = json_array();
    const char *text = NULL;
    for (size_t i = 0; i < call->caller.grant_count; i++) {
        const struct caller_grant *grant = &call->caller.grants[i];
        if (grant->role != call->role || (purpose != PURPOSE_COUNT && grant->purpose != purpose))
            continue;
        if (grant->county == NULL && grant->site == NULL)
            goto out;
        json_array_append_new(
            scope, json_pack("{s:s?, s:s?}", "county", grant->county, "site", grant->site));
    }
    char *dumped = json_dumps(scope, JSON_COMPACT);
    text = arena_strdup(call->arena, dumped);
    free(dumped);
out:
    json_decref(scope);
    return text;
}

/* Says which roles may do it, as the description of the API does. */
static bool
refuse_role(const struct call *call, struct error *error)
{
    struct text names;
    text_init(&names, call->arena);
    const char *const *roles = permission_roles(call->request->route->permission);
    for (size_t i = 0; roles[i] != NULL; i++)
        text_printf(&names, "%s%s", i == 0 ? "" : roles[i + 1] == NULL ? " or " : ", ", roles[i]);
    return error_set(error, ERROR_FORBIDDEN, "role",
        "None of your roles here allows this; it takes the role %s%s", names.bytes,
        call->permission->instance ? " of the whole instance" : "");
}

bool
call_choose(struct call *call, struct error *error)
{
    const char *trial = call_trial(call);
    if (!call->permission->any_account) {
        choose_role(call);
        if (call->role == ROLE_COUNT && trial != NULL && call->caller.grant_count == 0)
            return error_set(error, ERROR_FORBIDDEN, "role",
                "You have no role on a trial called %s; the list of trials shows yours", trial);
        if (call->role == ROLE_COUNT)
            return refuse_role(call, error);
        if (trial != NULL && !call->caller.has_trial)
            return error_set(error, ERROR_NOT_FOUND, "role", "There is no trial called %s", trial);
        call->scope = scope_of_role(call, PURPOSE_COUNT);
    }
    call->trial_id = call->caller.trial_id;
    return true;
}

static enum db_role
database_role(const struct call *call)
{
    if (call->permission->by_link)
        return DB_ROLE_LINK;
    if (call->role == ROLE_COUNT)
        return DB_ROLE_BLINDED;
    if (call->permission->sees_trail)
        return DB_ROLE_APP;
    switch (role_sight(call->role)) {
    case SIGHT_ARMS:
        return DB_ROLE_APP;
    case SIGHT_PROTOCOL:
        return DB_ROLE_MANAGER;
    case SIGHT_BLINDED:
        break;
    }
    return DB_ROLE_BLINDED;
}

bool
call_act(struct call *call, const char *action)
{
    struct tx_context context = *tx_context(call->tx);
    context.role = database_role(call);
    context.account_id = call->caller.account_id;
    context.actor = call->caller.name;
    context.actor_role = call->role == ROLE_COUNT ? "none" : role_name(call->role);
    context.organisation = call->caller.organisation;
    context.action = action;
    context.reason = call_text(call, "reason");
    context.request_id = call->request->id;
    return tx_act_as(call->tx, &context);
}

bool
call_purpose_scope(struct call *call, enum purpose purpose, const char **scope)
{
    bool held = false;
    for (size_t i = 0; i < call->caller.grant_count; i++)
        held = held || (call->caller.grants[i].role == call->role &&
                           call->caller.grants[i].purpose == purpose);
    *scope = held ? scope_of_role(call, purpose) : NULL;
    return held;
}

bool
call_sees_arms(const struct call *call)
{
    return call->role != ROLE_COUNT && role_sight(call->role) == SIGHT_ARMS;
}
