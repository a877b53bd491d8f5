/*
 * heads.h: the signed lines of the audit heads file: outside of the database they show, minute by
 * minute, how far each stream of the trail had come, so that a row changed later by somebody with
 * every right in the database is still found.
 *
 * A line is one JSON object:
 *
 * - at: when, RFC 3339 UTC
 *
 * - heads: [trial id, stream, sequence, hash (hex)] of each stream that went on since the line
 *   before; a daemon's first line has all
 *
 * - count: how many streams there are
 *
 * - root: hex, the root of the tree (trial/merkle.h) over the heads of all streams, those that did
 *   not go on included
 *
 * - signature: hex, Ed25519 over "rctd-heads-v1\n" AT "\n" COUNT "\n" ROOT "\n"
 *
 * - key: hex, the public key, which rctd also logs when it starts
 */
#ifndef RCTD_WORK_HEADS_H
#define RCTD_WORK_HEADS_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/seal.h"
#include "store/housekeeping.h"
#include "trial/proof/merkle.h"

#include <stddef.h>
#include <stdint.h>

struct digest heads_leaf(const struct stream_head *head);

/* What was in the last line that was written: a leaf for each stream, in order of their bytes. */
struct heads_seen;

struct heads_seen *heads_seen_new(void);
void heads_seen_free(struct heads_seen *seen); /* NULL is allowed */

/* A line that is being made from a walk over all heads. */
struct heads_line;

struct heads_line *heads_line_start(struct arena *arena, const struct heads_seen *seen);
void heads_line_add(
    const struct stream_head *head, void *line); /* as housekeeping_heads wants it */

/* The whole line with its end, in the arena. */
const char *heads_line_end(struct heads_line *line, const struct seal_key *key, int64_t at);

/* The line has been written: the next one starts from it. */
void heads_line_written(struct heads_line *line, struct heads_seen *seen);

/* The public key that signs lines, as hex; in the arena. */
const char *heads_public_key(struct arena *arena, const struct seal_key *key);

#endif
