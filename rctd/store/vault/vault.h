/*
 * vault.h: the vault: who participants are, sealed under a data key of the trial, which is sealed
 * under the master key; and the keyed hash of the identity number, by which a second enrolment is
 * refused. What is opened here is wiped here, or by the arena, which wipes itself.
 */
#ifndef RCTD_STORE_VAULT_H
#define RCTD_STORE_VAULT_H

#include "base/compiler.h"
#include "db/statement.h"
#include "store/session.h"
#include "trial/person.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VAULT_HASH_SIZE 32

/* Who somebody is, in normal forms (person_check); NULL where not given. */
struct vault_person {
    const char *number;
    const char *name;
    const char *phone;
    const char *email;
    const char *address;
    bool hash_only; /* participant.identity.store: hash; the number is hashed and then forgotten */
};

/* The value of a field, to read or to set. */
const char **vault_person_field(struct vault_person *person, enum person_field field);
bool vault_person_is_empty(const struct vault_person *person);

/* A trial's current data key and its lookup key, opened, in locked memory. */
struct vault_keys;

/*
 * Opens the trial's keys for this transaction and makes the first ones where there are none. The
 * data key is not destroyed before the transaction ends. Whoever acts stays the same: the
 * transaction is rctd_vault's for as long as this takes. False with the transaction failed:
 * ERROR_NO_MASTER_KEY without the master key, or with another.
 */
bool vault_open(struct tx *tx, struct session *session, struct uuid trial_id,
    struct vault_keys **keys) MUST_CHECK;
void vault_close(struct vault_keys *keys); /* wipes; NULL is allowed */

/* What is stored of a person: one row of identity_insert. */
struct vault_sealed {
    const void *box;
    size_t box_size;
    int key_version;
    const uint8_t *number_hash; /* VAULT_HASH_SIZE bytes; NULL where there is no number */
};

/* Seals a person as this unit, in the arena. False: a value is longer than person_check allows. */
bool vault_seal(const struct vault_keys *keys, struct arena *arena, struct uuid unit_id,
    const struct vault_person *person, struct vault_sealed *sealed) MUST_CHECK;

/* Opens a stored box, with the key that it lies under, into texts in the transaction's arena. */
bool vault_unseal(struct tx *tx, struct session *session, struct uuid trial_id, struct uuid unit_id,
    const struct sql_identity_box_row *row, struct vault_person *person) MUST_CHECK;

/* The transaction is rctd_vault's from here on, or again its caller's; who acts stays the same. */
bool vault_enter(struct tx *tx, struct tx_context *caller) MUST_CHECK;
bool vault_leave(struct tx *tx, const struct tx_context *caller) MUST_CHECK;

/* The keyed hash of a number in its normal form: VAULT_HASH_SIZE bytes in the arena. */
const uint8_t *vault_hash(const struct vault_keys *keys, struct arena *arena, const char *number);

/* Says in the transaction, which failed on the constraint identity_once, what a second enrolment is
 * told: nothing of the first. Always false. */
bool vault_explain(struct tx *tx);

/* The same of a reference that could tell who somebody is (the domain rctd.reference). */
bool vault_explain_reference(struct tx *tx);

#endif
