/*
 * amend.c: what an amendment may not touch once units were allocated.
 */
#include "base/text.h"
#include "trial/protocol.h"

#include <string.h>

#define KEEP "leave it as it was, or write a new scheme under another name"

static bool
same_texts(const char *const *a, size_t a_count, const char *const *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (strcmp(a[i], b[i]) != 0)
            return false;
    return true;
}

static bool
same_numbers(const unsigned *a, size_t a_count, const unsigned *b, size_t b_count)
{
    return a_count == b_count && (a_count == 0 || memcmp(a, b, a_count * sizeof *a) == 0);
}

static bool
same_number(double a, double b)
{
    return !(a < b) && !(a > b);
}

static bool
same_shares(const double *a, size_t a_count, const double *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (!same_number(a[i], b[i]))
            return false;
    return true;
}

/* The arms of a scheme with their ratio, in protocol order. */
static const char *
arms_of(struct arena *arena, const struct protocol *protocol, const struct protocol_scheme *scheme)
{
    struct text arms;
    text_init(&arms, arena);
    for (size_t i = 0; i < protocol->arm_count; i++)
        if (scheme->ratio[i] > 0)
            text_printf(&arms, "%s:%u ", protocol->arms[i].id, scheme->ratio[i]);
    return arms.bytes;
}

/* Do two attributes divide units into the same levels? */
static bool
same_attribute(const struct protocol_subject *a_subject, size_t a_index,
    const struct protocol_subject *b_subject, size_t b_index)
{
    const struct protocol_attribute *a = &a_subject->attributes[a_index];
    const struct protocol_attribute *b = &b_subject->attributes[b_index];
    if (strcmp(a->name, b->name) != 0 || a->kind != b->kind ||
        !same_texts(a->levels, a->level_count, b->levels, b->level_count))
        return false;
    if (a->kind != ATTRIBUTE_BANDS)
        return true;
    return strcmp(a_subject->attributes[a->source].name, b_subject->attributes[b->source].name) ==
               0 &&
           memcmp(a->bands, b->bands, a->level_count * sizeof *a->bands) == 0;
}

struct pair {
    const struct protocol *locked_protocol;
    const struct protocol *amended_protocol;
    const struct protocol_scheme *locked;
    const struct protocol_scheme *amended;
};

static bool
same_factors(const struct pair *pair)
{
    const struct protocol_subject *a = &pair->locked_protocol->subjects[pair->locked->unit];
    const struct protocol_subject *b = &pair->amended_protocol->subjects[pair->amended->unit];
    if (pair->locked->factor_count != pair->amended->factor_count)
        return false;
    for (size_t i = 0; i < pair->locked->factor_count; i++)
        if (!same_attribute(a, pair->locked->factors[i], b, pair->amended->factors[i]))
            return false;
    return true;
}

static bool
same_balance(const struct protocol_balanced *a, const struct protocol_balanced *b)
{
    return same_number(a->weight, b->weight) && a->ordinal == b->ordinal &&
           same_number(a->mean_limit, b->mean_limit) && same_number(a->total_limit, b->total_limit);
}

static bool
same_balanced(const struct pair *pair)
{
    const struct protocol_subject *a = &pair->locked_protocol->subjects[pair->locked->unit];
    const struct protocol_subject *b = &pair->amended_protocol->subjects[pair->amended->unit];
    const struct protocol_design *x = &pair->locked->design, *y = &pair->amended->design;
    if (x->balanced_count != y->balanced_count)
        return false;
    for (size_t i = 0; i < x->balanced_count; i++)
        if (!same_attribute(a, x->balanced[i].attribute, b, y->balanced[i].attribute) ||
            !same_balance(&x->balanced[i], &y->balanced[i]))
            return false;
    return true;
}

static bool
same_parameters(const struct protocol_design *a, const struct protocol_design *b)
{
    return a->limit == b->limit && same_number(a->p, b->p) && a->size == b->size &&
           a->alpha == b->alpha && a->beta == b->beta && a->length == b->length &&
           a->balanced_end == b->balanced_end && a->measure == b->measure && a->form == b->form &&
           same_shares(a->ranked, a->ranked_count, b->ranked, b->ranked_count) &&
           a->score == b->score && same_number(a->accept, b->accept) &&
           a->enumerate == b->enumerate && a->sample == b->sample;
}

static void
changed(const struct pair *pair, const char *what, struct faults *faults)
{
    const struct protocol_scheme *scheme = pair->amended;
    faults_add(faults, protocol_scheme_path(faults->arena, pair->amended_protocol, scheme),
        scheme->line, scheme->column, KEEP, "the scheme %s has allocations: its %s cannot change",
        scheme->name, what);
}

static void
compare_schemes(const struct pair *pair, struct faults *faults)
{
    const struct protocol_scheme *a = pair->locked, *b = pair->amended;
    if (a->unit != b->unit) {
        changed(pair, "unit", faults);
        return;
    }
    if (a->method != b->method)
        changed(pair, "method", faults);
    if (strcmp(arms_of(faults->arena, pair->locked_protocol, a),
            arms_of(faults->arena, pair->amended_protocol, b)) != 0)
        changed(pair, "arms and their ratio", faults);
    if (!same_factors(pair))
        changed(pair, "strata, with their levels and bands,", faults);
    if (!same_balanced(pair))
        changed(pair, "factors, with their levels, bands and weights,", faults);
    if (!same_numbers(
            a->design.blocks, a->design.block_count, b->design.blocks, b->design.block_count))
        changed(pair, "block sizes", faults);
    if (!same_parameters(&a->design, &b->design))
        changed(pair, "parameters", faults);
    if (a->roster_lock != b->roster_lock)
        changed(pair, "roster lock", faults);
}

/* Does it ask for the same things, in the same words? */
static bool
same_form(const struct protocol_form *a, const struct protocol_form *b)
{
    if (!same_texts(a->scopes, a->scope_count, b->scopes, b->scope_count) ||
        a->texts.count != b->texts.count)
        return false;
    for (size_t i = 0; i < a->texts.count; i++)
        if (strcmp(a->texts.items[i].language, b->texts.items[i].language) != 0 ||
            strcmp(a->texts.items[i].text, b->texts.items[i].text) != 0)
            return false;
    return true;
}

static void
compare_forms(
    const struct protocol_form *locked, const struct protocol_form *amended, struct faults *faults)
{
    const char *path = arena_printf(faults->arena, "consent.forms.%s", amended->name);
    if (locked->by != amended->by)
        faults_add(faults, path, amended->line, amended->column,
            "write a new form under another name", "the form %s is signed by %ss", amended->name,
            protocol_unit_name(locked->by));
    if (amended->version < locked->version)
        faults_add(faults, path, amended->line, amended->column,
            arena_printf(faults->arena, "write version %u, or a later one", locked->version),
            "version %u of the form %s is in force: its versions only grow", locked->version,
            amended->name);
    else if (amended->version == locked->version && !same_form(locked, amended))
        faults_add(faults, path, amended->line, amended->column,
            arena_printf(faults->arena, "write version: %u", locked->version + 1),
            "the form %s asks for something else under the same version", amended->name);
}

bool
protocol_amendment_check(const struct protocol *locked, const struct protocol *amended,
    const char *const *allocated, size_t allocated_count, struct faults *faults)
{
    size_t before = faults->total;
    if (strcmp(locked->trial, amended->trial) != 0)
        faults_add(faults, "trial", 0, 0,
            arena_printf(faults->arena, "write trial: %s", locked->trial),
            "an amendment cannot rename the trial");
    for (size_t i = 0; i < amended->form_count; i++) {
        const struct protocol_form *form = protocol_form_by_name(locked, amended->forms[i].name);
        if (form != NULL)
            compare_forms(form, &amended->forms[i], faults);
    }
    for (size_t i = 0; i < allocated_count; i++) {
        struct pair pair = {
            .locked_protocol = locked,
            .amended_protocol = amended,
            .locked = protocol_scheme_by_name(locked, allocated[i]),
            .amended = protocol_scheme_by_name(amended, allocated[i]),
        };
        if (pair.amended == NULL)
            faults_add(faults, "phases", 0, 0, "write it as it was",
                "the scheme %.80s has allocations and cannot be left out", allocated[i]);
        else if (pair.locked != NULL)
            compare_schemes(&pair, faults);
    }
    return faults->total == before;
}
