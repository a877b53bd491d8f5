/*
 * minimal.c: the least that libmicrohttpd can do, for what the server of rctd is measured against:
 * one epoll thread, no worker, one answer to everything. Says "port N" and serves until its
 * standard input ends.
 */
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

static enum MHD_Result
answer(void *data, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *body, size_t *size, void **context)
{
    static char text[] = "{\"status\":\"ok\",\"version\":\"" RCTD_VERSION "\"}";
    static char seen;
    (void)data;
    (void)url;
    (void)method;
    (void)version;
    (void)body;
    (void)size;
    /* An answer at the first call, at the end of the headers, would end the connection. */
    if (*context == NULL) {
        *context = &seen;
        return MHD_YES;
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result queued = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return queued;
}

int
main(void)
{
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, answer, NULL, MHD_OPTION_END);
    if (daemon == NULL) {
        fputs("minimal: libmicrohttpd does not start\n", stderr);
        return 1;
    }
    printf("port %u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    while (getchar() != EOF)
        ;
    MHD_stop_daemon(daemon);
    return 0;
}
