/*
 * subject.c: fields have about the names of the options that fill them; where they have not, the
 * option's row says which.
 */
#include "cli/subject.h"

#include "base/text.h"

#include <ctype.h>
#include <string.h>

/* Objects whose members are given as arguments NAME=VALUE, or in a file of such lines. */
static const char *const given_by_name[] = {"answers", "attributes", "identity", "values"};

/* An option's name with the signs of a field's. */
static const char *
field_name(struct arena *arena, const char *option)
{
    char *name = arena_strdup(arena, option);
    for (char *c = name; *c != '\0'; c++)
        *c = *c == '-' ? '_' : *c;
    return name;
}

/* "signed" fills signed_at, "by" signed_by, "scope" scopes. */
static bool
fills(struct arena *arena, const struct option_row *row, const char *field)
{
    const char *name = field_name(arena, row->field == NULL ? row->name : row->field);
    size_t length = strlen(name), size = strlen(field);
    if (strncmp(field, name, length) == 0 &&
        (field[length] == '\0' || strcmp(field + length, "s") == 0 ||
            strcmp(field + length, "_at") == 0))
        return true;
    return size > length && field[size - length - 1] == '_' &&
           strcmp(field + size - length, name) == 0;
}

const char *
subject_of(struct arena *arena, const struct option_row *options, const char *pointer)
{
    const char *whole = pointer + strspn(pointer, "#?/");
    const char *rest = whole + strcspn(whole, "/");
    const char *field = arena_strndup(arena, whole, (size_t)(rest - whole));
    rest += *rest == '/';
    for (const struct option_row *row = options; row != NULL && row->name != NULL; row++) {
        bool place = isdigit((unsigned char)rest[0]) != 0;
        if (*field != '\0' && fills(arena, row, field))
            return arena_printf(
                arena, "--%s%s%s", row->name, *rest == '\0' || place ? "" : " ", place ? "" : rest);
    }
    for (size_t i = 0; i < COUNT_OF(given_by_name); i++)
        if (*rest != '\0' && strcmp(field, given_by_name[i]) == 0)
            return rest;
    return whole;
}
