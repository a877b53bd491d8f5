/*
 * completion.c: writes the completion for bash from the table of commands.
 */
#include "cli/command.h"
#include "cli/invocation.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static void
print_options(const struct option_row *rows)
{
    for (const struct option_row *row = rows; row != NULL && row->name != NULL; row++)
        printf(" --%s", row->name);
}

static void
print_command(struct arena *arena, const struct command *command)
{
    printf("    [%s]='", command_title(arena, command));
    print_options(command->options);
    printf("'\n");
}

/* The values that an option takes, by "command --option". */
static void
print_choices(struct arena *arena, const struct command *command)
{
    for (const struct option_row *row = command->options; row != NULL && row->name != NULL; row++) {
        if (row->choices == NULL)
            continue;
        printf("    [%s --%s]='", command_title(arena, command), row->name);
        for (const char *const *choice = row->choices; *choice != NULL; choice++)
            printf(" %s", *choice);
        printf("'\n");
    }
}

static void
print_each(struct arena *arena, void (*print)(struct arena *, const struct command *))
{
    for (const struct group *group = command_groups; group->name != NULL; group++)
        for (const struct command *each = group->commands; each->group != NULL; each++)
            print(arena, each);
}

static const char script[] =
    "_rctctl() {\n"
    "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
    "    local group= command= word i\n"
    "    COMPREPLY=()\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        case $word in\n"
    "        --url | --token-file) ((i++)) ;;\n"
    "        -*) ;;\n"
    "        *) if [[ -z $group ]]; then group=$word; command=$word\n"
    "           elif [[ $command == \"$group\" && -n ${_rctctl_groups[$group]} ]]; then\n"
    "               command=\"$group $word\"; fi ;;\n"
    "        esac\n"
    "    done\n"
    "    case $previous in\n"
    "    --token-file | --out | --protocol | --ledger)\n"
    "        mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); return ;;\n"
    "    esac\n"
    "    if [[ -n $command && -n ${_rctctl_choices[$command $previous]} ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"${_rctctl_choices[$command $previous]}\" -- "
    "\"$current\")\n"
    "    elif [[ $current == -* ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$_rctctl_globals "
    "${command:+${_rctctl_options[$command]}}\" -- \"$current\")\n"
    "    elif [[ -z $group ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"${!_rctctl_groups[*]}\" -- \"$current\")\n"
    "    elif [[ $command == \"$group\" && -n ${_rctctl_groups[$group]} ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"${_rctctl_groups[$group]}\" -- \"$current\")\n"
    "    elif [[ $group == help ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"${!_rctctl_groups[*]} "
    "${_rctctl_groups[$previous]} settings exit-status\" -- \"$current\")\n"
    "    else\n"
    "        mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
    "    fi\n"
    "}\n"
    "complete -o filenames -F _rctctl rctctl\n";

static int
run_completion(struct session *session, const struct invocation *in)
{
    (void)in;
    printf("# Completion of rctctl for bash; written by `rctctl completion bash'.\n"
           "declare -gA _rctctl_groups=(\n");
    for (const struct group *group = command_groups; group->name != NULL; group++) {
        printf("    [%s]='", group->name);
        for (const struct command *each = group->commands;
             each->group != NULL && !command_is_single(group); each++)
            printf("%s%s", each == group->commands ? "" : " ", each->name);
        printf("'\n");
    }
    printf(")\ndeclare -gA _rctctl_options=(\n");
    print_each(session->arena, print_command);
    printf(")\ndeclare -gA _rctctl_choices=(\n");
    print_each(session->arena, print_choices);
    printf(")\n_rctctl_globals='");
    print_options(invocation_globals);
    printf("'\n%s", script);
    return 0;
}

const struct command completion_commands[] = {
    {
        .group = "completion",
        .name = "bash",
        .arguments = "",
        .meaning = "Print the completion for bash",
        .details = "Commands, their options and the values that those take.\n",
        .example = "source <(rctctl completion bash)",
        .run = run_completion,
        .offline = true,
    },
    {0},
};
