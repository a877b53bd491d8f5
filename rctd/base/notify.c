/*
 * notify.c: sd_notify(3) and sd_listen_fds(3) by hand: one datagram, three environment variables.
 */
#include "base/notify.h"

#include "base/text.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_SOCKET 3

static struct sockaddr_un address;
static socklen_t address_size;
static int64_t watchdog;
static int listening = -1;

static long long
number_of(const char *name)
{
    const char *text = getenv(name);
    long long number;
    return text != NULL && text_to_int64(text, &number) ? number : 0;
}

static void
read_address(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    if (path == NULL || (path[0] != '/' && path[0] != '@') ||
        strlen(path) >= sizeof address.sun_path)
        return;
    address.sun_family = AF_UNIX;
    memcpy(address.sun_path, path, strlen(path));
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
}

void
notify_start(void)
{
    read_address();
    long long for_process = number_of("WATCHDOG_PID");
    if (for_process == 0 || for_process == getpid())
        watchdog = number_of("WATCHDOG_USEC");
    if (number_of("LISTEN_PID") == getpid() && number_of("LISTEN_FDS") >= 1) {
        listening = FIRST_SOCKET;
        fcntl(listening, F_SETFD, FD_CLOEXEC);
    }
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
}

void
notify_send(const char *message)
{
    if (address_size == 0)
        return;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    (void)sendto(
        fd, message, strlen(message), MSG_NOSIGNAL, (struct sockaddr *)&address, address_size);
    close(fd);
}

int64_t
notify_watchdog(void)
{
    return watchdog;
}

int
notify_socket(void)
{
    return listening;
}
