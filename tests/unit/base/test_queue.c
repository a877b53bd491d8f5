/*
 * test_queue.c: the bounded queue between the listener and the workers.
 */
#include "base/queue.h"

#include "../check_main.h"

#include <pthread.h>

#define ITEMS 20000
#define TAKERS 4

START_TEST(work_leaves_in_the_order_it_came)
{
    int items[3];
    struct queue *queue = queue_new(3);
    for (int i = 0; i < 3; i++)
        ck_assert(queue_push(queue, &items[i]));
    ck_assert_uint_eq(queue_length(queue), 3);
    for (int i = 0; i < 3; i++)
        ck_assert_ptr_eq(queue_take(queue), &items[i]);
    ck_assert_ptr_null(queue_try(queue));
    queue_free(queue);
}
END_TEST

START_TEST(a_full_queue_refuses_instead_of_growing)
{
    int item;
    struct queue *queue = queue_new(2);
    ck_assert(queue_push(queue, &item));
    ck_assert(queue_push(queue, &item));
    ck_assert(!queue_push(queue, &item));
    ck_assert_ptr_eq(queue_take(queue), &item);
    ck_assert(queue_push(queue, &item));
    ck_assert(!queue_push(queue, &item));
    queue_free(queue);
}
END_TEST

START_TEST(work_accepted_before_closing_is_still_done)
{
    int item;
    struct queue *queue = queue_new(2);
    ck_assert(queue_push(queue, &item));
    queue_close(queue);
    ck_assert(!queue_push(queue, &item));
    ck_assert_ptr_eq(queue_take(queue), &item);
    ck_assert_ptr_null(queue_take(queue));
    queue_free(queue);
}
END_TEST

struct taker {
    struct queue *queue;
    long sum;
};

static void *
take_all(void *argument)
{
    struct taker *taker = argument;
    int *item;
    while ((item = queue_take(taker->queue)) != NULL)
        taker->sum += *item;
    return NULL;
}

START_TEST(nothing_is_lost_or_done_twice_between_threads)
{
    static int items[ITEMS];
    struct queue *queue = queue_new(16);
    struct taker takers[TAKERS];
    pthread_t threads[TAKERS];
    long sum = 0;
    for (int i = 0; i < TAKERS; i++) {
        takers[i] = (struct taker){.queue = queue};
        pthread_create(&threads[i], NULL, take_all, &takers[i]);
    }
    for (int i = 0; i < ITEMS; i++) {
        items[i] = i + 1;
        while (!queue_push(queue, &items[i]))
            sched_yield();
    }
    queue_close(queue);
    for (int i = 0; i < TAKERS; i++) {
        pthread_join(threads[i], NULL);
        sum += takers[i].sum;
    }
    ck_assert_int_eq(sum, (long)ITEMS * (ITEMS + 1) / 2);
    queue_free(queue);
}
END_TEST

static Suite *
queue_suite(void)
{
    Suite *suite = suite_create("queue");
    TCase *tests = tcase_create("queue");
    tcase_add_test(tests, work_leaves_in_the_order_it_came);
    tcase_add_test(tests, a_full_queue_refuses_instead_of_growing);
    tcase_add_test(tests, work_accepted_before_closing_is_still_done);
    tcase_add_test(tests, nothing_is_lost_or_done_twice_between_threads);
    suite_add_tcase(suite, tests);
    return suite;
}

TEST_MAIN(queue_suite)
