/*
 * ledger.c: cuts the bytes of a ledger into rows and cells. A cell without quotes stays where it
 * is; one with quotes is copied without them into room that serves every row.
 */
#include "trial/proof/ledger.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
#define NAME(name, text) [LEDGER_##name] = (text),
    LEDGER_COLUMNS(NAME)
#undef NAME
};

const char *
ledger_column_name(enum ledger_column column)
{
    return names[column];
}

bool
ledger_cell_is(struct ledger_cell cell, const char *text)
{
    return strlen(text) == cell.length && memcmp(cell.bytes, text, cell.length) == 0;
}

char *
ledger_cell_text(struct arena *arena, struct ledger_cell cell)
{
    return arena_strndup(arena, cell.bytes, cell.length);
}

/* The end of the line that starts at the reader's place, without LF or CRLF. */
static const char *
line_end(const struct ledger_reader *reader)
{
    const char *start = reader->bytes + reader->at;
    size_t left = reader->size - reader->at;
    const char *end = memchr(start, '\n', left);
    return end == NULL ? start + left : end;
}

/* Adds a fault at a byte of the line that is being read. Always false. */
static bool
add_fault(struct ledger_reader *reader, const char *line, const char *at, const char *pointer,
    const char *remedy, const char *message)
{
    unsigned column = 1;
    for (const char *c = line; c < at; c++)
        column += ((unsigned char)*c & 0xc0) != 0x80;
    if (reader->faults != NULL)
        faults_add(reader->faults, pointer, reader->line, column, remedy, "%s", message);
    return false;
}

/* Reads behind the opening quote up to the one that closes it; NULL where none does. */
static const char *
read_quoted(struct ledger_reader *reader, const char *at, const char *end, struct ledger_cell *cell)
{
    char *to = reader->unquoted + reader->unquoted_used;
    cell->bytes = to;
    for (;;) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        if (quote == NULL)
            return NULL;
        bool doubled = quote + 1 < end && quote[1] == '"';
        size_t length = (size_t)(quote - at) + doubled;
        memcpy(to, at, length);
        to += length;
        at = quote + 1 + doubled;
        if (!doubled)
            break;
    }
    cell->length = (size_t)(to - cell->bytes);
    reader->unquoted_used += cell->length;
    return at;
}

static const char *
read_plain(const char *at, const char *end, struct ledger_cell *cell)
{
    const char *comma = memchr(at, ',', (size_t)(end - at));
    const char *stop = comma == NULL ? end : comma;
    *cell = (struct ledger_cell){at, (size_t)(stop - at)};
    return stop;
}

/* Cuts a line into cells. */
static bool
cut(struct ledger_reader *reader, const char *line, const char *end, struct ledger_cell *cells)
{
    const char *at = line;
    reader->unquoted_used = 0;
    for (size_t i = 0;; i++) {
        if (i == LEDGER_COLUMN_COUNT)
            return add_fault(reader, line, at, "", "put quotes around a cell that has a comma",
                "the row has more cells than a ledger has columns");
        const char *start = at;
        bool quoted = at < end && *at == '"';
        at = quoted ? read_quoted(reader, at + 1, end, &cells[i]) : read_plain(at, end, &cells[i]);
        if (at == NULL)
            return add_fault(reader, line, start, names[i], "no cell of a ledger has a line break",
                "a quote is opened and not closed in its line");
        if (at < end && *at != ',')
            return add_fault(reader, line, at, names[i], "write a quote within a cell twice",
                "text behind a closing quote");
        if (at == end && i + 1 < LEDGER_COLUMN_COUNT)
            return add_fault(reader, line, end, names[i + 1], "export the ledger anew",
                "the row has fewer cells than a ledger has columns");
        if (at == end)
            return true;
        at++;
    }
}

/* A whole number from 1, in plain decimal. */
static bool
read_number(struct ledger_cell cell, int64_t *number)
{
    int64_t value = 0;
    if (cell.length == 0 || cell.length > 18 || cell.bytes[0] == '0')
        return false;
    for (size_t i = 0; i < cell.length; i++) {
        if (cell.bytes[i] < '0' || cell.bytes[i] > '9')
            return false;
        value = value * 10 + (cell.bytes[i] - '0');
    }
    *number = value;
    return true;
}

/* Where the cell begins in its line, as near as the file still tells. */
static const char *
place_of(const struct ledger_cell *cell, const char *line, const char *end)
{
    return cell->bytes >= line && cell->bytes <= end ? cell->bytes : line;
}

/* Is it UTF-8 without a NUL? Nearly every row is ASCII, which is told eight bytes at a time. */
static bool
is_text(const char *bytes, size_t length)
{
    uint64_t high = 0, word;
    size_t at = 0;
    for (; at + sizeof word <= length; at += sizeof word) {
        memcpy(&word, bytes + at, sizeof word);
        high |= word | (word - UINT64_C(0x0101010101010101));
    }
    for (; at < length; at++)
        high |= (unsigned char)bytes[at] | ((unsigned char)bytes[at] - UINT64_C(1));
    return (high & UINT64_C(0x8080808080808080)) == 0 || text_is_utf8(bytes, length);
}

static bool
read_row(struct ledger_reader *reader, const char *line, const char *end, struct ledger_row *row)
{
    static const enum ledger_column numbers[] = {LEDGER_POSITION, LEDGER_PROTOCOL_VERSION};
    int64_t *values[] = {&row->position, &row->protocol_version};
    row->line = reader->line;
    if (end - line > LEDGER_ROW_MAX)
        return add_fault(reader, line, line, "", "export the ledger anew",
            "the row is longer than a row of a ledger can be");
    if (!cut(reader, line, end, row->cells))
        return false;
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        if (!read_number(row->cells[numbers[i]], values[i]))
            return add_fault(reader, line, place_of(&row->cells[numbers[i]], line, end),
                names[numbers[i]], "a whole number from 1", "is not a number that rctd gives");
    if (!is_text(line, (size_t)(end - line)))
        return add_fault(
            reader, line, line, "", "export the ledger anew", "the row is not UTF-8 text");
    return true;
}

/* Takes the next line that is not empty; false at the end of the file. */
static bool
take_line(struct ledger_reader *reader, const char **line, const char **end)
{
    while (reader->at < reader->size) {
        *line = reader->bytes + reader->at;
        *end = line_end(reader);
        reader->at = (size_t)(*end - reader->bytes) + 1;
        if (reader->at > reader->size)
            reader->at = reader->size;
        reader->line++;
        if (*end > *line && (*end)[-1] == '\r')
            (*end)--;
        if (*end > *line)
            return true;
    }
    return false;
}

static bool
is_header(const struct ledger_cell *cells)
{
    for (size_t i = 0; i < LEDGER_COLUMN_COUNT; i++)
        if (!ledger_cell_is(cells[i], names[i]))
            return false;
    return true;
}

bool
ledger_open(struct ledger_reader *reader, const char *bytes, size_t size, struct faults *faults)
{
    static const char mark[] = "\xef\xbb\xbf";
    struct ledger_cell cells[LEDGER_COLUMN_COUNT];
    const char *line, *end;
    *reader = (struct ledger_reader){.bytes = bytes, .size = size};
    reader->unquoted = memory_get(LEDGER_ROW_MAX);
    if (size >= sizeof mark - 1 && memcmp(bytes, mark, sizeof mark - 1) == 0)
        reader->at = sizeof mark - 1;
    /* Whatever is wrong with the first line, it is that it is no header. */
    bool found = take_line(reader, &line, &end) && end - line <= LEDGER_ROW_MAX &&
                 cut(reader, line, end, cells) && is_header(cells);
    reader->faults = faults;
    if (!found && faults != NULL)
        faults_add(faults, "", 1, 1,
            "give the file that `rctctl ledger export' wrote, as it is: UTF-8, with commas",
            "the first line does not name the columns of a ledger");
    return found;
}

bool
ledger_next(struct ledger_reader *reader, struct ledger_row *row)
{
    const char *line, *end;
    while (take_line(reader, &line, &end))
        if (read_row(reader, line, end, row))
            return true;
    return false;
}

void
ledger_close(struct ledger_reader *reader)
{
    free(reader->unquoted);
    reader->unquoted = NULL;
}
