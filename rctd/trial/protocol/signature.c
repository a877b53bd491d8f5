/*
 * signature.c: reads which actions are signed: with the password again, and what the signature
 * means.
 */
#include "trial/protocol/read.h"

#define NAME_OF(name, text) text,
static const char *const action_names[] = {PROTOCOL_SIGNATURES(NAME_OF)};
#undef NAME_OF

const char *
protocol_signature_name(enum protocol_signature action)
{
    return action_names[action];
}

void
protocol_read_signatures(struct reader *reader, const struct yaml_node *node)
{
    bool *signatures = reader->protocol->signatures;
    struct named actions = NAMED(action_names, COUNT_OF(action_names));
    if (!reader_is_list(reader, node, "actions that are signed"))
        return;
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        size_t action = reader_reference(reader, entry, actions, "an action that is signed");
        if (action == PROTOCOL_NONE)
            continue;
        if (signatures[action])
            reader_twice(reader, entry);
        signatures[action] = true;
    }
}
