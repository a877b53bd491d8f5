/*
 * audit_records.c: the trail's last word on each thing is kept while the trail is walked; then
 * every stored row is read and must be what the trail says, and everything that the trail speaks of
 * must be stored. Where the two differ the stream is read again: others may have changed the thing
 * since.
 *
 * Plans, reminders and their sending are not held against it: the trail tells of them in sums.
 */
#include "cli/proof/audit_records.h"

#include "base/clock.h"
#include "base/text.h"
#include "cli/path.h"

#include <stdlib.h>
#include <string.h>

struct audit_records {
    struct session *session;
    const char *path;
    json_t *known; /* "STREAM KIND ID MORE" -> {stream, kind, id, sequence, new, seen} */
    json_t *findings;
};

/* What the trail names by an id that several share: the field that tells them apart. */
static const struct kind {
    const char *name;
    const char *more;
} kinds[] = {
    {"allocation", NULL},
    {"unit", NULL},
    {"workplace", NULL},
    {"participant", NULL},
    {"employment", NULL},
    {"identity", NULL},
    {"identity-reading", NULL},
    {"erasure", NULL},
    {"roster", NULL},
    {"workplace-change", NULL},
    {"staff", NULL},
    {"contamination", NULL},
    {"flag", NULL},
    {"answer", "ordinal"},
    {"consent", NULL},
    {"consent-link", NULL},
    {"consent-opening", "ordinal"},
    {"consent-link-end", NULL},
    {"consent-text", NULL},
    {"stop", NULL},
    {"measure", NULL},
    {"measure-release", NULL},
    {"claim", NULL},
    {"booking", NULL},
    {"contact", NULL},
    {"attempt", NULL},
    {"unblinding", NULL},
    {"unblinding-decision", NULL},
    {"unblinding-read", NULL},
    {"arm-knowledge", NULL},
    {"notice", NULL},
    {"deviation", NULL},
    {"deviation-decision", NULL},
    {"grant", NULL},
    {"account", NULL},
    {"token", NULL},
    {"trial", NULL},
    {"protocol", NULL},
    {"phase", NULL},
    {"phase-exclusion", "excluded"},
    {"seed", "version"},
    {"scheme", NULL},
    {"scheme-arm", "scheme"},
    {"scheme-closing", NULL},
    {"seed-reveal", "account_id"},
    {"seed-read", NULL},
    {"endpoint", NULL},
    {"password", NULL},
    {"signature", NULL},
    {"signature-refusal", NULL},
    {"enrolment-refusal", NULL},
    {"access-review", NULL},
    {"screening", NULL},
    {"screening-event", NULL},
};

static const struct kind *
kind_of(const char *name)
{
    for (size_t i = 0; name != NULL && i < COUNT_OF(kinds); i++)
        if (text_equal(kinds[i].name, name))
            return &kinds[i];
    return NULL;
}

struct audit_records *
audit_records_new(struct session *session, const char *path)
{
    struct audit_records *records = arena_alloc(session->arena, sizeof *records);
    *records = (struct audit_records){
        .session = session, .path = path, .known = session_keep(session, json_object())};
    return records;
}

/* NULL where the thing is not held against the trail, or its image cannot be read. */
static char *
key_of(const json_t *item, const char *image)
{
    const struct kind *kind = kind_of(session_field(item, "object_kind"));
    json_t *object = kind == NULL || image == NULL ? NULL : json_loads(image, 0, NULL);
    if (object == NULL)
        return NULL;
    json_t *more = kind->more == NULL ? NULL : json_object_get(object, kind->more);
    json_t *parts = json_pack("[s?, s, s?, O?]", session_field(item, "stream"), kind->name,
        session_field(item, "object_id"), more);
    char *key = json_dumps(parts, JSON_COMPACT);
    json_decref(parts);
    json_decref(object);
    return key;
}

/* The parts of a registration and their ids' columns; names of kinds too. */
static const struct part {
    const char *name;
    const char *id;
} parts[] = {
    {"unit", "unit_id"},
    {"participant", "unit_id"},
    {"employment", "from_on"},
    {"identity", "unit_id"},
};

/* The row itself; of a registration, which tells of several things, one for each of them, as if it
 * stood alone. The caller gives the array back. */
static json_t *
told_by(json_t *row)
{
    if (!text_equal(session_field(row, "object_kind"), "registration"))
        return json_pack("[O]", row);
    json_t *rows = json_array();
    const char *image = session_field(row, "new");
    json_t *whole = image == NULL ? NULL : json_loads(image, 0, NULL);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        const json_t *part = json_object_get(whole, parts[i].name);
        char *dumped = part == NULL ? NULL : json_dumps(part, JSON_COMPACT);
        if (dumped != NULL)
            json_array_append_new(rows,
                json_pack("{s:O?, s:s, s:O?, s:O?, s:s}", "stream", json_object_get(row, "stream"),
                    "object_kind", parts[i].name, "object_id", json_object_get(part, parts[i].id),
                    "sequence", json_object_get(row, "sequence"), "new", dumped));
        free(dumped);
    }
    json_decref(whole);
    return rows;
}

static void
note(struct audit_records *records, const json_t *row)
{
    const char *image = session_field(row, "new");
    char *key = key_of(row, image == NULL ? session_field(row, "old") : image);
    if (key == NULL)
        return;
    if (image == NULL)
        json_object_del(records->known, key);
    else
        json_object_set_new(records->known, key,
            json_pack("{s:s?, s:s?, s:s?, s:O, s:s}", "stream", session_field(row, "stream"),
                "object_kind", session_field(row, "object_kind"), "object_id",
                session_field(row, "object_id"), "sequence", json_object_get(row, "sequence"),
                "new", image));
    free(key);
}

void
audit_records_note(struct audit_records *records, json_t *row)
{
    size_t index;
    json_t *told, *rows = told_by(row);
    json_array_foreach(rows, index, told) note(records, told);
    json_decref(rows);
}

/* The same value; a time may be written in another zone by who was past the daemon. */
static bool
equal(const json_t *a, const json_t *b)
{
    int64_t one, other;
    if (json_equal(a, b))
        return true;
    return json_is_string(a) && json_is_string(b) && clock_parse(json_string_value(a), &one) &&
           clock_parse(json_string_value(b), &other) && one == other;
}

/* What differs first between the trail's image and the record, as a sentence; NULL: nothing. What
 * the record has besides was added by a later schema. */
static const char *
difference(struct arena *arena, const char *image, const char *record)
{
    const char *name, *sentence = NULL;
    json_t *value;
    json_t *told = json_loads(image, 0, NULL), *stored = json_loads(record, 0, NULL);
    if (told == NULL || stored == NULL)
        sentence = "it cannot be read";
    json_object_foreach(told, name, value)
    {
        json_t *is = json_object_get(stored, name);
        if (sentence != NULL || text_equal(name, "changed_unseen") || equal(value, is))
            continue;
        char *before = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        char *now = json_dumps(is, JSON_ENCODE_ANY | JSON_COMPACT);
        sentence = arena_printf(arena, "its %s is %.80s, and the trail says %.80s", name,
            now == NULL ? "gone" : now, before);
        free(before);
        free(now);
    }
    json_decref(told);
    json_decref(stored);
    return sentence;
}

/* Has the thing's stream a finding already? */
static bool
is_found(const struct audit_records *records, const json_t *item)
{
    return json_object_get(records->findings, session_field(item, "stream")) != NULL;
}

static void
add_finding(struct audit_records *records, const json_t *item, const json_t *sequence,
    const char *fault, const char *what)
{
    const char *stream = session_field(item, "stream");
    if (is_found(records, item))
        return;
    const char *message = arena_printf(records->session->arena, "%s: the %s %s %s", stream,
        session_field(item, "object_kind"), session_field(item, "object_id"), what);
    json_object_set_new(records->findings, stream,
        json_pack("{s:s, s:I, s:s, s:s}", "stream", stream, "sequence",
            json_integer_value(sequence), "fault", fault, "message", message));
}

/* Does this row of the trail say that the thing is as it is (`record`), or gone? */
static bool
says(struct audit_records *records, const json_t *row, const char *key, int64_t from,
    const char *record)
{
    const char *image = session_field(row, "new");
    char *its_key = key_of(row, image == NULL ? session_field(row, "old") : image);
    bool same = its_key != NULL && strcmp(its_key, key) == 0 &&
                json_integer_value(json_object_get(row, "sequence")) >= from;
    free(its_key);
    if (!same || record == NULL)
        return same && image == NULL;
    return image != NULL && difference(records->session->arena, image, record) == NULL;
}

/* Does the trail, read again from this row on, know the thing as it is (`record`), or as gone? */
static bool
explained(struct audit_records *records, const json_t *item, const char *key, int64_t from,
    const char *record, bool *yes)
{
    size_t index, mark = session_mark(records->session);
    json_t *row;
    const char *stream = session_field(item, "stream");
    json_t *rows = session_list(
        records->session, path_query(records->session->arena, records->path, "stream", stream));
    *yes = false;
    json_array_foreach(rows, index, row)
    {
        size_t part;
        json_t *told, *all = told_by(row);
        json_array_foreach(all, part, told) if (says(records, told, key, from, record)) *yes = true;
        json_decref(all);
    }
    session_release(records->session, mark);
    return rows != NULL;
}

static bool
take_record(struct audit_records *records, const json_t *item)
{
    const char *record = session_field(item, "record"), *wrong;
    char *key = key_of(item, record);
    bool fine = false, read = true;
    if (key == NULL)
        return error_set(&records->session->error, ERROR_INTERNAL, "audit",
            "rctd sent a record that cannot be read");
    json_t *known = json_object_get(records->known, key);
    const char *told = known == NULL ? NULL : session_field(known, "new");
    json_t *sequence = json_object_get(known, "sequence");
    wrong = told == NULL ? "is stored, and the trail does not know it"
                         : difference(records->session->arena, told, record);
    if (known != NULL)
        json_object_set_new(known, "seen", json_true());
    if (wrong != NULL && !is_found(records, item))
        read = explained(records, item, key, json_integer_value(sequence), record, &fine);
    if (read && wrong != NULL && !fine)
        add_finding(records, item, sequence, told == NULL ? "unrecorded" : "altered",
            told == NULL ? wrong : arena_printf(records->session->arena, "was altered: %s", wrong));
    free(key);
    return read;
}

static bool
take_page(struct audit_records *records, const char *path, const char **next)
{
    size_t index, mark = session_mark(records->session);
    json_t *item, *page = session_get(records->session, path);
    if (page == NULL)
        return false;
    json_array_foreach(json_object_get(page, "items"), index, item)
    {
        if (!take_record(records, item))
            return false;
    }
    const char *cursor = session_field(page, "next");
    *next = cursor == NULL ? NULL : arena_strdup(records->session->arena, cursor);
    session_release(records->session, mark);
    return true;
}

/* What the trail speaks of and nobody stores any more. */
static bool
find_lost(struct audit_records *records)
{
    const char *key;
    json_t *known;
    json_object_foreach(records->known, key, known)
    {
        bool fine;
        json_t *sequence = json_object_get(known, "sequence");
        if (json_object_get(known, "seen") != NULL || is_found(records, known))
            continue;
        if (!explained(records, known, key, json_integer_value(sequence), NULL, &fine))
            return false;
        if (!fine)
            add_finding(records, known, sequence, "lost", "is in the trail, and is stored no more");
    }
    return true;
}

bool
audit_records_compare(struct audit_records *records, json_t *findings)
{
    struct arena *arena = records->session->arena;
    const char *path = arena_printf(arena, "%s/records", records->path);
    const char *first = path_query(arena, path, "limit", "500"), *next = NULL;
    records->findings = findings;
    do {
        if (!take_page(
                records, next == NULL ? first : path_query(arena, first, "after", next), &next))
            return false;
    } while (next != NULL);
    return find_lost(records);
}
