/*
 * require.h: what every fuzz program has: its entry, and an end for what must not be.
 */
#ifndef RCTD_TESTS_FUZZ_REQUIRE_H
#define RCTD_TESTS_FUZZ_REQUIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static inline void
require(bool holds)
{
    if (!holds)
        abort();
}

#endif
