/*
 * zones.c: reads the names of the time zones from the files of the machine's zone data: a file for
 * each zone, "Europe/Stockholm". Names that begin with a small letter are no zones of protocols.
 */
#include "cli/conduct/zones.h"

#include <dirent.h>
#include <sys/stat.h>

#define ZONE_FILES "/usr/share/zoneinfo"
#define ZONES_MAX 4096 /* there are some 600 */
#define DEPTH_MAX 3    /* "America/Argentina/Salta" */

struct zones {
    struct arena *arena;
    const char **names;
    size_t count;
};

/* The zones of a directory; `before` is the part of their names that it gives them: "Europe/". */
static void
read_directory(struct zones *zones, const char *before, unsigned depth)
{
    DIR *directory = opendir(arena_printf(zones->arena, "%s/%s", ZONE_FILES, before));
    struct dirent *entry;
    while (directory != NULL && (entry = readdir(directory)) != NULL && zones->count < ZONES_MAX) {
        struct stat status;
        if (entry->d_name[0] < 'A' || entry->d_name[0] > 'Z')
            continue;
        const char *name = arena_printf(zones->arena, "%s%s", before, entry->d_name);
        if (stat(arena_printf(zones->arena, "%s/%s", ZONE_FILES, name), &status) != 0)
            continue;
        if (S_ISREG(status.st_mode))
            zones->names[zones->count++] = name;
        else if (S_ISDIR(status.st_mode) && depth < DEPTH_MAX)
            read_directory(zones, arena_printf(zones->arena, "%s/", name), depth + 1);
    }
    if (directory != NULL)
        closedir(directory);
}

struct protocol_zones
zones_here(struct arena *arena)
{
    struct zones zones = {.arena = arena};
    zones.names = arena_array(arena, ZONES_MAX, sizeof *zones.names);
    read_directory(&zones, "", 1);
    return (struct protocol_zones){zones.names, zones.count};
}
