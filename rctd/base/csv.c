/*
 * csv.c: reads a table in three steps (encoding, delimiter, cells) and writes cells with their
 * quotes. The cells of a table point into one copy of the file, from which quotes are taken out in
 * place.
 */
#include "base/csv.h"

#include <iconv.h>
#include <string.h>

#define NAME_DIGITS_MAX 5

static const char byte_order_mark[] = "\xef\xbb\xbf";

struct reader {
    struct arena *arena;
    struct faults *faults;
    char *bytes; /* `size` of UTF-8, and a NUL behind them */
    size_t size;
    size_t at;
    unsigned line;
    unsigned column;
    char delimiter;
    struct csv_cell *cells; /* of the row that is being read */
    size_t count;
    size_t capacity;
};

/* Moves over one byte. The column counts characters; CRLF is one line end. */
static void
step(struct reader *reader)
{
    char byte = reader->bytes[reader->at++];
    bool crlf = byte == '\r' && reader->bytes[reader->at] == '\n';
    if ((byte == '\n' || byte == '\r') && !crlf) {
        reader->line++;
        reader->column = 1;
    } else if (((unsigned char)byte & 0xc0) != 0x80 && !crlf) {
        reader->column++;
    }
}

/* The reader's place at a byte of its text, from the start. */
static void
place_at(struct reader *reader, size_t at)
{
    reader->at = 0;
    reader->line = 1;
    reader->column = 1;
    while (reader->at < at)
        step(reader);
}

static bool
is_line_end(char byte)
{
    return byte == '\n' || byte == '\r';
}

static bool
has_utf16_mark(const unsigned char *bytes, size_t size)
{
    return size >= 2 &&
           ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff));
}

static bool
is_ascii(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)bytes[i] >= 0x80)
            return false;
    return true;
}

/* Windows-1252 has ISO 8859-1's letters, and the dashes and quotes that spreadsheets write. */
static bool
from_windows(struct reader *reader)
{
    iconv_t converter = iconv_open("UTF-8", "WINDOWS-1252");
    if (converter == (iconv_t)-1) {
        faults_add(reader->faults, "", 0, 0, "save the file as CSV UTF-8", "the text is not UTF-8");
        return false;
    }
    char *from = reader->bytes;
    size_t from_left = reader->size;
    size_t room = reader->size * 3; /* a byte becomes three at most */
    char *converted = arena_alloc(reader->arena, room + 1);
    char *to = converted;
    bool ok = iconv(converter, &from, &from_left, &to, &room) != (size_t)-1;
    iconv_close(converter);
    if (!ok) {
        place_at(reader, (size_t)(from - reader->bytes));
        faults_add(reader->faults, "", reader->line, 0, "save the file as CSV UTF-8",
            "a character is neither UTF-8 nor Windows-1252");
        return false;
    }
    *to = '\0';
    reader->bytes = converted;
    reader->size = (size_t)(to - converted);
    return true;
}

/* Makes the text UTF-8 without a byte order mark. */
static bool
decode(struct reader *reader, struct csv *csv)
{
    bool marked = reader->size >= 3 && memcmp(reader->bytes, byte_order_mark, 3) == 0;
    csv->encoding = "UTF-8";
    if (has_utf16_mark((const unsigned char *)reader->bytes, reader->size)) {
        faults_add(reader->faults, "", 1, 0, "save the file as CSV UTF-8", "the text is UTF-16");
        return false;
    }
    if (reader->size >= 4 && memcmp(reader->bytes, "PK\3\4", 4) == 0) {
        faults_add(reader->faults, "", 1, 0, "save it from there as CSV UTF-8",
            "this is the workbook of a spreadsheet program (.xlsx or .ods), not a CSV file");
        return false;
    }
    const char *nul = memchr(reader->bytes, '\0', reader->size);
    if (nul != NULL) {
        place_at(reader, (size_t)(nul - reader->bytes));
        faults_add(reader->faults, "", reader->line, reader->column, "save the file as CSV UTF-8",
            "a NUL byte: this is not text");
        return false;
    }
    if (marked) {
        reader->bytes += 3;
        reader->size -= 3;
    }
    size_t foreign = text_utf8_prefix(reader->bytes, reader->size);
    if (foreign == reader->size)
        return true;
    if (marked || !is_ascii(reader->bytes, foreign)) {
        place_at(reader, foreign);
        faults_add(reader->faults, "", reader->line, reader->column, "save the file as CSV UTF-8",
            "a character is not UTF-8, though those before it are");
        return false;
    }
    csv->encoding = "WINDOWS-1252";
    return from_windows(reader);
}

/* Of the candidates outside quotes in the first line with text, the most frequent; a semicolon is
 * less likely than a comma to stand within a name. */
static char
find_delimiter(const struct reader *reader)
{
    static const char candidates[] = ";\t,";
    size_t counts[sizeof candidates - 1] = {0};
    bool quoted = false;
    bool text = false;
    for (size_t at = 0; at < reader->size; at++) {
        char byte = reader->bytes[at];
        if (is_line_end(byte) && !quoted && text)
            break;
        if (byte == '"')
            quoted = !quoted;
        const char *candidate = quoted ? NULL : strchr(candidates, byte);
        if (candidate != NULL)
            counts[candidate - candidates]++;
        else if (byte != ' ' && !is_line_end(byte))
            text = true;
    }
    size_t best = 0;
    for (size_t i = 1; i < COUNT_OF(counts); i++)
        if (counts[i] > counts[best])
            best = i;
    return counts[best] == 0 ? ',' : candidates[best];
}

static bool
at_cell_end(const struct reader *reader)
{
    return reader->at == reader->size || reader->bytes[reader->at] == reader->delimiter ||
           is_line_end(reader->bytes[reader->at]);
}

/* Reads behind the opening quote; the text is moved to where it began. False: the file ended. */
static bool
read_quoted(struct reader *reader, size_t *end)
{
    step(reader);
    while (reader->at < reader->size) {
        char byte = reader->bytes[reader->at];
        step(reader);
        if (byte == '"' && reader->bytes[reader->at] != '"')
            return true;
        if (byte == '"')
            step(reader);
        reader->bytes[(*end)++] = byte;
    }
    return false;
}

static void
read_cell(struct reader *reader)
{
    size_t start = reader->at;
    size_t end = start;
    struct csv_cell cell = {.line = reader->line, .column = reader->column};
    if (reader->bytes[start] == '"') {
        if (!read_quoted(reader, &end))
            faults_add(reader->faults, "", cell.line, cell.column,
                "end the cell with a double quote", "a quote is opened and never closed");
        else if (!at_cell_end(reader))
            faults_add(reader->faults, "", reader->line, reader->column,
                "write a double quote within a cell twice", "text behind a closing quote");
    }
    while (!at_cell_end(reader)) {
        reader->bytes[end++] = reader->bytes[reader->at];
        step(reader);
    }
    cell.text =
        end == start ? "" : arena_strndup(reader->arena, reader->bytes + start, end - start);
    reader->cells = arena_grow(
        reader->arena, reader->cells, reader->count, &reader->capacity, sizeof *reader->cells);
    reader->cells[reader->count++] = cell;
}

static bool
row_has_text(const struct reader *reader)
{
    for (size_t i = 0; i < reader->count; i++)
        if (!text_is_empty(reader->cells[i].text))
            return true;
    return false;
}

/* The next row with text, in the arena; `*end` is the column behind it. False at the file's end. */
static bool
read_row(struct reader *reader, struct csv_row *row, unsigned *end)
{
    do {
        if (reader->at == reader->size)
            return false;
        row->line = reader->line;
        reader->count = 0;
        read_cell(reader);
        while (reader->at < reader->size && reader->bytes[reader->at] == reader->delimiter) {
            step(reader);
            read_cell(reader);
        }
        *end = reader->column;
        unsigned line = reader->line;
        while (reader->at < reader->size && reader->line == line)
            step(reader);
    } while (!row_has_text(reader));
    row->count = reader->count;
    row->cells = arena_array(reader->arena, row->count, sizeof *row->cells);
    memcpy(row->cells, reader->cells, row->count * sizeof *row->cells);
    return true;
}

/* Is the text one that cannot tell of a person? */
static bool
is_name(const char *text)
{
    size_t digits = 0;
    for (; *text != '\0'; text++) {
        digits += *text >= '0' && *text <= '9';
        if (digits > NAME_DIGITS_MAX || *text == '@')
            return false;
    }
    return true;
}

static bool
holds_names(const struct csv_row *header)
{
    for (size_t i = 0; i < header->count; i++)
        if (!is_name(header->cells[i].text))
            return false;
    return true;
}

static void
check_header(const struct csv *csv, struct faults *faults)
{
    const struct csv_row *header = &csv->header;
    if (header->count > CSV_COLUMNS_MAX) {
        faults_add(faults, "", header->line, 0, NULL, "the header has %zu columns, the most are %d",
            header->count, CSV_COLUMNS_MAX);
        return;
    }
    struct csv before = {.header = {.cells = header->cells}};
    for (size_t i = 0; i < header->count; i++) {
        const struct csv_cell *cell = &header->cells[i];
        before.header.count = i;
        if (!text_is_empty(cell->text) && csv_find(&before, cell->text) >= 0)
            faults_add(faults, csv->named ? cell->text : NULL, cell->line, cell->column,
                "give each column its own name", "the header has this name twice");
    }
}

static void
check_length(const struct csv *csv, const struct csv_row *row, unsigned end, struct faults *faults)
{
    const struct csv_row *header = &csv->header;
    if (row->count < header->count)
        faults_add(faults, csv->named ? header->cells[row->count].text : NULL, row->line, end, NULL,
            "the row has %zu cells, the header %zu", row->count, header->count);
    else if (row->count > header->count)
        faults_add(faults, "", row->cells[header->count].line, row->cells[header->count].column,
            "put quotes around a cell that contains the delimiter",
            "the row has %zu cells, the header %zu", row->count, header->count);
}

bool
csv_read(
    struct arena *arena, const void *bytes, size_t size, struct faults *faults, struct csv *csv)
{
    size_t faults_before = faults->total;
    size_t capacity = 0;
    struct csv_row row;
    unsigned end;
    struct reader reader = {.arena = arena, .faults = faults, .size = size};
    *csv = (struct csv){.delimiter = ','};
    reader.bytes = arena_strndup(arena, bytes, size);
    if (!decode(&reader, csv))
        return false;
    place_at(&reader, 0);
    csv->delimiter = reader.delimiter = find_delimiter(&reader);
    if (!read_row(&reader, &csv->header, &end)) {
        faults_add(faults, "", 0, 0, "the first line names the columns", "the file is empty");
        return false;
    }
    csv->named = holds_names(&csv->header);
    check_header(csv, faults);
    while (read_row(&reader, &row, &end)) {
        if (csv->count == CSV_ROWS_MAX) {
            faults_add(faults, "", row.line, 1, "split it into several files",
                "the file has more than %d rows", CSV_ROWS_MAX);
            break;
        }
        check_length(csv, &row, end, faults);
        csv->rows = arena_grow(arena, csv->rows, csv->count, &capacity, sizeof *csv->rows);
        csv->rows[csv->count++] = row;
    }
    faults_sort(faults);
    return faults->total == faults_before;
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Equal apart from ASCII case and white space at the ends? */
static bool
same_name(const char *a, const char *b)
{
    a += strspn(a, " \t");
    b += strspn(b, " \t");
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return text_is_empty(a) && text_is_empty(b);
}

int
csv_find(const struct csv *csv, const char *name)
{
    for (size_t i = 0; i < csv->header.count; i++)
        if (same_name(csv->header.cells[i].text, name))
            return (int)i;
    return -1;
}
