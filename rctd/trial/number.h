/*
 * number.h: decimal numbers as people write them in a protocol. Read without the locale: a decimal
 * point is a point, also where the terminal speaks Swedish.
 */
#ifndef RCTD_TRIAL_NUMBER_H
#define RCTD_TRIAL_NUMBER_H

#include "base/compiler.h"

#include <stdbool.h>

/* "12", "-3", "0.25": at most nine digits before the point and six behind it; the nearest double.
 */
bool number_parse(const char *text, double *value) MUST_CHECK;

#endif
