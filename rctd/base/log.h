/*
 * log.h: structured log lines on stderr: time, level, request id, message, fields as key=value
 * (logfmt). Never a name, contact detail, identity number, token, seed or arm: fields are ids,
 * counts and codes.
 */
#ifndef RCTD_BASE_LOG_H
#define RCTD_BASE_LOG_H

#include "base/compiler.h"
#include "base/error.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_NOTICE, LOG_WARNING, LOG_ERROR };

void log_level_set(enum log_level least);

/* The request that this thread works on; it stands on every line until changed. NULL for none. */
void log_request_set(const char *request_id);

/* One line. The format may hold key=value pairs behind the message. New lines are escaped. */
void log_write(enum log_level level, const char *format, ...) PRINTF_LIKE(2, 3);

/* A text as the value of a field: in quotes, with the quotes in it escaped. In `out`, cut to fit.
 */
#define LOG_QUOTED_SIZE 1200
const char *log_quote(const char *text, char out[LOG_QUOTED_SIZE]);

/* One line for an error: code, sqlstate, where and detail. */
void log_error(enum log_level level, const char *what, const struct error *error);

#endif
