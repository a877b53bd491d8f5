/*
 * screening.c: the screening log over HTTP: entries and their events, a file of them, and the flow
 * into the trial (CONSORT 2025, enrolment), up to randomisation and pooled over arms.
 */
#include "store/people/screening.h"

#include "api/handlers.h"
#include "api/people/unit.h"
#include "http/body.h"
#include "store/conduct/protocol.h"

#include <stdio.h>

#define PEOPLE_MAX 100000

static const char *const unit_names[] = {"workplace", "participant", NULL};
static const char *const state_names[] = {
    "not-approached", "approached", "ineligible", "declined", "enrolled", NULL};
static const char *const event_states[] = {
    "not-approached", "approached", "ineligible", "declined", "enrolled", "void", NULL};

/* clang-format off */
#define REASON_FIELDS \
    { .name = "reason", .type = FIELD_IDENTIFIER, .flags = FIELD_NULLABLE, \
        .meaning = "Why: of ineligible a rule of the protocol, of declined and not-approached a word of its " \
                   "`screening`; not-said where nobody said" }, \
    { .name = "correction", .type = FIELD_STRING, .flags = FIELD_NULLABLE, .min = 1, .max = 500, \
        .meaning = "Of a step back: why it is right" }, \
    { .name = "on", .type = FIELD_DATE, .flags = FIELD_NULLABLE, .meaning = "When it happened; today where left out" }
/* clang-format on */

const struct field screening_new[] = {
    {.name = "unit",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = unit_names,
        .meaning = "What was assessed: a workplace or people"},
    {.name = "code",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .max = 16,
        .meaning = "Of who is registered; left out, the entry is anonymous and gets a number"},
    {.name = "workplace",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .max = 16,
        .meaning = "Where people work who are not registered"},
    {.name = "phase",
        .type = FIELD_IDENTIFIER,
        .flags = FIELD_NULLABLE,
        .meaning = "What they were assessed for; of who is randomised it is known"},
    {.name = "people",
        .type = FIELD_INTEGER,
        .min = 1,
        .max = PEOPLE_MAX,
        .meaning = "How many people of the workplace stand alike; 1 where left out"},
    {.name = "state",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = state_names,
        .meaning = "Where they stand"},
    REASON_FIELDS,
    {0},
};

const struct field screening_event_new[] = {
    {.name = "state",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = event_states,
        .meaning = "Where it stands now; void takes an entry out that should not be there, with a "
                   "correction"},
    REASON_FIELDS,
    {.name = "registered_as",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .max = 16,
        .meaning = "Of enrolled: the code that they were registered under, which counts from then "
                   "on in place of the entry"},
    {0},
};

static const struct field event_fields[] = {
    {.name = "state", .type = FIELD_STRING, .meaning = "Where it stood from then on"},
    {.name = "reason", .type = FIELD_STRING, .flags = FIELD_NULLABLE, .meaning = "Why excluded"},
    {.name = "correction",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "Why a step back was right"},
    {.name = "source",
        .type = FIELD_STRING,
        .meaning = "Who wrote it: hand, import; or rctd at a registration, consent, eligibility, "
                   "allocation, withdrawal"},
    {.name = "happened_on", .type = FIELD_DATE, .meaning = "When it happened"},
    {.name = "recorded_by", .type = FIELD_STRING, .flags = FIELD_NULLABLE, .meaning = "By whom"},
    {0},
};

const struct field screening_answer[] = {
    {.name = "entry",
        .type = FIELD_STRING,
        .meaning = "S and its number; of who is registered the code"},
    {.name = "unit", .type = FIELD_STRING, .choices = unit_names, .meaning = "What it is of"},
    {.name = "workplace",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "Where the people work"},
    {.name = "phase",
        .type = FIELD_IDENTIFIER,
        .flags = FIELD_NULLABLE,
        .meaning = "The phase; null: none yet"},
    {.name = "people", .type = FIELD_INTEGER, .meaning = "How many; 1 of a workplace"},
    {.name = "state", .type = FIELD_STRING, .meaning = "Where it stands"},
    {.name = "reason", .type = FIELD_STRING, .flags = FIELD_NULLABLE, .meaning = "Why excluded"},
    {.name = "events",
        .type = FIELD_ARRAY,
        .children = event_fields,
        .meaning = "All that was written down, in order"},
    {0},
};

const struct field screening_query[] = {
    {.name = "unit", .type = FIELD_STRING, .choices = unit_names, .meaning = "Only of these"},
    {.name = "state",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"not-approached", "approached", "ineligible", "declined",
            "enrolled", "linked", "void", NULL},
        .meaning = "Only those that stand there"},
    {.name = "workplace", .type = FIELD_STRING, .max = 16, .meaning = "Only of this workplace"},
    {0},
};

const struct field screening_imported[] = {
    {.name = "read", .type = FIELD_INTEGER, .meaning = "Rows of the file"},
    {.name = "imported",
        .type = FIELD_INTEGER,
        .meaning = "How many were written down; 0 for a dry run"},
    {0},
};

static json_t *
encode(const struct sql_screening_get_row *row)
{
    char number[16];
    snprintf(number, sizeof number, "S%d", (int)row->number.value);
    return json_pack("{s:s, s:s, s:s?, s:s?, s:i, s:s, s:s?, s:o}", "entry",
        row->code == NULL ? number : row->code, "unit", row->kind, "workplace", row->workplace,
        "phase", row->phase, "people", row->people, "state", row->state, "reason", row->reason,
        "events", json_stored(row->events));
}

static bool
answer_entry(struct call *call, int status, struct uuid entry_id, struct error *error)
{
    struct sql_screening_get_row row;
    if (!sql_screening_get(call->tx,
            &(struct sql_screening_get){.trial_id = call->trial_id, .entry_id = entry_id}, &row))
        return call_failed(call, error);
    return call_answer(call, status, encode(&row));
}

static enum protocol_unit
unit_of(const char *name)
{
    return text_equal(name, "workplace") ? PROTOCOL_WORKPLACE : PROTOCOL_PARTICIPANT;
}

/* Checks and writes one wish of a request. */
static bool
write_one(struct call *call, const struct screening_wish *wish, int status, struct error *error)
{
    struct screening_ready ready;
    struct uuid entry_id;
    int version;
    const struct screening_place place = {.faults = &call->faults, .prefix = "/"};
    const struct protocol *protocol =
        protocol_in_force(call->tx, call->session, call->trial_id, &version);
    if (protocol == NULL ||
        !screening_check(call->tx, protocol, call->trial_id, call->scope, wish, &place, &ready))
        return call_failed(call, error);
    if (call->faults.total > 0)
        return body_refuse(&call->faults, error);
    if (!screening_write(call->tx, call->trial_id, wish, &ready, &entry_id) ||
        (ready.unit_id.set && !unit_plan_back(call, wish->kind, ready.unit_id.value)))
        return call_failed(call, error);
    return answer_entry(call, status, entry_id, error);
}

bool
screening_add(struct call *call, struct error *error)
{
    const struct screening_wish wish = {
        .kind = unit_of(call_text(call, "unit")),
        .code = call_text(call, "code"),
        .workplace = call_text(call, "workplace"),
        .phase = call_text(call, "phase"),
        .people = json_object_get(call->body, "people") == NULL ? 1 : call_number(call, "people"),
        .state = call_text(call, "state"),
        .reason = call_text(call, "reason"),
        .correction = call_text(call, "correction"),
        .on = call_text(call, "on"),
        .source = "hand",
    };
    return write_one(call, &wish, 201, error);
}

/* "S12" */
static bool
read_number(
    struct call *call, struct sql_screening_numbered_row *row, int *number, struct error *error)
{
    const char *text = call->request->parameters[1];
    long long read = 0;
    bool found = false;
    *number = 0;
    if (text[0] == 'S' && text_to_int64(text + 1, &read) && read > 0 && read < INT32_MAX &&
        !sql_screening_numbered(call->tx,
            &(struct sql_screening_numbered){
                .trial_id = call->trial_id, .scope = call->scope, .number = (int32_t)read},
            row, &found))
        return call_failed(call, error);
    *number = (int)read;
    return found || error_set(error, ERROR_NOT_FOUND, "entry",
                        "There is no entry %.20s in the screening log for you; anonymous entries "
                        "are S1, S2 ..., and what happens to who is registered is added by code",
                        text);
}

bool
screening_go_on(struct call *call, struct error *error)
{
    struct sql_screening_numbered_row row;
    int number = 0;
    const char *as = call_text(call, "registered_as"), *state = call_text(call, "state");
    bool enrolled = text_equal(state, "enrolled");
    if (!read_number(call, &row, &number, error))
        return false;
    if (enrolled && as == NULL)
        return call_fault(call, error, "/registered_as", "register them first, then give the code",
            "is missing: only who is registered is enrolled");
    if (!enrolled && as != NULL)
        return call_fault(
            call, error, "/registered_as", "leave it out", "is only taken with enrolled");
    if (enrolled && row.people > 1)
        return call_fault(call, error, "/state",
            "take the count out with void and a correction; who is registered counts by themselves",
            "cannot be enrolled of a count of people");
    if (text_equal(state, "void") && call_text(call, "correction") == NULL)
        return call_fault(
            call, error, "/correction", "say why the entry should not be there", "is missing");
    const struct screening_wish wish = {
        .kind = unit_of(row.kind),
        .number = number,
        .people = 1,
        .state = enrolled ? "linked" : state,
        .reason = call_text(call, "reason"),
        .correction = call_text(call, "correction"),
        .on = call_text(call, "on"),
        .registered_as = as,
        .source = "hand",
    };
    return write_one(call, &wish, 200, error);
}

bool
screening_list(struct call *call, struct error *error)
{
    struct sql_screening_list_rows rows;
    if (!sql_screening_list(call->tx,
            &(struct sql_screening_list){.trial_id = call->trial_id,
                .scope = call->scope,
                .kind = http_query(call->request, "unit"),
                .state = http_query(call->request, "state"),
                .workplace = http_query(call->request, "workplace"),
                .after = call->list.after_id,
                .most = call->list.most},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        list_add_id(call, rows.rows[i].entry_id, encode(&rows.rows[i]));
    return list_answer(call);
}
