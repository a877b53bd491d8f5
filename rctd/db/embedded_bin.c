/*
 * embedded_bin.c: finds initdb and postgres. Data of one major version run under that version only,
 * so the data decide where there are some; a new directory gets the newest.
 */
#include "db/embedded_private.h"

#include "base/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OLDEST 15 /* the schema needs it */

/* What a program prints on its first line; false when it cannot be run. */
static bool
first_line(const char *program, const char *argument, char *out, size_t size)
{
    char name[600];
    char argument_copy[32];
    char *arguments[] = {name, argument_copy, NULL};
    int ends[2];
    int status = -1;
    snprintf(name, sizeof name, "%s", program);
    snprintf(argument_copy, sizeof argument_copy, "%s", argument);
    if (access(program, X_OK) != 0 || pipe2(ends, O_CLOEXEC) != 0)
        return false;
    pid_t child = process_start(program, arguments, "/", ends[1], SIGKILL);
    close(ends[1]);
    FILE *file = fdopen(ends[0], "r");
    bool got = file != NULL && fgets(out, (int)size, file) != NULL;
    if (file != NULL)
        fclose(file);
    if (child > 0)
        waitpid(child, &status, 0);
    out[got ? strcspn(out, "\n") : 0] = '\0';
    return got && child > 0;
}

/* "postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)"; 0 when there is no server. */
static int
major_of(const char *bin)
{
    char program[600];
    char line[256];
    snprintf(program, sizeof program, "%s/initdb", bin);
    if (access(program, X_OK) != 0)
        return 0;
    snprintf(program, sizeof program, "%s/postgres", bin);
    if (!first_line(program, "--version", line, sizeof line))
        return 0;
    const char *number = strstr(line, "(PostgreSQL) ");
    return number == NULL ? 0 : (int)strtol(number + strlen("(PostgreSQL) "), NULL, 10);
}

struct search {
    int wanted; /* this version only; 0: the newest */
    int best;
    char found[128]; /* the versions that were seen, for the error */
    char seen[512];  /* the folder that pg_config named: looked at once */
};

static void
look_at(struct search *search, struct embedded *embedded, const char *bin)
{
    int major = major_of(bin);
    if (major == 0)
        return;
    size_t used = strlen(search->found);
    snprintf(
        search->found + used, sizeof search->found - used, "%s%d", used == 0 ? "" : ", ", major);
    bool fits = search->wanted == 0 ? major >= OLDEST && major > search->best
                                    : major == search->wanted && search->best == 0;
    if (!fits)
        return;
    search->best = major;
    snprintf(embedded->bin, sizeof embedded->bin, "%s", bin);
}

/* `root`/NAME/`tail` for every NAME that starts so. */
static void
look_in(struct search *search, struct embedded *embedded, const char *root, const char *prefix,
    const char *tail)
{
    struct dirent **entries;
    int count = scandir(root, &entries, NULL, versionsort);
    for (int i = 0; i < count; i++) {
        char bin[512];
        snprintf(bin, sizeof bin, "%s/%s%s", root, entries[i]->d_name, tail);
        if (text_starts(entries[i]->d_name, prefix) && strcmp(bin, search->seen) != 0)
            look_at(search, embedded, bin);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static void
look_everywhere(struct search *search, struct embedded *embedded)
{
    if (first_line("/usr/bin/pg_config", "--bindir", search->seen, sizeof search->seen))
        look_at(search, embedded, search->seen);
    look_in(search, embedded, "/usr/lib/postgresql", "", "/bin");
    look_in(search, embedded, "/usr", "pgsql-", "/bin");
    look_in(search, embedded, "/usr/local", "pgsql", "/bin");
}

bool
bin_find(struct embedded *embedded, const char *wanted, struct error *error)
{
    struct search search = {.wanted = (int)directory_number(embedded, "data/PG_VERSION")};
    if (search.wanted < 0)
        return error_set(error, ERROR_CONFIG, "PG_VERSION",
            "%s/PG_VERSION is damaged: restore the directory from a backup", embedded->data);
    if (wanted != NULL)
        look_at(&search, embedded, wanted);
    else
        look_everywhere(&search, embedded);
    if (search.best != 0)
        return true;
    const char *found = search.found[0] == '\0' ? "none" : search.found;
    if (search.wanted == 0)
        return error_set(error, ERROR_CONFIG, "postgresql_bin",
            "No PostgreSQL server of version %d or newer is found%s%s (found: %s): install "
            "postgresql-%d, or name the folder of initdb as postgresql_bin",
            OLDEST, wanted == NULL ? "" : " in ", wanted == NULL ? "" : wanted, found, OLDEST);
    return error_set(error, ERROR_CONFIG, "postgresql_bin",
        "The data in %s are of PostgreSQL %d, and no server of that version is found%s%s (found: "
        "%s): install postgresql-%d",
        embedded->directory, search.wanted, wanted == NULL ? "" : " in ",
        wanted == NULL ? "" : wanted, found, search.wanted);
}
