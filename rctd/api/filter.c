/*
 * filter.c: what a name in a query means follows from the field's name, which is the same on every
 * list. Only empty answers are looked into, so that a list that has rows pays nothing.
 */
#include "api/filter.h"

#include "api/call.h"
#include "api/people/unit.h"
#include "base/nearest.h"
#include "http/body.h"

#include <string.h>

/* Names that fit, as they are collected. */
struct names {
    const char **names;
    size_t count;
    size_t capacity;
};

static void
add(struct call *call, struct names *names, const char *name)
{
    names->names =
        arena_grow(call->arena, names->names, names->count, &names->capacity, sizeof *names->names);
    names->names[names->count++] = name;
}

static bool
add_stored(struct call *call, const char *kind, struct names *names)
{
    struct sql_filter_names_rows rows;
    if (!sql_filter_names(
            call->tx, &(struct sql_filter_names){call->trial_id, call->scope, kind}, &rows))
        return false;
    for (size_t i = 0; i < rows.count; i++)
        add(call, names, rows.rows[i].name);
    return true;
}

/* What the protocol names though nobody has it yet: instruments, and counties once there is a
 * workplace. Nothing for blinded roles, who cannot read it. */
static bool
add_of_protocol(struct call *call, const char *kind, struct names *names)
{
    int version;
    const struct protocol *protocol;
    bool county = text_equal(kind, "county"), instrument = text_equal(kind, "instrument");
    if (!instrument && (!county || names->count == 0))
        return true;
    if (!unit_rules(call, &protocol, &version))
        return false;
    if (protocol == NULL)
        return true;
    const struct protocol_subject *subject = &protocol->subjects[PROTOCOL_WORKPLACE];
    for (size_t i = 0; instrument && i < protocol->instrument_count; i++)
        add(call, names, protocol->instruments[i].name);
    for (size_t i = 0; county && i < subject->attribute_count; i++)
        for (size_t k = 0; text_equal(subject->attributes[i].name, kind) &&
                           k < subject->attributes[i].level_count;
             k++)
            add(call, names, subject->attributes[i].levels[k]);
    return true;
}

static bool
check_name(struct call *call, const char *field, const char *given, struct error *error)
{
    struct names names = {0};
    if (!add_stored(call, field, &names) || !add_of_protocol(call, field, &names))
        return call_failed(call, error);
    for (size_t i = 0; i < names.count; i++)
        if (strcmp(names.names[i], given) == 0)
            return true;
    if (names.count == 0)
        return true;
    faults_add(&call->faults, arena_printf(call->arena, "?%s", field), 0, 0,
        nearest_remedy(call->arena, given, names.names, names.count), "there is no %s %s here",
        field, given);
    return body_refuse(&call->faults, error);
}

static bool
check_unit(struct call *call, enum protocol_unit kind, const char *given, struct error *error)
{
    struct unit unit;
    return unit_read(call->tx, call->trial_id, call->scope, kind, given, false, &unit) ||
           call_failed(call, error);
}

/* Blinded roles see what is their own: whether there is an account of another name they do not
 * learn. */
static bool
check_account(struct call *call, const char *given, struct error *error)
{
    if (role_sight(call->role) != SIGHT_BLINDED)
        return check_name(call, "account", given, error);
    return text_equal(given, call->caller.name) ||
           call_fault(call, error, "?account", "leave it out", "you see what is your own");
}

bool
filter_check(struct call *call, struct error *error)
{
    static const char *const named[] = {"scheme", "form", "county", "staff", "instrument"};
    static const char *const units[] = {"workplace", "participant"};
    if (call->request->route->list == LIST_NONE || !call->list.empty || call_trial(call) == NULL)
        return true;
    for (size_t i = 0; i < COUNT_OF(named); i++) {
        const char *given = http_query(call->request, named[i]);
        if (given != NULL && !check_name(call, named[i], given, error))
            return false;
    }
    const char *account = http_query(call->request, "account");
    if (account != NULL && !check_account(call, account, error))
        return false;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        const char *given = http_query(call->request, units[i]);
        if (given != NULL &&
            !check_unit(call, i == 0 ? PROTOCOL_WORKPLACE : PROTOCOL_PARTICIPANT, given, error))
            return false;
    }
    return true;
}
