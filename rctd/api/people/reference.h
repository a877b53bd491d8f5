/*
 * reference.h: the field beside a reason that is a word: where the matter is filed.
 */
#ifndef RCTD_API_REFERENCE_H
#define RCTD_API_REFERENCE_H

/* Of requests (0) and answers (FIELD_NULLABLE); its form is the domain rctd.reference. */
#define REFERENCE_FIELD(field_flags)                                                               \
    {                                                                                              \
        .name = "reference", .type = FIELD_STRING, .flags = (field_flags), .min = 1, .max = 32,    \
        .meaning = "Where the matter is filed, such as KS-2026/417; nothing that tells who "       \
                   "somebody is"                                                                   \
    }

#endif
