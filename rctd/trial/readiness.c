/*
 * readiness.c: collects what is missing, in words that say what to do.
 */
#include "trial/readiness.h"

#include "base/named.h"

struct list {
    struct arena *arena;
    const char **items;
    size_t count;
    size_t capacity;
};

static void
add(struct list *list, const char *sentence)
{
    list->items =
        arena_grow(list->arena, list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count++] = sentence;
}

static const struct readiness_consent *
find_consent(const struct readiness_consent *consents, size_t count, const char *form)
{
    return named_get(NAMED(consents, count), form);
}

static bool
has_scope(const struct readiness_consent *consent, const char *scope)
{
    return named_has(NAMED(consent->scopes, consent->scope_count), scope);
}

/* NULL when the consent holds. */
static const char *
consent_gap(struct arena *arena, const struct protocol_form *form, const char *scope,
    const struct readiness_consent *consent)
{
    const char *word = form->by == PROTOCOL_PARTICIPANT ? "Consent" : "Agreement";
    if (consent == NULL)
        return arena_printf(arena, "%s %s: not recorded yet", word, form->name);
    if (!consent->given)
        return arena_printf(arena, "%s %s: withdrawn", word, form->name);
    if (consent->version != form->version)
        return arena_printf(arena, "%s %s: version %u was signed, version %u is in force", word,
            form->name, consent->version, form->version);
    if (!has_scope(consent, scope))
        return arena_printf(arena, "%s %s: no yes to %s", word, form->name, scope);
    return NULL;
}

static void
add_consents(struct list *list, const struct protocol *protocol, const struct readiness_unit *unit)
{
    const struct protocol_consents *wanted = &protocol->before_allocation[unit->kind];
    for (size_t i = 0; i < wanted->count; i++) {
        const struct protocol_form *form = &protocol->forms[wanted->items[i].form];
        const char *gap = consent_gap(list->arena, form, wanted->items[i].scope,
            find_consent(unit->consents, unit->consent_count, form->name));
        if (gap != NULL)
            add(list, gap);
    }
}

/* A stop that the person has asked for ends what it ends, whatever was consented to. */
static void
add_stops(struct list *list, const struct readiness_unit *unit)
{
    for (int i = 0; i < CONSENT_STOP_COUNT; i++) {
        enum consent_stop stop = (enum consent_stop)i;
        if ((unit->stops & UINT32_C(1) << i) != 0 && consent_is_stopped(CONSENT_ALLOCATE, stop))
            add(list, arena_printf(list->arena, "The %s has stopped %s",
                          protocol_unit_name(unit->kind), consent_stop_words(stop)));
    }
}

bool
readiness_consents_refused(const struct protocol *protocol, enum protocol_unit kind,
    const struct readiness_consent *consents, size_t count)
{
    const struct protocol_consents *wanted = &protocol->before_allocation[kind];
    for (size_t i = 0; i < wanted->count; i++) {
        const struct readiness_consent *consent =
            find_consent(consents, count, protocol->forms[wanted->items[i].form].name);
        if (consent != NULL && (!consent->given || !has_scope(consent, wanted->items[i].scope)))
            return true;
    }
    return false;
}

struct readiness
readiness_of(struct arena *arena, const struct protocol *protocol,
    const struct protocol_scheme *scheme, const struct readiness_unit *unit)
{
    struct list list = {.arena = arena};
    if (unit->withdrawn)
        add(&list, arena_printf(arena, "The %s has withdrawn", protocol_unit_name(unit->kind)));
    if (unit->ended != NULL)
        add(&list, arena_printf(arena, "The workplace is no more: %s", unit->ended));
    if (unit->employer_out != NULL)
        add(&list, arena_printf(arena, "The workplace %s has withdrawn", unit->employer_out));
    struct protocol_eligibility eligibility =
        protocol_eligibility(arena, &protocol->subjects[unit->kind], &unit->values, &unit->answers);
    for (size_t i = 0; i < eligibility.gap_count; i++)
        add(&list, eligibility.gaps[i].text);
    add_consents(&list, protocol, unit);
    add_stops(&list, unit);
    if (unit->kind == PROTOCOL_WORKPLACE && scheme != NULL && scheme->roster_lock &&
        !unit->roster_locked)
        add(&list, "Roster: not locked yet");
    return (struct readiness){.missing = list.items, .count = list.count};
}
