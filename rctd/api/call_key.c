/*
 * call_key.c: an answer that stands under an idempotency key is given again, and nothing is done
 * twice.
 */
#include "api/call.h"

#include "base/digest.h"
#include "base/seal.h"
#include "http/idempotency.h"
#include "store/idempotency.h"

#include <sodium.h>
#include <string.h>

/* A body that tells who somebody is could be guessed back from a plain digest: there the digest is
 * keyed. Without the master key nothing of who somebody is gets stored, with or without a key. */
static struct digest
digest_of(const struct call *call)
{
    struct error error = ERROR_CLEAR;
    unsigned char key[SEAL_KEY_SIZE];
    struct digest digest = idempotency_digest(call->request);
    const struct seal_key *master = (call->request->route->flags & ROUTE_IDENTITY) == 0
                                        ? NULL
                                        : session_master_key(call->session, &error);
    if (master == NULL)
        return digest;
    seal_derive(master, "rctd-request-digest-v1", key);
    const struct digest parts[] = {
        digest, digest_sha256(call->request->body, call->request->body_size)};
    digest = digest_hmac(key, sizeof key, parts, sizeof parts);
    sodium_memzero(key, sizeof key);
    return digest;
}

bool
call_replay(struct call *call, bool *replayed, struct error *error)
{
    struct idempotency_answer stored;
    *replayed = false;
    if (call->key == NULL)
        return true;
    if (!idempotency_find(
            call->tx, call->trial_id, call->key, call->caller.account_id, digest_of(call), &stored))
        return call_failed(call, error);
    if (!stored.found)
        return true;
    *call->response = (struct http_response){
        .status = stored.status,
        .content_type = "application/json",
        .body = arena_strdup(call->arena, stored.answer),
        .body_size = strlen(stored.answer),
    };
    http_add_header(call->response, "Idempotency-Replayed", "true");
    *replayed = true;
    return true;
}

bool
call_keep(struct call *call, struct error *error)
{
    if (call->key == NULL || call->refused)
        return true;
    const struct idempotency_answer answer = {
        .status = call->response->status,
        .answer = arena_strndup(call->arena, call->response->body, call->response->body_size),
        .restricted = call->restricted,
        .for_ever = call->for_ever,
    };
    return idempotency_store(call->tx, call->trial_id, call->key, call->caller.account_id,
               digest_of(call), &answer) ||
           call_failed(call, error);
}
