/*
 * test_audit_chain.c: what the database's trigger hashes and what trial/chain.c computes are the
 * same bytes, for every kind of text: else an untouched trail would be called damaged.
 */
#include "store_case.h"

#include "trial/proof/chain.h"

/* Texts that a careless canonical form gets wrong. */
static const char *const awkward[] = {
    "plain",
    "",
    "-,",
    "3:abc,",
    "two\nlines\tand a tab",
    "\"quotes\" and \\ backslashes",
    "Åsa Ängström, Örebro",
    "\xf0\x9f\xa7\xaa e\xcc\x81",
};

static bool
add_account(struct tx *tx, void *data)
{
    const char *text = data;
    struct sql_account_insert in = {.account_id = uuid_new(),
        .name = "somebody",
        .display = text[0] == '\0' ? "x" : text,
        .organisation = text};
    struct tx_context context = *tx_context(tx);
    context.organisation = text;
    context.reason = text;
    return tx_act_as(tx, &context) && sql_account_insert(tx, &in, NULL);
}

static bool
read_trail(struct tx *tx, void *data)
{
    struct sql_audit_list in = {.after_stream = "", .most = 1000};
    return sql_audit_list(tx, &in, data);
}

static struct chain_row
row_of(const struct sql_audit_list_row *row)
{
    static char trial_id[UUID_TEXT_SIZE];
    return (struct chain_row){.trial_id = uuid_text(row->trial_id, trial_id),
        .stream = row->stream,
        .sequence = row->sequence,
        .at = row->at,
        .actor = row->actor,
        .actor_role = row->actor_role,
        .organisation = row->organisation,
        .action = row->action,
        .object_kind = row->object_kind,
        .object_id = row->object_id,
        .old_value = row->old,
        .new_value = row->new,
        .reason = row->reason,
        .request_id = row->request_id};
}

static struct sql_audit_list_rows
trail_of(const char *text)
{
    struct sql_audit_list_rows rows;
    char copy[128];
    snprintf(copy, sizeof copy, "%s", text);
    ck_assert_int_eq(case_run(DB_ROLE_BLINDED, add_account, copy).code, ERROR_NONE);
    case_sql("UPDATE rctd.account SET display = display || '!', disabled_at = now();"
             "UPDATE rctd.account SET disabled_at = NULL");
    ck_assert_int_eq(case_run(DB_ROLE_APP, read_trail, &rows).code, ERROR_NONE);
    ck_assert_uint_eq(rows.count, 3);
    return rows;
}

START_TEST(test_an_untouched_trail_is_called_whole_whatever_stands_in_it)
{
    struct sql_audit_list_rows rows = trail_of(awkward[_i]);
    struct digest previous = {{0}};
    for (size_t i = 0; i < rows.count; i++) {
        struct chain_row row = row_of(&rows.rows[i]);
        struct digest hash = chain_hash(previous, &row);
        ck_assert_mem_eq(rows.rows[i].previous.data, previous.bytes, DIGEST_SIZE);
        ck_assert_mem_eq(rows.rows[i].hash.data, hash.bytes, DIGEST_SIZE);
        previous = hash;
    }
}
END_TEST

START_TEST(test_a_value_that_is_absent_is_not_an_empty_one)
{
    struct sql_audit_list_rows rows = trail_of("");
    ck_assert_ptr_null(rows.rows[0].old);
    ck_assert_ptr_null(rows.rows[0].reason);
    ck_assert_str_eq(rows.rows[0].organisation, "");
    struct chain_row row = row_of(&rows.rows[0]);
    row.reason = "";
    struct digest hash = chain_hash((struct digest){{0}}, &row);
    ck_assert_mem_ne(rows.rows[0].hash.data, hash.bytes, DIGEST_SIZE);
}
END_TEST

START_TEST(test_one_changed_letter_is_found_by_the_program_that_the_auditor_runs)
{
    struct sql_audit_list_rows rows = trail_of("plain");
    case_sql("SET session_replication_role = replica;"
             "UPDATE rctd.audit SET new = replace(new, 'plain', 'plane') WHERE sequence = 1");
    ck_assert_int_eq(case_run(DB_ROLE_APP, read_trail, &rows).code, ERROR_NONE);
    struct chain_walk *walk = chain_walk_new(arena);
    const struct chain_finding *findings;
    for (size_t i = 0; i < rows.count; i++) {
        struct digest stored;
        memcpy(stored.bytes, rows.rows[i].hash.data, DIGEST_SIZE);
        struct chain_row row = row_of(&rows.rows[i]);
        chain_walk_row(walk, &row, stored);
    }
    ck_assert_uint_eq(chain_walk_end(walk, &findings), 1);
    ck_assert_int_eq(findings[0].fault, CHAIN_CHANGED);
    ck_assert_int_eq(findings[0].sequence, 1);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("audit chain");
    TCase *all = tcase_create("audit chain");
    tcase_set_timeout(all, 60);
    tcase_add_checked_fixture(all, case_open, case_close);
    tcase_add_loop_test(all, test_an_untouched_trail_is_called_whole_whatever_stands_in_it, 0,
        (int)COUNT_OF(awkward));
    tcase_add_test(all, test_a_value_that_is_absent_is_not_an_empty_one);
    tcase_add_test(all, test_one_changed_letter_is_found_by_the_program_that_the_auditor_runs);
    suite_add_tcase(suite, all);
    return suite;
}

int
main(void)
{
    return case_main(make_suite());
}
