/*
 * list.h: the answer of a list, page by page. What the page starts behind is read before the
 * handler runs, in the order that the route's row names. The handler asks the database for `most`
 * rows and adds all it gets, each with what orders it; what is beyond the page is dropped, and
 * tells that another follows.
 */
#ifndef RCTD_API_LIST_H
#define RCTD_API_LIST_H

#include "base/bits.h"
#include "base/compiler.h"
#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct call;

struct list {
    int limit;            /* items of a page */
    int most;             /* rows to ask for: one more than the page holds */
    const char *after;    /* LIST_BY_TEXT: the text that the page starts behind; "" on the first */
    struct uuid after_id; /* LIST_BY_ID: likewise; nil on the first page */
    long long skip;       /* LIST_BY_PLACE: how many items came on the pages before */
    long long place;      /* LIST_BY_PLACE: of the last item that was added */
    json_t *items;        /* freed by list_close */
    const char *last;     /* of a full page: what its last item is ordered by */
    bool more;            /* an item was beyond the page */
    bool empty;           /* answered with nothing on the first page */
};

/* Reads after= and limit= as the call's route orders its list. ERROR_FIELDS with the call's faults
 * filled. */
bool list_open(struct call *call, struct error *error) MUST_CHECK;

void list_close(struct call *call);

/* ERROR_FIELDS for ?after, which is no cursor of the list that is asked for; always false. */
bool list_no_cursor(struct call *call, struct error *error);

/* Adds an item in the order of the list; takes the reference. The text is copied. False where the
 * item is beyond the page. */
bool list_add(struct call *call, const char *key, json_t *item);
bool list_add_id(struct call *call, struct uuid id, json_t *item);

/* Of a list that is read whole (LIST_BY_PLACE): its next item, which may be of an earlier page. */
void list_add_next(struct call *call, json_t *item);

/* Adds every item of an array in the order of the text field of that name, or of its place (NULL);
 * takes the reference. */
void list_add_all(struct call *call, json_t *items, const char *field);

/* Answers with what was added; always true. */
bool list_answer(struct call *call);

/* Answers with what was added where another page starts behind `last`, or none follows (NULL): for
 * a handler that cuts its pages itself; always true. */
bool list_answer_until(struct call *call, const char *last);

#endif
