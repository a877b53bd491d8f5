/*
 * fuzz_protocol.c: whatever bytes somebody sends as a protocol, reading them ends with a model that
 * holds what the daemon relies on, or with faults that each have a place; and a model can be used.
 */
#include "require.h"

#include "base/text.h"
#include "trial/allocate.h"
#include "trial/consent.h"
#include "trial/design/design.h"
#include "trial/measure.h"
#include "trial/protocol.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void
check_faults(const struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->items[i];
        require(fault->line >= 1 && fault->column >= 1 && fault->message[0] != '\0');
        require(text_is_utf8(fault->message, strlen(fault->message)));
        require(i == 0 || faults->items[i - 1].line <= fault->line);
    }
}

static const uint8_t seed[SEED_SIZE] = {1, 2, 3};

/* Probabilities of the scheme's arms, and of no other. */
static void
check_probabilities(const struct protocol_scheme *scheme, const double p[PROTOCOL_ARMS_MAX])
{
    double sum = 0;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++) {
        require(p[arm] >= 0 && p[arm] <= 1 && (scheme->ratio[arm] > 0 || p[arm] == 0));
        sum += p[arm];
    }
    require(fabs(sum - 1) < 1e-8);
}

/* Positions of one stratum, one after another; a bookmark and the sequence agree. */
static void
allocate_stratum(const struct protocol_scheme *scheme, const struct design *design)
{
    struct allocate_bookmark bookmark = {0};
    struct allocate_result result;
    struct error error = ERROR_CLEAR;
    struct allocate_sequence *sequence = allocate_open(scheme, seed, "t/s", "", &error);
    require(sequence != NULL);
    for (int64_t position = 1; position <= 40; position++) {
        require(allocate_arm(scheme, seed, "t/s", "", position, &bookmark, &result, &error));
        require(result.arm == allocate_next(sequence) && scheme->ratio[result.arm] > 0);
        double p[PROTOCOL_ARMS_MAX];
        if (design->probabilities == NULL)
            continue;
        design->probabilities(scheme, result.counts, p);
        check_probabilities(scheme, p);
        require(p[result.arm] > 0);
    }
    allocate_close(sequence);
}

/* Units whose levels go round. */
static void
minimise_units(
    struct arena *arena, const struct protocol *protocol, const struct protocol_scheme *scheme)
{
    const struct protocol_subject *subject = &protocol->subjects[scheme->unit];
    const struct protocol_design *design = &scheme->design;
    size_t *levels = arena_array(arena, design->balanced_count, sizeof *levels);
    struct minimisation *tally = minimisation_new(protocol, scheme);
    for (int64_t n = 1; n <= 12; n++) {
        struct allocate_minimised result;
        struct error error = ERROR_CLEAR;
        for (size_t i = 0; i < design->balanced_count; i++)
            levels[i] = (size_t)n % subject->attributes[design->balanced[i].attribute].level_count;
        require(allocate_minimise(arena, tally, seed, "t/s", n, levels, &result, &error));
        check_probabilities(scheme, result.probabilities);
        require(result.probabilities[result.arm] > 0);
        minimisation_add(tally, levels, result.arm);
    }
    minimisation_free(tally);
}

/* What a protocol may say can be run. */
static void
run_scheme(
    struct arena *arena, const struct protocol *protocol, const struct protocol_scheme *scheme)
{
    const struct design *design;
    struct error error = ERROR_CLEAR;
    require(design_check(scheme, &design, &error));
    if (design->no_sequence == NULL)
        allocate_stratum(scheme, design);
    else
        require(allocate_open(scheme, seed, "t/s", "", &error) == NULL);
    if (scheme->method == METHOD_MINIMISATION)
        minimise_units(arena, protocol, scheme);
}

static void
check_scheme(const struct protocol *protocol, const struct protocol_scheme *scheme)
{
    unsigned sum = 0;
    for (size_t i = 0; i < PROTOCOL_ARMS_MAX; i++) {
        require(i < protocol->arm_count || scheme->ratio[i] == 0);
        sum += scheme->ratio[i];
    }
    require(text_is_identifier(scheme->name) && sum == scheme->ratio_sum && sum > 0);
    require(scheme->phase < protocol->phase_count && scheme->method < METHOD_COUNT);
    require(scheme->method != METHOD_PERMUTED_BLOCK || scheme->design.block_count > 0);
    for (size_t i = 0; i < scheme->design.block_count; i++)
        require(scheme->design.blocks[i] >= sum && scheme->design.blocks[i] % sum == 0);
    const struct protocol_subject *subject = &protocol->subjects[scheme->unit];
    for (size_t i = 0; i < scheme->factor_count; i++) {
        require(scheme->factors[i] < subject->attribute_count);
        const struct protocol_attribute *factor = &subject->attributes[scheme->factors[i]];
        require(factor->level_count > 0 && text_is_identifier(factor->name));
        for (size_t j = 0; j < factor->level_count; j++)
            require(text_is_identifier(factor->levels[j]));
    }
}

/* Gives every attribute its first level, or some text, and asks for stratum and eligibility. */
static void
use_units(struct arena *arena, const struct protocol *protocol, enum protocol_unit unit)
{
    const struct protocol_subject *subject = &protocol->subjects[unit];
    struct protocol_value *items = arena_array(arena, subject->attribute_count, sizeof *items);
    for (size_t i = 0; i < subject->attribute_count; i++) {
        const struct protocol_attribute *attribute = &subject->attributes[i];
        require(attribute->kind != ATTRIBUTE_BROKEN);
        items[i].name = attribute->name;
        items[i].value = attribute->level_count > 0 ? attribute->levels[0] : "17";
        const char *normal;
        (void)!protocol_attribute_check(arena, attribute, items[i].value, &normal);
    }
    struct protocol_values values = {.items = items, .count = subject->attribute_count};
    struct protocol_answers answers = {.count = 0};
    (void)protocol_eligibility(arena, subject, &values, &answers);
    for (size_t i = 0; i < protocol->scheme_count; i++) {
        struct faults faults;
        faults_init(&faults, arena);
        if (protocol->schemes[i].unit == unit)
            require((protocol_stratum_key(arena, protocol, &protocol->schemes[i], &values,
                         &faults) == NULL) == (faults.total > 0));
    }
}

static void
check_form(const struct protocol *protocol, const struct protocol_form *form)
{
    require(text_is_identifier(form->name) && form->by < PROTOCOL_UNITS && form->version >= 1);
    require(form->scope_count > 0 && form->language_count > 0);
    require(form->texts.count <= form->language_count);
    require(form->reconsent.who < RECONSENT_COUNT);
    require((form->reconsent.waits & 1U << CONSENT_ALLOCATE) == 0);
    for (size_t i = 0; i < form->scope_count; i++)
        require(protocol_scope_signed(protocol, form->scopes[i], form->by));
}

/* Every consent that an action asks for is one that such a unit can give. */
static void
check_consent(struct arena *arena, const struct protocol *protocol)
{
    for (size_t i = 0; i < protocol->form_count; i++)
        check_form(protocol, &protocol->forms[i]);
    struct consent_rules rules = consent_rules(arena, protocol);
    for (size_t i = 0; i < rules.count; i++) {
        const struct protocol_form *form = protocol_form_by_name(protocol, rules.items[i].form);
        require(form != NULL && protocol_form_has(form, rules.items[i].scope));
        require((int)form->by == rules.items[i].kind);
    }
}

static void
check_task(const struct protocol *protocol, const struct protocol_task *task)
{
    require(task->times >= 1 && task->window_before <= 0 && task->window_after >= 0);
    require(task->arms != 0 && (task->times == 1 || task->every >= 1));
    require(task->unit <= PROTOCOL_UNITS && task->group_min <= task->group_max);
    require(task->phase == PROTOCOL_NONE || task->phase < protocol->phase_count);
    require(task->scope == NULL ||
            protocol_scope_signed(protocol, task->scope, PROTOCOL_WORKPLACE) ||
            protocol_scope_signed(protocol, task->scope, PROTOCOL_PARTICIPANT));
}

/* What the log lists as a reason, it takes. */
static void
check_screening(struct arena *arena, const struct protocol *protocol)
{
    static const char *const states[] = {"ineligible", "declined", "not-approached"};
    for (int unit = 0; unit < PROTOCOL_UNITS; unit++)
        for (size_t i = 0; i < COUNT_OF(states); i++) {
            enum protocol_unit kind = (enum protocol_unit)unit;
            char *reasons =
                arena_strdup(arena, protocol_screening_reasons(arena, protocol, kind, states[i]));
            char *rest = NULL;
            for (char *one = strtok_r(reasons, ", ", &rest); one != NULL;
                 one = strtok_r(NULL, ", ", &rest))
                require(protocol_screening_reason(protocol, kind, states[i], one));
        }
}

/* Values that fit are measured and pass again as they are kept. */
static void
measure(struct arena *arena, const struct protocol_instrument *instrument)
{
    struct faults faults;
    struct protocol_values normal, again;
    size_t count = instrument->items + instrument->field_count;
    struct protocol_value *items = arena_array(arena, count, sizeof *items);
    for (size_t i = 0; i < instrument->items; i++)
        items[i] = (struct protocol_value){
            arena_printf(arena, "%zu", i + 1), arena_printf(arena, "%d", instrument->high)};
    for (size_t i = 0; i < instrument->field_count; i++) {
        const struct protocol_attribute *field = &instrument->fields[i];
        items[instrument->items + i] =
            (struct protocol_value){field->name, field->level_count > 0 ? field->levels[0] : "17"};
    }
    faults_init(&faults, arena);
    struct protocol_values values = {items, count};
    bool right = measure_check(arena, instrument, &values, &faults, &normal);
    require(right == (faults.total == 0) && normal.count <= count);
    faults_init(&faults, arena);
    require(measure_check(arena, instrument, &normal, &faults, &again));
    require(again.count == normal.count);
}

static void
check_model(struct arena *arena, const struct protocol *protocol, bool advise)
{
    struct faults advice;
    faults_init(&advice, arena);
    require(text_is_identifier(protocol->trial) && protocol->language_count > 0);
    require(protocol->calendar.start_minute < protocol->calendar.end_minute);
    const char **names = arena_array(arena, protocol->scheme_count, sizeof *names);
    for (size_t i = 0; i < protocol->scheme_count; i++) {
        check_scheme(protocol, &protocol->schemes[i]);
        run_scheme(arena, protocol, &protocol->schemes[i]);
        names[i] = protocol->schemes[i].name;
    }
    check_consent(arena, protocol);
    check_screening(arena, protocol);
    for (size_t i = 0; i < protocol->task_count; i++)
        check_task(protocol, &protocol->tasks[i]);
    for (size_t i = 0; i < protocol->instrument_count; i++)
        measure(arena, &protocol->instruments[i]);
    for (size_t i = 0; i < protocol->ladder_count; i++)
        require(protocol->ladders[i].step_count > 0);
    use_units(arena, protocol, PROTOCOL_WORKPLACE);
    use_units(arena, protocol, PROTOCOL_PARTICIPANT);
    if (advise)
        protocol_advise(protocol, 2026, &advice);
    require(protocol_amendment_check(protocol, protocol, names, protocol->scheme_count, &advice) ==
            true);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena *arena = arena_new();
    struct faults faults;
    faults_init(&faults, arena);
    const struct protocol *protocol =
        protocol_parse_new(arena, (const char *)bytes, size, &(struct protocol_zones){0}, &faults);
    require((protocol != NULL) == (faults.total == 0));
    check_faults(&faults);
    if (protocol != NULL)
        check_model(arena, protocol, size % 16 == 0); /* advice works designs out: it takes long */
    arena_free(arena);
    return 0;
}
