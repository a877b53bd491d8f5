/*
 * audit_heads.h: holds the trail against the file of signed heads, which is kept on another machine
 * than the database: who computes a whole chain anew, or restores an earlier day, is found by it.
 */
#ifndef RCTD_CLI_AUDIT_HEADS_H
#define RCTD_CLI_AUDIT_HEADS_H

#include "base/compiler.h"
#include "base/digest.h"
#include "cli/session.h"

struct audit_heads;

/*
 * Reads the whole file and checks its last line: signature, and root over the heads of all lines.
 * `key` is the public key in hex that must have signed, or NULL for the line's own. NULL with
 * session->error set. Lives in the session's arena.
 */
struct audit_heads *audit_heads_read(struct session *session, const char *path, const char *key);

/* Takes a row of the trail; rows come stream by stream. */
void audit_heads_note(struct audit_heads *heads, const char *trial_id, const char *stream,
    int64_t sequence, struct digest hash);

/* After the last row: `findings` gets, for each stream that it has no key of, what was signed and
 * is otherwise or not there: {"stream", "sequence", "fault", "message"}. */
void audit_heads_end(struct audit_heads *heads, const char *trial_id, json_t *findings);

/* When the last line was signed, and with which key, in hex. */
const char *audit_heads_time(const struct audit_heads *heads);
const char *audit_heads_key(const struct audit_heads *heads);

#endif
