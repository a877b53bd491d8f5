/*
 * sign.h: requests that the trial's protocol may want signed, and passwords at the terminal.
 */
#ifndef RCTD_CLI_SIGN_H
#define RCTD_CLI_SIGN_H

#include "cli/invocation.h"
#include "cli/session.h"

/* The option of every command whose action may have to be signed. */
#define OPTION_SIGN                                                                                \
    {                                                                                              \
        .name = "sign-file", .value = "FILE",                                                      \
        .meaning = "your password and, on the next line, what your signature means"                \
    }

/*
 * session_post() that signs: with the file of --sign-file, or, where rctd says that a signature is
 * needed, by asking for password and meaning at the terminal and sending the request again.
 * `meaning` is proposed, such as "I approve this protocol". NULL on failure.
 */
json_t *sign_post(struct session *session, const struct invocation *in, const char *path,
    json_t *body, const char *meaning);

/* Asks for a secret at the terminal, without echo. NULL, with ERROR_CONFIG, where there is no
 * terminal or nothing was written. The caller wipes it with sign_wipe(). */
char *sign_ask_secret(struct session *session, const char *question);

/* The first line of a file that only its owner can read ("-": of standard input), and the second
 * line, "" where there is none; NULL on failure. Both are wiped with sign_wipe(). */
char *sign_read_file(struct session *session, const char *path, char **second);

void sign_wipe(char *secret); /* NULL is allowed */

#endif
