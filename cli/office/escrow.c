/*
 * escrow.c: brings a lost master key back from its escrow, offline: each keeper takes their own
 * seal off, on their own machine.
 */
#include "base/escrow.h"

#include "base/key_file.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/table.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define FILE_MOST 65536

static const struct column show_columns[] = {
    {"key", "KEY", COLUMN_TEXT},
    {"in_use", "IN USE", COLUMN_TEXT},
    {"opens_next", "OPENS NEXT", COLUMN_TEXT},
    {"opens_last", "OPENS LAST", COLUMN_TEXT},
    {0},
};

/* The next sealed key of the file; false at its end, or with the session's error. */
static bool
next_key(struct session *session, const char **text, const char *end, struct escrow *escrow)
{
    if (*text == end)
        return false;
    return escrow_parse(text, end, escrow) ||
           error_set(&session->error, ERROR_MALFORMED, session->file,
               "%s is no sealed master key, or not whole: it is what `rctd --escrowed-key' "
               "prints",
               session->file);
}

static bool
read_text(struct session *session, const char *path, const char **text, const char **end)
{
    size_t size;
    session->file = text_equal(path, "-") ? "standard input" : path;
    *text = session_read_file(session, path, FILE_MOST, &size);
    if (*text == NULL)
        return false;
    *end = *text + size;
    return size > 0 ||
           error_set(&session->error, ERROR_MALFORMED, path, "%s is empty", session->file);
}

static int
run_show(struct session *session, const struct invocation *in)
{
    const char *text, *end;
    struct escrow escrow;
    json_t *keys = session_keep(session, json_array());
    if (!read_text(session, invocation_argument(in, 0), &text, &end))
        return session_fail(session);
    while (next_key(session, &text, end, &escrow))
        json_array_append_new(
            keys, json_pack("{s:s, s:b, s:s, s:s}", "key", escrow.key_id, "in_use", escrow.in_use,
                      "opens_next", escrow.sealed_to[escrow.seals - 1], "opens_last",
                      escrow.sealed_to[0]));
    if (session->error.code != ERROR_NONE)
        return session_fail(session);
    table_list(session, show_columns, keys, "");
    return 0;
}

/* The one key of the file, or the one that --key names. */
static bool
choose(struct session *session, const struct invocation *in, struct escrow *chosen)
{
    const char *text, *end;
    const char *wanted = invocation_option(in, "key");
    struct escrow escrow;
    struct text there;
    size_t found = 0;
    text_init(&there, session->arena);
    if (!read_text(session, invocation_argument(in, 0), &text, &end))
        return false;
    while (next_key(session, &text, end, &escrow)) {
        text_printf(&there, "%s%s%s", there.length == 0 ? "" : ", ", escrow.key_id,
            escrow.in_use ? " (in use)" : "");
        if (wanted != NULL && !text_equal(wanted, escrow.key_id))
            continue;
        *chosen = escrow;
        found++;
    }
    if (session->error.code != ERROR_NONE)
        return false;
    if (found == 0)
        return error_set(&session->error, ERROR_NOT_FOUND, "--key",
            "%s has no master key %s; it has: %s", session->file, wanted, there.bytes);
    return found == 1 ||
           error_set(&session->error, ERROR_FIELDS, "--key",
               "%s has several master keys; say which with --key: %s", session->file, there.bytes);
}

static bool
write_output(struct session *session, const char *path, const struct escrow *escrow)
{
    if (escrow->seals == 0)
        return seal_key_write(path, escrow->box, &session->error);
    const char *text = escrow_text(session->arena, escrow);
    return key_file_create(path, text, strlen(text), &session->error);
}

static int
run_open(struct session *session, const struct invocation *in)
{
    const char *output = invocation_option(in, "out");
    struct escrow escrow;
    if (!choose(session, in, &escrow))
        return session_fail(session);
    bool done = escrow_open(invocation_option(in, "pair"), &escrow, &session->error) &&
                write_output(session, output, &escrow);
    sodium_memzero(escrow.box, sizeof escrow.box);
    if (!done)
        return session_fail(session);
    if (escrow.seals > 0)
        fprintf(stderr,
            "Your seal is off. %s goes to the keeper of the pair with the public key\n%s,\n"
            "who opens it in the same way; nobody else can.\n",
            output, escrow.sealed_to[0]);
    else
        fprintf(stderr,
            "%s is the master key %s. Bring it to the daemon's machine as master_key_file, on "
            "something that is destroyed afterwards, and start rctd: it goes on as before.\n",
            output, escrow.key_id);
    return 0;
}

static const struct option_row open_options[] = {
    {.name = "pair",
        .value = "FILE",
        .meaning = "your escrow key pair, made by rctd --new-escrow-key",
        .flags = OPTION_REQUIRED},
    {.name = "out",
        .value = "FILE",
        .meaning = "a new file for what is inside, which only you can read",
        .flags = OPTION_REQUIRED},
    {.name = "key", .value = "ID", .meaning = "which master key, where there are several"},
    {0},
};

const struct command escrow_commands[] = {
    {
        .group = "escrow",
        .name = "show",
        .arguments = "FILE",
        .meaning = "Show which master keys are in FILE, and whose pairs open them",
        .details = "Works offline. FILE is what `rctd --escrowed-key' prints.\n",
        .example = "rctctl escrow show sealed.txt",
        .run = run_show,
    },
    {
        .group = "escrow",
        .name = "open",
        .arguments = "FILE",
        .meaning = "Bring a lost master key back with the pair of its escrow",
        .details =
            "Works offline. FILE is what `rctd --escrowed-key' prints. Where it is sealed to two\n"
            "people, the one whose pair OPENS NEXT (`rctctl escrow show') goes first, and what "
            "they\n"
            "write goes to the other, who opens it likewise.\n",
        .example = "rctctl escrow open sealed.txt --pair my.pair --out new.key",
        .options = open_options,
        .run = run_open,
    },
    {0},
};
