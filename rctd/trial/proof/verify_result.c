/*
 * verify_result.c: what the parts of a verification found, put in order and together, and said in
 * sentences.
 */
#include "trial/proof/verify_private.h"

#include "trial/design/design.h"

#include <stdlib.h>
#include <string.h>

static int
compare_strata(const void *a, const void *b)
{
    const struct verify_stratum *one = a, *other = b;
    return strcmp(one->key, other->key);
}

static int
compare_findings(const void *a, const void *b)
{
    const struct verify_finding *one = a, *other = b;
    if (one->line != other->line)
        return one->line < other->line ? -1 : 1;
    return (int)one->fault - (int)other->fault;
}

static void
add_stratum(struct verify *verify, const struct verify_stratum *stratum)
{
    struct verify_result *result = &verify->result;
    result->strata = arena_grow(verify->arena, result->strata, result->stratum_count,
        &verify->stratum_capacity, sizeof *result->strata);
    result->strata[result->stratum_count] = *stratum;
    result->strata[result->stratum_count++].key = arena_strdup(verify->arena, stratum->key);
}

static void
sort(struct verify_result *result)
{
    if (result->stratum_count > 0)
        qsort(result->strata, result->stratum_count, sizeof *result->strata, compare_strata);
    if (result->finding_count > 0)
        qsort(result->findings, result->finding_count, sizeof *result->findings, compare_findings);
}

const struct verify_result *
verify_end(struct verify *verify)
{
    verify_batch_end(verify);
    for (size_t i = 0; i < verify->bucket_count; i++)
        for (struct verify_state *s = verify->buckets[i]; s != NULL; s = s->next)
            if (s->owned)
                add_stratum(verify, &s->summary);
    if (verify->plan.scheme->method == METHOD_NONRANDOM)
        verify->result.nonrandom += verify->result.rows;
    sort(&verify->result);
    return &verify->result;
}

const struct verify_result *
verify_result(const struct verify *verify)
{
    return &verify->result;
}

/* The earliest of both lists; each is kept up to VERIFY_KEPT, so that none of the earliest is lost.
 */
static void
merge_findings(struct verify *verify, const struct verify_result *from)
{
    struct verify_result *into = &verify->result;
    size_t count = into->finding_count + from->finding_count;
    struct verify_finding *all = arena_array(verify->arena, count, sizeof *all);
    for (size_t i = 0; i < count; i++) {
        if (i < into->finding_count) {
            all[i] = into->findings[i];
            continue;
        }
        all[i] = from->findings[i - into->finding_count];
        all[i].stratum = arena_strdup(verify->arena, all[i].stratum);
        all[i].found = arena_strdup(verify->arena, all[i].found);
        all[i].expected = arena_strdup(verify->arena, all[i].expected);
    }
    into->findings = all;
    into->finding_count = count;
    sort(into);
    if (into->finding_count > VERIFY_KEPT)
        into->finding_count = VERIFY_KEPT;
}

void
verify_merge(struct verify *verify, const struct verify *other)
{
    struct verify_result *into = &verify->result;
    const struct verify_result *from = &other->result;
    into->rows += from->rows;
    into->others += from->others;
    into->nonrandom += from->nonrandom;
    into->differences += from->differences;
    into->arms_wrong += from->arms_wrong;
    into->arms_checked += from->arms_checked;
    if (into->other == NULL)
        into->other = arena_strdup(verify->arena, from->other);
    for (size_t i = 0; i < from->stratum_count; i++)
        add_stratum(verify, &from->strata[i]);
    merge_findings(verify, from);
}

/* What is wrong, with what stands there (first) and what belongs there. */
static const char *
describe(struct arena *arena, const struct verify_finding *finding)
{
    const char *found = finding->found == NULL ? "" : finding->found;
    const char *right = finding->expected == NULL ? "" : finding->expected;
    switch (finding->fault) {
    case VERIFY_TRIAL:
        return arena_printf(arena, "the trial is %s, the protocol's %s", found, right);
    case VERIFY_KIND:
        return arena_printf(arena, "the unit is a %s, the scheme allocates %ss", found, right);
    case VERIFY_PHASE:
        return arena_printf(arena, "the phase is %s, the scheme's %s", found, right);
    case VERIFY_METHOD:
        return arena_printf(arena, "the method is %s, the scheme's %s", found, right);
    case VERIFY_STRATUM:
        return "the scheme has no such stratum";
    case VERIFY_VERSION:
        return arena_printf(arena,
            "protocol version %s comes behind a later one; it would be version %s", found, right);
    case VERIFY_GAP:
        return arena_printf(arena, "position %s is missing before it", right);
    case VERIFY_TWICE:
        return arena_printf(arena, "the position is taken already; the next would be %s", right);
    case VERIFY_ORDER:
        return arena_printf(arena, "it stands behind later positions; the next would be %s", right);
    case VERIFY_UNIT:
        return arena_printf(arena, "%s is allocated in the scheme already, on %s", found, right);
    case VERIFY_BATCH:
        return arena_printf(arena, "the batch cannot be drawn again: %s", right);
    case VERIFY_ARM:
        return arena_printf(arena, "the ledger has arm %s, the seed gives %s", found, right);
    case VERIFY_DECISION:
        return arena_printf(
            arena, "it was decided on %s; the rows before it give %s", found, right);
    case VERIFY_FAULT_COUNT:
        break;
    }
    return "";
}

const char *
verify_finding_text(struct arena *arena, const struct verify_finding *finding)
{
    bool stratum = finding->stratum[0] != '\0';
    return arena_printf(arena, "line %u, %s%sposition %lld: %s", finding->line,
        stratum ? finding->stratum : "", stratum ? ", " : "", (long long)finding->position,
        describe(arena, finding));
}
