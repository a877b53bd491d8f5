/*
 * transaction.c: runs a body in a transaction and decides whether it is run again. The transaction
 * is opened by its first statement, in that statement's round trip; a body that runs none costs
 * nothing.
 *
 * After an unknown commit nothing but the body's own look at the database can say what happened.
 * When the later attempts do not get that far, the answer stays "unknown".
 */
#include "db/transaction.h"

#include "base/log.h"
#include "base/text.h"
#include "db/connection.h"
#include "db/session.h"
#include "db/statement.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PAUSE_FIRST_MS 5
#define PAUSE_MOST_MS 400

static const char *const role_names[] = {
    [DB_ROLE_APP] = "rctd_app",
    [DB_ROLE_MANAGER] = "rctd_manager",
    [DB_ROLE_BLINDED] = "rctd_blinded",
    [DB_ROLE_VAULT] = "rctd_vault",
    [DB_ROLE_LINK] = "rctd_link",
};

bool
tx_fail(struct tx *tx, enum error_code code, const char *format, ...)
{
    if (!tx_ok(tx))
        return false;
    char detail[sizeof tx->error.detail];
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(detail, sizeof detail, format, arguments) >= (int)sizeof detail)
        text_cut_utf8(detail, sizeof detail - 1);
    va_end(arguments);
    tx->verdict = VERDICT_FINAL;
    return error_set(&tx->error, code, NULL, "%s", detail);
}

bool
tx_explain(struct tx *tx, const char *constraint, enum error_code code, const char *format, ...)
{
    struct error *error = &tx->error;
    if (tx_ok(tx) || tx->verdict != VERDICT_FINAL || strcmp(error->where, constraint) != 0)
        return false;
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(error->detail, sizeof error->detail, format, arguments) >=
        (int)sizeof error->detail)
        text_cut_utf8(error->detail, sizeof error->detail - 1);
    va_end(arguments);
    error->code = code;
    return false;
}

bool
tx_explain_later(struct tx *tx, const char *constraint, enum error_code code, const char *sentence)
{
    tx->later_constraint = constraint;
    tx->later_code = code;
    tx->later_sentence = sentence;
    return true;
}

/* Something queued has failed, or what it was queued for. */
static void
explain(struct tx *tx)
{
    if (tx->later_constraint != NULL)
        tx_explain(tx, tx->later_constraint, tx->later_code, "%s", tx->later_sentence);
}

bool
tx_ok(const struct tx *tx)
{
    return tx->error.code == ERROR_NONE;
}

const struct error *
tx_error(const struct tx *tx)
{
    return &tx->error;
}

struct arena *
tx_arena(struct tx *tx)
{
    return tx->arena;
}

const struct tx_context *
tx_context(const struct tx *tx)
{
    return &tx->context;
}

bool
tx_act_as(struct tx *tx, const struct tx_context *context)
{
    if (!tx_ok(tx))
        return false;
    tx->context = *context;
    tx->context_sent = false;
    return true;
}

static const char *
or_empty(const char *string)
{
    return string == NULL ? "" : string;
}

static void
send_context(struct tx *tx)
{
    const struct tx_context *context = &tx->context;
    char account[UUID_TEXT_SIZE] = "";
    if (!uuid_is_nil(context->account_id))
        uuid_text(context->account_id, account);
    const char *values[] = {role_names[context->role], account, or_empty(context->actor),
        or_empty(context->actor_role), or_empty(context->organisation), or_empty(context->action),
        or_empty(context->reason), or_empty(context->request_id)};
    session_send(tx->db, STATEMENT_TRANSACTION_CONTEXT, values);
    tx->context_sent = true;
}

static void
send_begin(struct tx *tx)
{
    session_send(tx->db,
        tx->context.read_only ? STATEMENT_TRANSACTION_BEGIN_READ_ONLY : STATEMENT_TRANSACTION_BEGIN,
        NULL);
    if (!tx->db->prepare)
        session_send_pins(tx->db, true);
    tx->begun = true;
}

/* Waits for everything that is queued. */
static PGresult *
receive(struct tx *tx)
{
    PGresult *result = session_receive(tx->db, &tx->error, &tx->verdict);
    if (result != NULL)
        return result;
    explain(tx);
    if (tx->verdict == VERDICT_LOST)
        db_disconnect(tx->db);
    return NULL;
}

/* A transaction never goes on over a second connection: what it had done is gone with the first. */
static bool
is_connected(struct tx *tx)
{
    struct db *db = tx->db;
    if (!tx->begun && db_connect(db, &tx->error))
        return true;
    if (tx->begun && db->connection != NULL && !db->broken &&
        PQstatus(db->connection) == CONNECTION_OK)
        return true;
    if (tx->begun)
        failure_read(db->connection, NULL, "connection", &tx->error);
    tx->verdict = VERDICT_LOST;
    db_disconnect(db);
    return false;
}

/* Opens the transaction and says who acts, where that was not done yet. */
static bool
send(struct tx *tx, unsigned statement, const char *const *values)
{
    if (!is_connected(tx))
        return false;
    if (!tx->begun)
        send_begin(tx);
    if (!tx->context_sent)
        send_context(tx);
    session_send(tx->db, statement, values);
    return true;
}

PGresult *
transaction_run(struct tx *tx, unsigned statement, const char *const *values)
{
    return send(tx, statement, values) ? receive(tx) : NULL;
}

bool
transaction_queue(struct tx *tx, unsigned statement, const char *const *values)
{
    if (!send(tx, statement, values))
        return false;
    if (tx->db->queued + SESSION_ROOM <= SESSION_QUEUE)
        return true;
    PGresult *result = receive(tx);
    PQclear(result);
    return result != NULL;
}

static void
roll_back(struct tx *tx)
{
    struct db *db = tx->db;
    if (!tx->begun || db->connection == NULL)
        return;
    struct error error;
    enum verdict verdict;
    session_send(db, STATEMENT_TRANSACTION_ROLLBACK, NULL);
    PGresult *result = session_receive(db, &error, &verdict);
    PQclear(result);
    /* What was queued before it may have failed: then the ROLLBACK was passed over. */
    if (result == NULL && db->connection != NULL && !db->unknown) {
        session_send(db, STATEMENT_TRANSACTION_ROLLBACK, NULL);
        result = session_receive(db, &error, &verdict);
        PQclear(result);
    }
    if (result == NULL)
        db_disconnect(db);
}

static bool
set_unknown(struct tx *tx)
{
    tx->verdict = VERDICT_UNKNOWN;
    return error_set(&tx->error, ERROR_COMMIT_UNKNOWN, "COMMIT",
        "The database did not confirm that this was stored; look whether it was, or repeat the "
        "same "
        "request with the same key");
}

/* PostgreSQL answers COMMIT with ROLLBACK where the transaction had failed without our seeing it.
 */
static bool
commit(struct tx *tx)
{
    struct db *db = tx->db;
    if (!tx->begun)
        return true;
    if (!is_connected(tx))
        return false;
    db->doubted = false;
    session_send(db, STATEMENT_TRANSACTION_COMMIT, NULL);
    PGresult *result = session_receive(db, &tx->error, &tx->verdict);
    if (result == NULL) {
        explain(tx);
        if (db->unknown)
            set_unknown(tx);
        if (db->unknown || tx->verdict == VERDICT_LOST)
            db_disconnect(db);
        else if (PQtransactionStatus(db->connection) != PQTRANS_IDLE)
            roll_back(tx);
        return false;
    }
    bool committed = strcmp(PQcmdStatus(result), "COMMIT") == 0;
    PQclear(result);
    if (db->doubted) {
        db_disconnect(db);
        return set_unknown(tx);
    }
    if (!committed)
        return tx_fail(tx, ERROR_INTERNAL, "The database took the whole request back; try again");
    return true;
}

/* One attempt. The connection is left without a transaction, or dropped. */
static bool
attempt(struct tx *tx, tx_body body, void *data)
{
    bool done = body(tx, data);
    if (!done && tx_ok(tx))
        tx_fail(tx, ERROR_INTERNAL, "Something failed inside rctd");
    if (tx_ok(tx))
        return commit(tx);
    roll_back(tx);
    return false;
}

static bool
is_worth_repeating(const struct tx *tx)
{
    switch (tx->verdict) {
    case VERDICT_RETRY:
        return true;
    case VERDICT_LOST:
        /* A write in a transaction that was declared read-only is a mistake, not a moved server. */
        return !(tx->context.read_only && strcmp(tx->error.sqlstate, "25006") == 0);
    case VERDICT_UNKNOWN:
        return tx->context.repeatable || tx->context.read_only;
    case VERDICT_FINAL:
        break;
    }
    return false;
}

/* Grows from 5 ms to 400 ms; the random half keeps competitors from meeting again. */
static void
rest(int attempts)
{
    long milliseconds = PAUSE_FIRST_MS;
    for (int i = 1; i < attempts && milliseconds < PAUSE_MOST_MS; i++)
        milliseconds *= 2;
    if (milliseconds > PAUSE_MOST_MS)
        milliseconds = PAUSE_MOST_MS;
    uint32_t half = (uint32_t)milliseconds * 500;
    long microseconds = (long)half + (long)bits_uniform(half + 1);
    struct timespec pause = {.tv_nsec = microseconds * 1000};
    nanosleep(&pause, NULL);
}

/* Did the body get to see what the unknown commit had left? */
static bool
says_what_is_stored(enum error_code code)
{
    return code != ERROR_NO_DATABASE && code != ERROR_CONTENTION && code != ERROR_BUSY &&
           code != ERROR_INTERNAL;
}

bool
db_transact(struct db *db, struct arena *arena, const struct tx_context *context, tx_body body,
    void *data, struct error *error)
{
    struct error unknown = ERROR_CLEAR;
    for (int attempts = 1;; attempts++) {
        struct tx tx = {.db = db, .arena = arena, .context = *context};
        if (attempt(&tx, body, data))
            return true;
        if (tx.verdict == VERDICT_UNKNOWN)
            unknown = tx.error;
        if (attempts < SESSION_ATTEMPTS && is_worth_repeating(&tx)) {
            log_error(LOG_INFO, "transaction is run again", &tx.error);
            rest(attempts);
            continue;
        }
        bool open = unknown.code != ERROR_NONE && !says_what_is_stored(tx.error.code);
        *error = open ? unknown : tx.error;
        return false;
    }
}
