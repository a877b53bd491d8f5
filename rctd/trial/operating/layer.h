/*
 * layer.h: the states that a walk can be in after so many allocations, each once: the counts of
 * its arms, and its probability. Zeroed is an empty layer; it owns its memory.
 */
#ifndef RCTD_TRIAL_OPERATING_LAYER_H
#define RCTD_TRIAL_OPERATING_LAYER_H

#include <stddef.h>
#include <stdint.h>

struct layer {
    int64_t *counts; /* a number for each arm, of each state */
    double *mass;    /* of each state: its probability */
    size_t size;
    size_t capacity;
    uint32_t *slots; /* hash table of state + 1 */
    size_t slot_count;
    size_t slot_capacity;
};

/* Empties the layer and makes room for as many states, which is the most that it may get. */
void layer_clear(struct layer *layer, size_t arms, size_t room);

/* The state with these counts, which is added with probability 0 where it is new. */
size_t layer_find(struct layer *layer, size_t arms, const int64_t *counts);

void layer_free(struct layer *layer);

#endif
