/*
 * command.h: the table of rctctl's commands. Dispatch, help, completion and the tests of both read
 * these rows, so that a command without help cannot exist. The rows of a group stand in the group's
 * own file; command.c lists the groups.
 */
#ifndef RCTD_CLI_COMMAND_H
#define RCTD_CLI_COMMAND_H

#include "cli/listing.h"
#include "cli/session.h"

#include <stdbool.h>
#include <stddef.h>

struct invocation;

enum { OPTION_REQUIRED = 1, OPTION_MANY = 2, OPTION_WHOLE = 4, OPTION_BOOLEAN = 8 };

/* An option of a command. A table of options ends with a row without a name. */
struct option_row {
    const char *name;           /* without the two dashes */
    const char *value;          /* what it takes, such as "SCHEME"; NULL for nothing */
    const char *meaning;        /* for the help: a few words */
    unsigned flags;             /* OPTION_REQUIRED, OPTION_MANY (may be given several times),
                                   OPTION_WHOLE (takes a whole number from 1), OPTION_BOOLEAN (yes and
                                   no, which a list asks for as true and false) */
    const char *const *choices; /* the values that are taken, NULL-terminated; or NULL */
    const char *field;          /* what rctd calls it; NULL: about the same (subject.h) */
};

/* The option of every command that POSTs. */
#define OPTION_KEY                                                                                 \
    {                                                                                              \
        .name = "key", .value = "KEY",                                                             \
        .meaning = "Idempotency-Key of your own: the same key never does it twice"                 \
    }

/* What a command does that nobody can undo; it is told, and asked for, before it is done. */
struct warning {
    const char
        *option; /* the text is for when this option is given; NULL: always, and ends the list */
    const char *text; /* what will happen, whole sentences; {NAME} is the value of --NAME */
};

struct command {
    const char *group;     /* the first word, such as "workplace" */
    const char *name;      /* the second; NULL where the group is the command itself */
    const char *arguments; /* "TRIAL WORKPLACE [FILE] QUESTION=ANSWER..."; "" for none */
    const char *meaning;   /* one line, without a full stop */
    const char *details;   /* more, whole lines; what is indented stays so; NULL for nothing more */
    const char *example;   /* one command line, as in the WORK TOGETHER demo */
    const struct option_row *options;                                 /* NULL for none */
    int (*run)(struct session *session, const struct invocation *in); /* gives the exit status */
    const struct listing *list; /* of a command that only shows: what; `run` is NULL then */
    const struct warning
        *warnings; /* NULL where nothing is asked; else the options have OPTION_YES */
    bool offline;  /* needs no server */
};

struct group {
    const char *name;
    const char *meaning;
    const struct command *commands; /* ends with a row without a group */
};

/* The groups in the order of the help; ends with one without a name. */
extern const struct group command_groups[];

const struct group *command_group(const char *name);                             /* or NULL */
const struct command *command_find(const struct group *group, const char *name); /* or NULL */

/* Is the group a command itself, without second words? */
bool command_is_single(const struct group *group);

/* "workplace import", or "whoami"; in the arena. */
const char *command_title(struct arena *arena, const struct command *command);

/* The names that a wrong word may have meant: of the groups, or of one group's commands. In the
 * arena. */
const char *const *command_names(struct arena *arena, const struct group *group, size_t *count);

extern const struct command whoami_commands[];
extern const struct command trial_commands[];
extern const struct command protocol_commands[];
extern const struct command phase_commands[];
extern const struct command scheme_commands[];
extern const struct command workplace_commands[];
extern const struct command participant_commands[];
extern const struct command identity_commands[];
extern const struct command consent_commands[];
extern const struct command measure_commands[];
extern const struct command staff_commands[];
extern const struct command screening_commands[];
extern const struct command allocate_commands[];
extern const struct command ledger_commands[];
extern const struct command deviation_commands[];
extern const struct command attempts_commands[];
extern const struct command unblind_commands[];
extern const struct command notice_commands[];
extern const struct command recruitment_commands[];
extern const struct command uptake_commands[];
extern const struct command contamination_commands[];
extern const struct command task_commands[];
extern const struct command reminder_commands[];
extern const struct command endpoint_commands[];
extern const struct command account_commands[];
extern const struct command token_commands[];
extern const struct command grant_commands[];
extern const struct command access_commands[];
extern const struct command password_commands[];
extern const struct command signature_commands[];
extern const struct command escrow_commands[];
extern const struct command audit_commands[];
extern const struct command sequence_commands[];
extern const struct command constrain_commands[];
extern const struct command verify_commands[];
extern const struct command simulate_commands[];
extern const struct command rerandomise_commands[];
extern const struct command rehearsal_commands[];
extern const struct command help_commands[];
extern const struct command completion_commands[];

#endif
