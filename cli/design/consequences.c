/*
 * consequences.c: the design's price in one line for each scheme, before it is locked: what can be
 * guessed, what is certain, how uneven the arms become.
 */
#include "cli/design/consequences.h"

#include "trial/consequence.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

static const char heading[] = "Consequences at the target, where strata fill evenly\n";
static const char legend[] =
    "      guessed: share of the arms that are right when the arm that is behind is guessed;\n"
    "      certain: share that the design left no choice; final SD: standard deviation of the\n"
    "      difference between two arms at the end; in a stratum: its mean size there\n";

static int
name_width(const struct protocol *protocol)
{
    size_t width = strlen("scheme");
    for (size_t i = 0; i < protocol->scheme_count; i++) {
        size_t length = strlen(protocol->schemes[i].name);
        width = length > width ? length : width;
    }
    return (int)width;
}

/* True: there were figures. */
static bool
print_one(const char *name, int width, const struct consequence *of, FILE *out)
{
    if (of->assignments > 0 && of->assignments < UINT64_MAX) {
        fprintf(out,
            "  %-*s  (%s: of %" PRIu64 " ways %" PRIu64 " are scored, about %" PRIu64
            " accepted)\n",
            width, name, of->unknown, of->assignments, of->scored, of->accepted);
        return false;
    }
    if (of->unknown != NULL) {
        fprintf(out, "  %-*s  (%s)\n", width, name, of->unknown);
        return false;
    }
    fprintf(out, "  %-*s  %5.1f %%  %5.1f %%  %8.2f  %12.2f  %s\n", width, name,
        100 * of->correct_guess, 100 * of->deterministic, of->final_sd, of->stratum_abs,
        of->exact ? "exact" : "simulated");
    return true;
}

void
consequences_print(const struct protocol *protocol, FILE *out)
{
    int width = name_width(protocol);
    bool figures = false;
    if (protocol->scheme_count == 0)
        return;
    fprintf(out, "%s  %-*s  guessed  certain  final SD  in a stratum\n", heading, width, "scheme");
    for (size_t i = 0; i < protocol->scheme_count; i++) {
        struct consequence of = consequence_of(protocol, &protocol->schemes[i]);
        figures |= print_one(protocol->schemes[i].name, width, &of, out);
    }
    if (figures)
        fputs(legend, out);
}

json_t *
consequences_json(const struct protocol *protocol, const struct protocol_scheme *scheme)
{
    struct consequence of = consequence_of(protocol, scheme);
    if (of.assignments > 0)
        return json_pack("{s:s, s:f, s:I, s:I}", "unknown", of.unknown, "assignments",
            (double)of.assignments, "scored", (json_int_t)of.scored, "accepted",
            (json_int_t)of.accepted);
    if (of.unknown != NULL)
        return json_pack("{s:s}", "unknown", of.unknown);
    json_t *json = json_pack("{s:f, s:f, s:f, s:f, s:b}", "correct_guess", of.correct_guess,
        "deterministic", of.deterministic, "final_sd", of.final_sd, "stratum_abs", of.stratum_abs,
        "exact", of.exact);
    if (!of.exact)
        json_object_set_new(json, "standard_error",
            json_pack("{s:f, s:f, s:f, s:f}", "correct_guess",
                of.standard_error[OPERATING_CORRECT_GUESS], "deterministic",
                of.standard_error[OPERATING_DETERMINISTIC], "final_sd",
                of.standard_error[OPERATING_FINAL_SD], "stratum_abs",
                of.standard_error[OPERATING_FINAL_ABS]));
    return json;
}
