/*
 * consent.c: the tables of actions and stops, and the consents that a protocol asks for before
 * each action, worked out once so that the database can answer by them.
 */
#include "trial/consent.h"

#include "base/named.h"
#include "base/text.h"
#include "trial/protocol.h"

const char *const consent_ways[] = {"paper", "link", "phone", NULL};
const char *const consent_signers[] = {"participant", "representative", NULL};
const char *const consent_stoppers[] = {"participant", "representative", "staff", NULL};
const char *const consent_erasers[] = {"participant", "representative", "authority", NULL};

struct action_row {
    const char *name;
    enum consent_action base; /* whose needs it shares; itself where nobody's */
    enum consent_before before;
    const char *scope;
    enum consent_unscoped unscoped;
    bool ever;
    const char *words;
};

#define ACTION_ROW(id, text, base_id, before_id, scope_text, unscoped_id, ever_flag, words_text)   \
    [CONSENT_##id] = {                                                                             \
        text, CONSENT_##base_id, before_id, scope_text, unscoped_id, ever_flag, words_text},
static const struct action_row actions[] = {CONSENT_ACTIONS(ACTION_ROW)};
#undef ACTION_ROW

struct word {
    const char *name;
    const char *words;
};

#define STOP_ROW(id, text, words_text) [CONSENT_STOP_##id] = {text, words_text},
static const struct word stops[] = {CONSENT_STOPS(STOP_ROW)};
#undef STOP_ROW

#define OBJECTION_ROW(text, words_text) {text, words_text},
static const struct word objections[] = {CONSENT_OBJECTIONS(OBJECTION_ROW)};
#undef OBJECTION_ROW

#define STOPPED_CELL(action, stop) [CONSENT_##action][CONSENT_STOP_##stop] = true,
static const bool stopped[CONSENT_ACTION_COUNT][CONSENT_STOP_COUNT] = {
    CONSENT_STOPPED(STOPPED_CELL)};
#undef STOPPED_CELL

const char *
consent_action_name(enum consent_action action)
{
    return actions[action].name;
}

const char *
consent_action_words(enum consent_action action)
{
    return actions[action].words;
}

const char *
consent_action_scope(enum consent_action action)
{
    return actions[action].scope;
}

const char *
consent_stop_name(enum consent_stop stop)
{
    return stops[stop].name;
}

const char *
consent_stop_words(enum consent_stop stop)
{
    return stops[stop].words;
}

enum consent_action
consent_action_by_name(const char *name)
{
    return (enum consent_action)named_find(NAMED(actions, CONSENT_ACTION_COUNT), name);
}

enum consent_stop
consent_stop_by_name(const char *name)
{
    return (enum consent_stop)named_find(NAMED(stops, CONSENT_STOP_COUNT), name);
}

bool
consent_is_stopped(enum consent_action action, enum consent_stop stop)
{
    return stopped[action][stop];
}

bool
consent_given_once(enum consent_action action)
{
    return actions[action].ever;
}

uint32_t
consent_with_shared(enum consent_action action)
{
    uint32_t bits = 0;
    for (int i = 0; i < CONSENT_ACTION_COUNT; i++)
        if ((enum consent_action)i == action || actions[i].base == action)
            bits |= UINT32_C(1) << i;
    return bits;
}

const char *
consent_objection_words(const char *objection)
{
    if (objection == NULL)
        return NULL;
    const struct word *known = named_get(NAMED(objections, COUNT_OF(objections)), objection);
    return known != NULL ? known->words : objection;
}

bool
consent_may_come(const char *objection)
{
    return text_equal(objection, "never-asked") || text_equal(objection, "old-version") ||
           text_equal(objection, "not-in-protocol");
}

enum consent_action
consent_of_task(int kind)
{
    static const enum consent_action of_kind[] = {
        [TASK_QUESTIONNAIRE] = CONSENT_DATA,
        [TASK_SESSION] = CONSENT_INTERVENTION,
        [TASK_MESSAGE] = CONSENT_SMS,
        [TASK_INTERVIEW] = CONSENT_INTERVIEW,
        [TASK_FOCUS_GROUP] = CONSENT_INTERVIEW,
        [TASK_CALL] = CONSENT_CONTACT,
        [TASK_REGISTER] = CONSENT_LINKAGE,
    };
    return of_kind[kind];
}

struct list {
    struct arena *arena;
    const struct protocol *protocol;
    struct consent_rule *items;
    size_t count;
    size_t capacity;
};

static void
add(struct list *list, int kind, const char *action, const char *form, const char *scope)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct consent_rule *one = &list->items[i];
        if (one->kind == kind && text_equal(one->action, action) && text_equal(one->form, form) &&
            text_equal(one->scope, scope))
            return;
    }
    list->items =
        arena_grow(list->arena, list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count++] = (struct consent_rule){kind, action, form, scope};
}

static void
add_listed(
    struct list *list, int kind, const char *action, const struct protocol_consents *consents)
{
    for (size_t i = 0; i < consents->count; i++)
        add(list, kind, action, list->protocol->forms[consents->items[i].form].name,
            consents->items[i].scope);
}

/* Every form that such a unit signs and that has a scope of that name. */
static void
add_scope(struct list *list, int kind, const char *action, const char *scope)
{
    for (size_t i = 0; i < list->protocol->form_count; i++) {
        const struct protocol_form *form = &list->protocol->forms[i];
        if ((int)form->by == kind && protocol_form_has(form, scope))
            add(list, kind, action, form->name, scope);
    }
}

/* Has the protocol said itself what it needs? */
static bool
is_said(const struct protocol *protocol, enum consent_action action)
{
    return (protocol->required_for_said & UINT32_C(1) << action) != 0;
}

bool
consent_is_asked(const struct protocol *protocol, enum consent_action action)
{
    const struct protocol_consents *said = protocol->required_for[action];
    const char *scope = actions[action].scope;
    if (is_said(protocol, action)) /* of workplaces alone, it says nothing of people */
        return said[PROTOCOL_PARTICIPANT].count > 0 || said[PROTOCOL_WORKPLACE].count == 0;
    return scope != NULL && protocol_scope_signed(protocol, scope, PROTOCOL_PARTICIPANT);
}

bool
consent_is_unasked(const struct protocol *protocol, enum consent_action action)
{
    return actions[action].unscoped == CONSENT_UNSCOPED_NEVER &&
           !consent_is_asked(protocol, action);
}

/* What an action needs, under the name `as`: its own, which is an action that shares its needs. */
static void
add_needs(struct list *list, int kind, enum consent_action action, const char *as)
{
    const struct action_row *row = &actions[action];
    if (row->base != action)
        add_needs(list, kind, row->base, as);
    if (row->before == CONSENT_BEFORE_ALLOCATION)
        add_listed(list, kind, as, &list->protocol->before_allocation[kind]);
    if (row->before == CONSENT_BEFORE_DATA ||
        (kind == PROTOCOL_PARTICIPANT && row->unscoped == CONSENT_UNSCOPED_DATA &&
            !consent_is_asked(list->protocol, action)))
        add_listed(list, kind, as, &list->protocol->before_data[kind]);
    if (is_said(list->protocol, action))
        add_listed(list, kind, as, &list->protocol->required_for[action][kind]);
    else if (row->scope != NULL)
        add_scope(list, kind, as, row->scope);
}

/* What a task asks for beside its action: whatever the action, answers to an instrument are data.
 */
static void
add_task(struct list *list, int kind, const struct protocol_task *task)
{
    const char *as = arena_printf(list->arena, CONSENT_TASK "%s", task->name);
    if (task->instrument_count > 0 &&
        actions[consent_of_task(task->kind)].before != CONSENT_BEFORE_DATA)
        add_listed(list, kind, as, &list->protocol->before_data[kind]);
    if (task->scope != NULL)
        add_scope(list, kind, as, task->scope);
}

struct consent_rules
consent_rules(struct arena *arena, const struct protocol *protocol)
{
    struct list list = {.arena = arena, .protocol = protocol};
    for (int kind = 0; kind < PROTOCOL_UNITS; kind++) {
        for (int action = 0; action < CONSENT_ACTION_COUNT; action++)
            add_needs(&list, kind, (enum consent_action)action, actions[action].name);
        for (size_t i = 0; i < protocol->task_count; i++)
            add_task(&list, kind, &protocol->tasks[i]);
    }
    return (struct consent_rules){list.items, list.count};
}
