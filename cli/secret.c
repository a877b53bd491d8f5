/*
 * secret.c: secrets into files that only their owner can read.
 */
#include "cli/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool
secret_open(struct session *session, const char *path, int *fd)
{
    *fd = -1;
    if (path == NULL)
        return true;
    *fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (*fd >= 0)
        return true;
    if (errno == EEXIST)
        return error_set(&session->error, ERROR_CONFLICT, path,
            "%s is there already and is not overwritten; name another file", path);
    return error_set_errno(&session->error, path, "%s cannot be made", path);
}

bool
secret_write(struct session *session, const char *path, int fd, const char *secret)
{
    if (path == NULL) {
        printf("%s\n", secret);
        return true;
    }
    bool written = dprintf(fd, "%s\n", secret) == (int)strlen(secret) + 1 && fsync(fd) == 0;
    written = close(fd) == 0 && written;
    if (!written)
        error_set_errno(&session->error, path,
            "%s could not be written, and the secret is lost: revoke it and make another", path);
    return written;
}

void
secret_cancel(const char *path, int fd)
{
    if (path == NULL)
        return;
    close(fd);
    unlink(path);
}
