/*
 * invocation.c: makes argp's tables from the rows of options and collects what argp finds. Help is
 * printed by help.c: argp would break the lines of the examples.
 */
#include "cli/invocation.h"

#include "base/nearest.h"
#include "base/text.h"
#include "cli/help.h"

#include <argp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GLOBAL_FIRST 256
#define OPTION_FIRST 512
#define EXIT_USAGE 2

const struct option_row invocation_globals[] = {
    {.name = "url", .value = "URL", .meaning = "where rctd listens"},
    {.name = "token-file", .value = "FILE", .meaning = "read the access token from this file"},
    {.name = "json", .meaning = "print the answer as JSON"},
    {.name = "csv", .meaning = "print the answer as CSV with a header"},
    {.name = "help", .meaning = "explain this command"},
    {.name = "version", .meaning = "print the version"},
    {0},
};

enum { GLOBAL_URL, GLOBAL_TOKEN_FILE, GLOBAL_JSON, GLOBAL_CSV, GLOBAL_HELP, GLOBAL_VERSION };

struct given {
    const struct option_row *row;
    const char *value; /* "" where the option takes none */
};

struct invocation {
    struct session *session;
    const struct command *command; /* NULL while the options before it are read */
    const char **arguments;
    size_t count;
    size_t capacity;
    struct given *given;
    size_t given_count;
    size_t given_capacity;
    int first; /* index in argv of the command's word */
    bool help;
};

static size_t
row_count(const struct option_row *rows)
{
    size_t count = 0;
    while (rows != NULL && rows[count].name != NULL)
        count++;
    return count;
}

bool
invocation_is_own(const struct option_row *own, const char *name)
{
    for (; own != NULL && own->name != NULL; own++)
        if (strcmp(own->name, name) == 0)
            return true;
    return false;
}

static size_t
add_rows(struct argp_option *options, size_t count, const struct option_row *rows, int first_key,
    const struct option_row *own)
{
    for (size_t i = 0; i < row_count(rows); i++)
        if (!invocation_is_own(own, rows[i].name))
            options[count++] = (struct argp_option){
                .name = rows[i].name,
                .key = first_key + (int)i,
                .arg = rows[i].value,
                .doc = rows[i].meaning,
            };
    return count;
}

static struct argp_option *
make_options(struct arena *arena, const struct command *command)
{
    const struct option_row *own = command == NULL ? NULL : command->options;
    struct argp_option *options =
        arena_array(arena, row_count(invocation_globals) + row_count(own) + 2, sizeof *options);
    size_t count = own == NULL ? 0 : add_rows(options, 0, own, OPTION_FIRST, NULL);
    count = add_rows(options, count, invocation_globals, GLOBAL_FIRST, own);
    /* argp's own hint at wrong use names --usage as well. */
    options[count] = (struct argp_option){
        .name = "usage", .key = GLOBAL_FIRST + GLOBAL_HELP, .flags = OPTION_HIDDEN};
    return options;
}

/* Says what is wrong with an option and ends the process. */
static _Noreturn void PRINTF_LIKE(2, 3)
    wrong_option(const struct invocation *in, const char *format, ...)
{
    const char *title = in->command == NULL ? ""
                                            : arena_printf(in->session->arena, " %s",
                                                  command_title(in->session->arena, in->command));
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "rctctl%s: ", title);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nTry `rctctl%s --help'.\n", title);
    exit(EXIT_USAGE);
}

static void
take_global(struct invocation *in, int which, const char *value)
{
    struct session *session = in->session;
    switch (which) {
    case GLOBAL_URL:
        session->url = value;
        break;
    case GLOBAL_TOKEN_FILE:
        session->token_file = value;
        break;
    case GLOBAL_JSON:
    case GLOBAL_CSV: {
        enum output wanted = which == GLOBAL_JSON ? OUTPUT_JSON : OUTPUT_CSV;
        if (session->output != OUTPUT_PEOPLE && session->output != wanted)
            wrong_option(in, "choose one of --json and --csv");
        session->output = wanted;
        break;
    }
    case GLOBAL_HELP:
        in->help = true;
        break;
    default:
        printf("rctctl %s\n", RCTD_VERSION);
        exit(EXIT_SUCCESS);
    }
}

static void
check_value(const struct invocation *in, const struct option_row *row, const char *value)
{
    char list[256] = "";
    size_t count = 0;
    long long number;
    if ((row->flags & OPTION_WHOLE) != 0 && (!text_to_int64(value, &number) || number < 1))
        wrong_option(in, "--%s takes a whole number from 1, not `%s'", row->name, value);
    if (row->choices == NULL)
        return;
    for (const char *const *choice = row->choices; *choice != NULL; choice++, count++) {
        if (strcmp(*choice, value) == 0)
            return;
        size_t length = strlen(list);
        snprintf(list + length, sizeof list - length, "%s%s", length > 0 ? ", " : "", *choice);
    }
    const char *meant = nearest_word(value, row->choices, count);
    wrong_option(in, "--%s takes one of: %s; not `%s'%s%s%s", row->name, list, value,
        meant == NULL ? "" : "; did you mean `", meant == NULL ? "" : meant,
        meant == NULL ? "" : "'?");
}

static void
take_option(struct invocation *in, size_t which, const char *value)
{
    const struct option_row *row = &in->command->options[which];
    if (value != NULL)
        check_value(in, row, value);
    if ((row->flags & OPTION_MANY) == 0 && invocation_has(in, row->name))
        wrong_option(in, "--%s is given twice", row->name);
    in->given = arena_grow(
        in->session->arena, in->given, in->given_count, &in->given_capacity, sizeof *in->given);
    in->given[in->given_count++] = (struct given){row, value == NULL ? "" : value};
}

static void
take_argument(struct invocation *in, const char *value, struct argp_state *state)
{
    if (in->command == NULL) {
        in->first = state->next - 1;
        state->next = state->argc;
        return;
    }
    in->arguments = arena_grow(
        in->session->arena, in->arguments, in->count, &in->capacity, sizeof *in->arguments);
    in->arguments[in->count++] = value;
}

static error_t
parse(int key, char *value, struct argp_state *state)
{
    struct invocation *in = state->input;
    if (key == ARGP_KEY_ARG) {
        take_argument(in, value, state);
        return 0;
    }
    if (key >= OPTION_FIRST && in->command != NULL &&
        (size_t)(key - OPTION_FIRST) < row_count(in->command->options)) {
        take_option(in, (size_t)(key - OPTION_FIRST), value);
        return 0;
    }
    if (key >= GLOBAL_FIRST && key < OPTION_FIRST) {
        take_global(in, key - GLOBAL_FIRST, value);
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static void
run_argp(struct invocation *in, int argc, char **argv, unsigned flags)
{
    const struct argp argp = {
        make_options(in->session->arena, in->command), parse, NULL, NULL, NULL, NULL, NULL};
    argp_err_exit_status = EXIT_USAGE;
    if (argp_parse(&argp, argc, argv, flags | ARGP_NO_HELP, NULL, in) != 0)
        exit(EXIT_USAGE);
}

int
invocation_read_globals(struct session *session, int argc, char **argv, bool *help)
{
    struct invocation in = {.session = session, .first = argc};
    run_argp(&in, argc, argv, ARGP_IN_ORDER);
    *help = in.help;
    return in.first;
}

static _Noreturn void
refuse(const struct invocation *in, const char *why, const char *what)
{
    const char *title = command_title(in->session->arena, in->command);
    fprintf(stderr, "rctctl %s: %s %s\nUsage: rctctl %s%s%s%s\nTry `rctctl %s --help'.\n", title,
        what, why, title, in->command->options == NULL ? "" : " [OPTION...]",
        in->command->arguments[0] == '\0' ? "" : " ", in->command->arguments, title);
    exit(EXIT_USAGE);
}

/* Compares the number of arguments with the row: [X] may be left out, X... may be many. */
static void
check_arguments(const struct invocation *in)
{
    char *words = arena_strdup(in->session->arena, in->command->arguments);
    size_t known = 0;
    bool many = false;
    for (char *rest, *word = strtok_r(words, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest), known++) {
        many = strstr(word, "...") != NULL;
        if (word[0] != '[' && known >= in->count)
            refuse(in, "is missing", word);
    }
    if (in->count > known && !many)
        refuse(in, "is one argument too many", in->arguments[known]);
    for (size_t i = 0; i < in->count; i++)
        if (in->arguments[i][0] == '\0')
            refuse(in, "is empty", "an argument");
}

static void
check_required(const struct invocation *in)
{
    for (size_t i = 0; i < row_count(in->command->options); i++) {
        const struct option_row *row = &in->command->options[i];
        if ((row->flags & OPTION_REQUIRED) != 0 && !invocation_has(in, row->name))
            refuse(in, "is missing",
                arena_printf(in->session->arena, "--%s %s", row->name, row->value));
    }
}

struct invocation *
invocation_read(struct session *session, const struct command *command, int argc, char **argv)
{
    struct invocation *in = arena_alloc(session->arena, sizeof *in);
    *in = (struct invocation){.session = session, .command = command};
    argv[0] = arena_printf(session->arena, "rctctl %s", command_title(session->arena, command));
    run_argp(in, argc, argv, 0);
    if (in->help) {
        help_command(stdout, session->arena, command);
        exit(EXIT_SUCCESS);
    }
    session->options = command->options;
    check_arguments(in);
    check_required(in);
    return in;
}

const struct command *
invocation_command(const struct invocation *in)
{
    return in->command;
}

const char *
invocation_argument(const struct invocation *in, size_t index)
{
    return index < in->count ? in->arguments[index] : NULL;
}

size_t
invocation_count(const struct invocation *in)
{
    return in->count;
}

const char *
invocation_next(const struct invocation *in, const char *name, size_t *at)
{
    while (*at < in->given_count) {
        const struct given *given = &in->given[(*at)++];
        if (strcmp(given->row->name, name) == 0)
            return given->value;
    }
    return NULL;
}

const char *
invocation_option(const struct invocation *in, const char *name)
{
    const char *last = NULL;
    size_t at = 0;
    for (const char *value; (value = invocation_next(in, name, &at)) != NULL;)
        last = value;
    return last;
}

long long
invocation_whole(const struct invocation *in, const char *name)
{
    long long number = 0;
    const char *value = invocation_option(in, name);
    return value != NULL && text_to_int64(value, &number) ? number : 0;
}

bool
invocation_has(const struct invocation *in, const char *name)
{
    return invocation_option(in, name) != NULL;
}
