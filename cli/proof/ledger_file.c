/*
 * ledger_file.c: maps a file into memory; what cannot be mapped is read.
 */
#include "cli/proof/ledger_file.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define THREADS_MAX 64

/* Of an empty file and of a pipe there is nothing to map. */
static bool
map(const char *path, struct ledger_file *file)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
        void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (bytes != MAP_FAILED)
            *file = (struct ledger_file){bytes, (size_t)status.st_size, true};
    }
    close(descriptor);
    return file->mapped;
}

bool
ledger_file_open(struct session *session, const char *path, struct ledger_file *file)
{
    *file = (struct ledger_file){0};
    session->file = path;
    if (strcmp(path, "-") != 0 && map(path, file))
        return true;
    file->bytes = session_read_file(session, path, SIZE_MAX / 4, &file->size);
    return file->bytes != NULL;
}

void
ledger_file_close(struct ledger_file *file)
{
    if (file->mapped)
        munmap((void *)(uintptr_t)file->bytes, file->size);
    *file = (struct ledger_file){0};
}

unsigned
ledger_file_threads(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > THREADS_MAX ? THREADS_MAX : (unsigned)processors;
}
