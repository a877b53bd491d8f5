/*
 * signature.c: reads which actions are signed: with the password again, and what the signature
 * means.
 */
#include "base/text.h"
#include "trial/protocol/read.h"

#define NAME_OF(name, text) text,
static const char *const action_names[] = {PROTOCOL_SIGNATURES(NAME_OF)};
#undef NAME_OF

static const struct words action_words = WORDS(action_names);

const char *
protocol_signature_name(enum protocol_signature action)
{
    return action_names[action];
}

static size_t
find(const char *word)
{
    size_t action = 0;
    while (action < COUNT_OF(action_names) && !text_equal(action_names[action], word))
        action++;
    return action;
}

void
protocol_read_signatures(struct reader *reader, const struct yaml_node *node)
{
    bool *signatures = reader->protocol->signatures;
    if (!reader_is_list(reader, node, "actions that are signed"))
        return;
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        const char *word = reader_text(reader, entry);
        if (word == NULL)
            continue;
        size_t action = find(word);
        if (action == COUNT_OF(action_names))
            reader_unknown(reader, entry, word, "an action that is signed", action_words);
        else if (signatures[action])
            reader_fault(reader, entry, "write it once", "`%s` stands here twice", word);
        else
            signatures[action] = true;
    }
}
