/*
 * protocol.h: a trial's protocol as a value: parsed from the file that a trialist writes
 * (rctd-protocol(5)), checked whole, and never changed afterwards. A model may be read by many
 * threads at once; it lives in the arena that protocol_parse() was given and holds no pointer into
 * the file's bytes.
 *
 * Names are UTF-8 and end with NUL. Lists are a pointer and a count; an empty list may be NULL.
 * Indexes count from 0 in the order of the file ("protocol order"); PROTOCOL_NONE stands for no
 * index.
 */
#ifndef RCTD_TRIAL_PROTOCOL_H
#define RCTD_TRIAL_PROTOCOL_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/fault.h"
#include "trial/consent.h"
#include "trial/protocol/consent_form.h"
#include "trial/protocol/eligibility.h"
#include "trial/protocol/instrument.h"
#include "trial/protocol/monitor.h"
#include "trial/protocol/scheme.h"
#include "trial/protocol/screening.h"
#include "trial/protocol/stratum.h"
#include "trial/protocol/subject.h"
#include "trial/protocol/task.h"
#include "trial/protocol/terms.h"
#include "trial/protocol/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROTOCOL_SIZE_MAX 1048576 /* bytes of a protocol file */

/* When people are contacted, in the civil time of the trial's time zone. */
struct protocol_calendar {
    uint8_t working_days;  /* bit 0 is Monday, bit 6 Sunday */
    uint16_t start_minute; /* minutes after midnight */
    uint16_t end_minute;   /* later than start_minute; at most 24 * 60 */
    const char *holidays;  /* name of a file in etc/holidays, such as "SE"; NULL for none */
    unsigned line;         /* where the holidays are named; 0 where they are not */
    unsigned column;
    uint64_t paused_weeks; /* bit n is ISO week n, 1 to 53 */
};

/* What may have to be signed: X(name in C, name in the protocol) */
#define PROTOCOL_SIGNATURES(X)                                                                     \
    X(LOCK, "lock")                                                                                \
    X(REVEAL, "reveal")                                                                            \
    X(UNBLIND, "unblind")                                                                          \
    X(DSMB_RELEASE, "dsmb-release")

#define PROTOCOL_SIGNATURE_ENUM(name, text) SIGNATURE_##name,
enum protocol_signature { PROTOCOL_SIGNATURES(PROTOCOL_SIGNATURE_ENUM) SIGNATURE_COUNT };
#undef PROTOCOL_SIGNATURE_ENUM
const char *protocol_signature_name(enum protocol_signature action);

/* What becomes of a workplace that shares staff with allocated ones: it is allocated when its
 * coordinator has acknowledged that, or not at all. */
enum protocol_contamination { CONTAMINATION_ACKNOWLEDGE, CONTAMINATION_REFUSE };

struct protocol {
    const char *trial; /* the slug: first part of every allocation's label */
    struct protocol_texts title;
    const char *registration; /* registry and number; NULL where the protocol says `none` */
    const char *time_zone;    /* Area/City */
    const char **languages;
    size_t language_count;
    struct protocol_calendar calendar;
    struct protocol_subject subjects[PROTOCOL_UNITS];
    struct protocol_form *forms;
    size_t form_count;
    struct protocol_consents before_allocation[PROTOCOL_UNITS];
    struct protocol_consents before_data[PROTOCOL_UNITS];
    /* What an action needs where the protocol says so itself: a bit of `required_for_said` each. */
    struct protocol_consents required_for[CONSENT_ACTION_COUNT][PROTOCOL_UNITS];
    uint32_t required_for_said;
    struct protocol_arm *arms;
    size_t arm_count;
    struct protocol_phase *phases;
    size_t phase_count;
    struct protocol_scheme *schemes; /* of all phases, in protocol order */
    size_t scheme_count;
    struct protocol_instrument *instruments;
    size_t instrument_count;
    struct protocol_task *tasks;
    size_t task_count;
    struct protocol_ladder *ladders;
    size_t ladder_count;
    struct protocol_criterion *criteria;
    size_t criterion_count;
    struct protocol_representation representation;
    struct protocol_event *events;
    size_t event_count;
    struct protocol_dsmb dsmb;
    enum protocol_contamination contamination;
    struct protocol_screening screening[PROTOCOL_UNITS];
    bool signatures[SIGNATURE_COUNT]; /* which actions are signed with the password again */
};

/*
 * Parses and checks a protocol file. Every fault of the file is added, in the order of its lines;
 * the answer is NULL unless faults->total is 0. A fault's pointer is the dotted path
 * (phases.rct.scheme.blocks).
 */
struct protocol *protocol_parse(
    struct arena *arena, const char *bytes, size_t size, struct faults *faults);

/* The time zones that there are, "Area/City" each. None: it is not known which there are. */
struct protocol_zones {
    const char *const *names;
    size_t count;
};

/*
 * The same of a file that is to come into force, with what no file can say of itself: its time zone
 * must be one of `zones`, where any are known, and its holidays one of the lists of rctd. A version
 * that is in force is read without these, whatever zones and lists there are by then.
 */
struct protocol *protocol_parse_new(struct arena *arena, const char *bytes, size_t size,
    const struct protocol_zones *zones, struct faults *faults);

/*
 * What is allowed but probably not meant: strata times block not clearly below the target, a next
 * arm that can be guessed, a parameter that never acts, a constrained randomisation with next to
 * nothing to choose from, a follow-up of who is allocated in `year` that outlasts the list of
 * holidays. Faults of the same form, each with its figure and source, none of which stops anything.
 * Answers at once, whatever the protocol.
 */
void protocol_advise(const struct protocol *protocol, int year, struct faults *advice);

/*
 * May `amended` follow `locked`, when the schemes named in `allocated` have allocations? Such a
 * scheme must stay as it is (unit, method, ratio, arms and their order, factors with their levels
 * and bands, blocks and other parameters, roster lock), and the trial keeps its name. A form keeps
 * who signs it; its version never shrinks, and grows when its scopes or texts change. What may not
 * be is added to `faults`, with the line of the amended file where there is one.
 */
bool protocol_amendment_check(const struct protocol *locked, const struct protocol *amended,
    const char *const *allocated, size_t allocated_count, struct faults *faults) MUST_CHECK;

#endif
