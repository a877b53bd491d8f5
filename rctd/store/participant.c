/*
 * participant.c: registers participants. A code is taken at random and looked up; a participant is
 * where their workplace is, so that who covers a county sees its workplaces' people.
 */
#include "store/participant.h"

#include "base/bits.h"
#include "base/clock.h"
#include "base/text.h"
#include "store/identity.h"
#include "store/task.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_PER_INSERT 500

/* An array of texts as JSON, in the arena. */
static const char *
list_json(struct arena *arena, const char *const *items, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        if (items[i] != NULL)
            json_array_append_new(list, json_string(items[i]));
    char *dumped = json_dumps(list, JSON_COMPACT);
    const char *text = arena_strdup(arena, dumped);
    free(dumped);
    json_decref(list);
    return text;
}

struct registration {
    struct enrol enrol;
    const struct participant_desk *desk;
    const char *today;                          /* in the trial's time zone */
    const struct sql_employers_row **employers; /* per row; NULL: in no workplace */
};

static bool
begin(struct registration *registration, struct tx *tx, const struct participant_desk *desk,
    struct faults *faults)
{
    struct sql_trial_today_row today;
    *registration = (struct registration){.desk = desk};
    enrol_init(&registration->enrol, tx, desk->protocol, PROTOCOL_PARTICIPANT, desk->scope, faults);
    if (!sql_trial_today(tx, &(struct sql_trial_today){.trial_id = desk->trial_id}, &today))
        return false;
    registration->today = today.today;
    return true;
}

static int
compare_employers(const void *a, const void *b)
{
    const struct sql_employers_row *x = a;
    const struct sql_employers_row *y = b;
    return strcmp(x->code, y->code);
}

static void
check_from(struct registration *registration, struct enrol_row *row)
{
    const char *from = row->own[ENROL_FROM];
    if (from != NULL && !clock_is_date(from))
        enrol_fault(
            &registration->enrol, row, ENROL_FROM, "it is no day that exists", "write YYYY-MM-DD");
    else if (from != NULL && strcmp(from, registration->today) > 0)
        enrol_fault(&registration->enrol, row, ENROL_FROM, "it lies in the future",
            "who does not work there yet is registered on the first day or later");
}

static void
check_employer(
    struct registration *registration, size_t index, const struct sql_employers_rows *found)
{
    struct enrol *enrol = &registration->enrol;
    struct enrol_row *row = &enrol->rows[index];
    const char *code = row->own[ENROL_WORKPLACE];
    if (code == NULL)
        return; /* told already, where one is needed */
    const struct sql_employers_row wanted = {.code = code};
    const struct sql_employers_row *employer =
        found->count == 0
            ? NULL
            : bsearch(&wanted, found->rows, found->count, sizeof *found->rows, compare_employers);
    registration->employers[index] = employer;
    if (employer == NULL)
        enrol_fault(enrol, row, ENROL_WORKPLACE,
            arena_printf(enrol->arena, "there is no workplace %.40s for you in this trial", code),
            "codes look like W0001; rctctl workplace list shows them");
    else if (text_equal(employer->state, "withdrawn"))
        enrol_fault(enrol, row, ENROL_WORKPLACE,
            arena_printf(enrol->arena, "the workplace %s has withdrawn", code), NULL);
    else if (employer->ended != NULL)
        enrol_fault(enrol, row, ENROL_WORKPLACE,
            arena_printf(enrol->arena, "the workplace %s is no more: %s", code, employer->ended),
            "give the workplace that took its people over");
}

/* Where the participants work, or else what their own attributes say of the place. */
static bool
check_places(struct registration *registration)
{
    struct enrol *enrol = &registration->enrol;
    const struct participant_desk *desk = registration->desk;
    const char **codes = arena_array(enrol->arena, enrol->count, sizeof *codes);
    struct sql_employers_rows found;
    registration->employers =
        arena_array(enrol->arena, enrol->count, sizeof *registration->employers);
    for (size_t i = 0; i < enrol->count; i++)
        codes[i] = enrol->rows[i].own[ENROL_WORKPLACE];
    if (!enrol_has_workplaces(desk->protocol)) {
        for (size_t i = 0; i < enrol->count; i++)
            enrol_check_scope(enrol, &enrol->rows[i]);
        return true;
    }
    if (!sql_employers(enrol->tx,
            &(struct sql_employers){.trial_id = desk->trial_id,
                .scope = desk->scope,
                .codes = list_json(enrol->arena, codes, enrol->count)},
            &found))
        return false;
    qsort(found.rows, found.count, sizeof *found.rows, compare_employers);
    for (size_t i = 0; i < enrol->count; i++) {
        check_employer(registration, i, &found);
        check_from(registration, &enrol->rows[i]);
    }
    return true;
}

static int
compare_codes(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;
    return strcmp(*x, *y);
}

/* The order of codes says nothing about the order of the rows. */
static void
shuffle(const char **codes, size_t count)
{
    for (size_t i = count; i-- > 1;) {
        size_t other = bits_uniform((uint32_t)i + 1);
        const char *code = codes[i];
        codes[i] = codes[other];
        codes[other] = code;
    }
}

/* Codes that nobody in the trial has. */
static const char **
take_codes(struct registration *registration, size_t count)
{
    struct enrol *enrol = &registration->enrol;
    const char **codes = arena_array(enrol->arena, count, sizeof *codes);
    struct sql_codes_taken_rows taken;
    char code[CODE_SIZE];
    size_t kept = 0;
    while (kept < count) {
        for (size_t i = kept; i < count; i++)
            codes[i] = arena_strdup(enrol->arena, code_make(bits_uniform(CODE_COUNT), code));
        qsort(codes, count, sizeof *codes, compare_codes);
        if (!sql_codes_taken(enrol->tx,
                &(struct sql_codes_taken){.trial_id = registration->desk->trial_id,
                    .codes = list_json(enrol->arena, codes, count)},
                &taken))
            return NULL;
        kept = 0;
        for (size_t i = 0; i < count; i++) {
            bool used = i > 0 && kept > 0 && strcmp(codes[i], codes[kept - 1]) == 0;
            for (size_t t = 0; !used && t < taken.count; t++)
                used = strcmp(codes[i], taken.rows[t].code) == 0;
            if (!used)
                codes[kept++] = codes[i];
        }
    }
    shuffle(codes, count);
    return codes;
}

static json_t *
encode(const struct registration *registration, size_t index, const char *code)
{
    const struct enrol_row *row = &registration->enrol.rows[index];
    const struct sql_employers_row *employer = registration->employers[index];
    const char *from = row->own[ENROL_FROM];
    char id[UUID_TEXT_SIZE];
    json_t *json = json_pack("{s:s, s:s, s:O}", "unit_id", uuid_text(uuid_new(), id), "code", code,
        "attributes", row->attributes);
    if (employer != NULL) {
        json_object_set_new(json, "workplace_id", json_string(uuid_text(employer->unit_id, id)));
        json_object_set_new(
            json, "from_on", json_string(from == NULL ? registration->today : from));
        if (employer->county != NULL)
            json_object_set_new(json, "county", json_string(employer->county));
        if (employer->site != NULL)
            json_object_set_new(json, "site", json_string(employer->site));
    }
    return json;
}

static bool
insert_rows(struct registration *registration, const char *const *codes, size_t from, size_t to)
{
    const struct participant_desk *desk = registration->desk;
    json_t *rows = json_array();
    const char **ids = arena_array(registration->enrol.arena, to - from, sizeof *ids);
    for (size_t i = from; i < to; i++) {
        json_t *row = encode(registration, i, codes[i]);
        ids[i - from] = arena_strdup(
            registration->enrol.arena, json_string_value(json_object_get(row, "unit_id")));
        json_array_append_new(rows, row);
    }
    char *text = json_dumps(rows, JSON_COMPACT);
    bool ok = sql_participant_insert(registration->enrol.tx,
        &(struct sql_participant_insert){.trial_id = desk->trial_id,
            .rows = text,
            .protocol_version = desk->version,
            .registered_by = desk->account_id},
        NULL);
    free(text);
    json_decref(rows);
    if (ok)
        return task_plan_arrivals(registration->enrol.tx, desk->session, desk->trial_id,
            list_json(registration->enrol.arena, ids, to - from));
    return tx_explain(registration->enrol.tx, "unit_trial_id_code_key", ERROR_CONTENTION,
        "Somebody was given the same code at the same moment; try again");
}

/* The new codes, one for each row; NULL when the transaction has failed. */
static const char **
insert_all(struct registration *registration)
{
    size_t count = registration->enrol.count;
    const char **codes = take_codes(registration, count);
    for (size_t from = 0; codes != NULL && from < count; from += ROWS_PER_INSERT)
        if (!insert_rows(registration, codes, from,
                from + ROWS_PER_INSERT < count ? from + ROWS_PER_INSERT : count))
            return NULL;
    return codes;
}

/* A workplace where the trial has none, or none where it needs one. */
static void
check_own(
    struct registration *registration, struct enrol_row *row, const struct participant_new *new)
{
    struct enrol *enrol = &registration->enrol;
    bool placed = enrol_has_workplaces(enrol->protocol);
    row->own[ENROL_WORKPLACE] = new->workplace;
    row->own[ENROL_FROM] = new->from;
    if (placed && new->workplace == NULL)
        enrol_fault(enrol, row, ENROL_WORKPLACE, "is missing",
            "give the code of the workplace that employs the participant");
    if (!placed && new->workplace != NULL)
        enrol_fault(enrol, row, ENROL_WORKPLACE, "this trial has no workplaces", "leave it out");
    if (!placed && new->from != NULL)
        enrol_fault(enrol, row, ENROL_FROM, "this trial has no workplaces", "leave it out");
}

bool
participant_register(struct tx *tx, const struct participant_desk *desk,
    const struct participant_new *new, struct faults *faults, char code[CODE_SIZE])
{
    struct registration registration;
    struct enrol *enrol = &registration.enrol;
    struct vault_person person;
    const char **codes = NULL;
    if (!begin(&registration, tx, desk, faults))
        goto out;
    check_own(&registration, enrol_read_request(enrol, new->attributes), new);
    if (!check_places(&registration))
        goto out;
    identity_check(enrol->arena, desk->protocol, new->identity, registration.today, "/identity",
        faults, &person, NULL);
    if (faults->total > 0)
        tx_fail(tx, ERROR_FIELDS, "The participant was not registered");
    else
        codes = insert_all(&registration);
    if (codes != NULL && !vault_person_is_empty(&person) &&
        !identity_add(tx, desk->session, desk->trial_id, codes[0], &person))
        codes = NULL;
    if (codes != NULL)
        memcpy(code, codes[0], CODE_SIZE);
out:
    enrol_free(enrol);
    return codes != NULL;
}

bool
participant_import_rows(struct tx *tx, const struct participant_desk *desk, const struct csv *csv,
    bool dry_run, struct faults *faults, struct enrol_imported *imported)
{
    struct registration registration;
    struct enrol *enrol = &registration.enrol;
    bool ok = false;
    *imported = (struct enrol_imported){.read = csv->count};
    if (!begin(&registration, tx, desk, faults))
        goto out;
    enrol_read_table(enrol, csv);
    if (!check_places(&registration) || !enrol_refuse_faults(enrol))
        goto out;
    ok = dry_run || insert_all(&registration) != NULL;
    if (ok && !dry_run)
        imported->imported = enrol->count;
out:
    enrol_free(enrol);
    return ok;
}

void
participant_facts(
    struct arena *arena, const struct sql_participant_list_row *row, struct readiness_unit *facts)
{
    unit_facts(arena,
        &(struct unit_stored){.kind = PROTOCOL_PARTICIPANT,
            .state = row->state,
            .attributes = row->attributes,
            .answers = row->answers,
            .consents = row->consents,
            .employer_out = row->employer_out,
            .year = row->year},
        facts);
}
