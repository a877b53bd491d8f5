/*
 * protocol_advice.c: the look ahead at a lock: what stands in its way, what is probably not meant,
 * and which seeds it would make. Names methods, and is for those who may read the document.
 */
#include "api/conduct/protocol.h"
#include "api/handlers.h"
#include "base/clock.h"
#include "store/conduct/protocol_check.h"

#include <string.h>

static const struct field said_fields[] = {
    {.name = "pointer", .type = FIELD_STRING, .meaning = "Where it stands: phases.rct.scheme"},
    {.name = "line",
        .type = FIELD_INTEGER,
        .meaning = "Of the document, from 1; 0 where it is about no line"},
    {.name = "column", .type = FIELD_INTEGER, .meaning = "In characters, from 1"},
    {.name = "message", .type = FIELD_STRING, .meaning = "What is so, with its figure"},
    {.name = "remedy", .type = FIELD_STRING, .meaning = "What would be right; may be empty"},
    {.name = "source",
        .type = FIELD_STRING,
        .meaning = "The publication that it rests on; may be empty"},
    {0},
};

static const struct field scheme_fields[] = {
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "The scheme"},
    {.name = "label", .type = FIELD_STRING, .meaning = "TRIAL/SCHEME (rctd-allocation(7))"},
    {.name = "unit", .type = FIELD_STRING, .meaning = "What it allocates"},
    {.name = "method", .type = FIELD_STRING, .meaning = "How"},
    {.name = "strata", .type = FIELD_INTEGER, .meaning = "Number of sequences"},
    {.name = "seed",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"new", "kept", NULL},
        .meaning = "A lock makes a new seed and publishes its commitment; or a scheme that has "
                   "allocations, or is closed, keeps its own"},
    {0},
};

const struct field protocol_advice_answer[] = {
    {.name = "version", .type = FIELD_INTEGER, .meaning = "Counts from 1"},
    {.name = "state", .type = FIELD_STRING, .meaning = "draft or locked"},
    {.name = "sha256", .type = FIELD_STRING, .meaning = "Of the document, 64 hex digits"},
    {.name = "lockable", .type = FIELD_BOOLEAN, .meaning = "Nothing stands in the way of a lock"},
    {.name = "faults",
        .type = FIELD_ARRAY,
        .children = said_fields,
        .meaning = "What stands in its way"},
    {.name = "advice",
        .type = FIELD_ARRAY,
        .children = said_fields,
        .meaning = "What is allowed but probably not meant; stops nothing"},
    {.name = "schemes",
        .type = FIELD_ARRAY,
        .children = scheme_fields,
        .meaning = "What would be locked"},
    {0},
};

static json_t *
encode_faults(const struct faults *faults)
{
    json_t *list = json_array();
    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->items[i];
        json_array_append_new(
            list, json_pack("{s:s, s:i, s:i, s:s, s:s, s:s}", "pointer", fault->pointer, "line",
                      (int)fault->line, "column", (int)fault->column, "message", fault->message,
                      "remedy", fault->remedy, "source", fault->source));
    }
    return list;
}

static json_t *
encode_schemes(const char *trial, const struct protocol_preview *preview)
{
    const struct protocol *protocol = preview->protocol;
    json_t *list = json_array();
    for (size_t i = 0; protocol != NULL && i < protocol->scheme_count; i++) {
        const struct protocol_scheme *scheme = &protocol->schemes[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s++, s:s, s:s, s:I, s:s}", "scheme", scheme->name, "label",
                      trial, "/", scheme->name, "unit", protocol_unit_name(scheme->unit), "method",
                      protocol_method_name(scheme->method), "strata",
                      (json_int_t)protocol_scheme_strata(protocol, scheme), "seed",
                      preview->keeps_seed[i] ? "kept" : "new"));
    }
    return list;
}

bool
protocol_advice(struct call *call, struct error *error)
{
    struct protocol_preview preview;
    struct faults faults, advice;
    const struct protocol_origin origin = protocol_origin_of(call);
    int version;
    faults_init(&faults, call->arena);
    faults_init(&advice, call->arena);
    if (!protocol_version_of(call, &version, error))
        return false;
    if (!protocol_preview(call->tx, call->session, &origin, version, &faults, &preview))
        return call_failed(call, error);
    if (preview.protocol != NULL)
        protocol_advise(preview.protocol, clock_year(clock_now()), &advice);
    return call_answer(call, 200,
        json_pack("{s:i, s:s, s:o, s:b, s:o, s:o, s:o}", "version", version, "state", preview.state,
            "sha256", json_hex(preview.sha256.data, preview.sha256.size), "lockable",
            faults.total == 0, "faults", encode_faults(&faults), "advice", encode_faults(&advice),
            "schemes", encode_schemes(origin.trial, &preview)));
}
