/*
 * server_listen.c: the socket that is listened on: rctd's own, or one that systemd has opened.
 */
#include "http/server_private.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#define BACKLOG 511

static bool
read_address(const struct http_options *options, struct sockaddr_storage *address, socklen_t *size)
{
    struct sockaddr_in *four = (struct sockaddr_in *)address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, options->address, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons((uint16_t)options->port);
        *size = sizeof *four;
        return true;
    }
    six->sin6_family = AF_INET6;
    six->sin6_port = htons((uint16_t)options->port);
    *size = sizeof *six;
    return inet_pton(AF_INET6, options->address, &six->sin6_addr) == 1;
}

static bool
open_own(struct http_server *server, struct error *error)
{
    const struct http_options *options = &server->options;
    struct sockaddr_storage address;
    socklen_t size;
    int on = 1;
    if (options->port > 65535 || !read_address(options, &address, &size))
        return error_set(error, ERROR_CONFIG, "listen",
            "%s port %u is not an address to listen on.", options->address, options->port);
    server->own_listen_fd = true;
    server->listen_fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->listen_fd < 0)
        return error_set_errno(error, "socket", "No socket can be opened");
    setsockopt(server->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address.ss_family == AF_INET6)
        setsockopt(server->listen_fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(server->listen_fd, (struct sockaddr *)&address, size) != 0)
        return error_set_errno(
            error, "bind", "rctd cannot listen on %s port %u", options->address, options->port);
    if (listen(server->listen_fd, BACKLOG) != 0)
        return error_set_errno(
            error, "listen", "rctd cannot listen on %s port %u", options->address, options->port);
    return true;
}

static bool
take_given(struct http_server *server, struct error *error)
{
    int flags = fcntl(server->options.listen_fd, F_GETFL);
    server->listen_fd = server->options.listen_fd;
    if (flags < 0 || fcntl(server->listen_fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(server->listen_fd, F_SETFD, FD_CLOEXEC) != 0)
        return error_set_errno(
            error, "listen", "The socket that was handed to rctd cannot be used");
    return true;
}

static void
learn_port(struct http_server *server)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    if (getsockname(server->listen_fd, (struct sockaddr *)&address, &size) != 0)
        return;
    if (address.ss_family == AF_INET)
        server->port = ntohs(((struct sockaddr_in *)&address)->sin_port);
    else if (address.ss_family == AF_INET6)
        server->port = ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
}

bool
listen_open(struct http_server *server, struct error *error)
{
    bool given = server->options.listen_fd >= 0;
    if (given ? !take_given(server, error) : !open_own(server, error))
        return false;
    learn_port(server);
    return true;
}
