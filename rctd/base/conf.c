/*
 * conf.c: reads the configuration line by line against the table of keys. A parser for each type
 * says what is wrong with a value and what would be right.
 */
#include "base/conf.h"

#include "base/nearest.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MOST ((size_t)64 * 1024)

/* Reads a value into `out`; NULL, or what would be right. */
struct row;
typedef const char *(*parser)(
    struct arena *arena, const struct row *row, const char *value, void *out);

struct row {
    parser parse;
    size_t offset;
    long long least;
    long long most;
};

static const char *
parse_TEXT(struct arena *arena, const struct row *row, const char *value, void *out)
{
    (void)arena;
    (void)row;
    *(const char **)out = value[0] == '\0' ? NULL : value;
    return NULL;
}

static bool
is_port(const char *text)
{
    long long port;
    return text_to_int64(text, &port) && port >= 0 && port <= 65535;
}

static const char *
parse_ADDRESS(struct arena *arena, const struct row *row, const char *value, void *out)
{
    const char *colon = strrchr(value, ':');
    bool has_host = colon != NULL && colon != value;
    bool bracketed = has_host && value[0] == '[' && colon[-1] == ']';
    bool plain = has_host && memchr(value, ':', (size_t)(colon - value)) == NULL;
    if (!has_host || !(bracketed || plain) || !is_port(colon + 1))
        return "write HOST:PORT, for example 127.0.0.1:8470 or [::1]:8470";
    return parse_TEXT(arena, row, value, out);
}

static const char *
parse_PATH(struct arena *arena, const struct row *row, const char *value, void *out)
{
    if (value[0] != '\0' && value[0] != '/')
        return "write an absolute path, which starts with /";
    return parse_TEXT(arena, row, value, out);
}

/* "10.0.0.0/8", "fd00::/8", or an address alone. */
static bool
is_network(char *text)
{
    unsigned char address[sizeof(struct in6_addr)];
    long long bits = 0;
    char *slash = strchr(text, '/');
    if (slash != NULL) {
        *slash = '\0';
        if (!text_to_int64(slash + 1, &bits) || bits < 0)
            return false;
    }
    if (inet_pton(AF_INET, text, address) == 1)
        return bits <= 32;
    return inet_pton(AF_INET6, text, address) == 1 && bits <= 128;
}

static const char *
parse_CIDRS(struct arena *arena, const struct row *row, const char *value, void *out)
{
    char *rest = arena_strdup(arena, value);
    char *save = NULL;
    for (char *one = strtok_r(rest, ", \t", &save); one != NULL;
         one = strtok_r(NULL, ", \t", &save))
        if (!is_network(one))
            return "write networks such as 10.0.0.0/8 or fd00::/8, with commas between them";
    return parse_TEXT(arena, row, value, out);
}

static const char *
parse_HEX(struct arena *arena, const struct row *row, const char *value, void *out)
{
    size_t length = strlen(value);
    if (length != 0 &&
        (length != (size_t)row->least || strspn(value, "0123456789abcdefABCDEF") != length))
        return arena_printf(arena, "write %lld hex digits", row->least);
    return parse_TEXT(arena, row, value, out);
}

static const char *
parse_NUMBER(struct arena *arena, const struct row *row, const char *value, void *out)
{
    long long number;
    if (!text_to_int64(value, &number) || number < row->least || number > row->most)
        return arena_printf(arena, "write a whole number from %lld to %lld", row->least, row->most);
    *(unsigned *)out = (unsigned)number;
    return NULL;
}

static const char *
parse_SWITCH(struct arena *arena, const struct row *row, const char *value, void *out)
{
    (void)arena;
    (void)row;
    static const char *const yes[] = {"yes", "on", "true"};
    static const char *const no[] = {"no", "off", "false"};
    for (size_t i = 0; i < COUNT_OF(yes); i++) {
        bool is_yes = strcmp(value, yes[i]) == 0;
        if (is_yes || strcmp(value, no[i]) == 0) {
            *(bool *)out = is_yes;
            return NULL;
        }
    }
    return "write yes or no";
}

static const char *
parse_LEVEL(struct arena *arena, const struct row *row, const char *value, void *out)
{
    (void)arena;
    (void)row;
    static const char *const names[] = {"debug", "info", "notice", "warning", "error"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(value, names[i]) == 0) {
            *(enum log_level *)out = (enum log_level)i;
            return NULL;
        }
    return "write debug, info, notice, warning or error";
}

#define CONF_ROW(key, type, default_value, least, most, meaning)                                   \
    {#key, #type, default_value, meaning},
const struct conf_row conf_rows[] = {CONF_TABLE(CONF_ROW)};
const size_t conf_row_count = COUNT_OF(conf_rows);
#undef CONF_ROW

#define PARSER_ROW(key, type, default_value, least, most, meaning)                                 \
    {parse_##type, offsetof(struct conf, key), least, most},
static const struct row rows[] = {CONF_TABLE(PARSER_ROW)};
#undef PARSER_ROW

static const char *
set_value(struct arena *arena, struct conf *conf, size_t at, const char *value)
{
    return rows[at].parse(arena, &rows[at], value, (char *)conf + rows[at].offset);
}

void
conf_defaults(struct arena *arena, struct conf *conf)
{
    memset(conf, 0, sizeof *conf);
    for (size_t at = 0; at < conf_row_count; at++)
        if (set_value(arena, conf, at, conf_rows[at].default_value) != NULL)
            abort();
}

static bool
find_key(const char *key, size_t *at)
{
    for (*at = 0; *at < conf_row_count; (*at)++)
        if (strcmp(conf_rows[*at].key, key) == 0)
            return true;
    return false;
}

/* Cuts a comment and outer blanks off a value, or takes it out of its quotes; NULL when a quote is
 * not closed. */
static char *
read_value(struct arena *arena, const char *text)
{
    char *value = text_trim(arena, text);
    if (value[0] == '"') {
        char *end = strchr(value + 1, '"');
        if (end == NULL)
            return NULL;
        char *behind = text_trim(arena, end + 1);
        if (behind[0] != '\0' && behind[0] != '#')
            return NULL;
        *end = '\0';
        return value + 1;
    }
    for (char *c = value; *c != '\0'; c++)
        if (*c == '#' && (c == value || c[-1] == ' ' || c[-1] == '\t')) {
            *c = '\0';
            break;
        }
    return text_trim(arena, value);
}

struct reading {
    struct arena *arena;
    struct conf *conf;
    struct faults *faults;
    unsigned seen[COUNT_OF(conf_rows)]; /* the line of each key; 0: not yet */
};

static void
unknown_key(struct reading *reading, const char *key, unsigned line)
{
    const char *known[COUNT_OF(conf_rows)];
    for (size_t i = 0; i < conf_row_count; i++)
        known[i] = conf_rows[i].key;
    faults_add(reading->faults, "", line, 1,
        nearest_remedy(reading->arena, key, known, conf_row_count), "there is no key `%s`", key);
}

static void
read_line(struct reading *reading, char *text, unsigned line)
{
    char *start = text_trim(reading->arena, text);
    if (start[0] == '\0' || start[0] == '#')
        return;
    char *equals = strchr(start, '=');
    if (equals == NULL) {
        faults_add(reading->faults, "", line, 1, "write key = value", "this line sets nothing");
        return;
    }
    *equals = '\0';
    char *key = text_trim(reading->arena, start);
    char *value = read_value(reading->arena, equals + 1);
    size_t at;
    if (!find_key(key, &at)) {
        unknown_key(reading, key, line);
        return;
    }
    if (reading->seen[at] != 0)
        faults_add(reading->faults, key, line, 1, "keep one of the two",
            "it is set on line %u already", reading->seen[at]);
    reading->seen[at] = line;
    const char *remedy = value == NULL ? "close the quote, and write nothing behind it"
                                       : set_value(reading->arena, reading->conf, at, value);
    if (remedy != NULL)
        faults_add(reading->faults, key, line, 1, remedy, "this value is not right");
}

void
conf_parse(struct arena *arena, const char *text, struct conf *conf, struct faults *faults)
{
    struct reading reading = {.arena = arena, .conf = conf, .faults = faults};
    unsigned line = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        line++;
        if (text_is_utf8(text, length))
            read_line(&reading, arena_strndup(arena, text, length), line);
        else
            faults_add(faults, "", line, 1, "save the file as UTF-8", "this line is not UTF-8");
        text += length + (text[length] == '\n');
    }
}

/* The whole file, NUL behind it; `*open` tells whether others than owner and group may read it. */
static char *
read_file(struct arena *arena, const char *path, bool *open_to_all, struct error *error)
{
    struct stat status;
    char *text = NULL;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        error_set(error, ERROR_CONFIG, path, "%s cannot be read: %m", path);
        return NULL;
    }
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) ||
        (size_t)status.st_size > FILE_MOST) {
        error_set(error, ERROR_CONFIG, path, "%s is no configuration file (a text of up to 64 KiB)",
            path);
        goto out;
    }
    *open_to_all = (status.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0;
    text = arena_alloc(arena, (size_t)status.st_size + 1);
    ssize_t got = read(file, text, (size_t)status.st_size);
    if (got != status.st_size || memchr(text, '\0', (size_t)got) != NULL) {
        error_set(error, ERROR_CONFIG, path, "%s cannot be read whole, or is no text", path);
        text = NULL;
    }
out:
    close(file);
    return text;
}

static bool
has_password(const char *conninfo)
{
    if (conninfo == NULL)
        return false;
    /* postgresql://user:password@host */
    const char *authority = strstr(conninfo, "://");
    const char *at = authority == NULL ? NULL : strchr(authority, '@');
    bool in_uri = at != NULL && memchr(authority + 3, ':', (size_t)(at - authority - 3)) != NULL;
    return in_uri || strstr(conninfo, "password") != NULL;
}

bool
conf_read(struct arena *arena, const char *path, struct conf *conf, struct faults *faults,
    struct error *error)
{
    bool open_to_all;
    conf_defaults(arena, conf);
    char *text = read_file(arena, path, &open_to_all, error);
    if (text == NULL)
        return false;
    conf_parse(arena, text, conf, faults);
    if (open_to_all && (has_password(conf->database) || has_password(conf->database_owner)))
        faults_add(faults, "", 0, 0, arena_printf(arena, "chmod 640 %s", path),
            "a password stands in this file, and everybody on this machine may read or change it");
    if (faults->total == 0)
        return true;
    return error_set(error, ERROR_CONFIG, path, "%s%s", fault_line(arena, path, &faults->items[0]),
        faults->total == 1 ? "" : " (and more)");
}
