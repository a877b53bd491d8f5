/*
 * scheme.c: schemes as every role may see them, never method or block sizes; their closing; and the
 * reveal of a seed, which is answered to nobody but statisticians and auditors, and stands in no
 * log, trail or kept answer.
 */
#include "store/conduct/scheme.h"

#include "api/handlers.h"
#include "api/office/signature.h"
#include "base/digest.h"

#include <sodium.h>
#include <string.h>

#define REASON                                                                                     \
    {                                                                                              \
        .name = "reason", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .min = 1, .max = 2000,    \
        .meaning = "Why; stands in the trail"                                                      \
    }

const struct field scheme_close_body[] = {REASON, {0}};
const struct field scheme_reveal_body[] = {REASON, SIGNATURE_FIELD, {0}};

static const char *const states[] = {"planned", "open", "closed", "revealed", NULL};
static const char *const halves[] = {"trial-manager", "statistician", NULL};

const struct field scheme_answer[] = {
    {.name = "scheme",
        .type = FIELD_IDENTIFIER,
        .meaning = "The scheme's name: its phase's, or PHASE.NAME"},
    {.name = "phase", .type = FIELD_IDENTIFIER, .meaning = "Its phase"},
    {.name = "state",
        .type = FIELD_STRING,
        .choices = states,
        .meaning = "Units are allocated in an open scheme only; of a revealed one the seed is "
                   "known to statisticians and auditors"},
    {.name = "unit",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"workplace", "participant", NULL},
        .meaning = "What it allocates"},
    {.name = "label", .type = FIELD_STRING, .meaning = "TRIAL/SCHEME (rctd-allocation(7))"},
    {.name = "protocol_version",
        .type = FIELD_INTEGER,
        .meaning = "The version that its seed was made under"},
    {.name = "commitment", .type = FIELD_STRING, .meaning = "64 hex digits"},
    {.name = "allocations",
        .type = FIELD_INTEGER,
        .meaning = "Made so far, of all arms together: an exported ledger has as many"},
    {.name = "closed_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "When the scheme itself was closed; null where it is not, or with its phase"},
    {0},
};

static const struct field approval_fields[] = {
    {.name = "role", .type = FIELD_STRING, .choices = halves, .meaning = "Which half it is"},
    {.name = "account", .type = FIELD_STRING, .meaning = "Who approved"},
    {.name = "approved_at", .type = FIELD_TIME, .meaning = "When"},
    {.name = "reason", .type = FIELD_STRING, .meaning = "Why"},
    {.name = "stands",
        .type = FIELD_BOOLEAN,
        .meaning = "false: who gave it does not hold the role any more, and another gives it anew"},
    {0},
};

const struct field scheme_reveal_answer[] = {
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "The scheme"},
    {.name = "phase", .type = FIELD_IDENTIFIER, .meaning = "Its phase"},
    {.name = "state", .type = FIELD_STRING, .choices = states, .meaning = "As in the list"},
    {.name = "closed_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "When the scheme itself was closed"},
    {.name = "closed_by", .type = FIELD_STRING, .flags = FIELD_NULLABLE, .meaning = "By whom"},
    {.name = "closed_for", .type = FIELD_STRING, .flags = FIELD_NULLABLE, .meaning = "Why"},
    {.name = "approvals",
        .type = FIELD_ARRAY,
        .children = approval_fields,
        .meaning = "Two, of two people, reveal the seed"},
    {.name = "revealed", .type = FIELD_BOOLEAN, .meaning = "Nothing is missing"},
    {.name = "missing", .type = FIELD_ARRAY, .meaning = "What is missing, in sentences"},
    {0},
};

static const struct field version_fields[] = {
    {.name = "protocol_version", .type = FIELD_INTEGER, .meaning = "A version of the protocol"},
    {.name = "sha256", .type = FIELD_STRING, .meaning = "Of its document: 64 hex digits"},
    {.name = "allocations", .type = FIELD_INTEGER, .meaning = "Made under it in the scheme"},
    {0},
};

const struct field scheme_seed_answer[] = {
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "The scheme"},
    {.name = "label", .type = FIELD_STRING, .meaning = "TRIAL/SCHEME (rctd-allocation(7))"},
    {.name = "seed", .type = FIELD_STRING, .meaning = "64 hex digits"},
    {.name = "commitment",
        .type = FIELD_STRING,
        .meaning = "What was published at the lock; the seed was held against it"},
    {.name = "protocol_version",
        .type = FIELD_INTEGER,
        .meaning = "The version that the seed was made under"},
    {.name = "protocol_sha256",
        .type = FIELD_STRING,
        .meaning = "Of that version's document, which the commitment binds"},
    {.name = "versions",
        .type = FIELD_ARRAY,
        .children = version_fields,
        .meaning = "The versions that the scheme's allocations were made under, and the seed's"},
    {0},
};

static json_t *
encode(const struct sql_scheme_list_row *row)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:o, s:I, s:o}", "scheme", row->scheme,
        "phase", row->phase, "state", scheme_state(row), "unit", row->unit, "label", row->label,
        "protocol_version", row->version, "commitment",
        json_hex(row->commitment.data, row->commitment.size), "allocations",
        (json_int_t)row->allocations, "closed_at", json_opt_time(row->closed_at));
}

bool
scheme_list(struct call *call, struct error *error)
{
    struct sql_scheme_list_rows rows;
    if (!sql_scheme_list(call->tx, &(struct sql_scheme_list){.trial_id = call->trial_id}, &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        if (!rows.rows[i].retired)
            list_add_next(call, encode(&rows.rows[i]));
    return list_answer(call);
}

static bool
answer_scheme(struct call *call, struct error *error)
{
    struct sql_scheme_list_row row;
    if (!scheme_read(call->tx, call->trial_id, call->request->parameters[1], &row))
        return call_failed(call, error);
    return call_answer(call, 200, encode(&row));
}

bool
scheme_show(struct call *call, struct error *error)
{
    return answer_scheme(call, error);
}

bool
scheme_end(struct call *call, struct error *error)
{
    if (!scheme_close(call->tx, call->trial_id, call->request->parameters[1],
            call->caller.account_id, call_text(call, "reason")))
        return call_failed(call, error);
    return answer_scheme(call, error);
}

/* What is still missing, and whose it is. */
static json_t *
encode_missing(const struct scheme_reveal *reveal)
{
    const struct sql_scheme_list_row *scheme = &reveal->scheme;
    json_t *missing = json_array();
    if (!reveal->has_closing && !text_equal(scheme->phase_state, "closed"))
        json_array_append_new(
            missing, json_sprintf("A trial manager closes the scheme %s, or its phase %s",
                         scheme->scheme, scheme->phase));
    for (size_t i = 0; halves[i] != NULL; i++)
        if (!scheme_is_approved(reveal, role_by_name(halves[i])))
            json_array_append_new(missing, reveal->approvals.count == 0
                                               ? json_sprintf("A %s approves", halves[i])
                                               : json_sprintf("A %s approves, who is not %s",
                                                     halves[i], reveal->approvals.rows[0].account));
    return missing;
}

static json_t *
encode_reveal(const struct scheme_reveal *reveal)
{
    const struct sql_scheme_closing_get_row *closing = &reveal->closing;
    json_t *approvals = json_array();
    for (size_t i = 0; i < reveal->approvals.count; i++) {
        const struct sql_seed_reveal_list_row *row = &reveal->approvals.rows[i];
        json_array_append_new(
            approvals, json_pack("{s:s, s:s, s:o, s:s, s:b}", "role", row->role, "account",
                           row->account, "approved_at", json_time(row->approved_at), "reason",
                           row->reason, "stands", row->stands));
    }
    json_t *missing = encode_missing(reveal);
    return json_pack("{s:s, s:s, s:s, s:o, s:s?, s:s?, s:o, s:b, s:o}", "scheme",
        reveal->scheme.scheme, "phase", reveal->scheme.phase, "state",
        scheme_state(&reveal->scheme), "closed_at", json_opt_time(reveal->scheme.closed_at),
        "closed_by", reveal->has_closing ? closing->closed_by : NULL, "closed_for",
        reveal->has_closing ? closing->reason : NULL, "approvals", approvals, "revealed",
        json_array_size(missing) == 0, "missing", missing);
}

bool
scheme_reveal_show(struct call *call, struct error *error)
{
    struct scheme_reveal reveal;
    if (!scheme_reveal_read(call->tx, call->trial_id, call->request->parameters[1], &reveal))
        return call_failed(call, error);
    return call_answer(call, 200, encode_reveal(&reveal));
}

static bool
holds(const struct call *call, enum role role)
{
    for (size_t i = 0; i < call->caller.grant_count; i++)
        if (call->caller.grants[i].role == role)
            return true;
    return false;
}

/* Who holds both roles gives the half that is missing; never both halves. */
static bool
take_missing_half(struct call *call, const struct scheme_reveal *reveal)
{
    enum role other = call->role == ROLE_STATISTICIAN ? ROLE_TRIAL_MANAGER : ROLE_STATISTICIAN;
    if (!scheme_is_approved(reveal, call->role) || !holds(call, other))
        return true;
    call->role = other;
    return call_act(call, call->request->route->id);
}

/* A reveal is signed over the commitment that the seed is bound by. */
static bool
sign_reveal(struct call *call, const struct scheme_reveal *reveal, bool *done, struct error *error)
{
    struct call_signing signing = {.action = "reveal",
        .object = arena_printf(call->arena, "scheme/%s", reveal->scheme.scheme)};
    memcpy(signing.record.bytes, reveal->scheme.commitment.data, sizeof signing.record.bytes);
    return call_sign(call, &signing, done, error);
}

bool
scheme_reveal(struct call *call, struct error *error)
{
    struct scheme_reveal reveal;
    bool done;
    const char *name = call->request->parameters[1];
    if (!scheme_reveal_read(call->tx, call->trial_id, name, &reveal) ||
        !take_missing_half(call, &reveal))
        return call_failed(call, error);
    if (!sign_reveal(call, &reveal, &done, error) || done)
        return done;
    if (!scheme_approve(call->tx, call->trial_id, name, call->role, call->caller.account_id,
            call_text(call, "reason"), &reveal))
        return call_failed(call, error);
    return call_answer(call, 200, encode_reveal(&reveal));
}

static json_t *
encode_versions(const struct sql_scheme_versions_rows *rows)
{
    json_t *versions = json_array();
    for (size_t i = 0; i < rows->count; i++)
        json_array_append_new(
            versions, json_pack("{s:i, s:o, s:I}", "protocol_version", rows->rows[i].version,
                          "sha256", json_hex(rows->rows[i].sha256.data, rows->rows[i].sha256.size),
                          "allocations", (json_int_t)rows->rows[i].allocations));
    return versions;
}

bool
scheme_seed_show(struct call *call, struct error *error)
{
    struct scheme_seed seed;
    const char *name = call->request->parameters[1];
    char hex[SEED_SIZE * 2 + 1];
    if (!scheme_seed_read(
            call->tx, call->session, call->trial_id, name, call->caller.account_id, &seed))
        return call_failed(call, error);
    sodium_bin2hex(hex, sizeof hex, seed.seed, SEED_SIZE);
    json_t *answer = json_pack("{s:s, s:s, s:s, s:o, s:i, s:o, s:o}", "scheme", name, "label",
        seed.row.label, "seed", hex, "commitment",
        json_hex(seed.row.commitment.data, seed.row.commitment.size), "protocol_version",
        seed.row.version, "protocol_sha256", json_hex(seed.row.sha256.data, seed.row.sha256.size),
        "versions", encode_versions(&seed.versions));
    sodium_memzero(seed.seed, SEED_SIZE);
    sodium_memzero(hex, sizeof hex);
    return call_answer(call, 200, answer);
}
