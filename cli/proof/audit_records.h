/*
 * audit_records.h: holds what is stored against what the trail says of it.
 */
#ifndef RCTD_CLI_AUDIT_RECORDS_H
#define RCTD_CLI_AUDIT_RECORDS_H

#include "base/compiler.h"
#include "cli/session.h"

struct audit_records;

/* `path` is the trail's, such as "/v1/audit". Lives in the session's arena. */
struct audit_records *audit_records_new(struct session *session, const char *path);

/* Takes a row of the trail; rows of one stream come in their order. */
void audit_records_note(struct audit_records *records, json_t *row);

/*
 * Reads what is stored and compares; false with session->error set. `findings` gets, for each
 * stream that it has no key of, the first thing that is wrong: {"stream", "sequence", "fault",
 * "message"}. What others change in the meantime is no damage.
 */
bool audit_records_compare(struct audit_records *records, json_t *findings) MUST_CHECK;

#endif
