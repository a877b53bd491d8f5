/*
 * simulate.c: spreads the trials over the processors. They are cut into chunks, whose number does
 * not depend on that of the threads; each chunk has its own part of the generator's sequence and
 * its own sums, which are added in the chunks' order. So the figures are the same on any machine.
 */
#include "base/arena.h"
#include "trial/operating/run.h"

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define CHUNKS_MAX 4096
#define CHUNK_ALLOCATIONS 200000 /* at least, where there are as many */
#define THREADS_MAX 256

struct simulation {
    const struct operating_setting *setting;
    const struct run_shape *shape;
    struct arena *arena;
    bool curve;
    size_t chunks;
    size_t width; /* moments of a chunk */
    struct generator *generators;
    struct moment *moments;

    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t done;
    size_t next;
    size_t finished;
    struct run_totals totals;
};

/* Trials of a chunk: nearly the same number in each. */
static int64_t
chunk_trials(const struct simulation *simulation, size_t chunk)
{
    int64_t chunks = (int64_t)simulation->chunks;
    int64_t trials = simulation->setting->trials;
    return trials / chunks + ((int64_t)chunk < trials % chunks);
}

static void
plan_chunks(struct simulation *simulation)
{
    int64_t trials = simulation->setting->trials;
    int64_t each = CHUNK_ALLOCATIONS / (int64_t)simulation->setting->n + 1;
    int64_t chunks = (trials + each - 1) / each;
    simulation->chunks = (size_t)(chunks < CHUNKS_MAX ? chunks : CHUNKS_MAX);
    simulation->generators =
        arena_array(simulation->arena, simulation->chunks, sizeof *simulation->generators);
    generator_seed(&simulation->generators[0], simulation->setting->seed);
    for (size_t i = 1; i < simulation->chunks; i++) {
        simulation->generators[i] = simulation->generators[i - 1];
        generator_jump(&simulation->generators[i]);
    }
    simulation->width = (simulation->shape->parts + 1) * RUN_FIGURES;
    simulation->moments = arena_array(
        simulation->arena, simulation->chunks * simulation->width, sizeof *simulation->moments);
}

static bool
take_chunk(struct simulation *simulation, size_t *chunk)
{
    pthread_mutex_lock(&simulation->lock);
    *chunk = simulation->next;
    bool taken = simulation->next < simulation->chunks;
    simulation->next += taken;
    pthread_mutex_unlock(&simulation->lock);
    return taken;
}

static void
finish_chunk(struct simulation *simulation)
{
    pthread_mutex_lock(&simulation->lock);
    simulation->finished++;
    pthread_cond_signal(&simulation->done);
    pthread_mutex_unlock(&simulation->lock);
}

static void
add_totals(struct simulation *simulation, const struct run_totals *from)
{
    pthread_mutex_lock(&simulation->lock);
    for (size_t cell = 0; cell <= simulation->shape->cells; cell++)
        for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
            simulation->totals.counts[cell][arm] += from->counts[cell][arm];
    for (size_t k = 0; from->curve != NULL && k <= simulation->setting->n; k++)
        simulation->totals.curve[k] += from->curve[k];
    pthread_mutex_unlock(&simulation->lock);
}

static void *
work(void *given)
{
    struct simulation *simulation = given;
    struct run *run = run_new(simulation->setting, simulation->shape, simulation->curve);
    size_t chunk;
    while (take_chunk(simulation, &chunk)) {
        struct generator generator = simulation->generators[chunk];
        run_trials(run, &generator, chunk_trials(simulation, chunk),
            simulation->moments + chunk * simulation->width);
        finish_chunk(simulation);
    }
    add_totals(simulation, run_totals(run));
    run_free(run);
    return NULL;
}

static void
report(struct simulation *simulation)
{
    const struct operating_setting *setting = simulation->setting;
    pthread_mutex_lock(&simulation->lock);
    for (size_t seen = 0; seen < simulation->chunks;) {
        while (simulation->finished == seen)
            pthread_cond_wait(&simulation->done, &simulation->lock);
        seen = simulation->finished;
        pthread_mutex_unlock(&simulation->lock);
        if (setting->progress != NULL)
            setting->progress(setting->context, (int64_t)seen, (int64_t)simulation->chunks);
        pthread_mutex_lock(&simulation->lock);
    }
    pthread_mutex_unlock(&simulation->lock);
}

static size_t
count_threads(const struct simulation *simulation)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t threads = simulation->setting->threads;
    if (threads == 0)
        threads = processors > 0 ? (size_t)processors : 1;
    threads = threads < THREADS_MAX ? threads : THREADS_MAX;
    return threads < simulation->chunks ? threads : simulation->chunks;
}

/* Where not even one thread can be started the caller does the work itself. */
static void
run_threads(struct simulation *simulation)
{
    pthread_t threads[THREADS_MAX];
    size_t wanted = count_threads(simulation);
    size_t started = 0;
    pthread_mutex_init(&simulation->lock, NULL);
    pthread_cond_init(&simulation->done, NULL);
    while (started < wanted && pthread_create(&threads[started], NULL, work, simulation) == 0)
        started++;
    if (started == 0)
        work(simulation);
    report(simulation);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_cond_destroy(&simulation->done);
    pthread_mutex_destroy(&simulation->lock);
}

static struct moment
sum_chunks(const struct simulation *simulation, size_t part, enum run_figure figure)
{
    struct moment sum = {0};
    for (size_t chunk = 0; chunk < simulation->chunks; chunk++) {
        const struct moment *moments = simulation->moments + chunk * simulation->width;
        sum.sum += moments[part * RUN_FIGURES + figure].sum;
        sum.squares += moments[part * RUN_FIGURES + figure].squares;
    }
    return sum;
}

/* Mean over the trials, and its standard error. */
static double
mean_of(const struct simulation *simulation, size_t part, enum run_figure figure, double *error)
{
    struct moment sum = sum_chunks(simulation, part, figure);
    double trials = (double)simulation->setting->trials;
    double mean = sum.sum / trials;
    *error = sqrt(fmax(0, (sum.squares / trials - mean * mean) / (trials - 1)));
    return mean;
}

/* The root of the mean variance over a part's cells, or of the trial (part 0). */
static double
sd_of(
    const struct simulation *simulation, size_t part, size_t first_row, size_t rows, double *error)
{
    struct pairs pairs;
    double reduced = 0;
    double square = mean_of(simulation, part, RUN_SQUARE, error);
    pairs_of(simulation->setting->scheme, &pairs);
    for (size_t row = first_row; row < first_row + rows; row++) {
        double means[PROTOCOL_ARMS_MAX];
        for (size_t i = 0; i < pairs.count; i++)
            means[i] =
                (double)simulation->totals.counts[row][i] / (double)simulation->setting->trials;
        reduced += pairs_square_of_means(&pairs, means) / (double)rows;
    }
    double sd = sqrt(fmax(0, square - reduced));
    *error = sd > 0 ? *error / (2 * sd) : 0;
    return sd;
}

static void
write_trial(const struct simulation *simulation, struct operating *out)
{
    double *error = out->standard_error;
    out->exact = false;
    out->correct_guess = mean_of(simulation, 0, RUN_GUESS, &error[OPERATING_CORRECT_GUESS]);
    out->deterministic = mean_of(simulation, 0, RUN_CERTAIN, &error[OPERATING_DETERMINISTIC]);
    out->final_sd = sd_of(simulation, 0, 0, 1, &error[OPERATING_FINAL_SD]);
    out->final_abs = mean_of(simulation, 0, RUN_ABSOLUTE, &error[OPERATING_FINAL_ABS]);
    out->max_abs = mean_of(simulation, 0, RUN_LARGEST, &error[OPERATING_MAX_ABS]);
}

static void
write_part(const struct simulation *simulation, size_t part, struct operating_part *out)
{
    size_t first = simulation->shape->first_cell[part];
    size_t cells = simulation->shape->first_cell[part + 1] - first;
    double *error = out->standard_error;
    *out = (struct operating_part){0};
    out->final_sd = sd_of(simulation, part + 1, first + 1, cells, &error[OPERATING_FINAL_SD]);
    out->final_abs = mean_of(simulation, part + 1, RUN_ABSOLUTE, &error[OPERATING_FINAL_ABS]);
    out->max_abs = mean_of(simulation, part + 1, RUN_LARGEST, &error[OPERATING_MAX_ABS]);
}

static void
write_result(const struct simulation *simulation, struct operating_result *result)
{
    bool minimises = simulation->setting->scheme->method == METHOD_MINIMISATION;
    write_trial(simulation, &result->trial);
    result->strata = (struct operating_part){0};
    for (size_t i = 0; i < simulation->shape->parts; i++) {
        if (!minimises)
            write_part(simulation, i, &result->strata);
        else if (result->factors != NULL)
            write_part(simulation, i, &result->factors[i]);
    }
    for (size_t k = 0; result->curve != NULL && k <= simulation->setting->n; k++)
        result->curve[k] = simulation->totals.curve[k] / (double)simulation->setting->trials;
}

bool
operating_simulate(
    const struct operating_setting *setting, struct operating_result *result, struct error *error)
{
    struct simulation simulation = {
        .setting = setting, .arena = arena_new(), .curve = result->curve != NULL};
    simulation.shape = run_shape(setting, simulation.arena, error);
    bool ok = simulation.shape != NULL;
    if (ok) {
        simulation.totals = (struct run_totals){
            .counts = arena_array(
                simulation.arena, simulation.shape->cells + 1, sizeof *simulation.totals.counts),
            .curve = arena_array(simulation.arena, setting->n + 1, sizeof(double)),
        };
        plan_chunks(&simulation);
        run_threads(&simulation);
        write_result(&simulation, result);
    }
    arena_free(simulation.arena);
    return ok;
}
