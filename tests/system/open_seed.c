/*
 * open_seed.c: opens a sealed seed for a test: open_seed MASTER_KEY_FILE SEALED_HEX prints the seed
 * in hex.
 */
#include "base/bits.h"
#include "base/digest.h"
#include "base/seal.h"
#include "trial/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
main(int argc, char **argv)
{
    struct error error = ERROR_CLEAR;
    uint8_t seed[SEED_SIZE];
    bits_start();
    if (argc != 3)
        return EXIT_FAILURE;
    struct arena *arena = arena_new();
    struct seal_key *key = seal_key_read(argv[1], &error);
    size_t size = strlen(argv[2]) / 2;
    void *sealed = arena_alloc(arena, size);
    bool opened = key != NULL && hex_decode(argv[2], sealed, size) &&
                  seal_open(key, sealed, size, seed, sizeof seed, &error);
    if (opened)
        puts(hex_encode(arena, seed, sizeof seed));
    else
        fprintf(stderr, "%s\n", error.detail);
    seal_key_free(key);
    arena_free(arena);
    return opened ? EXIT_SUCCESS : EXIT_FAILURE;
}
