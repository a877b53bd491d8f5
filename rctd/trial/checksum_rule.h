/*
 * checksum_rule.h: the rules of checksum.c, each for a number in one spelling: without what people
 * write between characters, letters in capitals. Any text may be given.
 */
#ifndef RCTD_TRIAL_CHECKSUM_RULE_H
#define RCTD_TRIAL_CHECKSUM_RULE_H

#include "trial/checksum.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Are these `count` characters digits? The text may be shorter. */
bool checksum_digits(const char *text, size_t count);

/* Digits and nothing else, so many. */
bool checksum_number(const char *text, size_t count);

/* The number that so many digits write; at most 18. */
int64_t checksum_value(const char *text, size_t count);

/* 0 to 9; -1 for another character. */
int checksum_digit(char c);

/* 0 to 35, letters after digits; -1 for what is neither digit nor capital. */
int checksum_letter(char c);

/* Systems that many numbers use, of any length. */
bool checksum_verhoeff(const char *text);
bool checksum_mod11_2(const char *text);
bool checksum_mod11_10(const char *text);
bool checksum_mod97(const char *text);

/* The number of a country; CHECKSUM is none of the systems above, nor Luhn's or none. */
bool checksum_country(enum checksum checksum, const char *text);

#endif
