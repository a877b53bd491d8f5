/*
 * test_statements.c: walks the table of sql/query on a freshly migrated database: each statement is
 * prepared there, and what PostgreSQL says of it is compared with what its header declares.
 */
#include "db/statement.h"

#include "db/statement_run.h"
#include "tests/unit/check_main.h"
#include "tests/unit/db/private_cluster.h"

static struct private_cluster cluster;

static void
compare_parameters(const struct sql_statement *row, const PGresult *described)
{
    ck_assert_msg((size_t)PQnparams(described) == row->parameter_count,
        "%s %s: the database sees %d parameters, %zu are declared", row->source, row->name,
        PQnparams(described), row->parameter_count);
    for (int i = 0; i < (int)row->parameter_count; i++)
        ck_assert_msg(PQparamtype(described, i) == sql_type_oid(row->parameters[i].type),
            "%s %s: parameter %s is declared %s, the database sees type %u", row->source, row->name,
            row->parameters[i].name, sql_type_name(row->parameters[i].type),
            PQparamtype(described, i));
}

static void
compare_columns(const struct sql_statement *row, const PGresult *described)
{
    if (row->kind == SQL_KIND_EXEC)
        return;
    ck_assert_msg((size_t)PQnfields(described) == row->column_count,
        "%s %s: the database gives %d columns, %zu are declared", row->source, row->name,
        PQnfields(described), row->column_count);
    for (int i = 0; i < (int)row->column_count; i++) {
        const struct sql_field *column = &row->columns[i];
        ck_assert_msg(strcmp(PQfname(described, i), column->name) == 0,
            "%s %s: column %d is declared as %s, the database calls it %s", row->source, row->name,
            i + 1, column->name, PQfname(described, i));
        ck_assert_msg(PQftype(described, i) == sql_type_oid(column->type),
            "%s %s: column %s is declared %s, the database gives type %u", row->source, row->name,
            column->name, sql_type_name(column->type), PQftype(described, i));
    }
}

static void
check_statement(PGconn *connection, const struct sql_statement *row)
{
    Oid types[64];
    ck_assert_uint_le(row->parameter_count, COUNT_OF(types));
    for (size_t i = 0; i < row->parameter_count; i++)
        types[i] = sql_type_oid(row->parameters[i].type);
    PGresult *prepared =
        PQprepare(connection, row->name, row->text, (int)row->parameter_count, types);
    ck_assert_msg(PQresultStatus(prepared) == PGRES_COMMAND_OK, "%s %s: %s", row->source, row->name,
        PQerrorMessage(connection));
    PQclear(prepared);
    PGresult *described = PQdescribePrepared(connection, row->name);
    ck_assert_msg(PQresultStatus(described) == PGRES_COMMAND_OK, "%s %s: %s", row->source,
        row->name, PQerrorMessage(connection));
    compare_parameters(row, described);
    compare_columns(row, described);
    PQclear(described);
}

START_TEST(test_a_statement_that_does_not_fit_the_schema_is_found_before_a_user_runs_it)
{
    struct arena *arena = arena_new();
    PGconn *connection =
        PQconnectdb(private_cluster_conninfo(arena, &cluster, "statements", "rctd_owner"));
    ck_assert_msg(PQstatus(connection) == CONNECTION_OK, "%s", PQerrorMessage(connection));
    PQclear(PQexec(connection, "SET search_path = ''"));
    check_statement(connection, &sql_statements[_i]);
    PQfinish(connection);
    arena_free(arena);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("statements");
    TCase *all = tcase_create("each statement");
    tcase_set_timeout(all, 60);
    tcase_add_loop_test(all,
        test_a_statement_that_does_not_fit_the_schema_is_found_before_a_user_runs_it, 0,
        (int)sql_statement_count);
    suite_add_tcase(suite, all);
    return suite;
}

int
main(void)
{
    bits_start();
    struct arena *arena = arena_new();
    cluster = private_cluster_start(NULL);
    private_cluster_migrated(arena, &cluster, "statements");
    SRunner *runner = srunner_create(make_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    private_cluster_stop(&cluster);
    arena_free(arena);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
