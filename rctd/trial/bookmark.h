/*
 * bookmark.h: where a worker's walks through its strata have come to, so that the next allocation
 * of a stratum takes two HMACs instead of one per block since the first. It forgets when it must: a
 * stratum that another one has pushed out is walked from its start again.
 *
 * Belongs to one thread. It knows where blocks began: it stays in memory and is shown to nobody.
 */
#ifndef RCTD_TRIAL_BOOKMARK_H
#define RCTD_TRIAL_BOOKMARK_H

#include "trial/allocate.h"

struct bookmarks;

struct bookmarks *bookmarks_new(void);
void bookmarks_free(struct bookmarks *bookmarks); /* NULL is allowed */

/*
 * The bookmark for allocate_arm() with the same scheme, seed, label and stratum: where that walk
 * came to, or the start. Good until the next call.
 */
struct allocate_bookmark *bookmarks_find(struct bookmarks *bookmarks,
    const struct protocol_scheme *scheme, const uint8_t seed[SEED_SIZE], const char *label,
    const char *stratum);

#endif
