/*
 * conf.h: the configuration file of rctd: lines of `key = value`, `#` starts a comment at the start
 * of a line or behind a blank. A value that holds such a `#` or outer blanks stands in double
 * quotes. Every fault of a file is told in one run, with its line.
 */
#ifndef RCTD_BASE_CONF_H
#define RCTD_BASE_CONF_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/conf_table.h"
#include "base/error.h"
#include "base/fault.h"
#include "base/log.h"

#include <stdbool.h>
#include <stddef.h>

#define CONF_C_TEXT const char *
#define CONF_C_ADDRESS const char *
#define CONF_C_PATH const char *
#define CONF_C_CIDRS const char *
#define CONF_C_HEX const char *
#define CONF_C_NUMBER unsigned
#define CONF_C_SWITCH bool
#define CONF_C_LEVEL enum log_level

/* One member per row of conf_table.h. Strings live in the arena that the file was read into. */
struct conf {
#define CONF_MEMBER(key, type, default_value, least, most, meaning) CONF_C_##type key;
    CONF_TABLE(CONF_MEMBER)
#undef CONF_MEMBER
};

struct conf_row {
    const char *key;
    const char *type; /* "TEXT", ... */
    const char *default_value;
    const char *meaning;
};

/* The table, for help texts. */
extern const struct conf_row conf_rows[];
extern const size_t conf_row_count;

/* Every key with its default. */
void conf_defaults(struct arena *arena, struct conf *conf);

/*
 * Reads a file on top of the defaults. ERROR_CONFIG: the detail names the file and the first fault,
 * or says why the file cannot be read; `faults` (initialised by the caller) has all of them. A file
 * with a password in a connection string must be readable by its owner and group only.
 */
bool conf_read(struct arena *arena, const char *path, struct conf *conf, struct faults *faults,
    struct error *error) MUST_CHECK;

/* The same for text in memory; only the faults, no error. `path` is not opened. */
void conf_parse(struct arena *arena, const char *text, struct conf *conf, struct faults *faults);

#endif
