/*
 * minimised.h: schemes of minimisation for tests, with as much of a protocol around them as they
 * need: factors f0, f1, ... with levels l0, l1, ...
 */
#ifndef TESTS_UNIT_TRIAL_MINIMISED_H
#define TESTS_UNIT_TRIAL_MINIMISED_H

#include "scheme.h"
#include "trial/design/minimisation.h"

#define MINIMISED_FACTORS 8

struct minimised {
    struct test_scheme test;
    struct protocol protocol;
    struct protocol_attribute attributes[MINIMISED_FACTORS];
    struct protocol_balanced balanced[MINIMISED_FACTORS];
    double ranked[PROTOCOL_ARMS_MAX];
};

static inline void
minimised_add_factor(struct minimised *made, size_t levels, double weight)
{
    static const char *names[] = {"f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7"};
    static const char *level_names[] = {
        "l0", "l1", "l2", "l3", "l4", "l5", "l6", "l7", "l8", "l9", "l10", "l11"};
    struct protocol_design *design = &made->test.scheme.design;
    size_t factor = design->balanced_count++;
    ck_assert_uint_lt(factor, MINIMISED_FACTORS);
    ck_assert_uint_le(levels, COUNT_OF(level_names));
    made->attributes[factor] = (struct protocol_attribute){
        .name = names[factor], .levels = level_names, .level_count = levels};
    made->balanced[factor] = (struct protocol_balanced){.attribute = factor, .weight = weight};
}

/* Factors as "2=1 3=2.5": levels and weight. The result must not be copied. */
static inline const struct protocol_scheme *
minimised_make(
    struct minimised *made, const char *ratio, const char *factors, enum protocol_measure measure)
{
    *made = (struct minimised){0};
    scheme_design(&made->test, "minimisation", ratio, "");
    struct protocol_design *design = &made->test.scheme.design;
    design->balanced = made->balanced;
    design->ranked = made->ranked;
    design->measure = measure;
    made->protocol.subjects[PROTOCOL_WORKPLACE].attributes = made->attributes;
    char *end;
    for (const char *at = factors; *at != '\0'; at = *end == ' ' ? end + 1 : end) {
        size_t levels = strtoull(at, &end, 10);
        ck_assert_int_eq(*end, '=');
        minimised_add_factor(made, levels, strtod(end + 1, &end));
    }
    return &made->test.scheme;
}

/* "p=0.8", "form=biased-coin p=0.7" or "form=ranked ranked=0.6,0.3,0.1". */
static inline void
minimised_set_form(struct minimised *made, const char *form)
{
    struct protocol_design *design = &made->test.scheme.design;
    const char *p = strstr(form, "p=");
    const char *ranked = strstr(form, "ranked=");
    char *end;
    design->p = p == NULL ? 0 : strtod(p + 2, NULL);
    if (strstr(form, "form=biased-coin") != NULL)
        design->form = FORM_BIASED_COIN;
    if (ranked == NULL)
        return;
    design->form = FORM_RANKED;
    for (const char *at = ranked + strlen("ranked="); *at != '\0'; at = *end == ',' ? end + 1 : end)
        made->ranked[design->ranked_count++] = strtod(at, &end);
}

#endif
