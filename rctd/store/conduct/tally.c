/*
 * tally.c: tallies by scheme, the eight last used. Each knows the last row of the ledger that was
 * committed when it was counted, and what was added behind it by a transaction of which it never
 * learns how it ended: the next reader finds the same rows in the ledger, or takes them back. Rows
 * are compared by their ids, so that a database that was set back to an earlier hour is noticed.
 */
#include "store/conduct/tally.h"

#include "db/statement.h"

#include <stdlib.h>
#include <string.h>

#define TALLIES_KEPT 8

/* A unit that a transaction added. */
struct added {
    struct uuid allocation_id;
    size_t arm;
};

struct tally {
    struct uuid trial_id;
    const struct protocol *protocol;
    const struct protocol_scheme *scheme; /* NULL: nothing is kept here */
    struct minimisation *counts;
    int64_t sure; /* position of the last row that is known to be committed; 0: none */
    struct uuid sure_id;
    struct added *added; /* behind it, in the order of their positions */
    size_t *added_levels;
    size_t added_count;
    size_t added_capacity;
    uint64_t used;
};

struct tallies {
    struct tally tally[TALLIES_KEPT];
    uint64_t uses;
};

struct tallies *
tallies_new(void)
{
    return memory_get(sizeof(struct tallies));
}

static void
forget(struct tally *tally)
{
    minimisation_free(tally->counts);
    free(tally->added);
    free(tally->added_levels);
    *tally = (struct tally){0};
}

void
tallies_free(struct tallies *tallies)
{
    if (tallies == NULL)
        return;
    for (size_t i = 0; i < TALLIES_KEPT; i++)
        forget(&tallies->tally[i]);
    free(tallies);
}

void
tallies_forget(struct tallies *tallies, const struct protocol *protocol)
{
    for (size_t i = 0; i < TALLIES_KEPT; i++)
        if (tallies->tally[i].protocol == protocol)
            forget(&tallies->tally[i]);
}

/* The scheme's own place, or the one that was not used for longest. */
static struct tally *
find(struct tallies *tallies, struct uuid trial_id, const struct protocol *protocol,
    const struct protocol_scheme *scheme)
{
    struct tally *place = &tallies->tally[0];
    for (size_t i = 0; i < TALLIES_KEPT; i++) {
        struct tally *tally = &tallies->tally[i];
        if (tally->scheme == scheme && uuid_equal(tally->trial_id, trial_id))
            return tally;
        if (tally->used < place->used)
            place = tally;
    }
    forget(place);
    place->trial_id = trial_id;
    place->protocol = protocol;
    place->scheme = scheme;
    place->counts = minimisation_new(protocol, scheme);
    return place;
}

static size_t
factors(const struct tally *tally)
{
    return tally->scheme->design.balanced_count;
}

static void
take_back(struct tally *tally)
{
    for (size_t i = 0; i < tally->added_count; i++)
        for (size_t f = 0; f < factors(tally); f++)
            minimisation_count(tally->counts, f, tally->added_levels[i * factors(tally) + f],
                tally->added[i].arm, -1);
    tally->added_count = 0;
}

static void
start_anew(struct tally *tally)
{
    minimisation_free(tally->counts);
    tally->counts = minimisation_new(tally->protocol, tally->scheme);
    tally->added_count = 0;
    tally->sure = 0;
}

static size_t
factor_index(const struct tally *tally, const struct protocol_subject *subject, const char *name)
{
    for (size_t f = 0; f < factors(tally); f++)
        if (strcmp(subject->attributes[tally->scheme->design.balanced[f].attribute].name, name) ==
            0)
            return f;
    return PROTOCOL_NONE;
}

/* False where the protocol does not know factor, level or arm. */
static bool
count_sum(struct tally *tally, const struct sql_minimisation_sums_row *row)
{
    const struct protocol_subject *subject = &tally->protocol->subjects[tally->scheme->unit];
    size_t factor = factor_index(tally, subject, row->factor);
    size_t arm = protocol_arm_index(tally->protocol, row->arm);
    if (factor == PROTOCOL_NONE || arm == PROTOCOL_NONE)
        return false;
    size_t attribute = tally->scheme->design.balanced[factor].attribute;
    size_t level = protocol_level_index(&subject->attributes[attribute], row->level);
    if (level == PROTOCOL_NONE)
        return false;
    minimisation_count(tally->counts, factor, level, arm, row->units);
    return true;
}

/* Adds the rows behind the sure one, up to `last`. */
static bool
count_rest(struct tx *tx, struct tally *tally, int64_t last)
{
    struct sql_minimisation_sums_rows sums;
    if (!sql_minimisation_sums(tx,
            &(struct sql_minimisation_sums){.trial_id = tally->trial_id,
                .scheme = tally->scheme->name,
                .after = tally->sure,
                .last = last},
            &sums))
        return false;
    for (size_t i = 0; i < sums.count; i++)
        if (!count_sum(tally, &sums.rows[i])) {
            start_anew(tally);
            return tx_fail(tx, ERROR_INTERNAL,
                "The ledger of %s holds levels that the protocol in force does not know",
                tally->scheme->name);
        }
    return true;
}

static bool
is_row(struct opt_uuid row, struct uuid id)
{
    return row.set && uuid_equal(row.value, id);
}

/* Does the ledger end with what was added here? */
static bool
is_whole(const struct tally *tally, int64_t last, struct opt_uuid last_id)
{
    size_t added = tally->added_count;
    if (last != tally->sure + (int64_t)added)
        return false;
    return last == 0 ||
           is_row(last_id, added > 0 ? tally->added[added - 1].allocation_id : tally->sure_id);
}

struct tally *
tally_read(struct tx *tx, struct tallies *tallies, struct uuid trial_id,
    const struct protocol *protocol, const struct protocol_scheme *scheme, int64_t last)
{
    struct tally *tally = find(tallies, trial_id, protocol, scheme);
    struct sql_minimisation_marks_row marks;
    tally->used = ++tallies->uses;
    if (!sql_minimisation_marks(tx,
            &(struct sql_minimisation_marks){
                .trial_id = trial_id, .scheme = scheme->name, .sure = tally->sure, .last = last},
            &marks))
        return NULL;
    if (is_whole(tally, last, marks.last_id)) {
        tally->added_count = 0;
    } else {
        take_back(tally);
        if (tally->sure > 0 && !is_row(marks.sure_id, tally->sure_id))
            start_anew(tally);
        if (!count_rest(tx, tally, last))
            return NULL;
    }
    tally->sure = last;
    tally->sure_id = marks.last_id.value;
    return tally;
}

const struct minimisation *
tally_counts(const struct tally *tally)
{
    return tally->counts;
}

/* A larger copy; the old one is given back. */
static void *
larger(void *old, size_t count, size_t capacity, size_t size)
{
    void *copy = memory_get(capacity * size);
    if (count > 0)
        memcpy(copy, old, count * size);
    free(old);
    return copy;
}

void
tally_add(struct tally *tally, struct uuid allocation_id, const size_t *levels, size_t arm)
{
    size_t count = tally->added_count;
    size_t row = factors(tally) * sizeof *levels;
    if (count == tally->added_capacity) {
        tally->added_capacity = count == 0 ? 64 : count * 2;
        tally->added = larger(tally->added, count, tally->added_capacity, sizeof *tally->added);
        tally->added_levels = larger(tally->added_levels, count, tally->added_capacity, row);
    }
    tally->added[count] = (struct added){.allocation_id = allocation_id, .arm = arm};
    memcpy(&tally->added_levels[count * factors(tally)], levels, row);
    tally->added_count++;
    minimisation_add(tally->counts, levels, arm);
}
