/*
 * error.h: the one way in which a function says what went wrong. The caller owns a struct error and
 * passes its address; a function that can fail returns bool and fills it. The codes, with HTTP
 * status, exit status and public title, come from error_table.h.
 *
 * The detail is shown to users. It never holds SQL, an arm, an identity number or a secret; what
 * only the operator may see goes into the log.
 */
#ifndef RCTD_BASE_ERROR_H
#define RCTD_BASE_ERROR_H

#include "base/compiler.h"

#include <stdbool.h>

#define ERROR_ENUM(code, status, exit_status, slug, title) ERROR_##code,
#include "base/error_table.h"
enum error_code { ERROR_TABLE(ERROR_ENUM) ERROR_COUNT };
#undef ERROR_ENUM

struct error {
    enum error_code code;
    char sqlstate[6];  /* PostgreSQL's five characters, or empty */
    char where[64];    /* the constraint, file or step it happened at; for the log, not for users */
    char detail[1024]; /* a sentence for the user: what is wrong and what would be right */
};

#define ERROR_CLEAR ((struct error){.code = ERROR_NONE})

/*
 * Fills the error; always returns false, so that a caller can write `return error_set(...)`.
 * `where` is for the log and may be NULL; the detail is cut at the size of its array, at a whole
 * UTF-8 character, and before a byte that is not UTF-8. The arguments may point into `error`
 * itself.
 */
bool error_set(struct error *error, enum error_code code, const char *where, const char *format,
    ...) PRINTF_LIKE(4, 5);

/* Like error_set with ERROR_SYSTEM: adds what errno says to the detail. */
bool error_set_errno(struct error *error, const char *where, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* clang's analyser reads one file at a time: here it learns that the answer is always false. */
#ifdef __clang_analyzer__
#define error_set(...) (error_set(__VA_ARGS__), false)
#define error_set_errno(...) (error_set_errno(__VA_ARGS__), false)
#endif

int error_http_status(enum error_code code);
int error_exit_status(enum error_code code);
const char *error_slug(enum error_code code);
const char *error_title(enum error_code code);

/* The code whose slug this is (the last part of a problem's type), ERROR_INTERNAL where none has
 * it. */
enum error_code error_from_slug(const char *slug);

#endif
