/*
 * session.c: what every command does in the same way: ask rctd, keep the answer, say what went
 * wrong.
 */
#include "cli/session.h"

#include "base/bits.h"
#include "base/clock.h"
#include "cli/path.h"
#include "cli/subject.h"
#include "cli/when.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SIZE_TEXT "1000"

void
session_init(struct session *session)
{
    *session = (struct session){.arena = arena_new(), .kept = json_array()};
    faults_init(&session->faults, session->arena);
}

void
session_free(struct session *session)
{
    client_close(session->client);
    json_decref(session->kept);
    arena_free(session->arena);
}

json_t *
session_keep(struct session *session, json_t *json)
{
    if (json != NULL && json_array_append_new(session->kept, json) != 0)
        return NULL;
    return json;
}

size_t
session_mark(const struct session *session)
{
    return json_array_size(session->kept);
}

void
session_release(struct session *session, size_t mark)
{
    while (json_array_size(session->kept) > mark)
        json_array_remove(session->kept, json_array_size(session->kept) - 1);
}

static bool
connect_client(struct session *session)
{
    if (session->client != NULL)
        return true;
    struct settings *settings = arena_alloc(session->arena, sizeof *settings);
    if (!settings_read(
            session->arena, session->url, session->token_file, settings, &session->error))
        return false;
    session->client = client_open(session->arena, settings, &session->error);
    return session->client != NULL;
}

bool
session_call(
    struct session *session, const struct client_request *request, struct client_answer *answer)
{
    *answer = (struct client_answer){0};
    if (!connect_client(session))
        return false;
    bool done = client_call(session->client, request, answer, &session->faults, &session->error);
    if (answer->json == NULL)
        answer->json = json_object();
    session_keep(session, answer->json);
    if (answer->time_zone != NULL)
        when_set_zone(answer->time_zone);
    session->server_time = answer->date != 0 ? answer->date : clock_now();
    return done;
}

json_t *
session_get(struct session *session, const char *path)
{
    struct client_answer answer;
    struct client_request request = {.method = "GET", .path = path};
    return session_call(session, &request, &answer) ? answer.json : NULL;
}

const char *
session_key(struct session *session, const char *given)
{
    char made[UUID_TEXT_SIZE];
    return given != NULL ? given : arena_strdup(session->arena, uuid_text(uuid_new(), made));
}

json_t *
session_post(struct session *session, const char *path, json_t *body, const char *key)
{
    struct client_answer answer;
    struct client_request request = {
        .method = "POST",
        .path = path,
        .body = session_keep(session, body),
        .key = session_key(session, key),
    };
    return session_call(session, &request, &answer) ? answer.json : NULL;
}

json_t *
session_delete(struct session *session, const char *path)
{
    struct client_answer answer;
    struct client_request request = {.method = "DELETE", .path = path};
    return session_call(session, &request, &answer) ? answer.json : NULL;
}

json_t *
session_patch(struct session *session, const char *path, json_t *body)
{
    struct client_answer before, after;
    struct client_request read = {.method = "GET", .path = path};
    session_keep(session, body);
    if (!session_call(session, &read, &before))
        return NULL;
    struct client_request change = {
        .method = "PATCH",
        .path = path,
        .body = body,
        .if_match = before.etag == NULL ? "*" : before.etag,
    };
    return session_call(session, &change, &after) ? after.json : NULL;
}

json_t *
session_list(struct session *session, const char *path)
{
    const char *first = path_query(session->arena, path, "limit", PAGE_SIZE_TEXT);
    json_t *all = session_keep(session, json_array());
    for (const char *page = first; page != NULL;) {
        json_t *answer = session_get(session, page);
        if (answer == NULL)
            return NULL;
        json_t *items = json_object_get(answer, "items");
        const char *next = session_field(answer, "next");
        /* A cursor with nothing before it would go round for ever. */
        bool goes_on = next != NULL && json_array_size(items) > 0;
        json_array_extend(all, items);
        page = goes_on ? path_query(session->arena, first, "after", next) : NULL;
    }
    return all;
}

/* Control characters of what others wrote must not reach the terminal. */
static void
print_clean(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        fputc((unsigned char)*c < ' ' || *c == 0x7f ? ' ' : *c, stderr);
    fputc('\n', stderr);
}

/* The one sentence about a single fault, or the heading over several. rctd's own detail may be the
 * first fault once more; then the faults speak for themselves. */
static const char *
heading(const struct session *session)
{
    const struct faults *faults = &session->faults;
    const struct fault *first = faults->items;
    bool in_file = faults->count > 0 && first->line > 0;
    if (faults->count == 0 || in_file || strstr(session->error.detail, first->message) == NULL)
        return session->error.detail;
    if (faults->total == 1)
        return NULL;
    return arena_printf(session->arena, "%zu things are not right", faults->total);
}

int
session_fail(struct session *session)
{
    const struct faults *faults = &session->faults;
    const char *head = heading(session);
    fflush(stdout);
    fputs("rctctl: ", stderr);
    if (head != NULL)
        print_clean(head);
    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->items[i];
        struct fault told = *fault;
        if (fault->line == 0)
            told.pointer = subject_of(session->arena, session->options, fault->pointer);
        print_clean(fault_line(session->arena, fault->line > 0 ? session->file : NULL, &told));
    }
    if (faults->total > faults->count)
        fprintf(stderr, "and %zu more\n", faults->total - faults->count);
    return error_exit_status(session->error.code);
}

int
session_usage(struct session *session, const char *format, ...)
{
    (void)session;
    va_list arguments;
    va_start(arguments, format);
    fflush(stdout);
    fputs("rctctl: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return 2;
}

static char *
read_stream(struct session *session, FILE *file, const char *path, size_t limit, size_t *size)
{
    struct text text;
    char buffer[65536];
    text_init(&text, session->arena);
    for (size_t got; (got = fread(buffer, 1, sizeof buffer, file)) > 0;) {
        text_append_bytes(&text, buffer, got);
        if (text.length > limit) {
            error_set(&session->error, ERROR_TOO_LARGE, path,
                "%s has more than %zu bytes; that is more than rctd takes", path, limit);
            return NULL;
        }
    }
    if (ferror(file) != 0) {
        error_set_errno(&session->error, path, "%s cannot be read", path);
        return NULL;
    }
    *size = text.length;
    return text.bytes;
}

char *
session_read_file(struct session *session, const char *path, size_t limit, size_t *size)
{
    if (strcmp(path, "-") == 0) {
        session->file = "standard input";
        return read_stream(session, stdin, session->file, limit, size);
    }
    session->file = path;
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        enum error_code code = errno == ENOENT ? ERROR_NOT_FOUND : ERROR_SYSTEM;
        error_set_errno(&session->error, path, "%s cannot be opened", path);
        session->error.code = code;
        return NULL;
    }
    char *bytes = read_stream(session, file, path, limit, size);
    fclose(file);
    return bytes;
}

const char *
session_field(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static int
compare_items(const void *a, const void *b, void *fields)
{
    int order = 0;
    for (const char *const *field = *(const char *const **)fields; order == 0 && *field != NULL;
         field++) {
        const char *x = session_field(*(json_t *const *)a, *field);
        const char *y = session_field(*(json_t *const *)b, *field);
        order = strcmp(x == NULL ? "" : x, y == NULL ? "" : y);
    }
    return order;
}

json_t *
session_sorted(struct session *session, json_t *items, const char *const *fields)
{
    size_t index, count = json_array_size(items);
    json_t *item, **order = arena_array(session->arena, count, sizeof(json_t *));
    json_array_foreach(items, index, item) order[index] = item;
    if (count > 0)
        qsort_r(order, count, sizeof(json_t *), compare_items, &fields);
    json_t *sorted = session_keep(session, json_array());
    for (size_t i = 0; i < count; i++)
        json_array_append(sorted, order[i]);
    return sorted;
}
