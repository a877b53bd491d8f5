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
#include "work/pulse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECONDS 60
#define FIRST_SECONDS 2
#define MISS_BATCHES 20 /* in one round */

struct housekeeping {
    struct pulse *pulse;
    struct uuid daemon;
    const char *heads_file;
    struct heads_seen *seen;
};

static bool
transact(struct housekeeping *self, bool read_only, tx_body body, void *data)
{
    const struct tx_context context = {
        .role = DB_ROLE_APP, .action = "housekeeping", .read_only = read_only};
    return pulse_transact(self->pulse, &context, body, data);
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
    walk->line = heads_line_start(pulse_arena(walk->self->pulse), walk->self->seen);
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
    const struct seal_key *key = session_master_key(pulse_session(self->pulse), &error);
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
    for (int batch = 0; misses.more && batch < MISS_BATCHES && pulse_goes_on(self->pulse);
         batch++) {
        if (!transact(self, false, miss_in_transaction, &misses))
            break;
        total += misses.count;
    }
    if (total > 0)
        log_write(
            LOG_INFO, "tasks were missed: their windows are over count=%lld", (long long)total);
}

static void
keep_house(void *data)
{
    struct housekeeping *self = data;
    int64_t deleted = 0;
    if (transact(self, false, clean_in_transaction, &deleted) && deleted > 0)
        log_write(LOG_DEBUG, "rows whose time was over deleted=%lld", (long long)deleted);
    miss_tasks(self);
    write_heads(self);
}

/* Looks at once whether lines can be written and signed, so that an operator need not wait to learn
 * it. */
static bool
check_heads(struct housekeeping *self, struct error *error)
{
    struct error problem = ERROR_CLEAR;
    const struct seal_key *key = session_master_key(pulse_session(self->pulse), &problem);
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
        heads_public_key(pulse_arena(self->pulse), key));
    return true;
}

bool
housekeeping_start(const struct housekeeping_options *options, struct housekeeping **housekeeping,
    struct error *error)
{
    struct housekeeping *self = memory_get(sizeof *self);
    unsigned seconds = options->seconds == 0 ? SECONDS : options->seconds;
    self->seen = heads_seen_new();
    self->daemon = options->daemon;
    self->heads_file = options->heads_file;
    self->pulse = pulse_new(&(struct pulse_options){.name = "housekeeping",
        .connection = "rctd housekeeping",
        .trouble = "housekeeping waits for its next round",
        .session = options->session,
        .first = seconds < FIRST_SECONDS ? seconds : FIRST_SECONDS,
        .seconds = seconds,
        .beat = keep_house,
        .data = self});
    *housekeeping = self;
    return check_heads(self, error) && pulse_start(self->pulse, error);
}

void
housekeeping_stop(struct housekeeping *housekeeping)
{
    if (housekeeping == NULL)
        return;
    pulse_stop(housekeeping->pulse);
    heads_seen_free(housekeeping->seen);
    free(housekeeping);
}
