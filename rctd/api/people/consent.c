/*
 * consent.c: the employer's agreement and the participant's consent: who signed what, in which
 * version, when, scope by scope; and the withdrawal, which is one step and takes effect at once.
 */
#include "store/people/consent.h"

#include "api/handlers.h"
#include "api/people/moment.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/nearest.h"
#include "store/conduct/protocol.h"

#include <stdlib.h>

/* The words of each kind: what an event is called, and that it took the unit out. */
static const struct {
    const char *event;
    const char *withdrawn;
    const char *signs; /* who signs, as a sentence begins */
} words[PROTOCOL_UNITS] = {
    [PROTOCOL_WORKPLACE] = {"agreement", "workplace_withdrawn", "workplaces sign "},
    [PROTOCOL_PARTICIPANT] = {"consent", "participant_withdrawn", "participants sign "},
};

static json_t *
encode_event(enum protocol_unit kind, const struct sql_consent_list_row *row)
{
    json_t *json = json_pack("{s:o, s:s, s:i, s:s, s:s, s:o, s:s, s:o, s:o, s:s, s:o, s:s?}",
        words[kind].event, json_id(row->consent_id), "form", row->form, "version",
        row->form_version, "language", row->language, "decision", row->decision, "scopes",
        json_stored(row->scopes), "signed_by", row->decided_by, "shown_at",
        json_opt_time(row->shown_at), "signed_at", json_time(row->decided_at), "how", row->how,
        "recorded_at", json_time(row->recorded_at), "recorded_by", row->recorded_by);
    json_object_set_new(json, "text_sha256",
        row->text_sha256.data == NULL ? json_null()
                                      : json_hex(row->text_sha256.data, row->text_sha256.size));
    json_object_set_new(json, "legal_basis", json_text(row->legal_basis));
    json_object_set_new(json, "signed_on", json_text(row->decided_on));
    if (row->after_reveal.set)
        json_object_set_new(json, "after_reveal", json_boolean(row->after_reveal.value));
    if (kind == PROTOCOL_PARTICIPANT)
        json_object_set_new(
            json, "link", row->link_id.set ? json_id(row->link_id.value) : json_null());
    return json;
}

static bool
list_events(struct call *call, enum protocol_unit kind, struct error *error)
{
    struct unit unit;
    struct sql_consent_list_rows rows;
    if (!unit_read(call->tx, call->trial_id, call->scope, kind, call->request->parameters[1], false,
            &unit) ||
        !sql_consent_list(call->tx,
            &(struct sql_consent_list){.trial_id = call->trial_id, .unit_id = unit.row.unit_id},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        list_add_next(call, encode_event(kind, &rows.rows[i]));
    return list_answer(call);
}

static const struct protocol_form *
find_form(struct call *call, const struct protocol *protocol, enum protocol_unit kind,
    struct error *error)
{
    const char *name = call_text(call, "form");
    const struct protocol_form *form = protocol_form_by_name(protocol, name);
    struct text known;
    text_init(&known, call->arena);
    for (size_t i = 0; i < protocol->form_count; i++)
        if (protocol->forms[i].by == kind)
            text_printf(&known, "%s%s", known.length == 0 ? words[kind].signs : ", ",
                protocol->forms[i].name);
    if (form == NULL || form->by != kind) {
        call_fault(call, error, "/form", known.bytes, "no form called %s is signed by %ss", name,
            protocol_unit_name(kind));
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

static const char **
read_list(struct call *call, const char *json, size_t *count)
{
    json_t *array = json_loads(json, 0, NULL);
    const char **items = arena_array(call->arena, json_array_size(array), sizeof *items);
    size_t index;
    json_t *item;
    json_array_foreach(array, index, item) items[index] =
        arena_strdup(call->arena, json_string_value(item));
    *count = json_array_size(array);
    json_decref(array);
    return items;
}

/* The form as it was in an older version, which may have asked for other things. */
static const struct protocol_form *
in_version(struct call *call, const struct protocol_form *form, struct error *error)
{
    struct sql_consent_form_get_row row;
    bool found;
    int32_t version = (int32_t)call_number(call, "version");
    if (version == (int32_t)form->version)
        return form;
    if (!sql_consent_form_get(call->tx,
            &(struct sql_consent_form_get){
                .trial_id = call->trial_id, .form = form->name, .form_version = version},
            &row, &found)) {
        call_failed(call, error);
        return NULL;
    }
    struct protocol_form *older = arena_alloc(call->arena, sizeof *older);
    *older = *form;
    if (found) {
        older->scopes = read_list(call, row.scopes, &older->scope_count);
        older->languages = read_list(call, row.languages, &older->language_count);
    }
    return older;
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
    json_object_foreach(sent, name, value) if (!protocol_form_has(form, name)) good =
        call_fault(call, error, arena_printf(call->arena, "/scopes/%s", name),
            nearest_remedy(call->arena, name, form->scopes, form->scope_count),
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
            "leave it out, or send a new one that is given, with false for what is refused",
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
    struct moment decided, shown;
    if (!moment_read(call, "signed_at", "the signature lies in the future", &decided, error) ||
        !moment_read(call, "shown_at", "the information lies in the future", &shown, error))
        return false;
    if (decided.first < clock_now() - SIGNED_YEARS_MOST * INT64_C(365) * 24 * 3600 * 1000000)
        return call_fault(call, error, "/signed_at", "is the year right?",
            "the signature is more than %d years old", SIGNED_YEARS_MOST);
    if (shown.told && shown.first > decided.last)
        return call_fault(call, error, "/shown_at", "information comes before the decision",
            "the information was shown after the signature");
    event->decided_at = decided.first;
    event->decided_on = decided.day;
    event->shown_at = (struct opt_int64){shown.told, shown.first};
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

/* A person's name stands nowhere but in the vault: a participant decides as participant, or
 * somebody decides for them. */
static const char *
read_signer(struct call *call, enum protocol_unit kind)
{
    const char *signer = call_text(call, "signed_by");
    return signer == NULL && kind == PROTOCOL_PARTICIPANT ? "participant" : signer;
}

/* The hash of the text that was read, where the caller says it. */
static bool
read_hash(struct call *call, struct consent_event *event, struct error *error)
{
    const char *hex = call_text(call, "text_sha256");
    struct digest *digest = arena_alloc(call->arena, sizeof *digest);
    if (hex == NULL)
        return true;
    if (!hex_decode(hex, digest->bytes, sizeof digest->bytes))
        return call_fault(call, error, "/text_sha256", "64 hex digits, as the list of texts has it",
            "is no SHA-256");
    event->text_sha256 = (struct bytes){digest->bytes, sizeof digest->bytes};
    return true;
}

static bool
add_event(struct call *call, enum protocol_unit kind, struct error *error)
{
    struct unit unit;
    struct uuid id;
    struct consent_effect effect;
    int version;
    const struct protocol *protocol =
        protocol_in_force(call->tx, call->session, call->trial_id, &version);
    if (protocol == NULL)
        return call_failed(call, error);
    const struct protocol_form *form = find_form(call, protocol, kind, error);
    if (form == NULL || (form = in_version(call, form, error)) == NULL)
        return false;
    struct consent_event event = {.form = form->name,
        .version = (unsigned)call_number(call, "version"),
        .given = text_equal(call_text(call, "decision"), "given"),
        .decided_by = read_signer(call, kind),
        .how = call_text(call, "how"),
        .protocol_version = version,
        .recorded_by = call->caller.account_id};
    event.scopes = read_scopes(call, form, event.given, error);
    if (event.scopes == NULL || !read_hash(call, &event, error) ||
        !read_times(call, &event, error) || !read_language(call, protocol, form, &event, error))
        return false;
    if (!unit_read(call->tx, call->trial_id, call->scope, kind, call->request->parameters[1], true,
            &unit) ||
        !consent_add(call->tx, call->trial_id, &unit, &event, &id, &effect))
        return call_failed(call, error);
    return call_answer(call, 201,
        json_pack("{s:o, s:s, s:s, s:s, s:i, s:o, s:b, s:b, s:I, s:I}", words[kind].event,
            json_id(id), protocol_unit_name(kind), unit.row.code, "form", event.form, "decision",
            event.given ? "given" : "withdrawn", "version", (int)event.version, "scopes",
            json_stored(event.scopes), words[kind].withdrawn, effect.withdrawn, "out_already",
            effect.was_out, "tasks", (json_int_t)effect.tasks, "reminders",
            (json_int_t)effect.reminders));
}

bool
agreement_list(struct call *call, struct error *error)
{
    return list_events(call, PROTOCOL_WORKPLACE, error);
}

bool
agreement_add(struct call *call, struct error *error)
{
    return add_event(call, PROTOCOL_WORKPLACE, error);
}

bool
consent_list(struct call *call, struct error *error)
{
    return list_events(call, PROTOCOL_PARTICIPANT, error);
}

bool
consent_record(struct call *call, struct error *error)
{
    return add_event(call, PROTOCOL_PARTICIPANT, error);
}
