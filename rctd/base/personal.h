/*
 * personal.h: finds Swedish identity numbers in texts that people write. A text may stand where
 * many read it, in a trail that nobody can take back; a number in it would tell who somebody is.
 */
#ifndef RCTD_BASE_PERSONAL_H
#define RCTD_BASE_PERSONAL_H

#include <stdbool.h>

/*
 * Does the UTF-8 text hold a personal or coordination number, by its form, its date and its check
 * digit (Luhn)? Forms: ten or twelve digits in a row; six or eight and four with any hyphen, a plus
 * sign, a slash or blanks between; the date in parts (1990-01-01-9802, 90.01.01-9802); every digit
 * for itself (9 0 0 1 0 1 9 8 0 2); digits of full width. Found inside of words too; but not in
 * UUIDs and in words of 32 letters and digits or more, which are digests and keys. A coordination
 * number has 60 added to its day, which may be unknown (60), as may the month (00).
 *
 * What looks like one by chance, such as one telephone number of ten digits in some hundreds, is
 * found as well.
 */
bool personal_number_in(const char *text);

#define PERSONAL_NUMBER_FOUND "holds what reads as a Swedish identity number"
#define PERSONAL_NUMBER_REMEDY                                                                     \
    "leave the number out: write the participant's code; who it is belongs into the vault"

#endif
