/*
 * endpoint.h: where a trial's reminders are sent to, and the secrets that sign them. A secret is 32
 * random bytes; its text form is "whsec_" and their base64 (Standard Webhooks 1.0.0). Stored is
 * only what the master key seals; the text is given once, when the secret is made.
 */
#ifndef RCTD_STORE_ENDPOINT_H
#define RCTD_STORE_ENDPOINT_H

#include "base/compiler.h"
#include "base/seal.h"
#include "db/statement.h"

#include <stdbool.h>

#define ENDPOINT_SECRET_SIZE 32
#define ENDPOINT_URL_MAX 2000 /* bytes */

/*
 * Can reminders be sent to this address? http or https, a host, no user name or password, no
 * fragment, no blanks or control characters, a port from 1 to 65535 where there is one. Where not,
 * `*why` says what is wrong and `*remedy` what would be right. Whether the network behind it is
 * allowed is seen when something is sent.
 */
bool endpoint_url_check(const char *url, const char **why, const char **remedy) MUST_CHECK;

/* Adds an active endpoint with a new secret; with `contact_details` one that gets the phone number
 * or e-mail address that its channel, which is not `any`, needs. The secret's text goes to
 * `*secret` in the transaction's arena. ERROR_CONFLICT when the channel has an active one. */
bool endpoint_create(struct tx *tx, const struct seal_key *key, struct uuid trial_id,
    struct uuid endpoint_id, const char *url, const char *channel, const char *description,
    bool contact_details, const char **secret) MUST_CHECK;

/* ERROR_NOT_FOUND where the trial has no such endpoint. */
bool endpoint_find(struct tx *tx, struct uuid trial_id, struct uuid endpoint_id,
    struct sql_endpoint_get_row *endpoint) MUST_CHECK;

/* Disables or enables it where it still has this version; ERROR_STALE, ERROR_CONFLICT. What it
 * already is it stays. */
bool endpoint_set_disabled(struct tx *tx, struct uuid trial_id,
    const struct sql_endpoint_get_row *endpoint, bool disabled) MUST_CHECK;

/* A new secret; the one before signs as well for 24 hours, one before that no longer. */
bool endpoint_renew_secret(struct tx *tx, const struct seal_key *key, struct uuid trial_id,
    struct uuid endpoint_id, const char **secret) MUST_CHECK;

#endif
