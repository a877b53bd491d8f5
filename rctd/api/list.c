/*
 * list.c: cuts what a handler adds to the page that was asked for and makes the cursor of the next.
 */
#include "api/list.h"

#include "api/call.h"
#include "base/text.h"
#include "http/body.h"
#include "http/page.h"

#include <stdio.h>

bool
list_no_cursor(struct call *call, struct error *error)
{
    faults_add(&call->faults, "?after", 0, 0, "the text of `next` in the page before, unchanged",
        "is not a cursor of this list");
    return body_refuse(&call->faults, error);
}

static bool
read_after(struct list *list, enum list_order order)
{
    switch (order) {
    case LIST_BY_ID:
        return uuid_parse(list->after, &list->after_id);
    case LIST_BY_PLACE:
        return text_to_int64(list->after, &list->skip) && list->skip > 0;
    case LIST_BY_TEXT:
    case LIST_NONE:
        break;
    }
    return true;
}

bool
list_open(struct call *call, struct error *error)
{
    struct page page;
    struct list *list = &call->list;
    list_close(call);
    if (!page_read(call->request, &page, &call->faults, error))
        return false;
    list->items = json_array();
    list->limit = page.limit;
    list->most = page.limit + 1;
    if (page.after == NULL)
        return true;
    list->after = page.after;
    return read_after(list, call->request->route->list) || list_no_cursor(call, error);
}

void
list_close(struct call *call)
{
    json_decref(call->list.items);
    call->list = (struct list){.after = ""};
}

bool
list_add(struct call *call, const char *key, json_t *item)
{
    struct list *list = &call->list;
    size_t size = json_array_size(list->items);
    list->more = size == (size_t)list->limit;
    if (list->more) {
        json_decref(item);
        return false;
    }
    json_array_append_new(list->items, item);
    if (size + 1 == (size_t)list->limit)
        list->last = arena_strdup(call->arena, key);
    return true;
}

bool
list_add_id(struct call *call, struct uuid id, json_t *item)
{
    char text[UUID_TEXT_SIZE];
    return list_add(call, uuid_text(id, text), item);
}

void
list_add_next(struct call *call, json_t *item)
{
    struct list *list = &call->list;
    char place[24];
    snprintf(place, sizeof place, "%lld", ++list->place);
    if (list->place > list->skip)
        list_add(call, place, item);
    else
        json_decref(item);
}

void
list_add_all(struct call *call, json_t *items, const char *field)
{
    for (size_t i = 0; i < json_array_size(items); i++) {
        json_t *item = json_incref(json_array_get(items, i));
        if (field == NULL)
            list_add_next(call, item);
        else
            list_add(call, json_string_value(json_object_get(item, field)), item);
    }
    json_decref(items);
}

bool
list_answer(struct call *call)
{
    return list_answer_until(call, call->list.more ? call->list.last : NULL);
}

bool
list_answer_until(struct call *call, const char *last)
{
    call->list.empty = json_array_size(call->list.items) == 0 && call->list.after[0] == '\0';
    page_answer(call->request, call->response, call->list.items, last);
    call->list.items = NULL;
    return true;
}
