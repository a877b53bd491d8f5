/*
 * session.c: a worker's connection and its cache of parsed protocols: the eight last used, each in
 * an arena of its own.
 */
#include "store/session.h"

#include "base/fault.h"
#include "db/migrate.h"
#include "db/statement.h"

#include <stdlib.h>
#include <string.h>

#define PROTOCOLS_KEPT 8

struct kept {
    struct arena *arena;
    struct uuid trial_id;
    int version;
    uint64_t used;
    const struct protocol *protocol;
};

struct session {
    struct db *db;
    struct session_options options;
    struct bookmarks *bookmarks;
    struct tallies *tallies;
    struct kept kept[PROTOCOLS_KEPT];
    uint64_t uses;
};

struct session *
session_new(const struct session_options *options)
{
    struct session *session = memory_get(sizeof *session);
    session->options = *options;
    session->db = db_new(&options->database);
    session->bookmarks = bookmarks_new();
    session->tallies = tallies_new();
    return session;
}

void
session_free(struct session *session)
{
    if (session == NULL)
        return;
    db_free(session->db);
    bookmarks_free(session->bookmarks);
    tallies_free(session->tallies);
    for (size_t i = 0; i < PROTOCOLS_KEPT; i++)
        arena_free(session->kept[i].arena);
    free(session);
}

bool
session_transact(struct session *session, struct arena *arena, const struct tx_context *context,
    tx_body body, void *data, struct error *error)
{
    return db_transact(session->db, arena, context, body, data, error);
}

bool
session_ready(struct session *session, struct error *error)
{
    return db_connect(session->db, error) && db_schema_check(session->db, error);
}

const struct seal_key *
session_master_key(const struct session *session, struct error *error)
{
    if (session->options.master_key == NULL && session->options.master_key_problem != NULL)
        *error = *session->options.master_key_problem;
    else if (session->options.master_key == NULL)
        error_set(error, ERROR_NO_MASTER_KEY, "session",
            "This rctd has no master key; its operator sets master_key_file");
    return session->options.master_key;
}

struct bookmarks *
session_bookmarks(struct session *session)
{
    return session->bookmarks;
}

struct tallies *
session_tallies(struct session *session)
{
    return session->tallies;
}

static struct kept *
oldest(struct session *session)
{
    struct kept *found = &session->kept[0];
    for (size_t i = 1; i < PROTOCOLS_KEPT; i++)
        if (session->kept[i].used < found->used)
            found = &session->kept[i];
    return found;
}

const struct protocol *
session_protocol(struct session *session, struct tx *tx, struct uuid trial_id, int version)
{
    for (size_t i = 0; i < PROTOCOLS_KEPT; i++) {
        struct kept *kept = &session->kept[i];
        if (kept->protocol == NULL || kept->version != version ||
            !uuid_equal(kept->trial_id, trial_id))
            continue;
        kept->used = ++session->uses;
        return kept->protocol;
    }
    struct sql_protocol_document_row row;
    if (!sql_protocol_document(
            tx, &(struct sql_protocol_document){.trial_id = trial_id, .version = version}, &row))
        return NULL;
    struct kept *place = oldest(session);
    tallies_forget(session->tallies, place->protocol);
    arena_free(place->arena);
    *place = (struct kept){.arena = arena_new(), .trial_id = trial_id, .version = version};
    struct faults faults;
    faults_init(&faults, place->arena);
    const struct protocol *protocol =
        protocol_parse(place->arena, row.document, strlen(row.document), &faults);
    if (protocol == NULL) {
        tx_fail(tx, ERROR_INTERNAL, "The locked protocol version %d cannot be read by this rctd",
            version);
        return NULL;
    }
    place->protocol = protocol;
    place->used = ++session->uses;
    return protocol;
}
