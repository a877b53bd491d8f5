/*
 * test_generator.c: the words of simulations are those of the published generators, so that a seed
 * means the same to everybody.
 */
#include "trial/operating/generator.h"

#include "../check_main.h"
#include "base/compiler.h"

/* From the authors' reference code, by way of the vectors of Rust's rand_xoshiro. */
START_TEST(words_are_those_of_the_reference_code)
{
    static const uint64_t wanted[] = {41943041, 58720359, 3588806011781223, 3591011842654386,
        9228616714210784205U, 9973669472204895162U, 14011001112246962877U, 12406186145184390807U,
        15849039046786891736U, 10450023813501588000U};
    struct generator generator = {{1, 2, 3, 4}};
    struct generator streamed = generator;
    struct stream stream;
    generator_open(&streamed, &stream);
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        ck_assert_uint_eq(generator_word(&generator), wanted[i]);
        ck_assert_uint_eq(stream_word(&stream), wanted[i]);
    }
}
END_TEST

START_TEST(a_seed_is_spread_by_splitmix64)
{
    struct generator generator;
    generator_seed(&generator, 1234567);
    ck_assert_uint_eq(generator.state[0], 6457827717110365317U);
    ck_assert_uint_eq(generator.state[1], 3203168211198807973U);
    ck_assert_uint_eq(generator.state[2], 9817491932198370423U);
    ck_assert_uint_eq(generator.state[3], 4593380528125082431U);
}
END_TEST

/* A jump is linear over bits: it moves the sum of two states to the sum of their jumps; and it
 * commutes with a step. */
START_TEST(a_jump_goes_on_in_the_same_sequence)
{
    struct generator jumped_first;
    generator_seed(&jumped_first, 7);
    struct generator stepped_first = jumped_first;
    generator_jump(&jumped_first);
    generator_word(&jumped_first);
    generator_word(&stepped_first);
    generator_jump(&stepped_first);
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(jumped_first.state[i], stepped_first.state[i]);
    struct generator unmoved;
    generator_seed(&unmoved, 7);
    ck_assert_uint_ne(generator_word(&unmoved), generator_word(&stepped_first));
}
END_TEST

static Suite *
generator_suite(void)
{
    Suite *suite = suite_create("generator");
    TCase *group = tcase_create("words");
    tcase_add_test(group, words_are_those_of_the_reference_code);
    tcase_add_test(group, a_seed_is_spread_by_splitmix64);
    tcase_add_test(group, a_jump_goes_on_in_the_same_sequence);
    suite_add_tcase(suite, group);
    return suite;
}

TEST_MAIN(generator_suite)
