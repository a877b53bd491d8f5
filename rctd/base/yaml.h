/*
 * yaml.h: reads one YAML document into a tree that remembers where everything stands. Scalars stay
 * the text that was written (`NO` is Norway, not false); what a text means is decided by whoever
 * reads the tree. Taken is what people write by hand: maps, lists, texts. Anchors, aliases, tags,
 * several documents and duplicate keys are refused, so is what is deeper than YAML_DEPTH_MAX or
 * larger than YAML_SIZE_MAX.
 */
#ifndef RCTD_BASE_YAML_H
#define RCTD_BASE_YAML_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>
#include <stddef.h>

#define YAML_SIZE_MAX ((size_t)1024 * 1024)
#define YAML_DEPTH_MAX 20

enum yaml_kind {
    YAML_SCALAR,
    YAML_LIST,
    YAML_MAP,
    YAML_REFUSED /* something that is not taken: its fault is told, readers pass over it */
};

struct yaml_node {
    enum yaml_kind kind;
    unsigned line;    /* from 1 */
    unsigned column;  /* from 1, in characters */
    const char *text; /* of a scalar: what was written, without quotes; "" where nothing was */
    bool quoted;      /* of a scalar */
    bool verbatim; /* of a scalar: each character of `text` stands in the file one after another */
    struct yaml_node *first; /* of a list or map: the entries, in the order of the file */
    struct yaml_node *next;  /* the next entry of the list or map that this node stands in */
    size_t count;
    struct yaml_node *parent; /* NULL for the root */
    const char *key;          /* where the parent is a map */
    unsigned key_line;
    unsigned key_column;
    size_t index; /* where the parent is a list: from 0 */
};

/*
 * Reads the document into the arena. NULL when it cannot be read as a whole (syntax, encoding,
 * size, depth, empty); other faults are added and the rest is still given, so that one run tells
 * them all.
 */
struct yaml_node *yaml_read(
    struct arena *arena, const char *bytes, size_t size, struct faults *faults);

/* The entry of a map with this key; NULL where there is none, or the node is no map. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);

/* Where a node stands: "phases.rct.scheme.blocks[1]"; "" for the root. In the arena. */
const char *yaml_path(struct arena *arena, const struct yaml_node *node);

#endif
