/*
 * workplace.c: workplaces: import, list, show. What completes one before its allocation is
 * agreement.c.
 */
#include "cli/command.h"
#include "cli/import.h"
#include "cli/people/agreement.h"
#include "cli/people/cluster.h"
#include "cli/people/unit.h"
#include "cli/table.h"

static const struct column columns[] = {
    {"code", "CODE", COLUMN_TEXT},
    {"name", "NAME", COLUMN_LONG},
    {"state", "STATE", COLUMN_TEXT},
    {"county", "COUNTY", COLUMN_TEXT},
    {"site", "SITE", COLUMN_TEXT},
    {"head_count", "PEOPLE", COLUMN_NUMBER},
    {"eligible", "ELIGIBLE", COLUMN_TEXT},
    {"missing_count", "MISSING", COLUMN_COUNT},
    {"schemes", "ALLOCATED IN", COLUMN_TEXT},
    {"ended", "NO MORE", COLUMN_CSV},
    {"missing", "WHAT IS MISSING", COLUMN_CSV},
    {"attributes", "ATTRIBUTES", COLUMN_CSV},
    {"identifiers", "IDENTIFIERS", COLUMN_CSV},
    {"roster_locked_at", "ROSTER LOCKED", COLUMN_CSV},
    {"registered_at", "REGISTERED", COLUMN_CSV},
    {"changed_at", "CHANGED", COLUMN_CSV},
    {0},
};

static const struct column one_columns[] = {
    {"code", "Code", COLUMN_TEXT},
    {"name", "Name", COLUMN_LONG},
    {"state", "State", COLUMN_TEXT},
    {"county", "County", COLUMN_TEXT},
    {"site", "Site", COLUMN_TEXT},
    {"attributes", "Attributes", COLUMN_LONG},
    {"identifiers", "Identifiers", COLUMN_LONG},
    {"head_count", "People on the roster", COLUMN_NUMBER},
    {"roster_locked_at", "Roster locked", COLUMN_TIME},
    {"answers", "Answers", COLUMN_LONG},
    {"eligible", "Eligible", COLUMN_TEXT},
    {"missing", "Missing", COLUMN_LONG},
    {"schemes", "Allocated in", COLUMN_TEXT},
    {"ended", "No more", COLUMN_TEXT},
    {"registered_at", "Registered", COLUMN_TIME},
    {"changed_at", "Changed", COLUMN_TIME},
    {0},
};

static const struct column agreement_columns[] = {
    UNIT_CONSENT_COLUMNS,
    {"agreement", "AGREEMENT", COLUMN_CSV},
    {0},
};

static int
run_import(struct session *session, const struct invocation *in)
{
    return import_run(session, in, "workplaces", "workplace", "workplaces");
}

static const char *const states[] = {"registered", "roster-locked", "allocated", "withdrawn", NULL};

static const struct option_row list_options[] = {
    {.name = "state", .value = "STATE", .meaning = "only these", .choices = states},
    {.name = "county", .value = "COUNTY", .meaning = "only of this county"},
    {.name = "scheme", .value = "SCHEME", .meaning = "only those allocated in this scheme"},
    {.name = "search",
        .value = "TEXT",
        .meaning = "only those with this in name or code",
        .field = "q"},
    {0},
};

const struct command workplace_commands[] = {
    {
        .group = "workplace",
        .name = "import",
        .arguments = "TRIAL FILE",
        .meaning = "Import workplaces from a CSV file",
        .details =
            "Header names are those of the protocol: name, its identifiers and attributes.\n"
            "Comma, semicolon or tab; UTF-8 or Windows-1252. All rows are checked first: when\n"
            "one is wrong every fault is listed with line and column, and nothing is imported.\n",
        .example = "rctctl workplace import work-together workplaces.csv",
        .options = import_options,
        .run = run_import,
    },
    {
        .group = "workplace",
        .name = "list",
        .arguments = "TRIAL",
        .meaning = "List workplaces",
        .details = "The number of things that a workplace still lacks is in the list; what they "
                   "are is in\n"
                   "`rctctl workplace show', and in --csv and --json.\n",
        .example = "rctctl workplace list work-together --state registered",
        .options = list_options,
        .list = &(const struct listing){.path = "trials/{}/workplaces",
            .columns = columns,
            .nothing = "No workplace yet: `rctctl workplace import' takes them from a table.",
            .unfit = "No workplace fits.",
            .prepare = unit_put_in_words},
    },
    {
        .group = "workplace",
        .name = "show",
        .arguments = "TRIAL WORKPLACE",
        .meaning = "Show one workplace, and what it still lacks",
        .example = "rctctl workplace show work-together W0001",
        .list =
            &(const struct listing){
                .path = "trials/{}/workplaces/{}", .columns = one_columns, .one = true},
    },
    {
        .group = "workplace",
        .name = "answer",
        .arguments = "TRIAL WORKPLACE QUESTION=yes|no...",
        .meaning = "Record answers to the questions on eligibility",
        .details = "The latest answer to a question counts; the earlier ones are kept.\n",
        .example = "rctctl workplace answer work-together W0001 own-manager=yes contract=yes "
                   "recent-hpa=no closing=no",
        .options = agreement_answer_options,
        .run = agreement_run_answer,
    },
    {
        .group = "workplace",
        .name = "agree",
        .arguments = "TRIAL WORKPLACE",
        .meaning = "Record the employer's agreement",
        .details =
            "A day alone counts from its first moment where the trial is. A time is by the clocks "
            "there,\n"
            "unless it names its zone. Each scope of the form is agreed to or refused on its "
            "own.\n",
        .example = "rctctl workplace agree work-together W0001 --form employer --version 1 "
                   "--scope participate=yes --scope paid-time=yes --by \"Anna Berg\" "
                   "--signed 2026-11-20 --how paper",
        .options = agreement_agree_options,
        .run = agreement_run_agree,
    },
    {
        .group = "workplace",
        .name = "may",
        .arguments = "TRIAL CODE",
        .meaning = "Show what may be done with a workplace now, and why not",
        .example = "rctctl workplace may work-together W0001",
        .list = &(const struct listing){.path = "trials/{}/workplaces/{}/permissions",
            .columns = unit_may_columns,
            .nothing = "There is nothing to be done."},
    },
    {
        .group = "workplace",
        .name = "agreements",
        .arguments = "TRIAL WORKPLACE",
        .meaning = "List what was agreed to and withdrawn, and when",
        .example = "rctctl workplace agreements work-together W0001",
        .list = &(const struct listing){.path = "trials/{}/workplaces/{}/agreements",
            .columns = agreement_columns,
            .nothing = "Nothing is agreed to yet."},
    },
    {
        .group = "workplace",
        .name = "withdraw",
        .arguments = "TRIAL WORKPLACE",
        .meaning = "Record that an agreement is withdrawn; takes effect at once",
        .details =
            "The version is that of the agreement that was given. A withdrawal is of the whole "
            "form,\n"
            "and nobody has to say why. What was planned for the workplace stops in the same\n"
            "moment. To refuse a part only, record a new agreement that answers that scope with "
            "no.\n",
        .example = "rctctl workplace withdraw work-together W0001 --form employer "
                   "--by \"Anna Berg\" --how phone",
        .options = agreement_withdraw_options,
        .warnings = agreement_withdraw_warnings,
        .run = agreement_run_withdraw,
    },
    {
        .group = "workplace",
        .name = "lock-roster",
        .arguments = "TRIAL WORKPLACE",
        .meaning = "Lock the roster before allocation; it never changes afterwards",
        .example = "rctctl workplace lock-roster work-together W0001 --head-count 25",
        .options = agreement_roster_options,
        .warnings = agreement_roster_warnings,
        .run = agreement_run_roster,
    },
    {
        .group = "workplace",
        .name = "roster",
        .arguments = "TRIAL WORKPLACE",
        .meaning = "Show the list of a locked roster",
        .details =
            "The participants who worked there on the day of the lock; it never changes. The "
            "SHA-256 is\n"
            "that of the codes in order, each with a line end, and stands in the trail:\n"
            "    rctctl --csv workplace roster TRIAL W0001 | sed 1d | cut -d, -f1 |\n"
            "        sha256sum\n",
        .example = "rctctl workplace roster work-together W0001",
        .run = cluster_run_roster,
    },
    {
        .group = "workplace",
        .name = "merge",
        .arguments = "TRIAL WORKPLACE",
        .meaning = "Record that a workplace became part of another",
        .details = "It is no more: it is not allocated, and nobody comes to it. Its people stay in "
                   "its cluster\n"
                   "and arm, wherever they work.\n",
        .example = "rctctl workplace merge work-together W0001 --into W0002 "
                   "--on 2026-11-01 --reason \"One owner since then\"",
        .options = cluster_merge_options,
        .run = cluster_run_merge,
    },
    {
        .group = "workplace",
        .name = "split",
        .arguments = "TRIAL WORKPLACE",
        .meaning = "Record that another workplace came out of a workplace",
        .details = "Both go on. People stay in their cluster and arm, wherever they work.\n",
        .example = "rctctl workplace split work-together W0001 --to W0002 "
                   "--on 2026-11-01 --reason \"The night shift is a unit of its own\"",
        .options = cluster_split_options,
        .run = cluster_run_split,
    },
    {
        .group = "workplace",
        .name = "rename",
        .arguments = "TRIAL WORKPLACE NAME",
        .meaning = "Give a workplace another name; the former ones are kept",
        .example = "rctctl workplace rename work-together W0001 \"Norra hemtjänsten\" "
                   "--reason \"New owner\"",
        .options = cluster_day_options,
        .run = cluster_run_rename,
    },
    {
        .group = "workplace",
        .name = "close",
        .arguments = "TRIAL WORKPLACE",
        .meaning = "Record that a workplace is no more",
        .details = "It is not allocated, and nobody comes to it. What it was allocated to stays, "
                   "and so do its\n"
                   "participants. A workplace that leaves the trial withdraws instead.\n",
        .example = "rctctl workplace close work-together W0001 --on 2026-11-01 "
                   "--reason \"Bankruptcy\"",
        .options = cluster_day_options,
        .run = cluster_run_close,
    },
    {
        .group = "workplace",
        .name = "reopen",
        .arguments = "TRIAL WORKPLACE",
        .meaning = "Record that a workplace that was no more is there again",
        .example = "rctctl workplace reopen work-together W0001 --reason \"Closed by mistake\"",
        .options = cluster_day_options,
        .run = cluster_run_reopen,
    },
    {
        .group = "workplace",
        .name = "changes",
        .arguments = "TRIAL",
        .meaning = "List what became of workplaces",
        .details = "Reasons, and whether two arms met, are shown to roles that know arms.\n",
        .example = "rctctl workplace changes work-together --workplace W0001",
        .options = cluster_changes_options,
        .list = &(const struct listing){.path = "trials/{}/workplaces/changes",
            .columns = cluster_change_columns,
            .nothing = "Nothing is recorded.",
            .unfit = "Nothing fits."},
    },
    {0},
};
