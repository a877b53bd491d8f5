/*
 * sign.c: asks for password and meaning where rctd wants a signature, at /dev/tty and never on the
 * command line, which other users of the machine can read.
 */
#include "cli/sign.h"

#include "cli/settings.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define LINE_SIZE 2048

void
sign_wipe(char *secret)
{
    if (secret != NULL)
        sodium_memzero(secret, strlen(secret));
}

/* A line from the terminal into the arena, without its end; NULL where there is none. */
static char *
read_line(struct session *session, FILE *terminal)
{
    char line[LINE_SIZE];
    if (fgets(line, sizeof line, terminal) == NULL)
        return NULL;
    line[strcspn(line, "\r\n")] = '\0';
    char *copy = arena_strdup(session->arena, line);
    sodium_memzero(line, sizeof line);
    return copy;
}

/* Names the command's option for a file. */
static bool
no_terminal(struct session *session)
{
    const struct option_row *row = session->options;
    while (row != NULL && row->name != NULL && strstr(row->name, "-file") == NULL)
        row++;
    return error_set(&session->error, ERROR_CONFIG, "terminal",
        "There is no terminal to ask at; give --%s FILE, which only you can read, or - for "
        "standard input",
        row == NULL || row->name == NULL ? "sign-file" : row->name);
}

/* Unbuffered, so that no copy of what is written stays behind. */
static FILE *
open_terminal(struct session *session)
{
    FILE *terminal = fopen("/dev/tty", "r+e");
    if (terminal == NULL)
        no_terminal(session);
    else
        setvbuf(terminal, NULL, _IONBF, 0);
    return terminal;
}

char *
sign_ask_secret(struct session *session, const char *question)
{
    struct termios before, quiet;
    FILE *terminal = open_terminal(session);
    if (terminal == NULL)
        return NULL;
    int fd = fileno(terminal);
    bool silent = tcgetattr(fd, &before) == 0;
    if (silent) {
        quiet = before;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(fd, TCSAFLUSH, &quiet);
    }
    fprintf(terminal, "%s: ", question);
    char *secret = read_line(session, terminal);
    if (silent)
        tcsetattr(fd, TCSAFLUSH, &before);
    fputc('\n', terminal);
    fclose(terminal);
    if (secret == NULL || secret[0] == '\0') {
        error_set(&session->error, ERROR_CONFIG, "terminal", "Nothing was written");
        return NULL;
    }
    return secret;
}

static char *
ask_meaning(struct session *session, const char *proposed)
{
    FILE *terminal = open_terminal(session);
    if (terminal == NULL)
        return NULL;
    fprintf(terminal, "What your signature means [%s]: ", proposed);
    char *meaning = read_line(session, terminal);
    fclose(terminal);
    if (meaning == NULL)
        no_terminal(session);
    return meaning != NULL && meaning[0] == '\0' ? arena_strdup(session->arena, proposed) : meaning;
}

char *
sign_read_file(struct session *session, const char *path, char **second)
{
    size_t size;
    char *text = strcmp(path, "-") == 0
                     ? session_read_file(session, path, LINE_SIZE, &size)
                     : settings_read_secret(session->arena, path, &session->error);
    if (text == NULL)
        return NULL;
    size_t first = strcspn(text, "\r\n");
    char *rest = text + first;
    rest += strspn(rest, "\r\n");
    rest[strcspn(rest, "\r\n")] = '\0';
    text[first] = '\0';
    *second = rest;
    if (first > 0)
        return text;
    error_set(&session->error, ERROR_CONFIG, path, "The first line of %s holds no password", path);
    return NULL;
}

/* The request with the signature, which leaves the body again: it is kept until the end. */
static json_t *
post_signed(struct session *session, const char *path, json_t *body, const char *key,
    char *password, const char *meaning)
{
    json_object_set_new(
        body, "signature", json_pack("{s:s, s:s}", "password", password, "meaning", meaning));
    sign_wipe(password);
    json_t *answer = session_post(session, path, json_incref(body), key);
    json_object_del(body, "signature");
    return answer;
}

static json_t *
ask_and_post(
    struct session *session, const char *path, json_t *body, const char *key, const char *proposed)
{
    fprintf(stderr, "%s\n", "The trial's protocol wants this signed.");
    session->error = ERROR_CLEAR;
    faults_init(&session->faults, session->arena);
    char *password = sign_ask_secret(session, "Your password");
    char *meaning = password == NULL ? NULL : ask_meaning(session, proposed);
    if (meaning == NULL) {
        sign_wipe(password);
        return NULL;
    }
    return post_signed(session, path, body, key, password, meaning);
}

json_t *
sign_post(struct session *session, const struct invocation *in, const char *path, json_t *body,
    const char *meaning)
{
    const char *file = invocation_option(in, "sign-file");
    const char *key = session_key(session, invocation_option(in, "key"));
    session_keep(session, body);
    if (file != NULL) {
        char *written, *password = sign_read_file(session, file, &written);
        if (password == NULL)
            return NULL;
        return post_signed(
            session, path, body, key, password, written[0] == '\0' ? meaning : written);
    }
    json_t *answer = session_post(session, path, json_incref(body), key);
    if (answer != NULL || session->error.code != ERROR_SIGNATURE)
        return answer;
    if (isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1)
        return ask_and_post(session, path, body, key, meaning);
    error_set(&session->error, ERROR_SIGNATURE, "signature",
        "The trial's protocol wants this signed; give --sign-file FILE with your password on the "
        "first line and what the signature means on the second");
    return NULL;
}
