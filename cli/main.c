/*
 * main.c: rctctl, the command-line tool of a trial's people. Reads the global options, finds the
 * command in the table and runs it.
 */
#include "base/bits.h"
#include "base/text.h"
#include "base/wipe.h"
#include "cli/certain.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/invocation.h"
#include "cli/session.h"
#include "cli/when.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
dispatch(struct session *session, int argc, char **argv)
{
    const struct group *group = command_group(argv[0]);
    if (group == NULL)
        return help_unknown(session->arena, NULL, argv[0]);
    const struct command *command = group->commands;
    if (!command_is_single(group)) {
        if (argc == 1 || strcmp(argv[1], "--help") == 0) {
            help_group(argc == 1 ? stderr : stdout, session->arena, group);
            return argc == 1 ? 2 : 0;
        }
        command = command_find(group, argv[1]);
        if (command == NULL)
            return help_unknown(session->arena, group, argv[1]);
        argc--;
        argv++;
    }
    struct invocation *in = invocation_read(session, command, argc, argv);
    int status = certain_check(session, in);
    if (status != 0)
        return status;
    return command->list != NULL ? listing_run(session, in) : command->run(session, in);
}

/* Names are UTF-8, whatever the locale: the C locale would turn them into escapes. */
static void
choose_characters(void)
{
    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
}

int
main(int argc, char **argv)
{
    struct session session;
    bool help;
    choose_characters();
    when_set_zone("UTC");
    wipe_start();
    bits_start();
    session_init(&session);
    int first = invocation_read_globals(&session, argc, argv, &help);
    int status;
    if (help) {
        help_overview(stdout, session.arena);
        status = 0;
    } else if (first == argc) {
        help_overview(stderr, session.arena);
        status = 2;
    } else {
        status = dispatch(&session, argc - first, argv + first);
    }
    session_free(&session);
    /* A full disk or a closed pipe must not look like success to a script. */
    if (fflush(stdout) != 0 && status == 0) {
        perror("rctctl: the output could not be written");
        status = 1;
    }
    return status;
}
