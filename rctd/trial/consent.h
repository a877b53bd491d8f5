/*
 * consent.h: what may be done with a unit of a trial, what each such action needs, and what stops
 * it. The database holds the same rows (rctd.consent_action, consent_stop, consent_stopped) and
 * answers by them: rctd.may() is the one function that says yes or no; a test compares the two.
 */
#ifndef RCTD_TRIAL_CONSENT_H
#define RCTD_TRIAL_CONSENT_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct protocol;

/* What must have been signed before, whatever the scope. */
enum consent_before { CONSENT_BEFORE_NONE, CONSENT_BEFORE_ALLOCATION, CONSENT_BEFORE_DATA };

/* What follows where no form that a participant signs has the action's scope and the protocol does
 * not say itself what it needs: nothing more; what must come before data; or it is never done. */
enum consent_unscoped { CONSENT_UNSCOPED_FREE, CONSENT_UNSCOPED_DATA, CONSENT_UNSCOPED_NEVER };

/*
 * X(name in C, name, action whose needs it shares, required before, scope, without that scope,
 * given once is enough, words). The scope counts where a form that the unit signs has one of that
 * name.
 */
/* clang-format off */
#define CONSENT_ACTIONS(X) \
    X(ALLOCATE,       "allocate",       ALLOCATE,       CONSENT_BEFORE_ALLOCATION, NULL,               CONSENT_UNSCOPED_FREE,  false, "Allocate") \
    X(DATA,           "data",           DATA,           CONSENT_BEFORE_DATA,       "questionnaires",   CONSENT_UNSCOPED_FREE,  false, "Take data by questionnaire") \
    X(INTERVENTION,   "intervention",   INTERVENTION,   CONSENT_BEFORE_DATA,       NULL,               CONSENT_UNSCOPED_FREE,  false, "Give the programme") \
    X(INTERVIEW,      "interview",      INTERVIEW,      CONSENT_BEFORE_DATA,       "interview",        CONSENT_UNSCOPED_FREE,  false, "Interview") \
    X(AUDIO,          "audio",          INTERVIEW,      CONSENT_BEFORE_NONE,       "audio",            CONSENT_UNSCOPED_FREE,  false, "Record an interview") \
    X(CONTACT,        "contact",        CONTACT,        CONSENT_BEFORE_NONE,       "pass-on-contact",  CONSENT_UNSCOPED_DATA,  false, "Contact") \
    X(SMS,            "sms",            CONTACT,        CONSENT_BEFORE_NONE,       "sms",              CONSENT_UNSCOPED_FREE,  false, "Send text messages") \
    X(LINKAGE,        "linkage",        LINKAGE,        CONSENT_BEFORE_DATA,       "register-linkage", CONSENT_UNSCOPED_NEVER, false, "Link with registers") \
    X(FUTURE_CONTACT, "future-contact", FUTURE_CONTACT, CONSENT_BEFORE_NONE,       "future-contact",   CONSENT_UNSCOPED_NEVER, false, "Ask about later studies") \
    X(EXPORT,         "export",         EXPORT,         CONSENT_BEFORE_DATA,       NULL,               CONSENT_UNSCOPED_FREE,  true,  "Use the data that were taken")

/* X(name in C, name, words) */
#define CONSENT_STOPS(X) \
    X(INTERVENTION,   "intervention",   "the programme") \
    X(QUESTIONNAIRES, "questionnaires", "questionnaires") \
    X(INTERVIEWS,     "interviews",     "interviews") \
    X(SMS,            "sms",            "text messages") \
    X(LINKAGE,        "linkage",        "linkage with registers") \
    X(CONTACT,        "contact",        "every contact") \
    X(DATA_USE,       "data-use",       "use of the data")

/* X(action, stop that stops it) */
#define CONSENT_STOPPED(X) \
    X(ALLOCATE,       INTERVENTION) \
    X(ALLOCATE,       DATA_USE) \
    X(DATA,           QUESTIONNAIRES) \
    X(INTERVENTION,   INTERVENTION) \
    X(INTERVIEW,      INTERVIEWS) \
    X(INTERVIEW,      CONTACT) \
    X(AUDIO,          INTERVIEWS) \
    X(AUDIO,          CONTACT) \
    X(CONTACT,        CONTACT) \
    X(SMS,            SMS) \
    X(SMS,            CONTACT) \
    X(LINKAGE,        LINKAGE) \
    X(FUTURE_CONTACT, CONTACT) \
    X(EXPORT,         DATA_USE)

/* X(word that rctd.may() answers, the same for a coordinator) */
#define CONSENT_OBJECTIONS(X) \
    X("erased",      "erased at the person's wish") \
    X("out",         "has withdrawn altogether") \
    X("withdrawn",   "was taken back") \
    X("declined",    "was declined") \
    X("not-in-protocol", "the protocol asks nobody for it") \
    X("never-asked", "was never asked") \
    X("old-version", "an amended form waits for a signature")
/* clang-format on */

#define CONSENT_ACTION_ENUM(name, ...) CONSENT_##name,
enum consent_action { CONSENT_ACTIONS(CONSENT_ACTION_ENUM) CONSENT_ACTION_COUNT };
#undef CONSENT_ACTION_ENUM

#define CONSENT_STOP_ENUM(name, ...) CONSENT_STOP_##name,
enum consent_stop { CONSENT_STOPS(CONSENT_STOP_ENUM) CONSENT_STOP_COUNT };
#undef CONSENT_STOP_ENUM

/* How a word of a unit reaches the trial; who may consent or let something go on again, stop
 * something, ask for an erasure: choices of fields and options, closed by NULL. The database has
 * the same; a test compares them. */
extern const char *const consent_ways[];
extern const char *const consent_signers[];
extern const char *const consent_stoppers[];
extern const char *const consent_erasers[];

#define CONSENT_TASK "task/" /* begins the action of a task: task/NAME */

const char *consent_action_name(enum consent_action action);
const char *consent_action_words(enum consent_action action);

/* The scope that the action needs by its name; NULL where it needs none. */
const char *consent_action_scope(enum consent_action action);

const char *consent_stop_name(enum consent_stop stop);
const char *consent_stop_words(enum consent_stop stop);

/* CONSENT_ACTION_COUNT, CONSENT_STOP_COUNT where there is none of that name. */
enum consent_action consent_action_by_name(const char *name);
enum consent_stop consent_stop_by_name(const char *name);

bool consent_is_stopped(enum consent_action action, enum consent_stop stop);
bool consent_given_once(enum consent_action action);

/* A bit for the action, and for each that shares its needs: who cannot be interviewed is not
 * recorded. */
uint32_t consent_with_shared(enum consent_action action);

/* What rctd.may() answered, for a coordinator: "was never asked"; the word itself where it is not
 * known, NULL for NULL. */
const char *consent_objection_words(const char *objection);

/* Is the answer a no that may still become a yes, by a signature or by an amendment? */
bool consent_may_come(const char *objection);

/* A scope of a form that must have been said yes to before an action; `action` is a name of
 * CONSENT_ACTIONS or task/NAME, which then is what the task asks for beside its action. */
struct consent_rule {
    int kind; /* enum protocol_unit */
    const char *action;
    const char *form;
    const char *scope;
};

struct consent_rules {
    const struct consent_rule *items;
    size_t count;
};

/* All rules of a protocol, each once. Texts are the protocol's or in the arena. */
struct consent_rules consent_rules(struct arena *arena, const struct protocol *protocol);

/* Is it done with no participant, because the protocol asks nobody for it? */
bool consent_is_unasked(const struct protocol *protocol, enum consent_action action);

/* Does the protocol, by a scope of a form or in words of its own, say which participants it is done
 * with? */
bool consent_is_asked(const struct protocol *protocol, enum consent_action action);

/* The action that a task of this kind (enum protocol_task_kind) is. */
enum consent_action consent_of_task(int kind);

#endif
