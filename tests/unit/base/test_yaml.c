/*
 * test_yaml.c: what stands in a YAML file is found again with its place, and what people do not
 * mean to write is refused.
 */
#include "base/yaml.h"

#include "../check_main.h"
#include "base/text.h"

#include <string.h>

static struct arena *arena;
static struct faults faults;

static void
start(void)
{
    arena = arena_new();
    faults_init(&faults, arena);
}

static void
end(void)
{
    arena_free(arena);
}

/* Reads a copy of exactly this size, which is gone afterwards. */
static struct yaml_node *
read_bytes(const char *bytes, size_t size)
{
    char *copy = malloc(size == 0 ? 1 : size);
    memcpy(copy, bytes, size);
    faults_init(&faults, arena);
    struct yaml_node *root = yaml_read(arena, copy, size, &faults);
    memset(copy, 'x', size);
    free(copy);
    return root;
}

static struct yaml_node *
read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

static const char *
told(void)
{
    struct text text;
    text_init(&text, arena);
    for (size_t i = 0; i < faults.count; i++)
        text_printf(&text, "%s\n", fault_line(arena, NULL, &faults.items[i]));
    return text.bytes;
}

START_TEST(every_node_knows_its_place)
{
    const struct yaml_node *root = read_text("a: 1\n"
                                             "ö: {b: [x, \"y z\"], c: }\n"
                                             "list:\n"
                                             "  - deep: 'it''s'\n");
    ck_assert_uint_eq(faults.total, 0);
    ck_assert_int_eq(root->kind, YAML_MAP);
    ck_assert_uint_eq(root->count, 3);
    const struct yaml_node *a = yaml_get(root, "a");
    ck_assert_str_eq(a->text, "1");
    ck_assert_uint_eq(a->line, 1);
    ck_assert_uint_eq(a->column, 4);
    ck_assert_uint_eq(a->key_column, 1);
    ck_assert(!a->quoted && a->verbatim);
    const struct yaml_node *list = yaml_get(yaml_get(root, "ö"), "b");
    ck_assert_int_eq(list->kind, YAML_LIST);
    const struct yaml_node *second = list->first->next;
    ck_assert_str_eq(second->text, "y z");
    ck_assert(second->quoted && second->verbatim);
    ck_assert_uint_eq(second->line, 2);
    ck_assert_uint_eq(second->column, 12);
    ck_assert_uint_eq(second->index, 1);
    ck_assert_str_eq(yaml_path(arena, second), "ö.b[1]");
    ck_assert_str_eq(yaml_get(yaml_get(root, "ö"), "c")->text, "");
    const struct yaml_node *deep = yaml_get(yaml_get(root, "list")->first, "deep");
    ck_assert_str_eq(deep->text, "it's");
    ck_assert(!deep->verbatim);
    ck_assert_uint_eq(deep->key_line, 4);
    ck_assert_uint_eq(deep->key_column, 5);
    ck_assert_str_eq(yaml_path(arena, deep), "list[0].deep");
    ck_assert_str_eq(yaml_path(arena, root), "");
    ck_assert_ptr_null(yaml_get(root, "z"));
    ck_assert_ptr_null(yaml_get(a, "z"));
}
END_TEST

START_TEST(words_stay_the_text_that_was_written)
{
    const struct yaml_node *root = read_text(
        "country: NO\nversion: 1.10\nzero: 007\nempty: ~\nflag: yes\nfolded: >\n  a\n  b\n");
    static const char *const texts[][2] = {{"country", "NO"}, {"version", "1.10"}, {"zero", "007"},
        {"empty", "~"}, {"flag", "yes"}, {"folded", "a b\n"}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        ck_assert_str_eq(yaml_get(root, texts[i][0])->text, texts[i][1]);
    ck_assert(!yaml_get(root, "folded")->verbatim);
}
END_TEST

static const struct {
    const char *text;
    const char *told;
} refused[] = {
    {"a: &x 1\nb: *x\n",
        "1:4: a: anchors (&name) are not taken; remove it, and write the text out where it is "
        "meant\n"
        "2:4: b: aliases (*name) are not taken; write the text out where it is meant\n"},
    {"a: !!int 1\nb: !x {}\n",
        "1:4: a: tags (!name) are not taken; remove it; put the value in quotes if it is a text\n"
        "2:4: b: tags (!name) are not taken; remove it; put the value in quotes if it is a text\n"},
    {"a: 1\nb: 2\n\"a\": 3\na: 4\n",
        "3:1: a: the key `a` stands here twice, first in line 1; keep one of the two\n"
        "4:1: a: the key `a` stands here twice, first in line 3; keep one of the two\n"},
    {"a: 1\n---\nb: 2\n", "2:1: a second document starts here; keep one document in a file\n"},
    {"[a]: 1\n", "1:1: this key is not a word; write KEY: VALUE with a word as the key\n"},
    {"? {a: b}\n: 1\n", "1:3: this key is not a word; write KEY: VALUE with a word as the key\n"},
    {"*a : 1\n", "1:1: this key is not a word; write KEY: VALUE with a word as the key\n"},
    {"a: \"x\\0y\"\n", "1:4: a: a text holds a NUL character; remove the \\0\n"},
    {"a: \"\\d\"\n",
        "1:5: this escape is not known; write \\\\ for a backslash in double quotes, or "
        "use single quotes\n"},
    {"a: [1, 2\n", "2:1: a [ is not closed, or a comma is missing; write [VALUE, VALUE]\n"},
    {"a: {b: 1\n",
        "2:1: a { is not closed, or a comma is missing; write {KEY: VALUE, KEY: VALUE}\n"},
    {"a: \"open\n", "2:1: a quote is opened and never closed; close the quote\n"},
    {"a:\n  b: 1\n c: 2\n",
        "3:2: the indentation does not fit, or a quote or bracket is not closed; "
        "give all keys of one map the same indentation\n"},
    {"a: 1\nb\n", "3:1: a colon is missing behind this key; write KEY: VALUE\n"},
    {"a: - b\n",
        "1:4: a list cannot begin here; write each - on a line of its own, below its key\n"},
    {"a: 1\x01\n", "1:1: a control character stands here; remove it\n"},
    {"a: @x\n",
        "1:4: this character cannot stand here; indent with spaces, not tabs; put a text that "
        "begins with @ ` or % in quotes\n"},
};

START_TEST(what_nobody_means_to_write_is_refused)
{
    read_text(refused[_i].text);
    ck_assert_str_eq(told(), refused[_i].told);
}
END_TEST

START_TEST(the_rest_is_read_beside_what_is_refused)
{
    const struct yaml_node *root = read_text("a: *x\nb: {c: 1, c: 2}\nd: 3\n");
    ck_assert_int_eq(yaml_get(root, "a")->kind, YAML_REFUSED);
    const struct yaml_node *c = yaml_get(yaml_get(root, "b"), "c");
    ck_assert_str_eq(c->text, "1");
    ck_assert_int_eq(c->next->kind, YAML_REFUSED);
    ck_assert_str_eq(yaml_get(root, "d")->text, "3");
    ck_assert_uint_eq(faults.total, 2);
}
END_TEST

/* `depth` opened lists inside one another. */
static struct yaml_node *
read_nested(size_t depth, char open, char close)
{
    char *text = arena_alloc(arena, 2 * depth + 1);
    memset(text, open, depth);
    memset(text + depth, close, depth);
    return read_bytes(text, close == '\0' ? depth : 2 * depth);
}

START_TEST(depth_is_bounded)
{
    ck_assert_ptr_nonnull(read_nested(YAML_DEPTH_MAX, '[', ']'));
    ck_assert_uint_eq(faults.total, 0);
    ck_assert_ptr_null(read_nested(YAML_DEPTH_MAX + 1, '[', ']'));
    ck_assert_uint_eq(faults.total, 1);
    ck_assert_str_eq(faults.items[0].message, "nested too deep");
    ck_assert_uint_eq(faults.items[0].column, YAML_DEPTH_MAX + 1);
    ck_assert_ptr_null(read_nested(400000, '[', ']'));
    ck_assert_ptr_null(read_nested(400000, '[', '\0'));
    ck_assert_ptr_null(read_nested(400000, '{', '}'));
    ck_assert_uint_eq(faults.total, 1);
}
END_TEST

START_TEST(size_and_encoding_are_checked_first)
{
    char *large = malloc(YAML_SIZE_MAX + 1);
    memset(large, '\n', YAML_SIZE_MAX + 1);
    ck_assert_ptr_null(read_bytes(large, YAML_SIZE_MAX + 1));
    ck_assert_str_eq(told(), "1:1: the file has 1048577 bytes; at most 1 MiB is taken\n");
    free(large);
    static const struct {
        const char *bytes;
        size_t size;
        unsigned line;
        unsigned column;
    } broken[] = {{"a: \xff", 4, 1, 4}, {"a: 1\nb: \xc3\xb6\xc3", 11, 2, 5}, {"a: \0", 4, 1, 4},
        {"a: \xed\xa0\x80", 6, 1, 4},
        {"\xff\xfe"
         "a\0",
            4, 1, 1}};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        ck_assert_ptr_null(read_bytes(broken[i].bytes, broken[i].size));
        ck_assert_uint_eq(faults.total, 1);
        ck_assert_uint_eq(faults.items[0].line, broken[i].line);
        ck_assert_uint_eq(faults.items[0].column, broken[i].column);
    }
}
END_TEST

START_TEST(a_byte_order_mark_is_passed_over)
{
    const struct yaml_node *root = read_text("\xef\xbb\xbf"
                                             "a: 1\n");
    ck_assert_uint_eq(faults.total, 0);
    ck_assert_str_eq(yaml_get(root, "a")->text, "1");
}
END_TEST

START_TEST(many_keys_are_compared_quickly)
{
    struct text text;
    text_init(&text, arena);
    for (int i = 0; i < 60000; i++)
        text_printf(&text, "k%d: 1\n", i);
    text_append(&text, "k17: 2\n");
    const struct yaml_node *root = read_text(text.bytes);
    ck_assert_uint_eq(root->count, 60001);
    ck_assert_str_eq(told(),
        "60001:1: k17: the key `k17` stands here twice, first in line 18; keep one of the two\n");
}
END_TEST

START_TEST(an_empty_file_says_so)
{
    static const char *const texts[] = {"", "\n\n", "# a comment\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        ck_assert_ptr_null(read_text(texts[i]));
        ck_assert_str_eq(told(), "1:1: the file is empty; write KEY: VALUE lines into it\n");
    }
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("base/yaml");
    TCase *test_case = tcase_create("yaml");
    tcase_set_timeout(test_case, 60);
    tcase_add_checked_fixture(test_case, start, end);
    tcase_add_test(test_case, every_node_knows_its_place);
    tcase_add_test(test_case, words_stay_the_text_that_was_written);
    tcase_add_loop_test(test_case, what_nobody_means_to_write_is_refused, 0,
        (int)(sizeof refused / sizeof refused[0]));
    tcase_add_test(test_case, the_rest_is_read_beside_what_is_refused);
    tcase_add_test(test_case, depth_is_bounded);
    tcase_add_test(test_case, size_and_encoding_are_checked_first);
    tcase_add_test(test_case, a_byte_order_mark_is_passed_over);
    tcase_add_test(test_case, many_keys_are_compared_quickly);
    tcase_add_test(test_case, an_empty_file_says_so);
    suite_add_tcase(suite, test_case);
    return suite;
}

TEST_MAIN(make_suite)
