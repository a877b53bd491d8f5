/*
 * staff.c: who of the staff serves which workplace, and what that means for a workplace that is to
 * be allocated.
 */
#include "store/people/staff.h"

#include "base/clock.h"
#include "base/text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The day that is meant; NULL with a fault where there is none. */
static const char *
read_day(const struct staff *staff, const char *today, const char *pointer, struct faults *faults)
{
    if (staff->on == NULL)
        return today;
    if (clock_is_date(staff->on))
        return staff->on;
    faults_add(faults, pointer, 0, 0, "write YYYY-MM-DD", "it is no day that exists");
    return NULL;
}

/* "M014": letters and digits, so that nobody writes a name. */
static bool
is_code(const char *code)
{
    size_t letters = strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    size_t digits = strspn(code + letters, "0123456789");
    return letters >= 1 && letters <= 3 && digits >= 2 && digits <= 5 &&
           code[letters + digits] == '\0';
}

static void
check_code(const char *code, struct faults *faults)
{
    if (!is_code(code))
        faults_add(faults, "/staff", 0, 0,
            "one to three capital letters and two to five digits, such as M014; keep the list of "
            "names elsewhere",
            "`%.20s` is no code of staff", code);
}

bool
staff_begin(struct tx *tx, struct uuid trial_id, const struct workplace *workplace,
    const struct staff *staff, struct uuid account_id, struct faults *faults)
{
    struct sql_trial_today_row today;
    if (!sql_trial_today(tx, &(struct sql_trial_today){.trial_id = trial_id}, &today))
        return false;
    const char *from = read_day(staff, today.today, "/from", faults);
    check_code(staff->code, faults);
    if (faults->total > 0)
        return tx_fail(tx, ERROR_FIELDS, "Nothing was recorded of %s", workplace->row.code);
    if (!sql_staff_insert(tx,
            &(struct sql_staff_insert){.trial_id = trial_id,
                .unit_id = workplace->row.unit_id,
                .service_id = uuid_new(),
                .staff = staff->code,
                .kind = staff->kind,
                .from_on = from,
                .recorded_by = account_id},
            NULL))
        return tx_explain(tx, "staff_once_at_a_time", ERROR_CONFLICT,
                   "%s serves %s as %s then already", staff->code, workplace->row.code,
                   staff->kind) ||
               tx_explain(tx, "staff_link_pkey", ERROR_CONFLICT,
                   "%s serves %s as %s from that day already", staff->code, workplace->row.code,
                   staff->kind);
    return sql_unit_touch(tx,
        &(struct sql_unit_touch){.trial_id = trial_id, .unit_id = workplace->row.unit_id}, NULL);
}

bool
staff_end(struct tx *tx, struct uuid trial_id, const struct workplace *workplace,
    const struct staff *staff, struct faults *faults)
{
    struct sql_trial_today_row today;
    int64_t ended;
    if (!sql_trial_today(tx, &(struct sql_trial_today){.trial_id = trial_id}, &today))
        return false;
    const char *to = read_day(staff, today.today, "/to", faults);
    if (faults->total > 0)
        return tx_fail(tx, ERROR_FIELDS, "Nothing was recorded of %s", workplace->row.code);
    if (!sql_staff_end(tx,
            &(struct sql_staff_end){.trial_id = trial_id,
                .unit_id = workplace->row.unit_id,
                .staff = staff->code,
                .kind = staff->kind,
                .to_on = to},
            &ended))
        return tx_explain(tx, "staff_ends_after_it_began", ERROR_REFUSED,
            "%s came to %s after that day", staff->code, workplace->row.code);
    if (ended == 0)
        return tx_fail(tx, ERROR_NOT_FOUND, "%.20s does not serve %s as %s now", staff->code,
            workplace->row.code, staff->kind);
    return sql_unit_touch(tx,
        &(struct sql_unit_touch){.trial_id = trial_id, .unit_id = workplace->row.unit_id}, NULL);
}

static const char *
dump(struct arena *arena, json_t *json)
{
    char *dumped = json_dumps(json, JSON_COMPACT);
    const char *text = arena_strdup(arena, dumped);
    free(dumped);
    json_decref(json);
    return text;
}

static const char *
sentence(struct arena *arena, const char *code, const struct sql_staff_shared_row *row)
{
    bool alike = text_equal(row->kind, row->other_kind);
    return arena_printf(arena, "%s (%s) of %s also serves %s%s%s%s, which is allocated %s",
        row->staff, row->kind, code, row->other, alike ? "" : " (", alike ? "" : row->other_kind,
        alike ? "" : ")", row->allocated ? "already" : "with it");
}

/* What is shared, as the ledger keeps it. */
static const char *
record(struct arena *arena, const struct sql_staff_shared_rows *rows)
{
    json_t *list = json_array();
    for (size_t i = 0; i < rows->count; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s}", "staff", rows->rows[i].staff, "kind",
                      rows->rows[i].kind, "workplace", rows->rows[i].other, "workplace_kind",
                      rows->rows[i].other_kind));
    return dump(arena, list);
}

static void
add_missing(struct arena *arena, struct allocation_candidate *candidate, const char *what)
{
    const char **longer =
        arena_array(arena, candidate->missing_count + candidate->warning_count, sizeof *longer);
    for (size_t i = 0; i < candidate->missing_count; i++)
        longer[i] = candidate->missing[i];
    for (size_t i = 0; i < candidate->warning_count; i++)
        longer[candidate->missing_count + i] =
            arena_printf(arena, "%s: %s", candidate->warnings[i], what);
    candidate->missing = longer;
    candidate->missing_count += candidate->warning_count;
}

bool
staff_check(struct tx *tx, const struct allocation_scheme *scheme,
    struct allocation_candidate *candidate, const char *const *together, size_t together_count,
    bool acknowledged)
{
    struct arena *arena = tx_arena(tx);
    struct sql_staff_shared_rows rows;
    if (candidate->unit.kind != PROTOCOL_WORKPLACE || !candidate->unit.row.staffed ||
        candidate->allocated)
        return true;
    json_t *list = json_array();
    for (size_t i = 0; i < together_count; i++)
        json_array_append_new(list, json_string(together[i]));
    if (!sql_staff_shared(tx,
            &(struct sql_staff_shared){.trial_id = scheme->trial_id,
                .unit_id = candidate->unit.row.unit_id,
                .together = dump(arena, list)},
            &rows))
        return false;
    if (rows.count == 0)
        return true;
    candidate->shared = record(arena, &rows);
    candidate->warnings = arena_array(arena, rows.count, sizeof *candidate->warnings);
    for (size_t i = 0; i < rows.count; i++)
        candidate->warnings[candidate->warning_count++] =
            sentence(arena, candidate->unit.row.code, &rows.rows[i]);
    if (scheme->protocol->contamination == CONTAMINATION_REFUSE)
        add_missing(arena, candidate, "this trial allocates no workplaces that share staff");
    else if (!acknowledged)
        add_missing(arena, candidate,
            "weigh that, then allocate with acknowledge (rctctl allocate --acknowledge)");
    return true;
}

bool
staff_acknowledge(struct tx *tx, const struct allocation_scheme *scheme,
    const struct allocation_candidate *candidate, struct uuid account_id)
{
    return candidate->shared == NULL ||
           sql_contamination_accept(tx,
               &(struct sql_contamination_accept){.trial_id = scheme->trial_id,
                   .scheme = scheme->scheme->name,
                   .unit_id = candidate->unit.row.unit_id,
                   .shared = candidate->shared,
                   .accepted_by = account_id},
               NULL);
}
