/*
 * client.c: one easy handle of curl, kept for the connection. Which failures are worth another try
 * is decided here alone: only requests that cannot do anything twice, only a few times, with a word
 * on stderr each time.
 */
#include "cli/client.h"

#include "base/bits.h"
#include "base/text.h"
#include "cli/problem.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONNECT_SECONDS 10L
#define ANSWER_SECONDS 120
#define ANSWER_BYTES_MAX ((size_t)256 * 1024 * 1024)
#define ATTEMPTS 6
#define FIRST_PAUSE_MILLISECONDS 200
#define PAUSE_MAX_SECONDS 10

struct client {
    struct arena *arena;
    const char *url;
    const char *token;
    CURL *curl;
    char curl_error[CURL_ERROR_SIZE];
    bool too_large;
};

struct received {
    struct client *client;
    char *bytes;
    size_t length;
    size_t capacity;
};

static bool
is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
           text_starts(host, "127.");
}

/* Looks at the address before anything is sent there. */
static bool
check_url(struct client *client, struct error *error)
{
    CURLU *parts = curl_url();
    char *scheme = NULL, *host = NULL, *user = NULL;
    bool right = curl_url_set(parts, CURLUPART_URL, client->url, 0) == CURLUE_OK &&
                 curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                 curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                 (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    if (!right) {
        error_set(error, ERROR_CONFIG, "url", "`%s` is not an address of rctd; write it like %s",
            client->url, SETTINGS_URL_DEFAULT);
    } else if (curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_OK) {
        right = error_set(error, ERROR_CONFIG, "url",
            "The address holds a user name; rctd takes an access token instead (RCTD_TOKEN)");
    } else if (is_loopback(host)) {
        curl_easy_setopt(client->curl, CURLOPT_PROXY, "");
    } else if (strcmp(scheme, "http") == 0 && client->token != NULL) {
        fprintf(stderr,
            "rctctl: note: %s is not encrypted; others on the network can read the token\n",
            client->url);
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    curl_url_cleanup(parts);
    return right;
}

struct client *
client_open(struct arena *arena, const struct settings *settings, struct error *error)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct client *client = arena_alloc(arena, sizeof *client);
    *client = (struct client){
        .arena = arena, .url = settings->url, .token = settings->token, .curl = curl_easy_init()};
    if (client->curl == NULL) {
        error_set(error, ERROR_SYSTEM, "curl", "curl could not be started");
        curl_global_cleanup();
        return NULL;
    }
    if (!check_url(client, error)) {
        client_close(client);
        return NULL;
    }
    return client;
}

void
client_close(struct client *client)
{
    if (client == NULL)
        return;
    curl_easy_cleanup(client->curl);
    curl_global_cleanup();
}

static size_t
on_bytes(char *bytes, size_t one, size_t size, void *data)
{
    struct received *received = data;
    (void)one;
    if (size > ANSWER_BYTES_MAX - received->length) {
        received->client->too_large = true;
        return 0;
    }
    if (received->length + size > received->capacity) {
        received->capacity = (received->length + size) * 2;
        received->bytes = realloc(received->bytes, received->capacity);
        if (received->bytes == NULL)
            return 0;
    }
    memcpy(received->bytes + received->length, bytes, size);
    received->length += size;
    return size;
}

static int
on_progress(void *data, curl_off_t down_total, curl_off_t down, curl_off_t total, curl_off_t sent)
{
    (void)down_total;
    (void)down;
    progress_set(data, sent, total);
    return 0;
}

static void
add_header(struct curl_slist **list, struct arena *arena, const char *name, const char *value)
{
    if (value == NULL)
        return;
    struct curl_slist *longer =
        curl_slist_append(*list, arena_printf(arena, "%s: %s", name, value));
    if (longer == NULL)
        abort();
    *list = longer;
}

static struct curl_slist *
make_headers(const struct client *client, const struct client_request *request)
{
    struct curl_slist *list = NULL;
    const char *type = request->bytes != NULL ? request->content_type : "application/json";
    if (client->token != NULL)
        add_header(&list, client->arena, "Authorization",
            arena_printf(client->arena, "Bearer %s", client->token));
    add_header(&list, client->arena, "Accept", "application/json, application/problem+json");
    if (request->body != NULL || request->bytes != NULL)
        add_header(&list, client->arena, "Content-Type", type);
    add_header(&list, client->arena, "Idempotency-Key", request->key);
    add_header(&list, client->arena, "If-Match", request->if_match);
    /* Without it curl waits a second for "100 Continue" before a large body. */
    add_header(&list, client->arena, "Expect", "");
    return list;
}

static void
set_up(struct client *client, const struct client_request *request, struct curl_slist *headers,
    const char *body, struct received *received)
{
    CURL *curl = client->curl;
    curl_easy_setopt(
        curl, CURLOPT_URL, arena_printf(client->arena, "%s%s", client->url, request->path));
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    /* On a connection that it has used before, curl would repeat a lost request by itself. */
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, strcmp(request->method, "GET") == 0 ? 0L : 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    curl_easy_setopt(
        curl, CURLOPT_TIMEOUT, (long)(request->patience == 0 ? ANSWER_SECONDS : request->patience));
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "rctctl/" RCTD_VERSION);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->curl_error);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, received);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, request->progress == NULL ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, request->progress);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, NULL);
    curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    size_t size = request->bytes != NULL ? request->size : body == NULL ? 0 : strlen(body);
    if (strcmp(request->method, "GET") != 0) {
        const void *bytes = request->bytes != NULL ? request->bytes : body;
        bool has_body = bytes != NULL || strcmp(request->method, "POST") == 0;
        if (has_body) {
            curl_easy_setopt(curl, CURLOPT_POST, 1L);
            curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
            curl_easy_setopt(curl, CURLOPT_POSTFIELDS, bytes == NULL ? "" : bytes);
        }
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
}

static const char *
answer_header(struct client *client, const char *name)
{
    struct curl_header *header;
    if (curl_easy_header(client->curl, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return NULL;
    return arena_strdup(client->arena, header->value);
}

/* One exchange. `answer` is whole only where the result is CURLE_OK. */
static CURLcode
exchange(struct client *client, const struct client_request *request, struct client_answer *answer)
{
    struct received received = {.client = client};
    char *body = request->body == NULL ? NULL : json_dumps(request->body, JSON_COMPACT);
    struct curl_slist *headers = make_headers(client, request);
    *answer = (struct client_answer){0};
    client->curl_error[0] = '\0';
    set_up(client, request, headers, body, &received);
    CURLcode code = curl_easy_perform(client->curl);
    progress_end(request->progress);
    if (code == CURLE_OK) {
        long status = 0;
        curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
        answer->status = (int)status;
        answer->etag = answer_header(client, "ETag");
        answer->time_zone = answer_header(client, "X-Time-Zone");
        const char *date = answer_header(client, "Date");
        time_t seconds = date == NULL ? -1 : curl_getdate(date, NULL);
        answer->date = seconds < 0 ? 0 : (int64_t)seconds * 1000000;
        if (received.length > 0)
            answer->json =
                json_loadb(received.bytes, received.length, JSON_REJECT_DUPLICATES, NULL);
    }
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    free(body);
    free(received.bytes);
    return code;
}

/* The request may have reached rctd, and the answer did not reach us. */
static bool
is_lost(CURLcode code)
{
    return code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
           code == CURLE_PARTIAL_FILE || code == CURLE_OPERATION_TIMEDOUT;
}

static void
explain_failure(const struct client *client, CURLcode code, struct error *error)
{
    const char *said =
        client->curl_error[0] == '\0' ? curl_easy_strerror(code) : client->curl_error;
    if (code == CURLE_COULDNT_RESOLVE_HOST)
        error_set(error, ERROR_CONFIG, "connect",
            "There is no machine with the name in %s; give the right address with --url or "
            "RCTD_URL",
            client->url);
    else if (code == CURLE_SSL_CONNECT_ERROR)
        error_set(error, ERROR_CONFIG, "connect",
            "What answers at %s does not speak TLS: does the address begin with http:// there?",
            client->url);
    else if (code == CURLE_COULDNT_CONNECT)
        error_set(error, ERROR_BUSY, "connect",
            "No rctd answers at %s. Start it (`systemctl start rctd`, or `rctd --embedded DIR`), "
            "or "
            "give the right address with --url or RCTD_URL",
            client->url);
    else if (client->too_large)
        error_set(error, ERROR_TOO_LARGE, "answer", "The answer of %s is too large", client->url);
    else if (code == CURLE_OPERATION_TIMEDOUT)
        error_set(error, ERROR_BUSY, "answer", "rctd at %s did not answer in time", client->url);
    else if (is_lost(code))
        error_set(
            error, ERROR_BUSY, "answer", "The connection to rctd at %s was lost", client->url);
    else
        error_set(
            error, ERROR_SYSTEM, "curl", "rctd at %s cannot be reached: %s", client->url, said);
}

static bool
read_answer(
    struct client *client, struct client_answer *answer, struct faults *faults, struct error *error)
{
    if (answer->status >= 200 && answer->status < 300) {
        if (answer->json != NULL || answer->status == 204)
            return true;
        return error_set(error, ERROR_INTERNAL, "answer",
            "The answer of %s is not from rctd; is the address right?", client->url);
    }
    if (answer->status >= 300 && answer->status < 400) {
        const char *location = answer_header(client, "Location");
        return error_set(error, ERROR_CONFIG, "answer",
            "%s sends its callers to %s. rctctl does not follow, so that the token stays here; "
            "give "
            "the right address with --url",
            client->url, location == NULL ? "another address" : location);
    }
    problem_read(answer->json, answer->status, faults, error);
    if (answer->status == 401 && client->token == NULL)
        error_set(error, ERROR_UNAUTHENTICATED, "token",
            "An access token is needed: put it into RCTD_TOKEN, or name its file with "
            "--token-file");
    return false;
}

static bool
is_passing(const struct client_answer *answer, const struct error *error)
{
    switch (answer->status) {
    case 409:
        return error->code == ERROR_IN_FLIGHT;
    case 503:
        return error->code != ERROR_NO_MASTER_KEY && error->code != ERROR_OTHER_MASTER_KEY &&
               error->code != ERROR_SCHEMA_VERSION;
    default:
        return answer->status == 502 || answer->status == 504;
    }
}

static void
pause_before_next(struct client *client, unsigned attempt)
{
    long milliseconds = FIRST_PAUSE_MILLISECONDS << attempt;
    const char *after = answer_header(client, "Retry-After");
    long long seconds;
    if (after != NULL && text_to_int64(after, &seconds) && seconds > 0)
        milliseconds = (seconds < PAUSE_MAX_SECONDS ? seconds : PAUSE_MAX_SECONDS) * 1000;
    milliseconds += bits_uniform(FIRST_PAUSE_MILLISECONDS);
    nanosleep(&(struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000}, NULL);
}

/* What to do when even the last try left it open whether the request was carried out. */
static void
explain_unknown(const struct client_request *request, struct error *error)
{
    char why[sizeof error->detail];
    snprintf(why, sizeof why, "%s", error->detail);
    text_cut_utf8(why, 400);
    error_set(error, ERROR_COMMIT_UNKNOWN, "answer",
        "%s. It is not known whether this was stored. Give the same command again with --key %s: "
        "it "
        "is never stored twice",
        why, request->key);
}

bool
client_call(struct client *client, const struct client_request *request,
    struct client_answer *answer, struct faults *faults, struct error *error)
{
    bool repeatable = request->key != NULL || strcmp(request->method, "GET") == 0;
    bool unknown = false;
    for (unsigned attempt = 0;; attempt++) {
        CURLcode code = exchange(client, request, answer);
        bool passing;
        if (code == CURLE_OK) {
            if (read_answer(client, answer, faults, error))
                return true;
            passing = is_passing(answer, error);
            unknown = passing
                          ? unknown || answer->status != 503 || error->code == ERROR_COMMIT_UNKNOWN
                          : false;
        } else {
            explain_failure(client, code, error);
            passing = is_lost(code) || (attempt > 0 && code == CURLE_COULDNT_CONNECT);
            unknown = unknown || is_lost(code);
        }
        if (!passing || !repeatable || attempt + 1 == ATTEMPTS)
            break;
        fprintf(stderr, "rctctl: %s; asking again%s\n", error->detail,
            request->key == NULL ? "" : " with the same key, so that nothing is done twice");
        json_decref(answer->json);
        answer->json = NULL;
        pause_before_next(client, attempt);
    }
    if (unknown && request->key != NULL)
        explain_unknown(request, error);
    return false;
}
