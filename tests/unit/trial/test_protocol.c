/*
 * test_protocol.c: the WORK TOGETHER protocol is read as its author meant it; what is no protocol
 * is refused with a place and a remedy, and breaks nothing.
 */
#include "trial/expr.h"

#include "../check_main.h"
#include "protocol_case.h"

#include <limits.h>

static const struct protocol_task *
task_of(const struct protocol *protocol, const char *name)
{
    for (size_t i = 0; i < protocol->task_count; i++)
        if (strcmp(protocol->tasks[i].name, name) == 0)
            return &protocol->tasks[i];
    ck_abort_msg("no task %s", name);
    return NULL;
}

START_TEST(head_and_calendar_are_read_as_written)
{
    const struct protocol *protocol = work_together();
    ck_assert_str_eq(protocol->trial, "work-together");
    ck_assert_str_eq(protocol_text_in(&protocol->title, "sv"),
        "WORK TOGETHER: ett uppdaterat hälsoprogram för arbetsplatser");
    ck_assert_str_eq(protocol_text_in(&protocol->title, "fi"),
        "WORK TOGETHER: an updated occupational-health programme for workplaces");
    ck_assert_ptr_null(protocol->registration);
    ck_assert_str_eq(protocol->time_zone, "Europe/Stockholm");
    ck_assert_uint_eq(protocol->language_count, 2);
    ck_assert_str_eq(protocol->languages[0], "sv");
    ck_assert_str_eq(protocol->languages[1], "en");
    ck_assert_uint_eq(protocol->calendar.working_days, 0x1f);
    ck_assert_uint_eq(protocol->calendar.start_minute, 540);
    ck_assert_uint_eq(protocol->calendar.end_minute, 1080);
    ck_assert_str_eq(protocol->calendar.holidays, "SE");
    ck_assert_uint_eq(protocol->calendar.paused_weeks, UINT64_C(0xf) << 28);
}
END_TEST

START_TEST(workplaces_have_their_identifiers_and_attributes)
{
    const struct protocol *protocol = work_together();
    const struct protocol_subject *workplace = &protocol->subjects[PROTOCOL_WORKPLACE];
    ck_assert_uint_eq(workplace->identifier_count, 2);
    ck_assert_str_eq(workplace->identifiers[0].name, "organisation_number");
    ck_assert_int_eq(workplace->identifiers[0].type, IDENTIFIER_SE_ORGNR);
    ck_assert(workplace->identifiers[0].required);
    ck_assert_int_eq(workplace->identifiers[1].type, IDENTIFIER_SE_CFAR);
    ck_assert(!workplace->identifiers[1].required);
    ck_assert_uint_eq(workplace->attribute_count, 5);
    const struct protocol_attribute *sector = &workplace->attributes[0];
    ck_assert_str_eq(sector->name, "sector");
    ck_assert_int_eq(sector->kind, ATTRIBUTE_LEVELS);
    ck_assert_uint_eq(sector->level_count, 2);
    ck_assert_str_eq(sector->levels[1], "private");
    const struct protocol_attribute *employees = &workplace->attributes[1];
    ck_assert_int_eq(employees->kind, ATTRIBUTE_INTEGER);
    ck_assert_int_eq(employees->minimum, 1);
    ck_assert_int_eq(employees->maximum, 100000);
    const struct protocol_attribute *size = protocol_attribute_by_name(workplace, "size");
    ck_assert_int_eq(size->kind, ATTRIBUTE_BANDS);
    ck_assert_uint_eq(size->source, 1);
    ck_assert_uint_eq(size->level_count, 2);
    ck_assert_str_eq(size->levels[1], "50-249");
    ck_assert_int_eq(size->bands[1].low, 50);
    ck_assert_int_eq(size->bands[1].high, 249);
    const struct protocol_attribute *industry = protocol_attribute_by_name(workplace, "industry");
    ck_assert_int_eq(industry->kind, ATTRIBUTE_PATTERN);
    ck_assert_str_eq(industry->pattern_text, "^[A-U]$");
    ck_assert_str_eq(industry->version, "SNI2007");
    ck_assert_ptr_null(protocol_attribute_by_name(workplace, "colour"));
}
END_TEST

START_TEST(eligibility_rules_keep_question_and_wanted_answer)
{
    const struct protocol *protocol = work_together();
    const struct protocol_subject *workplace = &protocol->subjects[PROTOCOL_WORKPLACE];
    ck_assert_uint_eq(workplace->rule_count, 5);
    ck_assert_str_eq(workplace->rules[0].id, "own-manager");
    ck_assert_str_eq(workplace->rules[0].ask, "Own manager with responsibility for staff");
    ck_assert(workplace->rules[0].need_yes);
    ck_assert_ptr_null(workplace->rules[0].need);
    ck_assert_ptr_nonnull(workplace->rules[2].need);
    ck_assert_str_eq(workplace->rules[2].need_text, "employees >= 10");
    ck_assert(!workplace->rules[3].need_yes);
    const struct protocol_subject *participant = &protocol->subjects[PROTOCOL_PARTICIPANT];
    ck_assert_uint_eq(participant->rule_count, 3);
    ck_assert_str_eq(participant->rules[0].need_text, "age between 18 and 66");
}
END_TEST

START_TEST(participants_have_identity_contact_and_flags)
{
    const struct protocol *protocol = work_together();
    const struct protocol_subject *participant = &protocol->subjects[PROTOCOL_PARTICIPANT];
    ck_assert_uint_eq(participant->identifier_count, 1);
    ck_assert_int_eq(participant->identifiers[0].type, IDENTIFIER_SE_PERSONNUMMER);
    ck_assert_int_eq(participant->store, PROTOCOL_STORE_VAULT);
    ck_assert_uint_eq(participant->contact_count, 3);
    ck_assert_str_eq(participant->contact[1], "phone");
    ck_assert_uint_eq(participant->attribute_count, 7);
    ck_assert_int_eq(protocol_attribute_by_name(participant, "age")->kind, ATTRIBUTE_AGE);
    ck_assert_int_eq(
        protocol_attribute_by_name(participant, "shift_work")->kind, ATTRIBUTE_BOOLEAN);
    ck_assert_uint_eq(participant->flag_count, 2);
    ck_assert_str_eq(participant->flags[1].name, "high_risk");
    ck_assert_str_eq(participant->flags[1].rule_text, "shift_work or occupation ~ '^[59]'");
}
END_TEST

START_TEST(a_form_says_who_signs_it_anew_and_on_what_basis_data_are_kept)
{
    const struct protocol *protocol = amended("optional:      {by: participant, version: 1, scopes",
        "optional: {by: participant, version: 2, legal_basis: \"GDPR 6(1)(a)\", texts: {sv: "
        "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}, reconsent: {who: "
        "not-allocated, within: 42d, waits: [interview, linkage]}, scopes");
    const struct protocol_form *form = protocol_form_by_name(protocol, "optional");
    ck_assert_str_eq(form->legal_basis, "GDPR 6(1)(a)");
    ck_assert_uint_eq(form->texts.count, 1);
    ck_assert_str_eq(form->texts.items[0].language, "sv");
    ck_assert(form->reconsent.needed);
    ck_assert_int_eq(form->reconsent.who, RECONSENT_NOT_ALLOCATED);
    ck_assert_uint_eq(form->reconsent.within, 42);
    ck_assert_uint_eq(form->reconsent.waits,
        1U << CONSENT_INTERVIEW | 1U << CONSENT_AUDIO | 1U << CONSENT_LINKAGE);
    ck_assert_ptr_null(protocol_form_by_name(protocol, "contact")->legal_basis);
    ck_assert(!protocol_form_by_name(protocol, "contact")->reconsent.needed);
}
END_TEST

START_TEST(forms_without_a_legal_basis_of_their_own_have_the_common_one)
{
    const struct protocol *protocol =
        amended("consent:\n", "consent:\n  legal_basis: GDPR 6(1)(e)\n");
    for (size_t i = 0; i < protocol->form_count; i++)
        ck_assert_str_eq(protocol->forms[i].legal_basis, "GDPR 6(1)(e)");
}
END_TEST

START_TEST(consent_forms_and_what_they_gate_are_read)
{
    const struct protocol *protocol = work_together();
    ck_assert_uint_eq(protocol->form_count, 4);
    const struct protocol_form *employer = protocol_form_by_name(protocol, "employer");
    ck_assert_int_eq(employer->by, PROTOCOL_WORKPLACE);
    ck_assert_uint_eq(employer->version, 1);
    ck_assert_uint_eq(employer->language_count, 2);
    ck_assert_uint_eq(employer->scope_count, 2);
    ck_assert_str_eq(employer->scopes[1], "paid-time");
    ck_assert_uint_eq(protocol_form_by_name(protocol, "optional")->scope_count, 5);
    ck_assert_uint_eq(protocol_form_by_name(protocol, "optional")->language_count, 2);
    ck_assert_uint_eq(protocol->before_allocation[PROTOCOL_WORKPLACE].count, 1);
    ck_assert_uint_eq(protocol->before_allocation[PROTOCOL_WORKPLACE].items[0].form, 0);
    ck_assert_str_eq(protocol->before_allocation[PROTOCOL_WORKPLACE].items[0].scope, "participate");
    ck_assert_uint_eq(protocol->before_allocation[PROTOCOL_PARTICIPANT].count, 0);
    ck_assert_uint_eq(protocol->before_data[PROTOCOL_PARTICIPANT].count, 1);
    ck_assert_uint_eq(protocol->before_data[PROTOCOL_PARTICIPANT].items[0].form, 2);
    ck_assert_ptr_null(protocol_form_by_name(protocol, "none"));
}
END_TEST

START_TEST(arms_phases_and_schemes_are_what_allocates)
{
    const struct protocol *protocol = work_together();
    ck_assert_uint_eq(protocol->arm_count, 3);
    ck_assert_str_eq(protocol->arms[1].id, "existing");
    ck_assert_str_eq(protocol_text_in(&protocol->arms[2].label, "en"), "Health information");
    ck_assert_uint_eq(protocol_arm_index(protocol, "control"), 2);
    ck_assert_uint_eq(protocol_arm_index(protocol, "placebo"), PROTOCOL_NONE);
    ck_assert_uint_eq(protocol->phase_count, 2);
    const struct protocol_phase *rct = protocol_phase_by_name(protocol, "rct");
    ck_assert_uint_eq(rct->target[PROTOCOL_WORKPLACE], 72);
    ck_assert_uint_eq(rct->target[PROTOCOL_PARTICIPANT], 1800);
    ck_assert_uint_eq(rct->exclude_count, 1);
    ck_assert_uint_eq(rct->excludes[0], 0);
    ck_assert_uint_eq(rct->first_scheme, 1);
    ck_assert_uint_eq(rct->scheme_count, 1);
    ck_assert_uint_eq(protocol->scheme_count, 2);
    const struct protocol_scheme *scheme = protocol_scheme_by_name(protocol, "rct");
    ck_assert_uint_eq(scheme->phase, 1);
    ck_assert_int_eq(scheme->unit, PROTOCOL_WORKPLACE);
    ck_assert_int_eq(scheme->method, METHOD_PERMUTED_BLOCK);
    ck_assert_uint_eq(scheme->ratio_sum, 3);
    ck_assert_uint_eq(scheme->ratio[2], 1);
    ck_assert_uint_eq(scheme->ratio[3], 0);
    ck_assert_uint_eq(scheme->factor_count, 2);
    ck_assert_uint_eq(scheme->factors[0], 0);
    ck_assert_uint_eq(scheme->factors[1], 2);
    ck_assert_uint_eq(scheme->design.block_count, 2);
    ck_assert_uint_eq(scheme->design.blocks[0], 3);
    ck_assert_uint_eq(scheme->design.blocks[1], 6);
    ck_assert(scheme->roster_lock);
    ck_assert_uint_eq(scheme->line, 77);
    ck_assert_uint_eq(scheme->column, 5);
    ck_assert_uint_eq(protocol_scheme_strata(protocol, scheme), 4);
    const struct protocol_scheme *feasibility = protocol_scheme_by_name(protocol, "feasibility");
    ck_assert_uint_eq(feasibility->factor_count, 0);
    ck_assert(!feasibility->roster_lock);
    ck_assert_uint_eq(protocol_scheme_strata(protocol, feasibility), 1);
    ck_assert_ptr_null(protocol_scheme_by_name(protocol, "rct.none"));
}
END_TEST

START_TEST(instruments_have_scores_ranges_and_cutoffs)
{
    const struct protocol *protocol = work_together();
    ck_assert_uint_eq(protocol->instrument_count, 4);
    const struct protocol_instrument *smbm = &protocol->instruments[0];
    ck_assert_uint_eq(smbm->items, 12);
    ck_assert_int_eq(smbm->low, 1);
    ck_assert_int_eq(smbm->high, 7);
    ck_assert_uint_eq(smbm->score_count, 4);
    ck_assert_str_eq(smbm->scores[3].name, "cognitive");
    ck_assert_int_eq(smbm->scores[0].method, INSTRUMENT_SUM);
    ck_assert_uint_eq(smbm->scores[0].last_item, 12);
    ck_assert_int_eq(smbm->scores[3].method, INSTRUMENT_MEAN);
    ck_assert_uint_eq(smbm->scores[3].first_item, 7);
    ck_assert_uint_eq(smbm->scores[3].last_item, 12);
    ck_assert(!smbm->scores[0].has_cutoff);
    ck_assert_uint_eq(smbm->missing_allowed, 0);
    const struct protocol_instrument *keds = &protocol->instruments[1];
    ck_assert(keds->scores[0].has_cutoff);
    ck_assert_double_eq(keds->scores[0].cutoff, 19);
    const struct protocol_instrument *leave = &protocol->instruments[2];
    ck_assert_uint_eq(leave->items, 0);
    ck_assert_uint_eq(leave->field_count, 2);
    ck_assert_int_eq(leave->fields[0].maximum, 28);
    ck_assert_uint_eq(leave->fields[1].level_count, 5);
    ck_assert_str_eq(leave->fields[1].levels[0], "0");
}
END_TEST

START_TEST(tasks_have_targets_windows_and_arms)
{
    const struct protocol *protocol = work_together();
    ck_assert_uint_eq(protocol->task_count, 9);
    const struct protocol_task *t0 = task_of(protocol, "t0");
    ck_assert_int_eq(t0->kind, TASK_QUESTIONNAIRE);
    ck_assert_int_eq(t0->at, -1);
    ck_assert_int_eq(t0->at + t0->window_before, -42);
    ck_assert_int_eq(t0->at + t0->window_after, -1);
    ck_assert_uint_eq(t0->arms, 7);
    ck_assert_uint_eq(t0->times, 1);
    ck_assert_uint_eq(t0->instrument_count, 3);
    ck_assert_uint_eq(t0->instruments[2], 3);
    ck_assert_uint_eq(t0->phase, PROTOCOL_NONE);
    ck_assert(!t0->primary);
    const struct protocol_task *hpa = task_of(protocol, "hpa");
    ck_assert_uint_eq(hpa->arms, 3);
    ck_assert(hpa->stamp_version);
    ck_assert_int_eq(t0->unit, PROTOCOL_PARTICIPANT);
    ck_assert_int_eq(task_of(protocol, "interview-manager")->unit, PROTOCOL_UNITS);
    ck_assert(task_of(protocol, "t12")->primary);
    const struct protocol_task *sms = task_of(protocol, "sms");
    ck_assert_uint_eq(sms->every, 28);
    ck_assert_uint_eq(sms->times, 13);
    ck_assert_int_eq(sms->at, 28);
    ck_assert_int_eq(sms->window_before, 0);
    ck_assert_int_eq(sms->window_after, 6);
    ck_assert_str_eq(sms->scope, "sms");
    const struct protocol_task *interview = task_of(protocol, "interview-employee");
    ck_assert_uint_eq(interview->sample[PROTOCOL_PARTICIPANT], 24);
    ck_assert_uint_eq(interview->sample[PROTOCOL_WORKPLACE], 0);
    ck_assert_uint_eq(interview->spread_count, 3);
    ck_assert_str_eq(interview->spread[2], "under_represented");
    ck_assert(interview->assessor_independent && interview->assessor_blinded);
    ck_assert_uint_eq(task_of(protocol, "interview-manager")->sample[PROTOCOL_WORKPLACE], 12);
    const struct protocol_task *group = task_of(protocol, "co-creation");
    ck_assert_int_eq(group->kind, TASK_FOCUS_GROUP);
    ck_assert_int_eq(group->anchor, ANCHOR_PHASE_START);
    ck_assert_uint_eq(group->phase, 0);
    ck_assert_uint_eq(group->group_min, 4);
    ck_assert_uint_eq(group->group_max, 8);
}
END_TEST

START_TEST(the_ladder_reminds_in_its_order)
{
    const struct protocol *protocol = work_together();
    const struct protocol_ladder *ladder = protocol_ladder_for(protocol, TASK_QUESTIONNAIRE);
    ck_assert_uint_eq(ladder->step_count, 5);
    static const unsigned days[] = {0, 3, 7, 14, 21};
    for (size_t i = 0; i < 5; i++)
        ck_assert_uint_eq(ladder->steps[i].after, days[i]);
    ck_assert_int_eq(ladder->steps[0].channel, CHANNEL_EMAIL);
    ck_assert_str_eq(ladder->steps[0].template, "invitation");
    ck_assert_int_eq(ladder->steps[3].channel, CHANNEL_SMS);
    ck_assert_int_eq(ladder->steps[4].channel, CHANNEL_PHONE);
    ck_assert_ptr_null(ladder->steps[4].template);
    ck_assert_int_eq(ladder->steps[4].task, TASK_CALL);
    ck_assert_ptr_null(protocol_ladder_for(protocol, TASK_INTERVIEW));
}
END_TEST

START_TEST(progression_representation_safety_and_board_are_read)
{
    const struct protocol *protocol = work_together();
    ck_assert_uint_eq(protocol->criterion_count, 7);
    ck_assert_str_eq(protocol->criteria[0].of, "approached");
    ck_assert_int_eq(protocol->criteria[0].green.compare, COMPARE_AT_LEAST);
    ck_assert_double_eq(protocol->criteria[0].amber.share, 0.3);
    ck_assert_ptr_nonnull(protocol->criteria[2].flag);
    ck_assert_str_eq(protocol->tasks[protocol->criteria[4].task].name, "t3");
    ck_assert_int_eq(protocol->criteria[6].amber.compare, COMPARE_AT_MOST);
    const struct protocol_representation *representation = &protocol->representation;
    ck_assert_uint_eq(representation->reference_count, 1);
    ck_assert_double_eq(representation->references[0].shares[0], 0.8);
    ck_assert_double_eq(representation->references[0].shares[3], 0.11);
    ck_assert_double_eq(representation->tolerance, 5);
    ck_assert_uint_eq(representation->target_count, 3);
    ck_assert_int_eq(representation->targets[1].unit, PROTOCOL_PARTICIPANT);
    ck_assert_double_eq(representation->targets[1].at_least, 0.35);
    ck_assert_int_eq(representation->targets[2].unit, PROTOCOL_WORKPLACE);
    ck_assert_double_eq(representation->targets[2].at_least, 36);
    ck_assert_uint_eq(protocol->event_count, 3);
    ck_assert(!protocol->events[1].serious);
    ck_assert_ptr_nonnull(protocol->events[1].threshold);
    ck_assert(protocol->events[2].serious);
    ck_assert_int_eq(protocol->dsmb.unit, PROTOCOL_WORKPLACE);
    ck_assert_uint_eq(protocol->dsmb.meeting_count, 3);
    ck_assert_uint_eq(protocol->dsmb.meets_at[2], 72);
    ck_assert_uint_eq(protocol->dsmb.suppress_below, 5);
    ck_assert_int_eq(protocol->contamination, CONTAMINATION_ACKNOWLEDGE);
}
END_TEST

START_TEST(twelve_faults_are_all_told_in_one_run)
{
    ck_assert_ptr_null(parse_text(file_text("tests/golden/protocol/twelve-faults.yaml")));
    ck_assert_uint_eq(faults.total, 12);
    ck_assert_str_eq(fault_lines(), file_text("tests/golden/protocol/twelve-faults.txt"));
}
END_TEST

START_TEST(every_method_of_allocation_is_known)
{
    const struct protocol *protocol =
        parse_text(file_text("tests/golden/protocol/every-method.yaml"));
    ck_assert_msg(protocol != NULL, "%s", fault_lines());
    ck_assert_uint_eq(protocol->scheme_count, METHOD_COUNT + 2);
    for (size_t i = 0; i < METHOD_COUNT; i++)
        ck_assert_uint_eq(protocol->schemes[i].method, i);
    ck_assert_str_eq(protocol->schemes[0].name, "main.simple");
    const struct protocol_design *minimisation = &protocol->schemes[METHOD_MINIMISATION].design;
    ck_assert_int_eq(minimisation->measure, MEASURE_VARIANCE);
    ck_assert_double_eq(minimisation->p, 0.8);
    ck_assert_uint_eq(minimisation->balanced_count, 2);
    ck_assert_double_eq(minimisation->balanced[1].weight, 2.5);
    const struct protocol_design *constrained = &protocol->schemes[METHOD_CONSTRAINED].design;
    ck_assert_int_eq(constrained->score, SCORE_L2);
    ck_assert_double_eq(constrained->accept, 0.1);
    ck_assert_uint_eq(constrained->enumerate, 100000);
    ck_assert_uint_eq(constrained->sample, 500);
    ck_assert_uint_eq(protocol->schemes[METHOD_NONRANDOM].ratio_sum, 2);
    ck_assert(protocol->schemes[METHOD_MAXIMAL].design.balanced_end);
    ck_assert(constrained->balanced[0].ordinal && constrained->balanced[0].weight == 2);
    ck_assert_double_eq(constrained->balanced[1].mean_limit, 10);
    ck_assert_double_eq(constrained->balanced[1].total_limit, 200);
    const struct protocol_scheme *more = &protocol->schemes[METHOD_COUNT];
    ck_assert_int_eq(more[0].design.form, FORM_BIASED_COIN);
    ck_assert_int_eq(more[1].design.form, FORM_RANKED);
    ck_assert_uint_eq(more[1].design.ranked_count, 3);
    ck_assert_double_eq(more[1].design.ranked[2], 0.1);
    ck_assert_double_eq(more[1].predictability, 0.8);
    ck_assert_double_eq(more[0].predictability, 0.75);
}
END_TEST

START_TEST(the_good_file_cut_at_any_byte_breaks_nothing)
{
    const char *text = file_text(WORK_TOGETHER);
    size_t size = strlen(text), right = 0;
    for (size_t cut = 0; cut < size; cut += cut % 400 < 20 || text[cut] == '\n' ? 1 : 7) {
        arena_reset(arena);
        text = file_text(WORK_TOGETHER);
        right += parse_bytes(text, cut) != NULL;
    }
    /* Cut behind `phases` and each section after it, it is a whole protocol of fewer sections. */
    ck_assert_uint_lt(right, size / 10);
}
END_TEST

/* Not a protocol at all: the fault that says so. */
static const struct {
    const char *text;
    size_t size; /* 0: of the text */
    const char *fault;
} broken[] = {
    {"", 0, "1:1: the file is empty; write KEY: VALUE lines into it\n"},
    {"# nothing\n", 0, "1:1: the file is empty; write KEY: VALUE lines into it\n"},
    {"trial: [a\n", 0, "2:1: a [ is not closed, or a comma is missing; write [VALUE, VALUE]\n"},
    {"trial: a\n\tb: c\n", 0, "2:1: a tab stands where spaces are needed; indent with spaces\n"},
    {"trial: a: b\n", 0,
        "1:9: a colon stands where it cannot; put a text with a colon in quotes, and check the "
        "indentation\n"},
    {"trial: \xff\xfe\n", 0,
        "1:8: the file is not UTF-8 text from here on; save it as UTF-8 text\n"},
    {"trial: a\ntitle: hälso\xe4\n", 0,
        "2:13: the file is not UTF-8 text from here on; save it as UTF-8 text\n"},
    {"trial: a\0b\n", 11, "1:9: the file is not UTF-8 text from here on; save it as UTF-8 text\n"},
    {"- a\n- b\n", 0,
        "1:1: a map of keys and values is needed here; write {trial: ...}, or KEY: VALUE lines "
        "below it\n"},
    {"just a text", 0,
        "1:1: a map of keys and values is needed here; write {trial: ...}, or KEY: VALUE lines "
        "below it\n"},
};

START_TEST(what_is_no_protocol_is_refused_with_a_place)
{
    size_t size = broken[_i].size > 0 ? broken[_i].size : strlen(broken[_i].text);
    ck_assert_ptr_null(parse_bytes(broken[_i].text, size));
    ck_assert_str_eq(fault_lines(), broken[_i].fault);
}
END_TEST

START_TEST(a_file_that_is_too_large_is_refused)
{
    size_t size = PROTOCOL_SIZE_MAX + 1;
    char *bytes = malloc(size);
    memset(bytes, '#', size);
    ck_assert_ptr_null(parse_bytes(bytes, size));
    ck_assert_str_eq(fault_lines(), "1:1: the file has 1048577 bytes; at most 1 MiB is taken\n");
    bytes[size - 1] = '\n';
    ck_assert_ptr_null(parse_bytes(bytes, size - 1));
    ck_assert_str_eq(faults.items[0].message, "the file is empty");
    free(bytes);
}
END_TEST

/* Faults go out as JSON, so a text that is cut must be cut between characters. */
START_TEST(a_long_text_in_a_fault_is_cut_between_characters)
{
    for (size_t lead = 0; lead < 3; lead++) {
        struct text key;
        text_init(&key, arena);
        text_append_bytes(&key, "aaa", lead);
        for (int i = 0; i < 60; i++)
            text_append(&key, "ö€");
        ck_assert_ptr_null(
            parse_text(arena_printf(arena, "trial: %s\n%s: {a: 1}\n", key.bytes, key.bytes)));
        for (size_t i = 0; i < faults.count; i++) {
            const struct fault *fault = &faults.items[i];
            ck_assert(text_is_utf8(fault->message, strlen(fault->message)));
            ck_assert(text_is_utf8(fault->pointer, strlen(fault->pointer)));
            ck_assert_uint_lt(strlen(fault->message), 200);
            ck_assert_uint_lt(strlen(fault->pointer), 100);
        }
    }
}
END_TEST

START_TEST(more_faults_than_anybody_reads_are_counted)
{
    struct text text;
    text_init(&text, arena);
    text_append(&text, "consent: {forms: {\n");
    for (int i = 0; i < 450; i++)
        text_printf(&text, "  f%d: {by: nobody, version: 0, scopes: []},\n", i);
    text_append(&text, "}}\n");
    ck_assert_ptr_null(parse_text(text.bytes));
    ck_assert_uint_eq(faults.count, FAULTS_KEPT);
    ck_assert_uint_eq(faults.total, 3 * 450 + 6);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("trial/protocol");
    TCase *right = tcase_create("right");
    tcase_add_checked_fixture(right, protocol_case_start, protocol_case_end);
    tcase_add_test(right, head_and_calendar_are_read_as_written);
    tcase_add_test(right, workplaces_have_their_identifiers_and_attributes);
    tcase_add_test(right, eligibility_rules_keep_question_and_wanted_answer);
    tcase_add_test(right, participants_have_identity_contact_and_flags);
    tcase_add_test(right, consent_forms_and_what_they_gate_are_read);
    tcase_add_test(right, a_form_says_who_signs_it_anew_and_on_what_basis_data_are_kept);
    tcase_add_test(right, forms_without_a_legal_basis_of_their_own_have_the_common_one);
    tcase_add_test(right, arms_phases_and_schemes_are_what_allocates);
    tcase_add_test(right, instruments_have_scores_ranges_and_cutoffs);
    tcase_add_test(right, tasks_have_targets_windows_and_arms);
    tcase_add_test(right, the_ladder_reminds_in_its_order);
    tcase_add_test(right, progression_representation_safety_and_board_are_read);
    tcase_add_test(right, every_method_of_allocation_is_known);
    suite_add_tcase(suite, right);
    TCase *wrong = tcase_create("wrong");
    tcase_set_timeout(wrong, 120);
    tcase_add_checked_fixture(wrong, protocol_case_start, protocol_case_end);
    tcase_add_test(wrong, twelve_faults_are_all_told_in_one_run);
    tcase_add_test(wrong, the_good_file_cut_at_any_byte_breaks_nothing);
    tcase_add_loop_test(wrong, what_is_no_protocol_is_refused_with_a_place, 0,
        (int)(sizeof broken / sizeof broken[0]));
    tcase_add_test(wrong, a_file_that_is_too_large_is_refused);
    tcase_add_test(wrong, a_long_text_in_a_fault_is_cut_between_characters);
    tcase_add_test(wrong, more_faults_than_anybody_reads_are_counted);
    suite_add_tcase(suite, wrong);
    return suite;
}

TEST_MAIN(make_suite)
