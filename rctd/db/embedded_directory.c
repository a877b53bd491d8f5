/*
 * embedded_directory.c: decides whether a directory may be used, makes it ours, and holds its lock.
 * A directory with other things in it is never touched: the marker is written only into an empty
 * one.
 */
#include "db/embedded_private.h"

#include "base/log.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MARKER "rctd-embedded"
#define MARKER_TEXT "format 1\n"
#define SOCKET_NAME "/socket/.s.PGSQL.5432"

#define SOCKET_MOST (sizeof((struct sockaddr_un *)0)->sun_path - 1)

static void
path_in(const struct embedded *embedded, const char *name, char out[2 * EMBEDDED_PATH])
{
    snprintf(out, (size_t)2 * EMBEDDED_PATH, "%s/%s", embedded->directory, name);
}

bool
directory_has(const struct embedded *embedded, const char *name)
{
    char path[2 * EMBEDDED_PATH];
    path_in(embedded, name, path);
    return access(path, F_OK) == 0;
}

bool
directory_remove(const struct embedded *embedded, const char *name, struct error *error)
{
    char path[2 * EMBEDDED_PATH];
    char *paths[] = {path, NULL};
    bool done = true;
    path_in(embedded, name, path);
    if (!directory_has(embedded, name))
        return true;
    FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
    if (tree == NULL)
        return error_set_errno(error, name, "%s cannot be removed", path);
    /* Each directory comes twice; behind its content it can go. */
    for (FTSENT *entry; done && (entry = fts_read(tree)) != NULL;)
        done = entry->fts_info == FTS_D || remove(entry->fts_path) == 0;
    if (!done)
        error_set_errno(error, name, "%s cannot be removed", path);
    fts_close(tree);
    return done;
}

long
directory_number(const struct embedded *embedded, const char *name)
{
    char path[2 * EMBEDDED_PATH];
    char line[32];
    char *end = line;
    path_in(embedded, name, path);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    long number = fgets(line, sizeof line, file) == NULL ? 0 : strtol(line, &end, 10);
    fclose(file);
    return end == line || number <= 0 ? -1 : number;
}

bool
directory_write(
    const struct embedded *embedded, const char *name, const char *text, struct error *error)
{
    char path[2 * EMBEDDED_PATH];
    path_in(embedded, name, path);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t length = strlen(text);
    bool done = file >= 0 && write(file, text, length) == (ssize_t)length && fsync(file) == 0;
    if (!done)
        error_set_errno(error, name, "%s cannot be written", path);
    if (file >= 0)
        close(file);
    return done;
}

/* Absolute, and fit for a socket's path and for libpq's and PostgreSQL's lists of directories. */
static bool
take_path(struct embedded *embedded, const char *directory, struct error *error)
{
    char path[4096];
    char here[2048] = "";
    if (directory[0] != '/' && getcwd(here, sizeof here) == NULL)
        return error_set_errno(error, directory, "The current directory is not known");
    snprintf(path, sizeof path, "%s%s%s", here, directory[0] == '/' ? "" : "/", directory);
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        path[--length] = '\0';
    if (length + strlen(SOCKET_NAME) > SOCKET_MOST)
        return error_set(error, ERROR_CONFIG, "directory",
            "The path %s is too long for the socket in it (%zu bytes): choose a directory whose "
            "path has at most %zu bytes",
            path, length, SOCKET_MOST - strlen(SOCKET_NAME));
    if (strpbrk(path, ",'\"\\\n") != NULL || !text_is_utf8(path, length))
        return error_set(error, ERROR_CONFIG, "directory",
            "The path %s holds a comma, a quote or a backslash: choose a directory without", path);
    memcpy(embedded->directory, path, length + 1);
    snprintf(embedded->data, sizeof embedded->data, "%s/data", embedded->directory);
    snprintf(embedded->socket, sizeof embedded->socket, "%s/socket", embedded->directory);
    snprintf(embedded->log, sizeof embedded->log, "%s/log", embedded->directory);
    return true;
}

/* mkdir -p; `*made` when the last one was not there. */
static bool
make_directory(const char *directory, bool *made, struct error *error)
{
    char path[EMBEDDED_PATH];
    snprintf(path, sizeof path, "%s", directory);
    for (char *c = path + 1; *c != '\0'; c++) {
        if (*c != '/')
            continue;
        *c = '\0';
        if (mkdir(path, 0755) != 0 && errno != EEXIST)
            return error_set_errno(error, "directory", "%s cannot be made", path);
        *c = '/';
    }
    *made = mkdir(path, 0700) == 0;
    if (!*made && errno != EEXIST)
        return error_set_errno(error, "directory", "%s cannot be made", path);
    return true;
}

static int
is_content(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
           strcmp(entry->d_name, "lost+found") != 0;
}

static bool
is_empty(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_content, NULL);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    if (count >= 0)
        free(entries);
    return count == 0;
}

/* Root hands an empty directory over, and becomes the user for the rest of the process's life. */
static bool
leave_root(struct embedded *embedded, const char *wanted, bool fresh, struct error *error)
{
    struct stat status;
    uid_t uid;
    gid_t gid;
    if (stat(embedded->directory, &status) != 0)
        return error_set_errno(error, "directory", "%s cannot be read", embedded->directory);
    if (!user_choose(wanted, fresh ? 0 : status.st_uid, embedded->user, sizeof embedded->user, &uid,
            &gid, error))
        return false;
    if (fresh && chown(embedded->directory, uid, gid) != 0)
        return error_set_errno(error, "directory", "%s cannot be given to the user %s",
            embedded->directory, embedded->user);
    if (!fresh && status.st_uid != uid)
        return error_set(error, ERROR_CONFIG, "directory",
            "%s does not belong to the user %s, as whom PostgreSQL would run: name its owner as "
            "embedded_user",
            embedded->directory, embedded->user);
    return user_become(embedded->user, uid, gid, error);
}

static bool
check_marker(struct embedded *embedded, struct error *error)
{
    char path[2 * EMBEDDED_PATH];
    char text[64] = "";
    path_in(embedded, MARKER, path);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_set_errno(error, MARKER, "%s cannot be read", path);
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    if (strcmp(text, MARKER_TEXT) == 0)
        return true;
    text[strcspn(text, "\n")] = '\0';
    return error_set(error, ERROR_CONFIG, MARKER,
        "%s was made by another rctd (%s, this one knows format 1): use the rctd that made it",
        embedded->directory, length == 0 ? "no format" : text);
}

/* The lock goes with this process, however it ends. */
static bool
take_lock(struct embedded *embedded, bool attach, bool *attached, struct error *error)
{
    char path[2 * EMBEDDED_PATH];
    char holder[32] = "";
    path_in(embedded, "lock", path);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return error_set_errno(error, "lock", "%s cannot be opened", path);
    if (flock(file, LOCK_EX | LOCK_NB) == 0) {
        embedded->lock = file;
        int length = snprintf(holder, sizeof holder, "%d\n", (int)getpid());
        if (ftruncate(file, 0) != 0 || pwrite(file, holder, (size_t)length, 0) != length)
            return error_set_errno(error, "lock", "%s cannot be written", path);
        return true;
    }
    ssize_t length = pread(file, holder, sizeof holder - 1, 0);
    holder[length < 0 ? 0 : strcspn(holder, "\n")] = '\0';
    close(file);
    *attached = attach;
    return attach ||
           error_set(error, ERROR_CONFIG, "lock",
               "Another rctd uses %s (process %s): stop it first, or name another directory",
               embedded->directory, holder);
}

bool
directory_prepare(struct embedded *embedded, const struct embedded_options *options, bool *attached,
    struct error *error)
{
    bool made = false;
    *attached = false;
    if (!take_path(embedded, options->directory, error) ||
        !make_directory(embedded->directory, &made, error))
        return false;
    bool fresh = made || is_empty(embedded->directory);
    if (!fresh && !directory_has(embedded, MARKER))
        return error_set(error, ERROR_CONFIG, "directory",
            "%s holds other things and is not rctd's: name a new or an empty directory",
            embedded->directory);
    if (geteuid() == 0 && !leave_root(embedded, options->user, fresh, error))
        return false;
    user_name(embedded->user, sizeof embedded->user);
    if (access(embedded->directory, R_OK | W_OK | X_OK) != 0)
        return error_set(error, ERROR_SYSTEM, "directory",
            "The user %s cannot use %s: %s. Each folder above it must let that user in (chmod o+x)",
            embedded->user, embedded->directory, strerror(errno));
    if (fresh && !directory_write(embedded, MARKER, MARKER_TEXT, error))
        return false;
    return check_marker(embedded, error) && take_lock(embedded, options->attach, attached, error);
}
