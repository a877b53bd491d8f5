/*
 * simulate_design.c: which parameters a method needs and takes is one row of a table, as in the
 * protocol's reader; what they may be is the design's own check.
 */
#include "cli/design/simulate_design.h"

#include "base/nearest.h"
#include "base/text.h"
#include "cli/design/simulate_factors.h"
#include "cli/design/simulate_value.h"
#include "trial/design/design.h"

#include <string.h>

#define PARAMETERS_MAX 8
#define BLOCKS_MAX 100

const char *const simulate_parameters[SIMULATE_PARAMETERS] = {"blocks", "limit", "p", "size",
    "alpha", "beta", "length", "balanced-end", "factors", "levels", "measure", "form", "ranked",
    "ratio"};

struct method_row {
    enum protocol_method method;
    const char *needs[PARAMETERS_MAX];
    const char *takes[PARAMETERS_MAX];
};

static const struct method_row method_rows[] = {
    {METHOD_SIMPLE, {NULL}, {NULL}},
    {METHOD_PERMUTED_BLOCK, {"blocks"}, {NULL}},
    {METHOD_BIASED_COIN, {"p"}, {NULL}},
    {METHOD_BIG_STICK, {"limit"}, {NULL}},
    {METHOD_BIASED_COIN_LIMIT, {"limit", "p"}, {NULL}},
    {METHOD_BLOCK_URN, {"size"}, {NULL}},
    {METHOD_URN, {"alpha", "beta"}, {NULL}},
    {METHOD_MAXIMAL, {"limit"}, {"length", "balanced-end"}},
    {METHOD_MINIMISATION, {NULL}, {"factors", "levels", "measure", "form", "p", "ranked"}},
};

const struct simulate_given *
simulate_find(const struct simulate_asked *asked, const char *name)
{
    for (size_t i = 0; i < asked->count; i++)
        if (strcmp(asked->given[i].name, name) == 0)
            return &asked->given[i];
    return NULL;
}

static bool
is_listed(const char *const list[PARAMETERS_MAX], const char *name)
{
    for (size_t i = 0; i < PARAMETERS_MAX && list[i] != NULL; i++)
        if (strcmp(list[i], name) == 0)
            return true;
    return false;
}

static const struct method_row *
find_method(struct session *session, const char *name)
{
    const char *names[COUNT_OF(method_rows)];
    for (size_t i = 0; i < COUNT_OF(method_rows); i++) {
        names[i] = protocol_method_name(method_rows[i].method);
        if (strcmp(names[i], name) == 0)
            return &method_rows[i];
    }
    error_set(&session->error, ERROR_MALFORMED, "--method",
        "there is no method `%s' to simulate: %s", name,
        nearest_remedy(session->arena, name, names, COUNT_OF(names)));
    return NULL;
}

/* "--limit" or "--length, --balanced-end"; NULL where there are none. */
static const char *
list_parameters(struct arena *arena, const struct method_row *row)
{
    struct text text;
    text_init(&text, arena);
    for (size_t i = 0; i < PARAMETERS_MAX && row->needs[i] != NULL; i++)
        text_printf(&text, "%s--%s", text.length > 0 ? ", " : "", row->needs[i]);
    for (size_t i = 0; i < PARAMETERS_MAX && row->takes[i] != NULL; i++)
        text_printf(&text, "%s--%s", text.length > 0 ? ", " : "", row->takes[i]);
    return text.length > 0 ? text.bytes : NULL;
}

/* Names a parameter that the method lacks, or one that means nothing to it. */
static bool
check_given(
    struct session *session, const struct simulate_asked *asked, const struct method_row *row)
{
    for (size_t i = 0; i < PARAMETERS_MAX && row->needs[i] != NULL; i++)
        if (simulate_find(asked, row->needs[i]) == NULL)
            return error_set(&session->error, ERROR_MALFORMED, row->needs[i],
                "the method %s needs --%s", asked->method, row->needs[i]);
    for (size_t i = 0; i < asked->count; i++) {
        const char *name = asked->given[i].name;
        const char *takes = list_parameters(session->arena, row);
        if (strcmp(name, "ratio") != 0 && !is_listed(row->needs, name) &&
            !is_listed(row->takes, name))
            return error_set(&session->error, ERROR_MALFORMED, name,
                "--%s means nothing to the method %s, which takes %s", name, asked->method,
                takes == NULL ? "--ratio only" : takes);
    }
    return true;
}

static bool
read_ratio(
    struct session *session, const struct simulate_asked *asked, struct protocol_scheme *scheme)
{
    static const struct simulate_given equal = {"ratio", "1:1"};
    const struct simulate_given *given = simulate_find(asked, "ratio");
    unsigned *ratio;
    size_t arms;
    given = given == NULL ? &equal : given;
    if (!simulate_wholes(session, given, ':', PROTOCOL_ARMS_MAX, &ratio, &arms))
        return false;
    if (arms < 2)
        return error_set(&session->error, ERROR_MALFORMED, "--ratio",
            "--ratio cannot be `%s': give a number for each of two arms or more, such as 2:1",
            given->value);
    for (size_t i = 0; i < arms; i++) {
        if (ratio[i] > 1000)
            return error_set(&session->error, ERROR_MALFORMED, "--ratio",
                "--ratio cannot be `%s': an arm's number is 1 to 1000", given->value);
        scheme->ratio[i] = ratio[i];
        scheme->ratio_sum += ratio[i];
    }
    return true;
}

/* A whole number where it is given. */
static bool
read_whole(struct session *session, const struct simulate_asked *asked, const char *name,
    long long low, unsigned *value)
{
    const struct simulate_given *given = simulate_find(asked, name);
    long long read;
    if (given == NULL)
        return true;
    if (!simulate_whole(session, given, low, 100000, &read))
        return false;
    *value = (unsigned)read;
    return true;
}

static bool
read_words(
    struct session *session, const struct simulate_asked *asked, struct protocol_design *design)
{
    static const char *const measures[] = {"range", "variance", "sd", "marginal"};
    static const char *const forms[] = {"plain", "biased-coin", "ranked"};
    const struct simulate_given *measure = simulate_find(asked, "measure");
    const struct simulate_given *form = simulate_find(asked, "form");
    const struct simulate_given *ranked = simulate_find(asked, "ranked");
    size_t place = MEASURE_RANGE;
    if (measure != NULL && !simulate_word(session, measure, measures, COUNT_OF(measures), &place))
        return false;
    design->measure = (enum protocol_measure)place;
    place = ranked == NULL ? FORM_PLAIN : FORM_RANKED;
    if (form != NULL && !simulate_word(session, form, forms, COUNT_OF(forms), &place))
        return false;
    design->form = (enum protocol_preference)place;
    if ((design->form == FORM_RANKED) != (ranked != NULL))
        return error_set(&session->error, ERROR_MALFORMED, "--ranked",
            "the form ranked and --ranked belong together: give --ranked 0.6,0.3,0.1 or another "
            "form");
    return ranked == NULL || simulate_numbers(session, ranked, ',', PROTOCOL_ARMS_MAX,
                                 &design->ranked, &design->ranked_count);
}

/* Ranked probabilities fall and add up to 1, as the protocol's do. */
static bool
check_ranked(struct session *session, const struct protocol_design *design)
{
    double sum = 0;
    bool falling = true;
    for (size_t i = 0; i < design->ranked_count; i++) {
        sum += design->ranked[i];
        falling = falling && (i == 0 || design->ranked[i] <= design->ranked[i - 1]);
    }
    if (design->form != FORM_RANKED || (falling && sum > 1 - 1e-9 && sum < 1 + 1e-9))
        return true;
    return error_set(&session->error, ERROR_MALFORMED, "--ranked",
        "the probabilities of --ranked must fall and add up to 1; these add up to %.6g", sum);
}

static bool
read_minimisation(
    struct session *session, const struct simulate_asked *asked, struct simulate_design *design)
{
    const struct simulate_given *factors = simulate_find(asked, "factors");
    const struct simulate_given *levels = simulate_find(asked, "levels");
    struct protocol_design *parameters = &design->scheme.design;
    if ((factors == NULL) == (levels == NULL))
        return error_set(&session->error, ERROR_MALFORMED, "--levels",
            "the method minimisation needs its factors, one way or the other: --levels 2,3 or "
            "--factors sex=0.6/0.4,age=1/1/1");
    if (!read_words(session, asked, parameters) || !check_ranked(session, parameters))
        return false;
    if (parameters->form != FORM_RANKED && simulate_find(asked, "p") == NULL)
        return error_set(&session->error, ERROR_MALFORMED, "--p",
            "the method minimisation needs --p, or --ranked");
    return levels != NULL ? simulate_factors_by_levels(session, levels, design)
                          : simulate_factors_by_names(session, factors, design);
}

static bool
read_design(
    struct session *session, const struct simulate_asked *asked, struct simulate_design *design)
{
    struct protocol_design *parameters = &design->scheme.design;
    const struct simulate_given *blocks = simulate_find(asked, "blocks");
    const struct simulate_given *p = simulate_find(asked, "p");
    if (!read_ratio(session, asked, &design->scheme) ||
        (blocks != NULL && !simulate_wholes(session, blocks, ',', BLOCKS_MAX, &parameters->blocks,
                               &parameters->block_count)) ||
        (p != NULL && !simulate_number(session, p, &parameters->p)) ||
        !read_whole(session, asked, "limit", 1, &parameters->limit) ||
        !read_whole(session, asked, "size", 1, &parameters->size) ||
        !read_whole(session, asked, "alpha", 0, &parameters->alpha) ||
        !read_whole(session, asked, "beta", 1, &parameters->beta) ||
        !read_whole(session, asked, "length", 2, &parameters->length))
        return false;
    parameters->balanced_end = simulate_find(asked, "balanced-end") != NULL;
    return design->scheme.method != METHOD_MINIMISATION ||
           read_minimisation(session, asked, design);
}

/* "big-stick limit=3" */
static const char *
make_label(struct arena *arena, const struct simulate_asked *asked)
{
    struct text text;
    text_init(&text, arena);
    text_append(&text, asked->method);
    for (size_t i = 0; i < asked->count; i++) {
        const struct simulate_given *given = &asked->given[i];
        if (strcmp(given->name, "ratio") == 0 && strcmp(given->value, "1:1") == 0)
            continue;
        text_printf(
            &text, " %s%s%s", given->name, given->value[0] == '\0' ? "" : "=", given->value);
    }
    return text.bytes;
}

bool
simulate_make(
    struct session *session, const struct simulate_asked *asked, struct simulate_design *design)
{
    const struct method_row *row = find_method(session, asked->method);
    const struct design *unused;
    if (row == NULL || !check_given(session, asked, row))
        return false;
    design->label = make_label(session->arena, asked);
    design->scheme.name = asked->method;
    design->scheme.method = row->method;
    if (!read_design(session, asked, design))
        return false;
    if (row->method == METHOD_MAXIMAL && design->scheme.design.length == 0)
        design->scheme.design.length = (unsigned)design->n;
    if (design_check(&design->scheme, &unused, &session->error))
        return true;
    session->error.code = ERROR_MALFORMED; /* the design is what the options say */
    return false;
}

/* The parameters among the options of the command. */
void
simulate_ask_options(const struct invocation *in, struct simulate_asked *asked)
{
    *asked = (struct simulate_asked){.method = invocation_option(in, "method")};
    for (size_t i = 0; i < SIMULATE_PARAMETERS; i++)
        if (invocation_has(in, simulate_parameters[i]))
            asked->given[asked->count++] = (struct simulate_given){
                simulate_parameters[i], invocation_option(in, simulate_parameters[i])};
}

/* Does a parameter begin here? A ratio has colons of its own. */
static const char *
begins_parameter(const char *word)
{
    for (size_t i = 0; i < SIMULATE_PARAMETERS; i++) {
        size_t length = strlen(simulate_parameters[i]);
        if (text_starts(word, simulate_parameters[i]) && strchr("=:", word[length]) != NULL)
            return simulate_parameters[i];
    }
    return NULL;
}

bool
simulate_ask_word(struct session *session, const char *word, struct simulate_asked *asked)
{
    size_t length = strcspn(word, ":");
    *asked = (struct simulate_asked){.method = arena_strndup(session->arena, word, length)};
    for (const char *at = word + length; *at != '\0';) {
        const char *name = begins_parameter(++at);
        if (name == NULL)
            return error_set(&session->error, ERROR_MALFORMED, "--compare",
                "--compare does not know `%s' in `%s': write METHOD:PARAMETER=VALUE:..., such as "
                "permuted-block:blocks=4,6",
                at, word);
        if (simulate_find(asked, name) != NULL)
            return error_set(&session->error, ERROR_MALFORMED, "--compare",
                "--compare has %s twice in `%s'", name, word);
        at += strlen(name);
        const char *value = at + (*at == '=');
        while (*at != '\0' && !(*at == ':' && begins_parameter(at + 1) != NULL))
            at++;
        asked->given[asked->count++] = (struct simulate_given){
            name, arena_strndup(session->arena, value, (size_t)(at - value))};
    }
    return true;
}
