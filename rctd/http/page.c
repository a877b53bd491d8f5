/*
 * page.c: cursors and the next page. The cursor is the sort key itself in base64url: opaque enough
 * that nobody builds on it, and no state is kept on the server.
 */
#include "http/page.h"

#include "base/text.h"

#include <sodium.h>
#include <string.h>

/* Room for a sort key of several names of 200 characters each. */
#define CURSOR_MAX 4096

static bool
read_limit(const char *text, struct page *page)
{
    long long limit;
    if (!text_to_int64(text, &limit) || limit < 1 || limit > PAGE_LIMIT_MAX)
        return false;
    page->limit = (int)limit;
    return true;
}

static bool
read_cursor(struct arena *arena, const char *cursor, struct page *page)
{
    size_t length = strlen(cursor);
    size_t size;
    if (length == 0 || length > CURSOR_MAX)
        return false;
    char *key = arena_alloc(arena, length + 1);
    if (sodium_base642bin((unsigned char *)key, length, cursor, length, NULL, &size, NULL,
            sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return false;
    key[size] = '\0';
    page->after = key;
    return size > 0 && text_is_utf8(key, size);
}

bool
page_read(
    struct http_request *request, struct page *page, struct faults *faults, struct error *error)
{
    const char *limit = http_query(request, "limit");
    const char *after = http_query(request, "after");
    *page = (struct page){.limit = PAGE_LIMIT_DEFAULT};
    size_t before = faults->total;
    if (limit != NULL && !read_limit(limit, page))
        faults_add(
            faults, "?limit", 0, 0, "a whole number from 1 to 1000", "is not a size of a page");
    if (after != NULL && !read_cursor(request->arena, after, page))
        faults_add(faults, "?after", 0, 0, "the text of `next` in the page before, unchanged",
            "is not a cursor that rctd gave");
    if (faults->total > before)
        return error_set(error, ERROR_FIELDS, "page", "The page cannot be found with this query.");
    return true;
}

const char *
page_cursor(struct arena *arena, const char *key)
{
    size_t size = strlen(key);
    size_t room = sodium_base64_encoded_len(size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *cursor = arena_alloc(arena, room);
    return sodium_bin2base64(
        cursor, room, (const unsigned char *)key, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* The request's own query with another after=, so that filters stay. */
static const char *
next_link(struct http_request *request, const char *cursor)
{
    struct text link;
    text_init(&link, request->arena);
    text_printf(&link, "<%s?after=%s", request->path, cursor);
    const char *query = request->target + strcspn(request->target, "?");
    while (*query != '\0') {
        query++;
        size_t length = strcspn(query, "&");
        size_t name = strcspn(query, "=&");
        bool is_after = name == 5 && strncmp(query, "after", 5) == 0;
        if (length > 0 && !is_after) {
            text_append(&link, "&");
            text_append_bytes(&link, query, length);
        }
        query += length;
    }
    text_append(&link, ">; rel=\"next\"");
    return link.bytes;
}

void
page_answer(
    struct http_request *request, struct http_response *response, json_t *items, const char *last)
{
    json_t *page = json_object();
    json_object_set_new(page, "items", items);
    if (last == NULL) {
        json_object_set_new(page, "next", json_null());
    } else {
        const char *cursor = page_cursor(request->arena, last);
        json_object_set_new(page, "next", json_string(cursor));
        http_add_header(response, "Link", next_link(request, cursor));
    }
    http_json(request, response, 200, page);
}
