/*
 * test_role.c: roles know no more than they may, and states change only as the table says.
 */
#include "trial/role.h"
#include "trial/state.h"

#include "tests/unit/check_main.h"

START_TEST(test_only_three_roles_may_know_arms)
{
    for (int role = 0; role < ROLE_COUNT; role++) {
        bool knows = role == ROLE_COORDINATOR || role == ROLE_STATISTICIAN || role == ROLE_AUDITOR;
        ck_assert_int_eq(role_sight((enum role)role) == SIGHT_ARMS, knows);
        ck_assert_int_eq(role_by_name(role_name((enum role)role)), role);
    }
    ck_assert_int_eq(role_by_name("nobody"), ROLE_COUNT);
}
END_TEST

START_TEST(test_an_administrator_has_no_role_on_a_trial)
{
    ck_assert(role_of_instance(ROLE_ADMINISTRATOR));
    ck_assert(!role_of_trial(ROLE_ADMINISTRATOR));
    ck_assert(!role_of_instance(ROLE_COORDINATOR));
    ck_assert(role_of_trial(ROLE_COORDINATOR));
}
END_TEST

START_TEST(test_nothing_goes_back)
{
    ck_assert(state_may_follow(MACHINE_UNIT, "registered", "allocated"));
    ck_assert(!state_may_follow(MACHINE_UNIT, "allocated", "registered"));
    ck_assert(!state_may_follow(MACHINE_UNIT, "withdrawn", "allocated"));
    ck_assert(!state_may_follow(MACHINE_PHASE, "closed", "open"));
    ck_assert(!state_may_follow(MACHINE_PHASE, "planned", "closed"));
    ck_assert(!state_may_follow("nothing", "planned", "open"));
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("role");
    TCase *all = tcase_create("role");
    tcase_add_test(all, test_only_three_roles_may_know_arms);
    tcase_add_test(all, test_an_administrator_has_no_role_on_a_trial);
    tcase_add_test(all, test_nothing_goes_back);
    suite_add_tcase(suite, all);
    return suite;
}

TEST_MAIN(make_suite)
