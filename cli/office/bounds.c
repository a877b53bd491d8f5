/*
 * bounds.c: the bounds of a role, for lists in which it is a few words.
 */
#include "cli/office/bounds.h"

#include "base/compiler.h"
#include "base/text.h"

const char *
bounds_of(struct arena *arena, const json_t *role)
{
    static const char *const fields[][2] = {
        {"county", "county"}, {"site", "site"}, {"purpose", "for"}};
    struct text text;
    text_init(&text, arena);
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        const char *value = json_string_value(json_object_get(role, fields[i][0]));
        if (value != NULL)
            text_printf(&text, "%s%s %s", text.length > 0 ? ", " : "", fields[i][1], value);
    }
    return text.bytes;
}
