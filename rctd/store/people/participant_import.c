/*
 * participant_import.c: participants from a table, with who they are where the protocol asks: all
 * of them, or none with every faulty row told. A number that stands in the file twice is told with
 * both lines; one that is registered already is refused in words that tell nothing of the first.
 */
#include "base/digest.h"
#include "store/people/registration.h"
#include "store/vault/refusal.h"

#include <stdlib.h>
#include <string.h>

/* Numbers that the register is asked about at once. */
#define ASKED_AT_ONCE 5000

static struct vault_person *
read_persons(const struct enrol *enrol)
{
    struct vault_person *persons = arena_array(enrol->arena, enrol->count, sizeof *persons);
    for (size_t i = 0; i < enrol->count; i++) {
        const char *values[PERSON_FIELD_COUNT];
        enrol_person(&enrol->rows[i], values);
        persons[i].hash_only = enrol->subject->store == PROTOCOL_STORE_HASH;
        for (int field = 0; field < PERSON_FIELD_COUNT; field++)
            *vault_person_field(&persons[i], (enum person_field)field) = values[field];
    }
    return persons;
}

static int
compare_numbers(const void *a, const void *b)
{
    const struct enrol_row *const *x = a;
    const struct enrol_row *const *y = b;
    int order = strcmp((*x)->own[ENROL_IDENTITY], (*y)->own[ENROL_IDENTITY]);
    return order != 0 ? order : (*x)->line > (*y)->line ? 1 : -1;
}

/* The rows that have a number, by number. */
static struct enrol_row **
numbered_rows(const struct enrol *enrol, size_t *count)
{
    struct enrol_row **rows = arena_array(enrol->arena, enrol->count, sizeof *rows);
    *count = 0;
    for (size_t i = 0; i < enrol->count; i++)
        if (enrol->rows[i].own[ENROL_IDENTITY] != NULL)
            rows[(*count)++] = &enrol->rows[i];
    qsort(rows, *count, sizeof *rows, compare_numbers);
    return rows;
}

/* Nobody stands in a file twice. */
static void
check_twins(struct enrol *enrol, struct enrol_row **rows, size_t count)
{
    const struct enrol_row *first = NULL;
    for (size_t i = 0; i < count; i++) {
        bool twin =
            first != NULL && strcmp(first->own[ENROL_IDENTITY], rows[i]->own[ENROL_IDENTITY]) == 0;
        if (!twin)
            first = rows[i];
        else
            enrol_fault(enrol, rows[i], ENROL_IDENTITY,
                arena_printf(enrol->arena, "the same number stands in line %u", first->line),
                "keep one of the two");
    }
}

/* Those of these rows who are registered already. */
static bool
check_register(struct registration *registration, const struct vault_keys *keys,
    struct enrol_row **rows, size_t count)
{
    struct enrol *enrol = &registration->enrol;
    struct arena *arena = arena_new();
    struct sql_numbers_taken_rows taken;
    const char **hashes = arena_array(arena, count, sizeof *hashes);
    for (size_t i = 0; i < count; i++)
        hashes[i] = hex_encode(
            arena, vault_hash(keys, arena, rows[i]->own[ENROL_IDENTITY]), VAULT_HASH_SIZE);
    bool ok = sql_numbers_taken(enrol->tx,
        &(struct sql_numbers_taken){.trial_id = registration->desk->trial_id,
            .hashes = registration_list(arena, hashes, count)},
        &taken);
    *registration->desk->refused += ok ? taken.count : 0;
    for (size_t i = 0; ok && i < taken.count; i++)
        enrol_fault(enrol, rows[taken.rows[i].place - 1], ENROL_IDENTITY,
            "this person cannot be registered in this trial", "ask the trial office");
    arena_free(arena);
    return ok;
}

static bool
check_numbers(struct registration *registration)
{
    const struct participant_desk *desk = registration->desk;
    struct enrol *enrol = &registration->enrol;
    struct vault_keys *keys = NULL;
    size_t count;
    struct enrol_row **rows = numbered_rows(enrol, &count);
    if (count == 0)
        return true;
    check_twins(enrol, rows, count);
    bool ok = refusal_open(enrol->tx, desk->trial_id) &&
              vault_open(enrol->tx, desk->session, desk->trial_id, &keys);
    for (size_t from = 0; ok && from < count; from += ASKED_AT_ONCE)
        ok = check_register(registration, keys, rows + from,
            count - from < ASKED_AT_ONCE ? count - from : ASKED_AT_ONCE);
    vault_close(keys);
    return ok;
}

bool
participant_import_rows(struct tx *tx, const struct participant_desk *desk, const struct csv *csv,
    bool dry_run, struct faults *faults, struct enrol_imported *imported)
{
    struct registration registration;
    struct enrol *enrol = &registration.enrol;
    bool ok = false;
    *imported = (struct enrol_imported){.read = csv->count};
    if (!registration_begin(&registration, tx, desk, faults))
        goto out;
    enrol_read_table(enrol, csv);
    if (!registration_check_places(&registration) || !check_numbers(&registration) ||
        !enrol_refuse_faults(enrol))
        goto out;
    if (!dry_run)
        imported->codes = registration_insert(&registration, read_persons(enrol));
    ok = dry_run || imported->codes != NULL;
    if (imported->codes != NULL)
        imported->imported = enrol->count;
out:
    enrol_free(enrol);
    return ok;
}
