/*
 * source.c: an enumeration moves the scorer by exchanges; a sample sets it anew each time.
 */
#include "trial/constrained/source.h"

#include "trial/constrained/problem.h"

#include <stdlib.h>

void
source_open(struct source *source, const struct constrained_problem *problem, struct scorer *scorer,
    struct sample *sample)
{
    *source = (struct source){
        .problem = problem,
        .scorer = scorer,
        .sample = sample,
        .times = sample == NULL && problem->arms == 2 && problem_alike(problem, 0, 1) ? 2 : 1,
        .arms = memory_get(problem->units),
    };
}

void
source_close(struct source *source)
{
    enumeration_free(source->enumeration);
    sample_free(source->sample);
    free(source->arms);
}

static void
set_from_sample(struct source *source)
{
    const struct sample *sample = source->sample;
    key_unpack(&sample->shape, sample->keys + source->at * sample->shape.words, source->arms);
    scorer_set(source->scorer, source->arms);
}

void
source_start(struct source *source)
{
    source->at = 0;
    if (source->sample != NULL) {
        set_from_sample(source);
        return;
    }
    enumeration_free(source->enumeration);
    source->enumeration = enumeration_new(source->problem, source->times == 2, source->arms);
    scorer_set(source->scorer, source->arms);
}

bool
source_next(struct source *source)
{
    size_t first, second;
    if (source->sample != NULL) {
        if (++source->at >= source->sample->count)
            return false;
        set_from_sample(source);
        return true;
    }
    if (!enumeration_next(source->enumeration, &first, &second))
        return false;
    scorer_exchange(source->scorer, first, second);
    return true;
}
