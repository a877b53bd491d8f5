/*
 * participant.c: participants who are registered one by one, or from a table.
 */
#include "store/people/participant.h"

#include "store/people/identity.h"
#include "store/people/registration.h"
#include "store/vault/refusal.h"

#include <stdlib.h>
#include <string.h>

/* A workplace where the trial has none, or none where it needs one. */
static void
check_own(
    struct registration *registration, struct enrol_row *row, const struct participant_new *new)
{
    struct enrol *enrol = &registration->enrol;
    bool placed = enrol_has_workplaces(enrol->protocol);
    row->own[ENROL_WORKPLACE] = new->workplace;
    row->own[ENROL_FROM] = new->from;
    if (placed && new->workplace == NULL)
        enrol_fault(enrol, row, ENROL_WORKPLACE, "is missing",
            "give the code of the workplace that employs the participant");
    if (!placed && new->workplace != NULL)
        enrol_fault(enrol, row, ENROL_WORKPLACE, "this trial has no workplaces", "leave it out");
    if (!placed && new->from != NULL)
        enrol_fault(enrol, row, ENROL_FROM, "this trial has no workplaces", "leave it out");
}

bool
participant_register(struct tx *tx, const struct participant_desk *desk,
    const struct participant_new *new, struct faults *faults, char code[CODE_SIZE])
{
    struct registration registration;
    struct enrol *enrol = &registration.enrol;
    struct vault_person person;
    const char **codes = NULL;
    if (!registration_begin(&registration, tx, desk, faults))
        goto out;
    check_own(&registration, enrol_read_request(enrol, new->attributes), new);
    if (!registration_check_places(&registration))
        goto out;
    identity_check(enrol->arena, desk->protocol, new->identity, registration.today, "/identity",
        faults, &person, NULL);
    if (faults->total > 0)
        tx_fail(tx, ERROR_FIELDS, "The participant was not registered");
    else if (person.number == NULL || refusal_open(tx, desk->trial_id))
        codes = registration_insert(&registration, &person);
    if (codes != NULL)
        memcpy(code, codes[0], CODE_SIZE);
out:
    enrol_free(enrol);
    return codes != NULL;
}

void
participant_facts(
    struct arena *arena, const struct sql_participant_list_row *row, struct readiness_unit *facts)
{
    unit_facts(arena,
        &(struct unit_stored){.kind = PROTOCOL_PARTICIPANT,
            .state = row->state,
            .attributes = row->attributes,
            .answers = row->answers,
            .consents = row->consents,
            .employer_out = row->employer_out,
            .stops = row->stops,
            .year = row->year},
        facts);
}
