/*
 * load.c: sends HTTP requests over kept connections, one at a time on each, and says how fast they
 * were answered. One thread with epoll, so that it takes as little as can be of the machine that it
 * shares with the server.
 *
 *     load PORT CLIENTS SECONDS <requests
 *
 * Standard input holds whole requests, each behind a line with its size in bytes. They are sent in
 * their order, each once; a single one again and again. It ends when all are answered or the time
 * is up, and prints one JSON object.
 */
#include "wire.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MOST ((size_t)64 * 1024)
#define SAMPLES_MOST ((size_t)1 << 22)

struct message {
    const char *bytes;
    size_t size;
};

struct client {
    int fd;
    double sent_at;
    size_t have;
    char answer[ANSWER_MOST];
};

struct load {
    struct message *messages;
    size_t count;
    size_t next;
    size_t answered;
    size_t refused; /* answered with another status than 2xx */
    size_t under_way;
    double end;
    float *milliseconds; /* of each answer */
};

static void
fail(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static double
now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void *
get_memory(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL)
        fail("memory");
    return memory;
}

static char *
read_all(FILE *file, size_t *length)
{
    size_t room = 1 << 20;
    char *bytes = get_memory(room, 1);
    *length = 0;
    for (size_t got; (got = fread(bytes + *length, 1, room - *length, file)) > 0;) {
        *length += got;
        if (*length < room)
            continue;
        room *= 2;
        bytes = realloc(bytes, room);
        if (bytes == NULL)
            fail("memory");
    }
    return bytes;
}

/* The messages point into the bytes read, which stay. */
static void
read_messages(struct load *load)
{
    size_t length;
    size_t room = 1024;
    char *bytes = read_all(stdin, &length);
    const char *end = bytes + length;
    load->messages = get_memory(room, sizeof *load->messages);
    for (char *at = bytes; at < end;) {
        char *after;
        size_t size = strtoul(at, &after, 10);
        if (after == at || *after != '\n' || size > (size_t)(end - after - 1)) {
            fputs("load: standard input is no list of requests\n", stderr);
            exit(EXIT_FAILURE);
        }
        if (load->count == room) {
            room *= 2;
            load->messages = realloc(load->messages, room * sizeof *load->messages);
            if (load->messages == NULL)
                fail("memory");
        }
        load->messages[load->count++] = (struct message){after + 1, size};
        at = after + 1 + size;
    }
}

static bool
is_over(const struct load *load)
{
    return (load->count > 1 && load->next == load->count) || load->answered == SAMPLES_MOST ||
           now() >= load->end;
}

/* A request fits into the socket's buffer: the answer to the one before has been read. */
static void
send_next(struct load *load, struct client *client)
{
    const struct message *message = &load->messages[load->count == 1 ? 0 : load->next];
    if (is_over(load))
        return;
    load->next++;
    load->under_way++;
    client->have = 0;
    client->sent_at = now();
    if (write(client->fd, message->bytes, message->size) != (ssize_t)message->size)
        fail("write");
}

static void
receive(struct load *load, struct client *client)
{
    ssize_t got = read(client->fd, client->answer + client->have, ANSWER_MOST - 1 - client->have);
    if (got <= 0)
        fail("the server closed a connection");
    client->have += (size_t)got;
    client->answer[client->have] = '\0';
    if (wire_message_size(client->answer, client->have) == 0)
        return;
    load->milliseconds[load->answered++] = (float)((now() - client->sent_at) * 1000);
    load->under_way--;
    if (client->answer[strlen("HTTP/1.1 ")] != '2' && load->refused++ == 0)
        fprintf(stderr, "load: %s\n", client->answer);
    send_next(load, client);
}

static void
connect_client(struct client *client, unsigned port, int epoll)
{
    const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = client}};
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->fd < 0 || connect(client->fd, (struct sockaddr *)&address, sizeof address) != 0)
        fail("connect");
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, client->fd, &event) != 0)
        fail("epoll");
}

static int
compare(const void *a, const void *b)
{
    float x = *(const float *)a;
    float y = *(const float *)b;
    return (x > y) - (x < y);
}

static void
report(struct load *load, double seconds)
{
    size_t count = load->answered;
    qsort(load->milliseconds, count, sizeof *load->milliseconds, compare);
    printf("{\"answered\": %zu, \"refused\": %zu, \"seconds\": %.6f, \"rate\": %.1f, "
           "\"p50_ms\": %.3f, \"p99_ms\": %.3f}\n",
        count, load->refused, seconds, (double)count / seconds,
        count == 0 ? 0.0 : (double)load->milliseconds[count / 2],
        count == 0 ? 0.0 : (double)load->milliseconds[count * 99 / 100]);
}

int
main(int argc, char **argv)
{
    struct load load = {0};
    struct epoll_event events[64];
    if (argc != 4) {
        fputs("usage: load PORT CLIENTS SECONDS <requests\n", stderr);
        return 2;
    }
    unsigned count = (unsigned)strtoul(argv[2], NULL, 10);
    struct client *clients = get_memory(count, sizeof *clients);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    read_messages(&load);
    load.milliseconds = get_memory(SAMPLES_MOST, sizeof *load.milliseconds);
    for (unsigned i = 0; i < count; i++)
        connect_client(&clients[i], (unsigned)strtoul(argv[1], NULL, 10), epoll);
    double start = now();
    load.end = start + strtod(argv[3], NULL);
    for (unsigned i = 0; i < count; i++)
        send_next(&load, &clients[i]);
    while (load.under_way > 0) {
        int ready = epoll_wait(epoll, events, 64, 10000);
        if (ready <= 0)
            fail("no answer for ten seconds");
        for (int i = 0; i < ready; i++)
            receive(&load, events[i].data.ptr);
    }
    report(&load, now() - start);
    return 0;
}
