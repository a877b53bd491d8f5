/*
 * screening_flow.c: the enrolment part of the CONSORT 2025 diagram, of workplaces and of people, in
 * all and by phase. Everybody who was assessed stands in exactly one box, so that the boxes add up:
 * assessed = excluded + under way + enrolled, excluded = the sum of its reasons.
 */
#include "api/handlers.h"

static const struct field reason_fields[] = {
    {.name = "state",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"ineligible", "declined", "not-approached", NULL},
        .meaning = "Which box it belongs to"},
    {.name = "reason", .type = FIELD_IDENTIFIER, .meaning = "Why, as the protocol calls it"},
    {.name = "count", .type = FIELD_INTEGER, .meaning = "How many"},
    {0},
};

static const struct field box_fields[] = {
    {.name = "assessed", .type = FIELD_INTEGER, .meaning = "Assessed for the trial"},
    {.name = "excluded",
        .type = FIELD_INTEGER,
        .meaning = "ineligible + declined + not_approached"},
    {.name = "ineligible", .type = FIELD_INTEGER, .meaning = "Not meeting the criteria"},
    {.name = "declined", .type = FIELD_INTEGER, .meaning = "Declined to take part"},
    {.name = "not_approached", .type = FIELD_INTEGER, .meaning = "Other reasons: not approached"},
    {.name = "reasons",
        .type = FIELD_ARRAY,
        .children = reason_fields,
        .meaning = "The exclusions by reason; they add up to their boxes"},
    {.name = "under_way", .type = FIELD_INTEGER, .meaning = "Approached, and not decided yet"},
    {.name = "enrolled",
        .type = FIELD_INTEGER,
        .meaning = "In the trial, as far as they and the rules are concerned"},
    {.name = "randomised",
        .type = FIELD_INTEGER,
        .meaning = "Of them, randomised, one by one or with their workplace; all arms together"},
    {.name = "joined_later",
        .type = FIELD_INTEGER,
        .meaning = "Of them, came to a workplace that was randomised already: not randomised, and "
                   "in no primary set"},
    {0},
};

/* clang-format off */
#define BOXES \
    { .name = "workplaces", .type = FIELD_OBJECT, .children = box_fields, .meaning = "Of workplaces" }, \
    { .name = "people", .type = FIELD_OBJECT, .children = box_fields, .meaning = "Of people" }
/* clang-format on */

static const struct field phase_fields[] = {
    {.name = "phase",
        .type = FIELD_IDENTIFIER,
        .flags = FIELD_NULLABLE,
        .meaning = "The phase; null: of those who are in none yet"},
    BOXES,
    {0},
};

const struct field screening_flow_answer[] = {
    BOXES,
    {.name = "phases",
        .type = FIELD_ARRAY,
        .children = phase_fields,
        .meaning = "The same by phase; they add up to the whole"},
    {0},
};

struct box {
    json_int_t ineligible, declined, not_approached, under_way, enrolled, randomised, joined_later;
    json_t *reasons;
};

/* Both kinds of units of the whole trial or of one phase. */
struct part {
    const char *phase;
    struct box boxes[2];
};

static void
add_reason(struct box *box, const struct sql_screening_flow_row *row)
{
    size_t index;
    json_t *reason;
    json_array_foreach(box->reasons, index, reason)
    {
        json_t *count = json_object_get(reason, "count");
        if (!text_equal(json_string_value(json_object_get(reason, "reason")), row->reason) ||
            !text_equal(json_string_value(json_object_get(reason, "state")), row->state))
            continue;
        json_integer_set(count, json_integer_value(count) + (json_int_t)row->people);
        return;
    }
    json_array_append_new(box->reasons, json_pack("{s:s, s:s, s:I}", "state", row->state, "reason",
                                            row->reason, "count", (json_int_t)row->people));
}

static void
add(struct box *box, const struct sql_screening_flow_row *row)
{
    json_int_t count = (json_int_t)row->people;
    if (text_equal(row->state, "enrolled")) {
        box->enrolled += count;
        box->randomised += row->randomised ? count : 0;
        box->joined_later += row->late ? count : 0;
        return;
    }
    if (text_equal(row->state, "approached")) {
        box->under_way += count;
        return;
    }
    if (text_equal(row->state, "ineligible"))
        box->ineligible += count;
    else if (text_equal(row->state, "declined"))
        box->declined += count;
    else
        box->not_approached += count;
    add_reason(box, row);
}

static json_t *
encode_box(const struct box *box)
{
    json_int_t excluded = box->ineligible + box->declined + box->not_approached;
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:I}", "assessed",
        excluded + box->under_way + box->enrolled, "excluded", excluded, "ineligible",
        box->ineligible, "declined", box->declined, "not_approached", box->not_approached,
        "reasons", box->reasons, "under_way", box->under_way, "enrolled", box->enrolled,
        "randomised", box->randomised, "joined_later", box->joined_later);
}

static void
start(struct part *part, const char *phase)
{
    *part = (struct part){
        .phase = phase, .boxes = {{.reasons = json_array()}, {.reasons = json_array()}}};
}

/* The boxes into an object, which takes their references. */
static json_t *
encode_part(const struct part *part, json_t *json)
{
    json_object_set_new(json, "workplaces", encode_box(&part->boxes[0]));
    json_object_set_new(json, "people", encode_box(&part->boxes[1]));
    return json;
}

bool
screening_flow(struct call *call, struct error *error)
{
    struct sql_screening_flow_rows rows;
    struct part whole, phase;
    if (!sql_screening_flow(call->tx,
            &(struct sql_screening_flow){.trial_id = call->trial_id, .scope = call->scope}, &rows))
        return call_failed(call, error);
    json_t *phases = json_array();
    start(&whole, NULL);
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_screening_flow_row *row = &rows.rows[i];
        int kind = text_equal(row->kind, "workplace") ? 0 : 1;
        bool last = i + 1 == rows.count || !text_equal(rows.rows[i + 1].phase, row->phase);
        if (i == 0 || !text_equal(rows.rows[i - 1].phase, row->phase))
            start(&phase, row->phase);
        add(&whole.boxes[kind], row);
        add(&phase.boxes[kind], row);
        if (last)
            json_array_append_new(
                phases, encode_part(&phase, json_pack("{s:s?}", "phase", phase.phase)));
    }
    json_t *json = encode_part(&whole, json_object());
    json_object_set_new(json, "phases", phases);
    return call_answer(call, 200, json);
}
