/*
 * unit.c: what a unit still lacks follows from the protocol's rules, which blinded roles cannot
 * read: they get null there.
 */
#include "api/people/unit.h"

#include "api/conduct/allocation.h"
#include "api/handlers.h"
#include "store/conduct/protocol.h"
#include "store/contact/task.h"
#include "store/people/screening.h"

const struct field answers_new[] = {
    {.name = "answers",
        .type = FIELD_MAP_BOOLEAN,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 100,
        .meaning = "Question ids of the protocol to true (yes) or false (no); a later answer takes "
                   "the place of an earlier one"},
    {.name = "answered_by",
        .type = FIELD_STRING,
        .min = 1,
        .max = 200,
        .meaning = "Who at the workplace answered; kept as a salted digest in the trail"},
    {0},
};

bool
unit_rules(struct call *call, const struct protocol **protocol, int *version)
{
    *protocol = NULL;
    if (role_sight(call->role) == SIGHT_BLINDED)
        return true;
    *protocol = protocol_in_force(call->tx, call->session, call->trial_id, version);
    return *protocol != NULL;
}

void
unit_encode_readiness(struct call *call, const struct protocol *protocol,
    const struct readiness_unit *facts, json_t *json)
{
    if (protocol == NULL) {
        json_object_set_new(json, "eligible", json_null());
        json_object_set_new(json, "missing", json_null());
        return;
    }
    struct readiness readiness = readiness_of(call->arena, protocol, NULL, facts);
    json_t *missing = json_array();
    for (size_t i = 0; i < readiness.count; i++)
        json_array_append_new(missing, json_string(readiness.missing[i]));
    json_object_set_new(json, "eligible", json_boolean(readiness.count == 0));
    json_object_set_new(json, "missing", missing);
}

json_t *
unit_encode_schemes(const char *allocations)
{
    json_t *list = json_stored(allocations);
    json_t *schemes = json_array();
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item)
        json_array_append(schemes, json_object_get(item, "scheme"));
    json_decref(list);
    return schemes;
}

static const struct protocol_rule *
find_question(const struct protocol_subject *subject, const char *id)
{
    for (size_t i = 0; i < subject->rule_count; i++)
        if (text_equal(subject->rules[i].id, id) && subject->rules[i].need == NULL)
            return &subject->rules[i];
    return NULL;
}

static const char *
list_questions(struct call *call, const struct protocol_subject *subject)
{
    struct text list;
    text_init(&list, call->arena);
    for (size_t i = 0; i < subject->rule_count; i++)
        if (subject->rules[i].need == NULL)
            text_printf(&list, "%s%s", list.length == 0 ? "the questions are " : ", ",
                subject->rules[i].id);
    return list.bytes;
}

static bool
read_answers(struct call *call, const struct protocol_subject *subject, struct unit_answer *answers,
    size_t *count, struct error *error)
{
    const char *id;
    json_t *value;
    bool good = true;
    json_object_foreach(json_object_get(call->body, "answers"), id, value)
    {
        if (find_question(subject, id) == NULL)
            good = call_fault(call, error, arena_printf(call->arena, "/answers/%s", id),
                list_questions(call, subject), "the protocol does not ask %s", id);
        answers[(*count)++] = (struct unit_answer){.question = id,
            .answer = json_is_true(value),
            .answered_by = call_text(call, "answered_by")};
    }
    return good;
}

bool
unit_query(struct call *call, const char **code, struct error *error)
{
    const char *workplace = http_query(call->request, "workplace");
    const char *participant = http_query(call->request, "participant");
    *code =
        participant == NULL ? workplace : unit_code(call->arena, PROTOCOL_PARTICIPANT, participant);
    return workplace == NULL || participant == NULL ||
           call_fault(call, error, "?participant", "leave one of them out",
               "stands beside workplace; a list is of one unit, or of all");
}

bool
unit_asked(struct call *call, struct unit *unit, struct error *error)
{
    enum protocol_unit kind;
    const char *code;
    if (!allocation_read_unit(call, &kind, &code, error))
        return false;
    return unit_read(call->tx, call->trial_id, call->scope, kind, code, false, unit) ||
           call_failed(call, error);
}

bool
unit_plan_back(struct call *call, enum protocol_unit kind, struct uuid unit_id)
{
    char id[UUID_TEXT_SIZE];
    return kind != PROTOCOL_PARTICIPANT ||
           task_plan_arrivals(call->tx, call->session, call->trial_id,
               arena_printf(call->arena, "[\"%s\"]", uuid_text(unit_id, id)));
}

bool
unit_record_answers(struct call *call, enum protocol_unit kind, struct error *error)
{
    struct unit unit;
    size_t count = 0;
    int version;
    struct unit_answer *answers = arena_array(
        call->arena, json_object_size(json_object_get(call->body, "answers")), sizeof *answers);
    const struct protocol *protocol =
        protocol_in_force(call->tx, call->session, call->trial_id, &version);
    if (protocol == NULL)
        return call_failed(call, error);
    if (!read_answers(call, &protocol->subjects[kind], answers, &count, error))
        return false;
    if (!unit_read(call->tx, call->trial_id, call->scope, kind, call->request->parameters[1], true,
            &unit) ||
        !unit_add_answers(call->tx, call->trial_id, unit.row.unit_id, version,
            call->caller.account_id, answers, count) ||
        !unit_read(call->tx, call->trial_id, call->scope, kind, unit.row.code, false, &unit) ||
        !screening_note_eligibility(call->tx, protocol, call->trial_id, &unit) ||
        !unit_plan_back(call, kind, unit.row.unit_id))
        return call_failed(call, error);
    return true;
}
