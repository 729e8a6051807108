/* Samplers without memory: every allocation of their making is refused in turn, then every one of their use. */
#include "sampler_ask.h"

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);

static unsigned long allocations, refused = -1ul; /* which one is refused */

static bool refuse(void)
{
    return allocations++ == refused;
}

void *malloc(size_t size)
{
    return refuse() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return refuse() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
    return refuse() ? NULL : __libc_realloc(p, size);
}

/* ---- Making ---- */

static unsigned freed, given;

static void count_free(void *user)
{
    (void)user;
    freed++;
}

static bool holds(void *user, const struct cairn_sampling_params *params)
{
    (void)user, (void)params;
    return true;
}

static cairn_sampler *make_ratio(void)
{
    return cairn_sampler_ratio(0.5);
}

static cairn_sampler *make_probability(void)
{
    return cairn_sampler_probability(0.5);
}

static cairn_sampler *make_rate(void)
{
    return cairn_sampler_rate_limiting(5);
}

static cairn_sampler *make_record(void)
{
    cairn_sampler *root = cairn_sampler_parent_based(NULL), *s = cairn_sampler_always_record(root);
    cairn_sampler_unref(root);
    return s;
}

static cairn_sampler *make_operations(void)
{
    static const struct cairn_operation_ratio ratios[] = {{{"a", 1}, 0.5}, {{"b", 1}, 0.25}};
    const struct cairn_per_operation_options o = {
        .size = sizeof o, .operations = ratios, .operation_count = 2};
    return cairn_sampler_per_operation(&o);
}

static cairn_sampler *make_composite(void)
{
    static const char *const values[] = {"a", "b"};
    cairn_composable *half = cairn_composable_probability(0.5), *rules, *noted, *parent;
    struct cairn_sampling_rule list[] = {
        {.size = sizeof *list, .values_key = "k", .values = values, .value_count = 2},
        {.size = sizeof *list, .composable = half, .matches = holds, .free_user = count_free},
    };
    cairn_sampler *s;
    given++;
    rules = cairn_composable_rule_based(list, COUNT(list));
    noted = cairn_composable_annotating(CAIRN_ATTRS(CAIRN_STR("x", "y")), rules);
    parent = cairn_composable_parent_threshold(noted);
    s = cairn_sampler_composite(parent);
    cairn_composable_unref(parent);
    cairn_composable_unref(noted);
    cairn_composable_unref(rules);
    cairn_composable_unref(half);
    return s;
}

static const struct {
    const char *name;
    cairn_sampler *(*make)(void);
} makers[] = {
    {"ratio", make_ratio},   {"probability", make_probability}, {"rate", make_rate},
    {"record", make_record}, {"operations", make_operations},   {"composite", make_composite},
};

/* What comes out is whole or NULL, and all of it is given back. */
static void test_making(void **state)
{
    (void)state;
    listen_to_diagnostics();
    for (size_t i = 0; i < COUNT(makers); i++) {
        unsigned long needed;
        allocations = 0;
        cairn_sampler_unref(makers[i].make());
        needed = allocations;
        CHECK(needed > 0, makers[i].name);
        for (unsigned long n = 0; n < needed; n++) {
            struct question q = {.low = UINT64_MAX, .name = "a"};
            cairn_sampler *s;
            allocations = 0;
            refused = n;
            s = makers[i].make();
            refused = -1ul;
            CHECK(cairn_sampler_description(s) != NULL, makers[i].name);
            if (s)
                ask_of(s, &q);
            cairn_sampler_unref(s);
        }
    }
    assert_int_equal(freed, given);
    cairn_set_diagnostics(NULL, NULL);
}

/* ---- Using ---- */

/* A span that finds no memory for its trace state is a span all the same. */
static void test_using(void **state)
{
    (void)state;
    for (unsigned long n = 0; n < 6; n++) {
        cairn_sampler *s = makers[n % 2 ? 5 : 1].make();
        struct fixture f = fixture_open_with((struct cairn_sdk_options){.sampler = s});
        struct cairn_span_context parent = {.trace_id = {1, [9] = 0xff},
                                            .span_id = {1},
                                            .flags = 3,
                                            .trace_state = CAIRN_S("a=b,ot=th:1;k:1")},
                                  got;
        cairn_span *wrapped = cairn_span_wrap(&parent), *span;
        allocations = 0;
        refused = n / 2;
        span = cairn_span_start(f.tracer, "b", CAIRN_WITH(.parent = cairn_context_of(wrapped)));
        refused = -1ul;
        assert_true(cairn_span_is_recording(span));
        cairn_span_get_context(span, &got);
        if (n % 2 == 0 && n / 2 == 0)
            check_cairn_str(got.trace_state, "", "lost");
        cairn_span_end(span);
        span = cairn_span_start(f.tracer, "b", CAIRN_WITH(.parent = cairn_context_of(wrapped)));
        cairn_span_get_context(span, &got);
        check_cairn_str(got.trace_state, n % 2 ? "a=b,ot=th:1;k:1" : "ot=th:8;k:1,a=b", "again");
        cairn_span_end(span);
        cairn_span_end(wrapped);
        cairn_sampler_unref(s);
        fixture_close(&f);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_making),
        cmocka_unit_test(test_using),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
