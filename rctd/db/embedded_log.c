/*
 * embedded_log.c: PostgreSQL's log in DIR, and the line of it that an operator needs to see when
 * the server does not start.
 */
#include "db/embedded_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_MOST ((off_t)8 * 1024 * 1024)

int
log_open(struct embedded *embedded, struct error *error)
{
    struct stat status;
    if (stat(embedded->log, &status) == 0 && status.st_size > LOG_MOST) {
        char older[EMBEDDED_PATH + 4];
        snprintf(older, sizeof older, "%s.1", embedded->log);
        (void)rename(embedded->log, older);
    }
    int file = open(embedded->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0 || fstat(file, &status) != 0) {
        error_set_errno(error, "log", "%s cannot be opened", embedded->log);
        if (file >= 0)
            close(file);
        return -1;
    }
    embedded->log_start = status.st_size;
    return file;
}

/* How well a line tells the reason: a full disk best, then what ended the server. */
static int
rank(const char *line)
{
    if (strstr(line, "No space left on device") != NULL)
        return 4;
    if (strstr(line, "PANIC:") != NULL || strstr(line, "FATAL:") != NULL)
        return 3;
    if (strstr(line, "error:") != NULL || strstr(line, "ERROR:") != NULL)
        return 2;
    return line[0] == '\0' ? 0 : 1;
}

/* Without the time and the process that stand in front. */
static const char *
message_of(const char *line)
{
    const char *end = strstr(line, "] ");
    return end == NULL ? line : end + 2;
}

/* The line before the best one often says more than that one does. */
void
log_reason(const struct embedded *embedded, char *out, size_t size)
{
    char line[512];
    char before[512] = "";
    int best = 0;
    out[0] = '\0';
    FILE *file = fopen(embedded->log, "re");
    if (file == NULL)
        return;
    if (fseeko(file, embedded->log_start, SEEK_SET) == 0)
        while (fgets(line, sizeof line, file) != NULL) {
            line[strcspn(line, "\n")] = '\0';
            if (rank(line) >= best && rank(line) > 0) {
                best = rank(line);
                snprintf(out, size, "%s%s%s", message_of(before), before[0] == '\0' ? "" : "; ",
                    message_of(line));
            }
            snprintf(before, sizeof before, "%s", line);
        }
    fclose(file);
}
