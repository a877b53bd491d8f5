/*
 * command.c: the list of the groups of commands, in the order in which a trial meets them, and the
 * look-ups in it.
 */
#include "cli/command.h"

#include "base/compiler.h"
#include "base/text.h"

#include <string.h>

const struct group command_groups[] = {
    {"whoami", "Show whose token this is and its roles", whoami_commands},
    {"trial", "Create and show trials", trial_commands},
    {"protocol", "Check, submit and lock protocols", protocol_commands},
    {"phase", "Open and close the phases of a trial", phase_commands},
    {"scheme", "Allocation schemes: commitments, closing, reveal of seeds", scheme_commands},
    {"workplace", "Enrol workplaces: import, answers, agreements, roster", workplace_commands},
    {"participant", "Enrol participants: codes, answers, consents", participant_commands},
    {"identity", "Who participants are: enter, read for a purpose, erase", identity_commands},
    {"measure", "Store data of participants, and release it from quarantine", measure_commands},
    {"consent", "Forms to sign anew, texts, one-time links", consent_commands},
    {"staff", "Who of the staff serves which workplaces, by code", staff_commands},
    {"screening", "The screening log: who was assessed, and why some are out", screening_commands},
    {"allocate", "Allocate a workplace to an arm", allocate_commands},
    {"ledger", "Show the allocations that were made", ledger_commands},
    {"deviation", "Randomisation errors, beside the ledger", deviation_commands},
    {"unblind", "Tell an arm to who must know, and show who knows", unblind_commands},
    {"notice", "Show what you must hear of", notice_commands},
    {"attempts", "Show dry runs and refusals of allocations", attempts_commands},
    {"recruitment", "Show recruitment against plan", recruitment_commands},
    {"task", "What is planned for workplaces and people, and who does it", task_commands},
    {"uptake", "Show consent before and after the reveal", uptake_commands},
    {"contamination", "Show where one arm reaches people of another", contamination_commands},
    {"reminder", "Show reminders, and send dead ones again", reminder_commands},
    {"endpoint", "Say where reminders are sent", endpoint_commands},
    {"account", "Manage the accounts of people and machines", account_commands},
    {"token", "Give out and revoke access tokens", token_commands},
    {"grant", "Give accounts their roles", grant_commands},
    {"access", "Review who may do what", access_commands},
    {"password", "Set the password that you sign with", password_commands},
    {"signature", "Show who signed what", signature_commands},
    {"escrow", "Bring a lost master key back", escrow_commands},
    {"audit", "Read and verify the audit trail", audit_commands},
    {"sequence", "Compute an allocation sequence from a seed", sequence_commands},
    {"verify", "Verify an exported ledger against its seed", verify_commands},
    {"constrain", "Show what constrained randomisation of a table of units leads to",
        constrain_commands},
    {"simulate", "Show how predictable and how balanced designs are", simulate_commands},
    {"rerandomise", "Test a difference between arms by randomising again", rerandomise_commands},
    {"rehearsal", "Let time pass in a rehearsal", rehearsal_commands},
    {"help", "Explain a command", help_commands},
    {"completion", "Print the completion for a shell", completion_commands},
    {0},
};

const struct group *
command_group(const char *name)
{
    for (const struct group *group = command_groups; group->name != NULL; group++)
        if (strcmp(group->name, name) == 0)
            return group;
    return NULL;
}

const struct command *
command_find(const struct group *group, const char *name)
{
    for (const struct command *command = group->commands; command->group != NULL; command++)
        if (text_equal(command->name, name))
            return command;
    return NULL;
}

bool
command_is_single(const struct group *group)
{
    return group->commands[0].name == NULL;
}

const char *
command_title(struct arena *arena, const struct command *command)
{
    if (command->name == NULL)
        return command->group;
    return arena_printf(arena, "%s %s", command->group, command->name);
}

const char *const *
command_names(struct arena *arena, const struct group *group, size_t *count)
{
    const char **names = NULL;
    size_t capacity = 0;
    *count = 0;
    if (group == NULL) {
        for (const struct group *each = command_groups; each->name != NULL; each++) {
            names = arena_grow(arena, names, *count, &capacity, sizeof *names);
            names[(*count)++] = each->name;
        }
        return names;
    }
    for (const struct command *each = group->commands; each->group != NULL; each++) {
        names = arena_grow(arena, names, *count, &capacity, sizeof *names);
        names[(*count)++] = each->name == NULL ? each->group : each->name;
    }
    return names;
}
