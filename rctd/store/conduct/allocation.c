/*
 * allocation.c: a scheme as it is in force, and the locks of its strata, behind which everything
 * else about an allocation happens.
 */
#include "store/conduct/allocation.h"

#include "base/text.h"
#include "store/conduct/protocol.h"
#include "store/conduct/seed.h"
#include "store/conduct/tally.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *
list_schemes(struct arena *arena, const struct protocol *protocol)
{
    struct text list;
    text_init(&list, arena);
    for (size_t i = 0; i < protocol->scheme_count; i++)
        text_printf(&list, "%s%s", i == 0 ? "" : ", ", protocol->schemes[i].name);
    return list.bytes;
}

const char *
allocation_closed(struct session *session, const struct allocation_scheme *scheme)
{
    struct error error = ERROR_CLEAR;
    if (!allocation_is_random(scheme) || seed_can_open(session, &scheme->seed, &error))
        return NULL;
    return error.code == ERROR_OTHER_MASTER_KEY
               ? "Nothing can be allocated now: the key that rctd was started with is not the key "
                 "of this database; its operator can put that right"
               : "Nothing can be allocated now: rctd was started without its master key; its "
                 "operator can put that right";
}

bool
allocation_is_random(const struct allocation_scheme *scheme)
{
    return scheme->scheme->method != METHOD_NONRANDOM;
}

bool
allocation_hold_trial(struct tx *tx, struct uuid trial_id)
{
    return sql_trial_share(tx, &(struct sql_trial_share){.trial_id = trial_id}, NULL);
}

bool
allocation_scheme_read(struct tx *tx, struct session *session, struct uuid trial_id,
    const char *time_zone, const char *name, struct allocation_scheme *scheme)
{
    bool found = false;
    *scheme = (struct allocation_scheme){.trial_id = trial_id, .time_zone = time_zone};
    scheme->protocol = protocol_in_force(tx, session, trial_id, &scheme->version);
    if (scheme->protocol == NULL)
        return false;
    scheme->scheme = protocol_scheme_by_name(scheme->protocol, name);
    if (!sql_scheme_seed_get(tx,
            &(struct sql_scheme_seed_get){.trial_id = trial_id, .scheme = name}, &scheme->seed,
            &found))
        return false;
    if (scheme->scheme == NULL || !found)
        return tx_fail(tx, ERROR_NOT_FOUND, "The trial has no scheme called %s; it has %s", name,
            list_schemes(tx_arena(tx), scheme->protocol));
    return true;
}

static bool
read_attributes(struct tx *tx, const struct allocation_scheme *scheme, const char *const *codes,
    size_t count, struct sql_unit_attributes_rows *rows)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(codes[i]));
    char *text = json_dumps(list, JSON_COMPACT);
    bool ok = sql_unit_attributes(tx,
        &(struct sql_unit_attributes){.trial_id = scheme->trial_id,
            .kind = protocol_unit_name(scheme->scheme->unit),
            .codes = text},
        rows);
    free(text);
    json_decref(list);
    return ok;
}

static bool
lock_stratum(struct tx *tx, struct session *session, const struct allocation_scheme *scheme,
    const char *key, struct allocation_stratum *stratum)
{
    struct uuid trial_id = scheme->trial_id;
    const char *name = scheme->scheme->name;
    struct sql_stratum_last_row last;
    bool found;
    if (!sql_stratum_ensure(tx,
            &(struct sql_stratum_ensure){.trial_id = trial_id, .scheme = name, .stratum = key},
            NULL) ||
        !sql_stratum_lock(tx,
            &(struct sql_stratum_lock){.trial_id = trial_id, .scheme = name, .stratum = key},
            NULL) ||
        !sql_stratum_last(tx,
            &(struct sql_stratum_last){.trial_id = trial_id, .scheme = name, .stratum = key}, &last,
            &found))
        return false;
    *stratum = (struct allocation_stratum){.key = key, .last = found ? last.position : 0};
    if (scheme->scheme->method != METHOD_MINIMISATION)
        return true;
    stratum->tally = tally_read(
        tx, session_tallies(session), trial_id, scheme->protocol, scheme->scheme, stratum->last);
    return stratum->tally != NULL;
}

bool
allocation_strata_read(struct tx *tx, const struct allocation_scheme *scheme,
    const char *const *codes, size_t count, const char **keys)
{
    struct arena *arena = tx_arena(tx);
    struct sql_unit_attributes_rows rows;
    for (size_t i = 0; i < count; i++)
        keys[i] = NULL;
    if (!read_attributes(tx, scheme, codes, count, &rows))
        return false;
    for (size_t r = 0; r < rows.count; r++) {
        struct protocol_values values;
        struct faults faults;
        faults_init(&faults, arena);
        unit_values(arena, rows.rows[r].attributes, rows.rows[r].year, &values);
        const char *key =
            protocol_stratum_key(arena, scheme->protocol, scheme->scheme, &values, &faults);
        for (size_t i = 0; i < count; i++)
            if (text_equal(codes[i], rows.rows[r].code))
                keys[i] = key;
    }
    return true;
}

bool
allocation_strata_lock(struct tx *tx, struct session *session,
    const struct allocation_scheme *scheme, const char *const *keys, size_t count,
    struct allocation_strata *strata)
{
    const char **sorted = arena_array(tx_arena(tx), count, sizeof *sorted);
    size_t known = 0;
    for (size_t i = 0; i < count; i++)
        if (keys[i] != NULL)
            sorted[known++] = keys[i];
    qsort(sorted, known, sizeof *sorted, text_order);
    *strata = (struct allocation_strata){
        .items = arena_array(tx_arena(tx), known, sizeof *strata->items)};
    for (size_t i = 0; i < known; i++)
        if (i == 0 || strcmp(sorted[i], sorted[i - 1]) != 0)
            if (!lock_stratum(tx, session, scheme, sorted[i], &strata->items[strata->count++]))
                return false;
    return true;
}

struct allocation_stratum *
allocation_strata_find(const struct allocation_strata *strata, const char *key)
{
    for (size_t i = 0; i < strata->count; i++)
        if (strcmp(strata->items[i].key, key) == 0)
            return &strata->items[i];
    return NULL;
}
