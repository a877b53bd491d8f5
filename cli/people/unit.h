/*
 * unit.h: how units of either kind, workplaces and participants, are shown alike.
 */
#ifndef RCTD_CLI_UNIT_H
#define RCTD_CLI_UNIT_H

#include "cli/table.h"

/* Columns of what a workplace agreed to, or a participant consented to; the event's own name
 * follows. */
#define UNIT_CONSENT_COLUMNS                                                                       \
    {"form", "FORM", COLUMN_TEXT}, {"version", "VERSION", COLUMN_NUMBER},                          \
        {"decision", "DECISION", COLUMN_TEXT}, {"scopes", "SCOPES", COLUMN_LONG},                  \
        {"signed_at", "SIGNED", COLUMN_TIME}, {"signed_by", "BY", COLUMN_TEXT},                    \
        {"signed_on", "SIGNED ON", COLUMN_CSV}, {"how", "HOW", COLUMN_TEXT},                       \
        {"shown_at", "SHOWN", COLUMN_CSV}, {"text_sha256", "TEXT SHA-256", COLUMN_CSV},            \
        {"legal_basis", "LEGAL BASIS", COLUMN_CSV}, {"link", "LINK", COLUMN_CSV},                  \
        {"language", "LANGUAGE", COLUMN_CSV}, {"recorded_at", "RECORDED", COLUMN_CSV},             \
    {                                                                                              \
        "recorded_by", "RECORDED BY", COLUMN_CSV                                                   \
    }

/* What may be done with a unit now, and why not. */
extern const struct column unit_may_columns[];

/* Gives a unit of a list for people the number of what is missing, as `missing_count`, where there
 * is some (`show' says it in words), and a workplace that is no more what became of it as `state`.
 */
void unit_put_in_words(const struct session *session, json_t *unit);

/* What a code names: "participant" where it begins with P, else "workplace". */
const char *unit_kind_of_code(const char *code);

#endif
