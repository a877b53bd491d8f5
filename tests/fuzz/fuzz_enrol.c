/*
 * fuzz_enrol.c: whatever table of workplaces or people a coordinator brings in, each row is kept in
 * its normal form or has a fault with a place, and no fault repeats a number of somebody's.
 */
#include "require.h"

#include "base/personal.h"
#include "base/text.h"
#include "store/people/enrol.h"

#include <stdint.h>
#include <string.h>

static const char protocol_text[] =
    "trial: t\n"
    "title: T\n"
    "time_zone: UTC\n"
    "languages: [en]\n"
    "workplace:\n"
    "  identifiers: {orgnr: {type: se-orgnr, required: true}, cfar: {type: se-cfar}}\n"
    "  attributes: {county: {levels: [se-ab, se-c]}, employees: {type: integer, min: 1, max: "
    "999}}\n"
    "participant:\n"
    "  identity: {type: se-personnummer, store: vault}\n"
    "  contact: [name, phone, email, address]\n"
    "  attributes: {sex: {levels: [woman, man]}, shift: {type: boolean}, job: {pattern: "
    "'^[0-9]{4}$'}}\n"
    "arms: {a: {label: A}, b: {label: B}}\n"
    "phases: {main: {scheme: {unit: workplace, method: simple, ratio: {a: 1, b: 1}, strata: "
    "[county]}}}\n";

static void
check_faults(const struct enrol *enrol)
{
    for (size_t i = 0; i < enrol->faults->count; i++) {
        const struct fault *fault = &enrol->faults->items[i];
        require(fault->line >= 1 && fault->message[0] != '\0');
        require(text_is_utf8(fault->message, strlen(fault->message)));
        require(enrol->kind == PROTOCOL_WORKPLACE || !personal_number_in(fault->message));
    }
}

/* What is kept of a row passes the checks as it is. */
static void
check_row(struct arena *arena, const struct enrol *enrol, const struct enrol_row *row)
{
    const char *name, *again;
    const char *values[PERSON_FIELD_COUNT];
    json_t *value;
    require(row->line > 1 && row->cells->count == enrol->csv->header.count);
    json_object_foreach(row->attributes, name, value)
    {
        const struct protocol_attribute *attribute =
            protocol_attribute_by_name(enrol->subject, name);
        if (attribute == NULL)
            continue; /* the site */
        const char *kept = json_string_value(value);
        require(protocol_attribute_check(arena, attribute, kept, &again));
        require(strcmp(kept, again) == 0);
    }
    enrol_person(row, values);
    for (int field = 0; field < PERSON_FIELD_COUNT; field++)
        if (enrol->kind == PROTOCOL_PARTICIPANT && values[field] != NULL)
            require(person_check(arena, enrol->subject, (enum person_field)field, values[field],
                        enrol->year, &again) &&
                    strcmp(values[field], again) == 0);
}

static void
read_table(struct arena *arena, const struct protocol *protocol, enum protocol_unit kind,
    const struct csv *csv)
{
    struct faults faults;
    faults_init(&faults, arena);
    struct enrol enrol = {.arena = arena,
        .protocol = protocol,
        .kind = kind,
        .subject = &protocol->subjects[kind],
        .faults = &faults,
        .year = 2026};
    enrol_read_table(&enrol, csv);
    check_faults(&enrol);
    for (size_t i = 0; i < enrol.count; i++)
        check_row(arena, &enrol, &enrol.rows[i]);
    enrol_free(&enrol);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena *arena = arena_new();
    struct faults faults;
    struct csv csv;
    faults_init(&faults, arena);
    const struct protocol *protocol =
        protocol_parse(arena, protocol_text, sizeof protocol_text - 1, &faults);
    require(protocol != NULL);
    if (csv_read(arena, bytes, size, &faults, &csv) || csv.header.count > 0) {
        read_table(arena, protocol, PROTOCOL_WORKPLACE, &csv);
        read_table(arena, protocol, PROTOCOL_PARTICIPANT, &csv);
    }
    arena_free(arena);
    return 0;
}
