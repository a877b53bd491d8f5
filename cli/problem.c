/*
 * problem.c: problem+json back to struct error. A proxy in between may answer for rctd; then the
 * status alone is known.
 */
#include "cli/problem.h"

#include "base/text.h"

#include <string.h>

#define TYPE_PREFIX "urn:rctd:problem:"

static const char *
string_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static unsigned
number_of(const json_t *object, const char *name)
{
    json_int_t number = json_integer_value(json_object_get(object, name));
    return number > 0 && number < 1000000000 ? (unsigned)number : 0;
}

static void
read_faults(const json_t *list, struct faults *faults)
{
    size_t index;
    const json_t *item;
    json_array_foreach(list, index, item)
    {
        const char *pointer = string_of(item, "pointer"), *detail = string_of(item, "detail");
        if (detail == NULL)
            continue;
        faults_add(faults, pointer, number_of(item, "line"), number_of(item, "column"),
            string_of(item, "remedy"), "%s", detail);
    }
}

/* For an answer that is not rctd's own. */
static enum error_code
code_of_status(int status)
{
    if (status == 502 || status == 503 || status == 504)
        return ERROR_BUSY;
    for (int code = 1; code < ERROR_COUNT; code++)
        if (error_http_status((enum error_code)code) == status)
            return (enum error_code)code;
    return ERROR_INTERNAL;
}

void
problem_read(const json_t *json, int status, struct faults *faults, struct error *error)
{
    const char *type = string_of(json, "type"), *detail = string_of(json, "detail");
    if (type == NULL || !text_starts(type, TYPE_PREFIX)) {
        error_set(error, code_of_status(status), "http",
            "The answer is HTTP status %d and not from rctd; is the address right?", status);
        return;
    }
    enum error_code code = error_from_slug(type + strlen(TYPE_PREFIX));
    const char *title = string_of(json, "title");
    if (detail == NULL || detail[0] == '\0')
        detail = title == NULL ? error_title(code) : title;
    const char *instance = string_of(json, "instance");
    if (code == ERROR_INTERNAL && instance != NULL)
        error_set(error, code, "http", "%s (%s; the log of rctd says more)", detail, instance);
    else
        error_set(error, code, "http", "%s", detail);
    read_faults(json_object_get(json, "errors"), faults);
    unsigned total = number_of(json, "errors_total");
    if (total > faults->total)
        faults->total = total;
}
