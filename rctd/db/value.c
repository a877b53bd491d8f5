/*
 * value.c: a table of types: what PostgreSQL calls each, and how its text form is written and read.
 * Text is used both ways because it means the same in every version and behind every pooler.
 */
#include "db/value.h"

#include "base/bits.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/text.h"
#include "db/transaction.h"

#include <stdlib.h>
#include <string.h>

/* `in` points at the plain value, without the flag of an opt_ struct. */
struct type {
    unsigned oid;
    const char *name;
    const char *(*encode)(struct arena *arena, const void *in);
    bool (*decode)(struct arena *arena, const char *text, void *out);
};

static const char *
encode_uuid(struct arena *arena, const void *in)
{
    return uuid_text(*(const struct uuid *)in, arena_alloc(arena, UUID_TEXT_SIZE));
}

static bool
decode_uuid(struct arena *arena, const char *text, void *out)
{
    (void)arena;
    return uuid_parse(text, out);
}

static const char *
encode_text(struct arena *arena, const void *in)
{
    (void)arena;
    return *(const char *const *)in;
}

static bool
decode_text(struct arena *arena, const char *text, void *out)
{
    *(const char **)out = arena_strdup(arena, text);
    return true;
}

static const char *
encode_int4(struct arena *arena, const void *in)
{
    return arena_printf(arena, "%d", *(const int32_t *)in);
}

static bool
decode_int4(struct arena *arena, const char *text, void *out)
{
    (void)arena;
    long long value;
    if (!text_to_int64(text, &value) || value < INT32_MIN || value > INT32_MAX)
        return false;
    *(int32_t *)out = (int32_t)value;
    return true;
}

static const char *
encode_int8(struct arena *arena, const void *in)
{
    return arena_printf(arena, "%lld", (long long)*(const int64_t *)in);
}

static bool
decode_int8(struct arena *arena, const char *text, void *out)
{
    (void)arena;
    long long value;
    if (!text_to_int64(text, &value))
        return false;
    *(int64_t *)out = value;
    return true;
}

static const char *
encode_bool(struct arena *arena, const void *in)
{
    (void)arena;
    return *(const bool *)in ? "t" : "f";
}

static bool
decode_bool(struct arena *arena, const char *text, void *out)
{
    (void)arena;
    *(bool *)out = text[0] == 't';
    return strcmp(text, "t") == 0 || strcmp(text, "f") == 0;
}

static const char *
encode_time(struct arena *arena, const void *in)
{
    return clock_format(*(const int64_t *)in, arena_alloc(arena, CLOCK_TEXT_SIZE));
}

static bool
decode_time(struct arena *arena, const char *text, void *out)
{
    (void)arena;
    return clock_parse(text, out);
}

static bool
decode_date(struct arena *arena, const char *text, void *out)
{
    return clock_is_date(text) && decode_text(arena, text, out);
}

static const char *
encode_float8(struct arena *arena, const void *in)
{
    return arena_printf(arena, "%.17g", *(const double *)in);
}

static bool
decode_float8(struct arena *arena, const char *text, void *out)
{
    (void)arena;
    char *end;
    *(double *)out = strtod(text, &end);
    return end != text && *end == '\0';
}

static const char *
encode_bytea(struct arena *arena, const void *in)
{
    const struct bytes *bytes = in;
    if (bytes->data == NULL)
        return NULL;
    return arena_printf(arena, "\\x%s", hex_encode(arena, bytes->data, bytes->size));
}

static bool
decode_bytea(struct arena *arena, const char *text, void *out)
{
    if (!text_starts(text, "\\x"))
        return false;
    size_t size = strlen(text + 2) / 2;
    void *data = arena_alloc(arena, size);
    *(struct bytes *)out = (struct bytes){.data = data, .size = size};
    return hex_decode(text + 2, data, size);
}

static const struct type types[SQL_TYPE_COUNT] = {
    [SQL_TYPE_UUID] = {2950, "uuid", encode_uuid, decode_uuid},
    [SQL_TYPE_TEXT] = {25, "text", encode_text, decode_text},
    [SQL_TYPE_INT4] = {23, "int4", encode_int4, decode_int4},
    [SQL_TYPE_INT8] = {20, "int8", encode_int8, decode_int8},
    [SQL_TYPE_BOOL] = {16, "bool", encode_bool, decode_bool},
    [SQL_TYPE_TIMESTAMPTZ] = {1184, "timestamptz", encode_time, decode_time},
    [SQL_TYPE_DATE] = {1082, "date", encode_text, decode_date},
    [SQL_TYPE_JSONB] = {3802, "jsonb", encode_text, decode_text},
    [SQL_TYPE_FLOAT8] = {701, "float8", encode_float8, decode_float8},
    [SQL_TYPE_BYTEA] = {17, "bytea", encode_bytea, decode_bytea},
};

unsigned
sql_type_oid(enum sql_type type)
{
    return types[type].oid;
}

const char *
sql_type_name(enum sql_type type)
{
    return types[type].name;
}

/* Text and bytes say NULL by themselves; the others have a struct with a flag. A nullable int4 is
 * an opt_int64, so it is written and read as one, within the bounds of int4 on the way in. */
static bool
has_flag(const struct sql_field *field)
{
    static const bool plain[SQL_TYPE_COUNT] = {
        [SQL_TYPE_TEXT] = true,
        [SQL_TYPE_DATE] = true,
        [SQL_TYPE_JSONB] = true,
        [SQL_TYPE_BYTEA] = true,
    };
    return field->nullable && !plain[field->type];
}

struct slot {
    const struct type *type;
    size_t flag;
    size_t value;
};

static struct slot
slot_of(const struct sql_field *field)
{
    enum sql_type type = field->type == SQL_TYPE_INT4 ? SQL_TYPE_INT8 : field->type;
    if (!has_flag(field))
        return (struct slot){&types[field->type], 0, field->offset};
    size_t inside = offsetof(struct opt_int64, value);
    if (field->type == SQL_TYPE_BOOL)
        inside = offsetof(struct opt_bool, value);
    else if (field->type == SQL_TYPE_UUID)
        inside = offsetof(struct opt_uuid, value);
    else if (field->type == SQL_TYPE_FLOAT8)
        inside = offsetof(struct opt_double, value);
    return (struct slot){&types[type], field->offset, field->offset + inside};
}

bool
value_encode(struct arena *arena, const struct sql_field *field, const void *in, const char **text)
{
    const char *bytes = in;
    struct slot slot = slot_of(field);
    bool is_set = !has_flag(field) || *(const bool *)(const void *)(bytes + slot.flag);
    *text = is_set ? slot.type->encode(arena, bytes + slot.value) : NULL;
    return *text != NULL || field->nullable;
}

bool
value_decode(struct arena *arena, const struct sql_field *field, const char *text, void *out)
{
    char *bytes = out;
    struct slot slot = slot_of(field);
    if (text == NULL)
        return field->nullable;
    if (has_flag(field))
        *(bool *)(void *)(bytes + slot.flag) = true;
    return slot.type->decode(arena, text, bytes + slot.value);
}
