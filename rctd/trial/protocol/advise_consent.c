/*
 * advise_consent.c: what a protocol provides for and asks no participant for by a scope of its own:
 * contact details, text messages, and tasks that so are done with nobody.
 */
#include "trial/protocol/advise.h"

#include <string.h>

static void
advise_contact(const struct protocol *protocol, struct faults *advice)
{
    const struct protocol_subject *people = &protocol->subjects[PROTOCOL_PARTICIPANT];
    bool details = false;
    for (size_t i = 0; i < people->contact_count; i++)
        details = details || strcmp(people->contact[i], "name") != 0;
    if (details && !consent_is_asked(protocol, CONSENT_CONTACT))
        faults_cite(advice, NULL, "participant.contact", 0, 0,
            "give a form of participants the scope pass-on-contact, or say which consent is enough "
            "under required_for: {contact: [FORM/SCOPE]}",
            "no form asks people whether they may be contacted: whoever said yes to what comes "
            "before data is contacted%s",
            protocol->before_data[PROTOCOL_PARTICIPANT].count == 0 ? ", which is nothing" : "");
}

static bool
sends_texts(const struct protocol *protocol)
{
    for (size_t i = 0; i < protocol->ladder_count; i++)
        for (size_t step = 0; step < protocol->ladders[i].step_count; step++)
            if (protocol->ladders[i].steps[step].template != NULL &&
                protocol->ladders[i].steps[step].channel == CHANNEL_SMS)
                return true;
    return false;
}

static void
advise_texts(const struct protocol *protocol, struct faults *advice)
{
    if (protocol->subjects[PROTOCOL_PARTICIPANT].contact_count > 0 && sends_texts(protocol) &&
        !consent_is_asked(protocol, CONSENT_SMS))
        faults_cite(advice, NULL, "reminders", 0, 0,
            "give a form of participants the scope sms, or say which consent is enough under "
            "required_for: {sms: [FORM/SCOPE]}",
            "no form asks people whether they want text messages: whoever may be contacted gets "
            "them");
}

/* A task of people that waits for an amendment, because nobody can say yes to it. */
static void
advise_never(const struct protocol *protocol, struct faults *advice)
{
    for (size_t i = 0; i < protocol->task_count; i++) {
        const struct protocol_task *task = &protocol->tasks[i];
        enum consent_action action = consent_of_task(task->kind);
        if (task->unit == PROTOCOL_PARTICIPANT && consent_is_unasked(protocol, action))
            faults_cite(advice, NULL, arena_printf(advice->arena, "tasks.%s", task->name),
                task->line, task->column,
                arena_printf(advice->arena, "give a form of participants the scope %s",
                    consent_action_scope(action)),
                "no form asks people for it, so it is done with nobody");
    }
}

void
advise_consents(const struct protocol *protocol, struct faults *advice)
{
    advise_contact(protocol, advice);
    advise_texts(protocol, advice);
    advise_never(protocol, advice);
}
