/*
 * constrain_read.c: reads the options and the table, and holds one against the other. Everything
 * that is wrong with the table is told at once.
 */
#include "cli/design/constrain_read.h"

#include "base/text.h"
#include "cli/design/constrain_column.h"
#include "cli/offline.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX 10000000 /* bytes of the table */
#define ENUMERATE 5000000 /* where --enumerate is not given */
#define SAMPLE 20000

static const char *
id_of(const struct constrain_reading *reading, size_t row)
{
    const struct csv_cell *cell = &reading->input->csv.rows[row].cells[reading->input->id];
    return text_trim(reading->arena, cell->text);
}

static void
start_problem(struct constrain_reading *reading)
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
read_arms(const struct constrain_reading *reading, const char *option,
    unsigned sizes[PROTOCOL_ARMS_MAX], size_t *arms)
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
check_sizes(const struct constrain_reading *reading, const unsigned *sizes, size_t arms)
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
read_count(const struct constrain_reading *reading, const struct invocation *in, const char *name,
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
read_options(const struct constrain_reading *reading, const struct invocation *in)
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
read_table(struct constrain_reading *reading)
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
read_all(struct constrain_reading *reading, const struct invocation *in)
{
    struct session *session = reading->session;
    struct constrain_covariate *covariates;
    const char *strata = invocation_option(in, "strata");
    unsigned sizes[PROTOCOL_ARMS_MAX];
    size_t count, arms;
    if (!constrain_covariates(reading->arena, invocation_option(in, "covariates"), &covariates,
            &count, &session->error) ||
        !read_table(reading) ||
        !constrain_find_column(reading, "--id", invocation_option(in, "id"), &reading->input->id))
        return false;
    start_problem(reading);
    if (!read_options(reading, in) ||
        !read_arms(reading, invocation_option(in, "arms"), sizes, &arms))
        return false;
    constrain_check_ids(reading);
    if (!constrain_read_covariates(reading, covariates, count) ||
        (strata != NULL && !constrain_read_strata(reading, strata)))
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
    struct constrain_reading reading = {.session = session,
        .arena = session->arena,
        .path = invocation_argument(in, 0),
        .input = input};
    if (read_all(&reading, in))
        return true;
    *status = offline_fail(session);
    return false;
}
