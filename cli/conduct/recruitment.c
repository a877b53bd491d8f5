/*
 * recruitment.c: accrual against plan: a table of phases and, for people, a bar for each month.
 */
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/table.h"

#include "base/text.h"

#include <stdio.h>

#define BAR_WIDTH 40

static const struct column columns[] = {
    {"phase", "PHASE", COLUMN_TEXT},
    {"state", "STATE", COLUMN_TEXT},
    {"allocated", "ALLOCATED", COLUMN_NUMBER},
    {"target", "WANTED", COLUMN_NUMBER},
    {"share", "SHARE", COLUMN_CSV},
    {"percent", "OF PLAN", COLUMN_NUMBER},
    {"not_randomised", "NOT RANDOMISED", COLUMN_CSV},
    {"participants_allocated", "PARTICIPANTS", COLUMN_NUMBER},
    {"participants_target", "PARTICIPANTS WANTED", COLUMN_NUMBER},
    {0},
};

static long long
number_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

/* One bar for each month of a phase: what was allocated up to then, against the target. */
static void
print_bars(json_t *phase)
{
    size_t index;
    json_t *month;
    json_t *months = json_object_get(phase, "months");
    long long whole = number_of(phase, "target");
    if (whole < number_of(phase, "allocated"))
        whole = number_of(phase, "allocated");
    if (json_array_size(months) > 0)
        printf("\n%s, allocated up to the end of the month:\n", session_field(phase, "phase"));
    json_array_foreach(months, index, month)
    {
        long long up_to = number_of(month, "cumulative");
        int filled = (int)(up_to * BAR_WIDTH / whole);
        printf("  %s  ", session_field(month, "month"));
        for (int i = 0; i < BAR_WIDTH; i++)
            fputs(i < filled ? "#" : ".", stdout);
        printf("  %lld of %lld\n", up_to, whole);
    }
}

/* Shares as people read them; CSV and JSON keep the unrounded ones. */
static void
add_percents(json_t *phases)
{
    size_t index;
    json_t *phase;
    char percent[16];
    json_array_foreach(phases, index, phase)
    {
        json_t *share = json_object_get(phase, "share");
        if (!json_is_number(share))
            continue;
        snprintf(percent, sizeof percent, "%.1f %%", 100 * json_number_value(share));
        json_object_set_new(phase, "percent", json_string(percent));
    }
}

/* Where nobody is registered, people see workplaces only. */
static void
leave_people_out(json_t *phases)
{
    size_t index;
    json_t *phase;
    json_array_foreach(phases, index, phase)
    {
        json_object_del(phase, "participants_allocated");
        json_object_del(phase, "participants_target");
    }
}

static void
print_people(const json_t *answer)
{
    long long allocated = number_of(answer, "participants_allocated");
    long long left = allocated - number_of(answer, "participants_still_allocated");
    long long later = number_of(answer, "participants_joined_later");
    printf("%lld participants registered, %lld allocated",
        number_of(answer, "participants_registered"), allocated);
    if (left > 0)
        printf(" (%lld of them withdrew since)", left);
    if (later > 0)
        printf(", %lld joined later", later);
    printf(", %lld withdrawn\n\n", number_of(answer, "participants_withdrawn"));
}

static int
run(struct session *session, const struct invocation *in)
{
    const char *trial = invocation_argument(in, 0);
    json_t *answer =
        session_get(session, path_of(session->arena, "v1", "trials", trial, "recruitment", NULL));
    if (answer == NULL)
        return session_fail(session);
    if (session->output == OUTPUT_JSON) {
        table_json(answer);
        return 0;
    }
    json_t *phases = json_object_get(answer, "phases");
    if (session->output == OUTPUT_PEOPLE) {
        printf("%s: %lld workplaces registered, %lld rosters locked, %lld allocated, %lld "
               "withdrawn\n\n",
            trial, number_of(answer, "registered"), number_of(answer, "roster_locked"),
            number_of(answer, "allocated"), number_of(answer, "withdrawn"));
        if (number_of(answer, "participants_registered") == 0)
            leave_people_out(phases);
        else
            print_people(answer);
        if (number_of(answer, "not_randomised") > 0)
            printf("%lld more are in comparisons that nobody randomised; no other number has "
                   "them.\n\n",
                number_of(answer, "not_randomised"));
        add_percents(phases);
    }
    table_list(session, columns, phases, "No phase yet: no protocol version is locked.");
    size_t index;
    json_t *phase;
    if (session->output == OUTPUT_PEOPLE)
        json_array_foreach(phases, index, phase) print_bars(phase);
    return 0;
}

const struct command recruitment_commands[] = {
    {
        .group = "recruitment",
        .name = NULL,
        .arguments = "TRIAL",
        .meaning = "Show recruitment against plan, all arms together",
        .details = "Every role that sees workplaces sees the numbers of those that it sees: a role "
                   "of one\n"
                   "county or site has those of there; nothing is by arm.\n",
        .example = "rctctl recruitment work-together",
        .run = run,
    },
    {0},
};
