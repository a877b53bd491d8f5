/*
 * help.c: the overview, one group, one command, and two pages that no command owns: the exit
 * statuses and the settings.
 */
#include "cli/help.h"

#include "base/compiler.h"
#include "base/error.h"
#include "base/nearest.h"
#include "base/text.h"
#include "cli/invocation.h"

#include <string.h>

#define LINE_WIDTH 80
#define GROUP_INDENT 15
#define OPTION_INDENT 27

static const struct {
    int status;
    const char *meaning;
} exit_statuses[] = {
    {0, "done"},
    {1, "something failed inside rctctl or rctd"},
    {2, "wrong use of the command"},
    {3, "there is no such thing here"},
    {4, "refused by a rule of the trial, or by what is stored"},
    {5, "not permitted: no valid token, or the role does not allow it"},
    {6, "faults in the input; each is named"},
    {7, "not available now: try again"},
    {8, "verification found a difference"},
};

static const char settings_page[] =
    "rctctl looks for the address of rctd and for the access token, each by itself:\n"
    "  1. the options --url and --token-file\n"
    "  2. the environment: RCTD_URL and RCTD_TOKEN\n"
    "  3. ~/.config/rctd/rctctl.conf (under XDG_CONFIG_HOME where that is set):\n"
    "         url = http://127.0.0.1:8470\n"
    "         token = ...\n"
    "Without an address it is " SETTINGS_URL_DEFAULT ".\n"
    "A file with a token is refused unless it is yours and nobody else can read it:\n"
    "  chmod 600 FILE\n"
    "The token is never printed, and no option takes it: command lines are seen.\n"
    "NO_COLOR=1 takes the colours away.\n";

/*
 * Prints words up to the edge of a terminal of 80 columns. The first stands at `column`; further
 * lines begin `indent` blanks in. Line ends in the text are blanks.
 */
static void
print_folded(FILE *out, const char *text, size_t column, size_t indent)
{
    text += strspn(text, " \n");
    for (bool first = true; *text != '\0'; first = false) {
        size_t length = strcspn(text, " \n");
        bool fits = column + 1 + length < LINE_WIDTH;
        if (!first)
            column += fits ? (size_t)fprintf(out, " ") : 0;
        if (!first && !fits)
            column = (size_t)fprintf(out, "\n%*s", (int)indent, "") - 1;
        fwrite(text, 1, length, out);
        column += length;
        text += length + strspn(text + length, " \n");
    }
    fputc('\n', out);
}

/* Paragraphs are folded; a line that begins with a blank, and an empty one, stays as it is. */
static void
print_details(FILE *out, struct arena *arena, const char *text)
{
    while (*text != '\0') {
        size_t length = 0;
        bool kept = *text == ' ' || *text == '\n';
        do {
            length += strcspn(text + length, "\n");
            length += text[length] == '\n';
        } while (!kept && text[length] != '\0' && text[length] != ' ' && text[length] != '\n');
        if (kept)
            fwrite(text, 1, length, out);
        else
            print_folded(out, arena_strndup(arena, text, length), 0, 0);
        text += length;
    }
}

static void
option_lines(
    FILE *out, struct arena *arena, const struct option_row *rows, const struct option_row *own)
{
    for (const struct option_row *row = rows; row != NULL && row->name != NULL; row++) {
        struct text meaning;
        if (invocation_is_own(own, row->name))
            continue;
        text_init(&meaning, arena);
        text_append(&meaning, row->meaning);
        for (const char *const *choice = row->choices; choice != NULL && *choice != NULL; choice++)
            text_printf(&meaning, "%s%s", choice == row->choices ? ": " : ", ", *choice);
        if ((row->flags & OPTION_REQUIRED) != 0)
            text_append(&meaning, " (needed)");
        if ((row->flags & OPTION_MANY) != 0)
            text_append(&meaning, " (may be repeated)");
        int left = fprintf(out, "  --%s%s%s", row->name, row->value == NULL ? "" : " ",
            row->value == NULL ? "" : row->value);
        left += fprintf(out, "%*s", left < OPTION_INDENT ? OPTION_INDENT - left : 1, "");
        print_folded(out, meaning.bytes, (size_t)left, OPTION_INDENT);
    }
}

void
help_overview(FILE *out, struct arena *arena)
{
    fputs("Usage: rctctl [OPTION...] COMMAND [ARGUMENT...]\n"
          "Runs randomised trials in workplaces, through rctd.\n\nCommands:\n",
        out);
    for (const struct group *group = command_groups; group->name != NULL; group++) {
        fprintf(out, "  %-12s %s\n", group->name, group->meaning);
        if (command_is_single(group))
            continue;
        struct text names;
        text_init(&names, arena);
        for (const struct command *each = group->commands; each->group != NULL; each++)
            text_printf(&names, "%s%s", each == group->commands ? "" : ", ", each->name);
        fprintf(out, "%*s", GROUP_INDENT, "");
        print_folded(out, names.bytes, GROUP_INDENT, GROUP_INDENT);
    }
    fputs("\nOptions of every command:\n", out);
    option_lines(out, arena, invocation_globals, NULL);
    fputs("\n`rctctl help COMMAND' explains a command and shows an example.\n"
          "`rctctl help settings' says where address and token come from,\n"
          "`rctctl help exit-status' what scripts get.\n",
        out);
}

void
help_group(FILE *out, struct arena *arena, const struct group *group)
{
    if (command_is_single(group)) {
        help_command(out, arena, group->commands);
        return;
    }
    fprintf(out, "%s.\n\n", group->meaning);
    for (const struct command *each = group->commands; each->group != NULL; each++)
        fprintf(out, "  rctctl %s %s%s%s\n      %s\n", each->group, each->name,
            each->arguments[0] == '\0' ? "" : " ", each->arguments, each->meaning);
    fprintf(out, "\n`rctctl help %s COMMAND' explains one and shows an example.\n", group->name);
}

void
help_command(FILE *out, struct arena *arena, const struct command *command)
{
    const char *title = command_title(arena, command);
    fprintf(out, "Usage: rctctl %s%s%s%s\n", title, command->options == NULL ? "" : " [OPTION...]",
        command->arguments[0] == '\0' ? "" : " ", command->arguments);
    print_folded(out,
        arena_printf(
            arena, "%s.%s", command->meaning, command->offline ? " Works without a server." : ""),
        0, 0);
    if (command->details != NULL) {
        fputc('\n', out);
        print_details(out, arena, command->details);
    }
    if (command->options != NULL) {
        fputs("\nOptions:\n", out);
        option_lines(out, arena, command->options, NULL);
    }
    fputs("\nOptions of every command:\n", out);
    option_lines(out, arena, invocation_globals, command->options);
    fprintf(out, "\nExample:\n  %s\n", command->example);
}

int
help_unknown(struct arena *arena, const struct group *group, const char *word)
{
    size_t count;
    const char *const *names = command_names(arena, group, &count);
    const char *meant = nearest_word(word, names, count);
    const char *before = group == NULL ? "" : " ";
    const char *name = group == NULL ? "" : group->name;
    fprintf(stderr, "rctctl: there is no command `%s%s%s'", name, before, word);
    if (meant != NULL)
        fprintf(stderr, "; did you mean `rctctl %s%s%s'?\n", name, before, meant);
    else
        fprintf(stderr, "; `rctctl help%s%s' lists what there is\n", before, name);
    return 2;
}

static void
exit_status_page(FILE *out)
{
    for (size_t i = 0; i < COUNT_OF(exit_statuses); i++) {
        fprintf(out, "%d  %s\n", exit_statuses[i].status, exit_statuses[i].meaning);
        for (int code = 1; code < ERROR_COUNT; code++)
            if (error_exit_status((enum error_code)code) == exit_statuses[i].status)
                fprintf(out, "     %-26s %s\n", error_slug((enum error_code)code),
                    error_title((enum error_code)code));
    }
}

static int
run_help(struct session *session, const struct invocation *in)
{
    const char *first = invocation_argument(in, 0), *second = invocation_argument(in, 1);
    if (first == NULL) {
        help_overview(stdout, session->arena);
        return 0;
    }
    if (strcmp(first, "exit-status") == 0) {
        exit_status_page(stdout);
        return 0;
    }
    if (strcmp(first, "settings") == 0) {
        fputs(settings_page, stdout);
        return 0;
    }
    const struct group *group = command_group(first);
    if (group == NULL)
        return help_unknown(session->arena, NULL, first);
    if (second == NULL) {
        help_group(stdout, session->arena, group);
        return 0;
    }
    const struct command *command = command_find(group, second);
    if (command == NULL)
        return help_unknown(session->arena, group, second);
    help_command(stdout, session->arena, command);
    return 0;
}

const struct command help_commands[] = {
    {
        .group = "help",
        .arguments = "[COMMAND] [SUB-COMMAND]",
        .meaning = "Explain a command, and show an example",
        .details = "`rctctl help settings' says where address and token come from,\n"
                   "`rctctl help exit-status' what each exit status means.\n",
        .example = "rctctl help workplace agree",
        .run = run_help,
        .offline = true,
    },
    {0},
};
