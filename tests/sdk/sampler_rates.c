/* Rates and span names: the limiter with a clock of the test's own, several threads, the table of names; names of samplers. */
#include <pthread.h>

#include "sampler_ask.h"

#include "base/clock.h"
#include "sdk/sampler.h"
#include "sdk/sampler_rate.h"

#define SAMPLE CAIRN_RECORD_AND_SAMPLE
#define S      UINT64_C(1000000000)

static unsigned take_all(struct rate_limiter *l, uint64_t now)
{
    unsigned n = 0;
    while (n < 100000 && rate_limiter_take(l, now))
        n++;
    return n;
}

static void test_limiter(void **state)
{
    static const struct {
        double rate;
        uint64_t at_ns;       /* after the start */
        unsigned first, then; /* at the start; at at_ns */
    } cases[] = {
        {0, 100 * S, 0, 0},        {-1, 100 * S, 0, 0},
        {1, S - 1, 1, 0},          {1, S, 1, 1},
        {1, 100 * S, 1, 1}, /* no more than a second's worth is saved up */
        {5, S / 5, 5, 1},          {5, S / 2, 5, 2},
        {5, 100 * S, 5, 5},        {2.5, S, 2, 2},
        {0.1, 10 * S - 1, 1, 0},   {0.1, 10 * S, 1, 1},
        {0.001, S, 1, 0},          {1e-300, 1000 * S, 1, 0},
        {1000, S / 10, 1000, 100}, {1e300, 0, 100000, 100000},
        {0.0 / 0.0, S, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct rate_limiter l;
        char name[64];
        snprintf(name, sizeof name, "%g a second", cases[i].rate);
        rate_limiter_init(&l, cases[i].rate, 5);
        CHECK(take_all(&l, 5) == cases[i].first, name);
        CHECK(take_all(&l, 5 + cases[i].at_ns) == cases[i].then, name);
        if (cases[i].rate < 1e100)
            CHECK(take_all(&l, 5) == 0, name); /* a clock that seems to go back */
    }
}

static void test_sampler(void **state)
{
    cairn_sampler *s = cairn_sampler_rate_limiting(0.0001), *none = cairn_sampler_rate_limiting(0);
    struct question q = {0, .state = "a=b"};
    struct answer a = ask_of(s, &q);
    (void)state;
    assert_int_equal(a.decision, SAMPLE);
    assert_string_equal(a.state, "a=b");
    for (int i = 0; i < 100; i++)
        assert_int_equal(ask_of(s, &q).decision, CAIRN_DROP);
    assert_int_equal(ask_of(none, &q).decision, CAIRN_DROP);
    assert_string_equal(cairn_sampler_description(s), "RateLimitingSampler{0.0001}");
    cairn_sampler_unref(none);
    cairn_sampler_unref(s);
}

/* ---- Threads ---- */

enum { THREADS = 4, TAKES = 20000 };

struct work {
    cairn_sampler *s;
    unsigned sampled;
};

static void *take_many(void *arg)
{
    struct work *w = arg;
    for (int i = 0; i < TAKES; i++) {
        char name[16];
        struct question q = {.low = UINT64_MAX};
        snprintf(name, sizeof name, "op %d", i % 50);
        q.name = name;
        w->sampled += ask_of(w->s, &q).decision == SAMPLE;
    }
    return NULL;
}

static unsigned together(cairn_sampler *s)
{
    pthread_t threads[THREADS];
    struct work works[THREADS];
    unsigned sum = 0;
    for (int i = 0; i < THREADS; i++) {
        works[i] = (struct work){s, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, take_many, &works[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        sum += works[i].sampled;
    }
    return sum;
}

/* What is there is given out once, whoever asks; one span an hour makes the time of the test not matter. */
static void test_threads(void **state)
{
    const struct cairn_per_operation_options o = {.size = sizeof o,
                                                  .lower_bound_per_second = 1.0 / 3600};
    cairn_sampler *rate = cairn_sampler_rate_limiting(1.0 / 3600);
    cairn_sampler *operations = cairn_sampler_per_operation(&o);
    (void)state;
    assert_int_equal(together(rate), 1);
    assert_int_equal(together(operations), 50); /* one of each name */
    cairn_sampler_unref(operations);
    cairn_sampler_unref(rate);
}

/* ---- Span names ---- */

static void check_type(const struct answer *a, const char *type, double param)
{
    assert_int_equal(a->attribute_count, 2);
    check_str(str_make(a->attributes[0].key.p, a->attributes[0].key.n), "sampler.type", "key");
    check_cairn_str(a->attributes[0].value.as.string, type, "type");
    check_str(str_make(a->attributes[1].key.p, a->attributes[1].key.n), "sampler.param", "key");
    assert_true(a->attributes[1].value.as.number == param);
}

static void test_operations(void **state)
{
    static const struct cairn_operation_ratio operations[] = {
        {{"always", 6}, 1}, {{"never", 5}, 0}, {{"half", 4}, 0.5}, {{"half", 4}, 1}, {{"", 0}, 1}};
    const struct cairn_per_operation_options o = {.size = sizeof o,
                                                  .default_ratio = 0.25,
                                                  .operations = operations,
                                                  .operation_count = COUNT(operations)};
    static const struct {
        const char *name;
        uint64_t low;
        int32_t want;
    } cases[] = {
        {"always", UINT64_MAX, SAMPLE},
        {"never", 0, CAIRN_DROP},
        {"half", 0x7fffffffffffffff, SAMPLE},
        {"half", 0x8000000000000000, CAIRN_DROP},
        {"", UINT64_MAX, SAMPLE},
        {"other", 0x3fffffffffffffff, SAMPLE},
        {"other", 0x4000000000000000, CAIRN_DROP},
    };
    cairn_sampler *s = cairn_sampler_per_operation(&o);
    struct question q = {0, .name = "half", .parent = true, .state = "a=b"};
    struct answer a;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct question each = {cases[i].low, .name = cases[i].name};
        CHECK(ask_of(s, &each).decision == cases[i].want, cases[i].name);
    }
    a = ask_of(s, &q);
    assert_string_equal(a.state, "a=b");
    assert_int_equal(a.attribute_count, 0); /* root spans only */
    q.parent = false;
    a = ask_of(s, &q);
    check_type(&a, "probabilistic", 0.5);
    assert_string_equal(cairn_sampler_description(s), "PerOperationSampler{0.25}");
    cairn_sampler_unref(s);
}

static void test_lower_bound(void **state)
{
    static const struct cairn_operation_ratio operations[] = {{{"all", 3}, 1}, {{"none", 4}, 0}};
    const struct cairn_per_operation_options o = {.size = sizeof o,
                                                  .lower_bound_per_second = 0.0001,
                                                  .operations = operations,
                                                  .operation_count = 2};
    cairn_sampler *s = cairn_sampler_per_operation(&o);
    struct question q = {UINT64_MAX, .name = "none"};
    struct answer a = ask_of(s, &q);
    (void)state;
    assert_int_equal(a.decision, SAMPLE);
    check_type(&a, "lowerbound", 0);
    assert_int_equal(ask_of(s, &q).decision, CAIRN_DROP);
    q.name = "new";
    assert_int_equal(ask_of(s, &q).decision, SAMPLE);
    assert_int_equal(ask_of(s, &q).decision, CAIRN_DROP);
    q.name = "all";
    a = ask_of(s, &q);
    check_type(&a, "probabilistic", 1);
    a = ask_of(s, &q);
    check_type(&a, "probabilistic", 1);
    cairn_sampler_unref(s);
}

/* The names beyond the maximum share the default and have no lower bound. */
static void test_many_operations(void **state)
{
    const struct cairn_per_operation_options o = {.size = sizeof o,
                                                  .lower_bound_per_second = 0.0001};
    cairn_sampler *s = cairn_sampler_per_operation(&o);
    unsigned sampled = 0;
    (void)state;
    listen_to_diagnostics();
    sampler_told = 0;
    for (int i = 0; i < 3000; i++) {
        char name[32];
        struct question q = {UINT64_MAX, .name = name};
        snprintf(name, sizeof name, "operation %d", i);
        sampled += ask_of(s, &q).decision == SAMPLE;
    }
    assert_int_equal(sampled, CAIRN_OPERATIONS_MAX);
    assert_int_equal(said_lines(), 1);
    cairn_set_diagnostics(NULL, NULL);
    cairn_sampler_unref(s);
}

/* ---- Names of samplers ---- */

static cairn_sampler *made(void *user, const struct cairn_sampler_args *args)
{
    *(struct cairn_sampler_args *)user = *args;
    return cairn_sampler_ratio(0.125);
}

static cairn_sampler *failing(void *user, const struct cairn_sampler_args *args)
{
    (void)user, (void)args;
    return NULL;
}

static void test_names(void **state)
{
    static struct cairn_sampler_args got;
    struct cairn_sampler_args args = {
        .size = sizeof args, .arg = CAIRN_S("x=1"), .service_name = CAIRN_S("shop")};
    cairn_sampler *s;
    bool known = true;
    (void)state;
    assert_null(cairn_sampler_by_name("mine", &args, &known));
    assert_false(known);
    assert_int_equal(cairn_sampler_register("mine", made, &got), CAIRN_OK);
    s = cairn_sampler_by_name("mine", &args, &known);
    assert_true(known);
    assert_string_equal(cairn_sampler_description(s), "TraceIdRatioBased{0.125}");
    check_cairn_str(got.arg, "x=1", "arg");
    check_cairn_str(got.service_name, "shop", "service");
    cairn_sampler_unref(s);
    cairn_sampler_unref(cairn_sampler_by_name("mine", NULL, NULL));
    assert_int_equal(cairn_sampler_register("mine", failing, NULL), CAIRN_OK);
    assert_null(cairn_sampler_by_name("mine", &args, &known));
    assert_true(known);
    assert_int_equal(cairn_sampler_register("", made, NULL), CAIRN_ERROR_INVALID);
    assert_int_equal(cairn_sampler_register("x", NULL, NULL), CAIRN_ERROR_INVALID);
    assert_null(cairn_sampler_by_name(NULL, NULL, &known));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limiter),     cmocka_unit_test(test_sampler),
        cmocka_unit_test(test_threads),     cmocka_unit_test(test_operations),
        cmocka_unit_test(test_lower_bound), cmocka_unit_test(test_many_operations),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
