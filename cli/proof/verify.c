/*
 * verify.c: holds an exported ledger against the revealed seed, without rctd and without a
 * database. The seed is held against its commitment first: of a wrong one nothing else is worth
 * saying. Each thread reads the whole file and computes its share of the strata and units.
 */
#include "trial/proof/verify.h"
#include "base/digest.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/offline.h"
#include "cli/progress.h"
#include "cli/proof/ledger_file.h"
#include "cli/proof/verify_report.h"
#include "trial/allocate.h"
#include "trial/commitment.h"
#include "trial/design/design.h"
#include "trial/proof/ledger.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define TELL_ROWS 4096 /* rows between two looks at the clock */

struct verification {
    struct session *session;
    struct ledger_file ledger;
    const char *published; /* commitment in hex that is known; NULL for none */
    json_t *listing;       /* what `scheme list --json' printed, or NULL */
    uint8_t seed[SEED_SIZE];
    bool seeded;
    char commitment[DIGEST_HEX_SIZE];
    struct verify_report report;
};

/* One thread's share. */
struct share {
    pthread_t thread;
    const struct verification *v;
    struct faults *faults; /* of the first share; NULL of the others, which meet the same ones */
    struct progress *progress;
    struct verify *verify;
};

static bool
read_protocol(struct verification *v, const char *path)
{
    size_t size;
    struct session *session = v->session;
    char hex[DIGEST_HEX_SIZE];
    const char *bytes = session_read_file(session, path, PROTOCOL_SIZE_MAX, &size);
    if (bytes == NULL)
        return false;
    v->report.protocol = protocol_parse(session->arena, bytes, size, &session->faults);
    v->report.protocol_sha256 =
        arena_strdup(session->arena, digest_hex(digest_sha256(bytes, size), hex));
    return v->report.protocol != NULL ||
           error_set(&session->error, ERROR_FIELDS, path, "the protocol %s has faults", path);
}

static bool
bad_commitment(struct verification *v)
{
    return error_set(&v->session->error, ERROR_FIELDS, "--commitment",
        "the commitment is none: give its 64 hex digits, or @FILE with them or with what "
        "`rctctl scheme list TRIAL --json' printed");
}

static bool
read_commitment(struct verification *v, const char *given)
{
    struct session *session = v->session;
    uint8_t bytes[DIGEST_SIZE];
    size_t size;
    if (given == NULL)
        return true;
    const char *text =
        given[0] == '@' ? session_read_file(session, given + 1, 1 << 20, &size) : given;
    if (text == NULL)
        return false;
    text = text_trim(session->arena, text);
    if (hex_decode(text, bytes, sizeof bytes)) {
        v->published = hex_encode(session->arena, bytes, sizeof bytes);
        return true;
    }
    v->listing = session_keep(session, json_loads(text, 0, NULL));
    json_t *items = json_object_get(v->listing, "items");
    v->listing = items == NULL ? v->listing : items;
    return json_is_array(v->listing) || bad_commitment(v);
}

static const char *
commitment_of(const struct verification *v, const char *scheme, char out[DIGEST_HEX_SIZE])
{
    const char *label = allocate_label(v->session->arena, v->report.protocol->trial, scheme);
    return commitment_hex_of(v->seed, label, v->report.protocol_sha256, out);
}

/* What the listing has of a scheme, or NULL. */
static json_t *
listed_scheme(const struct verification *v, const char *scheme)
{
    size_t index;
    json_t *item;
    json_array_foreach(v->listing, index, item)
    {
        if (text_equal(session_field(item, "scheme"), scheme))
            return item;
    }
    return NULL;
}

static const char *
listed(const struct verification *v, const char *scheme)
{
    return session_field(listed_scheme(v, scheme), "commitment");
}

/* A ledger that ends early shows no gap: how many rows it should have at least is said elsewhere.
 */
static void
note_published(struct verification *v)
{
    json_t *count = json_object_get(listed_scheme(v, v->report.scheme->name), "allocations");
    v->report.published = json_is_integer(count) ? json_integer_value(count) : -1;
}

/* The scheme whose published commitment the seed fulfils; NULL where none is known to. */
static const struct protocol_scheme *
scheme_of_seed(const struct verification *v)
{
    char hex[DIGEST_HEX_SIZE];
    const struct protocol *protocol = v->report.protocol;
    for (size_t i = 0; v->seeded && i < protocol->scheme_count; i++) {
        const char *name = protocol->schemes[i].name;
        const char *published = v->listing == NULL ? v->published : listed(v, name);
        if (published != NULL && text_equal(commitment_of(v, name, hex), published))
            return &protocol->schemes[i];
    }
    return NULL;
}

/* The ledger's first scheme that is randomised, or its first one; NULL of an empty ledger. */
static const char *
first_scheme(struct verification *v)
{
    struct ledger_reader reader;
    struct ledger_row row;
    const char *first = NULL;
    bool random = false;
    bool open = ledger_open(&reader, v->ledger.bytes, v->ledger.size, NULL);
    while (!random && open && ledger_next(&reader, &row)) {
        random = !ledger_cell_is(row.cells[LEDGER_METHOD], protocol_method_name(METHOD_NONRANDOM));
        if (random || first == NULL)
            first = ledger_cell_text(v->session->arena, row.cells[LEDGER_SCHEME]);
    }
    ledger_close(&reader);
    return first;
}

static bool
choose_scheme(struct verification *v, const char *wanted)
{
    struct session *session = v->session;
    const struct protocol *protocol = v->report.protocol;
    v->report.scheme = wanted == NULL ? scheme_of_seed(v) : NULL;
    if (v->report.scheme != NULL)
        return true;
    const char *name = wanted == NULL ? first_scheme(v) : wanted;
    if (name == NULL && protocol->scheme_count == 1)
        name = protocol->schemes[0].name;
    if (name == NULL)
        return error_set(&session->error, ERROR_FIELDS, "--scheme",
            "the ledger is empty: say with --scheme whose seed this is");
    v->report.scheme = offline_scheme(session, protocol, name);
    return v->report.scheme != NULL;
}

/* A seed, protocol or label that is not the one that was committed to. */
static bool
refuse_seed(struct verification *v, const char *published)
{
    const struct protocol_scheme *other = scheme_of_seed(v);
    const char *scheme = v->report.scheme->name;
    if (other != NULL && other != v->report.scheme)
        return error_set(&v->session->error, ERROR_VERIFICATION, "--commitment",
            "This is the seed of scheme %s, not of %s", other->name, scheme);
    return error_set(&v->session->error, ERROR_VERIFICATION, "--commitment",
        "This is not the seed that was committed to for %s, or not the protocol as it was locked "
        "then: the commitment of these is %s, published was %s. The protocol's SHA-256 is %s; "
        "`rctctl protocol list' has that of each version. Nothing was compared",
        scheme, v->commitment, published, v->report.protocol_sha256);
}

static bool
check_commitment(struct verification *v)
{
    const char *scheme = v->report.scheme->name;
    if (v->report.scheme->method == METHOD_NONRANDOM)
        return true;
    if (!v->seeded)
        return error_set(&v->session->error, ERROR_FIELDS, "--seed",
            "scheme %s is randomised: its seed is needed, with --seed", scheme);
    v->report.commitment = commitment_of(v, scheme, v->commitment);
    const char *published = v->listing == NULL ? v->published : listed(v, scheme);
    v->report.committed = published != NULL;
    return published == NULL || text_equal(published, v->commitment) || refuse_seed(v, published);
}

static void *
run_share(void *argument)
{
    struct share *share = argument;
    const struct ledger_file *ledger = &share->v->ledger;
    struct ledger_reader reader;
    struct ledger_row row;
    size_t rows = 0;
    bool open = ledger_open(&reader, ledger->bytes, ledger->size, share->faults);
    while (open && ledger_next(&reader, &row)) {
        verify_row(share->verify, &row);
        if (share->progress != NULL && ++rows % TELL_ROWS == 0)
            progress_set(share->progress, (int64_t)reader.at, (int64_t)ledger->size);
    }
    ledger_close(&reader);
    verify_end(share->verify);
    return NULL;
}

/* Runs all shares, the first of them here, and puts the others' findings to its own. */
static bool
run_shares(struct verification *v, struct share *shares, unsigned count)
{
    unsigned started = 1;
    while (started < count &&
           pthread_create(&shares[started].thread, NULL, run_share, &shares[started]) == 0)
        started++;
    run_share(&shares[0]);
    for (unsigned i = 1; i < started; i++) {
        pthread_join(shares[i].thread, NULL);
        verify_merge(shares[0].verify, shares[i].verify);
    }
    return started == count || error_set(&v->session->error, ERROR_SYSTEM, "thread",
                                   "The system gives no more threads");
}

static int
verify_ledger(struct verification *v)
{
    struct session *session = v->session;
    unsigned count = ledger_file_threads();
    struct share *shares = arena_array(session->arena, count, sizeof *shares);
    struct progress progress;
    bool ok = true;
    note_published(v);
    for (unsigned i = 0; ok && i < count; i++) {
        shares[i] = (struct share){.v = v,
            .faults = i == 0 ? &session->faults : NULL,
            .progress = i == 0 ? &progress : NULL};
        shares[i].verify = verify_new(&(struct verify_plan){.protocol = v->report.protocol,
                                          .scheme = v->report.scheme,
                                          .seed = v->seed,
                                          .part = i,
                                          .parts = count},
            &session->error);
        ok = shares[i].verify != NULL;
    }
    progress_start(&progress, "Verifying the ledger");
    ok = ok && run_shares(v, shares, count);
    progress_end(&progress);
    if (ok)
        v->report.result = verify_result(shares[0].verify);
    int status = ok ? verify_report(session, &v->report) : session_fail(session);
    for (unsigned i = 0; i < count; i++)
        verify_free(shares[i].verify);
    return status;
}

/* A file that is no ledger is told before anything else. */
static bool
check_ledger(struct verification *v)
{
    struct ledger_reader reader;
    bool ok = ledger_open(&reader, v->ledger.bytes, v->ledger.size, &v->session->faults);
    ledger_close(&reader);
    return ok || error_set(&v->session->error, ERROR_FIELDS, v->report.file, "%s is no ledger",
                     v->report.file);
}

static bool
read_all(struct verification *v, const struct invocation *in)
{
    struct session *session = v->session;
    const char *seed = invocation_option(in, "seed");
    if (!read_protocol(v, invocation_option(in, "protocol")) ||
        !read_commitment(v, invocation_option(in, "commitment")))
        return false;
    v->seeded = seed != NULL;
    if (v->seeded && !offline_seed(session, seed, v->seed))
        return false;
    return ledger_file_open(session, v->report.file, &v->ledger) && check_ledger(v) &&
           choose_scheme(v, invocation_option(in, "scheme")) && check_commitment(v);
}

static int
run_verify(struct session *session, const struct invocation *in)
{
    struct verification v = {.session = session, .report.file = invocation_option(in, "ledger")};
    int status = read_all(&v, in) ? verify_ledger(&v) : offline_fail(session);
    sodium_memzero(v.seed, sizeof v.seed);
    ledger_file_close(&v.ledger);
    return status;
}

static const struct option_row options[] = {
    {.name = "seed",
        .value = "HEX|@FILE",
        .meaning = "the revealed seed: 64 hex digits, or a file that holds them"},
    {.name = "protocol",
        .value = "FILE",
        .meaning = "the protocol, byte for byte as it was locked",
        .flags = OPTION_REQUIRED},
    {.name = "ledger",
        .value = "FILE",
        .meaning = "what `rctctl ledger export' wrote",
        .flags = OPTION_REQUIRED},
    {.name = "scheme", .value = "NAME", .meaning = "the scheme whose seed this is"},
    {.name = "commitment",
        .value = "HEX|@FILE",
        .meaning = "what was published: hex digits, or what `scheme list --json' printed"},
    {0},
};

const struct command verify_commands[] = {
    {.group = "verify",
        .arguments = "",
        .meaning = "Verify an exported ledger against its seed",
        .details =
            "Computes every allocation again from the revealed seed, without rctd and without\n"
            "a database: positions without a gap, no unit twice, each arm, and what each was\n"
            "decided on. Names the first position that differs and ends with 8. With\n"
            "--commitment a wrong seed or protocol is told before anything is compared. Where\n"
            "the ledger has several schemes, --scheme says whose seed it is. rctd-ledger(5)\n"
            "describes the file.\n",
        .example = "rctctl verify --seed @seed.hex --protocol work-together.yaml "
                   "--ledger ledger.csv --scheme rct",
        .options = options,
        .run = run_verify,
        .offline = true},
    {0},
};
