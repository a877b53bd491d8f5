/*
 * chain.h: the audit chain. Each row of a stream carries SHA-256(hash of the row before, 32 bytes
 * || the row in canonical form); before the first row stand 32 zero bytes. The database's trigger
 * computes the same when it writes; here the chain is walked again to name what was tampered with.
 *
 * Canonical form: the fields of struct chain_row in their order, each as decimal byte length, ':',
 * the bytes, ',' (a netstring); an absent one as "-,". `sequence` is written in decimal, `at` as
 * RFC 3339 with six decimals and Z.
 */
#ifndef RCTD_TRIAL_CHAIN_H
#define RCTD_TRIAL_CHAIN_H

#include "base/arena.h"
#include "base/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Strings are UTF-8; NULL is an absent value, which an empty one is not. */
struct chain_row {
    const char *trial_id; /* UUID in lower case; the nil UUID in the instance's own streams */
    const char *stream;
    int64_t sequence; /* from 1, without gaps within (trial_id, stream) */
    int64_t at;       /* microseconds, UTC */
    const char *actor;
    const char *actor_role;
    const char *organisation;
    const char *action;
    const char *object_kind;
    const char *object_id;
    const char *old_value; /* JSON exactly as the database writes it */
    const char *new_value;
    const char *reason;
    const char *request_id;
};

/* The hash that belongs behind `previous`. */
struct digest chain_hash(struct digest previous, const struct chain_row *row);

enum chain_fault {
    CHAIN_CHANGED, /* the row is not as it was written */
    CHAIN_MISSING, /* the row is not there */
    CHAIN_SWAPPED, /* the row stands where `other` belongs */
    CHAIN_EXTRA,   /* the sequence number stands twice, or behind the stream's end */
};

struct chain_finding {
    enum chain_fault fault;
    const char *trial_id;
    const char *stream;
    int64_t sequence;    /* the first row of the stream that is wrong */
    int64_t other;       /* CHAIN_SWAPPED: the row it was swapped with; else 0 */
    const char *message; /* a sentence that names stream and row */
};

/*
 * A walk over whole streams. Rows come stream by stream, each stream in order of sequence. Where
 * the database keeps the head of a stream (its last sequence and hash) chain_walk_head, called
 * behind the stream's last row, finds rows removed at the end; a stream of which no row is left
 * too. The walk keeps the first finding of each stream. It lives in the arena; what is fed may be
 * gone after the call.
 */
struct chain_walk;

struct chain_walk *chain_walk_new(struct arena *arena);
void chain_walk_row(struct chain_walk *walk, const struct chain_row *row, struct digest stored);
void chain_walk_head(struct chain_walk *walk, const char *trial_id, const char *stream,
    int64_t sequence, struct digest hash);

/* Ends the last stream. The findings, in the order of their streams, live in the arena. */
size_t chain_walk_end(struct chain_walk *walk, const struct chain_finding **findings);

int64_t chain_walk_rows(const struct chain_walk *walk);
int64_t chain_walk_streams(const struct chain_walk *walk);

#endif
