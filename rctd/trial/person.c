/*
 * person.c: the fields of an identity and their normal forms: the same person typed in other words
 * gives the same number, and a phone number that a channel can dial.
 */
#include "trial/person.h"

#include "base/named.h"
#include "base/text.h"

#include <string.h>

#define PHONE_DIGITS_LEAST 6
#define PHONE_DIGITS_MOST 15 /* E.164 */

#define FIELD_ROW(name, text, most) {text, most},
static const struct {
    const char *name;
    size_t most;
} fields[] = {PERSON_FIELDS(FIELD_ROW)};
#undef FIELD_ROW

#define PURPOSE_ROW(name, text, action, fields) {text, action, fields},
static const struct {
    const char *name;
    const char *action;
    unsigned fields;
} purposes[] = {PURPOSES(PURPOSE_ROW)};
#undef PURPOSE_ROW

const char *const reading_reasons[] = {"appointment", "interview", "letter", "question",
    "register-linkage", "identity-check", "adverse-event", "welfare", "complaint", "correction",
    "authority", NULL};
const char *const erasure_reasons[] = {"no-longer-needed", "consent-withdrawn", "objection",
    "unlawful", "legal-duty", "registered-in-error", NULL};

const char *
person_field_name(enum person_field field)
{
    return fields[field].name;
}

const char *
purpose_name(enum purpose purpose)
{
    return purposes[purpose].name;
}

enum purpose
purpose_by_name(const char *name)
{
    return (enum purpose)named_find(NAMED(purposes, PURPOSE_COUNT), name);
}

const char *
purpose_action(enum purpose purpose)
{
    return purposes[purpose].action;
}

unsigned
purpose_fields(enum purpose purpose)
{
    return purposes[purpose].fields;
}

bool
person_field_taken(const struct protocol_subject *participants, enum person_field field)
{
    if (field == PERSON_NUMBER)
        return participants->identifier_count > 0;
    struct named contact = NAMED(participants->contact, participants->contact_count);
    return named_has(contact, fields[field].name);
}

/* Digits, with a plus in front or none; what people write between them is left out. */
static bool
check_phone(struct arena *arena, const char *value, const char **normal)
{
    static const char between[] = " -/().";
    char *phone = arena_strdup(arena, value);
    size_t length = 0;
    size_t digits = 0;
    for (const char *at = value; *at != '\0'; at++) {
        if (*at >= '0' && *at <= '9')
            digits++;
        else if (!(*at == '+' && length == 0)) {
            if (strchr(between, *at) == NULL)
                goto refused;
            continue;
        }
        phone[length++] = *at;
    }
    phone[length] = '\0';
    *normal = phone;
    if (digits >= PHONE_DIGITS_LEAST && digits <= PHONE_DIGITS_MOST)
        return true;
refused:
    *normal = "it is no phone number; write digits, with the country as +46 in front or a 0";
    return false;
}

static bool
check_email(const char *value, const char **normal)
{
    const char *at = strchr(value, '@');
    bool right = at != NULL && at != value && strchr(at + 1, '@') == NULL &&
                 strpbrk(value, " \t,;<>\"") == NULL;
    const char *dot = right ? strrchr(at, '.') : NULL;
    if (right && dot != NULL && dot > at + 1 && dot[1] != '\0')
        return true;
    *normal = "it is no e-mail address; write NAME@DOMAIN";
    return false;
}

static bool
has_forbidden_bytes(enum person_field field, const char *value)
{
    for (const char *at = value; *at != '\0'; at++)
        if (((unsigned char)*at < 0x20 && !(*at == '\n' && field == PERSON_ADDRESS)) || *at == 0x7f)
            return true;
    return !text_is_utf8(value, strlen(value));
}

bool
person_check(struct arena *arena, const struct protocol_subject *participants,
    enum person_field field, const char *value, int this_year, const char **normal)
{
    const char *trimmed = text_trim(arena, value);
    *normal = trimmed;
    if (*trimmed == '\0') {
        *normal = "it is empty; leave it out";
        return false;
    }
    if (has_forbidden_bytes(field, trimmed)) {
        *normal = "it holds characters that cannot be in it";
        return false;
    }
    if (text_characters(trimmed) > fields[field].most) {
        *normal = arena_printf(arena, "it is too long; at most %zu characters", fields[field].most);
        return false;
    }
    switch (field) {
    case PERSON_NUMBER:
        return protocol_identifier_check(
            arena, &participants->identifiers[0], trimmed, this_year, normal);
    case PERSON_PHONE:
        return check_phone(arena, trimmed, normal);
    case PERSON_EMAIL:
        return check_email(trimmed, normal);
    default:
        return true;
    }
}
