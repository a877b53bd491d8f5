/*
 * signature.h: what a handler does whose action may have to be signed.
 */
#ifndef RCTD_API_SIGNATURE_H
#define RCTD_API_SIGNATURE_H

#include "api/call.h"
#include "base/digest.h"

/* The field of a body that may have to be signed. */
#define SIGNATURE_FIELD                                                                            \
    {                                                                                              \
        .name = "signature", .type = FIELD_OBJECT, .children = signature_fields,                   \
        .meaning = "The signature, where the trial's protocol wants one (21 CFR 11.50, 11.200)"    \
    }

extern const struct field signature_fields[];

/* What is about to be done, and wants a signature perhaps. */
struct call_signing {
    const char *action;   /* a word of the protocol's `signatures`, such as "lock" */
    const char *object;   /* "protocol/2" */
    struct digest record; /* SHA-256 of what is signed */
    int version; /* of the protocol, whose word counts beside the version in force; 0: none */
};

/*
 * Signs with the body's signature, before anything else is done in the transaction. True and
 * `*done` false: go on; it is signed, or need not be. True and `*done`: the password was not right;
 * the answer stands in the response and only the record of it is committed: return true at once.
 * False: ERROR_SIGNATURE where a signature is needed and the body has none, ERROR_RATE_LIMITED.
 */
bool call_sign(struct call *call, const struct call_signing *signing, bool *done,
    struct error *error) MUST_CHECK;

#endif
