/*
 * protocol_check.c: what is asked of a protocol beyond its grammar before it becomes a draft or is
 * locked, and the look ahead at a lock, which changes nothing.
 */
#include "store/conduct/protocol_check.h"

#include "base/text.h"
#include "trial/design/design.h"

#include <string.h>

const struct protocol *
protocol_read_new(struct tx *tx, const char *document, struct faults *faults)
{
    struct sql_time_zone_list_rows rows;
    if (!sql_time_zone_list(tx, &rows))
        return NULL;
    const char **names = arena_array(tx_arena(tx), rows.count, sizeof *names);
    for (size_t i = 0; i < rows.count; i++)
        names[i] = rows.rows[i].name;
    const struct protocol_zones zones = {names, rows.count};
    return protocol_parse_new(tx_arena(tx), document, strlen(document), &zones, faults);
}

/* May the document follow the version in force? Schemes that were used must stay as they are. */
static bool
check_amendment(struct tx *tx, struct session *session, const struct protocol_origin *origin,
    const struct protocol *amended, struct faults *faults)
{
    struct sql_protocol_locked_version_row locked;
    struct sql_scheme_list_rows schemes;
    bool found;
    if (!sql_protocol_locked_version(tx,
            &(struct sql_protocol_locked_version){.trial_id = origin->trial_id}, &locked, &found))
        return false;
    if (!found)
        return true;
    const struct protocol *before = session_protocol(session, tx, origin->trial_id, locked.version);
    if (before == NULL ||
        !sql_scheme_list(tx, &(struct sql_scheme_list){.trial_id = origin->trial_id}, &schemes))
        return false;
    const char **used = arena_array(tx_arena(tx), schemes.count, sizeof *used);
    size_t count = 0;
    for (size_t i = 0; i < schemes.count; i++)
        if (schemes.rows[i].used)
            used[count++] = schemes.rows[i].scheme;
    return protocol_amendment_check(before, amended, used, count, faults) || faults->total > 0;
}

bool
protocol_check_here(struct tx *tx, struct session *session, const struct protocol_origin *origin,
    const struct protocol *protocol, struct faults *faults)
{
    if (!text_equal(protocol->trial, origin->trial))
        faults_add(faults, "trial", 0, 0,
            arena_printf(tx_arena(tx), "write trial: %s", origin->trial),
            "the protocol is of the trial %s", protocol->trial);
    return check_amendment(tx, session, origin, protocol, faults);
}

void
protocol_check_runnable(const struct protocol *protocol, struct faults *faults)
{
    for (size_t i = 0; i < protocol->scheme_count; i++) {
        const struct protocol_scheme *scheme = &protocol->schemes[i];
        const struct design *design;
        struct error error = ERROR_CLEAR;
        const char *pointer = arena_printf(faults->arena, "phases.%s", scheme->name);
        if (!design_check(scheme, &design, &error))
            faults_add(faults, pointer, scheme->line, scheme->column, NULL, "%s", error.detail);
    }
}

bool
protocol_keeps_seed(const struct sql_scheme_list_rows *before, const char *scheme)
{
    for (size_t i = 0; i < before->count; i++)
        if (text_equal(before->rows[i].scheme, scheme))
            return before->rows[i].used || before->rows[i].closed_at.set ||
                   before->rows[i].approvals > 0;
    return false;
}

/* What stands in the way of a lock besides the document itself. */
static void
check_lockable(const struct session *session, const struct protocol_preview *preview, int version,
    struct faults *faults)
{
    struct error error = ERROR_CLEAR;
    if (!text_equal(preview->state, "draft"))
        faults_add(faults, "state", 0, 0, "submit an amendment, and look at that",
            "version %d is locked already", version);
    if (session_master_key(session, &error) == NULL)
        faults_add(faults, "", 0, 0, NULL, "%s", error.detail);
}

bool
protocol_preview(struct tx *tx, struct session *session, const struct protocol_origin *origin,
    int version, struct faults *faults, struct protocol_preview *out)
{
    struct sql_protocol_get_row row;
    struct sql_scheme_list_rows before;
    bool found;
    if (!sql_protocol_get(tx,
            &(struct sql_protocol_get){.trial_id = origin->trial_id, .version = version}, &row,
            &found))
        return false;
    if (!found)
        return tx_fail(tx, ERROR_NOT_FOUND, "There is no version %d of the protocol", version);
    *out = (struct protocol_preview){.state = row.state, .sha256 = row.sha256};
    check_lockable(session, out, version, faults);
    bool draft = text_equal(row.state, "draft");
    out->protocol = draft
                        ? protocol_read_new(tx, row.document, faults)
                        : protocol_parse(tx_arena(tx), row.document, strlen(row.document), faults);
    if (out->protocol == NULL)
        return tx_ok(tx);
    protocol_check_runnable(out->protocol, faults);
    if (draft && !protocol_check_here(tx, session, origin, out->protocol, faults))
        return false;
    if (!sql_scheme_list(tx, &(struct sql_scheme_list){.trial_id = origin->trial_id}, &before))
        return false;
    out->keeps_seed =
        arena_array(tx_arena(tx), out->protocol->scheme_count, sizeof *out->keeps_seed);
    for (size_t i = 0; i < out->protocol->scheme_count; i++)
        out->keeps_seed[i] = protocol_keeps_seed(&before, out->protocol->schemes[i].name);
    return true;
}
