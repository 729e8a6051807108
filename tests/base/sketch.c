/* sketch.c - quantiles within their error, merging, the edges of the buckets. */
#include "base/sketch.h"

#include <stdlib.h>

#include "test.h"

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static int number_cmp(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Every bucket's middle lies in it, and buckets follow one another without a gap. */
static void test_buckets(void **state)
{
    (void)state;
    for (uint32_t b = 0; b < SKETCH_BUCKETS; b++)
        assert_int_equal(sketch_bucket(sketch_value(b)), b);
    for (unsigned shift = 0; shift < 64; shift++) {
        uint64_t v = UINT64_C(1) << shift;
        assert_int_equal(sketch_bucket(v), sketch_bucket(v - 1) + 1);
    }
    assert_int_equal(sketch_bucket(UINT64_MAX), SKETCH_BUCKETS - 1);
}

static void test_quantiles(void **state)
{
    enum { COUNT = 20000 };
    static uint64_t numbers[COUNT];
    static const double wanted[] = {0, 0.01, 0.5, 0.75, 0.9, 0.99, 0.999, 1};
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (uint64_t seed = 1; seed < 20; seed++) {
        struct sketch all, halves[2];
        uint64_t random = seed * 0x9e3779b97f4a7c15u;
        unsigned bits = 1 + (unsigned)seed * 3;
        arena_reset(&arena);
        sketch_init(&all, &arena);
        sketch_init(&halves[0], &arena);
        sketch_init(&halves[1], &arena);
        for (int i = 0; i < COUNT; i++) {
            numbers[i] = next_random(&random) >> (64 - bits) >> (next_random(&random) % bits);
            assert_true(sketch_add(&all, numbers[i]));
            assert_true(sketch_add(&halves[i % 2], numbers[i]));
        }
        assert_true(sketch_merge(&halves[0], &halves[1]));
        qsort(numbers, COUNT, sizeof *numbers, number_cmp);
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
            uint64_t rank = (uint64_t)(wanted[i] * COUNT + 0.999999), exact, got;
            exact = numbers[rank ? rank - 1 : 0];
            got = sketch_quantile(&all, wanted[i]);
            assert_int_equal(sketch_quantile(&halves[0], wanted[i]), got);
            assert_true((got > exact ? got - exact : exact - got) <= exact / 125 + 1);
        }
    }
    arena_release(&arena);
}

static void test_empty_and_full(void **state)
{
    struct arena arena;
    struct sketch s, other;
    (void)state;
    arena_init(&arena, 1);
    sketch_init(&s, &arena);
    sketch_init(&other, &arena);
    assert_int_equal(sketch_quantile(&s, 0.5), 0);
    assert_true(sketch_merge(&s, &other));
    assert_false(sketch_add(&s, 7)); /* no room */
    assert_int_equal(s.total, 0);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buckets),
        cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_empty_and_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
