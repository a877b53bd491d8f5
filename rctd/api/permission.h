/*
 * permission.h: which roles may do what, in one table. A route names a row; a route without one
 * stops the daemon.
 */
#ifndef RCTD_API_PERMISSION_H
#define RCTD_API_PERMISSION_H

#include "trial/role.h"

#include <stdbool.h>

struct permission {
    const char *name;
    unsigned roles;   /* bit per enum role */
    bool instance;    /* a role on the instance is meant, not one on a trial */
    bool open;        /* no token is asked for */
    bool by_link;     /* no account is asked for: a one-time token in the body is */
    bool any_account; /* any account; no role is asked for */
    bool sees_trail;  /* reads the audit trail, which the blinded database role cannot */
};

/* NULL where there is none. */
const struct permission *permission_by_name(const char *name);

/* The names of the roles that hold it, NULL-terminated, for /openapi.json: NULL where no token is
 * asked for, none where any account may. Good until the thread's next call. */
const char *const *permission_roles(const char *name);

#endif
