/*
 * notice.c: what an account must hear of, as its inbox: who asked for an arm, was told one, and
 * what was decided. A notice never holds an arm.
 */
#include "api/handlers.h"
#include "http/body.h"

#include <string.h>

static const char *const kinds[] = {"unblinding-emergency", "unblinding-asked",
    "unblinding-approved", "unblinding-refused", "unblinding-read", "arm-told", "password-code",
    "password-set", "password-changed", "password-removed", NULL};

const struct field notice_query[] = {
    {.name = "unread", .type = FIELD_BOOLEAN, .meaning = "true: only those that were not read"},
    {0},
};

const struct field notice_answer[] = {
    {.name = "notice", .type = FIELD_UUID, .meaning = "Its id"},
    {.name = "trial", .type = FIELD_IDENTIFIER, .meaning = "The trial that it is about"},
    {.name = "kind", .type = FIELD_STRING, .choices = kinds, .meaning = "What happened"},
    {.name = "text", .type = FIELD_STRING, .meaning = "The same in a sentence"},
    {.name = "workplace",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The workplace that it happened to"},
    {.name = "participant",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The participant that it happened to"},
    {.name = "about",
        .type = FIELD_UUID,
        .flags = FIELD_NULLABLE,
        .meaning = "The unblinding, or what somebody knows"},
    {.name = "actor", .type = FIELD_STRING, .meaning = "Who did it"},
    {.name = "at", .type = FIELD_TIME, .meaning = "When"},
    {.name = "read_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "When you marked it as read; null: not yet"},
    {0},
};

/* What each kind says: of whom, about which unit. */
static const struct sentence {
    const char *kind;
    const char *format;
} sentences[] = {
    {"unblinding-emergency", "%s was told the arm of %s in an emergency"},
    {"unblinding-asked", "%s asks to be told the arm of %s; it takes another person's approval"},
    {"unblinding-approved", "%s has approved that you are told the arm of %s"},
    {"unblinding-refused", "%s has refused that you are told the arm of %s"},
    {"unblinding-read", "%s was told the arm of %s, as another person had approved"},
    {"arm-told", "%s has come to know the arm of %s"},
    {"password-code", "%s has made a code, with which your first password can be set"},
    {"password-set", "%s has set the password that your account signs with"},
    {"password-changed", "%s has changed the password that your account signs with"},
    {"password-removed", "%s has taken away the password that your account signed with"},
};

static const char *
sentence(struct arena *arena, const struct sql_notice_list_row *row)
{
    struct text text;
    text_init(&text, arena);
    for (size_t i = 0; i < COUNT_OF(sentences); i++) {
        if (strcmp(sentences[i].kind, row->kind) != 0)
            continue;
        const char *rest = strstr(sentences[i].format + 2, "%s");
        text_append(&text, row->actor);
        if (rest == NULL) {
            text_append(&text, sentences[i].format + 2);
            continue;
        }
        text_append_bytes(&text, sentences[i].format + 2, (size_t)(rest - sentences[i].format - 2));
        text_append(&text, row->code == NULL ? "a unit" : row->code);
        text_append(&text, rest + 2);
    }
    return text.bytes;
}

static json_t *
encode(struct call *call, const struct sql_notice_list_row *row)
{
    bool workplace = row->unit != NULL && strcmp(row->unit, "workplace") == 0;
    return json_pack("{s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:o, s:o}", "notice",
        json_id(row->notice_id), "trial", row->trial, "kind", row->kind, "text",
        sentence(call->arena, row), "workplace", json_text(workplace ? row->code : NULL),
        "participant", json_text(workplace ? NULL : row->code), "about",
        row->about.set ? json_id(row->about.value) : json_null(), "actor", row->actor, "at",
        json_time(row->at), "read_at", json_opt_time(row->read_at));
}

bool
notice_list(struct call *call, struct error *error)
{
    struct sql_notice_list_rows rows;
    const char *unread = http_query(call->request, "unread");
    const struct sql_notice_list query = {.unread = {unread != NULL, text_equal(unread, "true")},
        .after = call->list.after_id,
        .most = call->list.most};
    if (!sql_notice_list(call->tx, &query, &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        list_add_id(call, rows.rows[i].notice_id, encode(call, &rows.rows[i]));
    return list_answer(call);
}

static bool
not_yours(const struct call *call, struct error *error)
{
    return error_set(error, ERROR_NOT_FOUND, "notice", "There is no notice %s for you",
        call->request->parameters[0]);
}

bool
notice_mark_read(struct call *call, struct error *error)
{
    struct uuid id;
    struct sql_notice_list_rows rows;
    if (!uuid_parse(call->request->parameters[0], &id))
        return not_yours(call, error);
    struct sql_notice_list query = {.most = 1, .notice_id = {true, id}};
    if (!sql_notice_list(call->tx, &query, &rows))
        return call_failed(call, error);
    if (rows.count == 0)
        return not_yours(call, error);
    if (!sql_notice_read(call->tx,
            &(struct sql_notice_read){.trial = rows.rows[0].trial, .notice_id = id}, NULL) ||
        !sql_notice_list(call->tx, &query, &rows))
        return call_failed(call, error);
    return call_answer(call, 200, encode(call, &rows.rows[0]));
}
