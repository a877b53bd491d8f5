/*
 * workplace_import.c: takes a CSV file of workplaces: all of it, or none with every fault listed;
 * and how an import of either kind of unit is answered.
 */
#include "api/handlers.h"
#include "api/people/unit.h"
#include "store/conduct/protocol.h"
#include "store/people/workplace.h"

const struct field import_query[] = {
    {.name = "dry_run",
        .type = FIELD_BOOLEAN,
        .meaning = "true: check everything, register nothing"},
    {0},
};

const struct field import_answer[] = {
    {.name = "read", .type = FIELD_INTEGER, .meaning = "Rows of the file"},
    {.name = "imported",
        .type = FIELD_INTEGER,
        .meaning = "How many were registered; 0 for a dry run"},
    {.name = "first",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "Code of the first one; null of participants, whose codes have no order"},
    {.name = "last",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "Code of the last one; likewise"},
    {.name = "codes",
        .type = FIELD_ARRAY,
        .flags = FIELD_NULLABLE,
        .meaning =
            "Of participants: the codes, in the order of the file's rows. Sent again with its "
            "Idempotency-Key, the file is answered with the same ones for two days. Null of "
            "workplaces, and for a dry run"},
    {.name = "encoding", .type = FIELD_STRING, .meaning = "The encoding that was found"},
    {.name = "delimiter", .type = FIELD_STRING, .meaning = "The delimiter that was found"},
    {0},
};

static json_t *
encode_codes(const struct enrol_imported *imported)
{
    if (imported->codes == NULL)
        return json_null();
    json_t *codes = json_array();
    for (size_t i = 0; i < imported->imported; i++)
        json_array_append_new(codes, json_string(imported->codes[i]));
    return codes;
}

bool
import_answered(struct call *call, const struct csv *csv, const struct enrol_imported *imported)
{
    const char delimiter[] = {csv->delimiter, '\0'};
    return call_answer(call, 200,
        json_pack("{s:I, s:I, s:o, s:o, s:o, s:s, s:s}", "read", (json_int_t)imported->read,
            "imported", (json_int_t)imported->imported, "first", json_text(imported->first), "last",
            json_text(imported->last), "codes", encode_codes(imported), "encoding", csv->encoding,
            "delimiter", delimiter));
}

bool
workplace_import(struct call *call, struct error *error)
{
    struct csv csv;
    struct enrol_imported imported;
    int version;
    bool readable =
        csv_read(call->arena, call->request->body, call->request->body_size, &call->faults, &csv);
    const struct protocol *protocol =
        protocol_in_force(call->tx, call->session, call->trial_id, &version);
    if (protocol == NULL)
        return call_failed(call, error);
    if (!readable && csv.header.count == 0)
        return error_set(error, ERROR_FIELDS, "csv", "The file cannot be read as a table");
    if (!workplace_import_rows(call->tx, protocol, call->trial_id, call->scope, &csv,
            text_equal(http_query(call->request, "dry_run"), "true"), &call->faults, &imported))
        return call_failed(call, error);
    return import_answered(call, &csv, &imported);
}
