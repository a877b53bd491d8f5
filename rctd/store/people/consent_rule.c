/*
 * consent_rule.c: turns the consents that a protocol asks for into rows. They are worked out here,
 * since the database cannot read a protocol, and never change once the version is locked.
 */
#include "store/people/consent_rule.h"

#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "store/contact/calendar.h"
#include "trial/consent.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* JSON text in the arena; takes the reference. */
static const char *
dump(struct tx *tx, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    const char *kept = arena_strdup(tx_arena(tx), text);
    free(text);
    json_decref(json);
    return kept;
}

static json_t *
texts(const char *const *items, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_string(items[i]));
    return array;
}

static json_t *
hashes(const struct protocol_texts *by_language)
{
    json_t *object = json_object();
    for (size_t i = 0; i < by_language->count; i++)
        json_object_set_new(
            object, by_language->items[i].language, json_string(by_language->items[i].text));
    return object;
}

static void
add_reconsent(json_t *row, const struct protocol_reconsent *reconsent)
{
    json_t *waits = json_array();
    for (int action = 0; action < CONSENT_ACTION_COUNT; action++)
        if ((reconsent->waits & UINT32_C(1) << action) != 0)
            json_array_append_new(
                waits, json_string(consent_action_name((enum consent_action)action)));
    json_object_set_new(row, "reconsent", json_string(protocol_reconsent_name(reconsent->who)));
    json_object_set_new(row, "within_days", json_integer(reconsent->within));
    json_object_set_new(row, "waits", waits);
}

static json_t *
forms_of(const struct protocol *protocol)
{
    json_t *forms = json_array();
    for (size_t i = 0; i < protocol->form_count; i++) {
        const struct protocol_form *form = &protocol->forms[i];
        json_t *row = json_pack("{s:s, s:s, s:i, s:o, s:o, s:s?, s:s?, s:o}", "form", form->name,
            "signed_by", protocol_unit_name(form->by), "form_version", (int)form->version, "scopes",
            texts(form->scopes, form->scope_count), "languages",
            texts(form->languages, form->language_count), "legal_basis", form->legal_basis,
            "signed_from", form->signed_from, "texts", hashes(&form->texts));
        if (form->reconsent.needed)
            add_reconsent(row, &form->reconsent);
        json_array_append_new(forms, row);
    }
    return forms;
}

static json_t *
tasks_of(const struct protocol *protocol)
{
    json_t *tasks = json_array();
    for (size_t i = 0; i < protocol->task_count; i++)
        json_array_append_new(
            tasks, json_pack("{s:s, s:s}", "task", protocol->tasks[i].name, "action",
                       consent_action_name(consent_of_task(protocol->tasks[i].kind))));
    return tasks;
}

static json_t *
rules_of(struct arena *arena, const struct protocol *protocol)
{
    const struct consent_rules rules = consent_rules(arena, protocol);
    json_t *array = json_array();
    for (size_t i = 0; i < rules.count; i++) {
        const struct consent_rule *rule = &rules.items[i];
        json_array_append_new(
            array, json_pack("{s:s, s:s, s:s, s:s}", "kind",
                       protocol_unit_name((enum protocol_unit)rule->kind), "action", rule->action,
                       "form", rule->form, "scope", rule->scope));
    }
    return array;
}

static json_t *
unasked_of(const struct protocol *protocol)
{
    json_t *array = json_array();
    for (int i = 0; i < CONSENT_ACTION_COUNT; i++)
        if (consent_is_unasked(protocol, (enum consent_action)i))
            json_array_append_new(array, json_string(consent_action_name((enum consent_action)i)));
    return array;
}

bool
consent_rule_store(
    struct tx *tx, struct uuid trial_id, int version, const struct protocol *protocol)
{
    sql_consent_form_put(tx,
        &(struct sql_consent_form_put){
            .trial_id = trial_id, .version = version, .forms = dump(tx, forms_of(protocol))},
        NULL);
    sql_consent_task_put(tx,
        &(struct sql_consent_task_put){
            .trial_id = trial_id, .version = version, .tasks = dump(tx, tasks_of(protocol))},
        NULL);
    sql_consent_rule_put(tx,
        &(struct sql_consent_rule_put){.trial_id = trial_id,
            .version = version,
            .rules = dump(tx, rules_of(tx_arena(tx), protocol))},
        NULL);
    return sql_consent_set_put(tx,
        &(struct sql_consent_set_put){
            .trial_id = trial_id, .version = version, .unasked = dump(tx, unasked_of(protocol))},
        NULL);
}

bool
consent_rule_fill(struct tx *tx, void *unused)
{
    struct sql_consent_unfilled_rows rows;
    (void)unused;
    if (!sql_consent_fill_alone(tx, NULL) || !sql_consent_unfilled(tx, &rows))
        return false;
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_consent_unfilled_row *row = &rows.rows[i];
        struct faults faults;
        faults_init(&faults, tx_arena(tx));
        const struct protocol *protocol =
            protocol_parse(tx_arena(tx), row->document, strlen(row->document), &faults);
        if (protocol == NULL)
            log_write(LOG_ERROR,
                "a locked protocol (version %d) cannot be read by this rctd: nothing can be done "
                "in its trial",
                row->version);
        else if (!calendar_store(tx, row->trial_id, row->version, protocol) ||
                 !consent_rule_store(tx, row->trial_id, row->version, protocol))
            return false;
    }
    return tx_ok(tx);
}
