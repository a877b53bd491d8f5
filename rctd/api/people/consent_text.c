/*
 * consent_text.c: the texts that forms show, each in its language, byte for byte and for good.
 */
#include "api/handlers.h"
#include "base/digest.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 200000 /* bytes, as in the database */

/* clang-format off */
#define TEXT_FIELDS \
    { .name = "form", .type = FIELD_IDENTIFIER, .meaning = "The form that shows it" }, \
    { .name = "version", .type = FIELD_INTEGER, .meaning = "The form's version" }, \
    { .name = "language", .type = FIELD_STRING, .meaning = "Its language" }, \
    { .name = "sha256", .type = FIELD_STRING, .meaning = "Of the text's bytes in UTF-8, 64 hex digits" }, \
    { .name = "submitted_at", .type = FIELD_TIME, .meaning = "When it was submitted" }, \
    { .name = "submitted_by", .type = FIELD_STRING, .meaning = "The account that did" }
/* clang-format on */

const struct field consent_text_listed[] = {
    TEXT_FIELDS,
    {.name = "size", .type = FIELD_INTEGER, .meaning = "Bytes"},
    {0},
};

const struct field consent_text_answer[] = {
    TEXT_FIELDS,
    {.name = "text", .type = FIELD_STRING, .meaning = "The text itself"},
    {0},
};

const struct field consent_text_new[] = {
    {.name = "form",
        .type = FIELD_IDENTIFIER,
        .flags = FIELD_REQUIRED,
        .meaning = "A form of the protocol"},
    {.name = "version",
        .type = FIELD_INTEGER,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 10000,
        .meaning = "The version of it, of a locked protocol"},
    {.name = "language",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 2,
        .max = 10,
        .meaning = "One of the form's languages"},
    {.name = "text",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = TEXT_MAX,
        .meaning = "What is shown before somebody decides; it never changes"},
    {0},
};

bool
consent_text_list(struct call *call, struct error *error)
{
    struct sql_consent_text_list_rows rows;
    if (!sql_consent_text_list(
            call->tx, &(struct sql_consent_text_list){.trial_id = call->trial_id}, &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_consent_text_list_row *row = &rows.rows[i];
        list_add_next(call, json_pack("{s:s, s:i, s:s, s:o, s:o, s:s, s:i}", "form", row->form,
                                "version", row->form_version, "language", row->language, "sha256",
                                json_hex(row->sha256.data, row->sha256.size), "submitted_at",
                                json_time(row->submitted_at), "submitted_by", row->submitted_by,
                                "size", row->size));
    }
    return list_answer(call);
}

static bool
answer_one(struct call *call, int status, const char *form, int version, const char *language,
    struct error *error)
{
    struct sql_consent_text_get_row row;
    bool found;
    if (!sql_consent_text_get(call->tx,
            &(struct sql_consent_text_get){.trial_id = call->trial_id,
                .form = form,
                .form_version = version,
                .language = language},
            &row, &found))
        return call_failed(call, error);
    if (!found)
        return error_set(error, ERROR_NOT_FOUND, "text",
            "There is no text of the form %.63s, version %d, in %.10s; `rctctl consent texts' "
            "lists those that are there",
            form, version, language);
    return call_answer(call, status,
        json_pack("{s:s, s:i, s:s, s:o, s:o, s:s, s:s}", "form", form, "version", version,
            "language", language, "sha256", json_hex(row.sha256.data, row.sha256.size),
            "submitted_at", json_time(row.submitted_at), "submitted_by", row.submitted_by, "text",
            row.body));
}

bool
consent_text_show(struct call *call, struct error *error)
{
    long long version;
    if (!text_to_int64(call->request->parameters[2], &version) || version < 1 || version > 10000)
        return error_set(
            error, ERROR_NOT_FOUND, "text", "The version of a form is a number from 1 on");
    return answer_one(
        call, 200, call->request->parameters[1], (int)version, call->request->parameters[3], error);
}

/* The text of that form, version and language is stored already: the same again is no change. */
static bool
is_stored(
    struct call *call, const struct sql_consent_text_insert *in, bool *stored, struct error *error)
{
    struct sql_consent_text_get_row row;
    if (!sql_consent_text_get(call->tx,
            &(struct sql_consent_text_get){.trial_id = in->trial_id,
                .form = in->form,
                .form_version = in->form_version,
                .language = in->language},
            &row, stored))
        return call_failed(call, error);
    if (*stored && !text_equal(row.body, in->body))
        return error_set(error, ERROR_CONFLICT, "text",
            "The form %s, version %d, has another text in %s, which never changes; a new text is a "
            "new version of the form",
            in->form, in->form_version, in->language);
    return true;
}

bool
consent_text_add(struct call *call, struct error *error)
{
    const struct sql_consent_text_insert in = {.trial_id = call->trial_id,
        .form = call_text(call, "form"),
        .form_version = (int32_t)call_number(call, "version"),
        .language = call_text(call, "language"),
        .body = call_text(call, "text"),
        .submitted_by = call->caller.account_id};
    bool stored;
    if (strlen(in.body) > TEXT_MAX)
        return call_fault(call, error, "/text", "200,000 bytes at most", "is too long");
    if (!is_stored(call, &in, &stored, error))
        return false;
    if (!stored && !sql_consent_text_insert(call->tx, &in, NULL))
        return call_failed(call, error);
    return answer_one(call, 201, in.form, in.form_version, in.language, error);
}
