/*
 * handlers.h: every handler and the tables of fields that belong to its route; each resource's file
 * has its own, and only the rows in routes.c put them together.
 */
#ifndef RCTD_API_HANDLERS_H
#define RCTD_API_HANDLERS_H

#include "api/call.h"

/* Declares a handler; the route's row names it. */
#define HANDLER(name) bool name(struct call *call, struct error *error) MUST_CHECK

/* service.c */
HANDLER(service_health);
HANDLER(service_ready);
HANDLER(service_metrics);
HANDLER(service_openapi);
extern const struct field health_answer[], ready_answer[], rehearsal_answer[], rehearsal_new[];
HANDLER(rehearsal_show);
HANDLER(rehearsal_advance);

/* account.c, token.c, grant.c */
extern const struct field me_answer[], account_answer[], account_new[], account_changes[];
extern const struct field token_answer[], token_new[], token_made[], grant_answer[], grant_new[];
HANDLER(me_show);
HANDLER(account_list);
HANDLER(account_add);
HANDLER(account_show);
HANDLER(account_patch);
HANDLER(token_list);
HANDLER(token_add);
HANDLER(token_revoke);
HANDLER(grant_list);
HANDLER(grant_add);
HANDLER(grant_remove);

/* signature.c */
extern const struct field password_new[], password_answer[], password_code_answer[],
    signature_answer[];
HANDLER(password_set);
HANDLER(password_remove);
HANDLER(password_code_add);
HANDLER(signature_list);

/* access.c */
extern const struct field access_query[], access_answer[], access_review_answer[];
HANDLER(access_list);
HANDLER(access_review_list);

/* screening.c, screening_import.c, screening_flow.c */
extern const struct field screening_new[], screening_event_new[], screening_answer[],
    screening_query[], screening_imported[], screening_flow_answer[];
HANDLER(screening_add);
HANDLER(screening_go_on);
HANDLER(screening_list);
HANDLER(screening_import);
HANDLER(screening_flow);

/* trial.c, protocol.c, phase.c */
extern const struct field trial_listed[], trial_answer[], trial_new[], phase_answer[],
    phase_change[];
extern const struct field protocol_version_answer[], protocol_answer[], protocol_document_answer[];
extern const struct field protocol_new[], protocol_lock_body[];
HANDLER(trial_list);
HANDLER(trial_add);
HANDLER(trial_show);
HANDLER(protocol_list);
HANDLER(protocol_submit);
HANDLER(protocol_show);
HANDLER(protocol_lock);

/* protocol_advice.c */
extern const struct field protocol_advice_answer[];
HANDLER(protocol_advice);

/* phase.c */
HANDLER(phase_list);
HANDLER(phase_open);
HANDLER(phase_close);

/* scheme.c */
extern const struct field scheme_answer[], scheme_close_body[], scheme_reveal_body[];
extern const struct field scheme_reveal_answer[], scheme_seed_answer[];
HANDLER(scheme_list);
HANDLER(scheme_show);
HANDLER(scheme_end);
HANDLER(scheme_reveal);
HANDLER(scheme_reveal_show);
HANDLER(scheme_seed_show);

/* deviation.c */
extern const struct field deviation_new[], deviation_query[], deviation_answer[];
extern const struct field deviation_decision_new[];
HANDLER(deviation_add);
HANDLER(deviation_list);
HANDLER(deviation_list_of_allocation);
HANDLER(deviation_decision_add);

/* workplace.c, workplace_import.c, unit.c, consent.c, consent_field.c */
extern const struct field workplace_answer[], workplace_query[], import_answer[], import_query[];
extern const struct field answers_new[], agreement_new[], agreement_answer[], agreement_made[];
extern const struct field roster_new[];
HANDLER(workplace_list);
HANDLER(workplace_show);
HANDLER(workplace_import);
HANDLER(workplace_answers);
HANDLER(workplace_roster_lock);
HANDLER(agreement_list);
HANDLER(agreement_add);

/* participant.c, consent.c */
extern const struct field participant_answer[], participant_query[], participant_new[],
    participant_answers_new[];
extern const struct field consent_new[], consent_answer[], consent_made[];
HANDLER(participant_list);
HANDLER(participant_add);
HANDLER(participant_show);
HANDLER(participant_import);
HANDLER(participant_answers);
HANDLER(consent_list);
HANDLER(consent_record);

/* may.c, consent_text.c, consent_link.c */
extern const struct field may_answer[], may_who_query[], may_who_answer[], consent_due_query[],
    consent_due_answer[];
extern const struct field consent_text_listed[], consent_text_answer[], consent_text_new[];
extern const struct field consent_link_answer[], consent_link_made[], consent_link_new[];
extern const struct field link_open_body[], link_open_answer[], link_decide_body[];
extern const struct field link_decide_answer[];
HANDLER(participant_permissions);
HANDLER(workplace_permissions);
HANDLER(trial_permissions);
HANDLER(consent_due_list);
HANDLER(consent_text_list);
HANDLER(consent_text_show);
HANDLER(consent_text_add);
HANDLER(consent_link_list);
HANDLER(consent_link_add);
HANDLER(consent_link_revoke);
HANDLER(link_open);
HANDLER(link_decide);

/* withdrawal.c */
extern const struct field withdrawal_new[], withdrawal_answer[], withdrawal_made[];
HANDLER(withdrawal_list);
HANDLER(withdrawal_add);

/* measure.c */
extern const struct field measure_new[], measure_query[], measure_answer[], measure_release_body[];
HANDLER(measure_list);
HANDLER(measure_record);
HANDLER(measure_release);
/* identity.c */
extern const struct field identity_fields[], identity_new[], identity_answer[];
extern const struct field reading_new[], reading_made[], reading_query[], reading_answer[];
HANDLER(identity_set);
HANDLER(identity_reading_add);
HANDLER(identity_reading_list);

/* erasure.c */
extern const struct field erasure_new[], erasure_answer[];
HANDLER(erasure_add);
HANDLER(erasure_list);

/* rotation.c */
extern const struct field rotation_new[], rotation_answer[];
HANDLER(rotation_add);
HANDLER(rotation_list);

/* allocation.c, allocation_request.c, allocation_batch.c */
extern const struct field allocation_answer[], allocation_new[], allocation_query[];
extern const struct field dry_run_answer[], dry_run_new[], attempt_answer[];
extern const struct field batch_new[], batch_answer[], batch_dry_run_answer[];
HANDLER(allocation_dry_run);
HANDLER(allocation_make_batch);
HANDLER(allocation_dry_run_batch);
HANDLER(allocation_list);
HANDLER(allocation_show);
HANDLER(attempt_list);

/* unblinding.c, knowledge.c, notice.c */
extern const struct field unblinding_new[], unblinding_decision_new[], unblinding_query[];
extern const struct field unblinding_answer[], unblinding_told_answer[];
extern const struct field unblinding_account_answer[];
extern const struct field knowledge_new[], knowledge_query[], knowledge_answer[];
extern const struct field notice_query[], notice_answer[];
HANDLER(unblinding_emergency_add);
HANDLER(unblinding_add);
HANDLER(unblinding_decision_add);
HANDLER(unblinding_arm_show);
HANDLER(unblinding_show);
HANDLER(unblinding_list);
HANDLER(unblinding_account_list);
HANDLER(knowledge_list);
HANDLER(knowledge_add);
HANDLER(notice_list);
HANDLER(notice_mark_read);
/* roster.c */
extern const struct field roster_answer[], employment_answer[], employment_new[];
HANDLER(roster_show);
HANDLER(employment_list);
HANDLER(employment_add);

/* workplace_change.c */
extern const struct field workplace_change_new[], workplace_change_query[];
extern const struct field workplace_change_answer[];
HANDLER(workplace_change_list);
HANDLER(workplace_change_add);

/* staff.c */
extern const struct field staff_new[], staff_ends[], staff_query[], staff_answer[];
extern const struct field contamination_query[], contamination_answer[];
HANDLER(staff_list);
HANDLER(staff_add);
HANDLER(staff_finish);
HANDLER(contamination_list);

/* uptake.c */
extern const struct field uptake_answer[];
HANDLER(uptake_show);

/* recruitment.c */
extern const struct field recruitment_answer[];
HANDLER(recruitment_show);

/* task.c, reminder.c, endpoint.c */
extern const struct field task_answer[], task_query[], reminder_answer[], reminder_query[];
extern const struct field endpoint_answer[], endpoint_new[], endpoint_made[], endpoint_change[];
HANDLER(task_list);
HANDLER(reminder_list);
HANDLER(reminder_replay);
HANDLER(endpoint_list);
HANDLER(endpoint_add);
HANDLER(endpoint_patch);
HANDLER(endpoint_rotate);

/* task_work.c */
extern const struct field task_queue_query[], task_work_answer[], booking_new[], booking_end[];
extern const struct field outcome_new[], contact_answer[];
HANDLER(task_queue);
HANDLER(task_claim);
HANDLER(task_release);
HANDLER(booking_add);
HANDLER(booking_cancel);
HANDLER(task_outcome);
HANDLER(contact_list);

/* The cursor of lists of tasks: when the last row's window opens, and its id. Without one a list
 * starts before every window. */
const char *task_cursor(struct call *call, int64_t opens_at, struct uuid task_id);
bool task_cursor_read(
    struct call *call, int64_t *opens_at, struct uuid *task_id, struct error *error) MUST_CHECK;

/* audit.c */
extern const struct field audit_answer[], audit_query[], head_answer[];
HANDLER(audit_list);
HANDLER(audit_heads);
HANDLER(audit_instance_list);
HANDLER(audit_instance_heads);

/* record.c */
extern const struct field record_answer[];
HANDLER(record_list);
HANDLER(record_instance_list);

#endif
