/*
 * may.c: what may be done with a participant or a workplace now, action by action, and with whom an
 * action may be done, as the one function of the database says; and who must sign an amended form
 * anew. Of an allocation readiness has a say too, which is the same as on the unit's card.
 */
#include "api/handlers.h"
#include "api/people/unit.h"
#include "http/body.h"
#include "store/people/unit.h"
#include "trial/consent.h"

#include <string.h>

/* Units that are asked about in one statement, where few of them may fit. */
#define ASKED_AT_ONCE 1000

/* clang-format off */
#define OBJECTION_WORD(word, words) word,
#define OBJECTION \
    {.name = "objection", .type = FIELD_STRING, .flags = FIELD_NULLABLE, \
        .choices = (const char *const[]){CONSENT_OBJECTIONS(OBJECTION_WORD) NULL}, \
        .meaning = "What the person or the consents say against it; null where nothing"}, \
    {.name = "because", .type = FIELD_STRING, .flags = FIELD_NULLABLE, \
        .meaning = "Why not, in plain words; null where it may be done"}
/* clang-format on */

const struct field may_answer[] = {
    {.name = "action", .type = FIELD_STRING, .meaning = "What is to be done"},
    {.name = "meaning", .type = FIELD_STRING, .meaning = "The same in plain words"},
    {.name = "allowed",
        .type = FIELD_BOOLEAN,
        .flags = FIELD_NULLABLE,
        .meaning = "May it be done now; null of an allocation that no consent forbids, where your "
                   "role does not read what else it needs"},
    OBJECTION,
    {.name = "missing",
        .type = FIELD_ARRAY,
        .flags = FIELD_NULLABLE,
        .meaning = "Of an allocation, what the unit lacks before it, whatever the scheme; null of "
                   "other actions, and where your role does not read it"},
    {0},
};

/* Every action but an allocation, which comes first: who is ready for one stands in the lists of
 * units. */
#define ACTION_NAME(name, text, ...) text,
static const char *const actions[] = {CONSENT_ACTIONS(ACTION_NAME) NULL};
_Static_assert(CONSENT_ALLOCATE == 0, "it is left out by its place");
#undef ACTION_NAME
static const char *const kinds[] = {"participant", "workplace", NULL};

const struct field may_who_query[] = {
    {.name = "action",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = actions + 1,
        .meaning = "What is to be done; of an allocation the lists of participants and workplaces "
                   "say who is eligible"},
    {.name = "kind",
        .type = FIELD_STRING,
        .choices = kinds,
        .meaning = "With whom; participants when absent"},
    {.name = "workplace",
        .type = FIELD_STRING,
        .max = 16,
        .meaning = "Only participants of the workplace with this code"},
    {.name = "allowed",
        .type = FIELD_BOOLEAN,
        .meaning = "true: only those with whom it may be done now; false: only the others"},
    {0},
};

const struct field may_who_answer[] = {
    {.name = "kind", .type = FIELD_STRING, .choices = kinds, .meaning = "What the code is of"},
    {.name = "code", .type = FIELD_STRING, .meaning = "The code"},
    {.name = "workplace",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "Where a participant works"},
    {.name = "action", .type = FIELD_STRING, .meaning = "What is to be done"},
    {.name = "allowed", .type = FIELD_BOOLEAN, .meaning = "May it be done now"},
    OBJECTION,
    {0},
};

const struct field consent_due_query[] = {
    {.name = "form", .type = FIELD_IDENTIFIER, .meaning = "Only of this form"},
    {0},
};

const struct field consent_due_answer[] = {
    {.name = "kind",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"workplace", "participant", NULL},
        .meaning = "Who signs"},
    {.name = "code", .type = FIELD_STRING, .meaning = "The code of who signs"},
    {.name = "workplace",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "Where a participant works"},
    {.name = "form", .type = FIELD_IDENTIFIER, .meaning = "The form"},
    {.name = "signed_version", .type = FIELD_INTEGER, .meaning = "The version that was signed"},
    {.name = "signed_at", .type = FIELD_TIME, .meaning = "When it was signed"},
    {.name = "version", .type = FIELD_INTEGER, .meaning = "The version in force"},
    {.name = "until",
        .type = FIELD_TIME,
        .meaning = "From then on the signed version is good for nothing"},
    {.name = "overdue", .type = FIELD_BOOLEAN, .meaning = "That time has come"},
    {.name = "waits",
        .type = FIELD_ARRAY,
        .meaning = "The actions that wait for the new signature already; an allocation always "
                   "does"},
    {0},
};

static bool
is_allocated(const struct protocol *protocol, enum protocol_unit kind)
{
    for (size_t i = 0; i < protocol->scheme_count; i++)
        if (protocol->schemes[i].unit == kind)
            return true;
    return false;
}

/* An allocation that no consent forbids: what the unit lacks besides, where the role may read it.
 */
static void
add_readiness(
    struct call *call, const struct protocol *protocol, const struct unit *unit, json_t *item)
{
    struct text because;
    size_t index;
    json_t *lacking;
    unit_encode_readiness(call, protocol, &unit->facts, item);
    json_object_del(item, "eligible");
    const json_t *missing = json_object_get(item, "missing");
    bool ready = protocol != NULL && json_array_size(missing) == 0;
    if (ready || !json_is_true(json_object_get(item, "allowed")))
        return;
    text_init(&because, call->arena);
    text_append(&because, protocol == NULL
                              ? "the consents allow it; what else it needs is not for your role"
                              : "not ready: ");
    json_array_foreach(missing, index, lacking)
        text_printf(&because, "%s%s", index == 0 ? "" : "; ", json_string_value(lacking));
    json_object_set_new(item, "allowed", protocol == NULL ? json_null() : json_false());
    json_object_set_new(item, "because", json_string(because.bytes));
}

static bool
list_permissions(struct call *call, enum protocol_unit kind, struct error *error)
{
    struct unit unit;
    int version;
    const struct protocol *protocol;
    struct sql_consent_permissions_rows rows;
    if (!unit_read(call->tx, call->trial_id, call->scope, kind, call->request->parameters[1], false,
            &unit) ||
        !sql_consent_permissions(call->tx,
            &(struct sql_consent_permissions){
                .trial_id = call->trial_id, .unit_id = unit.row.unit_id},
            &rows) ||
        !unit_rules(call, &protocol, &version))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_consent_permissions_row *row = &rows.rows[i];
        enum consent_action action = consent_action_by_name(row->action);
        json_t *item = json_pack("{s:s, s:s, s:b, s:s?, s:s?, s:n}", "action", row->action,
            "meaning", action == CONSENT_ACTION_COUNT ? row->action : consent_action_words(action),
            "allowed", row->objection == NULL, "objection", row->objection, "because",
            consent_objection_words(row->objection), "missing");
        if (action == CONSENT_ALLOCATE)
            add_readiness(call, protocol, &unit, item);
        if (action == CONSENT_ALLOCATE && protocol != NULL && !is_allocated(protocol, kind)) {
            json_object_set_new(item, "allowed", json_false());
            json_object_set_new(item, "because",
                json_string(kind == PROTOCOL_PARTICIPANT ? "only workplaces are allocated here"
                                                         : "only participants are allocated here"));
        }
        list_add_next(call, item);
    }
    return list_answer(call);
}

bool
participant_permissions(struct call *call, struct error *error)
{
    return list_permissions(call, PROTOCOL_PARTICIPANT, error);
}

bool
workplace_permissions(struct call *call, struct error *error)
{
    return list_permissions(call, PROTOCOL_WORKPLACE, error);
}

static json_t *
encode_who(const struct sql_consent_who *asked, const struct sql_consent_who_row *row)
{
    return json_pack("{s:s, s:s, s:s?, s:s, s:b, s:s?, s:s?}", "kind", asked->kind, "code",
        row->code, "workplace", row->workplace, "action", asked->action, "allowed",
        row->objection == NULL, "objection", row->objection, "because",
        consent_objection_words(row->objection));
}

/* Adds those of the rows that fit `allowed` ("true", "false", or NULL for all). False where the
 * page is full. */
static bool
add_who(struct call *call, const struct sql_consent_who *asked,
    const struct sql_consent_who_rows *rows, const char *allowed)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct sql_consent_who_row *row = &rows->rows[i];
        bool fits = allowed == NULL || text_equal(allowed, "true") == (row->objection == NULL);
        if (fits && !list_add(call, row->code, encode_who(asked, row)))
            return false;
    }
    return true;
}

bool
trial_permissions(struct call *call, struct error *error)
{
    struct sql_consent_who_rows rows;
    const char *kind = http_query(call->request, "kind");
    const char *allowed = http_query(call->request, "allowed");
    struct sql_consent_who asked = {.trial_id = call->trial_id,
        .scope = call->scope,
        .kind = kind == NULL ? protocol_unit_name(PROTOCOL_PARTICIPANT) : kind,
        .action = http_query(call->request, "action"),
        .workplace = http_query(call->request, "workplace"),
        .after = call->list.after,
        .most = allowed == NULL ? call->list.most : ASKED_AT_ONCE};
    do {
        if (!sql_consent_who(call->tx, &asked, &rows))
            return call_failed(call, error);
        if (rows.count > 0)
            asked.after = rows.rows[rows.count - 1].code;
    } while (add_who(call, &asked, &rows, allowed) && rows.count == (size_t)asked.most);
    return list_answer(call);
}

static json_t *
encode_due(const struct sql_consent_due_row *row)
{
    return json_pack("{s:s, s:s, s:s?, s:s, s:i, s:o, s:i, s:o, s:b, s:o}", "kind", row->kind,
        "code", row->code, "workplace", row->workplace, "form", row->form, "signed_version",
        row->signed_version, "signed_at", json_time(row->decided_at), "version", row->form_version,
        "until", json_time(row->until_at), "overdue", row->is_over, "waits",
        json_stored(row->waits));
}

/* The list's order: the code, then the form; a cursor is CODE/FORM. */
static const char *
read_cursor(struct call *call, const char *after, const char **form)
{
    const char *slash = strchr(after, '/');
    *form = slash == NULL ? "" : slash + 1;
    return slash == NULL ? "" : arena_strndup(call->arena, after, (size_t)(slash - after));
}

bool
consent_due_list(struct call *call, struct error *error)
{
    struct sql_consent_due_rows rows;
    const char *form;
    const char *code = read_cursor(call, call->list.after, &form);
    if (!sql_consent_due(call->tx,
            &(struct sql_consent_due){.trial_id = call->trial_id,
                .scope = call->scope,
                .after_code = code,
                .after_form = form,
                .most = call->list.most,
                .form = http_query(call->request, "form")},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        list_add(call, arena_printf(call->arena, "%s/%s", rows.rows[i].code, rows.rows[i].form),
            encode_due(&rows.rows[i]));
    return list_answer(call);
}
