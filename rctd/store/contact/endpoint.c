/*
 * endpoint.c: makes, seals and rotates the secrets of webhooks, and keeps the addresses they go to.
 */
#include "store/contact/endpoint.h"

#include "base/digest.h"
#include "base/text.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

static const char example[] = "write it like https://reminders.example.org/hook";

static bool
is_port(const char *text)
{
    long long port;
    return strlen(text) <= 5 && text_to_int64(text, &port) && isdigit((unsigned char)text[0]) &&
           port >= 1 && port <= 65535;
}

/* What stands between "//" and the path: HOST, HOST:PORT, [IPv6], [IPv6]:PORT. */
static const char *
fault_of_authority(const char *authority)
{
    if (strchr(authority, '@') != NULL)
        return "holds a user name or password, which would stand in lists and in the trail";
    size_t host = strcspn(authority, ":");
    if (authority[0] == '[') {
        const char *end = strchr(authority, ']');
        if (end == NULL || end == authority + 1)
            return "has an address in brackets that does not end";
        host = (size_t)(end - authority) + 1;
    }
    if (host == 0)
        return "names no host";
    const char *behind = authority + host;
    if (behind[0] != '\0' && (behind[0] != ':' || !is_port(behind + 1)))
        return "has a port that is not a number from 1 to 65535";
    return NULL;
}

static const char *
fault_of_url(const char *url)
{
    char authority[256];
    for (const unsigned char *c = (const unsigned char *)url; *c != '\0'; c++)
        if (*c <= ' ' || *c >= 0x7f || strchr("\\\"<>^`{|}", *c) != NULL)
            return "holds a character that no address may hold; write it percent-encoded";
    if (strlen(url) > ENDPOINT_URL_MAX)
        return "is longer than 2,000 characters";
    if (!text_starts(url, "https://") && !text_starts(url, "http://"))
        return "does not begin with https:// or http://";
    if (strchr(url, '#') != NULL)
        return "has a fragment (#...), which is never sent";
    const char *start = strstr(url, "//") + 2;
    size_t length = strcspn(start, "/?");
    if (length >= sizeof authority)
        return "has a host that is too long";
    memcpy(authority, start, length);
    authority[length] = '\0';
    return fault_of_authority(authority);
}

bool
endpoint_url_check(const char *url, const char **why, const char **remedy)
{
    *why = fault_of_url(url);
    *remedy = example;
    return *why == NULL;
}

struct secret {
    struct bytes sealed;
    const char *text;
};

static struct secret
make_secret(struct arena *arena, const struct seal_key *key)
{
    struct secret secret;
    unsigned char bytes[ENDPOINT_SECRET_SIZE];
    bits_random(bytes, sizeof bytes);
    secret.sealed.data = seal_lock(key, arena, bytes, sizeof bytes, &secret.sealed.size);
    secret.text = arena_printf(arena, "whsec_%s", base64_encode(arena, bytes, sizeof bytes));
    sodium_memzero(bytes, sizeof bytes);
    return secret;
}

/* At most one active endpoint per channel: the database holds it. */
static bool
explain_channel(struct tx *tx, const char *channel)
{
    return tx_explain(tx, "endpoint_channel", ERROR_CONFLICT,
        "There is an active endpoint for the channel %s already; disable it first", channel);
}

bool
endpoint_create(struct tx *tx, const struct seal_key *key, struct uuid trial_id,
    struct uuid endpoint_id, const char *url, const char *channel, const char *description,
    bool contact_details, const char **secret)
{
    struct secret made = make_secret(tx_arena(tx), key);
    *secret = made.text;
    return sql_endpoint_insert(tx,
               &(struct sql_endpoint_insert){.trial_id = trial_id,
                   .endpoint_id = endpoint_id,
                   .url = url,
                   .channel = channel,
                   .description = description,
                   .sealed_secret = made.sealed,
                   .key_id = seal_key_id(key),
                   .contact_details = contact_details},
               NULL) ||
           explain_channel(tx, channel);
}

bool
endpoint_find(struct tx *tx, struct uuid trial_id, struct uuid endpoint_id,
    struct sql_endpoint_get_row *endpoint)
{
    bool found = false;
    if (!sql_endpoint_get(tx,
            &(struct sql_endpoint_get){.trial_id = trial_id, .endpoint_id = endpoint_id}, endpoint,
            &found))
        return false;
    return found ||
           tx_fail(tx, ERROR_NOT_FOUND,
               "The trial has no endpoint with that number; `rctctl endpoint list' shows them");
}

bool
endpoint_set_disabled(
    struct tx *tx, struct uuid trial_id, const struct sql_endpoint_get_row *endpoint, bool disabled)
{
    int64_t changed;
    const char *state = disabled ? "disabled" : "active";
    if (text_equal(endpoint->state, state))
        return tx_ok(tx);
    if (!sql_endpoint_set_state(tx,
            &(struct sql_endpoint_set_state){.trial_id = trial_id,
                .endpoint_id = endpoint->endpoint_id,
                .version = endpoint->version,
                .state = state,
                .disabled_reason = disabled ? "Disabled by the trial manager" : NULL},
            &changed))
        return explain_channel(tx, endpoint->channel);
    return changed == 1 ||
           tx_fail(tx, ERROR_STALE, "The endpoint was changed since you read it; read it again");
}

bool
endpoint_renew_secret(struct tx *tx, const struct seal_key *key, struct uuid trial_id,
    struct uuid endpoint_id, const char **secret)
{
    int64_t changed;
    struct secret made = make_secret(tx_arena(tx), key);
    *secret = made.text;
    if (!sql_endpoint_rotate(tx,
            &(struct sql_endpoint_rotate){.trial_id = trial_id,
                .endpoint_id = endpoint_id,
                .sealed_secret = made.sealed,
                .key_id = seal_key_id(key)},
            &changed))
        return false;
    return changed == 1 || tx_fail(tx, ERROR_NOT_FOUND, "The trial has no such endpoint");
}
