/*
 * errand.c: what rctd does once and ends: the first administrator, the sealed master key for those
 * who restore. Beside a daemon that serves the same database, or without one.
 */
#include "errand.h"

#include "base/clock.h"
#include "base/digest.h"
#include "database.h"
#include "http/auth.h"
#include "store/account.h"
#include "store/session.h"
#include "store/vault/key_escrow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* One transaction of rctd's own, with a master key neither needed nor read. */
static bool
transact(const struct database *database, struct arena *arena, const struct tx_context *context,
    tx_body body, void *data, struct error *error)
{
    const struct session_options options = {.database = database->options};
    struct session *session = session_new(&options);
    bool done = session_ready(session, error) &&
                session_transact(session, arena, context, body, data, error);
    session_free(session);
    return done;
}

struct first {
    const char *name;
    struct digest token;
};

static bool
make_first(struct tx *tx, void *data)
{
    const struct first *first = data;
    const int64_t days = (int64_t)ERRAND_TOKEN_DAYS * 24 * 3600 * 1000000;
    return account_first_administrator(tx, first->name, first->token, clock_now() + days);
}

static bool
write_token(const char *token, int fd, const char *path, struct error *error)
{
    char line[AUTH_TOKEN_SIZE + 1];
    int length = snprintf(line, sizeof line, "%s\n", token);
    if (write(fd, line, (size_t)length) != length)
        return error_set_errno(error, "token", "The token could not be written to %s", path);
    return true;
}

static bool
make_administrator(const struct daemon_options *options, const char *name, int fd, const char *path,
    struct error *error)
{
    const struct tx_context context =
        database_context(DB_ROLE_BLINDED, "account.first_administrator");
    struct database database = {0};
    struct arena *arena = arena_new();
    char token[AUTH_TOKEN_SIZE];
    auth_token_new(token);
    struct first first = {.name = name, .token = auth_token_hash(token)};
    bool made = database_open(options, true, &database, error) &&
                transact(&database, arena, &context, make_first, &first, error) &&
                write_token(token, fd, path, error);
    database_close(&database);
    arena_free(arena);
    return made;
}

/* A token file is a new one of mode 0600, which is gone again when nobody was made. */
bool
errand_first_administrator(const struct daemon_options *options, const char *name,
    const char *token_file, struct error *error)
{
    if (token_file == NULL)
        return make_administrator(options, name, STDOUT_FILENO, "stdout", error);
    int fd = open(token_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        bool there = errno == EEXIST;
        error_set_errno(error, "token", "The token file %s cannot be made", token_file);
        error->code = there ? ERROR_CONFLICT : error->code;
        return false;
    }
    bool made = make_administrator(options, name, fd, token_file, error);
    close(fd);
    if (!made)
        unlink(token_file);
    return made;
}

bool
errand_escrowed_key(const struct daemon_options *options, struct error *error)
{
    const struct tx_context context = database_context(DB_ROLE_VAULT, "master-key.read");
    struct database database = {0};
    struct arena *arena = arena_new();
    const char *texts = "";
    bool done = database_open(options, true, &database, error) &&
                transact(&database, arena, &context, key_escrow_texts, &texts, error);
    if (done && texts[0] == '\0')
        done = error_set(error, ERROR_NOT_FOUND, "escrow",
            "The database keeps no sealed master key: no daemon with escrow_public_key has served "
            "it");
    if (done && (fputs(texts, stdout) == EOF || fflush(stdout) != 0))
        done = error_set_errno(error, "stdout", "The sealed master key could not be written");
    database_close(&database);
    arena_free(arena);
    return done;
}
