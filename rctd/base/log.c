/*
 * log.c: builds a line in memory and gives it to stderr in one write, so that lines of several
 * threads do not mix. A line that came from outside cannot forge another one: control characters
 * are escaped.
 */
#include "base/log.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_SIZE 4096
#define REQUEST_SIZE 64

static const char *const names[] = {"debug", "info", "notice", "warning", "error"};

static _Atomic(enum log_level) least_level = LOG_INFO;
static _Thread_local char request[REQUEST_SIZE];

void
log_level_set(enum log_level least)
{
    atomic_store(&least_level, least);
}

void
log_request_set(const char *request_id)
{
    snprintf(request, sizeof request, "%s", request_id == NULL ? "" : request_id);
}

/* Copies with control characters as \n or \xNN; gives the number of bytes written. */
static size_t
escape(char *out, size_t room, const char *message)
{
    size_t used = 0;
    for (const char *c = message; *c != '\0' && room - used > 5; c++) {
        unsigned char byte = (unsigned char)*c;
        if (*c == '\n')
            used += (size_t)snprintf(out + used, room - used, "\\n");
        else if (byte < 0x20 || byte == 0x7f)
            used += (size_t)snprintf(out + used, room - used, "\\x%02x", byte);
        else
            out[used++] = *c;
    }
    return used;
}

void
log_write(enum log_level level, const char *format, ...)
{
    if (level < atomic_load(&least_level))
        return;
    char message[LINE_SIZE / 2];
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(message, sizeof message, format, arguments) >= (int)sizeof message)
        text_cut_utf8(message, sizeof message - 1);
    va_end(arguments);
    char time[CLOCK_TEXT_SIZE];
    char line[LINE_SIZE];
    size_t used =
        (size_t)snprintf(line, sizeof line, "%s level=%s%s%s ", clock_format(clock_now(), time),
            names[level], request[0] == '\0' ? "" : " request=", request);
    used += escape(line + used, sizeof line - used - 1, message);
    line[used++] = '\n';
    /* Nothing can be done where stderr is gone. */
    ssize_t written = write(STDERR_FILENO, line, used);
    (void)written;
}

const char *
log_quote(const char *text, char out[LOG_QUOTED_SIZE])
{
    size_t used = 0;
    out[used++] = '"';
    const char *c = text;
    for (; *c != '\0' && used < LOG_QUOTED_SIZE - 4; c++) {
        if (*c == '"' || *c == '\\')
            out[used++] = '\\';
        out[used++] = *c;
    }
    out[used] = '\0';
    if (*c != '\0') {
        text_cut_utf8(out, used);
        used = strlen(out);
    }
    out[used++] = '"';
    out[used] = '\0';
    return out;
}

void
log_error(enum log_level level, const char *what, const struct error *error)
{
    char where[LOG_QUOTED_SIZE], detail[LOG_QUOTED_SIZE];
    bool plain = strpbrk(error->where, " \"=") == NULL;
    log_write(level, "%s code=%s%s%s%s%s detail=%s", what, error_slug(error->code),
        error->sqlstate[0] == '\0' ? "" : " sqlstate=", error->sqlstate,
        error->where[0] == '\0' ? "" : " where=",
        plain ? error->where : log_quote(error->where, where), log_quote(error->detail, detail));
}
