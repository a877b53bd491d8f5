/*
 * session.h: what the files of db/ share about a connection, and nothing outside of db/ sees:
 * sending statements in libpq's pipeline mode, receiving their results, and what a failure means.
 *
 * Statements are queued with session_send and go out together: one round trip carries BEGIN, the
 * context, the preparation and the statement itself.
 */
#ifndef RCTD_DB_SESSION_H
#define RCTD_DB_SESSION_H

#include "base/error.h"
#include "db/transaction.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#define SESSION_QUEUE 64

/* What one statement may need in the queue: BEGIN, pins, context and itself, each with its
 * preparation. */
#define SESSION_ROOM 8

#define SESSION_ATTEMPTS 8

/* What a failed statement means for the transaction that it was in. */
enum verdict {
    VERDICT_FINAL,   /* running it again would fail again */
    VERDICT_RETRY,   /* others were in the way */
    VERDICT_LOST,    /* the connection is of no use any more; nothing was stored */
    VERDICT_UNKNOWN, /* COMMIT was sent, and the answer does not say whether it is stored */
};

struct db {
    PGconn *connection; /* NULL: not connected */
    char *conninfo;
    char *name;
    bool prepare;
    char statement_timeout[16];
    char lock_timeout[16];
    unsigned char *prepared;  /* by statement: prepared here, or about to be */
    int queue[SESSION_QUEUE]; /* sent, not received: a statement's index; ~index: its preparation */
    size_t queued;
    bool broken;  /* something could not be sent: results no longer match the queue */
    bool unknown; /* of the last failure: had it been a COMMIT, it may be stored */
    bool doubted; /* since last cleared: a warning that a commit was not replicated as asked */
};

struct tx {
    struct db *db;
    struct arena *arena;
    struct tx_context context;
    struct error error;
    enum verdict verdict;
    bool begun;
    bool context_sent;
    const char *later_constraint; /* tx_explain_later; NULL: none */
    const char *later_sentence;
    enum error_code later_code;
};

/* A connection as every part of rctd wants it: defaults, application name, notices seen. Blocking,
 * not in pipeline mode. On failure NULL. The caller calls PQfinish. `doubted` may be NULL. */
PGconn *session_open(const char *conninfo, const char *name, bool *doubted, struct error *error);

/* Queues a statement; values in text form, NULL for SQL NULL. What fails here shows in the receipt.
 */
void session_send(struct db *db, unsigned statement, const char *const *values);

/* Queues what a transaction behind a pooler sets for itself. */
void session_send_pins(struct db *db, bool local);

/*
 * Sends what is queued and receives all results. Gives the last statement's result, which the
 * caller clears, or NULL with error and verdict.
 */
PGresult *session_receive(struct db *db, struct error *error, enum verdict *verdict);

/* Runs one statement, opening the transaction and saying who acts where that was not done yet, in
 * one round trip. Gives its result, which the caller clears, or NULL with the transaction's error
 * set. */
PGresult *transaction_run(struct tx *tx, unsigned statement, const char *const *values);

/* The same without waiting: it goes out with the next statement or with COMMIT, and fails there. */
bool transaction_queue(struct tx *tx, unsigned statement, const char *const *values);

/* Fills the error from a failed result and says what it means. `statement` names it in the log. A
 * result that does not come from the server means that the connection is lost, and so does NULL.
 * Never shows PostgreSQL's own text to users. */
enum verdict failure_read(
    const PGconn *connection, const PGresult *result, const char *statement, struct error *error);

/* After COMMIT was sent: may this failure leave a stored transaction behind? */
bool failure_is_unknown(const PGconn *connection, const PGresult *result);

/* libpq's message on one line, for errors that the operator sees. */
void failure_message(const PGconn *connection, char *out, size_t size);

#endif
