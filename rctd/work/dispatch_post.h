/*
 * dispatch_post.h: posts webhooks through libcurl, many at once, on one thread. Every connection is
 * decided on by the address that it goes to; no proxy, no redirect, no protocol but HTTP/1.1 over
 * http and https; what a receiver answers is read up to 64 KiB and dropped.
 */
#ifndef RCTD_WORK_DISPATCH_POST_H
#define RCTD_WORK_DISPATCH_POST_H

#include "base/compiler.h"
#include "base/error.h"
#include "work/address.h"

#include <stdbool.h>
#include <stdint.h>

struct poster;

#define POST_SECONDS 20              /* for one message, from look-up to the answer's end */
#define POST_ANSWER_MOST (64 * 1024) /* bytes */
#define POST_PROBLEM_SIZE 160

struct post {
    const char *url;
    const char *id;        /* webhook-id */
    int64_t timestamp;     /* webhook-timestamp */
    const char *signature; /* webhook-signature */
    const char *body;      /* JSON */
};

struct post_result {
    void *tag;
    int status; /* 0: the receiver gave none */
    int64_t retry_after;
    unsigned milliseconds;
    bool refused; /* its address is none that may be sent to */
    char
        problem[POST_PROBLEM_SIZE]; /* plain words; empty where nothing was wrong. Never the URL. */
};

/* Once in a process, before it has threads. ERROR_SYSTEM. */
bool poster_prepare(struct error *error) MUST_CHECK;

/* `rules` must outlive it. At most `most` messages are under way at once. */
struct poster *poster_new(const struct address_rules *rules, unsigned most);
void poster_free(struct poster *poster); /* drops what is under way; NULL is allowed */

/* Hands a message over; everything is copied. The tag comes back with the result. False when curl
 * takes no more. */
bool poster_send(struct poster *poster, const struct post *post, void *tag) MUST_CHECK;

/* Moves everything on and waits, for at most so many milliseconds, until something happens on the
 * network or on the file descriptor `wake`. */
void poster_turn(struct poster *poster, int wake, int milliseconds);

/* The next message that has ended; false when there is none. */
bool poster_take(struct poster *poster, struct post_result *result);

#endif
