/*
 * fault.h: the list of everything that is wrong with an input. A checker goes through the whole
 * input and adds a fault for each thing, so that a user mends all of them at once. The same list
 * serves a protocol (file:line:column), a CSV file (line and column) and a JSON body (JSON
 * pointer).
 */
#ifndef RCTD_BASE_FAULT_H
#define RCTD_BASE_FAULT_H

#include "base/arena.h"
#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

struct fault {
    const char *pointer; /* the field: JSON pointer, CSV header, protocol path; never NULL */
    unsigned line;       /* from 1; 0 where lines mean nothing (a JSON body) */
    unsigned column;     /* from 1, in characters; 0 where it is not known */
    const char *message; /* what is wrong, without a full stop */
    const char *remedy;  /* what would be right; empty where the message says it */
    const char *source;  /* the publication that says so: "Kernan 1999"; or empty */
};

struct faults {
    struct arena *arena;
    struct fault *items;
    size_t count;
    size_t capacity;
    size_t total; /* as many as were found; `count` stops at `most` */
    size_t most;  /* FAULTS_KEPT after faults_init() */
};

/* More than this nobody reads; the rest is counted. Who brings in a table mends each of its rows,
 * so that an import raises `most`. */
#define FAULTS_KEPT 500

void faults_init(struct faults *faults, struct arena *arena);

/* Adds a fault. `remedy` is plain text, or NULL; the message is formatted. */
void faults_add(struct faults *faults, const char *pointer, unsigned line, unsigned column,
    const char *remedy, const char *format, ...) PRINTF_LIKE(6, 7);

/* The same, with the publication that it rests on. */
void faults_cite(struct faults *faults, const char *source, const char *pointer, unsigned line,
    unsigned column, const char *remedy, const char *format, ...) PRINTF_LIKE(7, 8);

/* Orders the list by line, then column, keeping the order of equal ones. */
void faults_sort(struct faults *faults);

/* "FILE:LINE:COLUMN: message; remedy (source)", without the parts that are not known. In the arena.
 */
char *fault_line(struct arena *arena, const char *file, const struct fault *fault);

#endif
