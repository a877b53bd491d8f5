/*
 * test_csv.c: tables as coordinators send them, and what a spreadsheet makes of those that they
 * get.
 */
#include "base/csv.h"

#include "../check_main.h"

#include <string.h>

static struct arena *arena;
static struct faults faults;
static struct csv csv;

static void
make_arena(void)
{
    arena = arena_new();
    faults_init(&faults, arena);
}

static void
free_arena(void)
{
    arena_free(arena);
}

static bool
read_bytes(const char *bytes, size_t size)
{
    /* A copy of exactly this size, so that reading behind it is found. */
    char *copy = malloc(size == 0 ? 1 : size);
    memcpy(copy, bytes, size);
    bool ok = csv_read(arena, copy, size, &faults, &csv);
    free(copy);
    return ok;
}

static bool
read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

/* Rows joined by "/", cells by "|", the header first. */
static const char *
joined(void)
{
    struct text text;
    text_init(&text, arena);
    for (size_t i = 0; i <= csv.count; i++) {
        const struct csv_row *row = i == 0 ? &csv.header : &csv.rows[i - 1];
        text_append(&text, i == 0 ? "" : "/");
        for (size_t j = 0; j < row->count; j++)
            text_printf(&text, "%s%s", j == 0 ? "" : "|", row->cells[j].text);
    }
    return text.bytes;
}

static void
check_fault(unsigned line, unsigned column, const char *says)
{
    ck_assert_uint_ge(faults.count, 1);
    const char *shown = fault_line(arena, "f.csv", &faults.items[0]);
    ck_assert_msg(strstr(shown, says) != NULL, "%s", shown);
    ck_assert_msg(faults.items[0].line == line && faults.items[0].column == column, "%s", shown);
}

START_TEST(each_delimiter_line_end_and_quote_is_understood)
{
    static const struct {
        const char *text;
        const char *table;
        char delimiter;
    } files[] = {
        {"a,b\n1,2\n", "a|b/1|2", ','},
        {"a;b\r\n1;2\r\n", "a|b/1|2", ';'},
        {"a\tb\r1\t2\r", "a|b/1|2", '\t'},
        {"a,b\n1,2", "a|b/1|2", ','},
        {"a\n1\n", "a/1", ','},
        {"a;b\n1,5;2,5\n", "a|b/1,5|2,5", ';'},
        {"a,b\n1;2,3\n", "a|b/1;2|3", ','},
        {"\"a,a,a\";b\n1;2\n", "a,a,a|b/1|2", ';'},
        {"a,b\n\"1,1\",\"2\n2\"\n", "a|b/1,1|2\n2", ','},
        {"a,b\n\"x \"\"y\"\"\",\"\"\n", "a|b/x \"y\"|", ','},
        {"a,b\n\"\"\"\",\"\"\"\"\"\"\n", "a|b/\"|\"\"", ','},
        {"a,b\nx\"y,\"z\"\n", "a|b/x\"y|z", ','},
        {"a,b\n , x \n", "a|b/ | x ", ','},
        {"a,b\n1,\n,2\n", "a|b/1|/|2", ','},
        {"\n\r\n  \na,b\n\n,\n ,\t\n1,2\n\n", "a|b/1|2", ','},
        {"a,b\n\"1\r\n1\",2\r\n3,4\r\n", "a|b/1\r\n1|2/3|4", ','},
        {"a;b,c\n1;2\n", "a|b,c/1|2", ';'},
        {"a,b", "a|b", ','},
    };
    ck_assert_msg(read_text(files[_i].text), "%s", files[_i].text);
    ck_assert_str_eq(joined(), files[_i].table);
    ck_assert_int_eq(csv.delimiter, files[_i].delimiter);
    ck_assert_uint_eq(faults.total, 0);
}
END_TEST

START_TEST(swedish_letters_survive_each_encoding)
{
    static const struct {
        const char *text;
        const char *encoding;
    } files[] = {
        {"ort,värd\nÖrebro,Å – €\n", "UTF-8"},
        {"\xef\xbb\xbfort,värd\nÖrebro,Å – €\n", "UTF-8"},
        {"ort,v\xe4rd\n\xd6rebro,\xc5 \x96 \x80\n", "WINDOWS-1252"},
    };
    ck_assert(read_text(files[_i].text));
    ck_assert_str_eq(joined(), "ort|värd/Örebro|Å – €");
    ck_assert_str_eq(csv.encoding, files[_i].encoding);
}
END_TEST

START_TEST(every_cell_knows_its_line_and_column)
{
    ck_assert(read_text("\xef\xbb\xbfåäö;b;c\r\n\r\n\"x\ny\";å;\"2\"\r\n1;2;3\r\n"));
    ck_assert_uint_eq(csv.header.cells[1].column, 5);
    ck_assert_uint_eq(csv.rows[0].line, 3);
    ck_assert_uint_eq(csv.rows[0].cells[0].line, 3);
    ck_assert_uint_eq(csv.rows[0].cells[0].column, 1);
    ck_assert_uint_eq(csv.rows[0].cells[1].line, 4);
    ck_assert_uint_eq(csv.rows[0].cells[1].column, 4);
    ck_assert_uint_eq(csv.rows[0].cells[2].column, 6);
    ck_assert_uint_eq(csv.rows[1].line, 5);
    ck_assert_uint_eq(csv.rows[1].cells[2].column, 5);
}
END_TEST

START_TEST(each_fault_is_named_with_its_place)
{
    static const struct {
        const char *text;
        unsigned line;
        unsigned column;
        const char *says;
    } files[] = {
        {"", 0, 0, "the file is empty"},
        {" \n\n;;\n", 0, 0, "the file is empty"},
        {"a,b\n1\n", 2, 2, "b: the row has 1 cells, the header 2"},
        {"a,b\n1,2\n1,2,3\n", 3, 5, "the row has 3 cells, the header 2"},
        {"a,b\n1,\"2\n3,4\n", 2, 3, "a quote is opened and never closed"},
        {"a,b\n1,\"", 2, 3, "a quote is opened and never closed"},
        {"a,b\n\"1\"x,2\n", 2, 4, "text behind a closing quote"},
        {"a,b\n\"1\" ,2\n", 2, 4, "text behind a closing quote"},
        {"a,b, A \n1,2,3\n", 1, 5, "the header has this name twice"},
        {"\xff\xfe"
         "a",
            1, 0, "UTF-16"},
        {"\xfe\xff"
         "a",
            1, 0, "UTF-16"},
        {"a,b\nå,\xe4\n", 2, 3, "a character is not UTF-8"},
        {"\xef\xbb\xbf"
         "a,b\n1,\xe4\n",
            2, 3, "a character is not UTF-8"},
        {"a,b\n1,\xe4\x81\n", 2, 0, "neither UTF-8 nor Windows-1252"},
    };
    ck_assert(!read_text(files[_i].text));
    check_fault(files[_i].line, files[_i].column, files[_i].says);
}
END_TEST

START_TEST(a_nul_byte_is_named_with_its_place)
{
    ck_assert(!read_bytes("a,b\n1,\0x\n", 9));
    check_fault(2, 3, "NUL");
}
END_TEST

START_TEST(all_faults_of_a_file_are_listed_in_the_order_of_its_lines)
{
    ck_assert(!read_text("a,b,a\n1,2\n\"1\"x,2,3\n1,2,3\n1,2,3,4\n"));
    ck_assert_uint_eq(faults.total, 4);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_uint_eq(faults.items[i].line, i + 1);
    ck_assert_uint_eq(faults.items[3].line, 5);
    ck_assert_uint_eq(csv.count, 4);
}
END_TEST

START_TEST(a_header_of_too_many_columns_is_refused)
{
    struct text text;
    text_init(&text, arena);
    for (int i = 0; i <= CSV_COLUMNS_MAX; i++)
        text_printf(&text, "c%d,", i);
    ck_assert(!read_text(text.bytes));
    check_fault(1, 0, "the most are 1000");
}
END_TEST

START_TEST(more_rows_than_are_taken_at_once_are_refused)
{
    struct text text;
    text_init(&text, arena);
    text_append(&text, "a\n");
    for (int i = 0; i < CSV_ROWS_MAX; i++)
        text_append(&text, "1\n");
    ck_assert(read_text(text.bytes));
    ck_assert_uint_eq(csv.count, CSV_ROWS_MAX);
    text_append(&text, "1\n");
    ck_assert(!read_text(text.bytes));
    check_fault(CSV_ROWS_MAX + 2, 1, "more than 200000 rows");
}
END_TEST

START_TEST(a_header_that_was_forgotten_is_not_repeated)
{
    ck_assert(read_text("name,identity\n1,2\n"));
    ck_assert(csv.named);
    ck_assert(!read_text("Anna Tell,198501012382,Anna Tell\n1,2\n"));
    ck_assert(!csv.named);
    for (size_t i = 0; i < faults.count; i++)
        ck_assert_str_eq(faults.items[i].pointer, "");
    ck_assert(read_text("a@b.example\n1\n"));
    ck_assert(!csv.named);
}
END_TEST

START_TEST(a_column_is_found_whatever_its_case)
{
    ck_assert(read_text("Organisation Number ,sector\n1,2\n"));
    ck_assert_int_eq(csv_find(&csv, "organisation number"), 0);
    ck_assert_int_eq(csv_find(&csv, " SECTOR"), 1);
    ck_assert_int_eq(csv_find(&csv, "sect"), -1);
    ck_assert_int_eq(csv_find(&csv, "sectors"), -1);
    ck_assert_int_eq(csv_find(&csv, ""), -1);
}
END_TEST

START_TEST(a_cell_is_written_so_that_no_spreadsheet_runs_or_cuts_it)
{
    static const struct {
        const char *cell;
        const char *written;
    } cells[] = {
        {"plain", "plain"},
        {"", ""},
        {NULL, ""},
        {"a,b", "\"a,b\""},
        {"a;b", "\"a;b\""},
        {"a\tb", "\"a\tb\""},
        {"a\nb", "\"a\nb\""},
        {"a\rb", "\"a\rb\""},
        {"say \"hi\"", "\"say \"\"hi\"\"\""},
        {"\"", "\"\"\"\""},
        {" x", "\" x\""},
        {"x ", "\"x \""},
        {"=1+1", "'=1+1"},
        {"=\"x\"", "\"'=\"\"x\"\"\""},
        {"+cmd", "'+cmd"},
        {"-cmd", "'-cmd"},
        {"-", "'-"},
        {"@sum", "'@sum"},
        {"\t=1", "\"'\t=1\""},
        {"\r=1", "\"'\r=1\""},
        {"-5", "-5"},
        {"+46701234567", "+46701234567"},
        {"-0.5", "-0.5"},
        {"-0,5", "\"-0,5\""},
        {"-1e-9", "-1e-9"},
        {"-5+cmd|' /C calc'!A0", "'-5+cmd|' /C calc'!A0"},
        {"-5e", "'-5e"},
        {"-.5", "'-.5"},
        {"--5", "'--5"},
        {"1=2", "1=2"},
        {"Örebro", "Örebro"},
    };
    struct text text;
    struct csv_writer writer;
    text_init(&text, arena);
    csv_writer_init(&writer, &text);
    csv_write(&writer, cells[_i].cell);
    ck_assert_str_eq(text.bytes, cells[_i].written);
}
END_TEST

START_TEST(what_is_written_reads_back)
{
    static const char *const cells[] = {"a", "b \"c\"", "d;e", "", "f\ng", " h ", "-1", "å"};
    struct text text;
    struct csv_writer writer;
    text_init(&text, arena);
    csv_writer_init(&writer, &text);
    for (int row = 0; row < 3; row++) {
        for (size_t i = 0; i < COUNT_OF(cells); i++)
            csv_write(&writer, row == 0 ? arena_printf(arena, "c%zu", i) : cells[i]);
        csv_write_number(&writer, row - 1);
        csv_end_row(&writer);
    }
    ck_assert_int_eq(text.bytes[text.length - 1], '\n');
    ck_assert(read_bytes(text.bytes, text.length));
    ck_assert_uint_eq(csv.count, 2);
    for (size_t i = 0; i < COUNT_OF(cells); i++)
        ck_assert_str_eq(csv.rows[1].cells[i].text, cells[i]);
    ck_assert_str_eq(csv.rows[1].cells[COUNT_OF(cells)].text, "1");
}
END_TEST

static Suite *
csv_suite(void)
{
    Suite *suite = suite_create("csv");
    TCase *reading = tcase_create("reading");
    tcase_add_checked_fixture(reading, make_arena, free_arena);
    tcase_add_loop_test(reading, each_delimiter_line_end_and_quote_is_understood, 0, 18);
    tcase_add_loop_test(reading, swedish_letters_survive_each_encoding, 0, 3);
    tcase_add_test(reading, every_cell_knows_its_line_and_column);
    tcase_add_loop_test(reading, each_fault_is_named_with_its_place, 0, 14);
    tcase_add_test(reading, a_nul_byte_is_named_with_its_place);
    tcase_add_test(reading, all_faults_of_a_file_are_listed_in_the_order_of_its_lines);
    tcase_add_test(reading, a_header_of_too_many_columns_is_refused);
    tcase_add_test(reading, more_rows_than_are_taken_at_once_are_refused);
    tcase_add_test(reading, a_header_that_was_forgotten_is_not_repeated);
    tcase_add_test(reading, a_column_is_found_whatever_its_case);
    suite_add_tcase(suite, reading);
    TCase *writing = tcase_create("writing");
    tcase_add_checked_fixture(writing, make_arena, free_arena);
    tcase_add_loop_test(writing, a_cell_is_written_so_that_no_spreadsheet_runs_or_cuts_it, 0, 31);
    tcase_add_test(writing, what_is_written_reads_back);
    suite_add_tcase(suite, writing);
    return suite;
}

TEST_MAIN(csv_suite)
