/*
 * allocate.c: the moment that counts. What would happen is shown first; nothing is allocated
 * without a yes; one key stands for the whole command, so that a repeated request never takes a
 * second slot.
 */
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/table.h"

#include <stdio.h>
#include <string.h>

static const struct column allocation_columns[] = {
    {"workplace", "Workplace", COLUMN_TEXT},
    {"scheme", "Scheme", COLUMN_TEXT},
    {"stratum", "Stratum", COLUMN_TEXT},
    {"arm", "Arm", COLUMN_TEXT},
    {"arm_label", "Which is", COLUMN_TEXT},
    {"allocated_at", "Allocated", COLUMN_TIME},
    {"allocation", "Allocation", COLUMN_TEXT},
    {"receipt", "Receipt", COLUMN_TEXT},
    {"position", "Position", COLUMN_CSV},
    {0},
};

static const struct column dry_run_columns[] = {
    {"workplace", "Workplace", COLUMN_TEXT},
    {"scheme", "Scheme", COLUMN_TEXT},
    {"stratum", "Stratum", COLUMN_TEXT},
    {"eligible", "Eligible", COLUMN_TEXT},
    {"missing", "Missing", COLUMN_CSV},
    {0},
};

static json_t *
make_body(const struct invocation *in)
{
    return json_pack("{s:s, s:s}", "workplace", invocation_argument(in, 1), "scheme",
        invocation_option(in, "scheme"));
}

static void
print_missing(struct session *session, json_t *missing)
{
    size_t index;
    json_t *item;
    json_array_foreach(missing, index, item)
    {
        const char *detail = session_field(item, "detail");
        printf(
            "  - %s\n", detail == NULL ? table_value(session->arena, item, COLUMN_TEXT) : detail);
    }
}

/* Asks what would happen; NULL on failure. */
static json_t *
dry_run(struct session *session, const struct invocation *in)
{
    const char *path = path_of(
        session->arena, "v1", "trials", invocation_argument(in, 0), "allocations", "dry-run", NULL);
    return session_post(session, path, make_body(in), NULL);
}

/* For people. */
static void
print_dry_run(struct session *session, const struct invocation *in, json_t *answer)
{
    const char *stratum = session_field(answer, "stratum");
    printf("Workplace %s, scheme %s", invocation_argument(in, 1), invocation_option(in, "scheme"));
    if (stratum != NULL && stratum[0] != '\0')
        printf(", stratum %s", stratum);
    if (json_is_true(json_object_get(answer, "eligible"))) {
        printf(": can be allocated.\n");
    } else {
        printf(": cannot be allocated now:\n");
        print_missing(session, json_object_get(answer, "missing"));
    }
}

static int
allocate(struct session *session, const struct invocation *in, const char *key)
{
    const char *path =
        path_of(session->arena, "v1", "trials", invocation_argument(in, 0), "allocations", NULL);
    json_t *allocation = session_post(session, path, make_body(in), key);
    if (allocation == NULL)
        return session_fail(session);
    table_one(session, allocation_columns, allocation);
    return 0;
}

static int
run_allocate(struct session *session, const struct invocation *in)
{
    const char *key = invocation_option(in, "key");
    bool asked;
    json_t *answer = dry_run(session, in);
    if (answer == NULL)
        return session_fail(session);
    bool eligible = json_is_true(json_object_get(answer, "eligible"));
    bool only_look = invocation_has(in, "dry-run");
    /* With a key of the user's own this may be the repeat of a command whose answer was lost: then
     * the workplace is allocated already, and the first answer is wanted. */
    bool repeat = !eligible && key != NULL && !only_look;
    if (session->output == OUTPUT_PEOPLE && !repeat)
        print_dry_run(session, in, answer);
    if (only_look || (!eligible && !repeat)) {
        if (session->output != OUTPUT_PEOPLE)
            table_one(session, dry_run_columns, answer);
        return eligible ? 0 : error_exit_status(ERROR_REFUSED);
    }
    if (!repeat && !invocation_has(in, "yes")) {
        bool yes = session_confirm("Allocate it now? This cannot be undone.", &asked);
        if (!asked)
            return session_usage(session, "not allocated: nobody can be asked here; add --yes");
        if (!yes)
            return session_usage(session, "not allocated");
    }
    return allocate(session, in, key);
}

static const struct option_row options[] = {
    {.name = "scheme",
        .value = "SCHEME",
        .meaning = "in which scheme, such as rct",
        .flags = OPTION_REQUIRED},
    {.name = "dry-run", .meaning = "show stratum and eligibility only"},
    {.name = "yes", .meaning = "do not ask"},
    OPTION_KEY,
    {0},
};

const struct command allocate_commands[] = {
    {
        .group = "allocate",
        .arguments = "TRIAL WORKPLACE",
        .meaning = "Allocate a workplace to an arm",
        .details =
            "Shows the stratum and what is missing first, then asks. Each look leaves a record.\n"
            "The answer has the arm and a receipt, by which an auditor finds the allocation. A\n"
            "request whose answer was lost is repeated with the same key: it never takes a\n"
            "second slot. When something is missing the exit status is 4, also with --dry-run.\n",
        .example = "rctctl allocate work-together W0001 --scheme feasibility --yes",
        .options = options,
        .run = run_allocate,
    },
    {0},
};
