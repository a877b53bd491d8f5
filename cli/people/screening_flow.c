/*
 * screening_flow.c: the counts of rctd as lines of a table: a line for each box of CONSORT's flow
 * diagram, and below the boxes of who is out one for each reason.
 */
#include "cli/people/screening_flow.h"

#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/table.h"

#include <stdio.h>
#include <string.h>

static const struct column flow_columns[] = {
    {"phase", "PHASE", COLUMN_CSV},
    {"box", "", COLUMN_TEXT},
    {"workplaces", "WORKPLACES", COLUMN_NUMBER},
    {"people", "PEOPLE", COLUMN_NUMBER},
    {0},
};

static long long
number_of(const json_t *part, const char *kind, const char *field)
{
    return json_integer_value(json_object_get(json_object_get(part, kind), field));
}

static void
add_line(json_t *lines, const json_t *part, const char *box, long long workplaces, long long people)
{
    const json_t *phase = json_object_get(part, "phase");
    json_array_append_new(
        lines, json_pack("{s:s, s:s, s:I, s:I}", "phase",
                   json_is_string(phase) ? json_string_value(phase) : "", "box", box, "workplaces",
                   (json_int_t)workplaces, "people", (json_int_t)people));
}

static long long
reason_count(const json_t *part, const char *kind, const char *state, const char *reason)
{
    size_t index;
    json_t *row;
    json_array_foreach(json_object_get(json_object_get(part, kind), "reasons"), index, row)
    {
        if (strcmp(session_field(row, "state"), state) == 0 &&
            strcmp(session_field(row, "reason"), reason) == 0)
            return json_integer_value(json_object_get(row, "count"));
    }
    return 0;
}

/* A line for each reason of a box, of workplaces and people together: a reason of both stands once.
 */
static void
add_reasons(struct session *session, json_t *lines, const json_t *part, const char *state)
{
    static const char *const kinds[] = {"workplaces", "people"};
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        size_t index;
        json_t *row;
        json_array_foreach(json_object_get(json_object_get(part, kinds[k]), "reasons"), index, row)
        {
            const char *reason = session_field(row, "reason");
            if (strcmp(session_field(row, "state"), state) != 0 ||
                (k == 1 && reason_count(part, kinds[0], state, reason) > 0))
                continue;
            add_line(lines, part, arena_printf(session->arena, "    %s", reason),
                reason_count(part, kinds[0], state, reason),
                reason_count(part, kinds[1], state, reason));
        }
    }
}

static const struct {
    const char *field, *title, *state; /* state: of reasons, or NULL */
} boxes[] = {
    {"assessed", "Assessed", NULL},
    {"excluded", "Excluded", NULL},
    {"ineligible", "  Not meeting the criteria", "ineligible"},
    {"declined", "  Declined", "declined"},
    {"not_approached", "  Not approached", "not-approached"},
    {"under_way", "Under way", NULL},
    {"enrolled", "Enrolled", NULL},
    {"randomised", "  Randomised", NULL},
    {"joined_later", "  Joined a randomised workplace", NULL},
};

static json_t *
lines_of(struct session *session, const json_t *part)
{
    json_t *lines = session_keep(session, json_array());
    for (size_t i = 0; i < COUNT_OF(boxes); i++) {
        add_line(lines, part, boxes[i].title, number_of(part, "workplaces", boxes[i].field),
            number_of(part, "people", boxes[i].field));
        if (boxes[i].state != NULL)
            add_reasons(session, lines, part, boxes[i].state);
    }
    return lines;
}

int
screening_run_flow(struct session *session, const struct invocation *in)
{
    json_t *flow = session_get(session, path_of(session->arena, "v1", "trials",
                                            invocation_argument(in, 0), "screening", "flow", NULL));
    if (flow == NULL)
        return session_fail(session);
    if (session->output == OUTPUT_JSON) {
        table_json(flow);
        return 0;
    }
    size_t index;
    json_t *part, *phases = json_object_get(flow, "phases");
    json_t *lines = lines_of(session, flow);
    if (session->output == OUTPUT_CSV) {
        json_array_foreach(phases, index, part) json_array_extend(lines, lines_of(session, part));
        table_list(session, flow_columns, lines, "");
        return 0;
    }
    table_list(session, flow_columns, lines, "");
    if (json_array_size(phases) > 1)
        json_array_foreach(phases, index, part)
        {
            const char *phase = session_field(part, "phase");
            printf("\n%s%s\n", phase == NULL ? "In no phase yet" : "Phase ",
                phase == NULL ? "" : phase);
            table_list(session, flow_columns, lines_of(session, part), "");
        }
    return 0;
}
