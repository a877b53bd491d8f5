/*
 * consent.c: the employer's agreement: who signed what, in which version, when, scope by scope; and
 * its withdrawal, which is one step and takes effect at once.
 */
#include "store/consent.h"

#include "api/handlers.h"
#include "base/clock.h"
#include "store/protocol.h"

#include <stdlib.h>

const struct field agreement_new[] = {
    {.name = "form",
        .type = FIELD_IDENTIFIER,
        .flags = FIELD_REQUIRED,
        .meaning = "A form of the protocol that workplaces sign"},
    {.name = "version",
        .type = FIELD_INTEGER,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 100000,
        .meaning = "The version of the form that was shown"},
    {.name = "language",
        .type = FIELD_STRING,
        .min = 2,
        .max = 10,
        .meaning = "The language that it was shown in; the form's first when absent"},
    {.name = "decision",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = (const char *const[]){"given", "withdrawn", NULL},
        .meaning = "What was decided"},
    {.name = "scopes",
        .type = FIELD_MAP_BOOLEAN,
        .max = 50,
        .meaning = "Every scope of the form to true or false; not for a withdrawal, which is of "
                   "the whole form"},
    {.name = "signed_by",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 200,
        .meaning = "Who decided; kept as a salted digest in the trail"},
    {.name = "shown_at",
        .type = FIELD_TIME,
        .meaning = "When the information was shown; not after signed_at"},
    {.name = "signed_at",
        .type = FIELD_TIME,
        .flags = FIELD_REQUIRED,
        .meaning = "When it was decided; not in the future"},
    {.name = "how",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = (const char *const[]){"paper", "link", "phone", NULL},
        .meaning = "How it reached the trial"},
    {.name = "reason",
        .type = FIELD_STRING,
        .max = 2000,
        .meaning = "Of a withdrawal, where one was given; nobody has to"},
    {0},
};

const struct field agreement_answer[] = {
    {.name = "agreement", .type = FIELD_UUID, .meaning = "The event's id"},
    {.name = "form", .type = FIELD_IDENTIFIER, .meaning = "The form"},
    {.name = "version", .type = FIELD_INTEGER, .meaning = "The version that was shown"},
    {.name = "language", .type = FIELD_STRING, .meaning = "The language that it was shown in"},
    {.name = "decision",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"given", "withdrawn", NULL},
        .meaning = "What was decided"},
    {.name = "scopes", .type = FIELD_MAP_BOOLEAN, .meaning = "Scope by scope"},
    {.name = "signed_by", .type = FIELD_STRING, .meaning = "Who decided"},
    {.name = "shown_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "When the information was shown"},
    {.name = "signed_at", .type = FIELD_TIME, .meaning = "When it was decided"},
    {.name = "how",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"paper", "link", "phone", NULL},
        .meaning = "How it reached the trial"},
    {.name = "recorded_at", .type = FIELD_TIME, .meaning = "When it was recorded"},
    {.name = "recorded_by", .type = FIELD_STRING, .meaning = "The account that recorded it"},
    {0},
};

const struct field agreement_made[] = {
    {.name = "agreement", .type = FIELD_UUID, .meaning = "The event's id"},
    {.name = "workplace", .type = FIELD_STRING, .meaning = "The workplace's code"},
    {.name = "form", .type = FIELD_IDENTIFIER, .meaning = "The form"},
    {.name = "decision",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"given", "withdrawn", NULL},
        .meaning = "What was decided"},
    {.name = "version", .type = FIELD_INTEGER, .meaning = "The version that was shown"},
    {.name = "scopes", .type = FIELD_MAP_BOOLEAN, .meaning = "Scope by scope"},
    {.name = "workplace_withdrawn",
        .type = FIELD_BOOLEAN,
        .meaning =
            "The workplace is out of the trial from now on; its tasks and reminders are cancelled"},
    {0},
};

bool
agreement_list(struct call *call, struct error *error)
{
    struct workplace workplace;
    struct sql_consent_list_rows rows;
    if (!workplace_read(call->tx, call->trial_id, call->scope, call->request->parameters[1], false,
            &workplace) ||
        !sql_consent_list(call->tx,
            &(struct sql_consent_list){
                .trial_id = call->trial_id, .unit_id = workplace.row.unit_id},
            &rows))
        return call_failed(call, error);
    json_t *items = json_array();
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_consent_list_row *row = &rows.rows[i];
        json_array_append_new(
            items, json_pack("{s:o, s:s, s:i, s:s, s:s, s:o, s:s, s:o, s:o, s:s, s:o, s:s}",
                       "agreement", json_id(row->consent_id), "form", row->form, "version",
                       row->form_version, "language", row->language, "decision", row->decision,
                       "scopes", json_stored(row->scopes), "signed_by", row->decided_by, "shown_at",
                       json_opt_time(row->shown_at), "signed_at", json_time(row->decided_at), "how",
                       row->how, "recorded_at", json_time(row->recorded_at), "recorded_by",
                       row->recorded_by));
    }
    page_answer(call->request, call->response, items, NULL);
    return true;
}

static const struct protocol_form *
find_form(struct call *call, const struct protocol *protocol, struct error *error)
{
    const char *name = call_text(call, "form");
    const struct protocol_form *form = protocol_form_by_name(protocol, name);
    struct text known;
    text_init(&known, call->arena);
    for (size_t i = 0; i < protocol->form_count; i++)
        if (protocol->forms[i].by == PROTOCOL_WORKPLACE)
            text_printf(&known, "%s%s", known.length == 0 ? "workplaces sign " : ", ",
                protocol->forms[i].name);
    if (form == NULL || form->by != PROTOCOL_WORKPLACE) {
        call_fault(
            call, error, "/form", known.bytes, "no form called %s is signed by workplaces", name);
        return NULL;
    }
    if (call_number(call, "version") > (long long)form->version) {
        call_fault(call, error, "/version",
            arena_printf(call->arena, "version %u is in force", form->version),
            "the form %s has no version %lld", name, call_number(call, "version"));
        return NULL;
    }
    return form;
}

static bool
has_scope(const struct protocol_form *form, const char *scope)
{
    for (size_t i = 0; i < form->scope_count; i++)
        if (text_equal(form->scopes[i], scope))
            return true;
    return false;
}

/* Every scope of the form with its answer, as JSON; NULL with faults. A withdrawal says no to all.
 */
static const char *
read_scopes(struct call *call, const struct protocol_form *form, bool given, struct error *error)
{
    json_t *sent = json_object_get(call->body, "scopes");
    json_t *kept = json_object();
    const char *name;
    json_t *value;
    const char *text = NULL;
    bool good = true;
    json_object_foreach(sent, name, value) if (!has_scope(form, name)) good =
        call_fault(call, error, arena_printf(call->arena, "/scopes/%s", name), NULL,
            "the form %s has no scope called %s", form->name, name);
    for (size_t i = 0; i < form->scope_count; i++) {
        json_t *answer = json_object_get(sent, form->scopes[i]);
        if (given && answer == NULL)
            good = call_fault(call, error, arena_printf(call->arena, "/scopes/%s", form->scopes[i]),
                "each scope of the form is agreed to or refused", "the scope %s has no answer",
                form->scopes[i]);
        json_object_set_new(kept, form->scopes[i], json_boolean(given && json_is_true(answer)));
    }
    if (!given && sent != NULL)
        good = call_fault(call, error, "/scopes",
            "leave it out, or send a new given agreement with fewer scopes",
            "a withdrawal is of the whole form");
    if (good) {
        char *dumped = json_dumps(kept, JSON_COMPACT);
        text = arena_strdup(call->arena, dumped);
        free(dumped);
    }
    json_decref(kept);
    return text;
}

/* Longer ago than this it is a mistyped year: no trial's agreements are that old. */
#define SIGNED_YEARS_MOST 20

static bool
read_times(struct call *call, struct consent_event *event, struct error *error)
{
    struct sql_rehearsal_get_row clock;
    const char *shown = call_text(call, "shown_at");
    if (!sql_rehearsal_get(call->tx, &clock))
        return call_failed(call, error);
    if (!clock_parse(call_text(call, "signed_at"), &event->decided_at) ||
        event->decided_at > clock.now)
        return call_fault(call, error, "/signed_at", "give a time that has passed",
            "the signature lies in the future");
    if (event->decided_at < clock.now - SIGNED_YEARS_MOST * INT64_C(365) * 24 * 3600 * 1000000)
        return call_fault(call, error, "/signed_at", "is the year right?",
            "the signature is more than %d years old", SIGNED_YEARS_MOST);
    event->shown_at.set = shown != NULL;
    if (shown != NULL &&
        (!clock_parse(shown, &event->shown_at.value) || event->shown_at.value > event->decided_at))
        return call_fault(call, error, "/shown_at", "information comes before the decision",
            "the information was shown after the signature");
    return true;
}

static bool
read_language(struct call *call, const struct protocol *protocol, const struct protocol_form *form,
    struct consent_event *event, struct error *error)
{
    const char **known = form->language_count > 0 ? form->languages : protocol->languages;
    size_t count = form->language_count > 0 ? form->language_count : protocol->language_count;
    event->language = call_text(call, "language");
    if (event->language == NULL)
        event->language = count > 0 ? known[0] : "en";
    for (size_t i = 0; i < count; i++)
        if (text_equal(known[i], event->language))
            return true;
    return count == 0 || call_fault(call, error, "/language", NULL,
                             "the form %s is not in that language", form->name);
}

bool
agreement_add(struct call *call, struct error *error)
{
    struct workplace workplace;
    struct uuid id;
    bool withdrawn;
    int version;
    const struct protocol *protocol =
        protocol_in_force(call->tx, call->session, call->trial_id, &version);
    if (protocol == NULL)
        return call_failed(call, error);
    const struct protocol_form *form = find_form(call, protocol, error);
    if (form == NULL)
        return false;
    struct consent_event event = {.form = form->name,
        .version = (unsigned)call_number(call, "version"),
        .given = text_equal(call_text(call, "decision"), "given"),
        .decided_by = call_text(call, "signed_by"),
        .how = call_text(call, "how"),
        .protocol_version = version,
        .recorded_by = call->caller.account_id};
    event.scopes = read_scopes(call, form, event.given, error);
    if (event.scopes == NULL || !read_times(call, &event, error) ||
        !read_language(call, protocol, form, &event, error))
        return false;
    if (!workplace_read(call->tx, call->trial_id, call->scope, call->request->parameters[1], true,
            &workplace) ||
        !consent_add(
            call->tx, protocol, call->trial_id, call->scope, &workplace, &event, &id, &withdrawn))
        return call_failed(call, error);
    return call_answer(call, 201,
        json_pack("{s:o, s:s, s:s, s:s, s:i, s:o, s:b}", "agreement", json_id(id), "workplace",
            workplace.row.code, "form", event.form, "decision", event.given ? "given" : "withdrawn",
            "version", (int)event.version, "scopes", json_stored(event.scopes),
            "workplace_withdrawn", withdrawn));
}
