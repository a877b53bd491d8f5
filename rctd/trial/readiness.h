/*
 * readiness.h: what a unit still lacks before it can be allocated in a scheme: eligibility,
 * agreement, locked roster. Pure; the same answer goes into a list, a dry run and the allocation
 * itself.
 */
#ifndef RCTD_TRIAL_READINESS_H
#define RCTD_TRIAL_READINESS_H

#include "trial/protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The latest event of a form in the consent ledger. */
struct readiness_consent {
    const char *form;
    unsigned version;
    bool given;          /* false: withdrawn */
    const char **scopes; /* those answered with yes */
    size_t scope_count;
};

struct readiness_unit {
    enum protocol_unit kind;
    struct protocol_values values;
    struct protocol_answers answers;
    const struct readiness_consent *consents;
    size_t consent_count;
    bool roster_locked;
    bool withdrawn;
    const char *ended;        /* of a workplace that is no more: "closed on 2026-05-01"; or NULL */
    const char *employer_out; /* of a participant: the workplace, where it has withdrawn; or NULL */
    uint32_t stops;           /* bit per enum consent_stop that is in force */
};

/* Sentences for a coordinator, in the protocol's order; none when the unit is ready. */
struct readiness {
    const char **missing;
    size_t count;
};

/* `scheme` may be NULL: then everything but the roster, which only a scheme asks for. */
struct readiness readiness_of(struct arena *arena, const struct protocol *protocol,
    const struct protocol_scheme *scheme, const struct readiness_unit *unit);

/*
 * Has a unit that was allocated said no since: withdrawn a consent that must be there before
 * allocation, or taken back a scope of it? A version that is not the one in force is no refusal:
 * the form may have been amended since it was signed, or signed anew.
 */
bool readiness_consents_refused(const struct protocol *protocol, enum protocol_unit kind,
    const struct readiness_consent *consents, size_t count);

#endif
