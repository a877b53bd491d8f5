/*
 * csv_write.c: writes cells with the quotes they need, and keeps spreadsheets from running them.
 */
#include "base/csv.h"

#include <string.h>

void
csv_writer_init(struct csv_writer *writer, struct text *text)
{
    *writer = (struct csv_writer){.text = text};
}

static const char *
skip_digits(const char *at)
{
    return at + strspn(at, "0123456789");
}

/* A sign or none, digits, a decimal point or comma with digits, an exponent: no formula. */
static bool
is_number(const char *cell)
{
    const char *digits = *cell == '-' || *cell == '+' ? cell + 1 : cell;
    const char *at = skip_digits(digits);
    if (at == digits)
        return false;
    if ((*at == '.' || *at == ',') && skip_digits(at + 1) > at + 1)
        at = skip_digits(at + 1);
    if (*at == 'e' || *at == 'E') {
        const char *exponent = at[1] == '-' || at[1] == '+' ? at + 2 : at + 1;
        at = skip_digits(exponent) > exponent ? skip_digits(exponent) : at;
    }
    return *at == '\0';
}

static bool
needs_quotes(const char *cell)
{
    size_t length = strlen(cell);
    return cell[strcspn(cell, ",;\t\"\r\n")] != '\0' ||
           (length > 0 && (cell[0] == ' ' || cell[length - 1] == ' '));
}

static void
separate(struct csv_writer *writer)
{
    if (writer->started)
        text_append(writer->text, ",");
    writer->started = true;
}

void
csv_write(struct csv_writer *writer, const char *cell)
{
    separate(writer);
    if (cell == NULL)
        return;
    bool quotes = needs_quotes(cell);
    bool formula = cell[0] != '\0' && strchr("=+-@\t\r", cell[0]) != NULL && !is_number(cell);
    if (quotes)
        text_append(writer->text, "\"");
    if (formula)
        text_append(writer->text, "'");
    for (const char *part = cell; *part != '\0';) {
        size_t length = strcspn(part, "\"");
        text_append_bytes(writer->text, part, length);
        part += length;
        if (*part == '"') {
            text_append(writer->text, "\"\"");
            part++;
        }
    }
    if (quotes)
        text_append(writer->text, "\"");
}

void
csv_write_number(struct csv_writer *writer, long long number)
{
    separate(writer);
    text_printf(writer->text, "%lld", number);
}

void
csv_end_row(struct csv_writer *writer)
{
    text_append(writer->text, "\n");
    writer->started = false;
}
