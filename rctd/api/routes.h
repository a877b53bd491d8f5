/*
 * routes.h: everything that rctd answers to.
 */
#ifndef RCTD_API_ROUTES_H
#define RCTD_API_ROUTES_H

#include "base/compiler.h"
#include "base/error.h"
#include "http/route.h"

#include <stdbool.h>

#define TRIAL "/v1/trials/{trial}"
#define MEBIBYTE ((size_t)1024 * 1024)

/* All rows; those of each folder stand in its own routes.c. */
extern const struct route_table routes;
extern const struct route_table routes_office, routes_conduct, routes_people, routes_contact;

/* Is every row well formed, and does its permission exist? A daemon whose table is not does not
 * start. */
bool routes_check(struct error *error) MUST_CHECK;

/* The OpenAPI document of the table as text, which the caller frees. */
char *routes_openapi(void);

#endif
