/*
 * dispatch.c: the dispatcher's thread: leases, the rhythm of looking for what is due, and its start
 * and end. dispatch_send.c hands messages over, dispatch_record.c takes their results.
 */
#include "work/dispatch.h"

#include "base/clock.h"
#include "base/log.h"
#include "work/dispatch_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000)
#define IN_FLIGHT 64
#define RATE 100
#define RENEW_EVERY (5 * SECOND)
#define LOOK_EVERY SECOND
#define GRUMBLE_EVERY (60 * SECOND)
#define TURN_MOST 1000 /* milliseconds */
#define UNRECORDED_REST 200

void
dispatch_count(struct dispatch *dispatch, enum counter counter, uint64_t more)
{
    atomic_fetch_add(&dispatch->counters[counter], more);
}

static void
show(struct dispatch *dispatch, enum counter counter, uint64_t now)
{
    atomic_store(&dispatch->counters[counter], now);
}

bool
dispatch_try(
    struct dispatch *dispatch, bool read_only, tx_body body, void *data, struct error *error)
{
    const struct tx_context context = {.role = DB_ROLE_APP,
        .actor = "rctd",
        .action = "reminder.send",
        .request_id = "dispatch",
        .read_only = read_only};
    return session_transact(dispatch->session, dispatch->arena, &context, body, data, error);
}

bool
dispatch_transact(struct dispatch *dispatch, bool read_only, tx_body body, void *data)
{
    struct error error = ERROR_CLEAR;
    if (dispatch_try(dispatch, read_only, body, data, &error))
        return true;
    int64_t now = clock_monotonic();
    if (dispatch->grumbled_at == 0 || now - dispatch->grumbled_at >= GRUMBLE_EVERY) {
        log_error(LOG_ERROR, "reminders wait for the database", &error);
        dispatch->grumbled_at = now;
    }
    return false;
}

static bool
take_in_transaction(struct tx *tx, void *data)
{
    struct dispatch *dispatch = data;
    return lease_take(tx, dispatch->daemon, dispatch->fences, &dispatch->held);
}

/* Renews the leases, and takes those that others let go. */
static void
renew(struct dispatch *dispatch)
{
    int before = dispatch->held;
    dispatch->renewed_at = clock_monotonic();
    if (!dispatch_transact(dispatch, false, take_in_transaction, dispatch))
        dispatch->held = 0;
    if (dispatch->held != before)
        log_write(LOG_INFO, "shards of reminders held=%d before=%d", dispatch->held, before);
    show(dispatch, COUNT_SHARDS, (uint64_t)dispatch->held);
}

static bool
count_in_transaction(struct tx *tx, void *data)
{
    int64_t *stranded = data;
    struct sql_dispatch_trials_rows trials;
    *stranded = 0;
    if (!dispatch_trials(tx, &trials))
        return false;
    for (size_t i = 0; i < trials.count; i++) {
        int64_t more;
        if (!reminder_stranded(tx, trials.rows[i].trial_id, &more))
            return false;
        *stranded += more;
    }
    return true;
}

/* Says once a minute that due reminders have nowhere to go. */
static void
count_stranded(struct dispatch *dispatch)
{
    int64_t stranded;
    int64_t now = clock_monotonic();
    if (dispatch->stranded_at != 0 && now - dispatch->stranded_at < GRUMBLE_EVERY)
        return;
    dispatch->stranded_at = now;
    if (!dispatch_transact(dispatch, true, count_in_transaction, &stranded))
        return;
    show(dispatch, COUNT_STRANDED, (uint64_t)stranded);
    if (stranded > 0)
        log_write(LOG_WARNING,
            "reminders are due but no endpoint takes their channel; `rctctl endpoint add' names "
            "one count=%lld",
            (long long)stranded);
}

static void
listen_for_wake(struct dispatch *dispatch)
{
    uint64_t times;
    if (read(dispatch->wake, &times, sizeof times) == sizeof times)
        dispatch->look_again = true;
}

static void
turn(struct dispatch *dispatch, int milliseconds)
{
    poster_turn(dispatch->poster, dispatch->wake, milliseconds);
    dispatch_collect(dispatch);
    show(dispatch, COUNT_UNDER_WAY, dispatch->transfer_count - dispatch->ended_count);
}

/* One round: record, renew, look, wait. */
static void
work(struct dispatch *dispatch)
{
    int64_t now = clock_monotonic();
    arena_reset(dispatch->arena);
    if (dispatch->renewed_at == 0 || now - dispatch->renewed_at >= RENEW_EVERY)
        renew(dispatch);
    if (!dispatch_record(dispatch)) {
        turn(dispatch, UNRECORDED_REST);
        return;
    }
    if (dispatch->held > 0) {
        count_stranded(dispatch);
        if ((dispatch->look_again && dispatch->transfer_count < dispatch->in_flight) ||
            now - dispatch->looked_at >= LOOK_EVERY)
            dispatch_send_due(dispatch);
    }
    turn(dispatch, TURN_MOST);
    listen_for_wake(dispatch);
}

static bool
release_in_transaction(struct tx *tx, void *data)
{
    const struct dispatch *dispatch = data;
    return lease_release(tx, dispatch->daemon);
}

/* Takes in and records what is under way, then lets others have the shards. */
static void
finish(struct dispatch *dispatch)
{
    int64_t end = clock_monotonic() + (int64_t)atomic_load(&dispatch->stop_seconds) * SECOND;
    while (dispatch->transfer_count > 0 && clock_monotonic() < end) {
        arena_reset(dispatch->arena);
        if (dispatch->transfer_count > dispatch->ended_count)
            turn(dispatch, UNRECORDED_REST);
        dispatch_collect(dispatch);
        if (!dispatch_record(dispatch))
            break;
    }
    if (dispatch->transfer_count > 0)
        log_write(LOG_WARNING, "reminders whose end is not known will be sent again count=%zu",
            dispatch->transfer_count);
    arena_reset(dispatch->arena);
    if (dispatch->held > 0 && !dispatch_transact(dispatch, false, release_in_transaction, dispatch))
        log_write(LOG_WARNING, "the shards of reminders are free in 15 seconds");
}

/* A turn without a master key: others may have one, so that nothing is held here. */
static void
stand_by(struct dispatch *dispatch)
{
    turn(dispatch, TURN_MOST);
    listen_for_wake(dispatch);
}

static void *
run(void *data)
{
    struct dispatch *dispatch = data;
    struct error error = ERROR_CLEAR;
    bool can_sign = session_master_key(dispatch->session, &error) != NULL;
    log_request_set("dispatch");
    if (!can_sign)
        log_error(LOG_WARNING, "no reminder is sent: without the master key nothing can be signed",
            &error);
    while (!atomic_load(&dispatch->stopping)) {
        if (can_sign)
            work(dispatch);
        else
            stand_by(dispatch);
    }
    finish(dispatch);
    return NULL;
}

static void
free_dispatch(struct dispatch *dispatch)
{
    for (size_t i = 0; i < dispatch->transfer_count; i++)
        free(dispatch->transfers[i]);
    poster_free(dispatch->poster);
    session_free(dispatch->session);
    arena_free(dispatch->arena);
    arena_free(dispatch->standing);
    free(dispatch->transfers);
    if (dispatch->wake >= 0)
        close(dispatch->wake);
    free(dispatch);
}

static bool
prepare(struct dispatch *dispatch, const struct dispatch_options *options, struct error *error)
{
    dispatch->standing = arena_new();
    dispatch->arena = arena_new();
    dispatch->session_options = *options->session;
    dispatch->session_options.database.name = "rctd dispatch";
    dispatch->session = session_new(&dispatch->session_options);
    dispatch->daemon = uuid_is_nil(options->daemon) ? uuid_new() : options->daemon;
    dispatch->in_flight = options->in_flight == 0 ? IN_FLIGHT : options->in_flight;
    dispatch->transfers = memory_get(dispatch->in_flight * sizeof(struct transfer *));
    lanes_init(&dispatch->lanes, dispatch->standing, options->rate == 0 ? RATE : options->rate);
    dispatch->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (dispatch->wake < 0)
        return error_set_errno(error, "eventfd", "The dispatcher cannot be woken");
    if (!address_rules_read(dispatch->standing, options->webhook_allow, &dispatch->rules, error) ||
        !poster_prepare(error))
        return false;
    dispatch->poster = poster_new(&dispatch->rules, dispatch->in_flight);
    return true;
}

bool
dispatch_start(
    const struct dispatch_options *options, struct dispatch **dispatch, struct error *error)
{
    struct dispatch *made = memory_get(sizeof *made);
    *dispatch = NULL;
    if (!prepare(made, options, error)) {
        free_dispatch(made);
        return false;
    }
    int code = pthread_create(&made->thread, NULL, run, made);
    if (code != 0) {
        errno = code;
        free_dispatch(made);
        return error_set_errno(error, "thread", "The dispatcher's thread does not start");
    }
    *dispatch = made;
    return true;
}

void
dispatch_wake(struct dispatch *dispatch)
{
    const uint64_t once = 1;
    if (dispatch != NULL && write(dispatch->wake, &once, sizeof once) < 0 && errno != EAGAIN)
        log_write(LOG_WARNING, "the dispatcher could not be woken; it looks again within a second");
}

void
dispatch_stop(struct dispatch *dispatch, unsigned seconds)
{
    if (dispatch == NULL)
        return;
    atomic_store(&dispatch->stop_seconds, seconds);
    atomic_store(&dispatch->stopping, true);
    dispatch_wake(dispatch);
    pthread_join(dispatch->thread, NULL);
    free_dispatch(dispatch);
}

void
dispatch_counters(struct dispatch *dispatch, struct dispatch_counters *counters)
{
    const _Atomic uint64_t *values = dispatch->counters;
    *counters = (struct dispatch_counters){
        .delivered = atomic_load(&values[COUNT_DELIVERED]),
        .failed = atomic_load(&values[COUNT_FAILED]),
        .dead = atomic_load(&values[COUNT_DEAD]),
        .stopped = atomic_load(&values[COUNT_STOPPED]),
        .refused = atomic_load(&values[COUNT_REFUSED]),
        .under_way = atomic_load(&values[COUNT_UNDER_WAY]),
        .shards = atomic_load(&values[COUNT_SHARDS]),
        .paused = atomic_load(&values[COUNT_PAUSED]),
        .stranded = atomic_load(&values[COUNT_STRANDED]),
    };
}
