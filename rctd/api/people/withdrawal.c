/*
 * withdrawal.c: what a participant stops, part by part or altogether, and what they let go on
 * again. One step: a stop needs no form, no version and no reason, and takes effect at once.
 */
#include "store/people/withdrawal.h"

#include "api/handlers.h"
#include "api/people/moment.h"
#include "trial/consent.h"

#define STOP_NAME(id, text, words) text,
static const char *const stops[] = {CONSENT_STOPS(STOP_NAME) WITHDRAWAL_EVERYTHING, NULL};
static const char *const stops_only[] = {CONSENT_STOPS(STOP_NAME) NULL};
#undef STOP_NAME
static const char *const decisions[] = {"stop", "resume", NULL};

const struct field withdrawal_new[] = {
    {.name = "stops",
        .type = FIELD_ARRAY,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = CONSENT_STOP_COUNT + 1,
        .choices = stops,
        .meaning = "What stops; everything: all but data-use, and the participant is out of the "
                   "trial"},
    {.name = "decision",
        .type = FIELD_STRING,
        .choices = decisions,
        .meaning = "stop when absent; resume: the person lets it go on again"},
    {.name = "decided_by",
        .type = FIELD_STRING,
        .choices = consent_stoppers,
        .meaning = "Who decided, never by name; the participant when absent; staff can stop, never "
                   "resume"},
    {.name = "how",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = consent_ways,
        .meaning = "How it reached the trial"},
    {.name = "decided_at",
        .type = FIELD_MOMENT,
        .meaning = "When it was decided, or the day: a stop counts to its last moment, a "
                   "resumption from its first; not in the future; now when absent"},
    {.name = "reason",
        .type = FIELD_IDENTIFIER,
        .meaning = "Why, in one word, where it was said; nobody has to"},
    {0},
};

const struct field withdrawal_answer[] = {
    {.name = "ordinal", .type = FIELD_INTEGER, .min = 1, .meaning = "Its place in this ledger"},
    {.name = "stop", .type = FIELD_STRING, .choices = stops_only, .meaning = "What it is about"},
    {.name = "decision", .type = FIELD_STRING, .choices = decisions, .meaning = "What was decided"},
    {.name = "decided_by", .type = FIELD_STRING, .choices = consent_stoppers, .meaning = "By whom"},
    {.name = "how",
        .type = FIELD_STRING,
        .choices = consent_ways,
        .meaning = "How it reached the trial"},
    {.name = "reason",
        .type = FIELD_IDENTIFIER,
        .flags = FIELD_NULLABLE,
        .meaning = "Why, where it was said"},
    {.name = "decided_at", .type = FIELD_TIME, .meaning = "When it was decided, as it counts"},
    {.name = "decided_on",
        .type = FIELD_DATE,
        .flags = FIELD_NULLABLE,
        .meaning = "The day, where no time of it was told; null where it was"},
    {.name = "recorded_at", .type = FIELD_TIME, .meaning = "When it was recorded"},
    {.name = "recorded_by", .type = FIELD_STRING, .meaning = "By whom"},
    {0},
};

const struct field withdrawal_made[] = {
    {.name = "participant", .type = FIELD_STRING, .meaning = "The participant's code"},
    {.name = "decision", .type = FIELD_STRING, .choices = decisions, .meaning = "What was decided"},
    {.name = "stops",
        .type = FIELD_ARRAY,
        .choices = stops_only,
        .meaning = "All that is stopped from now on"},
    {.name = "participant_withdrawn",
        .type = FIELD_BOOLEAN,
        .meaning = "The participant is out of the trial from now on"},
    {.name = "tasks",
        .type = FIELD_INTEGER,
        .meaning = "Planned tasks that were cancelled with it; of resume: planned again"},
    {.name = "reminders",
        .type = FIELD_INTEGER,
        .meaning = "Reminders that were cancelled with it; of resume: scheduled again"},
    {0},
};

bool
withdrawal_list(struct call *call, struct error *error)
{
    struct unit unit;
    struct sql_stop_list_rows rows;
    if (!unit_read(call->tx, call->trial_id, call->scope, PROTOCOL_PARTICIPANT,
            call->request->parameters[1], false, &unit) ||
        !sql_stop_list(call->tx,
            &(struct sql_stop_list){.trial_id = call->trial_id, .unit_id = unit.row.unit_id},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_stop_list_row *row = &rows.rows[i];
        list_add_next(call,
            json_pack("{s:i, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:s}", "ordinal",
                (int)row->ordinal, "stop", row->stop, "decision", row->decision, "decided_by",
                row->decided_by, "how", row->how, "reason", json_text(row->reason), "decided_at",
                json_time(row->decided_at), "decided_on", json_text(row->decided_on), "recorded_at",
                json_time(row->recorded_at), "recorded_by", row->recorded_by));
    }
    return list_answer(call);
}

/* What goes on again is named stop by stop, and said by the person or for them. */
static bool
check_resume(struct call *call, const struct withdrawal *withdrawal, struct error *error)
{
    size_t index;
    json_t *value;
    bool good = true;
    if (!withdrawal->resume)
        return true;
    json_array_foreach(withdrawal->stops, index,
        value) if (text_equal(json_string_value(value), WITHDRAWAL_EVERYTHING)) good =
        call_fault(call, error, arena_printf(call->arena, "/stops/%zu", index),
            "name what goes on again", "everything is not resumed at once");
    if (text_equal(withdrawal->decided_by, "staff"))
        good = call_fault(call, error, "/decided_by", "participant or representative",
            "what a person has stopped goes on when they say so");
    return good;
}

bool
withdrawal_add(struct call *call, struct error *error)
{
    struct unit unit;
    struct withdrawal_effect effect;
    struct moment decided;
    const char *decided_by = call_text(call, "decided_by");
    struct withdrawal withdrawal = {
        .resume = text_equal(call_text(call, "decision"), "resume"),
        .stops = json_object_get(call->body, "stops"),
        .decided_by = decided_by == NULL ? "participant" : decided_by,
        .how = call_text(call, "how"),
        .reason = call_text(call, "reason"),
        .recorded_by = call->caller.account_id,
    };
    if (!check_resume(call, &withdrawal, error) ||
        !moment_read(call, "decided_at", "the decision lies in the future", &decided, error))
        return false;
    withdrawal.decided_at = (struct opt_int64){decided.told, decided.first};
    withdrawal.decided_on = decided.day;
    if (!unit_read(call->tx, call->trial_id, call->scope, PROTOCOL_PARTICIPANT,
            call->request->parameters[1], true, &unit) ||
        !withdrawal_record(call->tx, call->trial_id, &unit, &withdrawal, &effect))
        return call_failed(call, error);
    call->restricted = true;
    call->wake = withdrawal.resume;
    return call_answer(call, 201,
        json_pack("{s:s, s:s, s:o, s:b, s:I, s:I}", "participant", unit.row.code, "decision",
            withdrawal.resume ? "resume" : "stop", "stops", effect.stops, "participant_withdrawn",
            effect.withdrawn, "tasks", (json_int_t)effect.tasks, "reminders",
            (json_int_t)effect.reminders));
}
