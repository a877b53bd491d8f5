/*
 * terms.h: what every part of a protocol's model speaks in: kinds of units, indexes, texts by
 * language.
 */
#ifndef RCTD_TRIAL_PROTOCOL_TERMS_H
#define RCTD_TRIAL_PROTOCOL_TERMS_H

#include <stddef.h>

#define PROTOCOL_NONE ((size_t)-1) /* no index */
#define PROTOCOL_ARMS_MAX 26       /* coded arms are the letters A to Z */

/* What a scheme allocates, what an attribute or a rule speaks about, who signs a form. */
enum protocol_unit { PROTOCOL_WORKPLACE, PROTOCOL_PARTICIPANT, PROTOCOL_UNITS };

const char *protocol_unit_name(enum protocol_unit unit); /* "workplace" or "participant" */

/* The same text in several languages; a text that is given once has the language "". */
struct protocol_text {
    const char *language;
    const char *text;
};

struct protocol_texts {
    struct protocol_text *items;
    size_t count;
};

/* The text in a language; where that is missing, the first one. "" of an empty list. */
const char *protocol_text_in(const struct protocol_texts *texts, const char *language);

#endif
