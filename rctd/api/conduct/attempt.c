/*
 * attempt.c: the record of dry runs and refusals, for the auditor.
 */
#include "api/handlers.h"
#include "api/people/unit.h"

const struct field attempt_answer[] = {
    {.name = "attempt", .type = FIELD_UUID, .meaning = "The record's id"},
    {.name = "kind",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"dry-run", "refused", NULL},
        .meaning = "A dry run, or a request that was refused"},
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "The scheme"},
    UNIT_FIELDS,
    {.name = "stratum",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The stratum that was shown"},
    {.name = "missing", .type = FIELD_ARRAY, .meaning = "What was missing"},
    {.name = "at", .type = FIELD_TIME, .meaning = "When"},
    {.name = "account", .type = FIELD_STRING, .meaning = "Who asked"},
    {.name = "followed",
        .type = FIELD_BOOLEAN,
        .meaning = "It was allocated in the scheme afterwards; false: abandoned so far"},
    {0},
};

bool
attempt_list(struct call *call, struct error *error)
{
    struct sql_attempt_list_rows rows;
    if (!sql_attempt_list(call->tx,
            &(struct sql_attempt_list){
                .trial_id = call->trial_id, .after = call->list.after_id, .most = call->list.most},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_attempt_list_row *row = &rows.rows[i];
        bool workplace = text_equal(row->unit, "workplace");
        list_add_id(call, row->attempt_id,
            json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:b}", "attempt",
                json_id(row->attempt_id), "kind", row->kind, "scheme", row->scheme, "workplace",
                json_text(workplace ? row->code : NULL), "participant",
                json_text(workplace ? NULL : row->code), "stratum", json_text(row->stratum),
                "missing", json_stored(row->missing), "at", json_time(row->at), "account",
                row->account, "followed", row->followed));
    }
    return list_answer(call);
}
