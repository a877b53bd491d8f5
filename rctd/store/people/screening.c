/*
 * screening.c: holds what is written in the screening log against the protocol, whose reasons it
 * takes, and the register, and has the database write it.
 */
#include "store/people/screening.h"

#include "base/text.h"
#include "store/people/enrol.h"

struct check {
    struct tx *tx;
    const struct protocol *protocol;
    struct uuid trial_id;
    const char *scope;
    const struct screening_wish *wish;
    const struct screening_place *place;
};

static void
fault(const struct check *check, const char *field, const char *remedy, const char *what)
{
    faults_add(check->place->faults,
        arena_printf(tx_arena(check->tx), "%s%s", check->place->prefix, field), check->place->line,
        0, remedy, "%s", what);
}

static bool
wants_reason(const char *state)
{
    return text_equal(state, "ineligible") || text_equal(state, "declined") ||
           text_equal(state, "not-approached");
}

static void
check_reason(const struct check *check)
{
    const struct screening_wish *wish = check->wish;
    if (!wants_reason(wish->state)) {
        if (wish->reason != NULL)
            fault(check, "reason", "leave it out", "is only taken with an exclusion");
        return;
    }
    const char *known =
        protocol_screening_reasons(tx_arena(check->tx), check->protocol, wish->kind, wish->state);
    if (wish->reason == NULL)
        fault(check, "reason", known, "is missing: an exclusion has a reason");
    else if (!protocol_screening_reason(check->protocol, wish->kind, wish->state, wish->reason))
        fault(check, "reason", known, "is no reason that the protocol has for this");
}

/* Finds a unit within the caller's scope; a fault where there is none. */
static bool
find(const struct check *check, const char *field, enum protocol_unit kind, const char *code,
    struct opt_uuid *id)
{
    struct sql_unit_get_row row;
    bool found;
    if (code == NULL)
        return true;
    if (!sql_unit_get(check->tx,
            &(struct sql_unit_get){.trial_id = check->trial_id,
                .scope = check->scope,
                .kind = protocol_unit_name(kind),
                .code = unit_code(tx_arena(check->tx), kind, code)},
            &row, &found))
        return false;
    *id = (struct opt_uuid){found, row.unit_id};
    if (!found)
        fault(check, field, "a code as the list shows it",
            kind == PROTOCOL_WORKPLACE ? "is no workplace of yours in this trial"
                                       : "is no participant of yours in this trial");
    return true;
}

/* Somebody who is not registered. */
static void
check_anonymous(const struct check *check)
{
    const struct screening_wish *wish = check->wish;
    bool person = wish->kind == PROTOCOL_PARTICIPANT;
    if (person && wish->workplace == NULL && enrol_has_workplaces(check->protocol))
        fault(check, "workplace", "a code such as W0001", "is missing: people are in a workplace");
    if (!person && wish->people > 1)
        fault(check, "people", "leave it out", "is a count of people, and a workplace is one");
    if (!person && check->scope != NULL)
        fault(check, "unit", "ask a coordinator of every county",
            "cannot be written down by you: a workplace that is not registered has no county yet");
    if (text_equal(wish->state, "enrolled"))
        fault(check, "state", "register them; then rctd writes it down by itself",
            "is enrolled, and only who is registered is enrolled");
}

static void
check_who(const struct check *check)
{
    const struct screening_wish *wish = check->wish;
    if (wish->code == NULL && wish->number == 0)
        check_anonymous(check);
    if (wish->code != NULL && wish->workplace != NULL)
        fault(check, "workplace", "leave it out", "is known of who is registered");
    if (wish->code != NULL && wish->people > 1)
        fault(check, "people", "leave it out", "stands beside a code, which is of one");
    if (wish->kind == PROTOCOL_WORKPLACE && wish->workplace != NULL)
        fault(check, "workplace", "write `code` where the workplace is registered",
            "is where people work; the entry is of a workplace itself");
    if (wish->phase != NULL && protocol_phase_by_name(check->protocol, wish->phase) == NULL)
        fault(check, "phase", "a phase of the protocol", "is no phase of this trial");
}

bool
screening_check(struct tx *tx, const struct protocol *protocol, struct uuid trial_id,
    const char *scope, const struct screening_wish *wish, const struct screening_place *place,
    struct screening_ready *ready)
{
    const struct check check = {tx, protocol, trial_id, scope, wish, place};
    *ready = (struct screening_ready){0};
    check_reason(&check);
    check_who(&check);
    return find(&check, "code", wish->kind, wish->code, &ready->unit_id) &&
           find(&check, "workplace", PROTOCOL_WORKPLACE, wish->workplace, &ready->workplace_id) &&
           find(&check, "registered_as", wish->kind, wish->registered_as, &ready->linked_id);
}

bool
screening_write(struct tx *tx, struct uuid trial_id, const struct screening_wish *wish,
    const struct screening_ready *ready, struct uuid *entry_id)
{
    struct sql_screening_add_row row;
    bool written = sql_screening_add(tx,
        &(struct sql_screening_add){.trial_id = trial_id,
            .kind = protocol_unit_name(wish->kind),
            .unit_id = ready->unit_id,
            .workplace_id = ready->workplace_id,
            .phase = wish->phase,
            .people = (int32_t)wish->people,
            .number = {wish->number > 0, wish->number},
            .state = wish->state,
            .reason = wish->reason,
            .correction = wish->correction,
            .source = wish->source,
            .happened_on = wish->on,
            .linked_id = ready->linked_id},
        &row);
    *entry_id = row.entry_id;
    if (written)
        return true;
    tx_explain(tx, "screening_linked_once", ERROR_CONFLICT,
        "Another entry of the screening log stands for that one already");
    return tx_explain(tx, "screening_forward", ERROR_REFUSED,
        "The entry does not go on to %s from where it stands; a step back is a correction: say why",
        wish->state);
}

const char *
screening_failed_rule(struct arena *arena, const struct protocol_subject *subject,
    const struct protocol_values *values, const struct protocol_answers *answers)
{
    struct protocol_eligibility eligibility = protocol_eligibility(arena, subject, values, answers);
    for (size_t i = 0; i < eligibility.gap_count; i++)
        if (eligibility.gaps[i].failed)
            return eligibility.gaps[i].id;
    return NULL;
}

bool
screening_note_eligibility(
    struct tx *tx, const struct protocol *protocol, struct uuid trial_id, const struct unit *unit)
{
    struct sql_screening_state_row row;
    struct uuid entry_id;
    bool found;
    const char *reason = screening_failed_rule(
        tx_arena(tx), &protocol->subjects[unit->kind], &unit->facts.values, &unit->facts.answers);
    if (!sql_screening_state(tx,
            &(struct sql_screening_state){.trial_id = trial_id, .unit_id = unit->row.unit_id}, &row,
            &found))
        return false;
    if (!found || (reason == NULL ? !row.answered_out : !row.excludable))
        return true;
    const struct screening_wish wish = {.kind = unit->kind,
        .people = 1,
        .state = reason != NULL ? "ineligible"
                 : row.agrees   ? "enrolled"
                                : "approached",
        .reason = reason,
        .correction = reason == NULL ? "What was answered says otherwise now" : NULL,
        .source = "eligibility"};
    return screening_write(tx, trial_id, &wish,
        &(struct screening_ready){.unit_id = {true, unit->row.unit_id}}, &entry_id);
}
