/*
 * find.c: looks an allocation up in the list of those that the caller may know of.
 */
#include "cli/find.h"

#include "base/bits.h"
#include "base/text.h"
#include "cli/path.h"

static bool
is_meant(const json_t *allocation, const char *named)
{
    return text_equal(session_field(allocation, "workplace"), named) ||
           text_equal(session_field(allocation, "participant"), named) ||
           text_equal(session_field(allocation, "receipt"), named);
}

const char *
find_allocation(struct session *session, const char *trial, const char *named)
{
    size_t index;
    struct uuid id;
    json_t *allocation, *allocations;
    const char *found = NULL;
    if (uuid_parse(named, &id))
        return named;
    allocations =
        session_list(session, path_of(session->arena, "v1", "trials", trial, "allocations", NULL));
    if (allocations == NULL)
        return NULL;
    json_array_foreach(allocations, index, allocation)
    {
        found = is_meant(allocation, named) ? session_field(allocation, "allocation") : found;
    }
    if (found == NULL)
        error_set(&session->error, ERROR_NOT_FOUND, "allocation",
            "No allocation here has the code, receipt or id %s; `rctctl ledger list' shows them",
            named);
    return found;
}
