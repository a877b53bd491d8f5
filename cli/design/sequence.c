/*
 * sequence.c: the arms that a seed gives, offline: for teaching, for tests, and for holding another
 * implementation against this one. It knows only the seed that it is given.
 */
#include "base/text.h"
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/offline.h"
#include "trial/allocate.h"
#include "trial/design/design.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define COUNT_MAX 100000000 /* lines; more than any trial, and a file that still fits on a disk */

/* "sector=public|size=10-49 (sector: public, private; size: 10-49, 50-249)" */
static const char *
describe_strata(struct arena *arena, const struct protocol_subject *subject,
    const struct protocol_scheme *scheme)
{
    struct text key;
    struct text levels;
    text_init(&key, arena);
    text_init(&levels, arena);
    for (size_t i = 0; i < scheme->factor_count; i++) {
        const struct protocol_attribute *factor = &subject->attributes[scheme->factors[i]];
        text_printf(&key, "%s%s=%s", i == 0 ? "" : "|", factor->name, factor->levels[0]);
        text_printf(&levels, "%s%s: ", i == 0 ? "" : "; ", factor->name);
        for (size_t j = 0; j < factor->level_count; j++)
            text_printf(&levels, "%s%s", j == 0 ? "" : ", ", factor->levels[j]);
    }
    return arena_printf(arena, "%s (%s)", key.bytes, levels.bytes);
}

static bool
check_stratum(struct session *session, const struct protocol *protocol,
    const struct protocol_scheme *scheme, const char *key)
{
    const struct protocol_subject *subject = &protocol->subjects[scheme->unit];
    if (protocol_is_stratum(protocol, scheme, key))
        return true;
    if (scheme->factor_count == 0)
        return error_set(&session->error, ERROR_MALFORMED, "--stratum",
            "scheme %s has no strata: leave --stratum out", scheme->name);
    return error_set(&session->error, ERROR_MALFORMED, "--stratum",
        "%s is no stratum of scheme %s: give --stratum with one such as %s",
        key[0] == '\0' ? "the whole trial" : key, scheme->name,
        describe_strata(session->arena, subject, scheme));
}

/* Line by line: a sequence may be longer than memory. Names of arms need no quotes in any form. */
static void
print_sequence(enum output output, const struct protocol *protocol,
    struct allocate_sequence *sequence, long long count)
{
    if (output == OUTPUT_JSON)
        fputs("[", stdout);
    else
        fputs(output == OUTPUT_CSV ? "position,arm\n" : "position  arm\n", stdout);
    for (long long position = 1; position <= count; position++) {
        const char *arm = protocol->arms[allocate_next(sequence)].id;
        if (output == OUTPUT_JSON)
            printf("%s\n  {\"position\": %lld, \"arm\": \"%s\"}", position == 1 ? "" : ",",
                position, arm);
        else if (output == OUTPUT_CSV)
            printf("%lld,%s\n", position, arm);
        else
            printf("%8lld  %s\n", position, arm);
    }
    if (output == OUTPUT_JSON)
        fputs("\n]\n", stdout);
}

static bool
sequence(struct session *session, const struct invocation *in, const uint8_t seed[SEED_SIZE],
    long long count)
{
    const char *key = invocation_option(in, "stratum");
    const char *stratum = key == NULL ? "" : key;
    const struct protocol *protocol = offline_protocol(session, invocation_option(in, "protocol"));
    if (protocol == NULL)
        return false;
    const struct protocol_scheme *scheme =
        offline_scheme(session, protocol, invocation_option(in, "scheme"));
    if (scheme == NULL)
        return false;
    bool has_sequence = design_of(scheme->method)->no_sequence == NULL;
    if (has_sequence && !check_stratum(session, protocol, scheme, stratum))
        return false;
    struct allocate_sequence *arms = allocate_open(scheme, seed,
        allocate_label(session->arena, protocol->trial, scheme->name), stratum, &session->error);
    if (arms == NULL)
        return false;
    print_sequence(session->output, protocol, arms, count);
    allocate_close(arms);
    return true;
}

static int
run_sequence(struct session *session, const struct invocation *in)
{
    uint8_t seed[SEED_SIZE];
    long long count;
    if (!text_to_int64(invocation_option(in, "count"), &count) || count < 1 || count > COUNT_MAX)
        return session_usage(session, "--count takes a whole number from 1 to %d", COUNT_MAX);
    bool ok = offline_seed(session, invocation_option(in, "seed"), seed) &&
              sequence(session, in, seed, count);
    sodium_memzero(seed, sizeof seed);
    return ok ? 0 : offline_fail(session);
}

static const struct option_row options[] = {
    {.name = "seed",
        .value = "HEX|@FILE",
        .meaning = "the seed: 64 hex digits, or a file that holds them",
        .flags = OPTION_REQUIRED},
    {.name = "protocol", .value = "FILE", .meaning = "the protocol", .flags = OPTION_REQUIRED},
    {.name = "scheme",
        .value = "NAME",
        .meaning = "a scheme of the protocol",
        .flags = OPTION_REQUIRED},
    {.name = "stratum",
        .value = "KEY",
        .meaning = "factor=level|factor=level; nothing where the scheme has no strata"},
    {.name = "count",
        .value = "N",
        .meaning = "how many positions, from the first",
        .flags = OPTION_REQUIRED},
    {0},
};

const struct command sequence_commands[] = {
    {.group = "sequence",
        .arguments = "",
        .meaning = "Compute an allocation sequence from a seed",
        .details = "For teaching, for tests, and to hold another implementation of\n"
                   "rctd-allocation(7) against this one: it knows only the seed that it is given.\n"
                   "Minimisation, constrained randomisation and comparisons that are not random\n"
                   "have no sequence: their arms do not follow from the seed alone.\n"
                   "A seed on the command line can be seen by other users of the machine; one in\n"
                   "@FILE cannot.\n",
        .example = "rctctl sequence --seed "
                   "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f "
                   "--protocol etc/protocols/work-together.yaml --scheme rct "
                   "--stratum 'sector=public|size=10-49' --count 18 --csv",
        .options = options,
        .run = run_sequence,
        .offline = true},
    {0},
};
