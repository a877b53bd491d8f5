/*
 * role.h: the roles of people and machines on a trial (SPIRIT 2025 21-24), and how much each may
 * know.
 *
 * X(name in C, name in the API, sight)
 */
#ifndef RCTD_TRIAL_ROLE_H
#define RCTD_TRIAL_ROLE_H

#include "base/compiler.h"

#include <stdbool.h>

/* How much a role may know: arms of units; the protocol, but no unit's arm; neither. */
enum sight { SIGHT_ARMS, SIGHT_PROTOCOL, SIGHT_BLINDED };

/* clang-format off */
#define ROLES(X) \
    X(COORDINATOR,   "coordinator",   SIGHT_ARMS) \
    X(STATISTICIAN,  "statistician",  SIGHT_ARMS) \
    X(AUDITOR,       "auditor",       SIGHT_ARMS) \
    X(TRIAL_MANAGER, "trial-manager", SIGHT_PROTOCOL) \
    X(RESEARCHER,    "researcher",    SIGHT_BLINDED) \
    X(INTERVIEWER,   "interviewer",   SIGHT_BLINDED) \
    X(DISPATCHER,    "dispatcher",    SIGHT_BLINDED) \
    X(IDENTITY_READER, "identity-reader", SIGHT_BLINDED) /* for the purpose of the grant */ \
    X(ADMINISTRATOR, "administrator", SIGHT_BLINDED)
/* clang-format on */

#define ROLE_ENUM(name, text, sight) ROLE_##name,
enum role { ROLES(ROLE_ENUM) ROLE_COUNT };
#undef ROLE_ENUM

const char *role_name(enum role role);
enum role role_by_name(const char *name); /* ROLE_COUNT where there is none */
enum sight role_sight(enum role role);

/* Is it a role of the instance (administrator), of a trial, or may it be either (auditor)? */
bool role_of_instance(enum role role);
bool role_of_trial(enum role role);

#endif
