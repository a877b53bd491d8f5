/*
 * workplace_change.c: checks what is said of a workplace and records it; the order of the days, and
 * that a workplace ends once, the database holds as well.
 */
#include "store/people/workplace_change.h"

#include "base/clock.h"
#include "base/text.h"

#include <string.h>

/* Which of the fields a kind takes. */
static const struct {
    const char *kind;
    bool other;
    bool name;
} needs[] = {
    {"merged", true, false},
    {"split", true, false},
    {"closed", false, false},
    {"renamed", false, true},
    {"reopened", false, false},
};

static void
check_field(struct faults *faults, const char *pointer, const char *kind, bool needed,
    const char *value, const char *remedy)
{
    if (needed && value == NULL)
        faults_add(faults, pointer, 0, 0, remedy, "is missing");
    if (!needed && value != NULL)
        faults_add(faults, pointer, 0, 0, "leave it out", "%s takes none", kind);
}

static void
check_fields(const struct workplace *workplace, const struct workplace_change *change,
    const char *today, struct faults *faults)
{
    for (size_t i = 0; i < COUNT_OF(needs); i++) {
        if (!text_equal(needs[i].kind, change->kind))
            continue;
        check_field(faults, "/other", change->kind, needs[i].other, change->other,
            "give the code of the other workplace; it is registered first");
        check_field(
            faults, "/name", change->kind, needs[i].name, change->name, "give the new name");
    }
    if (change->on != NULL && !clock_is_date(change->on))
        faults_add(faults, "/on", 0, 0, "write YYYY-MM-DD", "it is no day that exists");
    else if (change->on != NULL && strcmp(change->on, today) > 0)
        faults_add(faults, "/on", 0, 0, "record it on that day or later", "it lies in the future");
    if (text_equal(change->name, workplace->row.name))
        faults_add(faults, "/name", 0, 0, NULL, "it has that name already");
    if (text_equal(change->other, workplace->row.code))
        faults_add(faults, "/other", 0, 0, "give the other's code", "it is the workplace itself");
}

static bool
check_state(struct tx *tx, const struct workplace *workplace, const struct workplace_change *change)
{
    const char *ended = workplace->row.ended;
    bool reopens = text_equal(change->kind, "reopened");
    if (reopens && ended == NULL)
        return tx_fail(tx, ERROR_REFUSED, "%s is not closed", workplace->row.code);
    if (!reopens && ended != NULL && !text_equal(change->kind, "renamed"))
        return tx_fail(tx, ERROR_REFUSED, "%s is no more: %s", workplace->row.code, ended);
    return true;
}

static bool
find_other(struct tx *tx, struct uuid trial_id, const char *scope, const char *code,
    struct opt_uuid *other_id)
{
    struct workplace other;
    *other_id = (struct opt_uuid){0};
    if (code == NULL)
        return true;
    if (!workplace_read(tx, trial_id, scope, code, false, &other))
        return false;
    *other_id = (struct opt_uuid){true, other.row.unit_id};
    return other.row.ended == NULL ||
           tx_fail(tx, ERROR_REFUSED, "%s is no more: %s", code, other.row.ended);
}

bool
workplace_change_record(struct tx *tx, struct uuid trial_id, const char *scope,
    const struct workplace *workplace, const struct workplace_change *change,
    struct uuid account_id, struct faults *faults, struct uuid *change_id)
{
    struct sql_trial_today_row today;
    struct opt_uuid other_id;
    if (!sql_trial_today(tx, &(struct sql_trial_today){.trial_id = trial_id}, &today))
        return false;
    check_fields(workplace, change, today.today, faults);
    if (faults->total > 0)
        return tx_fail(tx, ERROR_FIELDS, "Nothing was recorded of %s", workplace->row.code);
    if (!check_state(tx, workplace, change) ||
        !find_other(tx, trial_id, scope, change->other, &other_id))
        return false;
    *change_id = uuid_new();
    return sql_workplace_change_insert(tx,
               &(struct sql_workplace_change_insert){.trial_id = trial_id,
                   .unit_id = workplace->row.unit_id,
                   .change_id = *change_id,
                   .kind = change->kind,
                   .other_id = other_id,
                   .on_day = change->on == NULL ? today.today : change->on,
                   .name = change->name,
                   .reason = change->reason,
                   .recorded_by = account_id},
               NULL) &&
           sql_unit_touch(tx,
               &(struct sql_unit_touch){.trial_id = trial_id, .unit_id = workplace->row.unit_id},
               NULL);
}
