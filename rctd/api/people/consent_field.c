/*
 * consent_field.c: the fields of an event of the consent ledger, as it is recorded, listed and
 * answered. An agreement and a consent have the same shape; they differ in who signs.
 */
#include "api/handlers.h"
#include "trial/consent.h"

static const char *const decisions[] = {"given", "withdrawn", NULL};

#define NEW_FORM(who)                                                                              \
    {                                                                                              \
        .name = "form", .type = FIELD_IDENTIFIER, .flags = FIELD_REQUIRED,                         \
        .meaning = "A form of the protocol that " who " sign"                                      \
    }

#define NEW_EVENT                                                                                  \
    {.name = "version",                                                                            \
        .type = FIELD_INTEGER,                                                                     \
        .flags = FIELD_REQUIRED,                                                                   \
        .min = 1,                                                                                  \
        .max = 100000,                                                                             \
        .meaning = "The version of the form that was shown"},                                      \
        {.name = "language",                                                                       \
            .type = FIELD_STRING,                                                                  \
            .min = 2,                                                                              \
            .max = 10,                                                                             \
            .meaning = "The language that it was shown in; the form's first when absent"},         \
        {.name = "decision",                                                                       \
            .type = FIELD_STRING,                                                                  \
            .flags = FIELD_REQUIRED,                                                               \
            .choices = decisions,                                                                  \
            .meaning = "What was decided"},                                                        \
        {.name = "scopes",                                                                         \
            .type = FIELD_MAP_BOOLEAN,                                                             \
            .max = 50,                                                                             \
            .meaning = "Every scope of the form to true or false; not for a withdrawal, which is " \
                       "of the whole form"},                                                       \
        {.name = "shown_at",                                                                       \
            .type = FIELD_MOMENT,                                                                  \
            .meaning = "When the information was shown, or the day; not after signed_at"},         \
        {.name = "signed_at",                                                                      \
            .type = FIELD_MOMENT,                                                                  \
            .flags = FIELD_REQUIRED,                                                               \
            .meaning = "When it was decided, or the day: a yes counts from its first moment, a "   \
                       "no to its last; not in the future"},                                       \
        {.name = "how",                                                                            \
            .type = FIELD_STRING,                                                                  \
            .flags = FIELD_REQUIRED,                                                               \
            .choices = consent_ways,                                                               \
            .meaning = "How it reached the trial"},                                                \
        {.name = "text_sha256",                                                                    \
            .type = FIELD_STRING,                                                                  \
            .min = 64,                                                                             \
            .max = 64,                                                                             \
            .meaning = "Of the text that was read, hex; must be that of the text that is stored"}, \
    {                                                                                              \
        0                                                                                          \
    }

const struct field agreement_new[] = {
    NEW_FORM("workplaces"),
    {.name = "signed_by",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 200,
        .meaning = "Who decided; kept as a salted digest in the trail"},
    {.name = "reason",
        .type = FIELD_STRING,
        .max = 2000,
        .meaning = "Of a withdrawal, where one was given; nobody has to"},
    NEW_EVENT,
};

const struct field consent_new[] = {
    NEW_FORM("participants"),
    {.name = "signed_by",
        .type = FIELD_STRING,
        .choices = consent_signers,
        .meaning = "Who decided, never by name; the participant when absent"},
    {.name = "reason",
        .type = FIELD_IDENTIFIER,
        .meaning = "Of a withdrawal, where one was given, in a word; nobody has to"},
    NEW_EVENT,
};

#define LISTED_EVENT                                                                               \
    {.name = "form", .type = FIELD_IDENTIFIER, .meaning = "The form"},                             \
        {.name = "version", .type = FIELD_INTEGER, .meaning = "The version that was shown"},       \
        {.name = "language",                                                                       \
            .type = FIELD_STRING,                                                                  \
            .meaning = "The language that it was shown in"},                                       \
        {.name = "text_sha256",                                                                    \
            .type = FIELD_STRING,                                                                  \
            .flags = FIELD_NULLABLE,                                                               \
            .meaning = "Of the text that was read; null where none is stored"},                    \
        {.name = "legal_basis",                                                                    \
            .type = FIELD_STRING,                                                                  \
            .flags = FIELD_NULLABLE,                                                               \
            .meaning = "On what the data are kept, apart from this consent"},                      \
        {.name = "decision",                                                                       \
            .type = FIELD_STRING,                                                                  \
            .choices = decisions,                                                                  \
            .meaning = "What was decided"},                                                        \
        {.name = "scopes", .type = FIELD_MAP_BOOLEAN, .meaning = "Scope by scope"},                \
        {.name = "signed_by", .type = FIELD_STRING, .meaning = "Who decided"},                     \
        {.name = "shown_at",                                                                       \
            .type = FIELD_TIME,                                                                    \
            .flags = FIELD_NULLABLE,                                                               \
            .meaning = "When the information was shown"},                                          \
        {.name = "signed_at", .type = FIELD_TIME, .meaning = "From when on it counts"},            \
        {.name = "signed_on",                                                                      \
            .type = FIELD_DATE,                                                                    \
            .flags = FIELD_NULLABLE,                                                               \
            .meaning = "The day, where no time of it was told; null where it was"},                \
        {.name = "how",                                                                            \
            .type = FIELD_STRING,                                                                  \
            .choices = consent_ways,                                                               \
            .meaning = "How it reached the trial"},                                                \
        {.name = "recorded_at", .type = FIELD_TIME, .meaning = "When it was recorded"},            \
    {                                                                                              \
        .name = "recorded_by", .type = FIELD_STRING, .flags = FIELD_NULLABLE,                      \
        .meaning = "The account that recorded it; null where the person did, by a link"            \
    }

const struct field agreement_answer[] = {
    {.name = "agreement", .type = FIELD_UUID, .meaning = "The event's id"},
    LISTED_EVENT,
    {0},
};

const struct field consent_answer[] = {
    {.name = "consent", .type = FIELD_UUID, .meaning = "The event's id"},
    {.name = "after_reveal",
        .type = FIELD_BOOLEAN,
        .meaning = "It was recorded when it was known to what arm their workplace belongs, by "
                   "rctd's time and not by the form's"},
    LISTED_EVENT,
    {.name = "link",
        .type = FIELD_UUID,
        .flags = FIELD_NULLABLE,
        .meaning = "The link that it came by; null where it came otherwise"},
    {0},
};

#define MADE_EVENT                                                                                 \
    {.name = "form", .type = FIELD_IDENTIFIER, .meaning = "The form"},                             \
        {.name = "decision",                                                                       \
            .type = FIELD_STRING,                                                                  \
            .choices = decisions,                                                                  \
            .meaning = "What was decided"},                                                        \
        {.name = "version", .type = FIELD_INTEGER, .meaning = "The version that was shown"},       \
        {.name = "scopes", .type = FIELD_MAP_BOOLEAN, .meaning = "Scope by scope"},                \
        {.name = "out_already",                                                                    \
            .type = FIELD_BOOLEAN,                                                                 \
            .meaning = "Who signed, or their workplace, was out of the trial before: nothing "     \
                       "follows from it while that is so"},                                        \
        {.name = "tasks", .type = FIELD_INTEGER, .meaning = "Tasks of theirs that it cancelled"},  \
    {                                                                                              \
        .name = "reminders", .type = FIELD_INTEGER,                                                \
        .meaning = "Reminders of theirs that it cancelled"                                         \
    }

const struct field agreement_made[] = {
    {.name = "agreement", .type = FIELD_UUID, .meaning = "The event's id"},
    {.name = "workplace", .type = FIELD_STRING, .meaning = "The workplace's code"},
    MADE_EVENT,
    {.name = "workplace_withdrawn",
        .type = FIELD_BOOLEAN,
        .meaning =
            "The workplace is out of the trial from now on; its tasks and reminders are cancelled"},
    {0},
};

const struct field consent_made[] = {
    {.name = "consent", .type = FIELD_UUID, .meaning = "The event's id"},
    {.name = "participant", .type = FIELD_STRING, .meaning = "The participant's code"},
    MADE_EVENT,
    {.name = "participant_withdrawn",
        .type = FIELD_BOOLEAN,
        .meaning = "The participant is out of the trial from now on; their tasks and reminders are "
                   "cancelled"},
    {0},
};
