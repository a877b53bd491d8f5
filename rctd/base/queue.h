/*
 * queue.h: a bounded queue of pointers between threads: whoever has work puts it in, a worker waits
 * for it. Items leave in the order in which they came. The queue never owns what it holds. Every
 * function but queue_free may be called by any thread.
 */
#ifndef RCTD_BASE_QUEUE_H
#define RCTD_BASE_QUEUE_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

struct queue;

struct queue *queue_new(size_t capacity); /* at least 1 */
void queue_free(struct queue *queue);     /* nobody may wait in it any more; NULL is allowed */

/* Never waits. False when the queue is full or closed; the item is then still the caller's. */
bool queue_push(struct queue *queue, void *item) MUST_CHECK;

/* Waits for an item; NULL once the queue is closed and empty. */
void *queue_take(struct queue *queue);

/* The next item, or NULL when there is none now. */
void *queue_try(struct queue *queue);

/* Takes nothing more in; what is in it may still be taken. */
void queue_close(struct queue *queue);

size_t queue_length(struct queue *queue);

#endif
