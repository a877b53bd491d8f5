/*
 * uptake.c: consent before and after the reveal, and how people came to their clusters; by arm and
 * workplace where rctd sends it.
 */
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/table.h"

#include "base/text.h"

#include <stdio.h>

static const struct column total_columns[] = {
    {"participants", "Participants", COLUMN_NUMBER},
    {"on_roster", "On their roster", COLUMN_NUMBER},
    {"after_roster", "Came after the lock", COLUMN_NUMBER},
    {"post_allocation", "Came after allocation", COLUMN_NUMBER},
    {"unsettled", "In no cluster yet", COLUMN_NUMBER},
    {"before", "Consented before the reveal", COLUMN_NUMBER},
    {"after", "Consented after the reveal", COLUMN_NUMBER},
    {"waiting", "Consented, not revealed yet", COLUMN_NUMBER},
    {0},
};

static const struct column arm_columns[] = {
    {"scheme", "SCHEME", COLUMN_TEXT},
    {"arm", "ARM", COLUMN_TEXT},
    {"workplaces", "WORKPLACES", COLUMN_NUMBER},
    {"people", "PEOPLE", COLUMN_NUMBER},
    {"registered", "REGISTERED", COLUMN_NUMBER},
    {"late", "LATE", COLUMN_NUMBER},
    {"consented", "CONSENTED", COLUMN_NUMBER},
    {"after", "AFTER REVEAL", COLUMN_NUMBER},
    {"percent", "SHARE", COLUMN_COUNT},
    {"rate", "RATE", COLUMN_CSV},
    {0},
};

static const struct column workplace_columns[] = {
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"people", "PEOPLE", COLUMN_NUMBER},
    {"registered", "REGISTERED", COLUMN_NUMBER},
    {"late", "LATE", COLUMN_NUMBER},
    {"before", "BEFORE REVEAL", COLUMN_NUMBER},
    {"after", "AFTER REVEAL", COLUMN_NUMBER},
    {"waiting", "NOT REVEALED", COLUMN_NUMBER},
    {0},
};

/* Shares as people read them. */
static void
add_percents(json_t *arms)
{
    size_t index;
    json_t *arm;
    char percent[16];
    json_array_foreach(arms, index, arm)
    {
        snprintf(percent, sizeof percent, "%.1f %%",
            100 * json_number_value(json_object_get(arm, "rate")));
        json_object_set_new(arm, "percent", json_string(percent));
    }
}

static void
print_alerts(json_t *schemes)
{
    size_t index;
    json_t *scheme;
    json_array_foreach(schemes, index, scheme)
    {
        bool alert = json_is_true(json_object_get(scheme, "alert"));
        printf("\n%s%s: %s consents %.1f points more than %s (at least %lld people in each "
               "arm).\n",
            alert ? "ALERT " : "", session_field(scheme, "scheme"),
            session_field(scheme, "highest"),
            100 * json_number_value(json_object_get(scheme, "difference")),
            session_field(scheme, "lowest"),
            (long long)json_integer_value(json_object_get(scheme, "people")));
    }
}

static int
run_uptake(struct session *session, const struct invocation *in)
{
    const char *by = invocation_option(in, "by");
    json_t *uptake = session_get(session,
        path_of(session->arena, "v1", "trials", invocation_argument(in, 0), "uptake", NULL));
    if (uptake == NULL)
        return session_fail(session);
    if (session->output == OUTPUT_JSON) {
        table_json(uptake);
        return 0;
    }
    json_t *rows = json_object_get(uptake, text_equal(by, "workplace") ? "workplaces" : "arms");
    if (by != NULL && rows == NULL) {
        error_set(&session->error, ERROR_FORBIDDEN, "uptake",
            "What is by %s is for roles that know arms", by);
        return session_fail(session);
    }
    if (session->output == OUTPUT_PEOPLE)
        add_percents(json_object_get(uptake, "arms"));
    if (by != NULL) {
        table_list(session, text_equal(by, "workplace") ? workplace_columns : arm_columns, rows,
            "No workplace has a cluster yet.");
        return 0;
    }
    table_one(session, total_columns, uptake);
    if (session->output == OUTPUT_PEOPLE && json_array_size(rows) > 0) {
        printf("\n");
        table_list(session, arm_columns, rows, "");
        print_alerts(json_object_get(uptake, "schemes"));
    }
    return 0;
}

static const char *const divisions[] = {"workplace", "arm", NULL};

static const struct option_row options[] = {
    {.name = "by",
        .value = "WHAT",
        .meaning = "a table by this, for roles that know arms",
        .choices = divisions},
    {0},
};

const struct command uptake_commands[] = {
    {
        .group = "uptake",
        .arguments = "TRIAL",
        .meaning = "Show consent before and after the reveal",
        .details =
            "A consent counts as before or after the moment when it was known to what arm the\n"
            "workplace belongs by the time at which rctd recorded it, not by the form's own date.\n"
            "Roles that know arms also see it by arm and workplace, and an alert where the share\n"
            "of consents differs by more than 10 points between arms of 20 people and more.\n",
        .example = "rctctl uptake work-together --by workplace",
        .options = options,
        .run = run_uptake,
    },
    {0},
};
