/*
 * constrain_read.c: holds the table against the options. Everything that is wrong with the table is
 * told at once, with line and column.
 */
#include "cli/constrain_read.h"

#include "base/text.h"
#include "cli/constrain_covariate.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX 10000000 /* bytes of the table */
#define ENUMERATE 5000000 /* where --enumerate is not given */
#define SAMPLE 20000

struct reading {
    struct session *session;
    struct arena *arena;
    const char *path;
    struct constrain_input *input;
    struct constrained_problem *problem;
};

static const struct csv_cell *
cell_of(const struct reading *reading, size_t unit, size_t column)
{
    return &reading->input->csv.rows[reading->input->order[unit]].cells[column];
}

static const char *
id_of(const struct reading *reading, size_t row)
{
    const struct csv_cell *cell = &reading->input->csv.rows[row].cells[reading->input->id];
    return text_trim(reading->arena, cell->text);
}

/* The column of that name; false with an error that names those there are. */
static bool
find_column(const struct reading *reading, const char *option, const char *name, size_t *column)
{
    const struct csv_row *header = &reading->input->csv.header;
    struct text names;
    int found = csv_find(&reading->input->csv, name);
    if (found >= 0) {
        *column = (size_t)found;
        return true;
    }
    text_init(&names, reading->arena);
    for (size_t i = 0; i < header->count; i++)
        text_printf(&names, "%s%s", i == 0 ? "" : ", ", header->cells[i].text);
    return error_set(&reading->session->error, ERROR_NOT_FOUND, option,
        "%s: %s has no column `%.100s'; its columns are: %s", option, reading->path, name,
        names.bytes);
}

static void
fault(const struct reading *reading, const struct csv_cell *cell, const char *name,
    const char *remedy, const char *what)
{
    faults_add(&reading->session->faults, name, cell->line, cell->column, remedy, "%s", what);
}

/* The trimmed text of a cell, or NULL with a fault where it is empty. */
static const char *
text_of(const struct reading *reading, const struct csv_cell *cell, const char *name)
{
    const char *text = text_trim(reading->arena, cell->text);
    if (text[0] != '\0')
        return text;
    fault(reading, cell, name, "every unit needs a value: fill it in, or leave the column out",
        "the value is missing");
    return NULL;
}

static bool
all_same(const double *numbers, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (numbers[i] < numbers[0] || numbers[i] > numbers[0])
            return false;
    return true;
}

static void
tell_same(const struct reading *reading, const char *name, size_t column)
{
    const struct csv_cell *header = &reading->input->csv.header.cells[column];
    fault(reading, header, name, "leave it out: it cannot tell assignments apart",
        "all units have the same value");
}

static void
add_numbers(const struct reading *reading, const struct constrain_covariate *covariate,
    size_t column, const double *numbers)
{
    const struct constrained_covariate wanted = {.name = covariate->name,
        .weight = covariate->weight,
        .mean_limit = covariate->mean_limit,
        .total_limit = covariate->total_limit};
    if (all_same(numbers, reading->problem->units))
        tell_same(reading, covariate->name, column);
    else
        constrained_add_numbers(reading->problem, &wanted, numbers);
}

static void
read_numbers(
    const struct reading *reading, const struct constrain_covariate *covariate, size_t column)
{
    size_t units = reading->problem->units, before = reading->session->faults.total;
    double *numbers = arena_array(reading->arena, units, sizeof *numbers);
    for (size_t unit = 0; unit < units; unit++) {
        const struct csv_cell *cell = cell_of(reading, unit, column);
        const char *text = text_of(reading, cell, covariate->name);
        if (text != NULL && !constrain_number(text, &numbers[unit]))
            fault(reading, cell, covariate->name,
                arena_printf(reading->arena,
                    "write it with a decimal point, or name the column as %s:categorical",
                    covariate->name),
                arena_printf(reading->arena, "`%.60s' is no number", text));
    }
    if (reading->session->faults.total == before)
        add_numbers(reading, covariate, column, numbers);
}

static int
compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The levels that the table has, in alphabetical order. */
static void
find_levels(struct arena *arena, const char *const *texts, size_t count,
    struct constrain_covariate *covariate)
{
    const char **sorted = arena_array(arena, count, sizeof *sorted);
    size_t used = 0, distinct = 0;
    for (size_t i = 0; i < count; i++)
        if (texts[i] != NULL)
            sorted[used++] = texts[i];
    if (used > 0)
        qsort(sorted, used, sizeof *sorted, compare_texts);
    for (size_t i = 0; i < used; i++)
        if (i == 0 || strcmp(sorted[i], sorted[distinct - 1]) != 0)
            sorted[distinct++] = sorted[i];
    covariate->levels = sorted;
    covariate->level_count = distinct;
}

static bool
find_level(const struct constrain_covariate *covariate, const char *text, size_t *level)
{
    for (*level = 0; *level < covariate->level_count; ++*level)
        if (strcmp(covariate->levels[*level], text) == 0)
            return true;
    return false;
}

static void
tell_level(const struct reading *reading, const struct constrain_covariate *covariate,
    const struct csv_cell *cell, const char *text)
{
    struct text list;
    text_init(&list, reading->arena);
    for (size_t i = 0; i < covariate->level_count; i++)
        text_printf(&list, "%s%s", i == 0 ? "the levels given are " : ", ", covariate->levels[i]);
    fault(reading, cell, covariate->name, list.bytes,
        arena_printf(reading->arena, "`%.60s' is none of the levels", text));
}

static void
add_levels(const struct reading *reading, const struct constrain_covariate *covariate,
    size_t column, const size_t *levels)
{
    size_t units = reading->problem->units;
    double *numbers = arena_array(reading->arena, units, sizeof *numbers);
    const struct constrained_covariate wanted = {.name = covariate->name,
        .weight = covariate->weight,
        .mean_limit = covariate->mean_limit,
        .total_limit = covariate->total_limit};
    for (size_t unit = 0; unit < units; unit++)
        numbers[unit] = (double)levels[unit] + 1;
    if (covariate->kind == CONSTRAIN_ORDINAL)
        add_numbers(reading, covariate, column, numbers);
    else if (constrained_add_levels(
                 reading->problem, &wanted, covariate->levels, covariate->level_count, levels) == 0)
        tell_same(reading, covariate->name, column);
}

static void
read_levels(const struct reading *reading, struct constrain_covariate *covariate, size_t column)
{
    size_t units = reading->problem->units, before = reading->session->faults.total;
    const char **texts = arena_array(reading->arena, units, sizeof *texts);
    size_t *levels = arena_array(reading->arena, units, sizeof *levels);
    for (size_t unit = 0; unit < units; unit++)
        texts[unit] = text_of(reading, cell_of(reading, unit, column), covariate->name);
    if (covariate->levels == NULL)
        find_levels(reading->arena, texts, units, covariate);
    for (size_t unit = 0; unit < units; unit++)
        if (texts[unit] != NULL && !find_level(covariate, texts[unit], &levels[unit]))
            tell_level(reading, covariate, cell_of(reading, unit, column), texts[unit]);
    if (reading->session->faults.total == before)
        add_levels(reading, covariate, column, levels);
}

/* Values stand in the record as the table has them. */
static bool
read_covariates(const struct reading *reading, struct constrain_covariate *covariates, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t column;
        if (!find_column(reading, "--covariates", covariates[i].name, &column))
            return false;
        if (covariates[i].kind == CONSTRAIN_NUMBER)
            read_numbers(reading, &covariates[i], column);
        else
            read_levels(reading, &covariates[i], column);
    }
    return true;
}

static bool
read_strata(const struct reading *reading, const char *option)
{
    size_t count, column, units = reading->problem->units;
    char **names = constrain_split(reading->arena, option, ',', &count);
    const char **keys = arena_array(reading->arena, units, sizeof *keys);
    for (size_t unit = 0; unit < units; unit++)
        keys[unit] = "";
    for (size_t i = 0; i < count; i++) {
        if (!find_column(reading, "--strata", names[i], &column))
            return false;
        for (size_t unit = 0; unit < units; unit++) {
            const char *text = text_of(reading, cell_of(reading, unit, column), names[i]);
            keys[unit] = arena_printf(reading->arena, "%s%s%s=%s", keys[unit], i == 0 ? "" : "|",
                names[i], text == NULL ? "" : text);
        }
    }
    constrained_stratify(reading->problem, keys);
    return true;
}

/* The ids must be there, and differ. */
static void
check_ids(const struct reading *reading)
{
    const struct csv *csv = &reading->input->csv;
    const char *name = csv->header.cells[reading->input->id].text;
    const char *const *ids = reading->problem->ids;
    for (size_t unit = 0; unit < reading->problem->units; unit++) {
        const struct csv_cell *cell = cell_of(reading, unit, reading->input->id);
        if (ids[unit][0] == '\0')
            fault(reading, cell, name, "give every unit a name of its own", "the name is missing");
        else if (unit > 0 && strcmp(ids[unit - 1], ids[unit]) == 0)
            fault(reading, cell, name, "give every unit a name of its own",
                arena_printf(reading->arena, "`%.60s' stands in the table twice", ids[unit]));
    }
}

static void
start_problem(struct reading *reading)
{
    struct constrain_input *input = reading->input;
    size_t units = input->csv.count;
    const char **ids = arena_array(reading->arena, units, sizeof *ids);
    input->order = arena_array(reading->arena, units, sizeof *input->order);
    input->place = arena_array(reading->arena, units, sizeof *input->place);
    for (size_t row = 0; row < units; row++)
        ids[row] = id_of(reading, row);
    reading->problem = constrained_problem_new(reading->arena, ids, units, input->order);
    for (size_t unit = 0; unit < units; unit++)
        input->place[input->order[unit]] = unit;
    input->problem = reading->problem;
}

/* "8,8" or "first=8,second=8". */
static bool
read_arms(const struct reading *reading, const char *option, unsigned sizes[PROTOCOL_ARMS_MAX],
    size_t *arms)
{
    char **parts = constrain_split(reading->arena, option, ',', arms);
    struct error *error = &reading->session->error;
    if (*arms < 2 || *arms > PROTOCOL_ARMS_MAX)
        return error_set(error, ERROR_MALFORMED, "--arms",
            "--arms takes the sizes of two to %d arms, such as 8,8", PROTOCOL_ARMS_MAX);
    reading->input->arms = arena_array(reading->arena, *arms, sizeof *reading->input->arms);
    for (size_t i = 0; i < *arms; i++) {
        char *size = strrchr(parts[i], '=');
        long long number;
        if (size != NULL)
            *size++ = '\0';
        if (!text_to_int64(size == NULL ? parts[i] : size, &number) || number < 1 ||
            number > CONSTRAINED_UNITS_MAX || (size != NULL && parts[i][0] == '\0'))
            return error_set(error, ERROR_MALFORMED, "--arms",
                "--arms takes sizes, whole numbers from 1, such as 8,8, or names with them, such "
                "as first=8,second=8");
        sizes[i] = (unsigned)number;
        reading->input->arms[i] =
            size == NULL ? arena_printf(reading->arena, "%c", (char)('A' + (int)i)) : parts[i];
        for (size_t j = 0; j < i; j++)
            if (strcmp(reading->input->arms[i], reading->input->arms[j]) == 0)
                return error_set(error, ERROR_MALFORMED, "--arms", "--arms names `%s' twice",
                    reading->input->arms[i]);
    }
    return true;
}

/* Are the sizes over all strata those that were asked for? */
static bool
check_sizes(const struct reading *reading, const unsigned *sizes, size_t arms)
{
    const struct constrained_problem *problem = reading->problem;
    struct error *error = &reading->session->error;
    size_t sum = 0;
    for (size_t arm = 0; arm < arms; arm++)
        sum += sizes[arm];
    if (sum != problem->units)
        return error_set(error, ERROR_FIELDS, "--arms",
            "--arms adds up to %zu, but %s has %zu units", sum, reading->path, problem->units);
    for (size_t arm = 0; arm < arms; arm++) {
        size_t size = 0;
        for (size_t stratum = 0; stratum < problem->stratum_count; stratum++)
            size += problem->sizes[stratum * arms + arm];
        if (size != sizes[arm])
            return error_set(error, ERROR_FIELDS, "--arms",
                "the strata cannot be divided so that arm %s gets %u of all units: their shares "
                "give it %zu; use fewer strata, or sizes that divide them",
                reading->input->arms[arm], sizes[arm], size);
    }
    return true;
}

static bool
read_count(const struct reading *reading, const struct invocation *in, const char *name,
    uint64_t otherwise, uint64_t *value)
{
    const char *given = invocation_option(in, name);
    long long number;
    *value = otherwise;
    if (given == NULL)
        return true;
    if (!text_to_int64(given, &number) || number < 1 || number > CONSTRAINED_SCORED_MAX)
        return error_set(&reading->session->error, ERROR_MALFORMED, name,
            "--%s takes a whole number from 1 to %d", name, CONSTRAINED_SCORED_MAX);
    *value = (uint64_t)number;
    return true;
}

/* What does not need the table. */
static bool
read_options(const struct reading *reading, const struct invocation *in)
{
    struct constrained_problem *problem = reading->problem;
    const char *metric = invocation_option(in, "metric"), *cutoff = invocation_option(in, "cutoff");
    problem->metric = metric != NULL && strcmp(metric, "l1") == 0 ? SCORE_L1 : SCORE_L2;
    problem->accept = 0.1;
    if (cutoff != NULL && (!constrain_number(cutoff, &problem->accept) || problem->accept <= 0 ||
                              problem->accept > 1))
        return error_set(&reading->session->error, ERROR_MALFORMED, "--cutoff",
            "--cutoff takes a share over 0, at most 1, such as 0.1");
    return read_count(reading, in, "enumerate", ENUMERATE, &problem->enumerate) &&
           read_count(reading, in, "sample", SAMPLE, &problem->sample);
}

static bool
read_table(struct reading *reading)
{
    struct session *session = reading->session;
    size_t size;
    const char *bytes = session_read_file(session, reading->path, FILE_MAX, &size);
    if (bytes == NULL)
        return false;
    if (!csv_read(reading->arena, bytes, size, &session->faults, &reading->input->csv))
        return error_set(
            &session->error, ERROR_FIELDS, reading->path, "%s has faults", reading->path);
    size_t units = reading->input->csv.count;
    if (units < 2 || units > CONSTRAINED_UNITS_MAX)
        return error_set(&session->error, ERROR_FIELDS, reading->path,
            "%s has %zu units; constrained randomisation takes 2 to %d at once", reading->path,
            units, CONSTRAINED_UNITS_MAX);
    return true;
}

static bool
read_all(struct reading *reading, const struct invocation *in)
{
    struct session *session = reading->session;
    struct constrain_covariate *covariates;
    const char *strata = invocation_option(in, "strata");
    unsigned sizes[PROTOCOL_ARMS_MAX];
    size_t count, arms;
    if (!constrain_covariates(reading->arena, invocation_option(in, "covariates"), &covariates,
            &count, &session->error) ||
        !read_table(reading) ||
        !find_column(reading, "--id", invocation_option(in, "id"), &reading->input->id))
        return false;
    start_problem(reading);
    if (!read_options(reading, in) ||
        !read_arms(reading, invocation_option(in, "arms"), sizes, &arms))
        return false;
    check_ids(reading);
    if (!read_covariates(reading, covariates, count) ||
        (strata != NULL && !read_strata(reading, strata)))
        return false;
    if (session->faults.total > 0) {
        faults_sort(&session->faults);
        return error_set(
            &session->error, ERROR_FIELDS, reading->path, "%s has faults", reading->path);
    }
    constrained_even_sizes(reading->problem, sizes, arms);
    for (size_t arm = 0; arm < arms; arm++)
        reading->problem->arm_indexes[arm] = arm;
    return check_sizes(reading, sizes, arms);
}

bool
constrain_read(struct session *session, const struct invocation *in, struct constrain_input *input,
    int *status)
{
    struct reading reading = {.session = session,
        .arena = session->arena,
        .path = invocation_argument(in, 0),
        .input = input};
    if (read_all(&reading, in))
        return true;
    *status = session->error.code == ERROR_MALFORMED
                  ? session_usage(session, "%s", session->error.detail)
                  : session_fail(session);
    return false;
}
