/*
 * verify_report.c: a line per stratum, and the findings: the first one above all, since those
 * behind it may follow from it.
 */
#include "cli/proof/verify_report.h"

#include "base/text.h"
#include "cli/table.h"

#include <stdio.h>

#define SHOWN 20

/* A seed of another scheme gives one arm in so many otherwise than the ledger has it, and more. */
#define WRONG_SHARE 4
#define WRONG_LEAST 8

/* The file has fewer rows of the scheme than were published. */
static bool
ends_early(const struct verify_report *report)
{
    return report->result->rows < report->published;
}

static json_t *
finding_json(struct session *session, const struct verify_finding *finding)
{
    return json_pack("{s:s, s:i, s:s, s:I, s:o, s:o, s:s}", "fault",
        verify_fault_name(finding->fault), "line", (int)finding->line, "stratum", finding->stratum,
        "position", (json_int_t)finding->position, "found",
        finding->found == NULL ? json_null() : json_string(finding->found), "expected",
        finding->expected == NULL ? json_null() : json_string(finding->expected), "message",
        verify_finding_text(session->arena, finding));
}

static json_t *
strata_json(const struct verify_report *report)
{
    json_t *list = json_array();
    for (size_t i = 0; i < report->result->stratum_count; i++) {
        const struct verify_stratum *stratum = &report->result->strata[i];
        json_t *arms = json_object();
        for (size_t arm = 0; arm < report->protocol->arm_count; arm++)
            if (report->scheme->ratio[arm] > 0)
                json_object_set_new(arms, report->protocol->arms[arm].id,
                    json_integer((json_int_t)stratum->arms[arm]));
        json_array_append_new(list, json_pack("{s:s, s:I, s:o, s:I}", "stratum", stratum->key,
                                        "allocations", (json_int_t)stratum->rows, "arms", arms,
                                        "differences", (json_int_t)stratum->differences));
    }
    return list;
}

static void
print_json(struct session *session, const struct verify_report *report)
{
    const struct verify_result *result = report->result;
    json_t *findings = json_array();
    for (size_t i = 0; i < result->finding_count; i++)
        json_array_append_new(findings, finding_json(session, &result->findings[i]));
    json_t *json =
        json_pack("{s:b, s:s, s:s, s:s, s:o, s:b, s:s, s:I, s:o, s:I, s:I, s:I, s:O, s:o}", "whole",
            result->differences == 0 && session->faults.total == 0 && !ends_early(report), "trial",
            report->protocol->trial, "scheme", report->scheme->name, "method",
            protocol_method_name(report->scheme->method), "commitment",
            report->commitment == NULL ? json_null() : json_string(report->commitment),
            "commitment_checked", report->committed, "protocol_sha256", report->protocol_sha256,
            "allocations", (json_int_t)result->rows, "allocations_published",
            report->published < 0 ? json_null() : json_integer((json_int_t)report->published),
            "of_other_schemes", (json_int_t)result->others, "not_randomised",
            (json_int_t)result->nonrandom, "differences", (json_int_t)result->differences,
            "findings", findings, "strata", strata_json(report));
    json_decref(findings);
    table_json(session_keep(session, json));
}

/* One row per stratum; people and CSV get the same columns. */
static void
print_strata(struct session *session, const struct verify_report *report)
{
    const struct protocol *protocol = report->protocol;
    struct column columns[PROTOCOL_ARMS_MAX + 4] = {
        {"stratum", "STRATUM", COLUMN_TEXT}, {"allocations", "ALLOCATIONS", COLUMN_NUMBER}};
    size_t count = 2;
    for (size_t arm = 0; arm < protocol->arm_count; arm++)
        if (report->scheme->ratio[arm] > 0)
            columns[count++] =
                (struct column){arena_printf(session->arena, "arms.%s", protocol->arms[arm].id),
                    protocol->arms[arm].id, COLUMN_NUMBER};
    columns[count] = (struct column){"differences", "DIFFERENCES", COLUMN_NUMBER};
    table_list(session, columns, session_keep(session, strata_json(report)),
        "The ledger has no allocation of the scheme.");
}

static const char *
plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

static void
print_sum(const struct verify_report *report)
{
    const struct verify_result *result = report->result;
    if (report->scheme->method == METHOD_NONRANDOM)
        printf("%lld unit%s of %s: a comparison that nobody randomised; no seed decides it\n",
            (long long)result->rows, plural(result->rows), report->scheme->name);
    else if (result->differences == 0)
        printf("%lld allocation%s of %s: all as the seed gives them\n", (long long)result->rows,
            plural(result->rows), report->scheme->name);
    if (report->published < 0)
        printf("a ledger that ends early shows no gap: hold the number against `rctctl scheme "
               "list', or give its answer with --commitment\n");
    if (result->nonrandom > 0 && report->scheme->method != METHOD_NONRANDOM)
        printf("%lld more row%s in the ledger: not randomised\n", (long long)result->nonrandom,
            plural(result->nonrandom));
    if (result->others > 0)
        printf("%lld row%s of other schemes (such as %s) not looked at: each has a seed of its "
               "own\n",
            (long long)result->others, plural(result->others), result->other);
    if (report->commitment != NULL)
        printf("commitment %s: %s\n", report->commitment,
            report->committed ? "as it was published"
                              : "hold it against the published one (rctctl scheme list)");
}

/* Nothing was published to hold the seed against, and hardly an arm is right. */
static bool
is_other_seed(const struct verify_report *report)
{
    const struct verify_result *result = report->result;
    return !report->committed && result->arms_wrong >= WRONG_LEAST &&
           result->arms_wrong >= result->arms_checked / WRONG_SHARE;
}

/* On standard error, whatever the form of the answer. */
static void
tell_differences(struct session *session, const struct verify_report *report)
{
    const struct verify_result *result = report->result;
    fflush(stdout);
    if (is_other_seed(report))
        fprintf(stderr,
            "rctctl: %lld of %lld arms differ: this is probably not the seed of %s, or not the "
            "protocol that it was committed with. With it the commitment would be %s; hold that "
            "against the published one, with --commitment\n",
            (long long)result->arms_wrong, (long long)result->arms_checked, report->scheme->name,
            report->commitment);
    fprintf(stderr, "rctctl: %s: %s, %s\n", report->file, report->scheme->name,
        verify_finding_text(session->arena, &result->findings[0]));
    int64_t others = result->differences - 1;
    size_t shown = result->finding_count < SHOWN ? result->finding_count : SHOWN;
    if (others == 0)
        fputs("rctctl: that is the only difference\n", stderr);
    else
        fprintf(stderr, "rctctl: that is the first difference; there %s %lld other%s\n",
            others == 1 ? "is" : "are", (long long)others, plural(others));
    for (size_t i = 1; i < shown && !is_other_seed(report); i++)
        fprintf(stderr, "  %s\n", verify_finding_text(session->arena, &result->findings[i]));
}

static void
tell_early_end(const struct verify_report *report)
{
    int64_t rows = report->result->rows;
    fflush(stdout);
    fprintf(stderr,
        "rctctl: %s: it has %lld allocation%s of %s, and %lld had been made when the schemes were "
        "listed: rows are missing, or it was exported before\n",
        report->file, (long long)rows, plural(rows), report->scheme->name,
        (long long)report->published);
}

/* Lines that could not be read may hide anything. */
static int
tell_faults(struct session *session, const struct verify_report *report)
{
    error_set(&session->error, ERROR_FIELDS, report->file, "%zu line%s of %s cannot be read",
        session->faults.total, plural((int64_t)session->faults.total), report->file);
    return session_fail(session);
}

int
verify_report(struct session *session, const struct verify_report *report)
{
    bool faulty = session->faults.total > 0;
    if (session->output == OUTPUT_JSON)
        print_json(session, report);
    else
        print_strata(session, report);
    if (session->output == OUTPUT_PEOPLE)
        print_sum(report);
    int status = faulty ? tell_faults(session, report) : 0;
    if (report->result->differences > 0)
        tell_differences(session, report);
    if (ends_early(report))
        tell_early_end(report);
    return report->result->differences > 0 || ends_early(report)
               ? error_exit_status(ERROR_VERIFICATION)
               : status;
}
