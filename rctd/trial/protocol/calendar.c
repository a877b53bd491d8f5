/*
 * calendar.c: reads when people may be contacted.
 */
#include "trial/calendar.h"
#include "base/text.h"
#include "trial/protocol/read.h"

#include <string.h>

struct written {
    const struct yaml_node *working_hours;
    const struct yaml_node *holidays;
    unsigned *weeks;
    size_t week_count;
};

static const struct field calendar_fields[] = {
    FIELD(FIELD_NODE, "working_hours", written, working_hours),
    FIELD(FIELD_NODE, "holidays", written, holidays),
    FIELD_LIST(FIELD_COUNTS, "pause_iso_weeks", written, weeks, week_count, .low = 1, .high = 53),
};

static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

/* Reads the name of a day and steps over it; 7 where none stands. */
static unsigned
read_day(const char **at)
{
    unsigned day = 0;
    while (day < COUNT_OF(days) && !text_starts(*at, days[day]))
        day++;
    if (day < COUNT_OF(days))
        *at += 3;
    return day;
}

/* "Mon-Fri" or "Mon,Wed,Fri": the days as bits; 0 where it is neither. */
static uint8_t
read_days(const char **at)
{
    unsigned bits = 0;
    do {
        if (**at == ',')
            (*at)++;
        unsigned first = read_day(at);
        unsigned last = first;
        if (**at == '-') {
            (*at)++;
            last = read_day(at);
        }
        if (first > 6 || last > 6 || first > last)
            return 0;
        for (unsigned day = first; day <= last; day++)
            bits |= 1u << day;
    } while (**at == ',');
    return (uint8_t)bits;
}

/* "09:00": minutes after midnight, up to 24:00; -1 where it is none. Steps over it. */
static int
read_minute(const char **at)
{
    const char *text = *at;
    for (size_t i = 0; i < 5; i++)
        if (i == 2 ? text[i] != ':' : text[i] < '0' || text[i] > '9')
            return -1;
    int hours = (text[0] - '0') * 10 + (text[1] - '0');
    int minutes = (text[3] - '0') * 10 + (text[4] - '0');
    *at += 5;
    return minutes > 59 || hours * 60 + minutes > 24 * 60 ? -1 : hours * 60 + minutes;
}

static void
read_hours(struct reader *reader, const struct yaml_node *node)
{
    const char *text = reader_text(reader, node);
    if (text == NULL)
        return;
    const char *at = text;
    int start = -1, end = -1;
    uint8_t bits = read_days(&at);
    if (bits != 0 && *at++ == ' ')
        start = read_minute(&at);
    if (start >= 0 && *at++ == '-')
        end = read_minute(&at);
    if (end < 0 || *at != '\0' || end <= start) {
        reader_fault(
            reader, node, "write Mon-Fri 09:00-18:00", "`%.60s` are no working hours", text);
        return;
    }
    reader->protocol->calendar.working_days = bits;
    reader->protocol->calendar.start_minute = (uint16_t)start;
    reader->protocol->calendar.end_minute = (uint16_t)end;
}

static void
read_holidays(struct reader *reader, const struct yaml_node *node)
{
    const char *text = reader_text(reader, node);
    if (text == NULL || strcmp(text, "none") == 0)
        return;
    struct protocol_calendar *calendar = &reader->protocol->calendar;
    calendar->holidays = text;
    calendar->line = node->line;
    calendar->column = node->column;
    struct words lists = {0};
    lists.items = calendar_lists(reader->arena, &lists.count);
    if (reader->zones != NULL && !named_has(NAMED(lists.items, lists.count), text))
        reader_fault(reader, node, reader_meant(reader, text, lists),
            "there is no list of holidays `%.40s`", text);
}

void
protocol_read_calendar(struct reader *reader, const struct yaml_node *node)
{
    struct protocol_calendar *calendar = &reader->protocol->calendar;
    *calendar = (struct protocol_calendar){
        .working_days = 0x1f, .start_minute = 9 * 60, .end_minute = 18 * 60};
    struct written written = {0};
    if (node == NULL ||
        !field_read(reader, node, calendar_fields, COUNT_OF(calendar_fields), &written))
        return;
    if (written.working_hours != NULL)
        read_hours(reader, written.working_hours);
    if (written.holidays != NULL)
        read_holidays(reader, written.holidays);
    for (size_t i = 0; i < written.week_count; i++)
        calendar->paused_weeks |= UINT64_C(1) << written.weeks[i];
}
