/*
 * protocol_case.h: protocols for tests: files of the tree, and the WORK TOGETHER protocol with one
 * piece of text replaced. Tests run in the root of the tree.
 */
#ifndef TESTS_UNIT_TRIAL_PROTOCOL_CASE_H
#define TESTS_UNIT_TRIAL_PROTOCOL_CASE_H

#include "base/text.h"
#include "trial/protocol.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORK_TOGETHER "etc/protocols/work-together.yaml"

static struct arena *arena;
static struct faults faults;

static inline void
protocol_case_start(void)
{
    arena = arena_new();
    faults_init(&faults, arena);
}

static inline void
protocol_case_end(void)
{
    arena_free(arena);
}

static inline const char *
file_text(const char *path)
{
    struct text text;
    char part[4096];
    size_t got;
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s cannot be opened: run the test in the root of the tree", path);
    text_init(&text, arena);
    while ((got = fread(part, 1, sizeof part, file)) > 0)
        text_append_bytes(&text, part, got);
    fclose(file);
    return text.bytes;
}

/* Parses a copy of exactly this size, so that reading behind it, or keeping a pointer to it, is
 * found. */
static inline struct protocol *
parse_bytes(const void *bytes, size_t size)
{
    char *copy = malloc(size == 0 ? 1 : size);
    memcpy(copy, bytes, size);
    faults_init(&faults, arena);
    static const char *const names[] = {"Europe/Berlin", "Europe/Stockholm", "UTC"};
    const struct protocol_zones zones = {names, COUNT_OF(names)};
    struct protocol *protocol = protocol_parse_new(arena, copy, size, &zones, &faults);
    memset(copy, 'x', size);
    free(copy);
    ck_assert((protocol != NULL) == (faults.total == 0));
    return protocol;
}

static inline struct protocol *
parse_text(const char *text)
{
    return parse_bytes(text, strlen(text));
}

/* The text with the first `from` replaced; `from` must stand in it. */
static inline const char *
replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    ck_assert_msg(at != NULL, "the protocol does not hold: %s", from);
    return arena_printf(arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

/* All faults, one a line, without a file name. */
static inline const char *
fault_lines(void)
{
    struct text text;
    text_init(&text, arena);
    for (size_t i = 0; i < faults.count; i++)
        text_printf(&text, "%s\n", fault_line(arena, NULL, &faults.items[i]));
    return text.bytes;
}

/* The WORK TOGETHER protocol, which must be right. */
static inline struct protocol *
work_together(void)
{
    struct protocol *protocol = parse_text(file_text(WORK_TOGETHER));
    ck_assert_msg(protocol != NULL, "%s", fault_lines());
    return protocol;
}

/* The WORK TOGETHER protocol with one change, which must be right. */
static inline struct protocol *
amended(const char *from, const char *to)
{
    struct protocol *protocol = parse_text(replaced(file_text(WORK_TOGETHER), from, to));
    ck_assert_msg(protocol != NULL, "%s", fault_lines());
    return protocol;
}

/* The text of a trial of so many workplaces with one scheme, which stands in line 19. */
static inline const char *
one_scheme(unsigned target, const char *scheme)
{
    return arena_printf(arena,
        "trial: t\ntitle: T\ntime_zone: UTC\nlanguages: [en]\n"
        "workplace:\n  attributes:\n    sector: {levels: [public, private]}\n"
        "    beds: {type: integer}\n"
        "    size: {from: beds, bands: {small: [1, 49], large: [50, 5000]}}\n"
        "    county: {levels: [n, ne, e, se, s, sw, w, nw]}\n"
        "arms:\n  a: {label: A}\n  b: {label: B}\n  c: {label: C}\n"
        "phases:\n  main:\n    target: {workplaces: %u}\n    scheme:\n"
        "      {unit: workplace, %s}\n",
        target, scheme);
}

#endif
