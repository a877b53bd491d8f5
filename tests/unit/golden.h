/*
 * golden.h: reads a golden file of tests/golden with its header; a file with faults fails the test.
 * Tests run in the root of the tree.
 */
#ifndef TESTS_UNIT_GOLDEN_H
#define TESTS_UNIT_GOLDEN_H

#include "base/csv.h"

#include <check.h>
#include <stdio.h>

static inline struct csv
golden_read(struct arena *arena, const char *path)
{
    struct text bytes;
    struct faults faults;
    struct csv csv;
    char part[4096];
    size_t got;
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s cannot be opened: run the test in the root of the tree", path);
    text_init(&bytes, arena);
    while ((got = fread(part, 1, sizeof part, file)) > 0)
        text_append_bytes(&bytes, part, got);
    fclose(file);
    faults_init(&faults, arena);
    ck_assert_msg(csv_read(arena, bytes.bytes, bytes.length, &faults, &csv), "%s has faults", path);
    ck_assert_uint_gt(csv.count, 0);
    return csv;
}

#endif
