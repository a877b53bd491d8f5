/*
 * combine.c: groups of waiting requests by key. There are as many groups as workers at the most.
 */
#include "api/conduct/combine.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct group {
    struct group *next;
    char *key;
    struct http_request **waiting;
    size_t count;
    size_t capacity;
};

struct combiner {
    pthread_mutex_t mutex;
    struct group *groups;
};

struct combiner *
combiner_new(void)
{
    struct combiner *combiner = memory_get(sizeof *combiner);
    pthread_mutex_init(&combiner->mutex, NULL);
    return combiner;
}

void
combiner_free(struct combiner *combiner)
{
    assert(combiner->groups == NULL);
    pthread_mutex_destroy(&combiner->mutex);
    free(combiner);
}

static struct group *
find(struct combiner *combiner, const char *key)
{
    struct group *group = combiner->groups;
    while (group != NULL && strcmp(group->key, key) != 0)
        group = group->next;
    return group;
}

static void
join(struct group *group, struct http_request *request)
{
    if (group->count == group->capacity) {
        size_t larger = group->capacity == 0 ? COMBINE_MOST : group->capacity * 2;
        struct http_request **waiting = memory_get(larger * sizeof *waiting);
        if (group->count > 0)
            memcpy(waiting, group->waiting, group->count * sizeof *waiting);
        free(group->waiting);
        group->waiting = waiting;
        group->capacity = larger;
    }
    group->waiting[group->count++] = request;
}

/* Takes the oldest waiting requests out of the group; 0 ends the group. */
static size_t
take(struct combiner *combiner, struct group *group, size_t together, struct http_request **batch)
{
    pthread_mutex_lock(&combiner->mutex);
    size_t count = group->count < together ? group->count : together;
    memcpy(batch, group->waiting, count * sizeof *batch);
    memmove(group->waiting, group->waiting + count, (group->count - count) * sizeof *batch);
    group->count -= count;
    if (count == 0) {
        struct group **link = &combiner->groups;
        while (*link != group)
            link = &(*link)->next;
        *link = group->next;
    }
    pthread_mutex_unlock(&combiner->mutex);
    return count;
}

enum place { PLACE_SERVES, PLACE_WAITS, PLACE_NONE };

/* What the caller is to do: serve the group, go on to other work, or refuse the request. */
static enum place
enter(struct combiner *combiner, const char *key, size_t line, struct http_request *request,
    struct group **group)
{
    enum place place = PLACE_WAITS;
    pthread_mutex_lock(&combiner->mutex);
    *group = find(combiner, key);
    if (*group == NULL) {
        place = PLACE_SERVES;
        *group = memory_get(sizeof **group);
        (*group)->key = memory_get(strlen(key) + 1);
        memcpy((*group)->key, key, strlen(key) + 1);
        (*group)->next = combiner->groups;
        combiner->groups = *group;
    }
    if (line > 0 && (*group)->count >= line)
        place = PLACE_NONE;
    else
        join(*group, request);
    pthread_mutex_unlock(&combiner->mutex);
    return place;
}

bool
combiner_submit(struct combiner *combiner, const char *key, const struct combine_way *way,
    struct http_request *request, const struct service *service, struct session *session)
{
    struct group *group;
    struct http_request *batch[COMBINE_MOST];
    size_t count;
    enum place place = enter(combiner, key, way->line, request, &group);
    if (place != PLACE_SERVES)
        return place == PLACE_WAITS;
    while ((count = take(combiner, group, way->together, batch)) > 0)
        way->serve(service, session, batch, count);
    free(group->waiting);
    free(group->key);
    free(group);
    return true;
}
