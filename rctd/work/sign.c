/*
 * sign.c: signs webhooks.
 */
#include "work/sign.h"

#include "base/digest.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

static const char prefix[] = "whsec_";

bool
sign_key_read(const char *secret, struct sign_key *key)
{
    key->size = sizeof key->bytes;
    return text_starts(secret, prefix) &&
           base64_decode(secret + sizeof prefix - 1, key->bytes, &key->size) &&
           key->size >= SIGN_KEY_LEAST;
}

const char *
sign_webhook(struct arena *arena, const struct sign_key *keys, size_t count, const char *id,
    int64_t timestamp, const char *body)
{
    struct text value;
    const char *content = arena_printf(arena, "%s.%" PRId64 ".%s", id, timestamp, body);
    text_init(&value, arena);
    for (size_t i = 0; i < count; i++) {
        struct digest mac = digest_hmac(keys[i].bytes, keys[i].size, content, strlen(content));
        text_printf(&value, "%sv1,%s", i == 0 ? "" : " ",
            base64_encode(arena, mac.bytes, sizeof mac.bytes));
    }
    return value.bytes;
}
