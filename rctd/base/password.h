/*
 * password.h: passwords of people, as Argon2id keeps them. Each call takes a tenth of a second and
 * 64 MiB, by intent; one at a time in a process, so that many at once cannot use its memory up.
 * Any thread. bits_start() comes first.
 */
#ifndef RCTD_BASE_PASSWORD_H
#define RCTD_BASE_PASSWORD_H

#include "base/compiler.h"
#include "base/digest.h"
#include "base/error.h"

#include <stdbool.h>

#define PASSWORD_HASH_SIZE 128 /* with the NUL */

/* A one-time code: 16 letters and digits in groups of four, 80 random bits, told over the phone. */
#define PASSWORD_CODE_SIZE 20 /* with the NUL */
void password_code_new(char code[PASSWORD_CODE_SIZE]);

/* What is kept of a code, in whatever case and with whatever blanks and dashes it was typed. */
struct digest password_code_hash(const char *typed);

#define PASSWORD_CHARACTERS_MIN 12
#define PASSWORD_CHARACTERS_MAX 200

/* What is wrong with a new password of the account of that name and display, in words that end the
 * sentence "the password ..."; NULL where nothing is. */
const char *password_fault(const char *password, const char *name, const char *display);

/* The string to keep: algorithm, cost, salt and hash. ERROR_SYSTEM where memory is short. */
bool password_hash(
    const char *password, char hash[PASSWORD_HASH_SIZE], struct error *error) MUST_CHECK;

/* Is it the password of that hash? NULL as the hash takes the same time and is never right. */
bool password_is_right(const char *hash, const char *password) MUST_CHECK;

#endif
