/*
 * rotation.c: starts a rotation and takes its steps. Rows that somebody holds are passed over and
 * met at the next walk; the older key waits for everyone who seals under it.
 */
#include "store/vault/rotation.h"

#include "base/digest.h"
#include "store/vault/vault_private.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>

#define BATCH 500

bool
rotation_start(struct tx *tx, struct session *session, struct uuid trial_id, struct uuid account_id,
    const char *reason, int *version)
{
    struct tx_context caller;
    struct sql_rotation_newest_row newest;
    unsigned char fresh[SEAL_KEY_SIZE];
    struct bytes sealed;
    bool found;
    const struct seal_key *master = vault_master(tx, session);
    if (master == NULL || !vault_enter(tx, &caller) ||
        !sql_rotation_newest(
            tx, &(struct sql_rotation_newest){.trial_id = trial_id}, &newest, &found))
        return false;
    if (!found)
        return tx_fail(tx, ERROR_REFUSED,
            "The trial's vault is empty: its first key is made with the first identity");
    *version = newest.version + 1;
    randombytes_buf(fresh, sizeof fresh);
    vault_wrap(master, tx_arena(tx), "data", trial_id, *version, fresh, &sealed);
    sodium_memzero(fresh, sizeof fresh);
    return (sql_vault_data_key_insert(tx,
                &(struct sql_vault_data_key_insert){.trial_id = trial_id,
                    .version = *version,
                    .master_key_id = seal_key_id(master),
                    .sealed = sealed},
                NULL) &&
               sql_rotation_insert(tx,
                   &(struct sql_rotation_insert){.trial_id = trial_id,
                       .to_version = *version,
                       .requested_by = account_id,
                       .reason = reason},
                   NULL) &&
               vault_leave(tx, &caller)) ||
           tx_explain(tx, "rotation_one_at_a_time", ERROR_CONFLICT,
               "A rotation of this trial's key is under way already; wait until it is finished");
}

/* The keys of one rotation, opened, in locked memory. */
struct ring {
    size_t count;
    struct {
        int version;
        unsigned char key[SEAL_KEY_SIZE];
    } keys[]; /* the newest first */
};

static struct ring *
open_keys(struct tx *tx, struct session *session, const struct rotation_place *place)
{
    struct sql_rotation_keys_rows rows;
    const struct seal_key *master = vault_master(tx, session);
    if (master == NULL ||
        !sql_rotation_keys(tx, &(struct sql_rotation_keys){.trial_id = place->trial_id}, &rows))
        return NULL;
    /* Locked memory ends at a guard page: a size that is a multiple of 16 aligns its beginning. */
    size_t size = sizeof(struct ring) + rows.count * sizeof(((struct ring *)NULL)->keys[0]);
    struct ring *ring = sodium_malloc((size + 15) / 16 * 16);
    if (ring == NULL)
        abort();
    ring->count = rows.count;
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_rotation_keys_row *row = &rows.rows[i];
        ring->keys[i].version = row->version;
        if (vault_unwrap(tx, master, "data", place->trial_id, row->version, row->master_key_id,
                row->sealed, ring->keys[i].key))
            continue;
        sodium_free(ring);
        return NULL;
    }
    return ring;
}

static const unsigned char *
key_of(const struct ring *ring, int version)
{
    for (size_t i = 0; i < ring->count; i++)
        if (ring->keys[i].version == version)
            return ring->keys[i].key;
    return NULL;
}

/* The box under the newer key, in hex; NULL where the old one does not open. */
static const char *
reseal(struct arena *arena, const struct ring *ring, const struct rotation_place *place,
    const struct sql_rotation_batch_row *row)
{
    unsigned char about[VAULT_ABOUT_SIZE];
    size_t size = seal_box_content(row->box.size);
    const unsigned char *older = key_of(ring, row->key_version);
    const unsigned char *newer = key_of(ring, place->to_version);
    unsigned char *plain = arena_alloc(arena, size);
    const char *hex = NULL;
    vault_about(about, "person", place->trial_id, row->unit_id, row->key_version);
    if (older != NULL && newer != NULL &&
        seal_unbox(older, about, sizeof about, row->box.data, row->box.size, plain)) {
        size_t box_size;
        vault_about(about, "person", place->trial_id, row->unit_id, place->to_version);
        void *box = seal_box(newer, arena, about, sizeof about, plain, size, &box_size);
        hex = hex_encode(arena, box, box_size);
    }
    sodium_memzero(plain, size);
    return hex;
}

static bool
reseal_rows(struct tx *tx, const struct ring *ring, const struct rotation_place *place,
    const struct sql_rotation_batch_rows *batch)
{
    json_t *rows = json_array();
    char id[UUID_TEXT_SIZE];
    bool ok = true;
    for (size_t i = 0; ok && i < batch->count; i++) {
        const char *box = reseal(tx_arena(tx), ring, place, &batch->rows[i]);
        uuid_text(batch->rows[i].unit_id, id);
        if (box == NULL)
            ok = tx_fail(tx, ERROR_NO_MASTER_KEY,
                "The identity of unit %s does not open; the rotation stands until that is "
                "explained",
                id);
        else
            json_array_append_new(rows, json_pack("{s:s, s:i, s:s}", "unit_id", id, "key_version",
                                            batch->rows[i].key_version, "box", box));
    }
    char *text = json_dumps(rows, JSON_COMPACT);
    ok = ok && sql_rotation_store(tx,
                   &(struct sql_rotation_store){
                       .trial_id = place->trial_id, .to_version = place->to_version, .rows = text},
                   NULL);
    free(text);
    json_decref(rows);
    return ok;
}

/* Nothing is left, once nobody seals under an older key any more. */
static bool
finish(struct tx *tx, const struct rotation_place *place, bool *finished)
{
    struct sql_rotation_remaining_row row;
    if (!sql_rotation_hold_keys(tx,
            &(struct sql_rotation_hold_keys){
                .trial_id = place->trial_id, .to_version = place->to_version},
            NULL) ||
        !sql_rotation_remaining(tx,
            &(struct sql_rotation_remaining){
                .trial_id = place->trial_id, .to_version = place->to_version},
            &row))
        return false;
    if (row.remaining > 0)
        return true;
    int64_t ours;
    if (!sql_rotation_destroy(tx,
            &(struct sql_rotation_destroy){
                .trial_id = place->trial_id, .to_version = place->to_version},
            NULL) ||
        !sql_rotation_finish(tx,
            &(struct sql_rotation_finish){
                .trial_id = place->trial_id, .to_version = place->to_version},
            &ours))
        return false;
    *finished = ours > 0;
    return ours == 0 ||
           sql_residue_insert(tx,
               &(struct sql_residue_insert){.trial_id = place->trial_id, .kind = "rotation"}, NULL);
}

bool
rotation_step(struct tx *tx, struct session *session, struct rotation_place *place,
    int64_t *resealed, bool *finished)
{
    struct sql_rotation_batch_rows batch;
    *resealed = 0;
    *finished = false;
    if (!sql_rotation_batch(tx,
            &(struct sql_rotation_batch){.trial_id = place->trial_id,
                .to_version = place->to_version,
                .after_version = place->after_version,
                .after_unit = place->after_unit,
                .most = BATCH},
            &batch))
        return false;
    if (batch.count == 0) {
        place->after_version = 0;
        place->after_unit = UUID_NIL;
        return finish(tx, place, finished);
    }
    struct ring *ring = open_keys(tx, session, place);
    bool ok = ring != NULL && reseal_rows(tx, ring, place, &batch);
    sodium_free(ring);
    place->after_version = batch.rows[batch.count - 1].key_version;
    place->after_unit = batch.rows[batch.count - 1].unit_id;
    *resealed = ok ? (int64_t)batch.count : 0;
    return ok;
}

bool
vault_look(struct tx *tx, struct vault_work *work)
{
    struct sql_vault_rotations_rows rows;
    struct sql_vault_scrub_due_row residue;
    *work = (struct vault_work){0};
    if (!sql_vault_rotations(tx, &rows) || !sql_vault_scrub_due(tx, &residue))
        return false;
    work->places = arena_array(tx_arena(tx), rows.count, sizeof *work->places);
    for (size_t i = 0; i < rows.count; i++)
        work->places[work->count++] = (struct rotation_place){
            .trial_id = rows.rows[i].trial_id, .to_version = rows.rows[i].to_version};
    work->residue = residue.due;
    return true;
}

bool
vault_scrub(struct tx *tx, enum scrub *scrub)
{
    struct sql_vault_scrub_row row;
    if (!sql_vault_scrub(tx, &row))
        return false;
    *scrub = !row.clean.set ? SCRUB_NOTHING : row.clean.value ? SCRUB_CLEAN : SCRUB_LATER;
    return true;
}
