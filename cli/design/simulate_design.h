/*
 * simulate_design.h: a design that `rctctl simulate' is asked about: its method and parameters,
 * from options of the command or from one word such as big-stick:limit=3.
 */
#ifndef RCTD_CLI_SIMULATE_DESIGN_H
#define RCTD_CLI_SIMULATE_DESIGN_H

#include "cli/design/simulate_value.h"
#include "cli/invocation.h"
#include "trial/operating/operating.h"
#include "trial/protocol.h"

#define SIMULATE_PARAMETERS 14

struct simulate_design {
    const char *label; /* "big-stick limit=3" */
    struct protocol_scheme scheme;
    const struct protocol *protocol; /* minimisation: whose factors it balances; else NULL */
    const double **level_shares;     /* likewise, as struct operating_setting has them; or NULL */
    size_t n;
    size_t strata;
    enum operating_pattern pattern;
    const double *shares;
};

/* The names of the parameters: long options, and keys of one word. */
extern const char *const simulate_parameters[SIMULATE_PARAMETERS];

/* A design as it was asked for; a parameter stands in it once. */
struct simulate_asked {
    const char *method;
    struct simulate_given given[SIMULATE_PARAMETERS];
    size_t count;
};

const struct simulate_given *simulate_find(const struct simulate_asked *asked, const char *name);

/* The method and the parameters among the options of the command. */
void simulate_ask_options(const struct invocation *in, struct simulate_asked *asked);

/* "permuted-block:ratio=2:1:blocks=3,6". False with session->error. */
bool simulate_ask_word(
    struct session *session, const char *word, struct simulate_asked *asked) MUST_CHECK;

/*
 * Fills label, scheme, protocol and level_shares of a design whose n is known; it has passed
 * design_check. False with session->error, which names the parameter and says what would be right.
 */
bool simulate_make(struct session *session, const struct simulate_asked *asked,
    struct simulate_design *design) MUST_CHECK;

#endif
