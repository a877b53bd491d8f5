/*
 * state.c: looks transitions up in the table.
 */
#include "trial/state.h"

#include "base/compiler.h"

#include <string.h>

#define STATE_ROW(machine, from, to) {machine, from, to},
const struct state_transition state_transitions[] = {STATE_TRANSITIONS(STATE_ROW)};
#undef STATE_ROW
const size_t state_transition_count = COUNT_OF(state_transitions);

bool
state_may_follow(const char *machine, const char *from, const char *to)
{
    for (size_t i = 0; i < state_transition_count; i++) {
        const struct state_transition *row = &state_transitions[i];
        if (strcmp(row->machine, machine) == 0 && strcmp(row->from, from) == 0 &&
            strcmp(row->to, to) == 0)
            return true;
    }
    return false;
}
