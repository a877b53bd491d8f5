/*
 * read.h: what the readers of a protocol's sections share. A section is described by rows
 * of `struct field`: key, type, where the value goes. field_read() then knows every key and type of
 * a map and tells every fault of it. Nobody outside of this directory includes it.
 */
#ifndef RCTD_TRIAL_PROTOCOL_READ_H
#define RCTD_TRIAL_PROTOCOL_READ_H

#include "base/named.h"
#include "base/yaml.h"
#include "trial/expr.h"
#include "trial/protocol.h"

#define READER_SHOWN "%.60s"   /* how much of a wrong value is shown */
#define READER_ENTRIES_MAX 500 /* of a map or list; more would be slow to compare */

struct reader {
    struct arena *arena;
    struct protocol *protocol; /* filled section by section */
    struct faults *faults;
    size_t scheme_capacity;             /* of protocol->schemes */
    const struct protocol_zones *zones; /* NULL in a version that is in force */
    bool forms_faulty; /* who signs what is not known of all: no scope is told to be missing */
};

/* A list of words that may stand somewhere; where it stands for an enum, in the enum's order. */
struct words {
    const char *const *items;
    size_t count;
};

#define WORDS(array)                                                                               \
    {                                                                                              \
        (array), COUNT_OF(array)                                                                   \
    }

enum field_type {
    FIELD_NODE,   /* const struct yaml_node *: read by the section's own code */
    FIELD_TEXT,   /* const char *: any text that is not empty */
    FIELD_ID,     /* const char *: an identifier */
    FIELD_YES,    /* bool: true, false, yes, no */
    FIELD_COUNT,  /* unsigned: a whole number, low to high */
    FIELD_WHOLE,  /* long long: the same */
    FIELD_NUMBER, /* double: low to high */
    FIELD_SHARE,  /* double, 0 to 1: "20%" or 0.2; low to high */
    FIELD_DAYS,   /* int: "-41d"; low to high */
    FIELD_WORD,   /* enum: one of `words` */
    FIELD_IDS,    /* const char ** and size_t: a list of different identifiers, not empty */
    FIELD_COUNTS  /* unsigned * and size_t: a list of whole numbers, low to high, not empty */
};

/* How a value goes into a struct: one row for each key. */
struct field {
    const char *key;
    enum field_type type;
    size_t offset;
    size_t count_offset; /* of IDS and COUNTS */
    bool required;
    double low;
    double high;
    struct words words;
};

/*
 * Rows for a member of a struct. `...` are further members of struct field; numbers need .low and
 * .high.
 */
#define FIELD(kind, name, struct_name, member, ...)                                                \
    {                                                                                              \
        .key = (name), .type = (kind), .offset = offsetof(struct struct_name, member), __VA_ARGS__ \
    }
#define FIELD_LIST(kind, name, struct_name, member, count, ...)                                    \
    {                                                                                              \
        .key = (name), .type = (kind), .offset = offsetof(struct struct_name, member),             \
        .count_offset = offsetof(struct struct_name, count), __VA_ARGS__                           \
    }

/*
 * Reads a map by its rows into the struct at `out`. False: it is no map (told), and nothing was
 * read. A key that is not known, but nearly, is told and then read as the one that was meant: its
 * value has faults of its own to tell, and nothing that follows is missing because of it.
 */
bool field_read(struct reader *reader, const struct yaml_node *map, const struct field *fields,
    size_t count, void *out);

#define FIELDS_MAX 32

/* Which of the rows' keys stood in a map. */
struct given {
    const struct field *fields;
    size_t count;
    bool rows[FIELDS_MAX];
};

/* The same, and says which keys were there. */
bool field_read_given(struct reader *reader, const struct yaml_node *map,
    const struct field *fields, size_t count, void *out, struct given *given);
bool field_given(const struct given *given, const char *key);

/* One value by its row, for keys that have no fixed name. False: a fault was told. */
bool field_read_value(
    struct reader *reader, const struct yaml_node *node, const struct field *field, void *out);

/* Tells a fault of a node's value, of its key, or of a map that lacks something. */
void reader_fault(struct reader *reader, const struct yaml_node *node, const char *remedy,
    const char *format, ...) PRINTF_LIKE(4, 5);
void reader_fault_key(struct reader *reader, const struct yaml_node *node, const char *remedy,
    const char *format, ...) PRINTF_LIKE(4, 5);

/* The remedy for a word that is not known; not worked out for faults that nobody will see. */
const char *reader_meant(struct reader *reader, const char *word, struct words known);

/* Tells that a word is not one of those that may stand here. `what` it would be: "an arm". */
void reader_unknown(struct reader *reader, const struct yaml_node *node, const char *word,
    const char *what, struct words known);

/* The same of a node's key. */
void reader_unknown_key(
    struct reader *reader, const struct yaml_node *node, const char *what, struct words known);

/*
 * Is it a map whose keys are identifiers (`what` they name: "arms"), or a list? Other things and
 * keys are told. The entries to read are those that are not YAML_REFUSED; see reader_next().
 */
bool reader_is_map(struct reader *reader, const struct yaml_node *node, const char *what);
bool reader_is_list(struct reader *reader, const struct yaml_node *node, const char *what);

/* Has it more entries than a protocol can have? Such are told, and not read. */
bool reader_is_too_long(struct reader *reader, const struct yaml_node *node);

/* The first entry that can be read, from this one on; NULL at the end. */
const struct yaml_node *reader_next(const struct yaml_node *entry);

/* The scalar names one of the list: its index; PROTOCOL_NONE after telling. `what` it is: "an arm".
 */
size_t reader_reference(
    struct reader *reader, const struct yaml_node *node, struct named list, const char *what);

/* The same of the node's key. */
size_t reader_key(
    struct reader *reader, const struct yaml_node *node, struct named list, const char *what);

/* A list of such names, none of them twice: their indexes. */
void reader_references(struct reader *reader, const struct yaml_node *node, struct named list,
    const char *what, size_t **indexes, size_t *count);

/* The text of a scalar that is not empty; NULL after telling. */
const char *reader_text(struct reader *reader, const struct yaml_node *node);

/* A text, or a map of texts by language. */
void reader_texts(
    struct reader *reader, const struct yaml_node *node, struct protocol_texts *texts);

/* An expression; NULL after telling. `*text` becomes its text. */
const struct expr *reader_expr(struct reader *reader, const struct yaml_node *node,
    const struct expr_names *names, const char **text);

/* A pattern of PCRE2; NULL after telling. `*text` becomes its text. */
const struct pattern *reader_pattern(
    struct reader *reader, const struct yaml_node *node, const char **text);

/* The names that an expression about this subject may use; with its flags where wanted. */
struct expr_names reader_names(
    struct reader *reader, const struct protocol_subject *subject, bool flags);

/* Tells of a name that stands in a list again. */
void reader_twice(struct reader *reader, const struct yaml_node *node);

/* "[LOW, HIGH]" into two whole numbers; false after telling. */
bool reader_range(
    struct reader *reader, const struct yaml_node *node, long long *low, long long *high);

extern const struct words protocol_unit_words;   /* workplace, participant */
extern const struct words protocol_target_words; /* workplaces, participants */
extern const struct words protocol_task_kind_words;
extern const struct words protocol_method_words;
extern const struct words protocol_channel_words;

/* The sections, in the order in which they are read: each may look at those before it. */
void protocol_read_calendar(struct reader *reader, const struct yaml_node *node);
void protocol_read_subject(
    struct reader *reader, const struct yaml_node *node, enum protocol_unit unit);
void protocol_read_consent(struct reader *reader, const struct yaml_node *node);
void protocol_read_arms(struct reader *reader, const struct yaml_node *node);
void protocol_read_phases(struct reader *reader, const struct yaml_node *node);
void protocol_read_instruments(struct reader *reader, const struct yaml_node *node);
void protocol_read_tasks(struct reader *reader, const struct yaml_node *node);
void protocol_read_reminders(struct reader *reader, const struct yaml_node *node);
void protocol_read_progression(struct reader *reader, const struct yaml_node *node);
void protocol_read_representation(struct reader *reader, const struct yaml_node *node);
void protocol_read_safety(struct reader *reader, const struct yaml_node *node);
void protocol_read_dsmb(struct reader *reader, const struct yaml_node *node);
void protocol_read_screening(struct reader *reader, const struct yaml_node *node);
void protocol_read_signatures(struct reader *reader, const struct yaml_node *node);

/* Parts of sections that stand in files of their own. */
void protocol_read_attributes(struct reader *reader, const struct yaml_node *node,
    struct protocol_attribute **attributes, size_t *count);
/* The text itself; one that is too long is told of the map that it stands in. */
const char *protocol_read_legal_basis(
    struct reader *reader, const struct yaml_node *parent, const char *text);
void protocol_read_forms(struct reader *reader, const struct yaml_node *node);
void protocol_read_scheme(
    struct reader *reader, const struct yaml_node *node, const char *name, size_t phase);

/* Parameters of a scheme whose method, unit and ratio are read (a ratio_sum of 0: could not be). */
void protocol_read_blocks(
    struct reader *reader, const struct yaml_node *node, struct protocol_scheme *scheme);
void protocol_read_factors(
    struct reader *reader, const struct yaml_node *node, struct protocol_scheme *scheme);
/* Falling probabilities of the first, second, ... rank, one for each arm of the scheme. */
void protocol_read_ranked(
    struct reader *reader, const struct yaml_node *node, struct protocol_scheme *scheme);

#endif
