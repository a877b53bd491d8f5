/*
 * dispatch_post.c: the dispatcher's use of libcurl's multi interface. Easy handles are kept and
 * used again; connections are kept by curl, and each is judged when it is opened.
 */
#include "work/dispatch_post.h"

#include "base/log.h"
#include "base/text.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define CONNECT_SECONDS 10L

/* One message under way, or a handle that waits for the next. */
struct letter {
    struct poster *poster;
    CURL *easy;
    struct curl_slist *headers;
    void *tag;
    size_t answered; /* bytes */
    bool plain;      /* http, not https */
    bool refused;
    char refused_address[ADDRESS_TEXT_SIZE];
};

struct poster {
    CURLM *multi;
    const struct address_rules *rules;
    struct letter *letters; /* all of them */
    struct letter **idle;
    size_t idle_count;
    size_t letter_count;
    size_t under_way;
    size_t most;
};

bool
poster_prepare(struct error *error)
{
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    return code == CURLE_OK || error_set(error, ERROR_SYSTEM, "curl", "libcurl cannot be used: %s",
                                   curl_easy_strerror(code));
}

struct poster *
poster_new(const struct address_rules *rules, unsigned most)
{
    struct poster *poster = memory_get(sizeof *poster);
    *poster = (struct poster){.multi = curl_multi_init(), .rules = rules, .most = most};
    poster->letters = memory_get(most * sizeof *poster->letters);
    poster->idle = memory_get(most * sizeof(struct letter *));
    curl_multi_setopt(poster->multi, CURLMOPT_MAXCONNECTS, (long)most);
    curl_multi_setopt(poster->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    return poster;
}

/* The only place where a connection of the dispatcher is opened. */
static curl_socket_t
open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct letter *letter = data;
    enum address_verdict verdict = address_judge(letter->poster->rules, &address->addr);
    if (purpose != CURLSOCKTYPE_IPCXN || verdict == ADDRESS_REFUSED ||
        (letter->plain && verdict != ADDRESS_ALLOWED)) {
        letter->refused = true;
        address_text(&address->addr, letter->refused_address);
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t
drop_answer(const char *bytes, size_t size, size_t count, void *data)
{
    struct letter *letter = data;
    (void)bytes;
    letter->answered += size * count;
    return letter->answered > POST_ANSWER_MOST ? 0 : size * count;
}

/* What is the same for every message. */
static void
set_standing(struct letter *letter)
{
    CURL *easy = letter->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, letter);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)POST_SECONDS);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "rctd/" RCTD_VERSION);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, letter);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, letter);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
}

static struct letter *
take_letter(struct poster *poster)
{
    if (poster->idle_count > 0)
        return poster->idle[--poster->idle_count];
    if (poster->letter_count == poster->most)
        return NULL;
    struct letter *letter = &poster->letters[poster->letter_count++];
    *letter = (struct letter){.poster = poster, .easy = curl_easy_init()};
    set_standing(letter);
    return letter;
}

static void
give_back(struct letter *letter)
{
    curl_slist_free_all(letter->headers);
    letter->headers = NULL;
    letter->poster->idle[letter->poster->idle_count++] = letter;
}

static void
add_header(struct letter *letter, const char *name, const char *value)
{
    char line[1024];
    snprintf(line, sizeof line, "%s: %s", name, value);
    letter->headers = curl_slist_append(letter->headers, line);
}

bool
poster_send(struct poster *poster, const struct post *post, void *tag)
{
    char timestamp[24];
    struct letter *letter = take_letter(poster);
    if (letter == NULL)
        return false;
    letter->tag = tag;
    letter->answered = 0;
    letter->refused = false;
    letter->plain = text_starts(post->url, "http:");
    snprintf(timestamp, sizeof timestamp, "%" PRId64, post->timestamp);
    add_header(letter, "content-type", "application/json");
    add_header(letter, "webhook-id", post->id);
    add_header(letter, "webhook-timestamp", timestamp);
    add_header(letter, "webhook-signature", post->signature);
    letter->headers = curl_slist_append(letter->headers, "Expect:");
    curl_easy_setopt(letter->easy, CURLOPT_URL, post->url);
    curl_easy_setopt(letter->easy, CURLOPT_HTTPHEADER, letter->headers);
    curl_easy_setopt(letter->easy, CURLOPT_POSTFIELDSIZE, -1L);
    curl_easy_setopt(letter->easy, CURLOPT_COPYPOSTFIELDS, post->body);
    CURLMcode code = curl_multi_add_handle(poster->multi, letter->easy);
    poster->under_way += code == CURLM_OK;
    if (code == CURLM_OK)
        return true;
    log_write(LOG_ERROR, "curl takes no message code=%d", (int)code);
    give_back(letter);
    return false;
}

void
poster_turn(struct poster *poster, int wake, int milliseconds)
{
    int running;
    struct curl_waitfd also = {.fd = wake, .events = CURL_WAIT_POLLIN};
    curl_multi_perform(poster->multi, &running);
    /* What has ended by now is not announced by any event. */
    if ((size_t)running < poster->under_way)
        return;
    curl_multi_poll(poster->multi, &also, 1, milliseconds, NULL);
    curl_multi_perform(poster->multi, &running);
}

/* What was wrong, from curl's general words for it: never a name, an address's path or a header. */
static void
say_problem(const struct letter *letter, CURLcode code, struct post_result *result)
{
    if (result->refused)
        snprintf(result->problem, sizeof result->problem,
            "%s is not an address that %s may be sent to (webhook_allow)", letter->refused_address,
            letter->plain ? "plain http" : "reminders");
    else if (result->status >= 300 && result->status <= 399)
        snprintf(result->problem, sizeof result->problem,
            "the receiver answered %d; redirects are not followed", result->status);
    else if (result->status != 0 && (result->status < 200 || result->status > 299))
        snprintf(
            result->problem, sizeof result->problem, "the receiver answered %d", result->status);
    else if (result->status == 0)
        snprintf(
            result->problem, sizeof result->problem, "no answer: %s", curl_easy_strerror(code));
}

static void
read_result(struct letter *letter, CURLcode code, struct post_result *result)
{
    long status = 0;
    curl_off_t microseconds = 0;
    curl_off_t retry_after = 0;
    curl_easy_getinfo(letter->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(letter->easy, CURLINFO_TOTAL_TIME_T, &microseconds);
    curl_easy_getinfo(letter->easy, CURLINFO_RETRY_AFTER, &retry_after);
    /* A long answer's end is not read; its status is an answer all the same. */
    bool answered =
        code == CURLE_OK || (code == CURLE_WRITE_ERROR && letter->answered > POST_ANSWER_MOST);
    *result = (struct post_result){
        .tag = letter->tag,
        .status = answered ? (int)status : 0,
        .retry_after = retry_after > 0 ? retry_after : 0,
        .milliseconds = (unsigned)(microseconds / 1000),
        .refused = letter->refused && !answered,
    };
    say_problem(letter, code, result);
}

bool
poster_take(struct poster *poster, struct post_result *result)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(poster->multi, &left)) != NULL) {
        struct letter *letter = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&letter);
        read_result(letter, code, result);
        curl_multi_remove_handle(poster->multi, letter->easy);
        poster->under_way--;
        give_back(letter);
        return true;
    }
    return false;
}

void
poster_free(struct poster *poster)
{
    if (poster == NULL)
        return;
    for (size_t i = 0; i < poster->letter_count; i++) {
        curl_multi_remove_handle(poster->multi, poster->letters[i].easy);
        curl_easy_cleanup(poster->letters[i].easy);
        curl_slist_free_all(poster->letters[i].headers);
    }
    curl_multi_cleanup(poster->multi);
    free(poster->letters);
    free(poster->idle);
    free(poster);
}
