/*
 * unblind.c: arms that are told to people who are blinded, in an emergency or with another person's
 * approval; the report of them; and who knows the arm of whom.
 */
#include "cli/certain.h"
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/people/unit.h"
#include "cli/sign.h"
#include "cli/table.h"

#include "base/text.h"

#include <stdio.h>

static const struct column columns[] = {
    {"asked_at", "ASKED", COLUMN_TIME},
    {"account", "WHO", COLUMN_TEXT},
    {"role", "ROLE", COLUMN_TEXT},
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"participant", "PARTICIPANT", COLUMN_TEXT},
    {"kind", "KIND", COLUMN_TEXT},
    {"reason", "REASON", COLUMN_LONG},
    {"decision", "DECISION", COLUMN_TEXT},
    {"decided_by", "BY", COLUMN_TEXT},
    {"known_at", "KNOWS SINCE", COLUMN_TIME},
    {"looks", "LOOKS", COLUMN_NUMBER},
    {"told", "TOLD", COLUMN_TEXT},
    {"arm_of", "ARM OF", COLUMN_CSV},
    {"decided_role", "DECIDED AS", COLUMN_CSV},
    {"decided_at", "DECIDED", COLUMN_CSV},
    {"decided_for", "DECIDED FOR", COLUMN_CSV},
    {"unblinding", "UNBLINDING", COLUMN_TEXT},
    {0},
};

static const struct column told_columns[] = {
    {"scheme", "SCHEME", COLUMN_TEXT},
    {"arm", "ARM", COLUMN_TEXT},
    {"allocated_at", "ALLOCATED", COLUMN_TIME},
    {0},
};

static const struct column account_columns[] = {
    {"account", "ACCOUNT", COLUMN_TEXT},
    {"display", "NAME", COLUMN_TEXT},
    {"emergency", "EMERGENCIES", COLUMN_NUMBER},
    {"planned", "PLANNED", COLUMN_NUMBER},
    {"asked", "ASKED", COLUMN_NUMBER},
    {"refused", "REFUSED", COLUMN_NUMBER},
    {"told", "CAME OUT", COLUMN_NUMBER},
    {"last_at", "LAST", COLUMN_TIME},
    {0},
};

static const struct column knowledge_columns[] = {
    {"account", "ACCOUNT", COLUMN_TEXT},
    {"how", "HOW", COLUMN_TEXT},
    {"role", "ROLE", COLUMN_TEXT},
    {"county", "COUNTY", COLUMN_TEXT},
    {"site", "SITE", COLUMN_TEXT},
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"participant", "PARTICIPANT", COLUMN_TEXT},
    {"arm_of", "ARM OF", COLUMN_TEXT},
    {"since", "SINCE", COLUMN_TIME},
    {"until", "UNTIL", COLUMN_TIME},
    {"source", "FROM", COLUMN_TEXT},
    {"recorded_by", "RECORDED BY", COLUMN_CSV},
    {"unblinding", "UNBLINDING", COLUMN_CSV},
    {"knowledge", "KNOWLEDGE", COLUMN_CSV},
    {0},
};

static const char *
unblindings_path(
    struct session *session, const struct invocation *in, const char *id, const char *part)
{
    return path_of(
        session->arena, "v1", "trials", invocation_argument(in, 0), "unblindings", id, part, NULL);
}

static int
show_told(struct session *session, json_t *answer)
{
    if (session->output == OUTPUT_PEOPLE)
        printf("%s is in:\n", session_field(answer, "arm_of"));
    if (session->output == OUTPUT_JSON)
        table_json(answer);
    else
        table_list(session, told_columns, json_object_get(answer, "allocations"), "");
    if (session->output == OUTPUT_PEOPLE)
        puts("You know this arm from here on. Keep it to yourself.");
    return 0;
}

static json_t *
make_ask(const struct invocation *in)
{
    const char *code = invocation_argument(in, 1);
    return json_pack(
        "{s:s, s:s}", unit_kind_of_code(code), code, "reason", invocation_option(in, "reason"));
}

static int
run_emergency(struct session *session, const struct invocation *in)
{
    json_t *answer = sign_post(session, in, unblindings_path(session, in, "emergency", NULL),
        make_ask(in), "I need to know this arm at once");
    return answer == NULL ? session_fail(session) : show_told(session, answer);
}

static int
run_request(struct session *session, const struct invocation *in)
{
    json_t *made = sign_post(session, in, unblindings_path(session, in, NULL, NULL), make_ask(in),
        "I ask to be told this arm");
    if (made == NULL)
        return session_fail(session);
    return table_report(session, columns, made,
        "Asked for. When another person has approved: `rctctl unblind show %s %s'.",
        invocation_argument(in, 0), session_field(made, "unblinding"));
}

static int
decide(struct session *session, const struct invocation *in, const char *decision)
{
    const char *path = unblindings_path(session, in, invocation_argument(in, 1), "decisions");
    json_t *made = sign_post(session, in, path,
        json_pack("{s:s, s:s}", "decision", decision, "reason", invocation_option(in, "reason")),
        "This is my decision");
    if (made == NULL)
        return session_fail(session);
    return table_report(session, columns, made, "%s: %s sees it with `unblind show'.", decision,
        session_field(made, "account"));
}

static int
run_approve(struct session *session, const struct invocation *in)
{
    return decide(session, in, "approved");
}

static int
run_refuse(struct session *session, const struct invocation *in)
{
    return decide(session, in, "refused");
}

static int
run_show(struct session *session, const struct invocation *in)
{
    json_t *answer =
        session_get(session, unblindings_path(session, in, invocation_argument(in, 1), "arm"));
    return answer == NULL ? session_fail(session) : show_told(session, answer);
}

static const char *
knowledge_path(struct session *session, const struct invocation *in)
{
    return path_of(session->arena, "v1", "trials", invocation_argument(in, 0), "knowledge", NULL);
}

static int
run_told(struct session *session, const struct invocation *in)
{
    const char *code = invocation_argument(in, 1);
    json_t *body = json_pack(
        "{s:s, s:s}", unit_kind_of_code(code), code, "source", invocation_option(in, "source"));
    if (invocation_has(in, "account"))
        json_object_set_new(body, "account", json_string(invocation_option(in, "account")));
    json_t *made =
        session_post(session, knowledge_path(session, in), body, invocation_option(in, "key"));
    if (made == NULL)
        return session_fail(session);
    return table_report(session, knowledge_columns, made,
        "Written down: %s knows the arm of %s. Tasks that need somebody who does not are for "
        "others "
        "now.",
        session_field(made, "account"), session_field(made, "arm_of"));
}

#define OPTION_REASON                                                                              \
    {                                                                                              \
        .name = "reason", .value = "TEXT", .meaning = "why; without names",                        \
        .flags = OPTION_REQUIRED                                                                   \
    }
#define OPTION_ACCOUNT(text)                                                                       \
    {                                                                                              \
        .name = "account", .value = "ACCOUNT", .meaning = (text)                                   \
    }

static const struct option_row ask_options[] = {OPTION_REASON, OPTION_SIGN, OPTION_KEY, {0}};
static const struct option_row emergency_options[] = {
    OPTION_REASON, OPTION_YES, OPTION_SIGN, OPTION_KEY, {0}};
static const struct warning emergency_warnings[] = {
    {NULL, "You are told the arm, and know it from then on: what somebody blinded must do there is "
           "for others. Trial managers, coordinators and auditors get a notice."},
};
static const struct option_row list_options[] = {OPTION_ACCOUNT("only of this account"), {0}};
static const char *const sources[] = {
    "participant", "workplace", "colleague", "document", "other", NULL};
static const struct option_row told_options[] = {
    {.name = "source",
        .value = "SOURCE",
        .meaning = "from whom or what",
        .flags = OPTION_REQUIRED,
        .choices = sources},
    OPTION_ACCOUNT("who knows it, where it is not you"),
    OPTION_YES,
    OPTION_KEY,
    {0},
};

static const struct warning told_warnings[] = {
    {"account",
        "{account} counts as knowing the arm from now on: what somebody blinded must do there "
        "is for others."},
    {NULL, "You count as knowing the arm from now on: what somebody blinded must do there is for "
           "others."},
};

const struct command unblind_commands[] = {
    {
        .group = "unblind",
        .name = "emergency",
        .arguments = "TRIAL CODE",
        .meaning = "Be told the arm of one unit at once, in an emergency",
        .details = "For trial managers, researchers and interviewers. It is written down that you\n"
                   "know, and coordinators, trial managers and auditors get a notice. Of a\n"
                   "participant whose workplace was allocated it is the workplace's arm.\n",
        .example = "rctctl unblind emergency work-together PK7H3WAT "
                   "--reason \"Taken ill; the clinic must know\"",
        .options = emergency_options,
        .warnings = emergency_warnings,
        .run = run_emergency,
    },
    {
        .group = "unblind",
        .name = "request",
        .arguments = "TRIAL CODE",
        .meaning = "Ask for the arm of one unit, with another person's approval",
        .example =
            "rctctl unblind request work-together W0001 --reason \"Safety report to the board\"",
        .options = ask_options,
        .run = run_request,
    },
    {
        .group = "unblind",
        .name = "approve",
        .arguments = "TRIAL UNBLINDING",
        .meaning = "Approve what another person asked for",
        .details = "A trial manager's or a statistician's, who did not ask; where a trial manager\n"
                   "asked, a statistician's.\n",
        .example = "rctctl unblind approve work-together 01a20157-888b-74c0-b226-2ec01d8353bd "
                   "--reason \"Protocol 9.3\"",
        .options = ask_options,
        .run = run_approve,
    },
    {
        .group = "unblind",
        .name = "refuse",
        .arguments = "TRIAL UNBLINDING",
        .meaning = "Refuse what another person asked for",
        .example = "rctctl unblind refuse work-together 01a20157-888b-74c0-b226-2ec01d8353bd "
                   "--reason \"The report does not need the arm\"",
        .options = ask_options,
        .run = run_refuse,
    },
    {
        .group = "unblind",
        .name = "show",
        .arguments = "TRIAL UNBLINDING",
        .meaning = "Show the arm that you asked for, once approved",
        .details = "From the first time on you know the arm; each time is in the trail.\n",
        .example = "rctctl unblind show work-together 01a20157-888b-74c0-b226-2ec01d8353bd",
        .run = run_show,
    },
    {
        .group = "unblind",
        .name = "list",
        .arguments = "TRIAL [CODE]",
        .meaning = "Report who asked for which arm, why, and was told it",
        .details = "Arms are shown to the roles that may know them. Researchers and interviewers\n"
                   "see what they asked for themselves.\n",
        .example = "rctctl unblind list work-together --csv",
        .options = list_options,
        .list = &(const struct listing){.path = "trials/{}/unblindings",
            .columns = columns,
            .nothing = "Nobody was told an arm, and nobody has asked."},
    },
    {
        .group = "unblind",
        .name = "accounts",
        .arguments = "TRIAL",
        .meaning = "Count how often each account was told an arm",
        .example = "rctctl unblind accounts work-together",
        .list = &(const struct listing){.path = "trials/{}/unblindings/accounts",
            .columns = account_columns,
            .nothing = "Nobody was told an arm."},
    },
    {
        .group = "unblind",
        .name = "knows",
        .arguments = "TRIAL [CODE]",
        .meaning = "List who knows the arm of whom, and since when",
        .details = "Never the arm. Who has a role that sees arms stands there with the role.\n",
        .example = "rctctl unblind knows work-together W0001",
        .options = list_options,
        .list = &(const struct listing){.path = "trials/{}/knowledge",
            .columns = knowledge_columns,
            .nothing = "Nobody, as far as you may see."},
    },
    {
        .group = "unblind",
        .name = "told",
        .arguments = "TRIAL CODE",
        .meaning = "Write down that an arm came out to somebody",
        .details = "For an interviewer to whom a participant let it slip. Never say which arm.\n"
                   "Coordinators and trial managers may write it down for another account.\n",
        .example = "rctctl unblind told work-together PK7H3WAT --source participant",
        .options = told_options,
        .warnings = told_warnings,
        .run = run_told,
    },
    {0},
};
