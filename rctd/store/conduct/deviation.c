/*
 * deviation.c: records randomisation errors, each kind with what it asks for, and decisions on
 * them.
 */
#include "store/conduct/deviation_private.h"

#include "base/text.h"

static bool
not_for_you(struct tx *tx, struct uuid allocation_id)
{
    char text[UUID_TEXT_SIZE];
    return tx_fail(
        tx, ERROR_NOT_FOUND, "There is no allocation %s for you", uuid_text(allocation_id, text));
}

static bool
read_allocation(struct tx *tx, struct uuid trial_id, const char *scope, struct uuid allocation_id,
    struct sql_deviation_allocation_row *row)
{
    bool found;
    if (!sql_deviation_allocation(tx,
            &(struct sql_deviation_allocation){
                .trial_id = trial_id, .scope = scope, .allocation_id = allocation_id},
            row, &found))
        return false;
    return found || not_for_you(tx, allocation_id);
}

bool
deviation_faulty(struct tx *tx, const struct faults *faults)
{
    return tx_fail(tx, ERROR_FIELDS, "%s: %s", faults->items[0].pointer, faults->items[0].message);
}

static bool
tell_rule(struct tx *tx, const struct protocol_subject *subject,
    const struct deviation_report *report, struct faults *faults, struct sql_deviation_insert *in)
{
    struct text ids;
    text_init(&ids, tx_arena(tx));
    in->rule = report->rule;
    in->known_on = report->known_on;
    for (size_t i = 0; i < subject->rule_count; i++) {
        if (text_equal(subject->rules[i].id, report->rule))
            return true;
        text_printf(&ids, "%s%s", i == 0 ? "" : ", ", subject->rules[i].id);
    }
    if (subject->rule_count == 0)
        return tx_fail(tx, ERROR_REFUSED,
            "The protocol has no rule of eligibility that could not be met; record it as other");
    faults_add(faults, "/rule", 0, 0, arena_printf(tx_arena(tx), "one of %s", ids.bytes),
        "the protocol has no rule %s", report->rule);
    return deviation_faulty(tx, faults);
}

static bool
tell_duplicate(struct tx *tx, struct uuid trial_id, const char *scope,
    const struct sql_deviation_allocation_row *row, const struct deviation_report *report,
    struct sql_deviation_insert *in)
{
    struct sql_deviation_allocation_row other;
    if (!read_allocation(tx, trial_id, scope, report->duplicate_of.value, &other))
        return false;
    if (!text_equal(other.scheme, row->scheme))
        return tx_fail(tx, ERROR_REFUSED,
            "%s was allocated in %s, %s in %s: those are no duplicates", row->code, row->scheme,
            other.code, other.scheme);
    in->duplicate_of = report->duplicate_of;
    in->separate_data = report->separate_data;
    return true;
}

static bool
tell_kind(struct tx *tx, struct session *session, const struct sql_deviation_allocation_row *row,
    const char *scope, const struct deviation_report *report, struct faults *faults,
    struct sql_deviation_insert *in)
{
    if (report->kind == DEVIATION_DUPLICATE)
        return tell_duplicate(tx, in->trial_id, scope, row, report, in);
    if (report->kind != DEVIATION_WRONG_STRATUM && report->kind != DEVIATION_INELIGIBLE)
        return true;
    const struct protocol *protocol =
        session_protocol(session, tx, in->trial_id, row->protocol_version);
    if (protocol == NULL)
        return false;
    const struct protocol_scheme *scheme = protocol_scheme_by_name(protocol, row->scheme);
    if (scheme == NULL)
        return tx_fail(tx, ERROR_INTERNAL, "Version %d of the protocol has no scheme %s",
            row->protocol_version, row->scheme);
    if (report->kind == DEVIATION_INELIGIBLE)
        return tell_rule(tx, &protocol->subjects[scheme->unit], report, faults, in);
    return deviation_tell_stratum(tx, protocol, scheme, row, report->values, faults, in);
}

bool
deviation_record(struct tx *tx, struct session *session, struct uuid trial_id, const char *scope,
    const struct deviation_report *report, struct uuid account_id, struct faults *faults,
    struct uuid *deviation_id)
{
    struct sql_deviation_allocation_row row;
    if (!read_allocation(tx, trial_id, scope, report->allocation_id, &row))
        return false;
    struct deviation_analysis analysis =
        deviation_analysis_of(report->kind, report->arm_known, report->separate_data.value);
    *deviation_id = uuid_new();
    struct sql_deviation_insert in = {
        .trial_id = trial_id,
        .deviation_id = *deviation_id,
        .allocation_id = report->allocation_id,
        .unit_id = row.unit_id,
        .kind = deviation_kind_name(report->kind),
        .reason = report->reason,
        .arm_known = report->arm_known,
        .supersedes = report->supersedes,
        .kept = analysis.intention_to_treat,
        .analysis_stratum = analysis.true_stratum ? "true" : "allocated",
        .recorded_by = account_id,
    };
    return tell_kind(tx, session, &row, scope, report, faults, &in) &&
           (sql_deviation_insert(tx, &in, NULL) ||
               tx_explain(tx, "deviation_superseded_once", ERROR_REFUSED,
                   "That report was superseded already; supersede the one that followed it"));
}

bool
deviation_decide(struct tx *tx, struct uuid trial_id, struct uuid deviation_id, bool primary_set,
    const char *reason, struct uuid account_id)
{
    int64_t added;
    char text[UUID_TEXT_SIZE];
    if (!sql_deviation_decision_insert(tx,
            &(struct sql_deviation_decision_insert){.trial_id = trial_id,
                .decision_id = uuid_new(),
                .deviation_id = deviation_id,
                .primary_set = primary_set,
                .reason = reason,
                .decided_by = account_id},
            &added))
        return false;
    return added == 1 || tx_fail(tx, ERROR_NOT_FOUND, "There is no deviation %s for you",
                             uuid_text(deviation_id, text));
}
