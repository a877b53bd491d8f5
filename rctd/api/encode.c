/*
 * encode.c: JSON values of what the database gives.
 */
#include "api/call.h"

#include "base/clock.h"
#include "base/digest.h"

json_t *
json_time(int64_t time)
{
    char text[CLOCK_TEXT_SIZE];
    return json_string(clock_format(time, text));
}

json_t *
json_opt_time(struct opt_int64 time)
{
    return time.set ? json_time(time.value) : json_null();
}

json_t *
json_opt_number(struct opt_int64 number)
{
    return number.set ? json_integer(number.value) : json_null();
}

json_t *
json_id(struct uuid id)
{
    char text[UUID_TEXT_SIZE];
    return json_string(uuid_text(id, text));
}

json_t *
json_hex(const void *bytes, size_t size)
{
    struct arena *arena = arena_new();
    json_t *json = json_string(hex_encode(arena, bytes, size));
    arena_free(arena);
    return json;
}

json_t *
json_text(const char *text)
{
    return text == NULL ? json_null() : json_string(text);
}

json_t *
json_stored(const char *json)
{
    json_t *read = json == NULL ? NULL : json_loads(json, JSON_DECODE_ANY, NULL);
    return read == NULL ? json_null() : read;
}
