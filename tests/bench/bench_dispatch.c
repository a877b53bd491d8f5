/*
 * bench_dispatch.c: how many reminders the dispatcher checks, signs, posts and records in a second,
 * over a private PostgreSQL and a receiver on loopback, against the same messages posted by curl
 * alone to the same receiver: what consent, leases and ledgers cost.
 */
#include "base/clock.h"
#include "base/digest.h"
#include "bench.h"
#include "tests/unit/db/private_cluster.h"
#include "work/dispatch.h"
#include "work/dispatch_post.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define REMINDERS 20000
#define IN_FLIGHT 256
#define DATABASE "bench"
#define ANSWER "HTTP/1.1 204 No Content\r\n\r\n"

static struct private_cluster cluster;
static struct arena *arena;

static const char protocol[] =
    "trial: bench\ntitle: {en: Bench}\nregistration: none\ntime_zone: Europe/Stockholm\nlanguages: "
    "[en]\n"
    "calendar: {working_hours: Mon-Fri 09:00-18:00}\n"
    "workplace: {identifiers: {number: {type: pattern, pattern: \"^[0-9]+$\", required: true}}, "
    "attributes: "
    "{sector: {levels: [a, b]}}}\n"
    "consent: {forms: {employer: {by: workplace, version: 1, scopes: [participate]}}, "
    "required_before_allocation: {workplace: [employer/participate]}}\n"
    "arms: {x: {label: {en: X}}, y: {label: {en: Y}}}\n"
    "phases: {main: {target: {workplaces: 9}, scheme: {unit: workplace, method: permuted-block, "
    "ratio: {x: 1, "
    "y: 1}, blocks: [2]}}}\n";

/* The receiver: one thread that answers every request on every connection with 204. A request here
 * is small and has its body's end at the end of what is read. */
static void
answer(int connection)
{
    char bytes[8192];
    ssize_t got = recv(connection, bytes, sizeof bytes, 0);
    if (got <= 0)
        close(connection);
    else if (memchr(bytes, '}', (size_t)got) != NULL)
        (void)!send(connection, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL);
}

static void *
receive(void *data)
{
    int listener = *(int *)data;
    int all = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(all, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        struct epoll_event events[64];
        int count = epoll_wait(all, events, 64, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd != listener) {
                answer(events[i].data.fd);
                continue;
            }
            event.data.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
            epoll_ctl(all, EPOLL_CTL_ADD, event.data.fd, &event);
        }
    }
    return NULL;
}

static char *
start_receiver(void)
{
    static int listener;
    pthread_t thread;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    private_cluster_need(bind(listener, (struct sockaddr *)&address, size) == 0 &&
                             listen(listener, 1024) == 0 &&
                             getsockname(listener, (struct sockaddr *)&address, &size) == 0 &&
                             pthread_create(&thread, NULL, receive, &listener) == 0,
        "receiver", "does not start");
    return arena_printf(arena, "http://127.0.0.1:%u/hook", (unsigned)ntohs(address.sin_port));
}

static void
sql(const char *text)
{
    private_cluster_sql(arena, &cluster, DATABASE, text);
}

#define TRIAL "'01938c5e-7a10-7cc3-98c4-000000000001'::uuid"

/* A trial with so many workplaces, each with a reminder that was sent before and one that is due.
 */
static void
fill(const char *url, const struct seal_key *key)
{
    size_t size;
    unsigned char secret[32] = {1};
    void *sealed = seal_lock(key, arena, secret, sizeof secret, &size);
    sql("INSERT INTO rctd.account (account_id, name, display) VALUES (" TRIAL ", 'bench', 'Bench');"
        "INSERT INTO rctd.trial (trial_id, name, title) VALUES (" TRIAL ", 'bench', 'Bench');"
        "UPDATE rctd.trial SET state = 'open', time_zone = 'Europe/Stockholm'");
    sql(arena_printf(arena,
        "INSERT INTO rctd.protocol_version (trial_id, version, document, sha256, created_by)"
        " SELECT " TRIAL
        ", 1, d, sha256(convert_to(d, 'UTF8')), 'bench' FROM (SELECT $x$%s$x$ AS d) d;"
        "UPDATE rctd.protocol_version SET state = 'locked', locked_at = now(), locked_by = " TRIAL,
        protocol));
    sql("INSERT INTO rctd.consent_task (trial_id, task, version, action) VALUES (" TRIAL
        ", 't', 1, 'data');"
        "INSERT INTO rctd.consent_set (trial_id, version) VALUES (" TRIAL ", 1)");
    sql(arena_printf(arena,
        "INSERT INTO rctd.endpoint (trial_id, endpoint_id, url, channel, sealed_secret, key_id)"
        " VALUES (" TRIAL ", " TRIAL ", '%s', 'any', decode('%s', 'hex'), '%s')",
        url, hex_encode(arena, sealed, size), seal_key_id(key)));
    sql(arena_printf(arena,
        "SET session_replication_role = replica;"
        "INSERT INTO rctd.unit (trial_id, unit_id, kind, code, state, attributes)"
        " SELECT " TRIAL ", md5('u' || n)::uuid, 'workplace', 'W' || n, 'allocated', '{}' FROM "
        "generate_series(1, %d) n;"
        "INSERT INTO rctd.consent (trial_id, unit_id, ordinal, consent_id, form, form_version, "
        "language,"
        "  decision, scopes, decided_at, decided_by, how, protocol_version, recorded_at, "
        "recorded_by)"
        " SELECT trial_id, unit_id, 1, unit_id, 'employer', 1, 'en', 'given', '{\"participate\": "
        "true}', now(), 'x',"
        "  'paper', 1, now(), " TRIAL " FROM rctd.unit;"
        "INSERT INTO rctd.task (trial_id, task_id, unit_id, task, occurrence, kind, anchor, "
        "target_on, opens_at,"
        "  closes_at, arm_specific, protocol_version)"
        " SELECT trial_id, unit_id, unit_id, 't', 1, 'questionnaire', 'allocation', now()::date, "
        "now() - interval '1 day',"
        "  now() + interval '9 days', false, 1 FROM rctd.unit;"
        "INSERT INTO rctd.reminder (trial_id, reminder_id, task_id, unit_id, step, channel, "
        "template, language, due_at,"
        "  next_attempt_at, arm_specific, shard)"
        " SELECT trial_id, unit_id, unit_id, unit_id, 1, 'email', 'invitation', 'en', now(), now() "
        "- random() *"
        "  interval '1 hour', false, get_byte(uuid_send(unit_id), 15) FROM rctd.unit;"
        "INSERT INTO rctd.reminder SELECT (jsonb_populate_record(r, "
        "jsonb_build_object('reminder_id',"
        "  md5('r' || reminder_id)::uuid, 'step', 2, 'state', 'sent', 'attempts', 1))).* FROM "
        "rctd.reminder r;"
        "INSERT INTO rctd.reminder_attempt (trial_id, reminder_id, attempt, endpoint_id, "
        "started_at)"
        " SELECT trial_id, reminder_id, 1, trial_id, now() FROM rctd.reminder WHERE state = 'sent';"
        "INSERT INTO rctd.reminder_result (trial_id, reminder_id, attempt, milliseconds, status, "
        "outcome)"
        " SELECT trial_id, reminder_id, 1, 7, 204, 'delivered' FROM rctd.reminder WHERE state = "
        "'sent';"
        "ANALYZE",
        REMINDERS));
}

static double
seconds(void)
{
    return (double)clock_monotonic() * 1e-6;
}

static double
dispatch_rate(const struct seal_key *key)
{
    struct error error = ERROR_CLEAR;
    struct dispatch *dispatch;
    struct dispatch_counters counters = {0};
    const struct session_options session = {
        .database = {.conninfo = private_cluster_conninfo(arena, &cluster, DATABASE, "rctd_login"),
            .prepare = true},
        .master_key = key};
    const struct dispatch_options options = {.session = &session,
        .webhook_allow = "127.0.0.0/8",
        .in_flight = IN_FLIGHT,
        .rate = 1000000};
    double start = seconds();
    private_cluster_need(dispatch_start(&options, &dispatch, &error), "dispatch", error.detail);
    while (counters.delivered < REMINDERS && seconds() - start < 120) {
        usleep(1000);
        dispatch_counters(dispatch, &counters);
    }
    dispatch_stop(dispatch, 5);
    double took = seconds() - start;
    const char *sent = private_cluster_sql(arena, &cluster, DATABASE,
        "SELECT count(*) FROM rctd.reminder WHERE state = 'sent' AND step = 1");
    private_cluster_need(
        atoi(sent) == REMINDERS, "dispatch", "not every reminder was sent and recorded");
    return REMINDERS / took;
}

static double
curl_rate(const char *url)
{
    struct address_rules rules;
    struct error error = ERROR_CLEAR;
    private_cluster_need(
        address_rules_read(arena, "127.0.0.0/8", &rules, &error), "rules", error.detail);
    struct poster *poster = poster_new(&rules, IN_FLIGHT);
    const struct post post = {.url = url,
        .id = "msg_01938c5e-7a10-7cc3-98c4-dc0c0c07398f",
        .timestamp = 1,
        .signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        .body = arena_printf(arena, "{\"data\":\"%0320d\"}", 0)};
    int sent = 0;
    int ended = 0;
    double start = seconds();
    while (ended < REMINDERS) {
        struct post_result result;
        while (sent < REMINDERS && poster_send(poster, &post, NULL))
            sent++;
        poster_turn(poster, -1, 1000);
        while (poster_take(poster, &result))
            ended++;
    }
    double took = seconds() - start;
    poster_free(poster);
    return REMINDERS / took;
}

int
main(int argc, char **argv)
{
    static const char name[] = "dispatch.push";
    struct error error = ERROR_CLEAR;
    if (!bench_wanted(argc, argv, name))
        return EXIT_SUCCESS;
    bits_start();
    arena = arena_new();
    cluster = private_cluster_start(NULL);
    private_cluster_migrated(arena, &cluster, DATABASE);
    char *path = arena_printf(arena, "%s/bench.key", cluster.socket);
    private_cluster_need(seal_key_create(path, &error), "key", error.detail);
    struct seal_key *key = seal_key_read(path, &error);
    private_cluster_need(key != NULL, "key", error.detail);
    char *url = start_receiver();
    fill(url, key);
    double rate = dispatch_rate(key);
    bench_report(name, rate, "reminders/s", curl_rate(url), "curl alone");
    seal_key_free(key);
    private_cluster_stop(&cluster);
    arena_free(arena);
    return EXIT_SUCCESS;
}
