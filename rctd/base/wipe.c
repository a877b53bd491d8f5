/*
 * wipe.c: Jansson's memory, wiped in the size that malloc gave it; and no core files.
 */
#include "base/wipe.h"

#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static void
wipe_and_free(void *memory)
{
    if (memory != NULL)
        explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

void
wipe_start(void)
{
    json_set_alloc_funcs(malloc, wipe_and_free);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}
