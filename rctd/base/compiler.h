/*
 * compiler.h: the few compiler attributes that the tree uses, under one name each.
 */
#ifndef RCTD_BASE_COMPILER_H
#define RCTD_BASE_COMPILER_H

/* The result says whether the call worked; dropping it is a compile error. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* A printf-like function: FORMAT and FIRST are argument positions from 1. */
#define PRINTF_LIKE(FORMAT, FIRST) __attribute__((format(printf, FORMAT, FIRST)))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
