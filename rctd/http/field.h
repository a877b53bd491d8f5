/*
 * field.h: what a row of a table of fields means: bounds, in numbers and words. The validator
 * (body.c, field_check.c) and the schema (schema.c) share it; other rooms use body.h.
 */
#ifndef RCTD_HTTP_FIELD_H
#define RCTD_HTTP_FIELD_H

#include "base/arena.h"
#include "base/fault.h"
#include "http/route.h"

#include <stdbool.h>

/* The type's own bounds. */
#define FIELD_STRING_MAX 200               /* characters */
#define FIELD_ENTRIES_MAX 1000             /* of an array or a map */
#define FIELD_WHOLE_MAX 9007199254740991LL /* 2^53 - 1: what every JSON reader keeps exactly */

long long field_min(const struct field *field);
long long field_max(const struct field *field);

/* Does the row of a number have bounds? Whole numbers always do. */
bool field_is_bounded(const struct field *field);

/* May the string hold line ends and tabs? Longer ones may: they are written by people. */
bool field_is_prose(const struct field *field);

/* Checks every field of an object and goes down into objects and arrays; adds a fault for
 * everything that is not right. Whole numbers written as 3.0 become integers. `pointer` is the
 * object's own. */
void field_check_object(
    struct faults *faults, json_t *object, const struct field *fields, const char *pointer);

/* One value: a string, a whole number; and one of a query, which is text whatever its type. */
void field_check_string(
    struct faults *faults, const char *value, const struct field *field, const char *pointer);
void field_check_whole(
    struct faults *faults, long long value, const struct field *field, const char *pointer);
void field_check_text(
    struct faults *faults, const char *value, const struct field *field, const char *pointer);

/* The JSON pointer of a member: ~ and / in its name are escaped, a name of absurd length is cut,
 * one that holds an identity number is left out. In
 * the arena. */
const char *field_pointer(struct arena *arena, const char *pointer, const char *name);

/* "one of: paper, link, phone", as a remedy; in the arena. */
const char *field_choices(struct arena *arena, const char *const *choices);

/* Does the text hold a control character (of C0 or C1, or DEL)? In prose line ends and tabs are
 * none. */
bool field_has_control(const char *text, bool prose);

/* What an unknown name was probably meant to be, as a remedy; in the faults' arena. */
const char *field_suggest(struct arena *arena, const struct field *fields, const char *name);

/* The schema of a single field; the caller owns the reference. */
json_t *field_schema(const struct field *field, bool answer);

#endif
