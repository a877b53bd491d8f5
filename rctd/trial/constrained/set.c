/*
 * set.c: solves a problem. The assignments are gone through twice: first every score is kept, from
 * which the cut-off follows; then those that are accepted are collected.
 */
#include "trial/constrained/constrained.h"

#include "trial/constrained/key.h"
#include "trial/constrained/problem.h"
#include "trial/constrained/quantile.h"
#include "trial/constrained/source.h"
#include "trial/constrained/together.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TELL 65536 /* assignments between two calls of the progress */

const double constrained_quantile_of[CONSTRAINED_QUANTILES] = {
    0.05, 0.1, 0.2, 0.25, 0.3, 0.5, 0.75, 0.95};

/* An accepted assignment: its score and where its key was put. */
struct item {
    double score;
    size_t key;
};

struct constrained_set {
    struct key_shape shape;
    struct constrained_summary summary;
    double *scores; /* in the order of their source, each for `times` assignments */
    size_t score_count;
    unsigned times;
    struct item *items;
    uint64_t *keys;
    uint64_t *together; /* [i * units + j], i < j */
};

static void
tell(const struct constrained_progress *progress, size_t done, size_t total)
{
    if (progress != NULL && done % TELL == 0)
        progress->tell(progress->context, (int64_t)done, (int64_t)total);
}

static void
score_all(
    struct constrained_set *set, struct source *source, const struct constrained_progress *progress)
{
    size_t at = 0, count = set->score_count;
    set->scores = memory_get(count * sizeof *set->scores);
    source_start(source);
    do {
        assert(at < count);
        set->scores[at++] = scorer_score(source->scorer);
        set->summary.within += scorer_within(source->scorer) ? set->times : 0;
        tell(progress, at, 2 * count);
    } while (source_next(source));
    assert(at == count);
}

/* Mean and standard deviation, the second around the first. */
static void
moments(struct constrained_set *set)
{
    double sum = 0, squares = 0, mean, n = (double)set->score_count;
    for (size_t i = 0; i < set->score_count; i++)
        sum += set->scores[i];
    mean = sum / n;
    for (size_t i = 0; i < set->score_count; i++)
        squares += (set->scores[i] - mean) * (set->scores[i] - mean);
    set->summary.mean = mean;
    if (set->summary.assignments > 1)
        set->summary.sd = sqrt(squares * set->times / (n * set->times - 1));
}

static int
compare_ranks(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return x < y ? -1 : x > y;
}

static void
summarise(struct constrained_set *set, double accept)
{
    struct constrained_summary *summary = &set->summary;
    size_t ranks[2 * CONSTRAINED_QUANTILES + 4], used = 0, count = set->score_count;
    for (size_t i = 0; i < CONSTRAINED_QUANTILES; i++, used += 2)
        quantile_ranks(count, set->times, constrained_quantile_of[i], ranks + used);
    quantile_ranks(count, set->times, accept, ranks + used);
    used += 2;
    ranks[used++] = 0;
    ranks[used++] = count - 1;
    qsort(ranks, used, sizeof *ranks, compare_ranks);
    double *selected = memory_get(count * sizeof *selected);
    memcpy(selected, set->scores, count * sizeof *selected);
    quantile_select(selected, count, ranks, used);
    summary->assignments = count * set->times;
    summary->min = selected[0];
    summary->max = selected[count - 1];
    for (size_t i = 0; i < CONSTRAINED_QUANTILES; i++)
        summary->quantiles[i] =
            quantile_at(selected, count, set->times, constrained_quantile_of[i]);
    summary->cutoff_score = quantile_at(selected, count, set->times, accept);
    free(selected);
    moments(set);
}

/* The largest score that is accepted, and how many have it or less: from the cut-off on upwards as
 * long as the next counts as the same. */
static double
largest_accepted(const struct constrained_set *set, size_t *below)
{
    double last = set->summary.cutoff_score, reached;
    do {
        reached = last;
        *below = 0;
        for (size_t i = 0; i < set->score_count; i++) {
            double score = set->scores[i];
            if (score - reached > score_tolerance(score))
                continue;
            *below += set->times;
            last = score > last ? score : last;
        }
    } while (last > reached);
    return last;
}

static void
keep(struct constrained_set *set, const uint8_t *arms, double score)
{
    size_t at = set->summary.accepted++;
    key_pack(&set->shape, arms, set->keys + at * set->shape.words);
    set->items[at] = (struct item){score, at};
}

static void
collect(
    struct constrained_set *set, struct source *source, const struct constrained_progress *progress)
{
    size_t below, at = 0, units = set->shape.units;
    double last = largest_accepted(set, &below);
    uint8_t *exchanged = memory_get(units);
    set->items = memory_get(below * sizeof *set->items);
    set->keys = memory_get(below * set->shape.words * sizeof *set->keys);
    source_start(source);
    do {
        const uint8_t *arms = scorer_arms(source->scorer);
        double score = set->scores[at++];
        if (score <= last && scorer_within(source->scorer)) {
            assert(set->summary.accepted + set->times <= below);
            keep(set, arms, score);
            for (size_t unit = 0; unit < units; unit++)
                exchanged[unit] = !arms[unit];
            if (set->times == 2)
                keep(set, exchanged, score);
        }
        tell(progress, set->score_count + at, 2 * set->score_count);
    } while (source_next(source));
    free(exchanged);
}

static int
compare_items(const void *a, const void *b, void *context)
{
    const struct constrained_set *set = context;
    const struct item *x = a, *y = b;
    if (x->score < y->score || x->score > y->score)
        return x->score < y->score ? -1 : 1;
    return key_compare(
        &set->shape, set->keys + x->key * set->shape.words, set->keys + y->key * set->shape.words);
}

static int
compare_keys(const void *a, const void *b, void *context)
{
    const struct constrained_set *set = context;
    const struct item *x = a, *y = b;
    return key_compare(
        &set->shape, set->keys + x->key * set->shape.words, set->keys + y->key * set->shape.words);
}

/* By score, then assignment; scores that count as one are in the order of the assignments. */
static void
sort_items(struct constrained_set *set)
{
    struct item *items = set->items;
    size_t count = set->summary.accepted;
    qsort_r(items, count, sizeof *items, compare_items, set);
    for (size_t first = 0, next; first < count; first = next) {
        bool one_score = true;
        for (next = first + 1; next < count; next++) {
            double score = items[next].score, before = items[next - 1].score;
            if (score - before > score_tolerance(score))
                break;
            one_score = one_score && !(score > before);
        }
        if (!one_score)
            qsort_r(items + first, next - first, sizeof *items, compare_keys, set);
    }
}

static void
count_pairs(struct constrained_set *set)
{
    size_t units = set->shape.units;
    set->together = memory_get(units * units * sizeof *set->together);
    together_count(&set->shape, set->keys, set->summary.accepted, set->together);
}

/* How many assignments are to be scored; 0 with an error. Those of a sample are drawn. */
static size_t
gather(const struct constrained_problem *problem, struct stream *stream,
    const struct constrained_progress *progress, struct sample **sample, struct error *error)
{
    uint64_t count = constrained_count(problem);
    *sample = NULL;
    if (count <= problem->enumerate && count <= CONSTRAINED_SCORED_MAX)
        return (size_t)count;
    if (stream == NULL) {
        error_set(error, ERROR_REFUSED, "constrained sample",
            "there are more assignments than can be scored one and all, and nothing to draw a "
            "sample with");
        return 0;
    }
    *sample = sample_draw(problem, stream, progress, error);
    return *sample == NULL ? 0 : (*sample)->count;
}

static bool
check_accepted(const struct constrained_problem *problem, const struct constrained_set *set,
    struct error *error)
{
    if (set->summary.accepted > 0)
        return true;
    return error_set(error, ERROR_REFUSED, "constrained limits",
        "no assignment up to the cut-off meets the limits (of all %llu that were scored %llu do): "
        "raise a limit, or the cut-off, which is the quantile %g",
        (unsigned long long)set->summary.assignments, (unsigned long long)set->summary.within,
        problem->accept);
}

struct constrained_set *
constrained_solve(const struct constrained_problem *problem, struct stream *stream,
    const struct constrained_progress *progress, struct error *error)
{
    struct source source;
    struct sample *sample;
    if (!problem_check(problem, error))
        return NULL;
    struct scorer *scorer = scorer_new(problem, error);
    if (scorer == NULL)
        return NULL;
    size_t count = gather(problem, stream, progress, &sample, error);
    if (count == 0) {
        scorer_free(scorer);
        return NULL;
    }
    struct constrained_set *set = memory_get(sizeof *set);
    *set = (struct constrained_set){
        .shape = key_shape_of(problem->units, problem->arms), .summary.enumerated = sample == NULL};
    source_open(&source, problem, scorer, sample);
    set->times = source.times;
    set->score_count = count / source.times;
    score_all(set, &source, progress);
    summarise(set, problem->accept);
    collect(set, &source, progress);
    source_close(&source);
    scorer_free(scorer);
    sort_items(set);
    count_pairs(set);
    if (check_accepted(problem, set, error))
        return set;
    constrained_free(set);
    return NULL;
}

void
constrained_free(struct constrained_set *set)
{
    if (set == NULL)
        return;
    free(set->scores);
    free(set->items);
    free(set->keys);
    free(set->together);
    free(set);
}

const struct constrained_summary *
constrained_summary(const struct constrained_set *set)
{
    return &set->summary;
}

void
constrained_arms(const struct constrained_set *set, uint64_t index, uint8_t *arms)
{
    assert(index < set->summary.accepted);
    key_unpack(&set->shape, set->keys + set->items[index].key * set->shape.words, arms);
}

double
constrained_score(const struct constrained_set *set, uint64_t index)
{
    assert(index < set->summary.accepted);
    return set->items[index].score;
}

uint64_t
constrained_together(const struct constrained_set *set, size_t i, size_t j)
{
    size_t low = i < j ? i : j, high = i < j ? j : i;
    return low == high ? set->summary.accepted : set->together[low * set->shape.units + high];
}

void
constrained_histogram(const struct constrained_set *set, uint64_t *bins, size_t count)
{
    double width = (set->summary.max - set->summary.min) / (double)count;
    memset(bins, 0, count * sizeof *bins);
    for (size_t i = 0; i < set->score_count; i++) {
        double place = width > 0 ? (set->scores[i] - set->summary.min) / width : 0;
        bins[place < (double)count ? (size_t)place : count - 1] += set->times;
    }
}
