/*
 * password.c: hashes passwords and compares them with libsodium's Argon2id, which has its own
 * memory and gives it back wiped.
 */
#include "base/password.h"

#include "base/text.h"

#include <ctype.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>
#include <strings.h>

_Static_assert(PASSWORD_HASH_SIZE >= crypto_pwhash_STRBYTES, "the hash has room");

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

void
password_code_new(char code[PASSWORD_CODE_SIZE])
{
    static const char letters[] = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"; /* no I, L, O, U */
    size_t length = 0;
    for (int i = 0; i < 16; i++) {
        if (i > 0 && i % 4 == 0)
            code[length++] = '-';
        code[length++] = letters[randombytes_uniform(sizeof letters - 1)];
    }
    code[length] = '\0';
}

struct digest
password_code_hash(const char *typed)
{
    char plain[PASSWORD_CODE_SIZE] = {0};
    size_t length = 0;
    for (; *typed != '\0' && length < sizeof plain; typed++)
        if (*typed != '-' && *typed != ' ')
            plain[length++] = (char)toupper((unsigned char)*typed);
    struct digest digest = digest_sha256(plain, length);
    sodium_memzero(plain, sizeof plain);
    return digest;
}

static size_t
count_characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

/* How many different bytes it is made of. */
static size_t
count_different(const char *text)
{
    bool seen[256] = {false};
    size_t count = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        count += !seen[*at];
        seen[*at] = true;
    }
    return count;
}

static bool
holds(const char *text, const char *part)
{
    size_t length = strlen(part);
    if (length < 3)
        return false;
    for (; *text != '\0'; text++)
        if (strncasecmp(text, part, length) == 0)
            return true;
    return false;
}

const char *
password_fault(const char *password, const char *name, const char *display)
{
    size_t characters = count_characters(password);
    if (characters < PASSWORD_CHARACTERS_MIN)
        return "is too short: it takes 12 characters or more";
    if (characters > PASSWORD_CHARACTERS_MAX)
        return "is too long: 200 characters are enough";
    if (holds(password, name) || holds(password, display))
        return "holds the name of the account, which everybody knows";
    if (count_different(password) < 5)
        return "is made of too few different characters";
    return NULL;
}

static bool
hash_into(const char *password, char hash[PASSWORD_HASH_SIZE])
{
    memset(hash, 0, PASSWORD_HASH_SIZE);
    pthread_mutex_lock(&one_at_a_time);
    int failed =
        crypto_pwhash_str_alg(hash, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
            crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13);
    pthread_mutex_unlock(&one_at_a_time);
    return failed == 0;
}

bool
password_hash(const char *password, char hash[PASSWORD_HASH_SIZE], struct error *error)
{
    return hash_into(password, hash) ||
           error_set(error, ERROR_SYSTEM, "password", "There is no memory to hash a password with");
}

bool
password_is_right(const char *hash, const char *password)
{
    char unused[PASSWORD_HASH_SIZE];
    if (hash == NULL) {
        if (hash_into(password, unused))
            sodium_memzero(unused, sizeof unused);
        return false;
    }
    pthread_mutex_lock(&one_at_a_time);
    int failed = crypto_pwhash_str_verify(hash, password, strlen(password));
    pthread_mutex_unlock(&one_at_a_time);
    return failed == 0;
}
