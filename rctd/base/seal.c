/*
 * seal.c: reads and makes key files, and seals with libsodium's secretbox, AEAD and sealed boxes.
 */
#include "base/seal.h"

#include "base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NONCE crypto_secretbox_NONCEBYTES
#define MAC crypto_secretbox_MACBYTES
#define HEX_SIZE ((size_t)SEAL_KEY_SIZE * 2)
#define FILE_MAX 256 /* more than any key file holds */

_Static_assert(crypto_secretbox_KEYBYTES == SEAL_KEY_SIZE, "a master key is a secretbox key");
_Static_assert(crypto_sign_SEEDBYTES == DIGEST_SIZE, "a digest is a seed of a pair");
_Static_assert(crypto_sign_BYTES == SEAL_SIGNATURE_SIZE, "a signature is Ed25519's");
_Static_assert(crypto_sign_PUBLICKEYBYTES == SEAL_PUBLIC_KEY_SIZE, "so is its public key");
_Static_assert(crypto_box_PUBLICKEYBYTES == SEAL_KEY_SIZE, "an escrow key is as long");
_Static_assert(crypto_box_SECRETKEYBYTES == SEAL_KEY_SIZE, "an escrow key is as long");

/* Only bytes: libsodium gives memory that ends at a guard page, aligned for nothing else. */
struct seal_key {
    unsigned char bytes[SEAL_KEY_SIZE];
    char id[SEAL_ID_SIZE];
};

/* Does the file lie where systemd puts credentials for this service alone? */
static bool
is_credential(const char *path)
{
    char file[PATH_MAX];
    char folder[PATH_MAX];
    const char *credentials = secure_getenv("CREDENTIALS_DIRECTORY");
    if (credentials == NULL || realpath(credentials, folder) == NULL ||
        realpath(path, file) == NULL)
        return false;
    size_t length = strlen(folder);
    return strncmp(file, folder, length) == 0 && file[length] == '/';
}

static bool
check_owner(const char *path, const struct stat *status, struct error *error)
{
    if (is_credential(path))
        return true;
    if (status->st_uid != geteuid() && status->st_uid != 0)
        return error_set(error, ERROR_NO_MASTER_KEY, path,
            "the key file %s belongs to another user: it must belong to the user that runs this",
            path);
    if ((status->st_mode & 077) != 0)
        return error_set(error, ERROR_NO_MASTER_KEY, path,
            "the key file %s can be read by others: run chmod 600 %s", path, path);
    return true;
}

static bool
read_all(int file, char *bytes, size_t room, size_t *size)
{
    *size = 0;
    while (*size < room) {
        ssize_t got = read(file, bytes + *size, room - *size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            break;
        *size += (size_t)got;
    }
    return true;
}

/* The bytes of a key file, at most FILE_MAX; wiped by the caller. */
static bool
read_file(const char *path, char bytes[FILE_MAX], size_t *size, struct error *error)
{
    struct stat status;
    bool ok = false;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0)
        return error_set(error, ERROR_NO_MASTER_KEY, path, "the key file %s cannot be opened: %s",
            path, strerrordesc_np(errno));
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        error_set(error, ERROR_NO_MASTER_KEY, path, "%s is not a file", path);
    else if (!check_owner(path, &status, error))
        ok = false;
    else if (!read_all(file, bytes, FILE_MAX, size))
        error_set(error, ERROR_NO_MASTER_KEY, path, "the key file %s cannot be read: %s", path,
            strerrordesc_np(errno));
    else
        ok = true;
    close(file);
    return ok;
}

/* 64 hex digits at the start of the text. */
static bool
decode_hex(const char *text, size_t length, unsigned char key[SEAL_KEY_SIZE])
{
    size_t used;
    return length >= HEX_SIZE &&
           sodium_hex2bin(key, SEAL_KEY_SIZE, text, HEX_SIZE, NULL, &used, NULL) == 0 &&
           used == SEAL_KEY_SIZE;
}

static bool
is_line_end(const char *text, size_t length)
{
    return length == 0 || (length == 1 && text[0] == '\n') ||
           (length == 2 && text[0] == '\r' && text[1] == '\n');
}

static bool
decode_key(const char *bytes, size_t size, unsigned char key[SEAL_KEY_SIZE])
{
    if (size == SEAL_KEY_SIZE) {
        memcpy(key, bytes, size);
        return true;
    }
    return size >= HEX_SIZE && is_line_end(bytes + HEX_SIZE, size - HEX_SIZE) &&
           decode_hex(bytes, size, key);
}

static void
name_key(struct seal_key *key)
{
    static const char purpose[] = "rctd-key-id-v1";
    char hex[DIGEST_HEX_SIZE];
    digest_hex(digest_hmac(key->bytes, sizeof key->bytes, purpose, sizeof purpose - 1), hex);
    memcpy(key->id, hex, SEAL_ID_SIZE - 1);
    key->id[SEAL_ID_SIZE - 1] = '\0';
}

struct seal_key *
seal_key_read(const char *path, struct error *error)
{
    char bytes[FILE_MAX];
    size_t size;
    if (!read_file(path, bytes, &size, error)) {
        sodium_memzero(bytes, sizeof bytes);
        return NULL;
    }
    struct seal_key *key = sodium_malloc(sizeof *key);
    if (key == NULL)
        abort();
    bool decoded = decode_key(bytes, size, key->bytes);
    sodium_memzero(bytes, sizeof bytes);
    if (!decoded || sodium_is_zero(key->bytes, sizeof key->bytes)) {
        sodium_free(key);
        error_set(error, ERROR_NO_MASTER_KEY, path,
            "the file %s is no master key: it must hold 64 hex digits, or 32 random bytes", path);
        return NULL;
    }
    name_key(key);
    sodium_mprotect_readonly(key);
    return key;
}

void
seal_key_free(struct seal_key *key)
{
    sodium_free(key);
}

const char *
seal_key_id(const struct seal_key *key)
{
    return key->id;
}

static bool
write_all(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t put = write(file, bytes, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        bytes += put;
        size -= (size_t)put;
    }
    return true;
}

/* The name of a new file is on disk only when its folder is. */
static bool
sync_folder(const char *path)
{
    char folder[PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');
    if (slash != NULL)
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - path + 1), path);
    int opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0)
        return false;
    bool ok = fsync(opened) == 0;
    close(opened);
    return ok;
}

static bool
create_file(const char *path, const char *bytes, size_t size, struct error *error)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0 && errno == EEXIST)
        return error_set(error, ERROR_CONFLICT, path,
            "%s is there already: a key is never overwritten; move it away, or name another file",
            path);
    if (file < 0)
        return error_set_errno(error, path, "cannot create %s", path);
    bool ok = fchmod(file, 0600) == 0 && write_all(file, bytes, size) && fsync(file) == 0 &&
              sync_folder(path);
    if (!ok) {
        error_set_errno(error, path, "cannot write %s", path);
        unlink(path);
    }
    close(file);
    return ok;
}

bool
seal_key_create(const char *path, struct error *error)
{
    unsigned char key[SEAL_KEY_SIZE];
    char line[HEX_SIZE + 2];
    randombytes_buf(key, sizeof key);
    sodium_bin2hex(line, HEX_SIZE + 1, key, sizeof key);
    line[HEX_SIZE] = '\n';
    bool ok = create_file(path, line, HEX_SIZE + 1, error);
    sodium_memzero(key, sizeof key);
    sodium_memzero(line, sizeof line);
    return ok;
}

void *
seal_lock(const struct seal_key *key, struct arena *arena, const void *bytes, size_t size,
    size_t *sealed_size)
{
    *sealed_size = NONCE + MAC + size;
    unsigned char *sealed = arena_alloc(arena, *sealed_size);
    randombytes_buf(sealed, NONCE);
    crypto_secretbox_easy(sealed + NONCE, bytes, size, sealed, key->bytes);
    return sealed;
}

bool
seal_open(const struct seal_key *key, const void *sealed, size_t sealed_size, void *bytes,
    size_t size, struct error *error)
{
    const unsigned char *box = sealed;
    if (sealed_size == NONCE + MAC + size &&
        crypto_secretbox_open_easy(bytes, box + NONCE, MAC + size, box, key->bytes) == 0)
        return true;
    sodium_memzero(bytes, size);
    return error_set(error, ERROR_NO_MASTER_KEY, "seal",
        "the seed was sealed under another master key than %s, or was changed since", key->id);
}

#define BOX_NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define BOX_MAC crypto_aead_xchacha20poly1305_ietf_ABYTES

_Static_assert(
    crypto_aead_xchacha20poly1305_ietf_KEYBYTES == SEAL_KEY_SIZE, "a box's key is as long");

void *
seal_box(const unsigned char *key, struct arena *arena, const void *about, size_t about_size,
    const void *bytes, size_t size, size_t *box_size)
{
    *box_size = BOX_NONCE + size + BOX_MAC;
    unsigned char *box = arena_alloc(arena, *box_size);
    randombytes_buf(box, BOX_NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        box + BOX_NONCE, NULL, bytes, size, about, about_size, NULL, box, key);
    return box;
}

size_t
seal_box_content(size_t box_size)
{
    return box_size < BOX_NONCE + BOX_MAC ? 0 : box_size - BOX_NONCE - BOX_MAC;
}

bool
seal_unbox(const unsigned char *key, const void *about, size_t about_size, const void *box,
    size_t box_size, void *bytes)
{
    const unsigned char *nonce = box;
    if (box_size >= BOX_NONCE + BOX_MAC &&
        crypto_aead_xchacha20poly1305_ietf_decrypt(bytes, NULL, NULL, nonce + BOX_NONCE,
            box_size - BOX_NONCE, about, about_size, nonce, key) == 0)
        return true;
    sodium_memzero(bytes, seal_box_content(box_size));
    return false;
}

void
seal_derive(const struct seal_key *key, const char *purpose, unsigned char derived[SEAL_KEY_SIZE])
{
    struct digest digest = digest_hmac(key->bytes, sizeof key->bytes, purpose, strlen(purpose));
    memcpy(derived, digest.bytes, SEAL_KEY_SIZE);
    sodium_memzero(&digest, sizeof digest);
}

void
seal_sign(const struct seal_key *key, const char *purpose, const void *bytes, size_t size,
    unsigned char signature[SEAL_SIGNATURE_SIZE], unsigned char public_key[SEAL_PUBLIC_KEY_SIZE])
{
    unsigned char secret[crypto_sign_SECRETKEYBYTES];
    struct digest seed = digest_hmac(key->bytes, sizeof key->bytes, purpose, strlen(purpose));
    crypto_sign_seed_keypair(public_key, secret, seed.bytes);
    crypto_sign_detached(signature, NULL, bytes, size, secret);
    sodium_memzero(&seed, sizeof seed);
    sodium_memzero(secret, sizeof secret);
}

bool
seal_verify(const void *bytes, size_t size, const unsigned char signature[SEAL_SIGNATURE_SIZE],
    const unsigned char public_key[SEAL_PUBLIC_KEY_SIZE])
{
    return crypto_sign_verify_detached(signature, bytes, size, public_key) == 0;
}

void *
seal_escrow_lock(const char *public_key, struct arena *arena, const void *bytes, size_t size,
    size_t *sealed_size, struct error *error)
{
    unsigned char key[SEAL_KEY_SIZE];
    *sealed_size = crypto_box_SEALBYTES + size;
    unsigned char *sealed = arena_alloc(arena, *sealed_size);
    if (hex_decode(public_key, key, sizeof key) && crypto_box_seal(sealed, bytes, size, key) == 0)
        return sealed;
    error_set(error, ERROR_CONFIG, "escrow key",
        "the escrow key is not one: it must be the 64 hex digits of a public key");
    return NULL;
}

bool
seal_escrow_create(const char *path, char public_key[SEAL_KEY_SIZE * 2 + 1], struct error *error)
{
    unsigned char public_bytes[SEAL_KEY_SIZE];
    unsigned char secret_bytes[SEAL_KEY_SIZE];
    char secret_hex[HEX_SIZE + 1];
    char lines[FILE_MAX];
    crypto_box_keypair(public_bytes, secret_bytes);
    sodium_bin2hex(public_key, HEX_SIZE + 1, public_bytes, sizeof public_bytes);
    sodium_bin2hex(secret_hex, sizeof secret_hex, secret_bytes, sizeof secret_bytes);
    int length = snprintf(lines, sizeof lines, "public %s\nsecret %s\n", public_key, secret_hex);
    bool ok = create_file(path, lines, (size_t)length, error);
    sodium_memzero(secret_bytes, sizeof secret_bytes);
    sodium_memzero(secret_hex, sizeof secret_hex);
    sodium_memzero(lines, sizeof lines);
    return ok;
}

/* The two lines that seal_escrow_create writes. */
static bool
decode_pair(const char *bytes, size_t size, unsigned char public_bytes[SEAL_KEY_SIZE],
    unsigned char secret_bytes[SEAL_KEY_SIZE])
{
    static const char first[] = "public ";
    static const char second[] = "\nsecret ";
    const size_t hex_at = sizeof first - 1;
    const size_t second_at = hex_at + HEX_SIZE;
    const size_t secret_at = second_at + sizeof second - 1;
    const size_t end_at = secret_at + HEX_SIZE;
    return size >= end_at && memcmp(bytes, first, sizeof first - 1) == 0 &&
           memcmp(bytes + second_at, second, sizeof second - 1) == 0 &&
           is_line_end(bytes + end_at, size - end_at) &&
           decode_hex(bytes + hex_at, HEX_SIZE, public_bytes) &&
           decode_hex(bytes + secret_at, HEX_SIZE, secret_bytes);
}

bool
seal_escrow_open(const char *path, const void *sealed, size_t sealed_size, void *bytes, size_t size,
    struct error *error)
{
    char text[FILE_MAX];
    unsigned char public_bytes[SEAL_KEY_SIZE];
    unsigned char secret_bytes[SEAL_KEY_SIZE];
    size_t text_size;
    bool ok = false;
    if (!read_file(path, text, &text_size, error))
        goto out;
    if (!decode_pair(text, text_size, public_bytes, secret_bytes)) {
        error_set(error, ERROR_NO_MASTER_KEY, path,
            "the file %s is no escrow key pair: it must hold the lines public HEX and secret HEX",
            path);
        goto out;
    }
    ok = sealed_size == crypto_box_SEALBYTES + size &&
         crypto_box_seal_open(bytes, sealed, sealed_size, public_bytes, secret_bytes) == 0;
    if (!ok)
        error_set(error, ERROR_NO_MASTER_KEY, "escrow",
            "the seed was sealed to another escrow key than the one in %s, or was changed since",
            path);
out:
    if (!ok)
        sodium_memzero(bytes, size);
    sodium_memzero(text, sizeof text);
    sodium_memzero(secret_bytes, sizeof secret_bytes);
    return ok;
}
