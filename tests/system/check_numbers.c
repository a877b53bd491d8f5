/*
 * check_numbers.c: for tests that make numbers by the thousand: reads lines of a kind (a type of
 * number, or the name of a checksum), a blank and a number, and writes for each the normal form, or
 * `!` and what is wrong. The year is the argument.
 */
#include "trial/checksum.h"
#include "trial/identifier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
check(const char *kind, const char *number, int year, char out[CHECKSUM_TEXT_MAX + 1],
    const char **why)
{
    switch (identifier_type_by_name(kind)) {
    case IDENTIFIER_SE_ORGNR:
        return identifier_orgnr(number, out, why);
    case IDENTIFIER_SE_CFAR:
        return identifier_cfar(number, out, why);
    case IDENTIFIER_SE_PERSONNUMMER:
        return identifier_personnummer(number, year, out, why);
    default:
        break;
    }
    enum checksum checksum = checksum_by_name(kind);
    if (checksum == CHECKSUM_COUNT) {
        fprintf(stderr, "there is no checksum %s\n", kind);
        exit(1);
    }
    *why = "the check character does not fit";
    return checksum_compact(checksum, number, out) && checksum_fits(checksum, number);
}

int
main(int argc, char **argv)
{
    char line[256], out[CHECKSUM_TEXT_MAX + 1];
    int year = argc > 1 ? atoi(argv[1]) : 0;
    while (fgets(line, sizeof line, stdin) != NULL) {
        const char *why = "";
        line[strcspn(line, "\n")] = '\0';
        char *blank = strchr(line, ' ');
        if (blank == NULL)
            return 1;
        *blank = '\0';
        if (check(line, blank + 1, year, out, &why))
            puts(out);
        else
            printf("!%s\n", why);
    }
    return 0;
}
