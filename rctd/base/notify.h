/*
 * notify.h: the few words that rctd and systemd exchange: sd_notify(3) messages, the watchdog's
 * interval, and sockets that systemd listens on for us. Without systemd all of it does nothing.
 */
#ifndef RCTD_BASE_NOTIFY_H
#define RCTD_BASE_NOTIFY_H

#include "base/compiler.h"

#include <stdint.h>

/* Reads and clears what systemd left in the environment; before any thread is started. */
void notify_start(void);

/* "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=..."; lost silently where nobody listens. */
void notify_send(const char *message);

/* Microseconds within which systemd wants WATCHDOG=1; 0 where it does not. */
int64_t notify_watchdog(void);

/* The first socket that systemd passed; -1 where there is none. */
int notify_socket(void);

#endif
