/*
 * pulse.c: a thread that waits on a condition, so that it beats in time and ends at once.
 */
#include "work/pulse.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define GRUMBLE_SECONDS 60

struct pulse {
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping; /* under the lock */
    struct pulse_options options;
    struct session_options session_options;
    struct session *session;
    struct arena *arena;
    int64_t grumbled_at; /* clock_monotonic() of the last line about a failure; 0: none */
};

struct pulse *
pulse_new(const struct pulse_options *options)
{
    pthread_condattr_t monotonic;
    struct pulse *self = memory_get(sizeof *self);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&self->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&self->lock, NULL);
    self->options = *options;
    self->session_options = *options->session;
    self->session_options.database.name = options->connection;
    self->session = session_new(&self->session_options);
    self->arena = arena_new();
    return self;
}

/* False when it is to stop. */
static bool
wait_seconds(struct pulse *self, unsigned seconds)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += seconds;
    pthread_mutex_lock(&self->lock);
    while (!self->stopping && pthread_cond_timedwait(&self->changed, &self->lock, &end) == 0)
        continue;
    bool going = !self->stopping;
    pthread_mutex_unlock(&self->lock);
    return going;
}

static void *
run(void *data)
{
    struct pulse *self = data;
    unsigned seconds = self->options.first;
    log_request_set(self->options.name);
    while (wait_seconds(self, seconds)) {
        self->options.beat(self->options.data);
        seconds = self->options.seconds;
    }
    return NULL;
}

bool
pulse_start(struct pulse *pulse, struct error *error)
{
    int code = pthread_create(&pulse->thread, NULL, run, pulse);
    pulse->started = code == 0;
    errno = code;
    return pulse->started || error_set_errno(error, "thread", "The thread for %s does not start",
                                 pulse->options.name);
}

void
pulse_stop(struct pulse *pulse)
{
    pthread_mutex_lock(&pulse->lock);
    pulse->stopping = true;
    pthread_cond_broadcast(&pulse->changed);
    pthread_mutex_unlock(&pulse->lock);
    if (pulse->started)
        pthread_join(pulse->thread, NULL);
    session_free(pulse->session);
    arena_free(pulse->arena);
    pthread_cond_destroy(&pulse->changed);
    pthread_mutex_destroy(&pulse->lock);
    free(pulse);
}

struct session *
pulse_session(struct pulse *pulse)
{
    return pulse->session;
}

struct arena *
pulse_arena(struct pulse *pulse)
{
    return pulse->arena;
}

bool
pulse_goes_on(struct pulse *pulse)
{
    pthread_mutex_lock(&pulse->lock);
    bool going = !pulse->stopping;
    pthread_mutex_unlock(&pulse->lock);
    return going;
}

bool
pulse_transact(struct pulse *pulse, const struct tx_context *context, tx_body body, void *data)
{
    struct error error = ERROR_CLEAR;
    struct tx_context own = *context;
    own.actor = "rctd";
    own.request_id = pulse->options.name;
    arena_reset(pulse->arena);
    if (session_transact(pulse->session, pulse->arena, &own, body, data, &error))
        return true;
    int64_t now = clock_monotonic();
    if (pulse->grumbled_at == 0 || now - pulse->grumbled_at >= GRUMBLE_SECONDS * INT64_C(1000000)) {
        log_error(LOG_WARNING, pulse->options.trouble, &error);
        pulse->grumbled_at = now;
    }
    return false;
}
