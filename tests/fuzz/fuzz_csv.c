/*
 * fuzz_csv.c: whatever bytes a coordinator sends as a table, reading them ends with rows or with
 * faults, and what was read is written and read back the same.
 */
#include "require.h"

#include "base/csv.h"

#include <stdint.h>
#include <string.h>

/* Would writing put an apostrophe before it? Then it does not come back the same. */
static bool
may_be_formula(const struct csv_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        if (row->cells[i].text[0] != '\0' && strchr("=+-@\t\r", row->cells[i].text[0]) != NULL)
            return true;
    return false;
}

static void
write_row(struct csv_writer *writer, const struct csv_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        csv_write(writer, row->cells[i].text);
    csv_end_row(writer);
}

static void
check_row(const struct csv_row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        const char *text = row->cells[i].text;
        require(text_is_utf8(text, strlen(text)));
        require(row->cells[i].line >= row->line && row->cells[i].column >= 1);
    }
}

static void
check_same(const struct csv_row *a, const struct csv_row *b)
{
    require(a->count == b->count);
    for (size_t i = 0; i < a->count; i++)
        require(strcmp(a->cells[i].text, b->cells[i].text) == 0);
}

/* Behind blank lines these were cells; in front they are a byte order mark, or name a workbook. */
static bool
begins_as_another_file(const struct text *text)
{
    return strncmp(text->bytes, "\xef\xbb\xbf", 3) == 0 || strncmp(text->bytes, "PK\3\4", 4) == 0;
}

static void
check_round_trip(struct arena *arena, const struct csv *csv)
{
    struct text text;
    struct csv_writer writer;
    struct faults faults;
    struct csv again;
    bool formula = may_be_formula(&csv->header);
    text_init(&text, arena);
    csv_writer_init(&writer, &text);
    write_row(&writer, &csv->header);
    for (size_t i = 0; i < csv->count; i++) {
        formula = formula || may_be_formula(&csv->rows[i]);
        write_row(&writer, &csv->rows[i]);
    }
    if (formula || begins_as_another_file(&text))
        return;
    faults_init(&faults, arena);
    require(csv_read(arena, text.bytes, text.length, &faults, &again));
    require(again.count == csv->count);
    check_same(&csv->header, &again.header);
    for (size_t i = 0; i < csv->count; i++)
        check_same(&csv->rows[i], &again.rows[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena *arena = arena_new();
    struct faults faults;
    struct csv csv;
    faults_init(&faults, arena);
    bool ok = csv_read(arena, bytes, size, &faults, &csv);
    require(ok == (faults.total == 0));
    check_row(&csv.header);
    for (size_t i = 0; i < csv.count; i++)
        check_row(&csv.rows[i]);
    if (ok)
        check_round_trip(arena, &csv);
    arena_free(arena);
    return 0;
}
