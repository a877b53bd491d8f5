/*
 * consent_form.h: the forms that units sign, what of them is needed before what, and who signs an
 * amended form again.
 */
#ifndef RCTD_TRIAL_PROTOCOL_CONSENT_FORM_H
#define RCTD_TRIAL_PROTOCOL_CONSENT_FORM_H

#include "trial/protocol/terms.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct protocol;

/* X(name in C, name in the protocol) */
#define PROTOCOL_RECONSENT(X)                                                                      \
    X(ALL, "all")                                                                                  \
    X(NOT_ALLOCATED, "not-allocated")

#define PROTOCOL_RECONSENT_ENUM(name, text) RECONSENT_##name,
enum protocol_reconsent_who { PROTOCOL_RECONSENT(PROTOCOL_RECONSENT_ENUM) RECONSENT_COUNT };
#undef PROTOCOL_RECONSENT_ENUM

/* Who signed an older version of a form and signs this one too. */
struct protocol_reconsent {
    bool needed; /* false: an older version stays good, but not for an allocation */
    enum protocol_reconsent_who who;
    unsigned within; /* days after this version came into force */
    uint32_t waits;  /* bit per enum consent_action: what waits from the first day on */
};

struct protocol_form {
    const char *name;
    enum protocol_unit by;   /* who signs it */
    unsigned version;        /* from 1 */
    const char *signed_from; /* YYYY-MM-DD: nobody has signed this version before; NULL where the
                                protocol does not say */
    const char **languages;
    size_t language_count;
    const char **scopes; /* each can be refused on its own */
    size_t scope_count;
    const char *legal_basis; /* apart from research consent; NULL where the protocol names none */
    struct protocol_texts texts; /* SHA-256 in hex of what is shown; of some languages or all */
    struct protocol_reconsent reconsent;
    unsigned line; /* where the form begins in the file */
    unsigned column;
};

/* A scope of a form, written FORM/SCOPE. */
struct protocol_consent {
    size_t form;
    const char *scope;
};

struct protocol_consents {
    struct protocol_consent *items;
    size_t count;
};

const char *protocol_reconsent_name(enum protocol_reconsent_who who);

/* NULL where there is none of that name. */
const struct protocol_form *protocol_form_by_name(
    const struct protocol *protocol, const char *name);

/* Has the form a scope of that name? */
bool protocol_form_has(const struct protocol_form *form, const char *scope);

/* Does a unit of that kind sign a form with this scope? */
bool protocol_scope_signed(
    const struct protocol *protocol, const char *scope, enum protocol_unit unit);

#endif
