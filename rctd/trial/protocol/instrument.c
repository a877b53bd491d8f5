/*
 * instrument.c: reads the instruments: how many items, which range, which scores and
 * cut-offs. Never their wording, which others own.
 */
#include "base/text.h"
#include "trial/number.h"
#include "trial/protocol/read.h"

#include <string.h>

struct written {
    const char *version;
    unsigned items;
    const struct yaml_node *range;
    const struct yaml_node *scores;
    const struct yaml_node *cutoff;
    const struct yaml_node *missing;
    const struct yaml_node *fields;
};

#define ITEMS_MAX 1000

static const struct field instrument_fields[] = {
    FIELD(FIELD_COUNT, "items", written, items, .low = 1, .high = ITEMS_MAX),
    FIELD(FIELD_NODE, "range", written, range),
    FIELD(FIELD_NODE, "scores", written, scores),
    FIELD(FIELD_NODE, "cutoff", written, cutoff),
    FIELD(FIELD_NODE, "missing", written, missing),
    FIELD(FIELD_NODE, "fields", written, fields),
    FIELD(FIELD_TEXT, "version", written, version),
};

static const char *const score_methods[] = {[INSTRUMENT_SUM] = "sum", [INSTRUMENT_MEAN] = "mean"};

/* "1-6" or "all": the items of a score. */
static bool
read_items(const char *text, unsigned items, struct protocol_instrument_score *score)
{
    score->first_item = 1;
    score->last_item = items;
    if (strcmp(text, "all") == 0)
        return true;
    unsigned first = 0, last = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9' && first <= ITEMS_MAX; at++)
        first = first * 10 + (unsigned)(*at - '0');
    if (*at++ != '-')
        return false;
    for (; *at >= '0' && *at <= '9' && last <= ITEMS_MAX; at++)
        last = last * 10 + (unsigned)(*at - '0');
    score->first_item = first;
    score->last_item = last;
    return *at == '\0' && first >= 1 && first <= last && last <= items;
}

/* "mean 1-6", or "all" where the score's name says the method. */
static void
read_score(struct reader *reader, const struct yaml_node *node, unsigned items,
    struct protocol_instrument_score *score)
{
    const char *text = reader_text(reader, node);
    score->name = node->key;
    if (text == NULL)
        return;
    for (size_t i = 0; i < COUNT_OF(score_methods); i++) {
        const char *method = score_methods[i];
        size_t length = strlen(method);
        const char *rest = NULL;
        if (text_starts(text, method) && text[length] == ' ')
            rest = text + length + 1;
        else if (strcmp(score->name, method) == 0)
            rest = text;
        if (rest == NULL)
            continue;
        score->method = (enum protocol_score_method)i;
        if (read_items(rest, items, score))
            return;
    }
    reader_fault(reader, node,
        arena_printf(reader->arena, "write sum all, mean all, or mean 1-%u", items),
        "`%.60s` is no score of %u items", text, items);
}

static void
read_scores(
    struct reader *reader, const struct yaml_node *node, struct protocol_instrument *instrument)
{
    if (!reader_is_map(reader, node, "scores"))
        return;
    instrument->scores = arena_array(reader->arena, node->count, sizeof *instrument->scores);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next))
        read_score(
            reader, entry, instrument->items, &instrument->scores[instrument->score_count++]);
}

static void
read_cutoffs(
    struct reader *reader, const struct yaml_node *node, struct protocol_instrument *instrument)
{
    static const struct field cutoff = {.type = FIELD_NUMBER, .low = -100000, .high = 100000};
    if (!reader_is_map(reader, node, "scores with their cut-off"))
        return;
    struct named scores = NAMED(instrument->scores, instrument->score_count);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        size_t index = reader_key(reader, entry, scores, "a score of this instrument");
        if (index == PROTOCOL_NONE)
            continue;
        struct protocol_instrument_score *score = &instrument->scores[index];
        score->has_cutoff = field_read_value(reader, entry, &cutoff, &score->cutoff);
    }
}

/* How many items may be missing in a score: `none`, or a number less than all. */
static void
read_missing(
    struct reader *reader, const struct yaml_node *node, struct protocol_instrument *instrument)
{
    if (node->kind == YAML_SCALAR && strcmp(node->text, "none") == 0)
        return;
    struct field allowed = {.type = FIELD_COUNT, .low = 0, .high = ITEMS_MAX};
    if (!field_read_value(reader, node, &allowed, &instrument->missing_allowed))
        return;
    if (instrument->missing_allowed >= instrument->items)
        reader_fault(reader, node, "write none, or less than the number of items",
            "all items could be missing");
}

/* Tells when a part that only one of the two forms has stands in the other. */
static void
check_form(struct reader *reader, const struct yaml_node *node, const struct given *given,
    const struct written *written)
{
    bool items = field_given(given, "items");
    if (!items && written->fields == NULL)
        reader_fault_key(reader, node, "write items: N with range and scores, or fields: {...}",
            "it is not said what this instrument asks for");
    if (items && written->fields != NULL)
        reader_fault_key(
            reader, written->fields, "write either items or fields", "there are items already");
    if (items && written->range == NULL)
        reader_fault_key(
            reader, node, "add range: [LOW, HIGH]", "the range of the items is missing");
    const struct yaml_node *of_items[] = {
        written->range, written->scores, written->cutoff, written->missing};
    for (size_t i = 0; i < COUNT_OF(of_items); i++)
        if (of_items[i] != NULL && !items)
            reader_fault_key(reader, of_items[i], "add items: N, or remove it",
                "`%s` means nothing without items", of_items[i]->key);
}

static void
read_instrument(
    struct reader *reader, const struct yaml_node *node, struct protocol_instrument *instrument)
{
    struct written written = {0};
    struct given given;
    if (!field_read_given(
            reader, node, instrument_fields, COUNT_OF(instrument_fields), &written, &given))
        return;
    check_form(reader, node, &given, &written);
    instrument->version = written.version;
    instrument->items = written.items;
    long long low = 0, high = 0;
    if (written.range != NULL && reader_range(reader, written.range, &low, &high)) {
        instrument->low = (int)low;
        instrument->high = (int)high;
    }
    if (written.items > 0 && written.scores != NULL)
        read_scores(reader, written.scores, instrument);
    if (written.items > 0 && written.cutoff != NULL)
        read_cutoffs(reader, written.cutoff, instrument);
    if (written.items > 0 && written.missing != NULL)
        read_missing(reader, written.missing, instrument);
    if (written.fields != NULL)
        protocol_read_attributes(
            reader, written.fields, &instrument->fields, &instrument->field_count);
}

void
protocol_read_instruments(struct reader *reader, const struct yaml_node *node)
{
    struct protocol *protocol = reader->protocol;
    if (!reader_is_map(reader, node, "instruments"))
        return;
    protocol->instruments = arena_array(reader->arena, node->count, sizeof *protocol->instruments);
    for (const struct yaml_node *entry = node->first; entry != NULL; entry = entry->next) {
        struct protocol_instrument *instrument =
            &protocol->instruments[protocol->instrument_count++];
        instrument->name = entry->key;
        read_instrument(reader, entry, instrument);
    }
}
