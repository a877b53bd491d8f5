/*
 * certain.h: what nobody can take back is told first, and done when the user has said so: by
 * writing its name at the terminal, or with --yes. What a command warns of stands in its row.
 */
#ifndef RCTD_CLI_CERTAIN_H
#define RCTD_CLI_CERTAIN_H

#include "cli/command.h"

/* The option of every command that asks first. */
#define OPTION_YES                                                                                 \
    {                                                                                              \
        .name = "yes", .meaning = "do not ask"                                                     \
    }

/*
 * Says what the command's row warns of, and asks for its second argument once more. 0 where nothing
 * has to be asked or the answer is right; else the exit status, and the user knows why.
 */
int certain_check(struct session *session, const struct invocation *in);

/*
 * A question, for commands that show first what would happen; --yes answers it. 0 after a yes; else
 * the exit status, and the user knows that it is not `done`, such as "allocated".
 */
int certain_confirm(
    struct session *session, const struct invocation *in, const char *question, const char *done);

#endif
