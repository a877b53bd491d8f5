/*
 * dispatch_send.c: from "due" to "handed over". A first look reads what is due without any lock.
 * Then, trial by trial, one short transaction holds the units, checks each reminder once more,
 * writes the mark into the ledger and hands the message to curl before it commits: a withdrawal
 * waits until then, or was committed earlier and is seen. The mark is what asks rctd.may(); where
 * it objects, the transaction is done over and each reminder is asked for.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "store/people/identity.h"
#include "work/dispatch_private.h"
#include "work/payload.h"
#include "work/sign.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SECRET_SIZE 32
#define UNOPENED_PAUSE 60 /* seconds */

struct look {
    struct dispatch *dispatch;
    const char *shards;
    const char *paused;
    const char *busy;
    int room;
    struct sql_dispatch_trials_rows trials;
    struct sql_reminder_due_rows *due; /* beside the trials */
};

/* The shards that are held; NULL where all are. */
static const char *
held_shards(struct dispatch *dispatch)
{
    struct text json;
    if (dispatch->held == REMINDER_SHARDS)
        return NULL;
    text_init(&json, dispatch->arena);
    text_append(&json, "{");
    for (int shard = 0; shard < REMINDER_SHARDS; shard++)
        if (dispatch->fences[shard] != 0)
            text_printf(&json, "%s\"%d\":0", json.length == 1 ? "" : ",", shard);
    text_append(&json, "}");
    return json.bytes;
}

static const char *
busy_ids(struct dispatch *dispatch)
{
    struct text json;
    char id[UUID_TEXT_SIZE];
    text_init(&json, dispatch->arena);
    text_append(&json, "{");
    for (size_t i = 0; i < dispatch->transfer_count; i++)
        text_printf(&json, "%s\"%s\":0", i == 0 ? "" : ",",
            uuid_text(dispatch->transfers[i]->reminder_id, id));
    text_append(&json, "}");
    return json.bytes;
}

static bool
is_busy(const struct dispatch *dispatch, struct uuid reminder_id)
{
    for (size_t i = 0; i < dispatch->transfer_count; i++)
        if (uuid_equal(dispatch->transfers[i]->reminder_id, reminder_id))
            return true;
    return false;
}

static bool
look_in_transaction(struct tx *tx, void *data)
{
    struct look *look = data;
    int room = look->room;
    if (!dispatch_trials(tx, &look->trials))
        return false;
    look->due = arena_array(tx_arena(tx), look->trials.count, sizeof *look->due);
    for (size_t i = 0; i < look->trials.count && room > 0; i++) {
        if (!reminder_due(tx, look->trials.rows[i].trial_id, look->shards, look->paused, look->busy,
                room, &look->due[i]))
            return false;
        room -= (int)look->due[i].count;
    }
    look->dispatch->look_again = room == 0;
    return true;
}

/* A message that is ready to leave. */
struct ready {
    struct transfer transfer;
    struct post post;
};

struct send {
    struct dispatch *dispatch;
    struct uuid trial_id;
    const char *trial;
    const struct sql_reminder_due_rows *due;
    struct ready *ready;
    size_t ready_count;
    size_t stopped;
    bool ask; /* for each, what rctd.may() objects to */
};

static bool
open_secret(
    struct dispatch *dispatch, struct bytes sealed, struct sign_key *key, struct error *error)
{
    const struct seal_key *master = session_master_key(dispatch->session, error);
    key->size = SECRET_SIZE;
    return master != NULL &&
           seal_open(master, sealed.data, sealed.size, key->bytes, SECRET_SIZE, error);
}

/* Signs with the endpoint's secret, and with the one before while it is valid. NULL when the secret
 * cannot be opened. */
static const char *
sign(struct dispatch *dispatch, struct arena *arena, const struct sql_reminder_check_row *row,
    const struct post *post)
{
    struct sign_key keys[2];
    size_t count = 0;
    const char *signature = NULL;
    struct error error = ERROR_CLEAR;
    if (!open_secret(dispatch, row->sealed_secret, &keys[count++], &error)) {
        char id[UUID_TEXT_SIZE];
        char why[LOG_QUOTED_SIZE];
        log_write(LOG_ERROR, "an endpoint's secret cannot be opened endpoint=%s why=%s",
            uuid_text(row->endpoint_id, id), log_quote(error.detail, why));
        goto out;
    }
    if (row->sealed_previous.data != NULL)
        count += open_secret(dispatch, row->sealed_previous, &keys[count], &error);
    signature = sign_webhook(arena, keys, count, post->id, post->timestamp, post->body);
out:
    sodium_memzero(keys, sizeof keys);
    return signature;
}

/* What an endpoint for contact details needs of this participant, read through the vault, which
 * writes the reading down; NULL where nothing is kept. */
static bool
read_contact(const struct send *send, struct tx *tx, const struct sql_reminder_check_row *row,
    const char **contact)
{
    struct uuid reading_id;
    struct vault_person person;
    bool found;
    enum person_field field = text_equal(row->channel, "email") ? PERSON_EMAIL : PERSON_PHONE;
    const struct identity_reading reading = {.trial_id = send->trial_id,
        .unit_id = row->unit_id,
        .purpose = PURPOSE_CONTACT,
        .fields = 1U << field,
        .endpoint_id = row->endpoint_id,
        .reminder_id = row->reminder_id,
        .reason = "reminder"};
    *contact = NULL;
    if (!identity_look(tx, send->dispatch->session, &reading, &reading_id, &person, &found))
        return false;
    if (found)
        *contact = *vault_person_field(&person, field);
    return true;
}

static void
make_post(const struct send *send, struct arena *arena, const struct sql_reminder_check_row *row,
    const char *contact, struct post *post)
{
    char id[PAYLOAD_ID_SIZE];
    *post = (struct post){
        .url = row->url,
        .id = arena_strdup(arena, payload_id(row->reminder_id, id)),
        .timestamp = clock_now() / 1000000,
        .body = payload_of_reminder(arena, send->trial, row, contact),
    };
}

/* Makes a message ready, where the endpoint takes one now. */
static bool
make_ready(struct send *send, struct tx *tx, const struct sql_reminder_check_row *row)
{
    struct arena *arena = tx_arena(tx);
    struct dispatch *dispatch = send->dispatch;
    const char *contact = NULL;
    int64_t now = clock_monotonic();
    struct lane *lane = lane_of(&dispatch->lanes, row->endpoint_id, now);
    struct ready *ready = &send->ready[send->ready_count];
    if (is_busy(dispatch, row->reminder_id) || !lane_enter(&dispatch->lanes, lane, now))
        return true;
    if (row->contact_details && !read_contact(send, tx, row, &contact)) {
        lane_leave(lane, now, false, 0);
        return false;
    }
    make_post(send, arena, row, contact, &ready->post);
    ready->post.signature = sign(dispatch, arena, row, &ready->post);
    if (ready->post.signature == NULL) {
        lane_leave(lane, now, false, 0);
        lane_pause(lane, now, UNOPENED_PAUSE);
        return true;
    }
    ready->transfer = (struct transfer){
        .trial_id = send->trial_id,
        .reminder_id = row->reminder_id,
        .endpoint_id = row->endpoint_id,
        .attempt = row->attempt,
        .failures = row->failures,
        .shard = row->shard,
        .fence = row->fence,
        .started = now,
        .lane = lane,
    };
    send->ready_count++;
    return true;
}

static bool
consider(struct send *send, struct tx *tx, const struct sql_reminder_check_row *row)
{
    const struct protocol *protocol =
        session_protocol(send->dispatch->session, tx, send->trial_id, row->protocol_version);
    if (protocol == NULL)
        return false;
    bool waits;
    const char *objection = reminder_objection(tx_arena(tx), protocol, row, &waits);
    if (waits)
        return reminder_wait(tx, send->trial_id, row->reminder_id);
    if (objection != NULL) {
        send->stopped++;
        return reminder_cancel(tx, send->trial_id, row->reminder_id, objection);
    }
    return make_ready(send, tx, row);
}

static const char *
marks(struct arena *arena, const struct send *send)
{
    struct text json;
    char reminder[UUID_TEXT_SIZE];
    char endpoint[UUID_TEXT_SIZE];
    text_init(&json, arena);
    text_append(&json, "[");
    for (size_t i = 0; i < send->ready_count; i++) {
        const struct transfer *transfer = &send->ready[i].transfer;
        text_printf(&json, "%s{\"reminder_id\":\"%s\",\"attempt\":%d,\"endpoint_id\":\"%s\"}",
            i == 0 ? "" : ",", uuid_text(transfer->reminder_id, reminder), transfer->attempt,
            uuid_text(transfer->endpoint_id, endpoint));
    }
    text_append(&json, "]");
    return json.bytes;
}

/* From here on a message counts as sent, whatever becomes of the transaction. */
static void
hand_over(struct dispatch *dispatch, const struct ready *ready)
{
    struct transfer *transfer = memory_get(sizeof *transfer);
    *transfer = ready->transfer;
    if (!poster_send(dispatch->poster, &ready->post, transfer)) {
        lane_leave(transfer->lane, clock_monotonic(), false, 0);
        free(transfer);
        return;
    }
    dispatch->transfers[dispatch->transfer_count++] = transfer;
}

/* Gives back the places that messages of an attempt took which the database took back. */
static void
forget_ready(struct send *send)
{
    for (size_t i = 0; i < send->ready_count; i++)
        lane_leave(send->ready[i].transfer.lane, clock_monotonic(), false, 0);
    send->ready_count = 0;
}

static bool
send_in_transaction(struct tx *tx, void *data)
{
    struct send *send = data;
    struct sql_reminder_check_rows checked;
    forget_ready(send);
    send->stopped = 0;
    if (!reminder_check(tx, send->trial_id, send->dispatch->daemon, send->due, send->ask, &checked))
        return false;
    send->ready = arena_array(tx_arena(tx), checked.count, sizeof *send->ready);
    for (size_t i = 0; i < checked.count; i++)
        if (!consider(send, tx, &checked.rows[i]))
            return false;
    if (send->ready_count == 0)
        return true;
    if (!reminder_hand_over(tx, send->trial_id, marks(tx_arena(tx), send)))
        return false;
    for (size_t i = 0; i < send->ready_count; i++)
        hand_over(send->dispatch, &send->ready[i]);
    send->ready_count = 0;
    return true;
}

/* What is due in one trial. */
static void
send_trial(struct send *send)
{
    struct error error = ERROR_CLEAR;
    struct dispatch *dispatch = send->dispatch;
    bool sent = dispatch_try(dispatch, false, send_in_transaction, send, &error);
    if (!sent) {
        forget_ready(send);
        send->ask =
            text_equal(error.where, REMINDER_REFUSED) || text_equal(error.where, IDENTITY_REFUSED);
        sent = dispatch_transact(dispatch, false, send_in_transaction, send);
    }
    if (sent)
        dispatch_count(dispatch, COUNT_STOPPED, send->stopped);
    else
        forget_ready(send);
}

void
dispatch_send_due(struct dispatch *dispatch)
{
    size_t paused;
    struct look look = {.dispatch = dispatch,
        .shards = held_shards(dispatch),
        .paused = lanes_closed(&dispatch->lanes, dispatch->arena, clock_monotonic(), &paused),
        .busy = busy_ids(dispatch),
        .room = (int)(dispatch->in_flight - dispatch->transfer_count)};
    atomic_store(&dispatch->counters[COUNT_PAUSED], paused);
    dispatch->look_again = false;
    dispatch->looked_at = clock_monotonic();
    if (look.room <= 0 || !dispatch_transact(dispatch, true, look_in_transaction, &look))
        return;
    for (size_t i = 0; i < look.trials.count; i++) {
        struct send send = {.dispatch = dispatch,
            .trial_id = look.trials.rows[i].trial_id,
            .trial = look.trials.rows[i].name,
            .due = &look.due[i]};
        if (send.due->count > 0)
            send_trial(&send);
    }
}
