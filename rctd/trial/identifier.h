/*
 * identifier.h: numbers that name an organisation, an establishment or a person in Sweden. Pure
 * checks of form and checksum; whether somebody has the number is not asked anywhere. A value that
 * was refused is never repeated in a text: it may be somebody's identity number, mistyped.
 */
#ifndef RCTD_TRIAL_IDENTIFIER_H
#define RCTD_TRIAL_IDENTIFIER_H

#include "base/compiler.h"

#include <stdbool.h>

enum identifier_type {
    IDENTIFIER_SE_ORGNR,        /* organisation number: NNNNNN-NNNN */
    IDENTIFIER_SE_CFAR,         /* establishment number: eight digits, leading zeros kept */
    IDENTIFIER_SE_PERSONNUMMER, /* personal or coordination number: YYYYMMDDNNNN */
    IDENTIFIER_PATTERN,         /* whatever a pattern in the protocol says */
    IDENTIFIER_TYPES
};

#define IDENTIFIER_SIZE 16 /* room for every normal form and its NUL */

/* The type that a protocol calls by this name ("se-orgnr"); IDENTIFIER_TYPES where there is none.
 */
enum identifier_type identifier_type_by_name(const char *name);
const char *identifier_type_name(enum identifier_type type);

/*
 * Each checks a number as people write it (blanks at the ends and beside the hyphen, any of the
 * dashes that word processors make of a hyphen) and writes its normal form to `out`. False: `*why`
 * is what is wrong and what would be right, a constant text.
 *
 * identifier_orgnr: ten digits, a hyphen or blank before the last four or none, a prefix 16 or
 * none; Luhn; the third digit is at least 2, so it is not a personal number. identifier_cfar: eight
 * digits. identifier_personnummer: YYYYMMDDNNNC, with a hyphen or blank before the last four or
 * none; or YYMMDD[-+]NNNC, where the mark tells the century and so cannot be left out: + says that
 * the person turns 100 or more in `this_year`. Luhn over YYMMDDNNN. A coordination number
 * (samordningsnummer) has 60 added to its day, and may leave the day (60) or the month (00)
 * unknown. Otherwise the date must exist, in a year from 1800 to `this_year`.
 */
bool identifier_orgnr(const char *text, char out[IDENTIFIER_SIZE], const char **why) MUST_CHECK;
bool identifier_cfar(const char *text, char out[IDENTIFIER_SIZE], const char **why) MUST_CHECK;
bool identifier_personnummer(
    const char *text, int this_year, char out[IDENTIFIER_SIZE], const char **why) MUST_CHECK;

/* Do the decimal digits in the text, other characters left out, pass the Luhn check? At least two
 * digits. */
bool identifier_luhn(const char *text);

#endif
