/*
 * filter.h: names by which a list is narrowed. One that nothing here has would answer with an empty
 * list, as if nothing were there yet.
 */
#ifndef RCTD_API_FILTER_H
#define RCTD_API_FILTER_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>

struct call;

/*
 * Called behind a handler. Where the first page of its list came out empty, holds the names in the
 * query against those that the caller may see: ERROR_FIELDS with the near ones, ERROR_NOT_FOUND for
 * the code of a unit.
 */
bool filter_check(struct call *call, struct error *error) MUST_CHECK;

#endif
