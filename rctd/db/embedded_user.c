/*
 * embedded_user.c: root becomes an unprivileged user, for good. PostgreSQL refuses to run as root,
 * and rctd has no use for it.
 */
#include "db/embedded_private.h"

#include "base/log.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ENTRY_SIZE 4096

/* By name, or where that is NULL by number. Root is nobody here. */
static bool
look_up(const char *wanted, uid_t number, char *name, size_t size, uid_t *uid, gid_t *gid)
{
    char room[ENTRY_SIZE];
    struct passwd entry;
    struct passwd *found = NULL;
    if (wanted != NULL)
        (void)getpwnam_r(wanted, &entry, room, sizeof room, &found);
    else
        (void)getpwuid_r(number, &entry, room, sizeof room, &found);
    if (found == NULL || found->pw_uid == 0)
        return false;
    snprintf(name, size, "%s", found->pw_name);
    *uid = found->pw_uid;
    *gid = found->pw_gid;
    return true;
}

bool
user_choose(const char *wanted, uid_t owner, char *name, size_t size, uid_t *uid, gid_t *gid,
    struct error *error)
{
    if (wanted != NULL)
        return look_up(wanted, 0, name, size, uid, gid) ||
               error_set(error, ERROR_CONFIG, "embedded_user",
                   "There is no user %s to run PostgreSQL as, or it is root: name another", wanted);
    if (owner != 0 && look_up(NULL, owner, name, size, uid, gid))
        return true;
    if (look_up("rctd", 0, name, size, uid, gid) || look_up("postgres", 0, name, size, uid, gid))
        return true;
    return error_set(error, ERROR_CONFIG, "embedded_user",
        "PostgreSQL does not run as root, and there is neither a user rctd nor postgres: make one "
        "with `useradd --system rctd`, or start rctd as another user");
}

bool
user_become(const char *name, uid_t uid, gid_t gid, struct error *error)
{
    if (initgroups(name, gid) != 0 || setresgid(gid, gid, gid) != 0 ||
        setresuid(uid, uid, uid) != 0)
        return error_set_errno(error, "user", "This process cannot become the user %s", name);
    if (setuid(0) == 0 || geteuid() != uid)
        return error_set(error, ERROR_SYSTEM, "user", "This process stays root; it must not");
    log_write(LOG_NOTICE, "no longer root user=%s", name);
    return true;
}

void
user_name(char *name, size_t size)
{
    uid_t uid;
    gid_t gid;
    if (!look_up(NULL, geteuid(), name, size, &uid, &gid))
        snprintf(name, size, "%u", (unsigned)geteuid());
}
