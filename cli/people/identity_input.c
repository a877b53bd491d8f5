/*
 * identity_input.c: a file has a JSON object, or a line `field: value` for each field.
 */
#include "cli/people/identity_input.h"

#include "base/text.h"
#include "trial/person.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_MOST 65536

static const char *const questions[PERSON_FIELD_COUNT] = {
    [PERSON_NUMBER] = "Identity number",
    [PERSON_NAME] = "Name",
    [PERSON_PHONE] = "Phone",
    [PERSON_EMAIL] = "E-mail",
    [PERSON_ADDRESS] = "Address",
};

/* Says where, and never what stands there: it may be a name or a number. */
static json_t *
refuse_line(struct session *session, int line)
{
    error_set(&session->error, ERROR_MALFORMED, "identity",
        "Line %d of %s is not `field: value', where field is number, name, phone, email or address",
        line, session->file);
    return NULL;
}

/* A file with who somebody is in it is nobody else's to read. */
static bool
check_file(struct session *session, const char *path)
{
    struct stat file;
    if (stat(path, &file) != 0 || !S_ISREG(file.st_mode))
        return true; /* a pipe; or opening it says what is wrong */
    if (file.st_uid != geteuid() && geteuid() != 0)
        return error_set(&session->error, ERROR_CONFIG, path,
            "%s is not used: it belongs to another user. Make your own file, with mode 0600", path);
    if ((file.st_mode & 077) != 0)
        return error_set(&session->error, ERROR_CONFIG, path,
            "%s is not used: others can read it. Do: chmod 600 %s", path, path);
    return true;
}

static bool
is_field(const char *name)
{
    for (int field = 0; field < PERSON_FIELD_COUNT; field++)
        if (text_equal(name, person_field_name((enum person_field)field)))
            return true;
    return false;
}

static json_t *
read_lines(struct session *session, char *text)
{
    json_t *identity = session_keep(session, json_object());
    int number = 1;
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL; number++) {
        const char *trimmed = text_trim(session->arena, line);
        if (*trimmed == '\0')
            continue;
        const char *colon = strchr(trimmed, ':');
        const char *name =
            colon == NULL ? NULL
                          : text_trim(session->arena,
                                arena_strndup(session->arena, trimmed, (size_t)(colon - trimmed)));
        if (name == NULL || !is_field(name))
            return refuse_line(session, number);
        json_object_set_new(identity, name, json_string(text_trim(session->arena, colon + 1)));
    }
    return identity;
}

static json_t *
read_text(struct session *session, char *text, size_t size)
{
    const char *start = text + strspn(text, " \t\r\n");
    json_error_t problem;
    if (*start != '{')
        return read_lines(session, text);
    json_t *identity = session_keep(session, json_loadb(text, size, 0, &problem));
    if (!json_is_object(identity)) {
        error_set(&session->error, ERROR_MALFORMED, "identity",
            "%s begins like JSON and is none: line %d, character %d is wrong", session->file,
            problem.line, problem.column);
        return NULL;
    }
    return identity;
}

/* A blank answer leaves the field out. */
static json_t *
ask(struct session *session)
{
    json_t *identity = session_keep(session, json_object());
    FILE *terminal = fopen("/dev/tty", "r+e");
    if (terminal == NULL) {
        error_set(&session->error, ERROR_CONFIG, "terminal",
            "There is no terminal to ask at; give --identity-file FILE, which only you can read, "
            "or "
            "- for standard input");
        return NULL;
    }
    char line[4096];
    for (int field = 0; field < PERSON_FIELD_COUNT; field++) {
        fprintf(terminal, "%s (empty: leave out): ", questions[field]);
        fflush(terminal);
        if (fgets(line, sizeof line, terminal) == NULL)
            break;
        const char *value = text_trim(session->arena, line);
        if (*value != '\0')
            json_object_set_new(
                identity, person_field_name((enum person_field)field), json_string(value));
    }
    explicit_bzero(line, sizeof line);
    fclose(terminal);
    return identity;
}

json_t *
identity_input(struct session *session, const char *path)
{
    size_t size;
    if (path == NULL)
        return ask(session);
    if (!text_equal(path, "-") && !check_file(session, path))
        return NULL;
    char *text = session_read_file(session, path, INPUT_MOST, &size);
    return text == NULL ? NULL : read_text(session, text, size);
}
