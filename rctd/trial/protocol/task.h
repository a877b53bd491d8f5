/*
 * task.h: what is done with units after their allocation, when, and how they are reminded of it.
 */
#ifndef RCTD_TRIAL_PROTOCOL_TASK_H
#define RCTD_TRIAL_PROTOCOL_TASK_H

#include "trial/protocol/terms.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct protocol;

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
    uint32_t arms;           /* bit per arm in protocol order; all where the protocol names none */
    size_t phase;            /* only in this phase; PROTOCOL_NONE: in every phase */
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

const char *protocol_task_kind_name(enum protocol_task_kind kind);
const char *protocol_channel_name(enum protocol_channel channel);

/* NULL where tasks of that kind have none. */
const struct protocol_ladder *protocol_ladder_for(
    const struct protocol *protocol, enum protocol_task_kind kind);

#endif
