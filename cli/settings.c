/*
 * settings.c: reads address and token from options, environment and the user's file, and refuses a
 * file with a token that others could read.
 */
#include "cli/settings.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX_BYTES 65536

/*
 * A pipe, such as bash's <(command), is nobody else's anyway. Root may be handed the file of
 * another user's daemon by name; what is picked up unasked must be the user's own.
 */
static bool
check_private(const char *path, const struct stat *file, bool named, struct error *error)
{
    if (!S_ISREG(file->st_mode)) {
        if (S_ISDIR(file->st_mode))
            return error_set(error, ERROR_CONFIG, path, "%s is a directory, not a file", path);
        return true;
    }
    if (file->st_uid != geteuid() && !(named && geteuid() == 0))
        return error_set(error, ERROR_CONFIG, path,
            "%s is not used: it belongs to another user. Make your own file, with mode 0600", path);
    if ((file->st_mode & 077) != 0)
        return error_set(error, ERROR_CONFIG, path,
            "%s is not used: others can read or change it (mode %04o). Do: chmod 600 %s", path,
            (unsigned)(file->st_mode & 07777), path);
    return true;
}

static char *
read_private(struct arena *arena, const char *path, bool named, int fd, struct error *error)
{
    struct stat file;
    if (fstat(fd, &file) != 0) {
        error_set_errno(error, path, "%s cannot be looked at", path);
        return NULL;
    }
    if (!check_private(path, &file, named, error))
        return NULL;
    char *bytes = arena_alloc(arena, FILE_MAX_BYTES + 1);
    size_t length = 0;
    ssize_t got;
    while ((got = read(fd, bytes + length, FILE_MAX_BYTES - length)) > 0)
        length += (size_t)got;
    if (got < 0) {
        error_set_errno(error, path, "%s cannot be read", path);
        return NULL;
    }
    if (strlen(bytes) != length) {
        error_set(error, ERROR_CONFIG, path, "%s is not a text file", path);
        return NULL;
    }
    return bytes;
}

/* `named`: by the user, so that it must be there; else `*text` is NULL where it is not. */
static bool
read_file(struct arena *arena, const char *path, bool named, char **text, struct error *error)
{
    *text = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        bool absent = errno == ENOENT;
        if (absent && !named)
            return true;
        error_set_errno(error, path, "%s cannot be opened", path);
        error->code = absent ? ERROR_NOT_FOUND : error->code;
        return false;
    }
    *text = read_private(arena, path, named, fd, error);
    close(fd);
    return *text != NULL;
}

char *
settings_read_secret(struct arena *arena, const char *path, struct error *error)
{
    char *text;
    return read_file(arena, path, true, &text, error) ? text : NULL;
}

static bool
take_line(struct arena *arena, const char *path, unsigned number, char *line,
    struct settings *settings, struct error *error)
{
    const char *trimmed = text_trim(arena, line);
    if (trimmed[0] == '\0' || trimmed[0] == '#')
        return true;
    char *sign = strchr(line, '=');
    if (sign == NULL)
        return error_set(error, ERROR_CONFIG, path,
            "%s:%u: there is no `=`; write url = ... or token = ...", path, number);
    *sign = '\0';
    const char *key = text_trim(arena, line), *value = text_trim(arena, sign + 1);
    if (strcmp(key, "url") == 0)
        settings->url = settings->url == NULL ? value : settings->url;
    else if (strcmp(key, "token") == 0)
        settings->token = settings->token == NULL ? value : settings->token;
    else
        return error_set(error, ERROR_CONFIG, path,
            "%s:%u: `%s` is not a setting; there are url and token", path, number, key);
    return true;
}

static const char *
settings_path(struct arena *arena)
{
    const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (base != NULL && base[0] == '/')
        return arena_printf(arena, "%s/rctd/rctctl.conf", base);
    if (home == NULL || home[0] == '\0')
        return NULL;
    return arena_printf(arena, "%s/.config/rctd/rctctl.conf", home);
}

static bool
read_own_file(struct arena *arena, struct settings *settings, struct error *error)
{
    char *text = NULL;
    const char *path = settings_path(arena);
    if (path == NULL)
        return true;
    if (!read_file(arena, path, false, &text, error))
        return false;
    unsigned number = 0;
    for (char *line; text != NULL && (line = strsep(&text, "\n")) != NULL;)
        if (!take_line(arena, path, ++number, line, settings, error))
            return false;
    return true;
}

/* What may stand in a header: no spaces, no line breaks. */
static bool
check_token(const char *token, struct error *error)
{
    for (const char *c = token; *c != '\0'; c++)
        if (*c <= ' ' || *c > '~')
            return error_set(error, ERROR_CONFIG, "token",
                "The access token has a character that no token has; copy it again as one line");
    return true;
}

static const char *
environment(const char *name)
{
    const char *value = getenv(name);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

bool
settings_read(struct arena *arena, const char *url, const char *token_file,
    struct settings *settings, struct error *error)
{
    *settings = (struct settings){.url = url == NULL ? environment("RCTD_URL") : url};
    if (token_file != NULL) {
        char *text;
        if (!read_file(arena, token_file, true, &text, error))
            return false;
        settings->token = text_trim(arena, text);
        if (settings->token[0] == '\0')
            return error_set(error, ERROR_CONFIG, token_file,
                "%s is empty: no access token is in it", token_file);
    } else {
        const char *token = environment("RCTD_TOKEN");
        settings->token = token == NULL ? NULL : text_trim(arena, token);
    }
    if ((settings->url == NULL || settings->token == NULL) &&
        !read_own_file(arena, settings, error))
        return false;
    if (settings->url == NULL || settings->url[0] == '\0')
        settings->url = SETTINGS_URL_DEFAULT;
    char *trimmed = text_trim(arena, settings->url);
    for (size_t length = strlen(trimmed); length > 0 && trimmed[length - 1] == '/';)
        trimmed[--length] = '\0';
    settings->url = trimmed;
    if (settings->token != NULL && settings->token[0] == '\0')
        settings->token = NULL;
    return settings->token == NULL || check_token(settings->token, error);
}
