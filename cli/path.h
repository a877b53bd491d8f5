/*
 * path.h: the path and query of a request, put together from what the user typed.
 */
#ifndef RCTD_CLI_PATH_H
#define RCTD_CLI_PATH_H

#include "base/text.h"

/*
 * "/v1/trials/work-together/phases" from its segments, the last followed by NULL. Each is
 * percent-encoded, so that a typed slash or question mark stays within its segment. In the arena.
 */
char *path_of(struct arena *arena, const char *segment, ...) __attribute__((sentinel));

/* The path with `?name=value` or `&name=value` behind it; unchanged where the value is NULL. */
char *path_query(struct arena *arena, const char *path, const char *name, const char *value);

/* Has it a query, so that an empty list may mean no more than that nothing fits? */
bool path_narrows(const char *path);

#endif
