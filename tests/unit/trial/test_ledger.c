/*
 * test_ledger.c: every row of an export is read as it was written, and what is no row is told with
 * its place.
 */
#include "ledger_case.h"

#include "../check_main.h"

static struct ledger_reader reader;
static struct text ledger;

static void
start(void)
{
    protocol_case_start();
    text_init(&ledger, arena);
    ledger_header(&ledger);
}

static void
end(void)
{
    ledger_close(&reader);
    protocol_case_end();
}

/* Reads from memory of exactly this size, so that reading behind it is found. */
static bool
open_copy(const char *bytes, size_t size)
{
    char *copy = arena_alloc(arena, size == 0 ? 1 : size);
    memcpy(copy, bytes, size);
    return ledger_open(&reader, copy, size, &faults);
}

static const char *
cell(const struct ledger_row *row, enum ledger_column column)
{
    return ledger_cell_text(arena, row->cells[column]);
}

START_TEST(quotes_commas_and_ends_of_lines_are_read_as_they_were_meant)
{
    struct ledger_row row;
    ledger_row(&ledger, "a=b", 7, "W1", "control", "{\"\"counts\"\":[1,2]}");
    text_append(&ledger, "\r\n\n"
                         "\"t,x\",s,\"a=\"\"b\",12,W2,workplace,x,p,3,m,,,\"\",\",\",\"last\"\r\n");
    ck_assert(open_copy(ledger.bytes, ledger.length - 2));
    ck_assert(ledger_next(&reader, &row));
    ck_assert_uint_eq(row.line, 2);
    ck_assert_int_eq(row.position, 7);
    ck_assert_int_eq(row.protocol_version, 1);
    ck_assert_str_eq(cell(&row, LEDGER_DECISION), "{\"counts\":[1,2]}");
    ck_assert(ledger_cell_is(row.cells[LEDGER_ARM], "control"));
    ck_assert(!ledger_cell_is(row.cells[LEDGER_ARM], "contro"));
    ck_assert(!ledger_cell_is(row.cells[LEDGER_ARM], "controls"));
    ck_assert(ledger_next(&reader, &row));
    ck_assert_uint_eq(row.line, 5);
    ck_assert_str_eq(cell(&row, LEDGER_TRIAL), "t,x");
    ck_assert_str_eq(cell(&row, LEDGER_STRATUM), "a=\"b");
    ck_assert_str_eq(cell(&row, LEDGER_DECISION), "");
    ck_assert_str_eq(cell(&row, LEDGER_KEY), ",");
    ck_assert_str_eq(cell(&row, LEDGER_RECEIPT), "last");
    ck_assert(!ledger_next(&reader, &row));
    ck_assert_uint_eq(faults.total, 0);
    ck_assert_uint_eq(reader.at, reader.size);
}
END_TEST

START_TEST(a_byte_order_mark_is_no_fault)
{
    struct ledger_row row;
    const char *marked = arena_printf(arena, "\xef\xbb\xbf%s", ledger.bytes);
    ck_assert(open_copy(marked, strlen(marked)));
    ck_assert(!ledger_next(&reader, &row));
}
END_TEST

static const struct bad {
    const char *row;
    const char *told;
} bad_rows[] = {
    {"t,s,x\n", "2:6: position: the row has fewer cells than a ledger has columns; export the "
                "ledger anew"},
    {"t,s,,1,u,k,a,p,1,m,d,t,b,k,r,\n", "2:30: the row has more cells than a ledger has columns; "
                                        "put quotes around a cell that has a comma"},
    {"t,s,\"x,1,u,k,a,p,1,m,d,t,b,k,r\n",
        "2:5: stratum: a quote is opened and not closed in its line; no cell of a ledger has a "
        "line break"},
    {"t,s,\"x\"y,1,u,k,a,p,1,m,d,t,b,k,r\n",
        "2:8: stratum: text behind a closing quote; write a quote within a cell twice"},
    {"t,s,\xc3\xa5,0,u,k,a,p,1,m,d,t,b,k,r\n",
        "2:7: position: is not a number that rctd gives; a whole number from 1"},
    {"t,s,,9999999999999999999,u,k,a,p,1,m,d,t,b,k,r\n",
        "2:6: position: is not a number that rctd gives; a whole number from 1"},
    {"t,s,,1,u,k,a,p,1.0,m,d,t,b,k,r\n",
        "2:16: protocol_version: is not a number that rctd gives; a whole number from 1"},
    {"t,s,\xff,1,u,k,a,p,1,m,d,t,b,k,r\n",
        "2:1: the row is not UTF-8 text; export the ledger anew"},
};

START_TEST(a_line_that_is_no_row_is_told_with_its_place_and_the_next_is_read)
{
    struct ledger_row row;
    const struct bad *bad = &bad_rows[_i];
    text_append(&ledger, bad->row);
    ledger_row(&ledger, "", 1, "W1", "control", "{}");
    ck_assert(open_copy(ledger.bytes, ledger.length));
    ck_assert(ledger_next(&reader, &row));
    ck_assert_uint_eq(row.line, 3);
    ck_assert(!ledger_next(&reader, &row));
    ck_assert_str_eq(fault_lines(), arena_printf(arena, "%s\n", bad->told));
}
END_TEST

START_TEST(a_nul_byte_and_an_endless_row_are_no_rows)
{
    struct ledger_row row;
    char *zeros = arena_alloc(arena, LEDGER_ROW_MAX + 10);
    memset(zeros, 'x', LEDGER_ROW_MAX + 9);
    text_append_bytes(&ledger, "t,s,\0,1,u,k,a,p,1,m,d,t,b,k,r\n", 31);
    text_append(&ledger, zeros);
    ck_assert(open_copy(ledger.bytes, ledger.length));
    ck_assert(!ledger_next(&reader, &row));
    ck_assert_uint_eq(faults.total, 2);
    ck_assert_uint_eq(faults.items[1].line, 3);
}
END_TEST

static const char semicolons[] =
    "trial;scheme;stratum;position;unit;kind;arm;phase;protocol_version;method;decision;"
    "allocated_at;allocated_by;key;receipt\n";

static const char *const no_ledgers[] = {
    "", "\n", "trial,scheme\n", "position,arm\n1,control\n", semicolons};

START_TEST(another_file_is_told_to_be_no_ledger)
{
    ck_assert(!open_copy(no_ledgers[_i], strlen(no_ledgers[_i])));
    ck_assert_uint_eq(faults.total, 1);
    ck_assert_str_eq(
        faults.items[0].message, "the first line does not name the columns of a ledger");
}
END_TEST

static Suite *
ledger_suite(void)
{
    Suite *suite = suite_create("ledger");
    TCase *reading = tcase_create("reading");
    tcase_add_checked_fixture(reading, start, end);
    tcase_add_test(reading, quotes_commas_and_ends_of_lines_are_read_as_they_were_meant);
    tcase_add_test(reading, a_byte_order_mark_is_no_fault);
    tcase_add_loop_test(reading, a_line_that_is_no_row_is_told_with_its_place_and_the_next_is_read,
        0, COUNT_OF(bad_rows));
    tcase_add_test(reading, a_nul_byte_and_an_endless_row_are_no_rows);
    tcase_add_loop_test(reading, another_file_is_told_to_be_no_ledger, 0, COUNT_OF(no_ledgers));
    suite_add_tcase(suite, reading);
    return suite;
}

TEST_MAIN(ledger_suite)
