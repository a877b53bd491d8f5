/*
 * daemon.c: starts the parts of rctd in their order, watches over them, and stops them in the
 * opposite order. The main thread only waits for signals.
 */
#include "daemon.h"

#include "api/routes.h"
#include "api/worker.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/seal.h"
#include "database.h"
#include "http/server.h"
#include "metrics.h"
#include "store/people/consent_rule.h"
#include "store/vault/key_escrow.h"
#include "store/vault/master_key.h"
#include "work/dispatch.h"
#include "work/housekeeping.h"
#include "work/vault_keeper.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define DRAIN_SECONDS 25
#define STUCK_SECONDS 120

struct daemon {
    const struct daemon_options *options;
    struct arena *arena;
    struct database database;
    struct seal_key *key;
    struct error key_problem; /* where there is no key, or it was not the database's */
    char *openapi;
    struct session_options session;
    struct service service;
    struct http_server *server;
    struct workers *workers;
    struct dispatch *dispatch;
    struct housekeeping *housekeeping;
    struct vault_keeper *vault_keeper;
};

/* One daemon lives in a process; what a worker or /metrics calls back without an argument finds it
 * here. */
static struct daemon the_daemon;

static void
wake_dispatcher(void)
{
    dispatch_wake(the_daemon.dispatch);
}

static void
write_metrics(struct text *text)
{
    metrics_write(text, the_daemon.server, the_daemon.dispatch, the_daemon.key != NULL);
}

/* Blocked before any thread starts, so that the main thread alone takes them. */
static void
block_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, signals, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Connections of clients and to endpoints need more descriptors than the soft limit gives. */
static void
raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log_write(LOG_WARNING, "the limit of open files stays as it was");
}

/* The key is read before root is given up. Without it the daemon serves, but allocates nothing. */
static void
read_key(struct daemon *self)
{
    struct error *problem = &self->key_problem;
    const char *path = self->options->conf->master_key_file;
    if (path != NULL)
        self->key = seal_key_read(path, problem);
    else
        error_set(problem, ERROR_NO_MASTER_KEY, "master key",
            "This rctd has no master key; its operator sets master_key_file (rctd.conf(5))");
    if (self->key == NULL)
        log_error(LOG_WARNING, "allocation is closed", problem);
}

static bool
open_database(struct daemon *self, struct error *error)
{
    if (!database_open(self->options, false, &self->database, error))
        return false;
    self->session = (struct session_options){
        .database = self->database.options,
        .master_key = self->key,
        .master_key_problem = &self->key_problem,
    };
    return true;
}

/* Claims a new database for what this daemon is for, and finds out what a used one is for. */
static bool
claim(struct tx *tx, void *data)
{
    const char *wanted = data;
    struct sql_instance_purpose_row row;
    if (!sql_instance_claim(tx, &(struct sql_instance_claim){.purpose = wanted}, NULL) ||
        !sql_instance_purpose(tx, &row))
        return false;
    if (text_equal(row.purpose, wanted))
        return true;
    return tx_fail(tx, ERROR_CONFIG,
        "This database is for %s; start rctd %s --rehearsal, or name another database",
        text_equal(row.purpose, "real") ? "real trials" : "a rehearsal",
        text_equal(row.purpose, "real") ? "without" : "with");
}

/* A key under which nothing of this database lies is not used, nor kept for anybody: the daemon
 * serves as if it had none. */
static bool
hold_key(struct daemon *self, struct session *session, struct error *error)
{
    const struct tx_context context = database_context(DB_ROLE_VAULT, "daemon.start");
    struct master_key held = {.key = self->key};
    if (self->key == NULL)
        return true;
    if (!session_transact(session, self->arena, &context, master_key_hold, &held, error))
        return false;
    if (held.opens)
        return true;
    error_set(&self->key_problem, ERROR_OTHER_MASTER_KEY, "master key",
        "The key that rctd was started with is not the key of this database; its operator sets "
        "master_key_file to the right one");
    log_write(LOG_ERROR,
        "the master key is not this database's: allocation is closed, no identity opens, and the "
        "key is not escrowed expected=\"%s\" came=%s file=%s",
        held.expected, seal_key_id(self->key), self->options->conf->master_key_file);
    seal_key_free(self->key);
    self->key = NULL;
    self->session.master_key = NULL;
    return true;
}

/* The master key into the database, sealed, where the configuration says to whom. */
static bool
keep_key(struct daemon *self, struct session *session, struct error *error)
{
    const struct conf *conf = self->options->conf;
    const struct tx_context context = database_context(DB_ROLE_VAULT, "master-key.escrow");
    struct key_escrow escrow = {self->key, conf->escrow_public_key, conf->escrow_second_key};
    if (escrow.first == NULL && escrow.second != NULL)
        return error_set(error, ERROR_CONFIG, "escrow_second_key",
            "escrow_second_key is of a second person: set escrow_public_key to the first one's");
    return self->key == NULL || escrow.first == NULL ||
           session_transact(session, self->arena, &context, key_escrow_keep, &escrow, error);
}

static bool
check_database(struct daemon *self, struct session *session, struct error *error)
{
    char purpose[16];
    snprintf(purpose, sizeof purpose, "%s", self->options->rehearsal ? "rehearsal" : "real");
    const struct tx_context claiming = database_context(DB_ROLE_APP, "daemon.start");
    const struct tx_context filling = database_context(DB_ROLE_MANAGER, "daemon.start");
    return session_ready(session, error) &&
           session_transact(session, self->arena, &claiming, claim, purpose, error) &&
           session_transact(session, self->arena, &filling, consent_rule_fill, NULL, error) &&
           hold_key(self, session, error) && keep_key(self, session, error);
}

/* Waits for a database that is starting; a wrong schema or setting is told at once. */
static bool
wait_for_database(struct daemon *self, const sigset_t *signals, struct error *error)
{
    struct session *session = session_new(&self->session);
    bool ready;
    while (!(ready = check_database(self, session, error)) && error->code == ERROR_NO_DATABASE) {
        log_error(LOG_WARNING, "waiting for the database", error);
        if (sigtimedwait(signals, NULL, &(struct timespec){.tv_sec = 2}) > 0)
            break;
    }
    session_free(session);
    return ready;
}

static bool
start_server(struct daemon *self, struct error *error)
{
    const struct conf *conf = self->options->conf;
    char host[256];
    struct http_options options = {.address = host,
        .listen_fd = notify_socket(),
        .queue = conf->queue,
        .trust_proxy = conf->proxy,
        .routes = &routes};
    const char *colon = strrchr(conf->listen, ':');
    long long port;
    if (!text_to_int64(colon + 1, &port))
        return error_set(error, ERROR_CONFIG, "listen", "listen = %s has no port", conf->listen);
    options.port = (unsigned)port;
    bool bracketed = conf->listen[0] == '[';
    snprintf(host, sizeof host, "%.*s", (int)(colon - conf->listen) - (bracketed ? 2 : 0),
        conf->listen + (bracketed ? 1 : 0));
    return http_server_start(&options, &self->server, error);
}

static bool
start_parts(struct daemon *self, struct error *error)
{
    const struct conf *conf = self->options->conf;
    self->openapi = routes_openapi();
    self->service = (struct service){.routes = &routes,
        .openapi = self->openapi,
        .rehearsal = self->options->rehearsal,
        .write_metrics = write_metrics,
        .wake_dispatcher = wake_dispatcher};
    const struct dispatch_options dispatch = {
        .session = &self->session, .daemon = uuid_new(), .webhook_allow = conf->webhook_allow};
    const struct housekeeping_options housekeeping = {
        .session = &self->session, .daemon = dispatch.daemon, .heads_file = conf->audit_heads_file};
    const struct worker_options workers = {
        .count = conf->workers, .service = &self->service, .session = self->session};
    if (!dispatch_start(&dispatch, &self->dispatch, error) ||
        !housekeeping_start(&housekeeping, &self->housekeeping, error) ||
        !vault_keeper_start(&self->session, &self->vault_keeper, error) ||
        !start_server(self, error))
        return false;
    struct worker_options with_server = workers;
    with_server.server = self->server;
    return workers_start(&with_server, &self->workers, error);
}

/* Waits for a signal. The watchdog is fed only by a look at database server and workers that found
 * them well. */
static void
watch(struct daemon *self, const sigset_t *signals)
{
    struct error error = ERROR_CLEAR;
    int64_t interval = notify_watchdog();
    int64_t pause = interval > 0 ? interval / 3 : 1000000;
    const struct timespec wait = {.tv_sec = pause / 1000000, .tv_nsec = pause % 1000000 * 1000};
    while (sigtimedwait(signals, NULL, &wait) < 0) {
        if (errno == EINTR)
            continue;
        if (self->database.embedded != NULL && !embedded_check(self->database.embedded, &error)) {
            log_error(LOG_ERROR, "the private PostgreSQL has stopped; so does rctd", &error);
            return;
        }
        if (workers_serving(self->workers, STUCK_SECONDS))
            notify_send("WATCHDOG=1");
        else
            log_write(LOG_ERROR, "no worker has come on for %d s", STUCK_SECONDS);
    }
}

static void
stop_parts(struct daemon *self)
{
    notify_send("STOPPING=1");
    if (self->server != NULL)
        http_server_drain(self->server, DRAIN_SECONDS);
    if (self->workers != NULL)
        workers_join(self->workers);
    if (self->server != NULL)
        http_server_free(self->server);
    if (self->dispatch != NULL)
        dispatch_stop(self->dispatch, 5);
    vault_keeper_stop(self->vault_keeper);
    housekeeping_stop(self->housekeeping);
}

static void
close_daemon(struct daemon *self)
{
    database_close(&self->database);
    seal_key_free(self->key);
    arena_free(self->arena);
    free(self->openapi);
}

bool
daemon_serve(const struct daemon_options *options, struct error *error)
{
    struct daemon *self = &the_daemon;
    sigset_t signals;
    *self = (struct daemon){.options = options, .arena = arena_new()};
    notify_start();
    block_signals(&signals);
    raise_file_limit();
    read_key(self);
    bool started = routes_check(error) && open_database(self, error) &&
                   wait_for_database(self, &signals, error) && start_parts(self, error);
    if (started) {
        log_write(LOG_NOTICE, "rctd %s serves version=%s port=%u rehearsal=%s", RCTD_VERSION,
            RCTD_VERSION, http_server_port(self->server), options->rehearsal ? "yes" : "no");
        notify_send("READY=1");
        watch(self, &signals);
        log_write(LOG_NOTICE, "rctd stops: finishing what is under way");
    }
    stop_parts(self);
    close_daemon(self);
    return started;
}
