/*
 * test_expr.c: expressions mean what they say, also where something is not known yet, and what is
 * no expression is told where it goes wrong.
 */
#include "base/text.h"
#include "trial/expr.h"

#include "../check_main.h"

#include <string.h>

static struct arena *arena;
static struct faults faults;

static const char *const sectors[] = {"public", "private"};
static const struct expr_name known[] = {
    {.name = "employees", .kind = EXPR_NUMBER},
    {.name = "shift", .kind = EXPR_BOOLEAN},
    {.name = "night", .kind = EXPR_BOOLEAN},
    {.name = "sector", .kind = EXPR_LEVELS, .levels = sectors, .level_count = 2},
    {.name = "occupation", .kind = EXPR_TEXT},
};
static const struct expr_names names = {.items = known, .count = 5};

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

static const struct expr *
parse_with(const char *text, const struct expr_names *with)
{
    struct expr_place place = {.pointer = "rule", .line = 7, .column = 11, .exact = true};
    faults_init(&faults, arena);
    return expr_parse(arena, text, with, &place, &faults);
}

/* Values as "name=value name=value"; what is not named is not known. */
static const char *
value_in(const void *context, const char *name)
{
    const char *at = context;
    size_t length = strlen(name);
    while (at != NULL && *at != '\0') {
        if (strncmp(at, name, length) == 0 && at[length] == '=')
            return arena_strndup(arena, at + length + 1, strcspn(at + length + 1, " "));
        at = strchr(at, ' ');
        at = at == NULL ? NULL : at + 1;
    }
    return NULL;
}

static char
truth_of(const char *text, const char *values)
{
    const struct expr *expr = parse_with(text, &names);
    ck_assert_msg(expr != NULL, "%s: %s", text,
        faults.count > 0 ? fault_line(arena, NULL, &faults.items[0]) : "no fault");
    struct expr_values with = {.value = value_in, .context = values};
    return "ny?"[expr_evaluate(expr, &with)];
}

static const struct {
    const char *text;
    const char *values;
    char truth;
} evaluations[] = {
    {"employees = 10", "employees=10", 'y'},
    {"employees = 10", "employees=11", 'n'},
    {"employees = 10", "employees=010", 'y'},
    {"employees != 10", "employees=11", 'y'},
    {"employees < 10", "employees=9", 'y'},
    {"employees < 10", "employees=10", 'n'},
    {"employees <= 10", "employees=10", 'y'},
    {"employees > 10", "employees=10", 'n'},
    {"employees >= 10", "employees=10", 'y'},
    {"employees >= 10", "employees=9", 'n'},
    {"employees >= -2.5", "employees=-2.5", 'y'},
    {"employees between 18 and 66", "employees=18", 'y'},
    {"employees between 18 and 66", "employees=66", 'y'},
    {"employees between 18 and 66", "employees=67", 'n'},
    {"employees between 18 and 66 and shift", "employees=20 shift=true", 'y'},
    {"employees in (1, 2, 3)", "employees=3", 'y'},
    {"employees in (1, 2, 3)", "employees=4", 'n'},
    {"employees in (1,2,3,4,5,6,7,8,9,10,11)", "employees=11", 'y'},
    {"employees >= 10", "", '?'},
    {"employees >= 10", "employees=many", '?'},
    {"sector = public", "sector=public", 'y'},
    {"sector = 'public'", "sector=private", 'n'},
    {"sector != public", "sector=private", 'y'},
    {"sector != public", "", '?'},
    {"sector in (public, private)", "sector=private", 'y'},
    {"sector ~ '^p'", "sector=public", 'y'},
    {"occupation ~ '^[59]'", "occupation=5120", 'y'},
    {"occupation ~ '^[59]'", "occupation=2512", 'n'},
    {"occupation ~ \"it's\"", "occupation=it's", 'y'},
    {"occupation = \"and\"", "occupation=and", 'y'},
    {"shift", "shift=true", 'y'},
    {"shift", "shift=false", 'n'},
    {"shift", "", '?'},
    {"shift = yes", "shift=true", 'y'},
    {"shift != true", "shift=true", 'n'},
    {"not shift", "shift=false", 'y'},
    {"not not shift", "shift=true", 'y'},
    {"not (shift and night)", "shift=true night=false", 'y'},
    /* `and` binds closer than `or`, `not` closest. */
    {"shift or night and employees = 1", "shift=true night=false employees=2", 'y'},
    {"(shift or night) and employees = 1", "shift=true night=false employees=2", 'n'},
    {"not shift and night", "shift=true night=false", 'n'},
    {"not shift or night", "shift=true night=true", 'y'},
    /* A pattern that takes too long leaves it open. */
    {"occupation ~ '^(a+)+$'", "occupation=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
        '?'},
};

START_TEST(an_expression_means_what_it_says)
{
    ck_assert_msg(truth_of(evaluations[_i].text, evaluations[_i].values) == evaluations[_i].truth,
        "%s with %s is not %c", evaluations[_i].text, evaluations[_i].values,
        evaluations[_i].truth);
}
END_TEST

/* Kleene's tables: what is not known is neither yes nor no, and decides nothing. */
START_TEST(and_or_not_follow_three_valued_logic)
{
    static const char *const shift[] = {"shift=false", "shift=true", ""};
    static const char *const night[] = {"night=false", "night=true", ""};
    static const char both[3][4] = {"nnn", "ny?", "n??"};
    static const char either[3][4] = {"ny?", "yyy", "?y?"};
    static const char neither[4] = "yn?";
    for (int a = 0; a < 3; a++) {
        ck_assert_int_eq(truth_of("not shift", shift[a]), neither[a]);
        for (int b = 0; b < 3; b++) {
            const char *values = arena_printf(arena, "%s %s", shift[a], night[b]);
            ck_assert_int_eq(truth_of("shift and night", values), both[a][b]);
            ck_assert_int_eq(truth_of("shift or night", values), either[a][b]);
        }
    }
}
END_TEST

static const struct {
    const char *text;
    const char *told; /* all faults, joined with " / " */
} mistakes[] = {
    {"", "7:11: rule: the name of an attribute is missing here; write NAME COMPARISON VALUE, such "
         "as employees >= 10"},
    {"employes >= 10", "7:11: rule: there is no attribute `employes`; did you mean `employees`?"},
    {"colour = red", "7:11: rule: there is no attribute `colour`; known here: employees, shift, "
                     "night, sector, occupation"},
    {"employees",
        "7:11: rule: `employees` cannot stand alone; it is a number: compare it with = != "
        "< <= > >= between or in"},
    {"employees = ten",
        "7:23: rule: `employees` is compared with `ten`, which is no number; write a number"},
    {"employees ~ '1'", "7:21: rule: `employees` cannot be compared in this way; it is a number: "
                        "compare it with = != < <= > >= between or in"},
    {"sector < public",
        "7:18: rule: `sector` cannot be compared in this way; compare it with = != in or ~"},
    {"shift > 1", "7:17: rule: `shift` cannot be compared in this way; it is yes or no: write it "
                  "alone, or not before it / 7:19: rule: `shift` is yes or no, not `1`; write true "
                  "or false"},
    {"sector = publik and sector = privat",
        "7:20: rule: `sector` has no level `publik`; did you mean `public`? / 7:40: rule: `sector` "
        "has no level `privat`; did you mean `private`?"},
    {"å = 1", "7:11: rule: this character means nothing in an expression; use = != < <= > >= ~ "
              "between in and or not ( )"},
    {"occupation = 'åå' & shift",
        "7:29: rule: this character means nothing in an expression; use = != < <= > >= ~ between "
        "in and or not ( )"},
    {"occupation = 'x", "7:24: rule: a quote is opened and never closed; close it with the same "
                        "quote"},
    {"occupation ~ '['",
        "7:26: rule: this is no pattern: missing terminating ] for character class"},
    {"occupation ~ x", "7:24: rule: a pattern is missing here; write it in quotes: ~ '^[59]'"},
    {"employees between 1", "7:30: rule: the second number of between is missing; write between A "
                            "and B"},
    {"employees in 1, 2", "7:24: rule: the list of values is missing; write in (a, b)"},
    {"employees in (1 2)", "7:27: rule: the list of values is not closed; write in (a, b)"},
    {"employees in ()", "7:25: rule: a value is missing here; write a number, a level or text in "
                        "quotes"},
    {"(shift", "7:17: rule: a parenthesis is not closed; write )"},
    {"shift)", "7:16: rule: this does not belong here; join comparisons with and or or"},
    {"shift night", "7:17: rule: this does not belong here; join comparisons with and or or"},
    {"shift and", "7:20: rule: the name of an attribute is missing here; write NAME COMPARISON "
                  "VALUE, such as employees >= 10"},
    {"10 < employees", "7:11: rule: there is no attribute `10`; known here: employees, shift, "
                       "night, sector, occupation"},
};

START_TEST(a_mistake_is_told_at_its_character)
{
    ck_assert_ptr_null(parse_with(mistakes[_i].text, &names));
    struct text told;
    text_init(&told, arena);
    for (size_t i = 0; i < faults.count; i++)
        text_printf(&told, "%s%s", i > 0 ? " / " : "", fault_line(arena, NULL, &faults.items[i]));
    ck_assert_str_eq(told.bytes, mistakes[_i].told);
}
END_TEST

/* `count` times the part, around or before "shift". */
static const char *
repeated(const char *part, size_t count, const char *last)
{
    struct text text;
    text_init(&text, arena);
    for (size_t i = 0; i < count; i++)
        text_append(&text, part);
    text_append(&text, last);
    return text.bytes;
}

START_TEST(depth_and_length_are_bounded)
{
    ck_assert_ptr_nonnull(parse_with(repeated("not ", EXPR_DEPTH_MAX, "shift"), &names));
    ck_assert_ptr_null(parse_with(repeated("not ", EXPR_DEPTH_MAX + 1, "shift"), &names));
    ck_assert_str_eq(faults.items[0].message, "nested too deep");
    ck_assert_ptr_null(parse_with(repeated("(", 500, ""), &names));
    ck_assert_ptr_nonnull(parse_with(repeated("shift or ", 100, "shift"), &names));
    ck_assert_ptr_null(parse_with(repeated("shift or ", 120, "shift"), &names));
    ck_assert_str_eq(faults.items[0].message, "the expression is too long");
    /* Depth is of what is open at once, not of how much there is. */
    ck_assert_ptr_nonnull(parse_with(repeated("(shift) and ", 60, "shift"), &names));
}
END_TEST

START_TEST(measurements_are_declared_by_their_use)
{
    struct expr_names open = {.open = true};
    const struct expr *expr = parse_with("systolic >= 180 or diastolic >= 110", &open);
    ck_assert_ptr_nonnull(expr);
    struct expr_values high = {.value = value_in, .context = "systolic=120 diastolic=115"};
    struct expr_values half = {.value = value_in, .context = "systolic=120"};
    ck_assert_int_eq(expr_evaluate(expr, &high), EXPR_YES);
    ck_assert_int_eq(expr_evaluate(expr, &half), EXPR_UNKNOWN);
    ck_assert_ptr_null(parse_with("systolic", &open));
    ck_assert_ptr_null(parse_with("systolic ~ '1'", &open));
}
END_TEST

START_TEST(a_place_that_is_not_exact_keeps_its_column)
{
    struct expr_place place = {.pointer = "rule", .line = 7, .column = 11, .exact = false};
    ck_assert_ptr_null(expr_parse(arena, "shift and and", &names, &place, &faults));
    ck_assert_uint_eq(faults.items[0].column, 11);
}
END_TEST

static void
collect(void *context, const char *name)
{
    text_printf(context, "%s ", name);
}

START_TEST(its_names_are_visited_in_order)
{
    struct text visited;
    text_init(&visited, arena);
    const struct expr *expr =
        parse_with("not shift and (employees > 3 or sector = public) and shift", &names);
    expr_visit_names(expr, collect, &visited);
    ck_assert_str_eq(visited.bytes, "shift employees sector shift ");
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("trial/expr");
    TCase *test_case = tcase_create("expressions");
    tcase_add_checked_fixture(test_case, start, end);
    tcase_add_loop_test(test_case, an_expression_means_what_it_says, 0,
        (int)(sizeof evaluations / sizeof evaluations[0]));
    tcase_add_test(test_case, and_or_not_follow_three_valued_logic);
    tcase_add_loop_test(test_case, a_mistake_is_told_at_its_character, 0,
        (int)(sizeof mistakes / sizeof mistakes[0]));
    tcase_add_test(test_case, depth_and_length_are_bounded);
    tcase_add_test(test_case, measurements_are_declared_by_their_use);
    tcase_add_test(test_case, a_place_that_is_not_exact_keeps_its_column);
    tcase_add_test(test_case, its_names_are_visited_in_order);
    suite_add_tcase(suite, test_case);
    return suite;
}

TEST_MAIN(make_suite)
