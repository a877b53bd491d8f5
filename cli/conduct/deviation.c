/*
 * deviation.c: errors in allocations that were made: reports, their list, and the statistician's
 * decision on the primary analysis set.
 */
#include "cli/command.h"
#include "cli/find.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/table.h"

#include "base/text.h"

#include <string.h>

static const struct column columns[] = {
    {"recorded_at", "REPORTED", COLUMN_TIME},
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"participant", "PARTICIPANT", COLUMN_TEXT},
    {"scheme", "SCHEME", COLUMN_TEXT},
    {"kind", "KIND", COLUMN_TEXT},
    {"stratum", "ALLOCATED IN", COLUMN_TEXT},
    {"true_stratum", "TRUE STRATUM", COLUMN_TEXT},
    {"rule", "RULE", COLUMN_TEXT},
    {"intention_to_treat", "INTENTION TO TREAT", COLUMN_TEXT},
    {"analysis_stratum", "ANALYSED STRATUM", COLUMN_TEXT},
    {"primary_set", "PRIMARY SET", COLUMN_TEXT},
    {"reason", "REASON", COLUMN_LONG},
    {"superseded_by", "SUPERSEDED BY", COLUMN_CSV},
    {"supersedes", "SUPERSEDES", COLUMN_CSV},
    {"arm", "ARM", COLUMN_CSV},
    {"position", "POSITION", COLUMN_CSV},
    {"arm_known", "ARM KNOWN", COLUMN_CSV},
    {"known_on", "KNOWN ON", COLUMN_CSV},
    {"duplicate_of", "DUPLICATE OF", COLUMN_CSV},
    {"separate_data", "SEPARATE DATA", COLUMN_CSV},
    {"allocated_levels", "ALLOCATED LEVELS", COLUMN_CSV},
    {"true_levels", "TRUE LEVELS", COLUMN_CSV},
    {"values", "VALUES", COLUMN_CSV},
    {"recorded_by", "REPORTED BY", COLUMN_CSV},
    {"decided_at", "DECIDED", COLUMN_CSV},
    {"decided_by", "DECIDED BY", COLUMN_CSV},
    {"decided_for", "DECIDED FOR", COLUMN_CSV},
    {"allocation", "ALLOCATION", COLUMN_CSV},
    {"deviation", "DEVIATION", COLUMN_TEXT},
    {0},
};

/* --value ATTRIBUTE=VALUE, as often as given, as an object; NULL where there is none. Gives the
 * exit status of wrong use, else 0. */
static int
read_values(struct session *session, const struct invocation *in, json_t **values)
{
    size_t at = 0;
    const char *word;
    *values = NULL;
    while ((word = invocation_next(in, "value", &at)) != NULL) {
        const char *sign = strchr(word, '=');
        if (sign == NULL || sign == word) {
            json_decref(*values);
            return session_usage(
                session, "--value %s: write ATTRIBUTE=VALUE, such as sector=private", word);
        }
        if (*values == NULL)
            *values = json_object();
        json_object_set_new(*values, arena_strndup(session->arena, word, (size_t)(sign - word)),
            json_string(sign + 1));
    }
    return 0;
}

static void
set_text(json_t *body, const char *field, const char *value)
{
    if (value != NULL)
        json_object_set_new(body, field, json_string(value));
}

static void
set_flag(json_t *body, const char *field, const char *yes_or_no)
{
    if (yes_or_no != NULL)
        json_object_set_new(body, field, json_boolean(text_equal(yes_or_no, "yes")));
}

static int
report(struct session *session, const struct invocation *in, json_t *body)
{
    const char *trial = invocation_argument(in, 0);
    const char *allocation = find_allocation(session, trial, invocation_argument(in, 1));
    const char *other = invocation_option(in, "duplicate-of");
    if (allocation != NULL && other != NULL)
        other = find_allocation(session, trial, other);
    if (allocation == NULL || (other == NULL && invocation_has(in, "duplicate-of"))) {
        json_decref(body);
        return session_fail(session);
    }
    set_text(body, "duplicate_of", other);
    json_t *made = session_post(session,
        path_of(
            session->arena, "v1", "trials", trial, "allocations", allocation, "deviations", NULL),
        body, invocation_option(in, "key"));
    if (made == NULL)
        return session_fail(session);
    bool kept = json_is_true(json_object_get(made, "intention_to_treat"));
    return table_report(session, columns, made,
        "Recorded beside the allocation, which stays as it is. By intention to treat the unit %s; "
        "whether it is in the primary set a statistician decides: `rctctl deviation decide %s %s'.",
        kept ? "is kept in the arm that it was allocated to"
             : "is counted once, by the earlier one",
        trial, session_field(made, "deviation"));
}

static int
run_add(struct session *session, const struct invocation *in)
{
    json_t *values;
    int status = read_values(session, in, &values);
    if (status != 0)
        return status;
    json_t *body = json_pack("{s:s, s:s, s:o*}", "kind", invocation_option(in, "kind"), "reason",
        invocation_option(in, "reason"), "values", values);
    set_flag(body, "arm_known", invocation_option(in, "arm-known"));
    set_text(body, "rule", invocation_option(in, "rule"));
    set_text(body, "known_on", invocation_option(in, "known-on"));
    set_flag(body, "separate_data", invocation_option(in, "separate-data"));
    set_text(body, "supersedes", invocation_option(in, "supersedes"));
    return report(session, in, body);
}

static int
run_list(struct session *session, const struct invocation *in)
{
    const char *trial = invocation_argument(in, 0), *named = invocation_argument(in, 1);
    const char *path = path_of(session->arena, "v1", "trials", trial, "deviations", NULL);
    if (named != NULL) {
        named = find_allocation(session, trial, named);
        if (named == NULL)
            return session_fail(session);
        path = path_of(
            session->arena, "v1", "trials", trial, "allocations", named, "deviations", NULL);
    } else {
        path = path_query(session->arena, path, "scheme", invocation_option(in, "scheme"));
    }
    json_t *deviations = session_list(session, path);
    if (deviations == NULL)
        return session_fail(session);
    table_list(session, columns, deviations, "No randomisation error is reported.");
    return 0;
}

static int
run_decide(struct session *session, const struct invocation *in)
{
    const char *choice = invocation_option(in, "primary-set");
    const char *path = path_of(session->arena, "v1", "trials", invocation_argument(in, 0),
        "deviations", invocation_argument(in, 1), "decisions", NULL);
    json_t *made = session_post(session, path,
        json_pack("{s:b, s:s}", "primary_set", text_equal(choice, "included"), "reason",
            invocation_option(in, "reason")),
        invocation_option(in, "key"));
    if (made == NULL)
        return session_fail(session);
    const char *workplace = session_field(made, "workplace");
    return table_report(session, columns, made, "%s is %s the primary analysis set.",
        workplace == NULL ? session_field(made, "participant") : workplace,
        text_equal(choice, "included") ? "in" : "left out of");
}

#define OPTION_REASON                                                                              \
    {                                                                                              \
        .name = "reason", .value = "TEXT", .meaning = "what happened and why, without names",      \
        .flags = OPTION_REQUIRED                                                                   \
    }

static const char *const kinds[] = {
    "wrong-stratum", "ineligible", "duplicate", "other", "no-error", NULL};
static const char *const yes_or_no[] = {"yes", "no", NULL};
static const char *const in_or_out[] = {"included", "excluded", NULL};

static const struct option_row add_options[] = {
    {.name = "kind",
        .value = "KIND",
        .meaning = "what was wrong",
        .flags = OPTION_REQUIRED,
        .choices = kinds},
    OPTION_REASON,
    {.name = "arm-known",
        .value = "ANSWER",
        .meaning = "did who found it know the unit's arm",
        .flags = OPTION_REQUIRED,
        .choices = yes_or_no},
    {.name = "value",
        .value = "ATTRIBUTE=VALUE",
        .meaning = "of wrong-stratum: a true value",
        .flags = OPTION_MANY},
    {.name = "rule", .value = "RULE", .meaning = "of ineligible: the rule that was not met"},
    {.name = "known-on",
        .value = "DATE",
        .meaning = "of ineligible: when it became known, YYYY-MM-DD"},
    {.name = "duplicate-of",
        .value = "ALLOCATION",
        .meaning = "of duplicate: the earlier allocation"},
    {.name = "separate-data",
        .value = "ANSWER",
        .meaning = "of duplicate: will each have data of its own",
        .choices = yes_or_no},
    {.name = "supersedes", .value = "DEVIATION", .meaning = "the report that was not right"},
    OPTION_KEY,
    {0},
};

static const struct option_row list_options[] = {
    {.name = "scheme", .value = "SCHEME", .meaning = "only of this scheme"},
    {0},
};

static const struct option_row decide_options[] = {
    {.name = "primary-set",
        .value = "CHOICE",
        .meaning = "is the unit in it",
        .flags = OPTION_REQUIRED,
        .choices = in_or_out},
    OPTION_REASON,
    OPTION_KEY,
    {0},
};

const struct command deviation_commands[] = {
    {
        .group = "deviation",
        .name = "add",
        .arguments = "TRIAL ALLOCATION",
        .meaning = "Report that something was wrong about an allocation",
        .details =
            "The allocation stays, and its position never returns. ALLOCATION is the code of the\n"
            "workplace or participant, the receipt, or the id. Of a wrong stratum the true values\n"
            "are given, and rctd works out the true stratum. A report that was not right is\n"
            "followed by another that supersedes it; no-error takes it back.\n",
        .example = "rctctl deviation add work-together W0001 --kind wrong-stratum "
                   "--value sector=private --arm-known yes --reason \"Read off the wrong line\"",
        .options = add_options,
        .run = run_add,
    },
    {
        .group = "deviation",
        .name = "list",
        .arguments = "TRIAL [ALLOCATION]",
        .meaning = "List randomisation errors with their flags for the analysis",
        .details = "Reasons, strata and arms are shown to the roles that may know arms.\n",
        .example = "rctctl deviation list work-together",
        .options = list_options,
        .run = run_list,
    },
    {
        .group = "deviation",
        .name = "decide",
        .arguments = "TRIAL DEVIATION",
        .meaning = "Decide whether the unit is in the primary analysis set",
        .details = "A statistician's. The last decision counts; earlier ones stay in the trail.\n",
        .example = "rctctl deviation decide work-together 01a20157-888b-74c0-b226-2ec01d8353bd "
                   "--primary-set included --reason \"Analysis plan 4.2\"",
        .options = decide_options,
        .run = run_decide,
    },
    {0},
};
