/*
 * protocol_check.c: a protocol file in, its faults or a summary out. The summary repeats what
 * decides an allocation and a follow-up in words, so that a mistake shows before the protocol is
 * locked.
 */
#include "cli/conduct/protocol_check.h"

#include "base/clock.h"
#include "base/text.h"
#include "cli/conduct/zones.h"
#include "cli/design/consequences.h"
#include "trial/protocol.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Reads at most one byte more than a protocol may have; the checker then says that it is too large.
 */
static char *
read_file(struct arena *arena, const char *path, size_t *size, enum error_code *code)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    char *bytes = NULL;
    if (file != NULL) {
        bytes = arena_alloc(arena, PROTOCOL_SIZE_MAX + 1);
        *size = fread(bytes, 1, PROTOCOL_SIZE_MAX + 1, file);
    }
    if (file == NULL || ferror(file)) {
        *code = errno == ENOENT ? ERROR_NOT_FOUND : ERROR_SYSTEM;
        fprintf(stderr, "%s: cannot be read: %s\n", path, strerror(errno));
        bytes = NULL;
    }
    if (file != NULL && file != stdin)
        fclose(file);
    return bytes;
}

static unsigned
largest_block(const struct protocol_scheme *scheme)
{
    unsigned largest = 0;
    for (size_t i = 0; i < scheme->design.block_count; i++)
        if (scheme->design.blocks[i] > largest)
            largest = scheme->design.blocks[i];
    return largest;
}

/* "updated 1 : existing 1 : control 1" */
static const char *
ratio_text(
    struct arena *arena, const struct protocol *protocol, const struct protocol_scheme *scheme)
{
    struct text text;
    text_init(&text, arena);
    for (size_t i = 0; i < protocol->arm_count; i++)
        if (scheme->ratio[i] > 0)
            text_printf(&text, "%s%s %u", text.length > 0 ? " : " : "", protocol->arms[i].id,
                scheme->ratio[i]);
    return text.bytes;
}

/* "sector (public, private) x size (10-49, 50-249)" */
static const char *
strata_text(
    struct arena *arena, const struct protocol *protocol, const struct protocol_scheme *scheme)
{
    struct text text;
    text_init(&text, arena);
    for (size_t i = 0; i < scheme->factor_count; i++) {
        const struct protocol_attribute *factor =
            &protocol->subjects[scheme->unit].attributes[scheme->factors[i]];
        text_printf(&text, "%s%s (", i > 0 ? " x " : "", factor->name);
        for (size_t j = 0; j < factor->level_count; j++)
            text_printf(&text, "%s%s", j > 0 ? ", " : "", factor->levels[j]);
        text_append(&text, ")");
    }
    return text.bytes;
}

/* "1 stratum x blocks of 3 or 6: up to 6 places unfinished, target 72 workplaces" */
static void
print_places(struct arena *arena, const struct protocol *protocol,
    const struct protocol_scheme *scheme, FILE *out)
{
    size_t strata = protocol_scheme_strata(protocol, scheme);
    unsigned target = protocol->phases[scheme->phase].target[scheme->unit];
    struct text text;
    text_init(&text, arena);
    text_printf(&text, "%zu %s", strata, strata == 1 ? "stratum" : "strata");
    for (size_t i = 0; i < scheme->design.block_count; i++)
        text_printf(&text, "%s%u", i == 0 ? " x blocks of " : " or ", scheme->design.blocks[i]);
    if (scheme->design.block_count > 0)
        text_printf(&text, ": %zu places at most are open at once", strata * largest_block(scheme));
    if (target > 0)
        text_printf(&text, "; target %u %ss", target, protocol_unit_name(scheme->unit));
    fprintf(out, "      %s\n", text.bytes);
}

static void
print_schemes(struct arena *arena, const struct protocol *protocol, FILE *out)
{
    fprintf(out, "Schemes\n");
    for (size_t i = 0; i < protocol->scheme_count; i++) {
        const struct protocol_scheme *scheme = &protocol->schemes[i];
        fprintf(out, "  %s: %ss, %s, %s%s\n", scheme->name, protocol_unit_name(scheme->unit),
            protocol_method_name(scheme->method), ratio_text(arena, protocol, scheme),
            scheme->roster_lock ? ", roster locked first" : "");
        if (scheme->factor_count > 0)
            fprintf(out, "      strata %s\n", strata_text(arena, protocol, scheme));
        print_places(arena, protocol, scheme, out);
    }
}

/* "day 21 after allocation, days 7 to 35; updated, existing only" */
static const char *
task_text(struct arena *arena, const struct protocol *protocol, const struct protocol_task *task)
{
    struct text text;
    text_init(&text, arena);
    text_printf(&text, "%s, ", protocol_task_kind_name(task->kind));
    if (task->unit != PROTOCOL_UNITS)
        text_printf(&text, "each %s, ", protocol_unit_name(task->unit));
    const char *anchor =
        task->anchor == ANCHOR_ALLOCATION ? "allocation" : "the start of the phase";
    if (task->times > 1)
        text_printf(&text, "%u times from day %d every %u days after %s, each from day %+d to %+d",
            task->times, task->at, task->every, anchor, task->window_before, task->window_after);
    else
        text_printf(&text, "day %d after %s, window day %d to %d", task->at, anchor,
            task->at + task->window_before, task->at + task->window_after);
    bool first = true;
    uint32_t all = (uint32_t)((UINT64_C(1) << protocol->arm_count) - 1);
    for (size_t i = 0; i < protocol->arm_count && task->arms != all; i++)
        if (task->arms & UINT32_C(1) << i) {
            text_printf(&text, "%s%s", first ? "; only " : ", ", protocol->arms[i].id);
            first = false;
        }
    if (task->phase != PROTOCOL_NONE)
        text_printf(&text, "; only in %s", protocol->phases[task->phase].name);
    if (task->primary)
        text_append(&text, "; primary");
    return text.bytes;
}

static void
print_summary(struct arena *arena, const struct protocol *protocol, FILE *out)
{
    fprintf(out, "Trial %s: %s\n", protocol->trial,
        protocol_text_in(&protocol->title, protocol->languages[0]));
    fprintf(out, "Arms\n");
    for (size_t i = 0; i < protocol->arm_count; i++)
        fprintf(out, "  %s: %s\n", protocol->arms[i].id,
            protocol_text_in(&protocol->arms[i].label, protocol->languages[0]));
    print_schemes(arena, protocol, out);
    consequences_print(protocol, out);
    if (protocol->task_count > 0)
        fprintf(out, "Tasks\n");
    for (size_t i = 0; i < protocol->task_count; i++)
        fprintf(out, "  %s: %s\n", protocol->tasks[i].name,
            task_text(arena, protocol, &protocol->tasks[i]));
}

static json_t *
faults_json(const struct faults *faults)
{
    json_t *list = json_array();
    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->items[i];
        json_array_append_new(
            list, json_pack("{s:s s:i s:i s:s s:s s:s}", "pointer", fault->pointer, "line",
                      (int)fault->line, "column", (int)fault->column, "message", fault->message,
                      "remedy", fault->remedy, "source", fault->source));
    }
    return list;
}

static json_t *
summary_json(struct arena *arena, const struct protocol *protocol)
{
    json_t *arms = json_array(), *schemes = json_array(), *tasks = json_array();
    for (size_t i = 0; i < protocol->arm_count; i++)
        json_array_append_new(arms, json_string(protocol->arms[i].id));
    for (size_t i = 0; i < protocol->scheme_count; i++) {
        const struct protocol_scheme *scheme = &protocol->schemes[i];
        json_array_append_new(schemes,
            json_pack("{s:s s:s s:s s:s s:I s:i s:i s:o}", "scheme", scheme->name, "unit",
                protocol_unit_name(scheme->unit), "method", protocol_method_name(scheme->method),
                "ratio", ratio_text(arena, protocol, scheme), "strata",
                (json_int_t)protocol_scheme_strata(protocol, scheme), "largest_block",
                (int)largest_block(scheme), "target",
                (int)protocol->phases[scheme->phase].target[scheme->unit], "consequences",
                consequences_json(protocol, scheme)));
    }
    for (size_t i = 0; i < protocol->task_count; i++)
        json_array_append_new(tasks, json_pack("{s:s s:s}", "task", protocol->tasks[i].name, "when",
                                         task_text(arena, protocol, &protocol->tasks[i])));
    return json_pack("{s:s s:o s:o s:o}", "trial", protocol->trial, "arms", arms, "schemes",
        schemes, "tasks", tasks);
}

static json_t *
report_json(struct arena *arena, const char *path, const struct protocol *protocol,
    const struct faults *faults, const struct faults *advice)
{
    json_t *summary = protocol == NULL ? json_null() : summary_json(arena, protocol);
    return json_pack("{s:s s:b s:o s:o s:o}", "file", path, "right", protocol != NULL, "faults",
        faults_json(faults), "advice", faults_json(advice), "summary", summary);
}

static void
print_faults(struct arena *arena, const char *path, const struct faults *faults, const char *prefix,
    FILE *out)
{
    for (size_t i = 0; i < faults->count; i++)
        fprintf(out, "%s%s\n", prefix, fault_line(arena, path, &faults->items[i]));
    if (faults->total > faults->count)
        fprintf(out, "... and %zu more\n", faults->total - faults->count);
}

/* What was found in a file. */
struct finding {
    struct arena *arena;
    const struct protocol *protocol; /* NULL where there are faults */
    struct faults faults;
    struct faults advice;
};

/* False where the file cannot be read. */
static bool
read_and_check(const char *path, struct finding *finding, enum error_code *code)
{
    size_t size = 0;
    faults_init(&finding->faults, finding->arena);
    faults_init(&finding->advice, finding->arena);
    *code = ERROR_NONE;
    const char *bytes = read_file(finding->arena, path, &size, code);
    if (bytes == NULL)
        return false;
    const struct protocol_zones zones = zones_here(finding->arena);
    finding->protocol = protocol_parse_new(finding->arena, bytes, size, &zones, &finding->faults);
    if (finding->protocol == NULL)
        *code = ERROR_FIELDS;
    else
        protocol_advise(finding->protocol, clock_year(clock_now()), &finding->advice);
    return true;
}

json_t *
protocol_check_json(const char *path, enum error_code *code)
{
    struct finding finding = {.arena = arena_new()};
    json_t *report = NULL;
    if (read_and_check(path, &finding, code))
        report =
            report_json(finding.arena, path, finding.protocol, &finding.faults, &finding.advice);
    arena_free(finding.arena);
    return report;
}

bool
protocol_check_file(const char *path, FILE *out, enum error_code *code)
{
    struct finding finding = {.arena = arena_new()};
    if (!read_and_check(path, &finding, code))
        goto out;
    print_faults(finding.arena, path, &finding.faults, "", out);
    if (finding.protocol == NULL) {
        size_t total = finding.faults.total;
        fprintf(out, "%zu %s in %s\n", total, total == 1 ? "fault" : "faults", path);
        goto out;
    }
    print_summary(finding.arena, finding.protocol, out);
    print_faults(finding.arena, path, &finding.advice, "Advice: ", out);
    fprintf(out, "%s is right\n", path);
out:
    arena_free(finding.arena);
    return *code == ERROR_NONE;
}
