/*
 * registration.c: what registering participants has in common, one or a table of them: where they
 * work, and their rows, which go to the database in batches with the sealed boxes of who they are.
 * A participant is where their workplace is, so that who covers a county sees its workplaces'
 * people.
 */
#include "store/people/registration.h"

#include "base/bits.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/text.h"
#include "store/contact/task.h"

#include <stdlib.h>
#include <string.h>

/* Rows of a statement: its triggers run once for all of them. */
#define ROWS_PER_INSERT 2000
#define ARRIVALS_AT_ONCE 10000
#define CODE_DIGITS_MAX 5

const char *
registration_list(struct arena *arena, const char *const *items, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(items[i]));
    char *dumped = json_dumps(list, JSON_COMPACT);
    const char *text = arena_strdup(arena, dumped);
    free(dumped);
    json_decref(list);
    return text;
}

bool
registration_begin(struct registration *registration, struct tx *tx,
    const struct participant_desk *desk, struct faults *faults)
{
    struct sql_trial_today_row today;
    *registration = (struct registration){.desk = desk};
    enrol_init(&registration->enrol, tx, desk->protocol, PROTOCOL_PARTICIPANT, desk->scope, faults);
    if (!sql_trial_today(tx, &(struct sql_trial_today){.trial_id = desk->trial_id}, &today))
        return false;
    registration->today = today.today;
    registration->enrol.year = (int)strtol(today.today, NULL, 10);
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

/* Can the text be a workplace's code? Where columns were mixed up it may be a person's name or
 * number, which is not repeated. */
static bool
is_code(const char *text)
{
    size_t length = strlen(text), digits = strspn(text + 1, "0123456789");
    return text[0] >= 'A' && text[0] <= 'Z' && digits > 0 && digits + 1 == length &&
           digits <= CODE_DIGITS_MAX;
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
            is_code(code)
                ? arena_printf(enrol->arena, "there is no workplace %s for you in this trial", code)
                : "it is no workplace's code",
            "codes look like W0001; rctctl workplace list shows them");
    else if (text_equal(employer->state, "withdrawn"))
        enrol_fault(enrol, row, ENROL_WORKPLACE,
            arena_printf(enrol->arena, "the workplace %s has withdrawn", code), NULL);
    else if (employer->ended != NULL)
        enrol_fault(enrol, row, ENROL_WORKPLACE,
            arena_printf(enrol->arena, "the workplace %s is no more: %s", code, employer->ended),
            "give the workplace that took its people over");
}

/* Each workplace that the rows name, once. */
static size_t
distinct_workplaces(const struct enrol *enrol, const char **codes)
{
    size_t named = 0, count = 0;
    for (size_t i = 0; i < enrol->count; i++)
        if (enrol->rows[i].own[ENROL_WORKPLACE] != NULL)
            codes[named++] = enrol->rows[i].own[ENROL_WORKPLACE];
    qsort(codes, named, sizeof *codes, text_order);
    for (size_t i = 0; i < named; i++)
        if (count == 0 || strcmp(codes[count - 1], codes[i]) != 0)
            codes[count++] = codes[i];
    return count;
}

/* Where the participants work, or else what their own attributes say of the place. */
bool
registration_check_places(struct registration *registration)
{
    struct enrol *enrol = &registration->enrol;
    const struct participant_desk *desk = registration->desk;
    const char **codes = arena_array(enrol->arena, enrol->count, sizeof *codes);
    struct sql_employers_rows found;
    registration->employers =
        arena_array(enrol->arena, enrol->count, sizeof *registration->employers);
    size_t count = distinct_workplaces(enrol, codes);
    if (!enrol_has_workplaces(desk->protocol)) {
        for (size_t i = 0; i < enrol->count; i++)
            enrol_check_scope(enrol, &enrol->rows[i]);
        return true;
    }
    if (!sql_employers(enrol->tx,
            &(struct sql_employers){.trial_id = desk->trial_id,
                .scope = desk->scope,
                .codes = registration_list(enrol->arena, codes, count)},
            &found))
        return false;
    qsort(found.rows, found.count, sizeof *found.rows, compare_employers);
    for (size_t i = 0; i < enrol->count; i++) {
        check_employer(registration, i, &found);
        check_from(registration, &enrol->rows[i]);
    }
    return true;
}

/* A person's box and hash, in hex; the keys are those of the trial. */
static bool
encode_person(struct arena *arena, const struct vault_keys *keys, struct uuid unit_id,
    const struct vault_person *person, json_t *json)
{
    struct vault_sealed sealed;
    if (!vault_seal(keys, arena, unit_id, person, &sealed))
        return false;
    json_object_set_new(json, "key_version", json_integer(sealed.key_version));
    json_object_set_new(json, "box", json_string(hex_encode(arena, sealed.box, sealed.box_size)));
    if (sealed.number_hash != NULL)
        json_object_set_new(json, "number_hash",
            json_string(hex_encode(arena, sealed.number_hash, VAULT_HASH_SIZE)));
    return true;
}

static json_t *
encode(const struct registration *registration, size_t index, struct uuid unit_id, const char *code)
{
    const struct enrol_row *row = &registration->enrol.rows[index];
    const struct sql_employers_row *employer = registration->employers[index];
    const char *from = row->own[ENROL_FROM];
    char id[UUID_TEXT_SIZE];
    json_t *json = json_pack("{s:s, s:s, s:O}", "unit_id", uuid_text(unit_id, id), "code", code,
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

/* A batch on its way to the database. */
struct batch {
    struct arena *arena; /* boxes, given back after each batch */
    const struct vault_keys *keys;
    const struct vault_person *persons;
    const char *const *codes;
    const char **ids; /* of the units, filled as they are made */
    size_t from;
    size_t to;
};

/* NULL where a value of somebody's is longer than a box takes. */
static char *
encode_rows(const struct registration *registration, const struct batch *batch)
{
    json_t *rows = json_array();
    bool ok = true;
    for (size_t i = batch->from; ok && i < batch->to; i++) {
        struct uuid unit_id = uuid_new();
        json_t *json = encode(registration, i, unit_id, batch->codes[i]);
        batch->ids[i] = arena_strdup(
            registration->enrol.arena, json_string_value(json_object_get(json, "unit_id")));
        json_array_append_new(rows, json);
        if (!vault_person_is_empty(&batch->persons[i]))
            ok = encode_person(batch->arena, batch->keys, unit_id, &batch->persons[i], json);
    }
    char *text = ok ? json_dumps(rows, JSON_COMPACT) : NULL;
    json_decref(rows);
    return text;
}

/* The database works on a batch while the next one is sealed; what fails shows later. */
static bool
insert_rows(struct registration *registration, const struct batch *batch)
{
    const struct participant_desk *desk = registration->desk;
    struct tx *tx = registration->enrol.tx;
    char *text = encode_rows(registration, batch);
    if (text == NULL)
        return tx_fail(tx, ERROR_FIELDS, "A value of the identity is too long");
    bool ok = sql_participant_insert(tx,
        &(struct sql_participant_insert){.trial_id = desk->trial_id,
            .rows = text,
            .protocol_version = desk->version,
            .registered_by = desk->account_id},
        NULL);
    free(text);
    arena_reset(batch->arena);
    return ok;
}

static bool
has_persons(const struct registration *registration, const struct vault_person *persons)
{
    for (size_t i = 0; i < registration->enrol.count; i++)
        if (!vault_person_is_empty(&persons[i]))
            return true;
    return false;
}

/* Tasks for those who come to workplaces that are allocated. The protocol is not looked at after
 * this. */
static bool
plan_arrivals(struct registration *registration, const char *const *ids)
{
    const struct participant_desk *desk = registration->desk;
    struct enrol *enrol = &registration->enrol;
    bool ok = true;
    for (size_t from = 0; ok && from < enrol->count; from += ARRIVALS_AT_ONCE) {
        size_t left = enrol->count - from;
        ok = task_plan_arrivals(enrol->tx, desk->session, desk->trial_id,
            registration_list(
                enrol->arena, ids + from, left < ARRIVALS_AT_ONCE ? left : ARRIVALS_AT_ONCE));
    }
    return ok;
}

const char **
registration_insert(struct registration *registration, const struct vault_person *persons)
{
    const struct participant_desk *desk = registration->desk;
    struct enrol *enrol = &registration->enrol;
    size_t count = enrol->count;
    struct vault_keys *keys = NULL;
    if (has_persons(registration, persons) &&
        !vault_open(enrol->tx, desk->session, desk->trial_id, &keys))
        return NULL;
    const char **codes = registration_codes(registration, count);
    struct batch batch = {.arena = arena_new(),
        .keys = keys,
        .persons = persons,
        .codes = codes,
        .ids = arena_array(enrol->arena, count, sizeof *batch.ids)};
    bool ok = codes != NULL && sql_rows_by_key(enrol->tx, NULL);
    for (; ok && batch.from < count; batch.from = batch.to) {
        size_t left = count - batch.from;
        batch.to = batch.from + (left < ROWS_PER_INSERT ? left : ROWS_PER_INSERT);
        ok = insert_rows(registration, &batch);
    }
    arena_free(batch.arena);
    vault_close(keys);
    if (ok && registration_screen(registration, batch.ids) &&
        plan_arrivals(registration, batch.ids))
        return codes;
    tx_explain(enrol->tx, "unit_trial_id_code_key", ERROR_CONTENTION,
        "Somebody was given the same code at the same moment; try again");
    vault_explain(enrol->tx);
    return NULL;
}
