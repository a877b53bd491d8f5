/*
 * move.c: checks a move and writes it: the old employment ends on the day before the new one
 * begins. A move from the first day of the employment on is a correction of it. Which cluster
 * somebody is in, the database settles when they come, and only then.
 */
#include "store/people/move.h"

#include "base/clock.h"
#include "base/text.h"
#include "store/contact/task.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The workplace, where the caller covers it; its id is nil with a fault where it takes nobody. */
static bool
find_workplace(struct tx *tx, struct uuid trial_id, const char *scope, const char *code,
    struct faults *faults, struct sql_employers_row *workplace)
{
    struct sql_employers_rows found;
    json_t *list = json_pack("[s]", code);
    char *codes = json_dumps(list, JSON_COMPACT);
    bool ok = sql_employers(
        tx, &(struct sql_employers){.trial_id = trial_id, .scope = scope, .codes = codes}, &found);
    free(codes);
    json_decref(list);
    *workplace = ok && found.count == 1 ? found.rows[0] : (struct sql_employers_row){.code = code};
    if (!ok)
        return false;
    if (found.count == 0)
        faults_add(faults, "/workplace", 0, 0, "codes look like W0001",
            "there is no workplace %.40s for you in this trial", code);
    else if (text_equal(workplace->state, "withdrawn"))
        faults_add(faults, "/workplace", 0, 0, NULL, "the workplace %s has withdrawn", code);
    else if (workplace->ended != NULL)
        faults_add(faults, "/workplace", 0, 0, "give the workplace that took its people over",
            "the workplace %s is no more: %s", code, workplace->ended);
    return true;
}

static void
check_days(const char *from, const char *today, const struct sql_employment_open_row *open,
    bool employed, struct faults *faults)
{
    if (!clock_is_date(from))
        faults_add(faults, "/from", 0, 0, "write YYYY-MM-DD", "it is no day that exists");
    else if (strcmp(from, today) > 0)
        faults_add(
            faults, "/from", 0, 0, "record the move on its day or later", "it lies in the future");
    else if (employed && strcmp(from, open->from_on) < 0)
        faults_add(faults, "/from", 0, 0, "a move comes after that day",
            "they have been in %s since %s", open->workplace, open->from_on);
}

/* Somebody who never worked where they were registered is put right, if it is not too late. */
static bool
check_correction(struct tx *tx, struct uuid trial_id, struct uuid unit_id, struct uuid workplace_id,
    const struct sql_employment_open_row *open, struct faults *faults)
{
    struct sql_correction_objection_row row;
    if (!sql_correction_objection(tx,
            &(struct sql_correction_objection){
                .trial_id = trial_id, .unit_id = unit_id, .workplace_id = workplace_id},
            &row))
        return false;
    if (row.objection != NULL)
        faults_add(faults, "/from", 0, 0, "a move comes after that day",
            "they have been in %s since %s, and %s", open->workplace, open->from_on, row.objection);
    return true;
}

static const char *
list_of_one(struct arena *arena, struct uuid unit_id)
{
    char id[UUID_TEXT_SIZE];
    return arena_printf(arena, "[\"%s\"]", uuid_text(unit_id, id));
}

static bool
write_move(struct tx *tx, struct session *session, struct uuid trial_id, struct uuid unit_id,
    struct uuid workplace_id, const char *from)
{
    bool ended = sql_employment_end(tx,
        &(struct sql_employment_end){.trial_id = trial_id, .unit_id = unit_id, .before = from},
        NULL);
    bool begun = ended && sql_employment_begin(tx,
                              &(struct sql_employment_begin){.trial_id = trial_id,
                                  .unit_id = unit_id,
                                  .from_on = from,
                                  .workplace_id = workplace_id},
                              NULL);
    if (!begun)
        return tx_explain(tx, "one_workplace_at_a_time", ERROR_REFUSED,
            "They worked elsewhere on %s; nobody is in two workplaces at once", from);
    return sql_unit_touch(
               tx, &(struct sql_unit_touch){.trial_id = trial_id, .unit_id = unit_id}, NULL) &&
           task_plan_arrivals(tx, session, trial_id, list_of_one(tx_arena(tx), unit_id));
}

static bool
write_correction(struct tx *tx, struct uuid trial_id, struct uuid unit_id, struct uuid workplace_id)
{
    return sql_employment_correct(tx,
               &(struct sql_employment_correct){
                   .trial_id = trial_id, .unit_id = unit_id, .workplace_id = workplace_id},
               NULL) &&
           sql_unit_touch(
               tx, &(struct sql_unit_touch){.trial_id = trial_id, .unit_id = unit_id}, NULL);
}

bool
move_participant(struct tx *tx, struct session *session, struct uuid trial_id, const char *scope,
    const struct unit *participant, const struct move *move, struct faults *faults)
{
    const struct uuid unit_id = participant->row.unit_id;
    struct sql_trial_today_row today;
    struct sql_employment_open_row open = {0};
    struct sql_employers_row workplace;
    bool employed;
    if (!sql_trial_today(tx, &(struct sql_trial_today){.trial_id = trial_id}, &today) ||
        !sql_employment_open(tx,
            &(struct sql_employment_open){.trial_id = trial_id, .unit_id = unit_id}, &open,
            &employed) ||
        !find_workplace(tx, trial_id, scope, move->workplace, faults, &workplace))
        return false;
    const char *from = move->from == NULL ? today.today : move->from;
    bool correction = employed && strcmp(from, open.from_on) == 0;
    check_days(from, today.today, &open, employed, faults);
    if (employed && text_equal(open.workplace, move->workplace))
        faults_add(faults, "/workplace", 0, 0, NULL, "they are in %s already", open.workplace);
    else if (correction && faults->total == 0 &&
             !check_correction(tx, trial_id, unit_id, workplace.unit_id, &open, faults))
        return false;
    if (faults->total > 0)
        return tx_fail(tx, ERROR_FIELDS, "%s was not moved", participant->row.code);
    if (correction)
        return write_correction(tx, trial_id, unit_id, workplace.unit_id);
    return write_move(tx, session, trial_id, unit_id, workplace.unit_id, from);
}
