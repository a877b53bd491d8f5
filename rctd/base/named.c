/*
 * named.c: looks names up, one after another: the lists are short.
 */
#include "base/named.h"

#include "base/text.h"

static const void *
entry_at(struct named list, size_t place)
{
    return (const char *)list.items + place * list.size;
}

const char *
named_at(struct named list, size_t place)
{
    return *(const char *const *)entry_at(list, place);
}

size_t
named_find(struct named list, const char *name)
{
    size_t place = name == NULL ? list.count : 0;
    while (place < list.count && !text_equal(named_at(list, place), name))
        place++;
    return place;
}

const void *
named_get(struct named list, const char *name)
{
    size_t place = named_find(list, name);
    return place == list.count ? NULL : entry_at(list, place);
}

bool
named_has(struct named list, const char *name)
{
    return named_find(list, name) < list.count;
}
