/*
 * embedded_server.c: makes, starts and stops the private PostgreSQL. It is a child that gets a
 * signal from the kernel when this process ends in any way, in a session of its own so that Ctrl-C
 * at a terminal reaches only the daemon, which stops the server last.
 */
#include "db/embedded_private.h"

#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STEP_MS 20
#define START_SECONDS 120 /* a crash recovery may take a while */
#define STOP_SECONDS 60
#define ARGUMENTS_MOST 64

/* What an operator may change afterwards, in data/postgresql.conf: sizes for a small machine. */
static const char settings[] =
    "\n# rctd: sizes for a small machine. What rctd depends on stands on the command line.\n"
    "max_connections = 100\n"
    "shared_buffers = 64MB\n"
    "work_mem = 4MB\n"
    "maintenance_work_mem = 32MB\n"
    "max_wal_size = 512MB\n"
    "wal_compression = on\n"
    "max_parallel_workers_per_gather = 0\n"
    "jit = off\n"
    "log_checkpoints = off\n"
    "log_min_messages = warning\n";

/* What rctd depends on. The log gets no statement and no parameter: they hold personal data. */
static const char *const fixed[] = {"listen_addresses=", "port=5432",
    "unix_socket_permissions=0700", "fsync=on", "full_page_writes=on", "synchronous_commit=on",
    "logging_collector=off", "log_destination=stderr", "log_statement=none",
    "log_error_verbosity=terse", "log_min_error_statement=panic", "log_min_duration_statement=-1",
    "log_parameter_max_length=0", "log_parameter_max_length_on_error=0", "lc_messages=C",
    "log_timezone=UTC", "timezone=UTC"};

static void
rest(void)
{
    nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
}

pid_t
process_start(const char *path, char *const *arguments, const char *home, int output, int death)
{
    char home_line[EMBEDDED_PATH + 8];
    char search[] = "PATH=/usr/bin:/bin";
    char locale[] = "LC_ALL=C";
    char zone[] = "TZ=UTC";
    char *environment[] = {home_line, search, locale, zone, NULL};
    pid_t parent = getpid();
    snprintf(home_line, sizeof home_line, "HOME=%s", home);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    pid_t child = fork();
    if (child != 0) {
        close(nothing);
        return child;
    }
    setsid();
    /* The parent may have ended before the kernel knew whom to tell. */
    if (prctl(PR_SET_PDEATHSIG, death) != 0 || getppid() != parent || chdir(home) != 0)
        _exit(126);
    dup2(nothing, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    umask(077);
    execve(path, arguments, environment);
    _exit(127);
}

static bool
fail_with_reason(
    const struct embedded *embedded, enum error_code code, const char *what, struct error *error)
{
    char reason[600];
    log_reason(embedded, reason, sizeof reason);
    if (strstr(reason, "No space left on device") != NULL)
        return error_set(error, ERROR_SYSTEM, "disk",
            "The disk of %s is full, so %s: make room and start again. PostgreSQL says: %s",
            embedded->directory, what, reason);
    return error_set(error, code, "server", "%s: %s. The whole log is %s", what,
        reason[0] == '\0' ? "it gave no reason" : reason, embedded->log);
}

/* Debian and most others have C.UTF-8: bytes are compared as bytes, letters are known. */
static const char *
locale_name(void)
{
    locale_t locale = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0);
    if (locale == (locale_t)0)
        return "C";
    freelocale(locale);
    return "C.UTF-8";
}

static bool
run_initdb(struct embedded *embedded, const char *target, struct error *error)
{
    char program[600];
    char data_line[EMBEDDED_PATH + 32];
    char locale_line[32];
    char user_line[] = "--username=postgres";
    char encoding[] = "--encoding=UTF8";
    char checksums[] = "--data-checksums";
    char local[] = "--auth-local=peer";
    char host[] = "--auth-host=reject";
    char quiet[] = "--no-instructions";
    char *arguments[] = {
        program, data_line, user_line, encoding, locale_line, checksums, local, host, quiet, NULL};
    int status = -1;
    snprintf(program, sizeof program, "%s/initdb", embedded->bin);
    snprintf(data_line, sizeof data_line, "--pgdata=%s", target);
    snprintf(locale_line, sizeof locale_line, "--locale=%s", locale_name());
    int output = log_open(embedded, error);
    if (output < 0)
        return false;
    pid_t child = process_start(program, arguments, embedded->directory, output, SIGKILL);
    close(output);
    if (child < 0)
        return error_set_errno(error, "initdb", "initdb cannot be started");
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    return fail_with_reason(embedded, ERROR_SYSTEM, "initdb could not make the database", error);
}

static bool
append(const char *path, const char *text, struct error *error)
{
    FILE *file = fopen(path, "ae");
    bool done = file != NULL && fputs(text, file) >= 0 && fflush(file) == 0;
    if (!done)
        error_set_errno(error, "settings", "%s cannot be written", path);
    if (file != NULL)
        fclose(file);
    return done;
}

/* Made beside its place and moved there when it is whole: an interrupted start begins anew. */
bool
server_make(struct embedded *embedded, struct error *error)
{
    char target[EMBEDDED_PATH + 8];
    char path[EMBEDDED_PATH + 32];
    if (directory_has(embedded, "data"))
        return true;
    snprintf(target, sizeof target, "%s.new", embedded->data);
    snprintf(path, sizeof path, "%s/postgresql.conf", target);
    if (!directory_remove(embedded, "data.new", error) || !run_initdb(embedded, target, error) ||
        !append(path, settings, error))
        return false;
    if (rename(target, embedded->data) != 0)
        return error_set_errno(error, "data", "%s cannot be moved into its place", target);
    return true;
}

/* Who may connect as whom: the user that runs the server, and root, over the socket. */
bool
server_configure(struct embedded *embedded, struct error *error)
{
    static const char *const roles[] = {"postgres", "rctd_owner", "rctd_login"};
    char ident[1024] = "# Written by rctd at each start: MAP, user of the system, role.\n";
    size_t used = strlen(ident);
    for (size_t i = 0; i < COUNT_OF(roles); i++)
        used += (size_t)snprintf(ident + used, sizeof ident - used,
            "rctd \"%s\" %s\nrctd root %s\n", embedded->user, roles[i], roles[i]);
    if (mkdir(embedded->socket, 0700) != 0 && errno != EEXIST)
        return error_set_errno(error, "socket", "%s cannot be made", embedded->socket);
    return directory_write(embedded, "data/pg_ident.conf", ident, error) &&
           directory_write(embedded, "data/pg_hba.conf",
               "# Written by rctd at each start.\nlocal all all peer map=rctd\n", error);
}

/* The process of postmaster.pid, when it lives and is this directory's server; else 0. */
static pid_t
previous_server(const struct embedded *embedded)
{
    char path[64];
    char command[1024] = "";
    long pid = directory_number(embedded, "data/postmaster.pid");
    if (pid <= 1)
        return 0;
    snprintf(path, sizeof path, "/proc/%ld/cmdline", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    size_t length = fread(command, 1, sizeof command - 1, file);
    fclose(file);
    return memmem(command, length, embedded->data, strlen(embedded->data) + 1) == NULL ? 0
                                                                                       : (pid_t)pid;
}

/* Its daemon is gone (we hold the lock), so it is stopping, or has missed the signal to. */
bool
server_wait_for_previous(struct embedded *embedded, struct error *error)
{
    pid_t pid = previous_server(embedded);
    if (pid == 0)
        return true;
    log_write(
        LOG_NOTICE, "waiting for the earlier PostgreSQL of this directory to stop pid=%d", pid);
    kill(pid, SIGINT);
    for (int waited = 0; waited < STOP_SECONDS * 1000; waited += STEP_MS) {
        if (previous_server(embedded) == 0)
            return true;
        if (waited == STOP_SECONDS * 500)
            kill(pid, SIGQUIT);
        rest();
    }
    return error_set(error, ERROR_BUSY, "server",
        "The earlier PostgreSQL of %s (process %d) does not stop: look at %s, end that process, "
        "then start again",
        embedded->directory, (int)pid, embedded->log);
}

static pid_t
run_postgres(struct embedded *embedded, int output)
{
    char program[600];
    char directory_flag[] = "-D";
    char setting_flag[] = "-c";
    char sockets[EMBEDDED_PATH + 32];
    char values[COUNT_OF(fixed)][48];
    char *arguments[ARGUMENTS_MOST] = {
        program, directory_flag, embedded->data, setting_flag, sockets};
    size_t count = 5;
    _Static_assert(2 * COUNT_OF(fixed) + 6 <= ARGUMENTS_MOST, "room for every setting");
    snprintf(program, sizeof program, "%s/postgres", embedded->bin);
    snprintf(sockets, sizeof sockets, "unix_socket_directories=\"%s\"", embedded->socket);
    for (size_t i = 0; i < COUNT_OF(fixed); i++) {
        snprintf(values[i], sizeof values[i], "%s", fixed[i]);
        arguments[count++] = setting_flag;
        arguments[count++] = values[i];
    }
    return process_start(program, arguments, embedded->directory, output, SIGINT);
}

bool
server_start(struct embedded *embedded, struct error *error)
{
    char probe[2 * EMBEDDED_PATH + 32];
    int output = log_open(embedded, error);
    if (output < 0)
        return false;
    embedded->server = run_postgres(embedded, output);
    close(output);
    if (embedded->server < 0) {
        embedded->server = 0;
        return error_set_errno(error, "server", "PostgreSQL cannot be started");
    }
    snprintf(probe, sizeof probe,
        "host='%s' port=5432 user=postgres dbname=postgres connect_timeout=5", embedded->socket);
    for (int waited = 0; waited < START_SECONDS * 1000; waited += STEP_MS) {
        if (!server_is_alive(embedded, error))
            return false;
        if (PQping(probe) == PQPING_OK)
            return true;
        rest();
    }
    return fail_with_reason(
        embedded, ERROR_NO_DATABASE, "PostgreSQL did not become ready in two minutes", error);
}

bool
server_is_alive(struct embedded *embedded, struct error *error)
{
    int status;
    if (embedded->server != 0 && waitpid(embedded->server, &status, WNOHANG) == 0)
        return true;
    embedded->server = 0;
    return fail_with_reason(embedded, ERROR_NO_DATABASE, "PostgreSQL has ended", error);
}

/* Waits for the child; false when it still runs after that time. */
static bool
reap(struct embedded *embedded, int seconds)
{
    for (int waited = 0; waited < seconds * 1000; waited += STEP_MS) {
        if (waitpid(embedded->server, NULL, WNOHANG) != 0) {
            embedded->server = 0;
            return true;
        }
        rest();
    }
    return false;
}

void
server_stop(struct embedded *embedded)
{
    static const int signals[] = {SIGINT, SIGQUIT, SIGKILL};
    for (size_t i = 0; embedded->server != 0 && i < COUNT_OF(signals); i++) {
        kill(embedded->server, signals[i]);
        if (!reap(embedded, i == 0 ? STOP_SECONDS : 10))
            log_write(LOG_WARNING, "PostgreSQL does not stop signal=%d", signals[i]);
    }
}
