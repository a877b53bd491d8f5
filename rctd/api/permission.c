/*
 * permission.c: the table of permissions (SPIRIT 2025 21-24: nobody defines and enrols; block sizes
 * and method are for restricted roles).
 */
#include "api/permission.h"

#include <stddef.h>
#include <string.h>

#define BIT(role) (1U << ROLE_##role)
#define EVERY_ROLE ((1U << ROLE_COUNT) - 1)

static const struct permission permissions[] = {
    {.name = "public", .open = true},
    {.name = "link", .by_link = true},
    {.name = "any", .any_account = true},
    {.name = "instance.read", .roles = BIT(ADMINISTRATOR) | BIT(AUDITOR), .instance = true},
    {.name = "instance.write", .roles = BIT(ADMINISTRATOR), .instance = true},
    {.name = "instance.trail",
        .roles = BIT(ADMINISTRATOR) | BIT(AUDITOR),
        .instance = true,
        .sees_trail = true},
    {.name = "trial.read", .roles = EVERY_ROLE},
    {.name = "protocol.read", .roles = BIT(TRIAL_MANAGER) | BIT(STATISTICIAN) | BIT(AUDITOR)},
    {.name = "protocol.write", .roles = BIT(TRIAL_MANAGER)},
    {.name = "phase.write", .roles = BIT(TRIAL_MANAGER)},
    {.name = "scheme.write", .roles = BIT(TRIAL_MANAGER)},
    {.name = "reveal.read", .roles = BIT(TRIAL_MANAGER) | BIT(STATISTICIAN) | BIT(AUDITOR)},
    {.name = "reveal.write", .roles = BIT(TRIAL_MANAGER) | BIT(STATISTICIAN)},
    {.name = "seed.read", .roles = BIT(STATISTICIAN) | BIT(AUDITOR)},
    {.name = "access.read", .roles = BIT(TRIAL_MANAGER) | BIT(AUDITOR)},
    {.name = "screening.read",
        .roles = BIT(COORDINATOR) | BIT(RESEARCHER) | BIT(INTERVIEWER) | BIT(STATISTICIAN) |
                 BIT(AUDITOR) | BIT(TRIAL_MANAGER)},
    {.name = "screening.write", .roles = BIT(COORDINATOR)},
    {.name = "signature.read", .roles = BIT(TRIAL_MANAGER) | BIT(STATISTICIAN) | BIT(AUDITOR)},
    {.name = "workplace.read",
        .roles = BIT(COORDINATOR) | BIT(RESEARCHER) | BIT(INTERVIEWER) | BIT(STATISTICIAN) |
                 BIT(AUDITOR) | BIT(TRIAL_MANAGER)},
    {.name = "workplace.write", .roles = BIT(COORDINATOR)},
    {.name = "participant.read",
        .roles = BIT(COORDINATOR) | BIT(RESEARCHER) | BIT(INTERVIEWER) | BIT(STATISTICIAN) |
                 BIT(AUDITOR) | BIT(TRIAL_MANAGER)},
    {.name = "participant.write", .roles = BIT(COORDINATOR)},
    {.name = "identity.read", .roles = BIT(IDENTITY_READER)},
    {.name = "identity.write", .roles = BIT(COORDINATOR)},
    {.name = "identity.erase", .roles = BIT(TRIAL_MANAGER)},
    {.name = "identity.rotate", .roles = BIT(ADMINISTRATOR)},
    {.name = "identity.look", .roles = BIT(AUDITOR) | BIT(TRIAL_MANAGER) | BIT(ADMINISTRATOR)},
    {.name = "identity.readings", .roles = BIT(AUDITOR) | BIT(TRIAL_MANAGER)},
    {.name = "contamination.read", .roles = BIT(COORDINATOR) | BIT(STATISTICIAN) | BIT(AUDITOR)},
    {.name = "consent-text.read", .roles = EVERY_ROLE},
    {.name = "consent-text.write", .roles = BIT(TRIAL_MANAGER)},
    {.name = "consent.read", .roles = BIT(COORDINATOR) | BIT(STATISTICIAN) | BIT(AUDITOR)},
    {.name = "measure.read",
        .roles = BIT(COORDINATOR) | BIT(RESEARCHER) | BIT(INTERVIEWER) | BIT(STATISTICIAN) |
                 BIT(AUDITOR) | BIT(TRIAL_MANAGER)},
    {.name = "measure.write", .roles = BIT(COORDINATOR)},
    {.name = "measure.release", .roles = BIT(TRIAL_MANAGER)},
    {.name = "allocation.make", .roles = BIT(COORDINATOR)},
    {.name = "allocation.read",
        .roles = BIT(COORDINATOR) | BIT(RESEARCHER) | BIT(STATISTICIAN) | BIT(AUDITOR)},
    {.name = "deviation.read",
        .roles = BIT(COORDINATOR) | BIT(RESEARCHER) | BIT(STATISTICIAN) | BIT(AUDITOR) |
                 BIT(TRIAL_MANAGER)},
    {.name = "deviation.write", .roles = BIT(COORDINATOR)},
    {.name = "deviation.decide", .roles = BIT(STATISTICIAN)},
    {.name = "attempt.read", .roles = BIT(AUDITOR) | BIT(STATISTICIAN)},
    {.name = "task.read",
        .roles = BIT(COORDINATOR) | BIT(RESEARCHER) | BIT(INTERVIEWER) | BIT(STATISTICIAN) |
                 BIT(AUDITOR)},
    {.name = "task.work", .roles = BIT(COORDINATOR) | BIT(INTERVIEWER)},
    {.name = "reminder.read", .roles = BIT(COORDINATOR) | BIT(DISPATCHER) | BIT(AUDITOR)},
    {.name = "reminder.write", .roles = BIT(COORDINATOR)},
    {.name = "endpoint.read", .roles = BIT(TRIAL_MANAGER) | BIT(AUDITOR)},
    {.name = "endpoint.write", .roles = BIT(TRIAL_MANAGER)},
    {.name = "unblinding.ask", .roles = BIT(TRIAL_MANAGER) | BIT(RESEARCHER) | BIT(INTERVIEWER)},
    {.name = "unblinding.decide", .roles = BIT(TRIAL_MANAGER) | BIT(STATISTICIAN)},
    {.name = "unblinding.read",
        .roles = BIT(STATISTICIAN) | BIT(AUDITOR) | BIT(TRIAL_MANAGER) | BIT(RESEARCHER) |
                 BIT(INTERVIEWER)},
    {.name = "unblinding.report", .roles = BIT(STATISTICIAN) | BIT(AUDITOR) | BIT(TRIAL_MANAGER)},
    {.name = "knowledge.read",
        .roles = BIT(COORDINATOR) | BIT(STATISTICIAN) | BIT(AUDITOR) | BIT(TRIAL_MANAGER) |
                 BIT(RESEARCHER) | BIT(INTERVIEWER)},
    {.name = "knowledge.write",
        .roles = BIT(COORDINATOR) | BIT(TRIAL_MANAGER) | BIT(RESEARCHER) | BIT(INTERVIEWER)},
    {.name = "trail.read", .roles = BIT(AUDITOR), .sees_trail = true},
};

const struct permission *
permission_by_name(const char *name)
{
    for (size_t i = 0; name != NULL && i < COUNT_OF(permissions); i++)
        if (strcmp(permissions[i].name, name) == 0)
            return &permissions[i];
    return NULL;
}

const char *const *
permission_roles(const char *name)
{
    static _Thread_local const char *names[ROLE_COUNT + 1];
    const struct permission *permission = permission_by_name(name);
    size_t count = 0;
    if (permission == NULL || permission->open || permission->by_link)
        return NULL;
    for (int role = 0; role < ROLE_COUNT; role++)
        if ((permission->roles & 1U << role) != 0)
            names[count++] = role_name((enum role)role);
    names[count] = NULL;
    return names;
}
