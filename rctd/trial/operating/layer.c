/*
 * layer.c: a hash table over the counts; open addressing, at most half full.
 */
#include "trial/operating/layer.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

void
layer_free(struct layer *layer)
{
    free(layer->counts);
    free(layer->mass);
    free(layer->slots);
}

static void *
resize(void *old, size_t count, size_t size)
{
    void *memory = memory_get(count * size);
    free(old);
    return memory;
}

void
layer_clear(struct layer *layer, size_t arms, size_t room)
{
    layer->size = 0;
    if (layer->capacity < room) {
        layer->capacity = 2 * room;
        layer->counts = resize(layer->counts, layer->capacity * arms, sizeof *layer->counts);
        layer->mass = resize(layer->mass, layer->capacity, sizeof *layer->mass);
    }
    layer->slot_count = 16;
    while (layer->slot_count < 2 * room)
        layer->slot_count *= 2;
    if (layer->slot_capacity < layer->slot_count) {
        layer->slot_capacity = layer->slot_count;
        layer->slots = resize(layer->slots, layer->slot_count, sizeof *layer->slots);
    }
    memset(layer->slots, 0, layer->slot_count * sizeof *layer->slots);
}

size_t
layer_find(struct layer *layer, size_t arms, const int64_t *counts)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < arms; i++)
        hash = (hash ^ (uint64_t)counts[i]) * 0x9e3779b97f4a7c15U;
    size_t slot = (hash >> 20) & (layer->slot_count - 1);
    for (; layer->slots[slot] != 0; slot = (slot + 1) & (layer->slot_count - 1)) {
        size_t state = layer->slots[slot] - 1;
        if (memcmp(layer->counts + state * arms, counts, arms * sizeof *counts) == 0)
            return state;
    }
    size_t state = layer->size++;
    layer->slots[slot] = (uint32_t)layer->size;
    memcpy(layer->counts + state * arms, counts, arms * sizeof *counts);
    layer->mass[state] = 0;
    return state;
}
