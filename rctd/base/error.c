/*
 * error.c: fills errors and looks up their rows in the error table.
 */
#include "base/error.h"

#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#undef error_set
#undef error_set_errno

struct row {
    int status;
    int exit_status;
    const char *slug;
    const char *title;
};

#define ERROR_ROW(code, status, exit_status, slug, title) {status, exit_status, slug, title},
static const struct row rows[] = {ERROR_TABLE(ERROR_ROW)};
#undef ERROR_ROW

/* By way of copies: the arguments may point into the error itself, when a caller adds to its
 * detail. */
static void
fill(struct error *error, enum error_code code, const char *where, const char *format,
    va_list arguments)
{
    struct error filled = {.code = code};
    snprintf(filled.where, sizeof filled.where, "%s", where == NULL ? "" : where);
    vsnprintf(filled.detail, sizeof filled.detail, format, arguments);
    text_cut_utf8(filled.where, sizeof filled.where - 1);
    text_cut_utf8(filled.detail, sizeof filled.detail - 1);
    *error = filled;
}

bool
error_set(struct error *error, enum error_code code, const char *where, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fill(error, code, where, format, arguments);
    va_end(arguments);
    return false;
}

bool
error_set_errno(struct error *error, const char *where, const char *format, ...)
{
    int saved = errno;
    char reason[128];
    va_list arguments;
    va_start(arguments, format);
    fill(error, ERROR_SYSTEM, where, format, arguments);
    va_end(arguments);
    size_t length = strlen(error->detail);
    snprintf(error->detail + length, sizeof error->detail - length, ": %s",
        strerror_r(saved, reason, sizeof reason));
    text_cut_utf8(error->detail, sizeof error->detail - 1);
    return false;
}

int
error_http_status(enum error_code code)
{
    return rows[code].status;
}

int
error_exit_status(enum error_code code)
{
    return rows[code].exit_status;
}

const char *
error_slug(enum error_code code)
{
    return rows[code].slug;
}

const char *
error_title(enum error_code code)
{
    return rows[code].title;
}

enum error_code
error_from_slug(const char *slug)
{
    for (int code = 0; code < ERROR_COUNT; code++)
        if (strcmp(rows[code].slug, slug) == 0)
            return (enum error_code)code;
    return ERROR_INTERNAL;
}
