/*
 * fuzz_expr.c: whatever stands in an expression, parsing ends with a tree or with faults inside the
 * text, and a tree gives one of three answers, the same each time.
 */
#include "require.h"

#include "trial/expr.h"

#include <stdint.h>
#include <string.h>

static const char *const levels[] = {"public", "private", "10-49"};
static const struct expr_name known[] = {
    {.name = "employees", .kind = EXPR_NUMBER},
    {.name = "shift", .kind = EXPR_BOOLEAN},
    {.name = "sector", .kind = EXPR_LEVELS, .levels = levels, .level_count = 3},
    {.name = "occupation", .kind = EXPR_TEXT},
};

/* A value for every name, or none for those that the context's text holds. */
static const char *
value_of(const void *context, const char *name)
{
    if (strstr(context, name) != NULL)
        return NULL;
    if (strcmp(name, "shift") == 0)
        return "true";
    return strcmp(name, "sector") == 0 ? "public" : "25";
}

static void
evaluate(const struct expr *expr, const char *unknown)
{
    struct expr_values values = {.value = value_of, .context = unknown};
    enum expr_truth truth = expr_evaluate(expr, &values);
    require(truth == EXPR_NO || truth == EXPR_YES || truth == EXPR_UNKNOWN);
    require(truth == expr_evaluate(expr, &values));
}

static void
count_name(void *count, const char *name)
{
    require(name[0] != '\0');
    ++*(size_t *)count;
}

static void
parse(struct arena *arena, const char *text, bool open)
{
    struct expr_names names = {.items = known, .count = open ? 0 : 4, .open = open};
    struct expr_place place = {.pointer = "rule", .line = 1, .column = 1, .exact = true};
    struct faults faults;
    faults_init(&faults, arena);
    const struct expr *expr = expr_parse(arena, text, &names, &place, &faults);
    require((expr != NULL) == (faults.total == 0));
    for (size_t i = 0; i < faults.count; i++)
        require(faults.items[i].column >= 1 && faults.items[i].column <= strlen(text) + 2);
    if (expr == NULL)
        return;
    size_t count = 0;
    expr_visit_names(expr, count_name, &count);
    require(count > 0);
    evaluate(expr, "");
    evaluate(expr, "employees");
    evaluate(expr, "shift sector");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena *arena = arena_new();
    const char *text = arena_strndup(arena, (const char *)bytes, size);
    parse(arena, text, false);
    parse(arena, text, true);
    arena_free(arena);
    return 0;
}
