/*
 * value.h: values between C structs and PostgreSQL's text form, one pair of functions for each type
 * of sql/query. Private to db/.
 */
#ifndef RCTD_DB_VALUE_H
#define RCTD_DB_VALUE_H

#include "base/arena.h"
#include "base/compiler.h"
#include "db/statement_run.h"

#include <stdbool.h>

/* The text of a member of `in`; NULL for SQL NULL. False when it is NULL and may not be. */
bool value_encode(struct arena *arena, const struct sql_field *field, const void *in,
    const char **text) MUST_CHECK;

/* Reads text (NULL: SQL NULL) into a member of `out`. False when it is NULL and may not be, or is
 * no value of the type. */
bool value_decode(
    struct arena *arena, const struct sql_field *field, const char *text, void *out) MUST_CHECK;

#endif
