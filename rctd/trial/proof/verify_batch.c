/*
 * verify_batch.c: constrained randomisation is drawn again, batch by batch. The rows of a batch
 * carry the values of its units, from which the problem is built; so one batch of rows is held in
 * memory, and no more.
 */
#include "trial/proof/verify_private.h"

#include "trial/constrained/constrained.h"
#include "trial/proof/ledger_decision.h"

#include <stdlib.h>
#include <string.h>

/* A row of the batch, and what it says of its unit. */
struct member {
    struct ledger_row row; /* its cells are copies */
    struct ledger_batch said;
};

struct verify_batch {
    struct arena *arena;
    int64_t number; /* 0 before the first */
    struct verify_state *state;
    struct member *members;
    size_t count;
    size_t capacity;
};

static struct verify_batch *
batch_new(void)
{
    struct verify_batch *batch = memory_get(sizeof *batch);
    *batch = (struct verify_batch){.arena = arena_new()};
    return batch;
}

static void
empty(struct verify_batch *batch)
{
    batch->members = NULL;
    batch->count = 0;
    batch->capacity = 0;
    arena_reset(batch->arena);
}

void
verify_batch_free(struct verify_batch *batch)
{
    if (batch == NULL)
        return;
    empty(batch);
    arena_free(batch->arena);
    free(batch);
}

/* Copies the row, and what it says of its batch, which lives in another arena. */
static void
add_member(struct verify_batch *batch, const struct ledger_row *row)
{
    batch->members = arena_grow(
        batch->arena, batch->members, batch->count, &batch->capacity, sizeof *batch->members);
    struct member *member = &batch->members[batch->count];
    *member = (struct member){.row = *row};
    for (size_t i = 0; i < LEDGER_COLUMN_COUNT; i++)
        member->row.cells[i].bytes = ledger_cell_text(batch->arena, row->cells[i]);
    if (ledger_decision_batch(batch->arena, row->cells[LEDGER_DECISION], &member->said))
        batch->count++;
}

/* The batch as a problem; NULL, with the reason as a sentence, where there is none. */
static struct constrained_problem *
build(struct verify *verify, const struct verify_batch *batch, const char **why)
{
    struct faults faults;
    int64_t units = batch->members[0].said.units;
    if (units != (int64_t)batch->count) {
        *why = arena_printf(batch->arena, "it was drawn for %lld units, and here are %zu",
            (long long)units, batch->count);
        return NULL;
    }
    struct constrained_unit *given = arena_array(batch->arena, batch->count, sizeof *given);
    for (size_t i = 0; i < batch->count; i++)
        given[i] = (struct constrained_unit){
            .id = batch->members[i].row.cells[LEDGER_UNIT].bytes,
            .values = batch->members[i].said.values,
        };
    for (size_t i = 1; i < batch->count; i++)
        if (strcmp(given[i - 1].id, given[i].id) >= 0) {
            *why = arena_printf(batch->arena,
                "its rows stand in the order of their units, and %s is not behind %s", given[i].id,
                given[i - 1].id);
            return NULL;
        }
    faults_init(&faults, batch->arena);
    struct constrained_problem *problem = constrained_problem_of(
        batch->arena, verify->plan.protocol, verify->plan.scheme, given, batch->count, &faults);
    if (problem == NULL)
        *why = faults.count == 0 ? "its units' values make no problem" : faults.items[0].message;
    return problem;
}

static size_t
find_unit(const struct constrained_problem *problem, const char *id)
{
    size_t at = 0;
    while (strcmp(problem->ids[at], id) != 0)
        at++;
    return at;
}

static void
compare(struct verify *verify, const struct verify_batch *batch,
    const struct constrained_problem *problem, const struct constrained_choice *choice)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct ledger_row *row = &batch->members[i].row;
        size_t unit = find_unit(problem, row->cells[LEDGER_UNIT].bytes);
        verify_compare_arm(verify, batch->state, row, choice->arms[unit]);
        verify_compare_decision(verify, batch->state, row, choice->decisions[unit]);
    }
}

static void
finish(struct verify *verify)
{
    struct verify_batch *batch = verify->batch;
    struct constrained_choice choice;
    struct error error = ERROR_CLEAR;
    const char *why = NULL;
    if (batch->count == 0)
        return;
    struct constrained_problem *problem = build(verify, batch, &why);
    if (problem != NULL && constrained_allocate(batch->arena, problem, verify->plan.seed,
                               verify->label, batch->number, NULL, &choice, &error))
        compare(verify, batch, problem, &choice);
    else
        verify_find(verify, batch->state, VERIFY_BATCH, &batch->members[0].row, NULL,
            problem == NULL ? why : error.detail);
    empty(batch);
}

void
verify_batch_row(struct verify *verify, struct verify_state *state, const struct ledger_row *row)
{
    struct ledger_batch said;
    if (!ledger_decision_batch(verify->scratch, row->cells[LEDGER_DECISION], &said))
        said.number = 0;
    arena_reset(verify->scratch);
    if (verify->batch == NULL)
        verify->batch = batch_new();
    struct verify_batch *batch = verify->batch;
    if (said.number != batch->number) {
        finish(verify);
        if (said.number != batch->number + 1)
            verify_find(verify, state, VERIFY_BATCH, row, NULL,
                said.number < 1 ? "its decision names no batch"
                                : arena_printf(batch->arena, "batch %lld was due, not %lld",
                                      (long long)batch->number + 1, (long long)said.number));
        batch->number = said.number < 1 ? batch->number : said.number;
    }
    batch->state = state;
    if (said.number >= 1 && batch->count <= CONSTRAINED_UNITS_MAX)
        add_member(batch, row);
}

void
verify_batch_end(struct verify *verify)
{
    if (verify->batch != NULL)
        finish(verify);
}
