/*
 * vault_keeper.c: rotations and the writing anew of files. A round takes every rotation as far as
 * it goes; what another daemon holds at the moment is left to it, and looked at in the next round.
 */
#include "work/vault_keeper.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/vault/rotation.h"
#include "work/pulse.h"

#include <stdlib.h>
#include <string.h>

#define SECONDS 2
#define SCRUB_SECONDS 10 /* between two attempts to write files anew that had to be given up */

struct vault_keeper {
    struct pulse *pulse;
    bool has_key;
    int64_t scrub_after; /* clock_monotonic(): not before it */
};

static bool
transact(struct vault_keeper *self, const char *action, tx_body body, void *data)
{
    const struct tx_context context = {
        .role = DB_ROLE_VAULT, .actor_role = "daemon", .action = action};
    return pulse_transact(self->pulse, &context, body, data);
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
    return rotation_step(
        tx, pulse_session(step->self->pulse), &step->place, &step->resealed, &step->finished);
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
    } while (step.resealed > 0 && pulse_goes_on(self->pulse));
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

/* The steps empty the arena: what is to be done is copied out of it first. */
static void
keep(void *data)
{
    struct vault_keeper *self = data;
    struct vault_work work;
    if (!transact(self, "vault.look", look_in_transaction, &work))
        return;
    size_t count = self->has_key ? work.count : 0;
    struct rotation_place *places = memory_get((count + 1) * sizeof *places);
    if (count > 0)
        memcpy(places, work.places, count * sizeof *places);
    for (size_t i = 0; i < count && pulse_goes_on(self->pulse); i++)
        rotate(self, &places[i]);
    free(places);
    if (work.residue)
        write_files_anew(self);
}

bool
vault_keeper_start(
    const struct session_options *session, struct vault_keeper **keeper, struct error *error)
{
    struct vault_keeper *self = memory_get(sizeof *self);
    self->has_key = session->master_key != NULL;
    self->pulse = pulse_new(&(struct pulse_options){.name = "vault",
        .connection = "rctd vault",
        .trouble = "the vault's work waits for its next round",
        .session = session,
        .first = SECONDS,
        .seconds = SECONDS,
        .beat = keep,
        .data = self});
    *keeper = self;
    return pulse_start(self->pulse, error);
}

void
vault_keeper_stop(struct vault_keeper *keeper)
{
    if (keeper == NULL)
        return;
    pulse_stop(keeper->pulse);
    free(keeper);
}
