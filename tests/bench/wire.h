/*
 * wire.h: as much of HTTP/1.1 as the bench programs need: where a message ends. Each side knows the
 * other one, so that whatever else may be in a message is looked past.
 */
#ifndef TESTS_BENCH_WIRE_H
#define TESTS_BENCH_WIRE_H

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Bytes of the whole message at the start of `bytes`, which end in NUL; 0 while it is not whole. */
static inline size_t
wire_message_size(const char *bytes, size_t have)
{
    static const char name[] = "content-length:";
    const char *end = strstr(bytes, "\r\n\r\n");
    if (end == NULL)
        return 0;
    size_t size = (size_t)(end + 4 - bytes);
    for (const char *line = strchr(bytes, '\n'); line != NULL && line < end;
         line = strchr(line + 1, '\n'))
        if (strncasecmp(line + 1, name, sizeof name - 1) == 0)
            size += strtoul(line + sizeof name, NULL, 10);
    return size <= have ? size : 0;
}

#endif
