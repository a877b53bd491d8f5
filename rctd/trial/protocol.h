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
#include "trial/checksum.h"
#include "trial/consent.h"
#include "trial/identifier.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct expr;
struct pattern;

#define PROTOCOL_NONE ((size_t)-1)
#define PROTOCOL_ARMS_MAX 26      /* coded arms are the letters A to Z */
#define PROTOCOL_SIZE_MAX 1048576 /* bytes of a protocol file */

/* What a scheme allocates, what an attribute or a rule speaks about, who signs a form. */
enum protocol_unit { PROTOCOL_WORKPLACE, PROTOCOL_PARTICIPANT, PROTOCOL_UNITS };

/* The same text in several languages; a text that is given once has the language "". */
struct protocol_text {
    const char *language;
    const char *text;
};

struct protocol_texts {
    struct protocol_text *items;
    size_t count;
};

/* When people are contacted, in the civil time of the trial's time zone. */
struct protocol_calendar {
    uint8_t working_days;  /* bit 0 is Monday, bit 6 Sunday */
    uint16_t start_minute; /* minutes after midnight */
    uint16_t end_minute;   /* later than start_minute; at most 24 * 60 */
    const char *holidays;  /* name of a file in etc/holidays, such as "SE"; NULL for none */
    uint64_t paused_weeks; /* bit n is ISO week n, 1 to 53 */
};

enum protocol_attribute_kind {
    ATTRIBUTE_LEVELS,  /* one of `levels` */
    ATTRIBUTE_INTEGER, /* whole number, minimum to maximum */
    ATTRIBUTE_BANDS, /* derived: the band of the integer attribute `source`; never entered itself */
    ATTRIBUTE_PATTERN, /* text that `pattern` matches */
    ATTRIBUTE_BOOLEAN, /* "true" or "false" (both also stand in `levels`) */
    ATTRIBUTE_BROKEN,  /* only while a file is read: what it is could not be told */
    ATTRIBUTE_AGE      /* derived: protocol_age(); never entered itself */
};

struct protocol_band {
    long long low;
    long long high; /* included */
};

struct protocol_attribute {
    const char *name;
    enum protocol_attribute_kind kind;
    const char **levels; /* of LEVELS, BANDS (the labels) and BOOLEAN, in protocol order */
    size_t level_count;
    long long
        minimum; /* of INTEGER and AGE; LLONG_MIN and LLONG_MAX where the protocol sets none */
    long long maximum;
    size_t source; /* of BANDS: index of the integer attribute or age; of AGE: of birth_year;
                      PROTOCOL_NONE for none */
    struct protocol_band *bands; /* of BANDS: level_count of them, beside `levels` */
    const char *pattern_text;
    const struct pattern *pattern;
    const char *version; /* of the classification, such as "SNI2007"; NULL where none is named */
};

/* A number or code that tells one unit from another (organisation number, establishment). */
struct protocol_identifier {
    const char *name;
    enum identifier_type type;
    bool required;
    const char *pattern_text; /* of IDENTIFIER_PATTERN */
    const struct pattern *pattern;
    enum checksum checksum; /* of IDENTIFIER_PATTERN; CHECKSUM_NONE where none is named */
    bool of_person;         /* then a pattern's normal form is checksum_compact()'s */
};

/* One rule of eligibility: a question with the answer that is needed, or an expression. */
struct protocol_rule {
    const char *id;
    const char *ask; /* the question in plain words; may be NULL where `need` is an expression */
    bool need_yes;   /* the answer that is needed, where need is NULL */
    const struct expr *need; /* over the unit's attributes; NULL for a question */
    const char *need_text;
};

struct protocol_flag {
    const char *name;
    const struct expr *rule; /* over the unit's attributes */
    const char *rule_text;
};

enum protocol_store { PROTOCOL_STORE_VAULT, PROTOCOL_STORE_HASH };

/* What the protocol says about workplaces, or about participants. */
struct protocol_subject {
    struct protocol_identifier *identifiers; /* participants: at most one, the identity number */
    size_t identifier_count;
    enum protocol_store store; /* how a participant's identity number is kept */
    const char **contact;      /* of participants: "name", "phone", "email", "address" */
    size_t contact_count;
    struct protocol_attribute *attributes;
    size_t attribute_count;
    struct protocol_rule *rules; /* key `eligible` */
    size_t rule_count;
    struct protocol_flag *flags;
    size_t flag_count;
};

/* X(name in C, name in the protocol) */
#define PROTOCOL_RECONSENT(X)                                                                      \
    X(ALL, "all")                                                                                  \
    X(NOT_ALLOCATED, "not-allocated")

#define PROTOCOL_RECONSENT_ENUM(name, text) RECONSENT_##name,
enum protocol_reconsent_who { PROTOCOL_RECONSENT(PROTOCOL_RECONSENT_ENUM) RECONSENT_COUNT };
#undef PROTOCOL_RECONSENT_ENUM

/* Who signed an older version of a form and signs this one too. */
struct protocol_reconsent {
    bool needed; /* false: an older version stays good, but not for an allocation */
    enum protocol_reconsent_who who;
    unsigned within; /* days after this version came into force */
    uint32_t waits;  /* bit per enum consent_action: what waits from the first day on */
};

struct protocol_form {
    const char *name;
    enum protocol_unit by; /* who signs it */
    unsigned version;      /* from 1 */
    const char **languages;
    size_t language_count;
    const char **scopes; /* each can be refused on its own */
    size_t scope_count;
    const char *legal_basis; /* apart from research consent; NULL where the protocol names none */
    struct protocol_texts texts; /* by language the SHA-256 of the text to show, in hex; languages
                                    without one take any text */
    struct protocol_reconsent reconsent;
    unsigned line; /* where the form begins in the file */
    unsigned column;
};

/* A scope of a form, written FORM/SCOPE. */
struct protocol_consent {
    size_t form;
    const char *scope;
};

struct protocol_consents {
    struct protocol_consent *items;
    size_t count;
};

struct protocol_arm {
    const char *id;
    struct protocol_texts label;
};

/*
 * The methods of rctd-allocation(7): X(name in C, name in the protocol). Each takes its parameters
 * from struct protocol_design.
 */
#define PROTOCOL_METHODS(X)                                                                        \
    X(SIMPLE, "simple")                                                                            \
    X(PERMUTED_BLOCK, "permuted-block")                                                            \
    X(BIASED_COIN, "biased-coin")                                                                  \
    X(BIG_STICK, "big-stick")                                                                      \
    X(BIASED_COIN_LIMIT, "biased-coin-limit")                                                      \
    X(BLOCK_URN, "block-urn")                                                                      \
    X(URN, "urn")                                                                                  \
    X(MAXIMAL, "maximal")                                                                          \
    X(MINIMISATION, "minimisation")                                                                \
    X(CONSTRAINED, "constrained")                                                                  \
    X(NONRANDOM, "nonrandom-comparison")

#define PROTOCOL_METHOD_ENUM(name, text) METHOD_##name,
enum protocol_method { PROTOCOL_METHODS(PROTOCOL_METHOD_ENUM) METHOD_COUNT };
#undef PROTOCOL_METHOD_ENUM

enum protocol_measure { MEASURE_RANGE, MEASURE_VARIANCE, MEASURE_SD, MEASURE_MARGINAL };
enum protocol_score { SCORE_L2, SCORE_L1 };

/*
 * How minimisation turns scores into probabilities: the preferred arms share p (PLAIN); each arm
 * has the probability of its rank (RANKED: Pocock and Simon 1975, 3.3); p is that of the arm with
 * the least share, and the others' follow from the ratio (BIASED_COIN: Han, Enas and McEntegart
 * 2009).
 */
enum protocol_preference { FORM_PLAIN, FORM_BIASED_COIN, FORM_RANKED };

/* An attribute that minimisation or constrained randomisation balances. */
struct protocol_balanced {
    size_t attribute;
    double weight; /* over 0 */

    /* Of constrained randomisation: */
    bool ordinal;       /* levels count as 1, 2, 3, ... instead of one column for each */
    double mean_limit;  /* two arms' means never differ by more; 0: no such limit */
    double total_limit; /* two arms' totals never differ by more; 0: no such limit */
};

/* Parameters of the methods; one that a method does not take is 0. */
struct protocol_design {
    unsigned *blocks; /* permuted-block: the sizes; a size may be repeated to weight it */
    size_t block_count;
    unsigned limit;                /* big-stick, biased-coin-limit, maximal: largest imbalance */
    double p;                      /* biased-coin, biased-coin-limit, minimisation */
    unsigned size;                 /* block-urn */
    unsigned alpha;                /* urn: balls of each arm at the start */
    unsigned beta;                 /* urn: balls added for the other arms */
    unsigned length;               /* maximal: block length */
    bool balanced_end;             /* maximal */
    enum protocol_measure measure; /* minimisation */
    enum protocol_preference form; /* minimisation */
    double *ranked;                /* minimisation, RANKED: one per arm of the scheme, falling */
    size_t ranked_count;
    struct protocol_balanced *balanced; /* minimisation, constrained; in the order of the file */
    size_t balanced_count;
    enum protocol_score score; /* constrained */
    double accept;      /* constrained: quantile of the score that is accepted, over 0 to 1 */
    unsigned enumerate; /* constrained: up to so many assignments are scored one and all */
    unsigned sample;    /* constrained: beyond it, so many distinct ones are */
};

struct protocol_scheme {
    const char *name; /* PHASE, or PHASE.NAME: the second part of the allocation's label */
    size_t phase;
    enum protocol_unit unit;
    enum protocol_method method;
    unsigned
        ratio[PROTOCOL_ARMS_MAX]; /* per arm in protocol order; 0: the arm is not in the scheme */
    unsigned ratio_sum;
    size_t *factors; /* key `strata`: indexes into the attributes of the unit's subject */
    size_t factor_count;
    bool roster_lock;      /* the roster must be locked before allocation */
    double predictability; /* advice when more of the arms than this share can be guessed, 0 to 1 */
    struct protocol_design design;
    unsigned line; /* where the scheme stands in the file, from 1 */
    unsigned column;
};

struct protocol_phase {
    const char *name;
    unsigned target[PROTOCOL_UNITS]; /* how many units; 0 where the protocol says none */
    size_t *excludes;                /* phases whose units may not enter this one */
    size_t exclude_count;
    size_t first_scheme; /* schemes of a phase stand together in protocol->schemes */
    size_t scheme_count;
};

enum protocol_score_method { INSTRUMENT_SUM, INSTRUMENT_MEAN };

struct protocol_instrument_score {
    const char *name;
    enum protocol_score_method method;
    unsigned first_item; /* from 1 */
    unsigned last_item;
    bool has_cutoff;
    double cutoff; /* a score of this or more is counted as a case */
};

/* A questionnaire of `items` items with scores, or a list of `fields`; never item wording. */
struct protocol_instrument {
    const char *name;
    const char *version; /* NULL where the protocol names none */
    unsigned items;      /* 0 where it consists of fields */
    int low;             /* range of each item */
    int high;
    unsigned missing_allowed; /* items that may be missing in a score; 0 for `missing: none` */
    struct protocol_instrument_score *scores;
    size_t score_count;
    struct protocol_attribute *fields;
    size_t field_count;
};

/* X(name in C, name in the protocol) */
#define PROTOCOL_TASK_KINDS(X)                                                                     \
    X(QUESTIONNAIRE, "questionnaire")                                                              \
    X(SESSION, "session")                                                                          \
    X(MESSAGE, "message")                                                                          \
    X(INTERVIEW, "interview")                                                                      \
    X(FOCUS_GROUP, "focus-group")                                                                  \
    X(CALL, "call")                                                                                \
    X(REGISTER, "register")

#define PROTOCOL_TASK_ENUM(name, text) TASK_##name,
enum protocol_task_kind { PROTOCOL_TASK_KINDS(PROTOCOL_TASK_ENUM) TASK_KIND_COUNT };
#undef PROTOCOL_TASK_ENUM

enum protocol_anchor { ANCHOR_ALLOCATION, ANCHOR_PHASE_START };

struct protocol_task {
    const char *name;
    enum protocol_task_kind kind;
    uint32_t
        arms;     /* bit per arm in protocol order; every arm's bit where the protocol names none */
    size_t phase; /* only in this phase; PROTOCOL_NONE: in every phase */
    enum protocol_unit unit; /* whose it is; PROTOCOL_UNITS: of whoever is allocated */
    unsigned line;           /* where it stands in the file */
    unsigned column;
    enum protocol_anchor anchor;
    int at; /* days after the anchor; a repeated task's first is at `every` unless `at` is given */
    unsigned every;    /* days between repetitions; 0 for a single task */
    unsigned times;    /* how often; 1 for a single task */
    int window_before; /* days, 0 or negative: the window opens at + window_before */
    int window_after;  /* days, 0 or positive: and closes after at + window_after */
    const char *scope; /* consent that it needs; NULL for none */
    size_t *instruments;
    size_t instrument_count;
    bool primary;
    unsigned sample[PROTOCOL_UNITS]; /* how many are drawn; 0 and 0: everybody */
    const char **spread;             /* attributes, flags or "arm" that the sample is spread over */
    size_t spread_count;
    unsigned group_min; /* of a focus group: its size; 0 elsewhere */
    unsigned group_max;
    bool assessor_independent; /* no earlier contact with the person */
    bool assessor_blinded;
    bool stamp_version; /* the programme's content version is stamped on each delivery */
};

/* X(name in C, name in the protocol) */
#define PROTOCOL_CHANNELS(X)                                                                       \
    X(EMAIL, "email")                                                                              \
    X(SMS, "sms")                                                                                  \
    X(PHONE, "phone")                                                                              \
    X(LETTER, "letter")

#define PROTOCOL_CHANNEL_ENUM(name, text) CHANNEL_##name,
enum protocol_channel { PROTOCOL_CHANNELS(PROTOCOL_CHANNEL_ENUM) CHANNEL_COUNT };
#undef PROTOCOL_CHANNEL_ENUM

/* A step of a reminder ladder: a message from a template, or work for a person. */
struct protocol_step {
    unsigned after; /* days after the window opens; 0 for `at: window-open` */
    enum protocol_channel channel;
    const char *template;         /* NULL where the step makes a task */
    enum protocol_task_kind task; /* where template is NULL: the kind of task */
};

struct protocol_ladder {
    enum protocol_task_kind kind; /* of the tasks that it reminds of */
    struct protocol_step *steps;
    size_t step_count;
};

enum protocol_compare { COMPARE_AT_LEAST, COMPARE_ABOVE, COMPARE_AT_MOST, COMPARE_BELOW };

/* A limit such as ">= 50%"; compared unrounded. */
struct protocol_limit {
    enum protocol_compare compare;
    double share; /* 0 to 1 */
};

/* A criterion for going on to the next phase. What is neither green nor amber is red. */
struct protocol_criterion {
    const char *name;
    const char *of; /* the denominator in a word ("approached"); NULL where the name says it */
    const struct expr *flag; /* over participants' flags and attributes; NULL for none */
    const char *flag_text;
    size_t task; /* PROTOCOL_NONE for none */
    struct protocol_limit green;
    struct protocol_limit amber;
};

struct protocol_reference {
    size_t attribute; /* of participants, with levels */
    double *shares;   /* one per level of the attribute, 0 to 1 */
};

/* At least so large a share of participants, or so many workplaces, have what the expression says.
 */
struct protocol_target {
    enum protocol_unit unit; /* PARTICIPANT: `at_least` is a share 0 to 1; WORKPLACE: a count */
    const struct expr *rule;
    const char *rule_text;
    double at_least;
};

struct protocol_representation {
    struct protocol_reference *references;
    size_t reference_count;
    double tolerance; /* percentage points */
    struct protocol_target *targets;
    size_t target_count;
};

struct protocol_event {
    const char *name;
    bool serious;
    const struct expr
        *threshold; /* over measurements, whose names are declared by use; NULL for none */
    const char *threshold_text;
};

struct protocol_dsmb {
    enum protocol_unit unit; /* what meets_at counts */
    unsigned *meets_at;      /* rising */
    size_t meeting_count;
    unsigned
        suppress_below; /* cells under this are suppressed; 5 where the protocol says nothing */
};

/* Why workplaces or people are not in the trial, beside the rules of eligibility: what the
 * screening log takes as a reason. */
struct protocol_screening {
    const char **declined;
    size_t declined_count;
    const char **not_approached;
    size_t not_approached_count;
};

/* The reason that every list has: nobody gave one. */
#define PROTOCOL_REASON_NOT_SAID "not-said"

/* What may have to be signed: X(name in C, name in the protocol) */
#define PROTOCOL_SIGNATURES(X)                                                                     \
    X(LOCK, "lock")                                                                                \
    X(REVEAL, "reveal")                                                                            \
    X(UNBLIND, "unblind")                                                                          \
    X(DSMB_RELEASE, "dsmb-release")

#define PROTOCOL_SIGNATURE_ENUM(name, text) SIGNATURE_##name,
enum protocol_signature { PROTOCOL_SIGNATURES(PROTOCOL_SIGNATURE_ENUM) SIGNATURE_COUNT };
#undef PROTOCOL_SIGNATURE_ENUM

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

/*
 * What is allowed but probably not meant: strata times block not clearly below the target, a next
 * arm that can be guessed, a parameter that never acts, a constrained randomisation with next to
 * nothing to choose from. Faults of the same form, each with its figure and source, none of which
 * stops anything. Answers at once, whatever the protocol.
 */
void protocol_advise(const struct protocol *protocol, struct faults *advice);

/* Lookups by name; NULL or PROTOCOL_NONE where there is none. */
const struct protocol_scheme *protocol_scheme_by_name(
    const struct protocol *protocol, const char *name);
const struct protocol_phase *protocol_phase_by_name(
    const struct protocol *protocol, const char *name);
const struct protocol_form *protocol_form_by_name(
    const struct protocol *protocol, const char *name);
/* Does a unit of that kind sign a form with this scope? */
bool protocol_scope_signed(
    const struct protocol *protocol, const char *scope, enum protocol_unit unit);

const struct protocol_ladder *protocol_ladder_for(
    const struct protocol *protocol, enum protocol_task_kind kind);
const struct protocol_attribute *protocol_attribute_by_name(
    const struct protocol_subject *subject, const char *name);
const struct protocol_identifier *protocol_identifier_by_name(
    const struct protocol_subject *subject, const char *name);
size_t protocol_arm_index(const struct protocol *protocol, const char *id);

/* The text in a language; where that is missing, the first one. "" of an empty list. */
const char *protocol_text_in(const struct protocol_texts *texts, const char *language);

/* Words as they stand in a protocol. */
const char *protocol_method_name(enum protocol_method method);
const char *protocol_task_kind_name(enum protocol_task_kind kind);
const char *protocol_channel_name(enum protocol_channel channel);
const char *protocol_unit_name(enum protocol_unit unit); /* "workplace" or "participant" */
const char *protocol_reconsent_name(enum protocol_reconsent_who who);
const char *protocol_signature_name(enum protocol_signature action);

/* Is it a reason that a unit in this state of the screening log (ineligible, declined,
 * not-approached) may have? And those that there are, as "a, b, c"; in the arena. */
bool protocol_screening_reason(const struct protocol *protocol, enum protocol_unit unit,
    const char *state, const char *reason);
const char *protocol_screening_reasons(struct arena *arena, const struct protocol *protocol,
    enum protocol_unit unit, const char *state);

/* Number of strata of a scheme: 1 where it has no factors. */
size_t protocol_scheme_strata(
    const struct protocol *protocol, const struct protocol_scheme *scheme);

/* Where a scheme stands in the file: phases.rct.scheme, or phases.rct.schemes.NAME. In the arena.
 */
const char *protocol_scheme_path(
    struct arena *arena, const struct protocol *protocol, const struct protocol_scheme *scheme);

/* A unit's attributes: names with normalised values (protocol_attribute_check). */
struct protocol_value {
    const char *name;
    const char *value; /* NULL and "" stand for not known */
};

struct protocol_values {
    const struct protocol_value *items;
    size_t count;
};

/*
 * A value of an attribute as text, with a band or another derived value worked out from its source;
 * NULL where it is not known or lies in no band. In the arena or from `values`.
 */
const char *protocol_value_of(
    const struct protocol_subject *subject, const char *name, const struct protocol_values *values);

/* The attribute that is derived, and the one of participants that it is derived from. */
#define PROTOCOL_AGE "age"
#define PROTOCOL_BIRTH_YEAR "birth_year"

/*
 * The age that is reached in the calendar year `year`, as text in the arena: whole years, year
 * minus birth_year, the same on every day of the year. NULL where the year of birth is not known.
 */
const char *protocol_age(
    struct arena *arena, const struct protocol_values *values, int year) MUST_CHECK;

/*
 * Checks a value as it came from a CSV cell or a request. True: `*normal` is the value to store, in
 * the arena (white space trimmed; numbers without leading zeros; "true" or "false"). False:
 * `*normal` is what is wrong and what would be right, in plain words, without the attribute's name.
 */
bool protocol_attribute_check(struct arena *arena, const struct protocol_attribute *attribute,
    const char *value, const char **normal) MUST_CHECK;

/* The same for an identifier of the protocol. `this_year` settles the century of a short personal
 * number. */
bool protocol_identifier_check(struct arena *arena, const struct protocol_identifier *identifier,
    const char *value, int this_year, const char **normal) MUST_CHECK;

/*
 * The unit's stratum in a scheme: "factor=level|factor=level" in protocol order, "" without
 * factors; in the arena. NULL when an attribute is not known or lies in no band: each such one is a
 * fault whose pointer is the attribute to ask for (the source of a band).
 */
const char *protocol_stratum_key(struct arena *arena, const struct protocol *protocol,
    const struct protocol_scheme *scheme, const struct protocol_values *values,
    struct faults *faults);

/* Is it the key of one of the scheme's strata, whatever its method does with them? */
bool protocol_is_stratum(
    const struct protocol *protocol, const struct protocol_scheme *scheme, const char *key);

/*
 * The unit's levels in the factors that the scheme balances: for each of design.balanced the index
 * among the attribute's levels. False with the same faults as above when one is not known. Every
 * factor has levels (minimisation).
 */
bool protocol_balanced_levels(struct arena *arena, const struct protocol *protocol,
    const struct protocol_scheme *scheme, const struct protocol_values *values, size_t *levels,
    struct faults *faults) MUST_CHECK;

struct protocol_answer {
    const char *id; /* of a rule */
    bool yes;
};

struct protocol_answers {
    const struct protocol_answer *items;
    size_t count;
};

/* A rule that is not met: not known yet, or known not to hold. */
struct protocol_gap {
    const char *id;
    const char *
        text; /* for a coordinator: "Own manager with responsibility for staff: not answered yet" */
    bool failed; /* false: something is still missing */
};

struct protocol_eligibility {
    bool eligible; /* every rule is met */
    struct protocol_gap *gaps;
    size_t gap_count;
};

struct protocol_eligibility protocol_eligibility(struct arena *arena,
    const struct protocol_subject *subject, const struct protocol_values *values,
    const struct protocol_answers *answers);

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
