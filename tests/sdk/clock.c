/* The clock of spans: one scale with the system's before and after the counter takes over, never back, and no counter that
 * has gone wrong. Where the system does not run on the counter, the first test is of the system's clock alone. */
#include "base/clock.h"
#include "sdk/span_clock.h"
#include "test.h"

enum { OFF_NS = 1000000, MEASURE_NS = 400000000 };

/* The span clock's time, which lies between two reads of the system's. */
static uint64_t checked_now(void)
{
    uint64_t before = clock_monotonic_ns(), now = span_clock_now(), after = clock_monotonic_ns();
    assert_in_range(now, before - OFF_NS, after + OFF_NS);
    return now;
}

static void test_one_scale(void **state)
{
    uint64_t first, last, now;
    (void)state;
    span_clock_init();
    first = last = checked_now();
    while (last - first < MEASURE_NS) { /* the counter takes over in here */
        now = checked_now();
        assert_true(now >= last);
        last = now;
        span_clock_offset(&now);
        assert_true(now >= last);
    }
}

static void test_real_time(void **state)
{
    uint64_t before = clock_realtime_ns(), now = span_clock_now(), real;
    (void)state;
    real = now + (uint64_t)span_clock_offset(&now);
    assert_in_range(real, before - OFF_NS, clock_realtime_ns() + OFF_NS);
}

static void test_wrong_counter(void **state)
{
    uint64_t now, rate = atomic_load(&span_clock.rate);
    (void)state;
    if (rate == 0)
        skip();
    atomic_store(&span_clock.rate, rate + rate / 100); /* of 0.4 s it makes 4 ms too much */
    while (atomic_load(&span_clock.rate)) /* a look that was disturbed decides nothing */
        span_clock_look(&now);
    assert_in_range(now, 1, clock_monotonic_ns());
    checked_now();
    for (int i = 0; i < 3; i++) /* it is not tried again */
        span_clock_look(&now);
    assert_int_equal(atomic_load(&span_clock.rate), 0);
}

static void test_looks_when_time_jumps(void **state)
{
    uint64_t now = span_clock_now(), far[] = {now + (uint64_t)3600 * 1000000000, now - 1, 0};
    (void)state;
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        atomic_store(&span_clock.next_look_ns, far[i]);
        atomic_store(&span_clock.offset_ns, 1);
        assert_int_not_equal(span_clock_offset(&now), 1);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_scale),
        cmocka_unit_test(test_real_time),
        cmocka_unit_test(test_wrong_counter),
        cmocka_unit_test(test_looks_when_time_jumps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
