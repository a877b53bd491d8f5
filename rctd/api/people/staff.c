/*
 * staff.c: who of the staff serves which workplace, under codes; and the ways by which one arm
 * reaches people of another, which only roles that know arms may ask for.
 */
#include "store/people/staff.h"

#include "api/handlers.h"
#include "http/page.h"

static const char *const kinds[] = {"manager", "coach", "health-service", NULL};

#define STAFF_KIND(more)                                                                           \
    {                                                                                              \
        .name = "kind", .type = FIELD_STRING, .flags = (more), .choices = kinds,                   \
        .meaning = "What they are to the workplace"                                                \
    }

const struct field staff_new[] = {
    {.name = "staff",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 3,
        .max = 8,
        .meaning = "Their code: one to three capital letters and two to five digits, such as M014; "
                   "never a name"},
    STAFF_KIND(FIELD_REQUIRED),
    {.name = "from", .type = FIELD_DATE, .meaning = "The first day; today when absent"},
    {0},
};

const struct field staff_ends[] = {
    STAFF_KIND(FIELD_REQUIRED),
    {.name = "to", .type = FIELD_DATE, .meaning = "The last day; today when absent"},
    {0},
};

const struct field staff_query[] = {
    {.name = "workplace", .type = FIELD_STRING, .max = 16, .meaning = "Only at this workplace"},
    {.name = "staff", .type = FIELD_STRING, .max = 8, .meaning = "Only under this code"},
    {0},
};

const struct field staff_answer[] = {
    {.name = "workplace", .type = FIELD_STRING, .meaning = "The workplace's code"},
    {.name = "staff", .type = FIELD_STRING, .meaning = "The code of who serves it"},
    STAFF_KIND(0),
    {.name = "from", .type = FIELD_DATE, .meaning = "The first day"},
    {.name = "to",
        .type = FIELD_DATE,
        .flags = FIELD_NULLABLE,
        .meaning = "The last day; null while it goes on"},
    {.name = "recorded_at", .type = FIELD_TIME, .meaning = "When it was recorded"},
    {.name = "recorded_by", .type = FIELD_STRING, .meaning = "By which account"},
    {0},
};

static const char *const ways[] = {"staff", "move", "merged", "split", NULL};

const struct field contamination_query[] = {
    {.name = "kind", .type = FIELD_STRING, .choices = ways, .meaning = "Only this way"},
    {0},
};

const struct field contamination_answer[] = {
    {.name = "kind",
        .type = FIELD_STRING,
        .choices = ways,
        .meaning = "staff: somebody serves both; move: a participant of the one works in the "
                   "other; merged, split: the one became part of the other, or came out of it"},
    {.name = "who",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "Of staff: code and kind; of move: the participant's code; null otherwise"},
    {.name = "workplace", .type = FIELD_STRING, .meaning = "The one workplace"},
    {.name = "arm", .type = FIELD_IDENTIFIER, .meaning = "Its arm"},
    {.name = "other", .type = FIELD_STRING, .meaning = "The other"},
    {.name = "other_arm", .type = FIELD_IDENTIFIER, .meaning = "The other's arm"},
    {.name = "from",
        .type = FIELD_DATE,
        .meaning = "The first day on which both were allocated and it was so"},
    {.name = "to",
        .type = FIELD_DATE,
        .flags = FIELD_NULLABLE,
        .meaning = "The last day; null while it goes on"},
    {0},
};

static json_t *
encode(const struct sql_staff_list_row *row)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:s}", "workplace", row->workplace, "staff",
        row->staff, "kind", row->kind, "from", row->from_on, "to", json_text(row->to_on),
        "recorded_at", json_time(row->recorded_at), "recorded_by", row->recorded_by);
}

bool
staff_list(struct call *call, struct error *error)
{
    struct sql_staff_list_rows rows;
    if (!sql_staff_list(call->tx,
            &(struct sql_staff_list){.trial_id = call->trial_id,
                .scope = call->scope,
                .after = call->list.after,
                .most = call->list.most,
                .workplace = http_query(call->request, "workplace"),
                .staff = http_query(call->request, "staff")},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        list_add(call, rows.rows[i].place, encode(&rows.rows[i]));
    return list_answer(call);
}

/* Answers with the last row of that person in that kind at the workplace. */
static bool
answer_one(struct call *call, const struct workplace *workplace, const struct staff *staff,
    int status, struct error *error)
{
    struct sql_staff_list_rows rows;
    const struct sql_staff_list_row *last = NULL;
    if (!sql_staff_list(call->tx,
            &(struct sql_staff_list){.trial_id = call->trial_id,
                .scope = call->scope,
                .after = "",
                .most = PAGE_LIMIT_MAX,
                .workplace = workplace->row.code,
                .staff = staff->code},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        if (text_equal(rows.rows[i].kind, staff->kind))
            last = &rows.rows[i];
    return last == NULL ? error_set(error, ERROR_INTERNAL, "staff", "The row is not there")
                        : call_answer(call, status, encode(last));
}

bool
staff_add(struct call *call, struct error *error)
{
    struct workplace workplace;
    const struct staff staff = {.code = call_text(call, "staff"),
        .kind = call_text(call, "kind"),
        .on = call_text(call, "from")};
    if (!workplace_read(call->tx, call->trial_id, call->scope, call->request->parameters[1], true,
            &workplace) ||
        !staff_begin(
            call->tx, call->trial_id, &workplace, &staff, call->caller.account_id, &call->faults))
        return call_failed(call, error);
    return answer_one(call, &workplace, &staff, 201, error);
}

bool
staff_finish(struct call *call, struct error *error)
{
    struct workplace workplace;
    const struct staff staff = {.code = call->request->parameters[2],
        .kind = http_query(call->request, "kind"),
        .on = http_query(call->request, "to")};
    if (!workplace_read(call->tx, call->trial_id, call->scope, call->request->parameters[1], true,
            &workplace) ||
        !staff_end(call->tx, call->trial_id, &workplace, &staff, &call->faults))
        return call_failed(call, error);
    return answer_one(call, &workplace, &staff, 200, error);
}

bool
contamination_list(struct call *call, struct error *error)
{
    struct sql_contamination_list_rows rows;
    if (!sql_contamination_list(call->tx,
            &(struct sql_contamination_list){.trial_id = call->trial_id,
                .scope = call->scope,
                .after = call->list.after,
                .most = call->list.most,
                .kind = http_query(call->request, "kind")},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_contamination_list_row *row = &rows.rows[i];
        list_add(call, row->place,
            json_pack("{s:s, s:o, s:s, s:s, s:s, s:s, s:s, s:o}", "kind", row->kind, "who",
                json_text(row->who), "workplace", row->workplace, "arm", row->arm, "other",
                row->other, "other_arm", row->other_arm, "from", row->from_on, "to",
                json_text(row->to_on)));
    }
    return list_answer(call);
}
