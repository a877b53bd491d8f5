/*
 * audit_heads.c: the file's lines are increments: together they say how far every stream had come
 * when the last one was signed. A later head of a stream stands for all its rows before, by the
 * chain, so that the last line is the one that counts.
 */
#include "cli/proof/audit_heads.h"

#include "base/seal.h"
#include "base/text.h"
#include "trial/proof/merkle.h"

#include <stdlib.h>
#include <string.h>

#define FILE_LIMIT ((size_t)1 << 30)

struct audit_heads {
    struct session *session;
    json_t *ends;       /* "TRIAL STREAM" -> [sequence, hash, is it as signed] */
    const char *stream; /* whose rows come just now */
    json_t *end;        /* its own; NULL: none was signed */
    const char *at;
    const char *key;
};

static const char *
end_key(struct arena *arena, const char *trial_id, const char *stream)
{
    return arena_printf(arena, "%s %s", trial_id, stream);
}

static bool
unreadable(struct session *session, unsigned line, const char *what)
{
    return error_set(&session->error, ERROR_VERIFICATION, "heads",
        "The file of heads is not as rctd wrote it: line %u %s", line, what);
}

static bool
take_line(struct audit_heads *heads, const json_t *line)
{
    size_t index;
    json_t *head;
    json_array_foreach(json_object_get(line, "heads"), index, head)
    {
        const char *trial_id, *stream, *hash;
        json_int_t sequence;
        if (json_unpack(head, "[s, s, I, s]", &trial_id, &stream, &sequence, &hash) != 0)
            return false;
        json_object_set_new(heads->ends, end_key(heads->session->arena, trial_id, stream),
            json_pack("[I, s]", sequence, hash));
    }
    return json_is_array(json_object_get(line, "heads"));
}

/* The root over all ends, in the order of trial id and stream: a space sorts before every character
 * of either. */
static bool
compute_root(const struct audit_heads *heads, struct digest *root)
{
    struct arena *arena = heads->session->arena;
    struct merkle merkle = {0};
    const char *name, **names = arena_array(arena, json_object_size(heads->ends), sizeof *names);
    json_t *end;
    size_t count = 0;
    json_object_foreach(heads->ends, name, end) names[count++] = name;
    qsort(names, count, sizeof *names, text_order);
    for (size_t i = 0; i < count; i++) {
        struct digest hash;
        const char *space = strchr(names[i], ' ');
        end = json_object_get(heads->ends, names[i]);
        if (!hex_decode(json_string_value(json_array_get(end, 1)), hash.bytes, sizeof hash.bytes))
            return false;
        merkle_add(&merkle, merkle_leaf(arena_strndup(arena, names[i], (size_t)(space - names[i])),
                                space + 1, json_integer_value(json_array_get(end, 0)), hash));
    }
    *root = merkle_root(&merkle);
    return true;
}

static bool
check_last(struct audit_heads *heads, const json_t *line, unsigned number, const char *wanted)
{
    struct session *session = heads->session;
    struct digest root;
    char computed[DIGEST_HEX_SIZE];
    unsigned char signature[SEAL_SIGNATURE_SIZE], key[SEAL_PUBLIC_KEY_SIZE];
    const char *told = session_field(line, "root"), *hex = session_field(line, "signature");
    long long count = json_integer_value(json_object_get(line, "count"));
    heads->at = arena_strdup(session->arena, session_field(line, "at"));
    heads->key = arena_strdup(session->arena, session_field(line, "key"));
    if (told == NULL || hex == NULL || heads->at == NULL || heads->key == NULL ||
        !hex_decode(hex, signature, sizeof signature) || !hex_decode(heads->key, key, sizeof key))
        return unreadable(session, number, "has no signature");
    if (wanted != NULL && strcasecmp(wanted, heads->key) != 0)
        return unreadable(session, number, "was signed with another key");
    const char *text =
        arena_printf(session->arena, MERKLE_PURPOSE "\n%s\n%lld\n%s\n", heads->at, count, told);
    if (!seal_verify(text, strlen(text), signature, key))
        return unreadable(session, number, "has a signature that does not fit");
    if ((size_t)count != json_object_size(heads->ends) || !compute_root(heads, &root) ||
        strcmp(digest_hex(root, computed), told) != 0)
        return unreadable(session, number,
            "was signed over other heads than the file has; lines may have been changed, or be "
            "missing at its beginning");
    return true;
}

struct audit_heads *
audit_heads_read(struct session *session, const char *path, const char *key)
{
    size_t size;
    unsigned number = 0;
    struct audit_heads *heads = arena_alloc(session->arena, sizeof *heads);
    *heads = (struct audit_heads){.session = session, .ends = session_keep(session, json_object())};
    char *text = session_read_file(session, path, FILE_LIMIT, &size);
    json_t *last = NULL;
    bool good = text != NULL;
    for (char *line = text, *end; good && line != NULL && *line != '\0'; line = end) {
        end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        json_decref(last);
        last = json_loads(line, 0, NULL);
        number++;
        if (last == NULL || !take_line(heads, last))
            good = unreadable(session, number, "is no line of heads");
    }
    if (good && last == NULL)
        good = unreadable(session, 1, "is missing: the file is empty");
    good = good && check_last(heads, last, number, key);
    json_decref(last);
    return good ? heads : NULL;
}

void
audit_heads_note(struct audit_heads *heads, const char *trial_id, const char *stream,
    int64_t sequence, struct digest hash)
{
    char hex[DIGEST_HEX_SIZE];
    struct arena *arena = heads->session->arena;
    if (!text_equal(heads->stream, stream)) {
        heads->stream = arena_strdup(arena, stream);
        heads->end = json_object_get(heads->ends, end_key(arena, trial_id, stream));
    }
    if (heads->end == NULL || json_integer_value(json_array_get(heads->end, 0)) != sequence)
        return;
    const char *signed_hash = json_string_value(json_array_get(heads->end, 1));
    json_array_append_new(
        heads->end, json_boolean(strcasecmp(signed_hash, digest_hex(hash, hex)) == 0));
}

static void
add_finding(
    const struct audit_heads *heads, json_t *findings, const char *stream, const json_t *end)
{
    bool missing = json_array_size(end) == 2;
    json_int_t sequence = json_integer_value(json_array_get(end, 0));
    const char *message = arena_printf(heads->session->arena,
        "%s: row %lld is %s, by the heads that were signed at %s", stream, (long long)sequence,
        missing ? "missing" : "not the one that was there, or one before it is not", heads->at);
    json_object_set_new(findings, stream,
        json_pack("{s:s, s:I, s:s, s:s}", "stream", stream, "sequence", sequence, "fault",
            missing ? "missing" : "rewritten", "message", message));
}

void
audit_heads_end(struct audit_heads *heads, const char *trial_id, json_t *findings)
{
    const char *name;
    json_t *end;
    size_t length = strlen(trial_id);
    json_object_foreach(heads->ends, name, end)
    {
        const char *stream = name + length + 1;
        if (strncmp(name, trial_id, length) == 0 && !json_is_true(json_array_get(end, 2)) &&
            json_object_get(findings, stream) == NULL)
            add_finding(heads, findings, stream, end);
    }
}

const char *
audit_heads_time(const struct audit_heads *heads)
{
    return heads->at;
}

const char *
audit_heads_key(const struct audit_heads *heads)
{
    return heads->key;
}
