/*
 * error_table.h: every error that rctd and rctctl can report, one row each. The row gives the
 * code's name, the HTTP status, rctctl's exit status, the slug of the problem type (RFC 9457) and
 * the public title. This table is the single source of all five; rctctl(1) and /openapi.json are
 * made from it.
 *
 * Exit statuses: 0 done; 1 failed inside; 2 wrong use of the command; 3 not found; 4 refused by a
 * rule of the trial; 5 not permitted; 6 faults in the input; 7 not available now, try again;
 * 8 verification found a difference.
 *
 * X(code, HTTP status, exit status, slug, title)
 */
/* clang-format off */
#define ERROR_TABLE(X) \
    X(NONE,                  200, 0, "none",                     "No error") \
    X(MALFORMED,             400, 6, "malformed-request",        "The request is malformed") \
    X(KEY_MISSING,           400, 6, "idempotency-key-missing",  "This request needs an Idempotency-Key") \
    X(UNAUTHENTICATED,       401, 5, "unauthenticated",          "A valid token is needed") \
    X(FORBIDDEN,             403, 5, "forbidden",                "Your role does not allow this") \
    X(SIGNATURE,             403, 5, "signature",                "This has to be signed") \
    X(NOT_FOUND,             404, 3, "not-found",                "There is no such thing here") \
    X(METHOD,                405, 2, "method-not-allowed",       "This address does not take that method") \
    X(NOT_ACCEPTABLE,        406, 2, "not-acceptable",           "The answer cannot be given in that form") \
    X(REQUEST_TIMEOUT,       408, 7, "request-timeout",          "The request took too long to arrive") \
    X(CONFLICT,              409, 4, "conflict",                 "This conflicts with what is stored") \
    X(REFUSED,               409, 4, "refused",                  "A rule of the trial refuses this") \
    X(IN_FLIGHT,             409, 7, "in-flight",                "The same request is still being worked on") \
    X(STALE,                 412, 4, "stale",                    "It was changed since you read it") \
    X(TOO_LARGE,             413, 6, "too-large",                "The request is too large") \
    X(MEDIA_TYPE,            415, 6, "unsupported-media-type",   "That content type is not taken here") \
    X(FIELDS,                422, 6, "invalid-fields",           "Some fields are not right") \
    X(KEY_REUSED,            422, 6, "idempotency-key-reused",   "This Idempotency-Key belongs to another request") \
    X(PRECONDITION_REQUIRED, 428, 6, "precondition-required",    "This change needs an If-Match header") \
    X(RATE_LIMITED,          429, 7, "rate-limited",             "Too many attempts") \
    X(HEADERS_TOO_LARGE,     431, 6, "headers-too-large",        "The request's headers are too large") \
    X(INTERNAL,              500, 1, "internal",                 "Something failed inside rctd") \
    X(SYSTEM,                500, 1, "system",                   "The operating system refused something") \
    X(CONFIG,                500, 6, "configuration",            "The configuration is not right") \
    X(BUSY,                  503, 7, "busy",                     "rctd is busy") \
    X(NO_DATABASE,           503, 7, "no-database",              "The database cannot be reached") \
    X(NO_MASTER_KEY,         503, 7, "no-master-key",            "The master key is missing") \
    X(OTHER_MASTER_KEY,      503, 7, "other-master-key",         "The master key is not this database's") \
    X(COMMIT_UNKNOWN,        503, 7, "commit-unknown",           "It is not known whether this was stored") \
    X(CONTENTION,            503, 7, "contention",               "Others were changing the same thing") \
    X(SCHEMA_VERSION,        503, 1, "schema-version",           "The database has another schema version") \
    X(VERIFICATION,          500, 8, "verification",             "Verification found a difference")
/* clang-format on */
