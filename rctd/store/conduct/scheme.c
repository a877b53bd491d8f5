/*
 * scheme.c: closes schemes and reveals their seeds. Every step but the reading of a seed takes the
 * trial's lock, so that allocations and other steps come before it or see it.
 */
#include "store/conduct/scheme.h"

#include "base/clock.h"
#include "base/text.h"
#include "store/conduct/seed.h"

static bool
refuse_unknown(struct tx *tx, struct uuid trial_id, const char *name)
{
    struct text names;
    struct sql_scheme_list_rows schemes;
    text_init(&names, tx_arena(tx));
    if (!sql_scheme_list(tx, &(struct sql_scheme_list){.trial_id = trial_id}, &schemes))
        return false;
    for (size_t i = 0; i < schemes.count; i++)
        if (!schemes.rows[i].retired)
            text_printf(&names, "%s%s", names.length == 0 ? "" : ", ", schemes.rows[i].scheme);
    if (names.length == 0)
        return tx_fail(tx, ERROR_REFUSED,
            "The trial has no scheme yet: its trial manager locks a protocol first");
    return tx_fail(
        tx, ERROR_NOT_FOUND, "The trial has no scheme called %s; it has %s", name, names.bytes);
}

bool
scheme_read(
    struct tx *tx, struct uuid trial_id, const char *name, struct sql_scheme_list_row *scheme)
{
    struct sql_scheme_list_rows rows;
    *scheme = (struct sql_scheme_list_row){0};
    if (!sql_scheme_list(
            tx, &(struct sql_scheme_list){.trial_id = trial_id, .scheme = name}, &rows))
        return false;
    if (rows.count == 0 || rows.rows[0].retired)
        return refuse_unknown(tx, trial_id, name);
    *scheme = rows.rows[0];
    return true;
}

const char *
scheme_state(const struct sql_scheme_list_row *scheme)
{
    if (scheme->approvals == 2)
        return "revealed";
    return scheme->closed_at.set ? "closed" : scheme->phase_state;
}

static bool
lock(struct tx *tx, struct uuid trial_id)
{
    return sql_trial_lock(tx, &(struct sql_trial_lock){.trial_id = trial_id}, NULL);
}

bool
scheme_close(struct tx *tx, struct uuid trial_id, const char *name, struct uuid account_id,
    const char *reason)
{
    struct sql_scheme_list_row scheme;
    if (!lock(tx, trial_id) || !scheme_read(tx, trial_id, name, &scheme))
        return false;
    if (scheme.closed_at.set)
        return tx_fail(tx, ERROR_REFUSED, "The scheme %s is closed already", name);
    if (text_equal(scheme.phase_state, "planned"))
        return tx_fail(tx, ERROR_REFUSED,
            "The phase %s was never open; there is nothing to close in the scheme %s", scheme.phase,
            name);
    return sql_scheme_closing_insert(tx,
        &(struct sql_scheme_closing_insert){
            .trial_id = trial_id, .scheme = name, .closed_by = account_id, .reason = reason},
        NULL);
}

bool
scheme_reveal_read(
    struct tx *tx, struct uuid trial_id, const char *name, struct scheme_reveal *reveal)
{
    return scheme_read(tx, trial_id, name, &reveal->scheme) &&
           sql_scheme_closing_get(tx,
               &(struct sql_scheme_closing_get){.trial_id = trial_id, .scheme = name},
               &reveal->closing, &reveal->has_closing) &&
           sql_seed_reveal_list(tx,
               &(struct sql_seed_reveal_list){.trial_id = trial_id, .scheme = name},
               &reveal->approvals);
}

bool
scheme_is_approved(const struct scheme_reveal *reveal, enum role role)
{
    for (size_t i = 0; i < reveal->approvals.count; i++)
        if (reveal->approvals.rows[i].stands &&
            text_equal(reveal->approvals.rows[i].role, role_name(role)))
            return true;
    return false;
}

static bool
check_approval(
    struct tx *tx, const struct scheme_reveal *reveal, enum role role, struct uuid account_id)
{
    const char *name = reveal->scheme.scheme;
    const struct sql_seed_reveal_list_row *fallen = NULL; /* of the other half */
    for (size_t i = 0; i < reveal->approvals.count; i++) {
        const struct sql_seed_reveal_list_row *row = &reveal->approvals.rows[i];
        bool same = text_equal(row->role, role_name(role));
        if (uuid_equal(row->account_id, account_id))
            return tx_fail(tx, ERROR_REFUSED,
                "You have approved the reveal of %s already, as %s; the other half is another "
                "person's",
                name, row->role);
        if (row->stands && same)
            return tx_fail(tx, ERROR_REFUSED, "%s has approved the reveal of %s as %s already",
                row->account, name, row->role);
        if (!row->stands && !same)
            fallen = row;
    }
    if (fallen != NULL && !scheme_is_approved(reveal, role_by_name(fallen->role)))
        return tx_fail(tx, ERROR_REFUSED,
            "%s approved the reveal of %s as %s and does not hold that role any more: another %s "
            "approves it first",
            fallen->account, name, fallen->role, fallen->role);
    if (!reveal->has_closing && !text_equal(reveal->scheme.phase_state, "closed"))
        return tx_fail(tx, ERROR_REFUSED,
            "The scheme %s still allocates; a trial manager closes it first, and then its seed can "
            "be revealed",
            name);
    return true;
}

bool
scheme_approve(struct tx *tx, struct uuid trial_id, const char *name, enum role role,
    struct uuid account_id, const char *reason, struct scheme_reveal *reveal)
{
    return lock(tx, trial_id) && scheme_reveal_read(tx, trial_id, name, reveal) &&
           check_approval(tx, reveal, role, account_id) &&
           sql_seed_reveal_insert(tx,
               &(struct sql_seed_reveal_insert){.trial_id = trial_id,
                   .scheme = name,
                   .role = role_name(role),
                   .account_id = account_id,
                   .seed_version = reveal->scheme.version,
                   .reason = reason},
               NULL) &&
           scheme_reveal_read(tx, trial_id, name, reveal);
}

bool
scheme_seed_read(struct tx *tx, struct session *session, struct uuid trial_id, const char *name,
    struct uuid account_id, struct scheme_seed *seed)
{
    struct scheme_reveal reveal;
    bool found;
    if (!scheme_reveal_read(tx, trial_id, name, &reveal))
        return false;
    if (reveal.scheme.approvals < 2)
        return tx_fail(tx, ERROR_REFUSED,
            "The seed of %s is sealed: it takes the approvals of a trial manager and of a "
            "statistician, and has %s",
            name, reveal.approvals.count == 0 ? "none" : "one");
    if (!sql_scheme_versions(tx,
            &(struct sql_scheme_versions){
                .trial_id = trial_id, .scheme = name, .seed_version = reveal.scheme.version},
            &seed->versions) ||
        !sql_scheme_seed_get(tx,
            &(struct sql_scheme_seed_get){.trial_id = trial_id, .scheme = name}, &seed->row,
            &found) ||
        !sql_seed_read_insert(tx,
            &(struct sql_seed_read_insert){.trial_id = trial_id,
                .read_id = uuid_new(),
                .scheme = name,
                .seed_version = reveal.scheme.version,
                .account_id = account_id},
            NULL))
        return false;
    return seed_open(tx, session, &seed->row, seed->seed);
}
