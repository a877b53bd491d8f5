/*
 * escrow.c: seals a master key to the people who keep it, and takes their seals off again.
 */
#include "base/escrow.h"

#include "base/digest.h"
#include "base/key_file.h"
#include "base/text.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEX_SIZE ((size_t)SEAL_KEY_SIZE * 2)
#define FIRST_LINE "rctd-escrow-v1"

_Static_assert(crypto_box_PUBLICKEYBYTES == SEAL_KEY_SIZE, "an escrow key is as long");
_Static_assert(crypto_box_SECRETKEYBYTES == SEAL_KEY_SIZE, "an escrow key is as long");
_Static_assert(
    sizeof((struct escrow *)0)->box == SEAL_KEY_SIZE + ESCROW_SEALS_MOST * crypto_box_SEALBYTES,
    "the box has room for each seal");

bool
escrow_pair_create(const char *path, char public_key[ESCROW_HEX_SIZE], struct error *error)
{
    unsigned char public_bytes[SEAL_KEY_SIZE];
    unsigned char secret_bytes[SEAL_KEY_SIZE];
    char secret_hex[HEX_SIZE + 1];
    char lines[KEY_FILE_MAX];
    crypto_box_keypair(public_bytes, secret_bytes);
    sodium_bin2hex(public_key, HEX_SIZE + 1, public_bytes, sizeof public_bytes);
    sodium_bin2hex(secret_hex, sizeof secret_hex, secret_bytes, sizeof secret_bytes);
    int length = snprintf(lines, sizeof lines, "public %s\nsecret %s\n", public_key, secret_hex);
    bool ok = key_file_create(path, lines, (size_t)length, error);
    sodium_memzero(secret_bytes, sizeof secret_bytes);
    sodium_memzero(secret_hex, sizeof secret_hex);
    sodium_memzero(lines, sizeof lines);
    return ok;
}

/* Puts one more seal around the box. */
static bool
seal_to(struct escrow *escrow, const char *public_hex, struct error *error)
{
    unsigned char public_key[SEAL_KEY_SIZE];
    unsigned char sealed[sizeof escrow->box];
    if (!hex_decode(public_hex, public_key, sizeof public_key) ||
        crypto_box_seal(sealed, escrow->box, escrow->box_size, public_key) != 0)
        return error_set(error, ERROR_CONFIG, "escrow key",
            "the escrow key is not one: it must be the 64 hex digits of a public key");
    escrow->box_size += crypto_box_SEALBYTES;
    memcpy(escrow->box, sealed, escrow->box_size);
    sodium_bin2hex(
        escrow->sealed_to[escrow->seals++], ESCROW_HEX_SIZE, public_key, sizeof public_key);
    return true;
}

bool
escrow_seal(const struct seal_key *key, const char *first, const char *second,
    struct escrow *escrow, struct error *error)
{
    *escrow = (struct escrow){.box_size = SEAL_KEY_SIZE};
    memcpy(escrow->key_id, seal_key_id(key), SEAL_ID_SIZE);
    seal_key_copy(key, escrow->box);
    bool sealed =
        seal_to(escrow, first, error) && (second == NULL || seal_to(escrow, second, error));
    if (sealed && escrow->seals == 2 && text_equal(escrow->sealed_to[0], escrow->sealed_to[1]))
        sealed = error_set(error, ERROR_CONFIG, "escrow key",
            "both escrow keys are the same: the second one is of another person");
    if (!sealed)
        sodium_memzero(escrow, sizeof *escrow);
    return sealed;
}

const char *
escrow_text(struct arena *arena, const struct escrow *escrow)
{
    struct text text;
    text_init(&text, arena);
    text_printf(&text, FIRST_LINE "\nkey %s\n%s", escrow->key_id, escrow->in_use ? "in-use\n" : "");
    for (size_t i = 0; i < escrow->seals; i++)
        text_printf(&text, "sealed-to %s\n", escrow->sealed_to[i]);
    text_printf(&text, "box %s\n", hex_encode(arena, escrow->box, escrow->box_size));
    return text.bytes;
}

/* Takes a line of `word` and hex digits from the front of the text. */
static bool
take_line(const char **text, const char *end, const char *word, char *value, size_t room)
{
    size_t length = strlen(word);
    const char *at = *text;
    size_t digits = 0;
    if ((size_t)(end - at) < length || memcmp(at, word, length) != 0)
        return false;
    for (at += length; at < end && *at != '\n' && *at != '\r'; at++) {
        if (digits + 1 >= room || memchr("0123456789abcdef", *at, 16) == NULL)
            return false;
        value[digits++] = *at;
    }
    value[digits] = '\0';
    while (at < end && (*at == '\r' || *at == '\n'))
        at++;
    *text = at;
    return true;
}

bool
escrow_parse(const char **text, const char *end, struct escrow *escrow)
{
    char box[sizeof escrow->box * 2 + 1];
    char empty[1];
    *escrow = (struct escrow){0};
    if (!take_line(text, end, FIRST_LINE, empty, sizeof empty) ||
        !take_line(text, end, "key ", escrow->key_id, sizeof escrow->key_id))
        return false;
    escrow->in_use = take_line(text, end, "in-use", empty, sizeof empty);
    while (escrow->seals < ESCROW_SEALS_MOST &&
           take_line(text, end, "sealed-to ", escrow->sealed_to[escrow->seals], ESCROW_HEX_SIZE)) {
        if (strlen(escrow->sealed_to[escrow->seals++]) != HEX_SIZE)
            return false;
    }
    escrow->box_size = SEAL_KEY_SIZE + escrow->seals * crypto_box_SEALBYTES;
    return escrow->seals > 0 && strlen(escrow->key_id) == SEAL_ID_SIZE - 1 &&
           take_line(text, end, "box ", box, sizeof box) && strlen(box) == escrow->box_size * 2 &&
           hex_decode(box, escrow->box, escrow->box_size);
}

/* The two lines that escrow_pair_create() writes. */
static bool
decode_pair(const char *bytes, size_t size, char public_hex[ESCROW_HEX_SIZE],
    unsigned char secret_bytes[SEAL_KEY_SIZE])
{
    char secret_hex[ESCROW_HEX_SIZE];
    const char *end = bytes + size;
    bool ok = take_line(&bytes, end, "public ", public_hex, ESCROW_HEX_SIZE) &&
              take_line(&bytes, end, "secret ", secret_hex, sizeof secret_hex) && bytes == end &&
              strlen(public_hex) == HEX_SIZE && strlen(secret_hex) == HEX_SIZE &&
              hex_decode(secret_hex, secret_bytes, SEAL_KEY_SIZE);
    sodium_memzero(secret_hex, sizeof secret_hex);
    return ok;
}

/* The outer seal comes off with the pair; the box is shorter then. */
static bool
take_seal_off(struct escrow *escrow, const char *path, const char public_hex[ESCROW_HEX_SIZE],
    const unsigned char secret_bytes[SEAL_KEY_SIZE], struct error *error)
{
    unsigned char public_bytes[SEAL_KEY_SIZE];
    unsigned char opened[sizeof escrow->box];
    const char *outer = escrow->sealed_to[escrow->seals - 1];
    char id[SEAL_ID_SIZE];
    if (!text_equal(outer, public_hex)) {
        bool inner = escrow->seals == 2 && text_equal(escrow->sealed_to[0], public_hex);
        return error_set(error, ERROR_FIELDS, path,
            inner ? "the other person's seal comes off first: that of the pair with the public key "
                    "%s; then the one in %s opens the key"
                  : "it is sealed to the pair with the public key %s, and the one in %s is another",
            outer, path);
    }
    bool ok = hex_decode(public_hex, public_bytes, sizeof public_bytes) &&
              crypto_box_seal_open(
                  opened, escrow->box, escrow->box_size, public_bytes, secret_bytes) == 0;
    if (ok) {
        escrow->box_size -= crypto_box_SEALBYTES;
        escrow->seals--;
        memcpy(escrow->box, opened, escrow->box_size);
    }
    sodium_memzero(opened, sizeof opened);
    if (ok && escrow->seals == 0) {
        seal_id_of(escrow->box, id);
        ok = text_equal(id, escrow->key_id);
    }
    return ok || error_set(error, ERROR_VERIFICATION, "escrow",
                     "the sealed key was changed since it was sealed; take another copy of it, "
                     "from an older backup");
}

bool
escrow_open(const char *pair, struct escrow *escrow, struct error *error)
{
    char text[KEY_FILE_MAX];
    char public_hex[ESCROW_HEX_SIZE];
    unsigned char secret_bytes[SEAL_KEY_SIZE];
    size_t size;
    bool ok = false;
    if (!key_file_read(pair, text, &size, error)) {
        error->code = access(pair, F_OK) == 0 ? ERROR_FIELDS : ERROR_NOT_FOUND;
        goto out;
    }
    if (!decode_pair(text, size, public_hex, secret_bytes))
        error_set(error, ERROR_FIELDS, pair,
            "the file %s is no escrow key pair: it must hold the lines public HEX and secret HEX",
            pair);
    else
        ok = take_seal_off(escrow, pair, public_hex, secret_bytes, error);
out:
    sodium_memzero(text, sizeof text);
    sodium_memzero(secret_bytes, sizeof secret_bytes);
    return ok;
}
