/*
 * routes.h: everything that rctd answers to.
 */
#ifndef RCTD_API_ROUTES_H
#define RCTD_API_ROUTES_H

#include "base/compiler.h"
#include "base/error.h"
#include "http/route.h"

#include <stdbool.h>

extern const struct route_table routes;

/* Is every row well formed, and does its permission exist? A daemon whose table is not does not
 * start. */
bool routes_check(struct error *error) MUST_CHECK;

/* The OpenAPI document of the table as text, which the caller frees. */
char *routes_openapi(void);

#endif
