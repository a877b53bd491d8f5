/*
 * workplace_import.c: registers a table of workplaces: every cell checked against the protocol,
 * every row against the others and against the register, and then all of them in, or none.
 */
#include "store/people/workplace.h"

#include "base/text.h"
#include "store/people/enrol.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_PER_INSERT 500

struct keyed {
    const char *identity_key;
    const struct enrol_row *row;
};

struct import {
    struct enrol enrol;
    struct keyed *rows;    /* as in enrol */
    struct keyed **sorted; /* by identity key, then line */
};

/* What tells the workplace from every other: its identifiers in protocol order; its name where the
 * protocol has none. */
static const char *
identity_key(const struct enrol *enrol, const struct enrol_row *row)
{
    struct text key;
    text_init(&key, enrol->arena);
    for (size_t i = 0; i < enrol->subject->identifier_count; i++) {
        const char *name = enrol->subject->identifiers[i].name;
        const char *value = json_string_value(json_object_get(row->identifiers, name));
        text_printf(&key, "%s%s=%s", i == 0 ? "" : "|", name, value == NULL ? "" : value);
    }
    if (key.length == 0)
        text_printf(&key, "name=%s", row->own[ENROL_NAME] == NULL ? "" : row->own[ENROL_NAME]);
    return key.bytes;
}

static int
compare_rows(const void *a, const void *b)
{
    const struct keyed *const *x = a;
    const struct keyed *const *y = b;
    int order = strcmp((*x)->identity_key, (*y)->identity_key);
    return order != 0 ? order : (*x)->row->line > (*y)->row->line ? 1 : -1;
}

static void
check_twins(struct import *import)
{
    struct enrol *enrol = &import->enrol;
    import->rows = arena_array(enrol->arena, enrol->count, sizeof *import->rows);
    import->sorted = arena_array(enrol->arena, enrol->count, sizeof(struct keyed *));
    for (size_t i = 0; i < enrol->count; i++) {
        import->rows[i] = (struct keyed){identity_key(enrol, &enrol->rows[i]), &enrol->rows[i]};
        import->sorted[i] = &import->rows[i];
    }
    if (enrol->count > 1)
        qsort(import->sorted, enrol->count, sizeof *import->sorted, compare_rows);
    for (size_t i = 1; i < enrol->count; i++) {
        const struct keyed *one = import->sorted[i];
        const struct keyed *before = import->sorted[i - 1];
        if (strcmp(one->identity_key, before->identity_key) == 0)
            faults_add(enrol->faults, "duplicate", one->row->line, one->row->column,
                "each workplace stands once; tell establishments apart by their number",
                "the same workplace as in line %u", before->row->line);
    }
}

static int
compare_key(const void *key, const void *row)
{
    const struct keyed *const *one = row;
    return strcmp(key, (*one)->identity_key);
}

static bool
check_register(struct import *import, struct uuid trial_id)
{
    struct enrol *enrol = &import->enrol;
    json_t *keys = json_array();
    for (size_t i = 0; i < enrol->count; i++)
        json_array_append_new(keys, json_string(import->rows[i].identity_key));
    char *text = json_dumps(keys, JSON_COMPACT);
    struct sql_workplace_known_rows known;
    bool ok = sql_workplace_known(
        enrol->tx, &(struct sql_workplace_known){.trial_id = trial_id, .keys = text}, &known);
    free(text);
    json_decref(keys);
    for (size_t k = 0; ok && k < known.count; k++) {
        struct keyed *const *one = bsearch(known.rows[k].identity_key, import->sorted, enrol->count,
            sizeof *import->sorted, compare_key);
        faults_add(enrol->faults, "duplicate", (*one)->row->line, (*one)->row->column,
            "take the line out of the file", "this workplace is registered already, as %s",
            known.rows[k].code);
    }
    return ok;
}

static bool
insert_rows(struct import *import, struct uuid trial_id, int first_number, size_t from, size_t to)
{
    json_t *rows = json_array();
    char id[UUID_TEXT_SIZE];
    char code[24];
    for (size_t i = from; i < to; i++) {
        const struct enrol_row *row = &import->enrol.rows[i];
        snprintf(code, sizeof code, "W%04d", first_number + (int)i);
        json_array_append_new(
            rows, json_pack("{s:s, s:s, s:s, s:s, s:O, s:O}", "unit_id", uuid_text(uuid_new(), id),
                      "code", code, "name", row->own[ENROL_NAME], "identity_key",
                      import->rows[i].identity_key, "identifiers", row->identifiers, "attributes",
                      row->attributes));
    }
    char *text = json_dumps(rows, JSON_COMPACT);
    bool ok = sql_workplace_insert(
        import->enrol.tx, &(struct sql_workplace_insert){.trial_id = trial_id, .rows = text}, NULL);
    free(text);
    json_decref(rows);
    return ok;
}

/* Takes the numbers of the codes. Others who register wait from here on, so that what they bring in
 * is looked at against what is brought in here. */
static bool
take_numbers(const struct enrol *enrol, struct uuid trial_id, int *first)
{
    struct sql_unit_counter_take_row counter;
    if (!sql_unit_counter_take(enrol->tx,
            &(struct sql_unit_counter_take){
                .trial_id = trial_id, .kind = "workplace", .count = (int32_t)enrol->count},
            &counter))
        return false;
    *first = counter.last - (int)enrol->count + 1;
    return true;
}

static bool
insert_all(struct import *import, struct uuid trial_id, int first, struct enrol_imported *imported)
{
    size_t count = import->enrol.count;
    for (size_t from = 0; from < count; from += ROWS_PER_INSERT)
        if (!insert_rows(import, trial_id, first, from,
                from + ROWS_PER_INSERT < count ? from + ROWS_PER_INSERT : count))
            return false;
    imported->imported = count;
    if (count == 0)
        return true;
    imported->first = arena_printf(import->enrol.arena, "W%04d", first);
    imported->last = arena_printf(import->enrol.arena, "W%04d", first + (int)count - 1);
    return true;
}

bool
workplace_import_rows(struct tx *tx, const struct protocol *protocol, struct uuid trial_id,
    const char *scope, const struct csv *csv, bool dry_run, struct faults *faults,
    struct enrol_imported *imported)
{
    struct import import = {0};
    struct enrol *enrol = &import.enrol;
    int first = 0;
    *imported = (struct enrol_imported){.read = csv->count};
    enrol_init(enrol, tx, protocol, PROTOCOL_WORKPLACE, scope, faults);
    enrol_read_table(enrol, csv);
    for (size_t i = 0; i < enrol->count; i++)
        enrol_check_scope(enrol, &enrol->rows[i]);
    check_twins(&import);
    bool registers = !dry_run && faults->total == 0;
    bool ok = (!registers || take_numbers(enrol, trial_id, &first)) &&
              check_register(&import, trial_id) && enrol_refuse_faults(enrol) &&
              (dry_run || insert_all(&import, trial_id, first, imported));
    enrol_free(enrol);
    return ok;
}
