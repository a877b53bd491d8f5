/*
 * vault_keeper.c: rotations and the writing anew of files. A round takes every rotation as far as
 * it goes; what another daemon holds at the moment is left to it, and looked at in the next round.
 */
#include "work/vault_keeper.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/vault/rotation.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECONDS 2
#define GRUMBLE_SECONDS 60
#define SCRUB_SECONDS 10 /* between two attempts to write files anew that had to be given up */

struct vault_keeper {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping; /* under the lock */
    struct session *session;
    struct session_options session_options;
    struct arena *arena;
    bool has_key;
    int64_t scrub_after; /* clock_monotonic(): not before it */
    int64_t grumbled_at; /* the last line about work that failed */
};

static bool
transact(struct vault_keeper *self, const char *action, tx_body body, void *data)
{
    struct error error = ERROR_CLEAR;
    const struct tx_context context = {.role = DB_ROLE_VAULT,
        .actor = "rctd",
        .actor_role = "daemon",
        .action = action,
        .request_id = "vault"};
    arena_reset(self->arena);
    if (session_transact(self->session, self->arena, &context, body, data, &error))
        return true;
    int64_t now = clock_monotonic();
    if (self->grumbled_at == 0 || now - self->grumbled_at >= GRUMBLE_SECONDS * INT64_C(1000000)) {
        log_error(LOG_WARNING, "the vault's work waits for its next round", &error);
        self->grumbled_at = now;
    }
    return false;
}

static bool
is_stopping(struct vault_keeper *self)
{
    pthread_mutex_lock(&self->lock);
    bool stopping = self->stopping;
    pthread_mutex_unlock(&self->lock);
    return stopping;
}

static bool
look_in_transaction(struct tx *tx, void *data)
{
    return vault_look(tx, data);
}

struct step {
    struct vault_keeper *self;
    struct rotation_place place;
    int64_t resealed;
    bool finished;
};

static bool
step_in_transaction(struct tx *tx, void *data)
{
    struct step *step = data;
    return rotation_step(tx, step->self->session, &step->place, &step->resealed, &step->finished);
}

/* As far as it goes. */
static void
rotate(struct vault_keeper *self, const struct rotation_place *place)
{
    struct step step = {.self = self, .place = *place};
    int64_t resealed = 0;
    char trial[UUID_TEXT_SIZE];
    do {
        if (!transact(self, "identity.rotate", step_in_transaction, &step))
            return;
        resealed += step.resealed;
    } while (step.resealed > 0 && !is_stopping(self));
    uuid_text(place->trial_id, trial);
    if (step.finished)
        log_write(LOG_NOTICE,
            "a rotation is finished and the older key destroyed trial=%s key_version=%d", trial,
            place->to_version);
    if (resealed > 0)
        log_write(LOG_INFO, "identities are sealed anew trial=%s key_version=%d resealed=%lld",
            trial, place->to_version, (long long)resealed);
}

static bool
scrub_in_transaction(struct tx *tx, void *data)
{
    return vault_scrub(tx, data);
}

static void
write_files_anew(struct vault_keeper *self)
{
    enum scrub scrub = SCRUB_NOTHING;
    int64_t now = clock_monotonic();
    if (now < self->scrub_after)
        return;
    self->scrub_after = now + SCRUB_SECONDS * INT64_C(1000000);
    if (!transact(self, "vault.scrub", scrub_in_transaction, &scrub))
        return;
    if (scrub == SCRUB_CLEAN) {
        log_write(LOG_NOTICE, "what was deleted from the vault is gone from its files");
        self->scrub_after = 0;
    }
    if (scrub == SCRUB_LATER)
        log_write(LOG_INFO,
            "an open transaction still sees what was deleted from the vault; it goes from the "
            "files later");
}

/* The steps reset the arena: what is to be done is copied out of it first. */
static void
keep(struct vault_keeper *self)
{
    struct vault_work work;
    if (!transact(self, "vault.look", look_in_transaction, &work))
        return;
    size_t count = self->has_key ? work.count : 0;
    struct rotation_place *places = memory_get((count + 1) * sizeof *places);
    if (count > 0)
        memcpy(places, work.places, count * sizeof *places);
    for (size_t i = 0; i < count && !is_stopping(self); i++)
        rotate(self, &places[i]);
    free(places);
    if (work.residue)
        write_files_anew(self);
}

/* False when it is to stop. */
static bool
wait_a_while(struct vault_keeper *self)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += SECONDS;
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
    struct vault_keeper *self = data;
    log_request_set("vault");
    while (wait_a_while(self))
        keep(self);
    return NULL;
}

static void
free_keeper(struct vault_keeper *self)
{
    session_free(self->session);
    arena_free(self->arena);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

bool
vault_keeper_start(
    const struct session_options *session, struct vault_keeper **keeper, struct error *error)
{
    pthread_condattr_t monotonic;
    struct vault_keeper *self = memory_get(sizeof *self);
    *keeper = NULL;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&self->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&self->lock, NULL);
    self->arena = arena_new();
    self->session_options = *session;
    self->session_options.database.name = "rctd vault";
    self->session = session_new(&self->session_options);
    self->has_key = session->master_key != NULL;
    int code = pthread_create(&self->thread, NULL, run, self);
    if (code != 0) {
        errno = code;
        free_keeper(self);
        return error_set_errno(error, "thread", "The thread for the vault does not start");
    }
    *keeper = self;
    return true;
}

void
vault_keeper_stop(struct vault_keeper *keeper)
{
    if (keeper == NULL)
        return;
    pthread_mutex_lock(&keeper->lock);
    keeper->stopping = true;
    pthread_cond_broadcast(&keeper->changed);
    pthread_mutex_unlock(&keeper->lock);
    pthread_join(keeper->thread, NULL);
    free_keeper(keeper);
}
