/*
 * vault_keeper.c: rotations and the writing anew of files. A round takes every rotation as far as
 * it goes; what another daemon holds at the moment is left to it, and looked at in the next round.
 */
#include "work/vault_keeper.h"

#include "base/clock.h"
#include "base/log.h"
#include "db/statement.h"
#include "store/rotation.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define SECONDS 2
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
    log_error(LOG_WARNING, "the vault's work waits for its next round", &error);
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

#define ROTATIONS_MOST 16 /* taken up in one round */

struct look {
    struct rotation_place places[ROTATIONS_MOST];
    size_t count;
    bool scrub_due;
};

static bool
look_in_transaction(struct tx *tx, void *data)
{
    struct look *look = data;
    struct sql_vault_rotations_rows rows;
    struct sql_vault_scrub_due_row scrub;
    *look = (struct look){0};
    if (!sql_vault_rotations(tx, &rows) || !sql_vault_scrub_due(tx, &scrub))
        return false;
    for (size_t i = 0; i < rows.count && i < ROTATIONS_MOST; i++)
        look->places[look->count++] = (struct rotation_place){
            .trial_id = rows.rows[i].trial_id, .to_version = rows.rows[i].to_version};
    look->scrub_due = scrub.due;
    return true;
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
    return sql_vault_scrub(tx, data);
}

static void
scrub(struct vault_keeper *self)
{
    struct sql_vault_scrub_row row = {0};
    if (clock_monotonic() < self->scrub_after)
        return;
    self->scrub_after = clock_monotonic() + SCRUB_SECONDS * INT64_C(1000000);
    if (!transact(self, "vault.scrub", scrub_in_transaction, &row) || !row.clean.set)
        return;
    if (row.clean.value)
        log_write(LOG_NOTICE, "what was deleted from the vault is gone from its files");
    if (row.clean.value)
        self->scrub_after = 0;
    else
        log_write(LOG_INFO,
            "an open transaction still sees what was deleted from the vault; it goes from the "
            "files later");
}

static void
keep(struct vault_keeper *self)
{
    struct look look;
    if (!transact(self, "vault.look", look_in_transaction, &look))
        return;
    for (size_t i = 0; self->has_key && i < look.count && !is_stopping(self); i++)
        rotate(self, &look.places[i]);
    if (look.scrub_due)
        scrub(self);
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
