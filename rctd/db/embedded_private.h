/*
 * embedded_private.h: what the embedded_*.c files share.
 */
#ifndef RCTD_DB_EMBEDDED_PRIVATE_H
#define RCTD_DB_EMBEDDED_PRIVATE_H

#include "base/compiler.h"
#include "base/error.h"
#include "db/embedded.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A socket's path has 107 bytes; every other path in DIR is shorter than this. */
#define EMBEDDED_DIRECTORY 108
#define EMBEDDED_PATH 160

struct embedded {
    char directory[EMBEDDED_DIRECTORY]; /* absolute */
    char data[EMBEDDED_PATH];
    char socket[EMBEDDED_PATH];
    char log[EMBEDDED_PATH];
    char bin[512];   /* the folder of initdb and postgres */
    char user[64];   /* who this process is, or has become */
    int lock;        /* a descriptor; -1: not held */
    pid_t server;    /* 0: none of ours */
    off_t log_start; /* where this start's part of the log begins */
    char conninfo[3][2 * EMBEDDED_PATH];
};

/* embedded_directory.c: DIR is there, ours, and locked; this process is the unprivileged user. With
 * `attach`, `*attached` says that another daemon holds the lock. */
bool directory_prepare(struct embedded *embedded, const struct embedded_options *options,
    bool *attached, struct error *error) MUST_CHECK;

/* Is there such a file in DIR? */
bool directory_has(const struct embedded *embedded, const char *name);

/* Removes a folder of DIR and all in it; one that is not there is fine. */
bool directory_remove(
    const struct embedded *embedded, const char *name, struct error *error) MUST_CHECK;

/* The number on the first line of a file of DIR, above 0: 0 when there is no file, -1 no number. */
long directory_number(const struct embedded *embedded, const char *name);

bool directory_write(const struct embedded *embedded, const char *name, const char *text,
    struct error *error) MUST_CHECK;

/* embedded_user.c: as root, who to become; `owner` owns DIR already (0: nobody but root). */
bool user_choose(const char *wanted, uid_t owner, char *name, size_t size, uid_t *uid, gid_t *gid,
    struct error *error) MUST_CHECK;
bool user_become(const char *name, uid_t uid, gid_t gid, struct error *error) MUST_CHECK;
void user_name(char *name, size_t size); /* of this process */

/* embedded_bin.c: finds the server's programs that fit the data in DIR. */
bool bin_find(struct embedded *embedded, const char *wanted, struct error *error) MUST_CHECK;

/* embedded_log.c: starts a new part of the log; opens it for a child. -1 with the error. */
int log_open(struct embedded *embedded, struct error *error) MUST_CHECK;

/* The line of this part that says best why the server failed; empty when none does. */
void log_reason(const struct embedded *embedded, char *out, size_t size);

/* embedded_server.c */
bool server_make(struct embedded *embedded, struct error *error) MUST_CHECK; /* initdb */
bool server_configure(struct embedded *embedded, struct error *error) MUST_CHECK;
bool server_wait_for_previous(struct embedded *embedded, struct error *error) MUST_CHECK;
bool server_start(struct embedded *embedded, struct error *error) MUST_CHECK;
bool server_is_alive(struct embedded *embedded, struct error *error) MUST_CHECK;
void server_stop(struct embedded *embedded);

/* Starts a program with a small environment, its output going to `output`; it ends with this
 * process (it gets `death`). -1 when it could not be started. `path` is absolute, and so is
 * arguments[0]: PostgreSQL's programs find each other by it. */
pid_t process_start(
    const char *path, char *const *arguments, const char *home, int output, int death);

#endif
