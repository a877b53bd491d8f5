/*
 * protocol.c: drafts and locks. A lock is one transaction: the frozen version, the sealed seeds
 * with their commitments, the phases and the schemes appear together or not at all.
 */
#include "store/conduct/protocol.h"

#include "base/text.h"
#include "store/conduct/protocol_check.h"
#include "store/contact/calendar.h"
#include "store/people/consent_rule.h"
#include "trial/allocate.h"
#include "trial/commitment.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>
#include <strings.h>

const struct protocol *
protocol_in_force(struct tx *tx, struct session *session, struct uuid trial_id, int *version)
{
    struct sql_protocol_locked_version_row row;
    bool found;
    if (!sql_protocol_locked_version(
            tx, &(struct sql_protocol_locked_version){.trial_id = trial_id}, &row, &found))
        return NULL;
    if (!found) {
        tx_fail(tx, ERROR_REFUSED,
            "The trial has no locked protocol yet; its trial manager locks one first");
        return NULL;
    }
    *version = row.version;
    return session_protocol(session, tx, trial_id, row.version);
}

/* The actions that the protocol wants signed, as JSON: what the database holds a lock to. */
static const char *
signatures_of(struct tx *tx, const struct protocol *protocol)
{
    struct text names;
    text_init(&names, tx_arena(tx));
    for (int action = 0; action < SIGNATURE_COUNT; action++)
        if (protocol->signatures[action])
            text_printf(&names, "%s\"%s\"", names.length == 0 ? "" : ",",
                protocol_signature_name((enum protocol_signature)action));
    return arena_printf(tx_arena(tx), "[%s]", names.bytes);
}

static bool
faulty(struct tx *tx, const struct faults *faults)
{
    return tx_fail(tx, ERROR_FIELDS, "The protocol has %zu fault%s", faults->total,
        faults->total == 1 ? "" : "s");
}

static const struct protocol *
read_document(struct tx *tx, struct session *session, const struct protocol_origin *origin,
    const char *document, struct faults *faults)
{
    const struct protocol *protocol = protocol_read_new(tx, document, faults);
    if (protocol == NULL) {
        if (faults->total > 0)
            faulty(tx, faults);
        return NULL;
    }
    if (!protocol_check_here(tx, session, origin, protocol, faults))
        return NULL;
    if (faults->total > 0) {
        faulty(tx, faults);
        return NULL;
    }
    return protocol;
}

bool
protocol_draft(struct tx *tx, struct session *session, const struct protocol_origin *origin,
    const char *document, const char *reason, struct faults *faults, int *version)
{
    struct sql_protocol_locked_version_row locked;
    struct sql_protocol_draft_put_row put;
    bool amends;
    if (!sql_trial_lock(tx, &(struct sql_trial_lock){.trial_id = origin->trial_id}, NULL) ||
        !sql_protocol_locked_version(tx,
            &(struct sql_protocol_locked_version){.trial_id = origin->trial_id}, &locked, &amends))
        return false;
    if (amends && text_is_empty(reason)) {
        faults_add(
            faults, "/reason", 0, 0, "say what changes and why", "an amendment needs a reason");
        return tx_fail(
            tx, ERROR_FIELDS, "Version %d is locked; an amendment needs a reason", locked.version);
    }
    const struct protocol *protocol = read_document(tx, session, origin, document, faults);
    if (protocol == NULL)
        return false;
    if (!sql_protocol_draft_put(tx,
            &(struct sql_protocol_draft_put){.trial_id = origin->trial_id,
                .document = document,
                .reason = reason,
                .created_by = origin->account,
                .signatures = signatures_of(tx, protocol)},
            &put))
        return false;
    *version = put.version;
    return true;
}

static bool
put_phases(struct tx *tx, struct uuid trial_id, const struct protocol *protocol)
{
    sql_phase_exclusion_clear(tx, &(struct sql_phase_exclusion_clear){.trial_id = trial_id}, NULL);
    for (size_t i = 0; i < protocol->phase_count; i++) {
        const struct protocol_phase *phase = &protocol->phases[i];
        unsigned workplaces = phase->target[PROTOCOL_WORKPLACE];
        unsigned participants = phase->target[PROTOCOL_PARTICIPANT];
        sql_phase_put(tx,
            &(struct sql_phase_put){.trial_id = trial_id,
                .phase = phase->name,
                .ordinal = (int32_t)i + 1,
                .workplaces = {workplaces > 0, workplaces},
                .participants = {participants > 0, participants}},
            NULL);
    }
    for (size_t i = 0; i < protocol->phase_count; i++)
        for (size_t x = 0; x < protocol->phases[i].exclude_count; x++)
            sql_phase_exclusion_add(tx,
                &(struct sql_phase_exclusion_add){.trial_id = trial_id,
                    .phase = protocol->phases[i].name,
                    .excluded = protocol->phases[protocol->phases[i].excludes[x]].name},
                NULL);
    return tx_ok(tx);
}

/* Makes, seals and commits to a scheme's seed. The seed itself is wiped before this returns. */
static bool
make_seed(struct tx *tx, struct session *session, const struct protocol_origin *origin,
    const char *scheme, int version, struct digest document)
{
    struct error error = ERROR_CLEAR;
    struct arena *arena = tx_arena(tx);
    const struct seal_key *key = session_master_key(session, &error);
    if (key == NULL)
        return tx_fail(tx, error.code, "%s", error.detail);
    uint8_t seed[SEED_SIZE];
    bits_random(seed, sizeof seed);
    const char *label = allocate_label(arena, origin->trial, scheme);
    char hex[DIGEST_HEX_SIZE];
    char commitment_text[DIGEST_HEX_SIZE];
    struct digest commitment;
    commitment_hex_of(seed, label, digest_hex(document, hex), commitment_text);
    struct sql_scheme_seed_insert in = {
        .trial_id = origin->trial_id,
        .scheme = scheme,
        .version = version,
        .label = label,
        .commitment = {commitment.bytes, sizeof commitment.bytes},
        .key_id = seal_key_id(key),
    };
    bool ok = hex_decode(commitment_text, commitment.bytes, sizeof commitment.bytes);
    in.sealed.data = seal_lock(key, arena, seed, sizeof seed, &in.sealed.size);
    sodium_memzero(seed, sizeof seed);
    assert(ok); /* what we wrote as hex */
    return sql_scheme_seed_insert(tx, &in, NULL);
}

static bool
put_arms(struct tx *tx, struct uuid trial_id, const struct protocol *protocol,
    const struct protocol_scheme *scheme)
{
    sql_scheme_arm_clear(
        tx, &(struct sql_scheme_arm_clear){.trial_id = trial_id, .scheme = scheme->name}, NULL);
    for (size_t arm = 0; arm < protocol->arm_count; arm++)
        if (scheme->ratio[arm] > 0)
            sql_scheme_arm_put(tx,
                &(struct sql_scheme_arm_put){
                    .trial_id = trial_id, .scheme = scheme->name, .arm = protocol->arms[arm].id},
                NULL);
    return tx_ok(tx);
}

static bool
put_schemes(struct tx *tx, struct session *session, const struct protocol_origin *origin,
    const struct protocol *protocol, int version, struct digest document)
{
    struct sql_scheme_list_rows before;
    if (!sql_scheme_list(tx, &(struct sql_scheme_list){.trial_id = origin->trial_id}, &before))
        return false;
    for (size_t i = 0; i < before.count; i++)
        if (protocol_scheme_by_name(protocol, before.rows[i].scheme) == NULL)
            sql_scheme_retire(tx,
                &(struct sql_scheme_retire){
                    .trial_id = origin->trial_id, .scheme = before.rows[i].scheme},
                NULL);
    for (size_t i = 0; i < protocol->scheme_count; i++) {
        const struct protocol_scheme *scheme = &protocol->schemes[i];
        if (protocol_keeps_seed(&before, scheme->name))
            continue;
        if (!make_seed(tx, session, origin, scheme->name, version, document))
            return false;
        sql_scheme_put(tx,
            &(struct sql_scheme_put){.trial_id = origin->trial_id,
                .scheme = scheme->name,
                .phase = protocol->phases[scheme->phase].name,
                .unit = protocol_unit_name(scheme->unit),
                .seed_version = version},
            NULL);
        if (!put_arms(tx, origin->trial_id, protocol, scheme))
            return false;
    }
    return tx_ok(tx);
}

static bool
lock_row(struct tx *tx, const struct protocol_origin *origin, int version,
    const struct protocol *protocol)
{
    int64_t locked;
    if (!sql_protocol_lock(tx,
            &(struct sql_protocol_lock){.trial_id = origin->trial_id,
                .version = version,
                .locked_by = origin->account_id,
                .signatures = signatures_of(tx, protocol)},
            &locked))
        return false;
    return locked == 1 || tx_fail(tx, ERROR_STALE,
                              "What the draft wants signed is not what was stored with it; submit "
                              "the draft again, and then lock it");
}

bool
protocol_lock_version(struct tx *tx, struct session *session, const struct protocol_origin *origin,
    int version, const char *sha256, struct faults *faults)
{
    struct sql_protocol_get_row row;
    char hex[DIGEST_HEX_SIZE];
    bool found;
    if (!sql_trial_lock(tx, &(struct sql_trial_lock){.trial_id = origin->trial_id}, NULL) ||
        !sql_protocol_get(tx,
            &(struct sql_protocol_get){.trial_id = origin->trial_id, .version = version}, &row,
            &found))
        return false;
    if (!found)
        return tx_fail(tx, ERROR_NOT_FOUND, "There is no version %d of the protocol", version);
    if (!text_equal(row.state, "draft"))
        return tx_fail(tx, ERROR_CONFLICT, "Version %d is locked already", version);
    struct digest document = digest_sha256(row.document, strlen(row.document));
    if (sha256 != NULL && strcasecmp(sha256, digest_hex(document, hex)) != 0)
        return tx_fail(tx, ERROR_STALE,
            "Somebody has submitted another draft since; look at it, and then lock it");
    const struct protocol *protocol = read_document(tx, session, origin, row.document, faults);
    if (protocol == NULL)
        return false;
    protocol_check_runnable(protocol, faults);
    if (faults->total > 0)
        return faulty(tx, faults);
    if (!lock_row(tx, origin, version, protocol))
        return false;
    sql_trial_open(tx,
        &(struct sql_trial_open){.trial_id = origin->trial_id,
            .title = protocol_text_in(&protocol->title, "en"),
            .time_zone = protocol->time_zone},
        NULL);
    return calendar_store(tx, origin->trial_id, version, protocol) &&
           consent_rule_store(tx, origin->trial_id, version, protocol) &&
           put_phases(tx, origin->trial_id, protocol) &&
           put_schemes(tx, session, origin, protocol, version, document);
}
