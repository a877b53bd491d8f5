/*
 * queue.c: a ring of pointers under one mutex; a taker that finds it empty sleeps on a condition.
 */
#include "base/queue.h"

#include "base/arena.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    size_t capacity;
    size_t first;
    size_t length;
    bool closed;
    void **items;
};

struct queue *
queue_new(size_t capacity)
{
    assert(capacity > 0);
    struct queue *queue = memory_get(sizeof *queue);
    queue->capacity = capacity;
    queue->items = memory_get(capacity * sizeof *queue->items);
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->filled, NULL);
    return queue;
}

void
queue_free(struct queue *queue)
{
    if (queue == NULL)
        return;
    pthread_cond_destroy(&queue->filled);
    pthread_mutex_destroy(&queue->lock);
    free(queue->items);
    free(queue);
}

bool
queue_push(struct queue *queue, void *item)
{
    pthread_mutex_lock(&queue->lock);
    bool room = !queue->closed && queue->length < queue->capacity;
    if (room) {
        queue->items[(queue->first + queue->length) % queue->capacity] = item;
        queue->length++;
        pthread_cond_signal(&queue->filled);
    }
    pthread_mutex_unlock(&queue->lock);
    return room;
}

static void *
shift(struct queue *queue)
{
    if (queue->length == 0)
        return NULL;
    void *item = queue->items[queue->first];
    queue->first = (queue->first + 1) % queue->capacity;
    queue->length--;
    return item;
}

void *
queue_take(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    while (queue->length == 0 && !queue->closed)
        pthread_cond_wait(&queue->filled, &queue->lock);
    void *item = shift(queue);
    pthread_mutex_unlock(&queue->lock);
    return item;
}

void *
queue_try(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    void *item = shift(queue);
    pthread_mutex_unlock(&queue->lock);
    return item;
}

void
queue_close(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_cond_broadcast(&queue->filled);
    pthread_mutex_unlock(&queue->lock);
}

size_t
queue_length(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    size_t length = queue->length;
    pthread_mutex_unlock(&queue->lock);
    return length;
}
