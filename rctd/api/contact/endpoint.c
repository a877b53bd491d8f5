/*
 * endpoint.c: where a trial's reminders are sent to. A signing secret is shown in the answer that
 * makes it and never again.
 */
#include "store/contact/endpoint.h"

#include "api/handlers.h"
#include "base/text.h"
#include "http/body.h"
#include "http/etag.h"

static const char *const channels[] = {"any", "email", "sms", "phone", NULL};

#define URL_MEANING                                                                                \
    "https://..., or http://... into a network that the operator allows (webhook_allow)"
#define SECRET_MEANING "The signing secret (Standard Webhooks): shown this once"

/* clang-format off */
#define ENDPOINT_FIELDS \
    { .name = "endpoint", .type = FIELD_UUID, .meaning = "Its number" }, \
    { .name = "url", .type = FIELD_STRING, .max = ENDPOINT_URL_MAX, .meaning = URL_MEANING }, \
    { .name = "channel", .type = FIELD_STRING, .choices = channels, \
        .meaning = "Which reminders go there; any: those of channels without an endpoint of their own" }, \
    { .name = "description", .type = FIELD_STRING, .meaning = "What it is; may be empty" }, \
    { .name = "state", .type = FIELD_STRING, .choices = (const char *const[]) { "active", "disabled", NULL }, \
        .meaning = "Nothing is sent to a disabled one" }, \
    { .name = "disabled_reason", .type = FIELD_STRING, .flags = FIELD_NULLABLE, \
        .meaning = "Why it is disabled; null while it is active" }, \
    { .name = "former_secret_until", .type = FIELD_TIME, .flags = FIELD_NULLABLE, \
        .meaning = "Until when the secret before the last rotation signs as well; null where there was none" }, \
    { .name = "version", .type = FIELD_INTEGER, .min = 1, .meaning = "Grows with each change; its ETag" }, \
    { .name = "contact_details", .type = FIELD_BOOLEAN, \
        .meaning = "Gets the phone number or e-mail address that its channel needs" }, \
    { .name = "created_at", .type = FIELD_TIME, .meaning = "When it was added" }
/* clang-format on */

const struct field endpoint_answer[] = {ENDPOINT_FIELDS, {0}};

const struct field endpoint_made[] = {
    ENDPOINT_FIELDS,
    {.name = "secret", .type = FIELD_STRING, .meaning = SECRET_MEANING},
    {0},
};

const struct field endpoint_new[] = {
    {.name = "url",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = ENDPOINT_URL_MAX,
        .meaning = URL_MEANING},
    {.name = "channel",
        .type = FIELD_STRING,
        .choices = channels,
        .meaning =
            "Which reminders go there (any where it is left out); one active endpoint for each"},
    {.name = "description", .type = FIELD_STRING, .max = 200, .meaning = "What it is"},
    {.name = "contact_details",
        .type = FIELD_BOOLEAN,
        .meaning = "true: it gets, of participants who agree to be contacted, the phone number "
                   "(channels sms and phone) or the e-mail address (email), and each is in the "
                   "ledger of readings; it is made so and never changed"},
    {0},
};

const struct field endpoint_change[] = {
    {.name = "disabled",
        .type = FIELD_BOOLEAN,
        .flags = FIELD_REQUIRED,
        .meaning = "true: nothing is sent there any more; false: it is sent to again"},
    {0},
};

static json_t *
encode(const struct sql_endpoint_get_row *row)
{
    return json_pack("{s:o, s:s, s:s, s:s, s:s, s:s?, s:o, s:i, s:b, s:o}", "endpoint",
        json_id(row->endpoint_id), "url", row->url, "channel", row->channel, "description",
        row->description, "state", row->state, "disabled_reason", row->disabled_reason,
        "former_secret_until", json_opt_time(row->previous_until), "version", (int)row->version,
        "contact_details", row->contact_details, "created_at", json_time(row->created_at));
}

bool
endpoint_list(struct call *call, struct error *error)
{
    struct sql_endpoint_list_rows rows;
    if (!sql_endpoint_list(call->tx,
            &(struct sql_endpoint_list){
                .trial_id = call->trial_id, .after = call->list.after_id, .most = call->list.most},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        list_add_id(call, rows.rows[i].endpoint_id, encode(&rows.rows[i]));
    return list_answer(call);
}

/* The endpoint as it is now, with its secret where one was made. */
static bool
answer_endpoint(
    struct call *call, int status, struct uuid endpoint_id, const char *secret, struct error *error)
{
    struct sql_endpoint_get_row row;
    if (!endpoint_find(call->tx, call->trial_id, endpoint_id, &row))
        return call_failed(call, error);
    json_t *json = encode(&row);
    if (secret != NULL)
        json_object_set_new(json, "secret", json_string(secret));
    etag_add(call->response, etag_version(call->arena, row.version));
    return call_answer(call, status, json);
}

bool
endpoint_add(struct call *call, struct error *error)
{
    const char *why, *remedy, *secret;
    const char *url = call_text(call, "url");
    const char *channel = call_text(call, "channel");
    const char *description = call_text(call, "description");
    if (!endpoint_url_check(url, &why, &remedy))
        return call_fault(call, error, "/url", remedy, "the address %s", why);
    bool contact_details = call_flag(call, "contact_details");
    if (contact_details && (channel == NULL || text_equal(channel, "any")))
        return call_fault(call, error, "/channel", "email, sms or phone",
            "an endpoint for contact details is for one channel, and gets what that needs");
    const struct seal_key *key = session_master_key(call->session, error);
    if (key == NULL)
        return false;
    struct uuid endpoint_id = uuid_new();
    if (!endpoint_create(call->tx, key, call->trial_id, endpoint_id, url,
            channel == NULL ? "any" : channel, description == NULL ? "" : description,
            contact_details, &secret))
        return call_failed(call, error);
    call->wake = true;
    return answer_endpoint(call, 201, endpoint_id, secret, error);
}

/* The endpoint of the path. */
static bool
find(struct call *call, struct sql_endpoint_get_row *row, struct error *error)
{
    struct uuid endpoint_id;
    if (!uuid_parse(call->request->parameters[1], &endpoint_id))
        return error_set(error, ERROR_NOT_FOUND, "endpoint",
            "The trial has no endpoint with that number; `rctctl endpoint list' shows them");
    return endpoint_find(call->tx, call->trial_id, endpoint_id, row) || call_failed(call, error);
}

bool
endpoint_patch(struct call *call, struct error *error)
{
    struct sql_endpoint_get_row row;
    if (!find(call, &row, error) ||
        !etag_if_match(call->request, etag_version(call->arena, row.version), error))
        return false;
    if (!endpoint_set_disabled(call->tx, call->trial_id, &row, call_flag(call, "disabled")))
        return call_failed(call, error);
    call->wake = true;
    return answer_endpoint(call, 200, row.endpoint_id, NULL, error);
}

bool
endpoint_rotate(struct call *call, struct error *error)
{
    const char *secret;
    struct sql_endpoint_get_row row;
    if (!find(call, &row, error))
        return false;
    const struct seal_key *key = session_master_key(call->session, error);
    if (key == NULL)
        return false;
    if (!endpoint_renew_secret(call->tx, key, call->trial_id, row.endpoint_id, &secret))
        return call_failed(call, error);
    return answer_endpoint(call, 200, row.endpoint_id, secret, error);
}
