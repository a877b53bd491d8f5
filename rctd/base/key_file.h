/*
 * key_file.h: files that hold a secret key: read only where nobody else can read them, made anew
 * only where there is none.
 */
#ifndef RCTD_BASE_KEY_FILE_H
#define RCTD_BASE_KEY_FILE_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define KEY_FILE_MAX 256 /* bytes; more than any key file holds */

/*
 * Reads up to KEY_FILE_MAX bytes, which the caller wipes, also where this fails. The file must be a
 * regular one of this user or root that only its owner can read, or lie under
 * $CREDENTIALS_DIRECTORY (systemd): ERROR_NO_MASTER_KEY, in words for the operator.
 */
bool key_file_read(
    const char *path, char bytes[KEY_FILE_MAX], size_t *size, struct error *error) MUST_CHECK;

/* Makes a new file, mode 0600, on disk when this returns. Refuses one that is there:
 * ERROR_CONFLICT. */
bool key_file_create(
    const char *path, const char *bytes, size_t size, struct error *error) MUST_CHECK;

#endif
