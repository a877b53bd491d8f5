/*
 * housekeeping.c: the minute's work.
 */
#include "work/housekeeping.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/contact/reminder.h"
#include "store/contact/task.h"
#include "store/housekeeping.h"
#include "work/heads.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SECONDS 60
#define FIRST_SECONDS 2
#define MISS_BATCHES 20 /* in one round */

struct housekeeping {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping; /* under the lock */
    struct session *session;
    struct session_options session_options;
    struct arena *arena;
    struct uuid daemon;
    const char *heads_file;
    struct heads_seen *seen;
    unsigned seconds;
};

static bool
transact(struct housekeeping *self, bool read_only, tx_body body, void *data)
{
    struct error error = ERROR_CLEAR;
    const struct tx_context context = {.role = DB_ROLE_APP,
        .actor = "rctd",
        .action = "housekeeping",
        .request_id = "housekeeping",
        .read_only = read_only};
    if (session_transact(self->session, self->arena, &context, body, data, &error))
        return true;
    log_error(LOG_WARNING, "housekeeping waits for its next round", &error);
    return false;
}

static bool
clean_in_transaction(struct tx *tx, void *data)
{
    return housekeeping_clean(tx, data);
}

struct walk {
    struct housekeeping *self;
    struct heads_line *line;
    bool ours;
};

static bool
walk_in_transaction(struct tx *tx, void *data)
{
    struct walk *walk = data;
    if (!lease_has_first(tx, walk->self->daemon, &walk->ours))
        return false;
    if (!walk->ours)
        return true;
    walk->line = heads_line_start(walk->self->arena, walk->self->seen);
    return housekeeping_heads(tx, heads_line_add, walk->line);
}

static bool
write_all(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write(file, bytes, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return false;
        bytes += wrote;
        size -= (size_t)wrote;
    }
    return true;
}

/* Appends a line whole or not at all. */
static bool
append_line(const char *path, const char *line, struct error *error)
{
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
    if (file < 0)
        return error_set_errno(error, "audit_heads_file", "%s cannot be appended to", path);
    off_t before = lseek(file, 0, SEEK_END);
    bool done = write_all(file, line, strlen(line)) && fsync(file) == 0;
    if (!done) {
        error_set_errno(error, "audit_heads_file", "%s cannot be written", path);
        if (before >= 0 && ftruncate(file, before) != 0)
            log_write(LOG_WARNING, "half a line stays in the file of audit heads");
    }
    close(file);
    return done;
}

static void
write_heads(struct housekeeping *self)
{
    struct error error = ERROR_CLEAR;
    struct walk walk = {.self = self};
    const struct seal_key *key = session_master_key(self->session, &error);
    if (self->heads_file == NULL || key == NULL)
        return;
    if (!transact(self, true, walk_in_transaction, &walk))
        return;
    if (!walk.ours) {
        /* Another daemon's lines stand before our next one: that one has all heads. */
        heads_seen_free(self->seen);
        self->seen = heads_seen_new();
        return;
    }
    if (append_line(self->heads_file, heads_line_end(walk.line, key, clock_now()), &error))
        heads_line_written(walk.line, self->seen);
    else
        log_error(LOG_ERROR, "the heads of the trail are not written", &error);
}

struct misses {
    int64_t count;
    bool more;
};

static bool
miss_in_transaction(struct tx *tx, void *data)
{
    struct misses *misses = data;
    return task_miss(tx, &misses->count, &misses->more);
}

/* Batch after batch, each in a transaction of its own: no unit is held for long, nor a stop. */
static void
miss_tasks(struct housekeeping *self)
{
    struct misses misses = {.more = true};
    int64_t total = 0;
    for (int batch = 0; misses.more && batch < MISS_BATCHES; batch++) {
        arena_reset(self->arena);
        if (!transact(self, false, miss_in_transaction, &misses))
            break;
        total += misses.count;
    }
    if (total > 0)
        log_write(
            LOG_INFO, "tasks were missed: their windows are over count=%lld", (long long)total);
}

static void
keep_house(struct housekeeping *self)
{
    int64_t deleted = 0;
    arena_reset(self->arena);
    if (transact(self, false, clean_in_transaction, &deleted) && deleted > 0)
        log_write(LOG_DEBUG, "rows whose time was over deleted=%lld", (long long)deleted);
    miss_tasks(self);
    arena_reset(self->arena);
    write_heads(self);
}

/* Waits for so many seconds; false when it is to stop. */
static bool
wait_seconds(struct housekeeping *self, unsigned seconds)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += seconds;
    pthread_mutex_lock(&self->lock);
    while (!self->stopping && pthread_cond_timedwait(&self->changed, &self->lock, &end) == 0)
        continue;
    bool going = !self->stopping;
    pthread_mutex_unlock(&self->lock);
    return going;
}

static void *
run(void *data)
{
    struct housekeeping *self = data;
    unsigned seconds = self->seconds < FIRST_SECONDS ? self->seconds : FIRST_SECONDS;
    log_request_set("housekeeping");
    while (wait_seconds(self, seconds)) {
        keep_house(self);
        seconds = self->seconds;
    }
    return NULL;
}

static void
free_housekeeping(struct housekeeping *self)
{
    heads_seen_free(self->seen);
    session_free(self->session);
    arena_free(self->arena);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

/* Looks at once whether lines can be written and signed, so that an operator need not wait to learn
 * it. */
static bool
check_heads(struct housekeeping *self, struct error *error)
{
    struct error problem = ERROR_CLEAR;
    const struct seal_key *key = session_master_key(self->session, &problem);
    if (self->heads_file == NULL)
        return true;
    if (key == NULL) {
        log_error(LOG_WARNING,
            "no heads of the trail are written: they are signed with the master key", &problem);
        return true;
    }
    if (!append_line(self->heads_file, "", &problem))
        return error_set(
            error, ERROR_CONFIG, "audit_heads_file", "audit_heads_file: %s", problem.detail);
    log_write(LOG_NOTICE, "heads of the trail are signed public_key=%s",
        heads_public_key(self->arena, key));
    return true;
}

static void
prepare(struct housekeeping *self, const struct housekeeping_options *options)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&self->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&self->lock, NULL);
    self->arena = arena_new();
    self->seen = heads_seen_new();
    self->session_options = *options->session;
    self->session_options.database.name = "rctd housekeeping";
    self->session = session_new(&self->session_options);
    self->daemon = options->daemon;
    self->heads_file = options->heads_file;
    self->seconds = options->seconds == 0 ? SECONDS : options->seconds;
}

bool
housekeeping_start(const struct housekeeping_options *options, struct housekeeping **housekeeping,
    struct error *error)
{
    struct housekeeping *self = memory_get(sizeof *self);
    *housekeeping = NULL;
    prepare(self, options);
    if (!check_heads(self, error)) {
        free_housekeeping(self);
        return false;
    }
    int code = pthread_create(&self->thread, NULL, run, self);
    if (code != 0) {
        errno = code;
        free_housekeeping(self);
        return error_set_errno(error, "thread", "The thread for housekeeping does not start");
    }
    *housekeeping = self;
    return true;
}

void
housekeeping_stop(struct housekeeping *housekeeping)
{
    if (housekeeping == NULL)
        return;
    pthread_mutex_lock(&housekeeping->lock);
    housekeeping->stopping = true;
    pthread_cond_broadcast(&housekeeping->changed);
    pthread_mutex_unlock(&housekeeping->lock);
    pthread_join(housekeeping->thread, NULL);
    free_housekeeping(housekeeping);
}
