/*
 * transaction.h: the only way to run statements. A transaction is sticky: after a first error every
 * later statement returns false at once and gives zeroes, and the transaction is rolled back, so
 * that call sites read as a straight line.
 *
 * db_transact() runs the body in one transaction under the caller's role and commits. A
 * serialization failure, a deadlock, a lost race for an audit sequence or a connection lost before
 * COMMIT runs the whole body again, a bounded number of times with a growing pause. A connection
 * lost during COMMIT, or a commit that PostgreSQL says was not replicated as asked, is *unknown*,
 * never failed: where the body can be repeated (it looks its idempotency key up under the lock) it
 * runs again and finds what it had stored; elsewhere the answer is ERROR_COMMIT_UNKNOWN.
 */
#ifndef RCTD_DB_TRANSACTION_H
#define RCTD_DB_TRANSACTION_H

#include "base/arena.h"
#include "base/bits.h"
#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct tx;

/* The role of the database under which a transaction runs. */
enum db_role { DB_ROLE_APP, DB_ROLE_MANAGER, DB_ROLE_BLINDED, DB_ROLE_VAULT, DB_ROLE_LINK };

/* Values that may be SQL NULL. */
struct opt_int64 {
    bool set;
    int64_t value;
};
struct opt_bool {
    bool set;
    bool value;
};
struct opt_double {
    bool set;
    double value;
};
struct opt_uuid {
    bool set;
    struct uuid value;
};
struct bytes {
    const void *data; /* NULL stands for SQL NULL */
    size_t size;
};

/* Who acts, and why: goes into the settings rctd.*, from which the audit trigger writes. NULL
 * strings stand for empty ones. */
struct tx_context {
    enum db_role role;
    struct uuid account_id; /* nil where rctd itself acts */
    const char *actor;      /* the account's name, or "rctd" */
    const char *actor_role; /* "coordinator", ... */
    const char *organisation;
    const char *action; /* the domain's verb: "workplace.agree" */
    const char *reason;
    const char *request_id;
    bool read_only;
    bool repeatable; /* the body finds its own earlier work: an unknown commit runs it again */
};

/* False ends the transaction with the tx's error (tx_fail), which the caller gets. */
typedef bool (*tx_body)(struct tx *tx, void *data);

/*
 * Runs `body` as described above. Results of statements live in `arena` and stay valid after
 * commit. The body may run more than once: it starts from its inputs each time.
 */
bool db_transact(struct db *db, struct arena *arena, const struct tx_context *context, tx_body body,
    void *data, struct error *error) MUST_CHECK;

/* Sets the transaction's error, unless one is set already; always false. */
bool tx_fail(struct tx *tx, enum error_code code, const char *format, ...) PRINTF_LIKE(3, 4);

/* Where the transaction failed on this constraint: puts a better code and sentence in the place of
 * the general one. Always false. */
bool tx_explain(struct tx *tx, const char *constraint, enum error_code code, const char *format,
    ...) PRINTF_LIKE(4, 5);

/* The same in advance, for a statement that is queued: it is looked at when that fails, whenever
 * that is. A transaction keeps one; the strings must live until it ends. Always true. */
bool tx_explain_later(
    struct tx *tx, const char *constraint, enum error_code code, const char *sentence);

bool tx_ok(const struct tx *tx);
const struct error *tx_error(const struct tx *tx);
struct arena *tx_arena(struct tx *tx);
const struct tx_context *tx_context(const struct tx *tx);

/* Says who acts from here on in this transaction (a batch serves several callers). The strings must
 * live until the transaction ends. */
bool tx_act_as(struct tx *tx, const struct tx_context *context);

#endif
