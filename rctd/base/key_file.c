/*
 * key_file.c: reads and makes key files.
 */
#include "base/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Does the file lie where systemd puts credentials for this service alone? */
static bool
is_credential(const char *path)
{
    char file[PATH_MAX];
    char folder[PATH_MAX];
    const char *credentials = secure_getenv("CREDENTIALS_DIRECTORY");
    if (credentials == NULL || realpath(credentials, folder) == NULL ||
        realpath(path, file) == NULL)
        return false;
    size_t length = strlen(folder);
    return strncmp(file, folder, length) == 0 && file[length] == '/';
}

static bool
check_owner(const char *path, const struct stat *status, struct error *error)
{
    if (is_credential(path))
        return true;
    if (status->st_uid != geteuid() && status->st_uid != 0)
        return error_set(error, ERROR_NO_MASTER_KEY, path,
            "the key file %s belongs to another user: it must belong to the user that runs this",
            path);
    if ((status->st_mode & 077) != 0)
        return error_set(error, ERROR_NO_MASTER_KEY, path,
            "the key file %s can be read by others: run chmod 600 %s", path, path);
    return true;
}

static bool
read_all(int file, char *bytes, size_t room, size_t *size)
{
    *size = 0;
    while (*size < room) {
        ssize_t got = read(file, bytes + *size, room - *size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            break;
        *size += (size_t)got;
    }
    return true;
}

bool
key_file_read(const char *path, char bytes[KEY_FILE_MAX], size_t *size, struct error *error)
{
    struct stat status;
    bool ok = false;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0)
        return error_set(error, ERROR_NO_MASTER_KEY, path, "the key file %s cannot be opened: %s",
            path, strerrordesc_np(errno));
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        error_set(error, ERROR_NO_MASTER_KEY, path, "%s is not a file", path);
    else if (!check_owner(path, &status, error))
        ok = false;
    else if (!read_all(file, bytes, KEY_FILE_MAX, size))
        error_set(error, ERROR_NO_MASTER_KEY, path, "the key file %s cannot be read: %s", path,
            strerrordesc_np(errno));
    else
        ok = true;
    close(file);
    return ok;
}

static bool
write_all(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t put = write(file, bytes, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        bytes += put;
        size -= (size_t)put;
    }
    return true;
}

/* The name of a new file is on disk only when its folder is. */
static bool
sync_folder(const char *path)
{
    char folder[PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');
    if (slash != NULL)
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - path + 1), path);
    int opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0)
        return false;
    bool ok = fsync(opened) == 0;
    close(opened);
    return ok;
}

bool
key_file_create(const char *path, const char *bytes, size_t size, struct error *error)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0 && errno == EEXIST)
        return error_set(error, ERROR_CONFLICT, path,
            "%s is there already: a key is never overwritten; move it away, or name another file",
            path);
    if (file < 0)
        return error_set_errno(error, path, "cannot create %s", path);
    bool ok = fchmod(file, 0600) == 0 && write_all(file, bytes, size) && fsync(file) == 0 &&
              sync_folder(path);
    if (!ok) {
        error_set_errno(error, path, "cannot write %s", path);
        unlink(path);
    }
    close(file);
    return ok;
}
