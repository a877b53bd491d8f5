/*
 * page.h: paging of lists by cursor. A cursor stands for the sort key of the last item that was
 * given; clients treat it as opaque, and the server trusts it no more than any other input.
 */
#ifndef RCTD_HTTP_PAGE_H
#define RCTD_HTTP_PAGE_H

#include "base/compiler.h"
#include "base/error.h"
#include "base/fault.h"
#include "http/request.h"

#include <jansson.h>
#include <stdbool.h>

#define PAGE_LIMIT_DEFAULT 100
#define PAGE_LIMIT_MAX 1000

struct page {
    int limit;         /* 1 .. 1000 */
    const char *after; /* the sort key behind which the page starts; NULL for the first page */
};

/* The query's after= and limit=. ERROR_FIELDS with `faults` filled. */
bool page_read(struct http_request *request, struct page *page, struct faults *faults,
    struct error *error) MUST_CHECK;

/* The cursor of a sort key; in the arena. */
const char *page_cursor(struct arena *arena, const char *key);

/*
 * Answers 200 with {"items": items, "next": cursor or null}, and with a Link header where there is
 * a next page. `last` is the sort key of the last item where more follow, else NULL. Takes the
 * reference.
 */
void page_answer(
    struct http_request *request, struct http_response *response, json_t *items, const char *last);

#endif
