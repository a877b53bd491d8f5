/*
 * certain.c: asks at the terminal. Standard error shows the question, so that the answer of the
 * command can go into a file. Where nobody can be asked nothing is done.
 */
#include "cli/certain.h"

#include "base/text.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/people/unit.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_SIZE 128

static bool
can_ask(void)
{
    return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

/* What was written at the terminal, "" for nothing. */
static void
ask(const char *question, char answer[ANSWER_SIZE])
{
    fflush(stdout);
    fprintf(stderr, "%s ", question);
    if (fgets(answer, ANSWER_SIZE, stdin) == NULL)
        answer[0] = '\0';
}

/* The warning of the row that fits the options; {NAME} stands for the value of --NAME. */
static const char *
warning_of(struct arena *arena, const struct invocation *in)
{
    const struct warning *warning = invocation_command(in)->warnings;
    struct text text;
    text_init(&text, arena);
    while (warning->option != NULL && !invocation_has(in, warning->option))
        warning++;
    for (const char *c = warning->text; *c != '\0';) {
        size_t plain = strcspn(c, "{"), name = strcspn(c + plain, "}");
        text_append_bytes(&text, c, plain);
        c += plain;
        if (*c == '\0')
            break;
        text_append(&text, invocation_option(in, arena_strndup(arena, c + 1, name - 1)));
        c += name + 1;
    }
    return text.bytes;
}

/* Codes are written as they are heard: blanks and small letters make no difference. */
static bool
is_same(const char *written, const char *name)
{
    for (;;) {
        written += strspn(written, " \t\r\n");
        name += strspn(name, " \t");
        if (toupper((unsigned char)*written) != toupper((unsigned char)*name))
            return false;
        if (*name == '\0')
            return true;
        written++;
        name++;
    }
}

/* What a workplace was registered with, so that a wrong number is seen beside it. */
static void
show_attributes(struct session *session, json_t *unit)
{
    json_t *attributes = json_object_get(unit, "attributes");
    if (json_object_size(attributes) > 0)
        fprintf(stderr, "It was registered with %s.\n",
            table_value(session->arena, attributes, COLUMN_LONG));
}

/* Says which unit it is, so that a wrong code is seen. False where there is none of that code; who
 * may not look at units is asked without it. */
static bool
show_unit(struct session *session, const struct invocation *in)
{
    const char *code = invocation_argument(in, 1);
    const char *arguments = invocation_command(in)->arguments;
    if (!text_starts(arguments, "TRIAL CODE") && !text_starts(arguments, "TRIAL WORKPLACE"))
        return true;
    json_t *unit = session_get(
        session, path_of(session->arena, "v1", "trials", invocation_argument(in, 0),
                     arena_printf(session->arena, "%ss", unit_kind_of_code(code)), code, NULL));
    if (unit == NULL) {
        bool hidden = session->error.code == ERROR_FORBIDDEN;
        session->error = hidden ? ERROR_CLEAR : session->error;
        return hidden;
    }
    const char *name = session_field(unit, "name"), *workplace = session_field(unit, "workplace");
    fprintf(stderr, "%s%s%s%s%s: %s.\n", session_field(unit, "code"), name == NULL ? "" : ", ",
        name == NULL ? "" : name, workplace == NULL ? "" : " of ",
        workplace == NULL ? "" : workplace, session_field(unit, "state"));
    if (text_equal(unit_kind_of_code(code), "workplace"))
        show_attributes(session, unit);
    return true;
}

int
certain_check(struct session *session, const struct invocation *in)
{
    char answer[ANSWER_SIZE];
    const char *name = invocation_argument(in, 1);
    if (invocation_command(in)->warnings == NULL || invocation_has(in, "yes"))
        return 0;
    const char *warning = warning_of(session->arena, in);
    if (!can_ask())
        return session_usage(session,
            "nothing is done, since nobody can be asked here. %s This cannot be undone; add --yes "
            "if it is right",
            warning);
    if (!show_unit(session, in))
        return session_fail(session);
    fprintf(stderr, "%s\n", warning);
    ask(arena_printf(session->arena, "This cannot be undone. To do it, write %s:", name), answer);
    return is_same(answer, name) ? 0 : session_usage(session, "nothing is done");
}

int
certain_confirm(
    struct session *session, const struct invocation *in, const char *question, const char *done)
{
    char answer[ANSWER_SIZE];
    if (invocation_has(in, "yes"))
        return 0;
    if (!can_ask())
        return session_usage(session, "not %s: nobody can be asked here; add --yes", done);
    ask(arena_printf(session->arena, "%s [y/N]", question), answer);
    bool yes = strchr("yYjJ", answer[0]) != NULL && answer[0] != '\0';
    return yes ? 0 : session_usage(session, "not %s", done);
}
