/*
 * fuzz_identity.c: whatever somebody types as an identity number, a name or a way to reach them,
 * checking it ends with a normal form, which is its own, or with a sentence that does not repeat
 * it.
 */
#include "require.h"

#include "base/pattern.h"
#include "base/text.h"
#include "trial/person.h"

#include <stdint.h>
#include <string.h>

#define YEAR 2026

/* So long a row of digits stands in no sentence of ours, but in an example. */
static bool
is_telling(const char *value)
{
    size_t digits = 0;
    if (strstr("556016-0680", value) != NULL)
        return false;
    for (; *value != '\0' && digits < 6; value++)
        digits = *value >= '0' && *value <= '9' ? digits + 1 : 0;
    return digits == 6;
}

static void
check_refusal(const char *value, const char *said)
{
    require(said[0] != '\0' && text_is_utf8(said, strlen(said)));
    require(!is_telling(value) || strstr(said, value) == NULL);
}

/* One wrong digit of a personal number is found, but in its century. */
static void
check_other_digit(struct arena *arena, const struct protocol_identifier *identifier,
    const char *normal, size_t place)
{
    const char *other;
    char *changed = arena_strdup(arena, normal);
    size_t at = place % strlen(normal);
    if (identifier->type != IDENTIFIER_SE_PERSONNUMMER)
        return;
    changed[at] = changed[at] == '9' ? '0' : (char)(changed[at] + 1);
    require(at < 2 || !protocol_identifier_check(arena, identifier, changed, YEAR, &other));
}

static void
check_number(struct arena *arena, const struct protocol_identifier *identifier, const char *value,
    size_t place)
{
    const char *normal = "", *again = "";
    if (!protocol_identifier_check(arena, identifier, value, YEAR, &normal)) {
        check_refusal(value, normal);
        return;
    }
    require(normal[0] != '\0');
    if (identifier->type == IDENTIFIER_PATTERN) {
        char compact[CHECKSUM_TEXT_MAX + 1];
        require(checksum_compact(identifier->checksum, normal, compact));
        require(strcmp(normal, compact) == 0 && checksum_fits(identifier->checksum, normal));
        return;
    }
    require(protocol_identifier_check(arena, identifier, normal, YEAR, &again));
    require(strcmp(normal, again) == 0);
    check_other_digit(arena, identifier, normal, place);
}

static void
check_numbers(struct arena *arena, const char *value, size_t place)
{
    const char *why;
    size_t offset;
    struct protocol_identifier identifier = {.name = "identity", .of_person = true};
    for (int type = 0; type < IDENTIFIER_PATTERN; type++) {
        identifier.type = (enum identifier_type)type;
        check_number(arena, &identifier, value, place);
    }
    identifier.type = IDENTIFIER_PATTERN;
    identifier.pattern_text = "^[0-9A-Za-z+./ -]{1,40}$";
    identifier.pattern = pattern_compile(arena, identifier.pattern_text, &why, &offset);
    require(identifier.pattern != NULL);
    for (int checksum = 0; checksum < CHECKSUM_COUNT; checksum++) {
        identifier.checksum = (enum checksum)checksum;
        check_number(arena, &identifier, value, place);
        (void)checksum_fits(identifier.checksum, value);
    }
}

static void
check_person(struct arena *arena, const char *value)
{
    static struct protocol_identifier number = {
        .name = "identity", .type = IDENTIFIER_SE_PERSONNUMMER};
    const struct protocol_subject participants = {.identifiers = &number, .identifier_count = 1};
    for (int field = 0; field < PERSON_FIELD_COUNT; field++) {
        const char *normal = "", *again = "";
        if (!person_check(arena, &participants, (enum person_field)field, value, YEAR, &normal)) {
            check_refusal(value, normal);
            continue;
        }
        require(person_check(arena, &participants, (enum person_field)field, normal, YEAR, &again));
        require(strcmp(normal, again) == 0 && normal[0] != '\0');
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena *arena = arena_new();
    const char *value = arena_strndup(arena, (const char *)bytes, size);
    check_numbers(arena, value, size > 0 ? bytes[0] : 0);
    check_person(arena, value);
    arena_free(arena);
    return 0;
}
