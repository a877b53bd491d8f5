/*
 * merkle.h: one digest for the ends of all streams of the trail: the tree of RFC 6962. rctd signs
 * the root each minute, and whoever has the signed line computes it again.
 *
 * A leaf is SHA-256(00 || leaf text), a node SHA-256(01 || left || right); a tree of n > 1 leaves
 * splits at the largest power of two below n; the root of no leaf is SHA-256 of nothing. A leaf
 * text is trial id, stream, sequence (decimal) and hash (hex) as netstrings: length in bytes, ':',
 * bytes, ','. Leaves stand in the order of trial id, then of the bytes of the stream's name.
 */
#ifndef RCTD_TRIAL_MERKLE_H
#define RCTD_TRIAL_MERKLE_H

#include "base/digest.h"

#include <stdint.h>

/* What is signed is MERKLE_PURPOSE "\n" AT "\n" COUNT "\n" ROOT "\n". */
#define MERKLE_PURPOSE "rctd-heads-v1"

/* The leaf of a stream's end; `trial_id` is a UUID in lower case. */
struct digest merkle_leaf(
    const char *trial_id, const char *stream, int64_t sequence, struct digest hash);

/* A tree that leaves are added to, from left to right. Starts as zeroes. */
struct merkle {
    struct digest stack[64]; /* roots of full trees, the largest first */
    uint64_t count;          /* leaves; its binary ones are the sizes of those trees */
};

void merkle_add(struct merkle *merkle, struct digest leaf);
struct digest merkle_root(const struct merkle *merkle);

#endif
