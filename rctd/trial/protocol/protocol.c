/*
 * protocol.c: reads a protocol file section by section, and answers what others ask of the result.
 * The sections are read in an order in which each finds what it refers to, whatever their order in
 * the file.
 */
#include "trial/protocol.h"

#include "base/nearest.h"
#include "trial/protocol/read.h"

#include <ctype.h>
#include <string.h>

struct sections {
    const struct yaml_node *title;
    const struct yaml_node *registration;
    const struct yaml_node *time_zone;
    const struct yaml_node *calendar;
    const struct yaml_node *workplace;
    const struct yaml_node *participant;
    const struct yaml_node *consent;
    const struct yaml_node *arms;
    const struct yaml_node *phases;
    const struct yaml_node *instruments;
    const struct yaml_node *tasks;
    const struct yaml_node *reminders;
    const struct yaml_node *progression;
    const struct yaml_node *representation;
    const struct yaml_node *safety;
    const struct yaml_node *dsmb;
    const struct yaml_node *screening;
    const struct yaml_node *signatures;
    enum protocol_contamination contamination;
    const char *trial;
    const struct yaml_node *languages;
};

static const char *const contamination_names[] = {"acknowledge", "refuse"};

static const struct field section_fields[] = {
    FIELD(FIELD_ID, "trial", sections, trial, .required = true),
    FIELD(FIELD_NODE, "title", sections, title, .required = true),
    FIELD(FIELD_NODE, "registration", sections, registration),
    FIELD(FIELD_NODE, "time_zone", sections, time_zone, .required = true),
    FIELD(FIELD_NODE, "languages", sections, languages, .required = true),
    FIELD(FIELD_NODE, "calendar", sections, calendar),
    FIELD(FIELD_NODE, "workplace", sections, workplace),
    FIELD(FIELD_NODE, "participant", sections, participant),
    FIELD(FIELD_NODE, "consent", sections, consent),
    FIELD(FIELD_NODE, "arms", sections, arms, .required = true),
    FIELD(FIELD_NODE, "phases", sections, phases, .required = true),
    FIELD(FIELD_NODE, "instruments", sections, instruments),
    FIELD(FIELD_NODE, "tasks", sections, tasks),
    FIELD(FIELD_NODE, "reminders", sections, reminders),
    FIELD(FIELD_NODE, "progression", sections, progression),
    FIELD(FIELD_NODE, "representation", sections, representation),
    FIELD(FIELD_NODE, "safety", sections, safety),
    FIELD(FIELD_NODE, "dsmb", sections, dsmb),
    FIELD(FIELD_NODE, "screening", sections, screening),
    FIELD(FIELD_NODE, "signatures", sections, signatures),
    FIELD(
        FIELD_WORD, "contamination", sections, contamination, .words = WORDS(contamination_names)),
};

/* "sv", "en", "fin", "pt-BR" */
static bool
is_language_tag(const char *text)
{
    size_t letters = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    if (letters < 2 || letters > 3)
        return false;
    const char *rest = text + letters;
    return *rest == '\0' || (*rest == '-' && strlen(rest) == 3 &&
                                strspn(rest + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2);
}

static void
read_languages(struct reader *reader, const struct yaml_node *node)
{
    struct protocol *protocol = reader->protocol;
    if (!reader_is_list(reader, node, "languages"))
        return;
    protocol->languages = arena_array(reader->arena, node->count, sizeof *protocol->languages);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        const char *text = reader_text(reader, entry);
        if (text == NULL)
            continue;
        if (named_has(NAMED(protocol->languages, protocol->language_count), text))
            reader_twice(reader, entry);
        if (is_language_tag(text))
            protocol->languages[protocol->language_count++] = text;
        else
            reader_fault(reader, entry, "write a code such as sv, en or pt-BR",
                "`%.20s` is no code of a language", text);
    }
}

/* Does it look like "Europe/Stockholm"? */
static bool
is_zone(const char *text)
{
    if (strcmp(text, "UTC") == 0)
        return true;
    size_t parts = 0, length = strlen(text);
    for (const char *at = text; length <= 40;) {
        if (!isupper((unsigned char)*at))
            return false;
        at += strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-");
        parts++;
        if (*at == '\0')
            return parts == 2 || parts == 3;
        if (*at++ != '/')
            return false;
    }
    return false;
}

/* Is it one of the zones that there are? Where none are known, every zone may be one. */
static bool
is_there(const struct protocol_zones *zones, const char *zone)
{
    return zones == NULL || zones->count == 0 || named_has(NAMED(zones->names, zones->count), zone);
}

static void
read_zone(struct reader *reader, const struct yaml_node *node)
{
    static const char usual[] = "write Area/City, such as Europe/Stockholm";
    const struct protocol_zones *zones = reader->zones;
    const char *text = reader_text(reader, node);
    reader->protocol->time_zone = text;
    if (text != NULL && !is_zone(text))
        reader_fault(reader, node, usual, "`%.40s` is no time zone", text);
    else if (text != NULL && !is_there(zones, text)) {
        const char *near = nearest_word(text, zones->names, zones->count);
        reader_fault(reader, node,
            near == NULL ? usual : arena_printf(reader->arena, "did you mean `%s`?", near),
            "there is no time zone `%s`", text);
    }
}

static void
read_registration(struct reader *reader, const struct yaml_node *node)
{
    const char *text = reader_text(reader, node);
    if (text != NULL && strcmp(text, "none") != 0)
        reader->protocol->registration = text;
}

/* Calls a reader where the section is there. */
static void
read_if(struct reader *reader, const struct yaml_node *node,
    void (*read)(struct reader *, const struct yaml_node *))
{
    if (node != NULL)
        read(reader, node);
}

static void
read_sections(struct reader *reader, const struct sections *sections)
{
    struct protocol *protocol = reader->protocol;
    protocol->trial = sections->trial;
    protocol->contamination = sections->contamination;
    read_if(reader, sections->languages, read_languages);
    if (sections->title != NULL)
        reader_texts(reader, sections->title, &protocol->title);
    read_if(reader, sections->registration, read_registration);
    read_if(reader, sections->time_zone, read_zone);
    protocol_read_calendar(reader, sections->calendar);
    if (sections->workplace != NULL)
        protocol_read_subject(reader, sections->workplace, PROTOCOL_WORKPLACE);
    if (sections->participant != NULL)
        protocol_read_subject(reader, sections->participant, PROTOCOL_PARTICIPANT);
    read_if(reader, sections->consent, protocol_read_consent);
    read_if(reader, sections->arms, protocol_read_arms);
    read_if(reader, sections->phases, protocol_read_phases);
    read_if(reader, sections->instruments, protocol_read_instruments);
    read_if(reader, sections->tasks, protocol_read_tasks);
    read_if(reader, sections->reminders, protocol_read_reminders);
    read_if(reader, sections->progression, protocol_read_progression);
    read_if(reader, sections->representation, protocol_read_representation);
    read_if(reader, sections->safety, protocol_read_safety);
    protocol->dsmb.suppress_below = 5;
    read_if(reader, sections->dsmb, protocol_read_dsmb);
    read_if(reader, sections->screening, protocol_read_screening);
    read_if(reader, sections->signatures, protocol_read_signatures);
}

struct protocol *
protocol_parse_new(struct arena *arena, const char *bytes, size_t size,
    const struct protocol_zones *zones, struct faults *faults)
{
    struct protocol *protocol = arena_alloc(arena, sizeof *protocol);
    struct reader reader = {.arena = arena, .protocol = protocol, .faults = faults, .zones = zones};
    struct sections sections = {0};
    const struct yaml_node *root = yaml_read(arena, bytes, size, faults);
    if (root != NULL &&
        field_read(&reader, root, section_fields, COUNT_OF(section_fields), &sections))
        read_sections(&reader, &sections);
    faults_sort(faults);
    return faults->total == 0 ? protocol : NULL;
}

struct protocol *
protocol_parse(struct arena *arena, const char *bytes, size_t size, struct faults *faults)
{
    return protocol_parse_new(arena, bytes, size, NULL, faults);
}

static const char *const unit_names[] = {"workplace", "participant"};
static const char *const target_names[] = {"workplaces", "participants"};

#define NAME_OF(name, text) text,
static const char *const method_names[] = {PROTOCOL_METHODS(NAME_OF)};
static const char *const task_kind_names[] = {PROTOCOL_TASK_KINDS(NAME_OF)};
static const char *const channel_names[] = {PROTOCOL_CHANNELS(NAME_OF)};
#undef NAME_OF

const struct words protocol_unit_words = WORDS(unit_names);
const struct words protocol_target_words = WORDS(target_names);
const struct words protocol_method_words = WORDS(method_names);
const struct words protocol_task_kind_words = WORDS(task_kind_names);
const struct words protocol_channel_words = WORDS(channel_names);

const char *
protocol_unit_name(enum protocol_unit unit)
{
    return unit_names[unit];
}

const char *
protocol_method_name(enum protocol_method method)
{
    return method_names[method];
}

const char *
protocol_task_kind_name(enum protocol_task_kind kind)
{
    return task_kind_names[kind];
}

const char *
protocol_channel_name(enum protocol_channel channel)
{
    return channel_names[channel];
}
