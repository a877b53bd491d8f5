/*
 * role.c: the table of roles.
 */
#include "trial/role.h"

#include "base/named.h"

#include <assert.h>

#define ROLE_ROW(name, text, sight) {text, sight},
static const struct {
    const char *name;
    enum sight sight;
} rows[] = {ROLES(ROLE_ROW)};
#undef ROLE_ROW

const char *
role_name(enum role role)
{
    assert(role < ROLE_COUNT);
    return rows[role].name;
}

enum role
role_by_name(const char *name)
{
    return (enum role)named_find(NAMED(rows, ROLE_COUNT), name);
}

enum sight
role_sight(enum role role)
{
    assert(role < ROLE_COUNT);
    return rows[role].sight;
}

bool
role_of_instance(enum role role)
{
    return role == ROLE_ADMINISTRATOR || role == ROLE_AUDITOR;
}

bool
role_of_trial(enum role role)
{
    return role != ROLE_ADMINISTRATOR;
}
