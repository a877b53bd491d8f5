/*
 * code.h: the pseudonymous code of a participant, such as PK7H3WAT: a P, six characters taken at
 * random and a check character. Nothing in it follows from the person. Its 23 characters leave out
 * those that are taken for others in print, by hand or over the phone: 0 1 B D G I L N O S U V Z.
 *
 * The check is a pure system of ISO/IEC 7064 with modulus 23 and radix 5: with the values 0 to 22
 * of the seven characters behind the P, a1 5^6 + a2 5^5 + ... + a7 is 1 modulo 23. As 23 is a
 * prime, every single wrong character and every swap of two different characters, neighbours or
 * not, is found.
 */
#ifndef RCTD_TRIAL_CODE_H
#define RCTD_TRIAL_CODE_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

#define CODE_ALPHABET "23456789ACEFHJKMPQRTWXY"
#define CODE_PREFIX 'P'
#define CODE_SIZE 9                    /* with the NUL */
#define CODE_COUNT UINT32_C(148035889) /* 23^6: how many there are */

/* The code of a number below CODE_COUNT; returns `out`. */
const char *code_make(uint32_t number, char out[CODE_SIZE]);

/*
 * Reads a code as somebody typed or heard it: upper or lower case, with spaces and hyphens. False
 * when it is none, or mistyped.
 */
bool code_read(const char *text, char out[CODE_SIZE]) MUST_CHECK;

/* What is wrong with a code that code_read() refuses, for a coordinator. */
const char *code_fault(const char *text);

#endif
