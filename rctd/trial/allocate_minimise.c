/*
 * allocate_minimise.c: an allocation by minimisation, and the record from which anybody can decide
 * it again.
 */
#include "trial/allocate.h"

#include "base/text.h"
#include "trial/design/design.h"

#include <sodium.h>

static const struct protocol_attribute *
factor_of(const struct protocol *protocol, const struct protocol_scheme *scheme, size_t factor)
{
    return &protocol->subjects[scheme->unit].attributes[scheme->design.balanced[factor].attribute];
}

static void
write_numbers(struct text *out, const char *name, const double *numbers, size_t count)
{
    text_printf(out, ",\"%s\":", name);
    for (size_t i = 0; i < count; i++)
        text_printf(out, "%s%.17g", i == 0 ? "[" : ",", numbers[i]);
    text_append(out, "]");
}

/* Names of factors and levels are identifiers: they need no escapes. */
static const char *
write_decision(struct arena *arena, const struct minimisation *tally, const size_t *levels,
    const struct allocate_minimised *result)
{
    const struct protocol *protocol = minimisation_protocol(tally);
    const struct protocol_scheme *scheme = minimisation_scheme(tally);
    size_t arms = design_arms(scheme);
    struct text out;
    text_init(&out, arena);
    for (size_t i = 0; i < scheme->design.balanced_count; i++) {
        const struct protocol_attribute *factor = factor_of(protocol, scheme, i);
        text_printf(&out, "%s\"%s\":\"%s\"", i == 0 ? "{\"levels\":{" : ",", factor->name,
            factor->levels[levels[i]]);
    }
    for (size_t i = 0; i < scheme->design.balanced_count; i++) {
        const int64_t *counts = minimisation_counts(tally, i, levels[i]);
        text_printf(&out, "%s\"%s\":", i == 0 ? "},\"counts\":{" : ",",
            factor_of(protocol, scheme, i)->name);
        for (size_t arm = 0; arm < arms; arm++)
            text_printf(&out, "%s%lld", arm == 0 ? "[" : ",", (long long)counts[arm]);
        text_append(&out, "]");
    }
    text_append(&out, "}");
    write_numbers(&out, "scores", result->scores, arms);
    write_numbers(&out, "probabilities", result->probabilities, arms);
    text_append(&out, "}");
    return out.bytes;
}

bool
allocate_minimise(struct arena *arena, const struct minimisation *tally,
    const uint8_t seed[SEED_SIZE], const char *label, int64_t n, const size_t *levels,
    struct allocate_minimised *result, struct error *error)
{
    const struct protocol_scheme *scheme = minimisation_scheme(tally);
    const struct design *design;
    struct stream_key key;
    struct stream stream;
    if (n < 1)
        return error_set(error, ERROR_INTERNAL, "allocate position",
            "allocations of a scheme count from 1; %lld is none", (long long)n);
    if (!design_check(scheme, &design, error))
        return false;
    minimisation_scores(tally, levels, result->scores);
    minimisation_probabilities(scheme, result->scores, result->probabilities);
    stream_key_open(&key, seed, label, "");
    stream_open(&stream, &key, (uint64_t)n);
    result->arm = design_pick(scheme, result->probabilities, &stream);
    stream_close(&stream);
    stream_key_close(&key);
    result->decision = write_decision(arena, tally, levels, result);
    return true;
}
