/* Samplers: vectors of the ratio, the truth table of the parent-based one, samplers of the application. */
#include "sdk_test.h"

static int32_t ask(cairn_sampler *s, uint64_t low, const struct cairn_span_context *parent)
{
    uint8_t id[16] = {1};
    struct cairn_sampling_params p = {.size = sizeof p, .trace_id = id, .parent = parent};
    struct cairn_sampling_result r = {.size = sizeof r, .decision = -9};
    for (int i = 0; i < 8; i++)
        id[8 + i] = (uint8_t)(low >> (56 - 8 * i));
    cairn_sampler_should_sample(s, &p, &r);
    return r.decision;
}

static void test_ratio(void **state)
{
    static const struct {
        const char *name;
        double ratio;
        uint64_t low; /* of the trace id */
        int32_t want;
    } cases[] = {
        {"none", 0, 0, CAIRN_DROP},
        {"all", 1, UINT64_MAX, CAIRN_RECORD_AND_SAMPLE},
        {"half, just below", 0.5, 0x7fffffffffffffff, CAIRN_RECORD_AND_SAMPLE},
        {"half, at", 0.5, 0x8000000000000000, CAIRN_DROP},
        {"quarter, just below", 0.25, 0x3fffffffffffffff, CAIRN_RECORD_AND_SAMPLE},
        {"quarter, at", 0.25, 0x4000000000000000, CAIRN_DROP},
        {"the lowest bit does not count", 0.5, 0x7ffffffffffffffe, CAIRN_RECORD_AND_SAMPLE},
        {"tiny", 1e-18, 0, CAIRN_RECORD_AND_SAMPLE},
        {"over one is one", 7, UINT64_MAX, CAIRN_RECORD_AND_SAMPLE},
        {"below nothing is nothing", -1, 0, CAIRN_DROP},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cairn_sampler *s = cairn_sampler_ratio(cases[i].ratio);
        CHECK(ask(s, cases[i].low, NULL) == cases[i].want, cases[i].name);
        cairn_sampler_unref(s);
    }
}

static void test_descriptions(void **state)
{
    cairn_sampler *quarter = cairn_sampler_ratio(0.25), *small = cairn_sampler_ratio(0.0001);
    cairn_sampler *parent = cairn_sampler_parent_based(quarter);
    (void)state;
    assert_string_equal(cairn_sampler_description(cairn_sampler_always_on()), "AlwaysOnSampler");
    assert_string_equal(cairn_sampler_description(cairn_sampler_always_off()), "AlwaysOffSampler");
    assert_string_equal(cairn_sampler_description(quarter), "TraceIdRatioBased{0.25}");
    assert_string_equal(cairn_sampler_description(small), "TraceIdRatioBased{0.0001}");
    assert_string_equal(cairn_sampler_description(parent),
                        "ParentBased{root:TraceIdRatioBased{0.25},"
                        "remoteParentSampled:AlwaysOnSampler,"
                        "remoteParentNotSampled:AlwaysOffSampler,"
                        "localParentSampled:AlwaysOnSampler,"
                        "localParentNotSampled:AlwaysOffSampler}");
    cairn_sampler_unref(parent);
    cairn_sampler_unref(quarter);
    cairn_sampler_unref(small);
}

static void test_parent_based(void **state)
{
    cairn_sampler *on = cairn_sampler_always_on(), *off = cairn_sampler_always_off();
    const struct {
        const char *name;
        struct cairn_parent_based_options o;
        bool parent, remote, sampled;
        int32_t want;
    } cases[] = {
        {"root on", {.root = on}, false, false, false, CAIRN_RECORD_AND_SAMPLE},
        {"root off", {.root = off}, false, false, false, CAIRN_DROP},
        {"remote sampled", {.root = off}, true, true, true, CAIRN_RECORD_AND_SAMPLE},
        {"remote not sampled", {.root = on}, true, true, false, CAIRN_DROP},
        {"local sampled", {.root = off}, true, false, true, CAIRN_RECORD_AND_SAMPLE},
        {"local not sampled", {.root = on}, true, false, false, CAIRN_DROP},
        {"own for remote sampled", {.remote_sampled = off}, true, true, true, CAIRN_DROP},
        {"own for remote not",
         {.remote_not_sampled = on},
         true,
         true,
         false,
         CAIRN_RECORD_AND_SAMPLE},
        {"own for local sampled", {.local_sampled = off}, true, false, true, CAIRN_DROP},
        {"own for local not",
         {.local_not_sampled = on},
         true,
         false,
         false,
         CAIRN_RECORD_AND_SAMPLE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cairn_parent_based_options o = cases[i].o;
        struct cairn_span_context parent = {.trace_id = {1},
                                            .span_id = {1},
                                            .flags = cases[i].sampled,
                                            .is_remote = cases[i].remote};
        struct fixture f;
        cairn_sampler *s;
        cairn_span *wrapped = cases[i].parent ? cairn_span_wrap(&parent) : NULL, *span;
        o.size = sizeof o;
        s = cairn_sampler_parent_based_with(&o);
        CHECK(ask(s, 5, cases[i].parent ? &parent : NULL) == cases[i].want, cases[i].name);
        /* the same through the recorder's own decision */
        f = fixture_open_with((struct cairn_sdk_options){.sampler = s});
        span = cairn_span_start(f.tracer, "x", CAIRN_WITH(.parent = cairn_context_of(wrapped)));
        CHECK(cairn_span_is_recording(span) == (cases[i].want != CAIRN_DROP), cases[i].name);
        cairn_span_end(span);
        fixture_close(&f);
        cairn_span_end(wrapped);
        cairn_sampler_unref(s);
    }
}

static void test_dropped_passes_on(void **state)
{
    struct cairn_span_context parent = {.trace_id = {7},
                                        .span_id = {8},
                                        .flags = 2,
                                        .is_remote = true,
                                        .trace_state = CAIRN_S("a=b")},
                              got;
    struct fixture f = fixture_open();
    cairn_span *wrapped = cairn_span_wrap(&parent);
    cairn_span *span =
        cairn_span_start(f.tracer, "x", CAIRN_WITH(.parent = cairn_context_of(wrapped)));
    (void)state;
    cairn_span_end(wrapped);
    cairn_span_get_context(span, &got);
    assert_memory_equal(got.trace_id, parent.trace_id, 16);
    assert_memory_not_equal(got.span_id, parent.span_id, 8); /* an id of its own all the same */
    assert_int_equal(got.flags, CAIRN_FLAG_RANDOM);
    check_cairn_str(got.trace_state, "a=b", "state");
    assert_false(cairn_span_is_recording(span));
    cairn_span_set(span, CAIRN_INT("a", 1));
    cairn_span_end(span);
    assert_int_equal(cairn_memory_count(f.memory), 0);
    fixture_close(&f);
}

struct custom {
    int32_t decision;
    unsigned calls, freed;
};

static void custom_sample(void *user, const struct cairn_sampling_params *p,
                          struct cairn_sampling_result *r)
{
    static const struct cairn_attr extra[] = {
        {{"sampler", 7}, {CAIRN_TYPE_INT, 0, {.integer = 42}}}};
    struct custom *c = user;
    c->calls++;
    check_cairn_str(p->name, "asked", "name");
    assert_int_equal(p->kind, CAIRN_KIND_CLIENT);
    assert_int_equal(p->attributes->count, 1);
    r->decision = c->decision;
    r->attributes = extra;
    r->attribute_count = 1;
    r->trace_state = CAIRN_S("from=sampler");
}

static void custom_free(void *user)
{
    ((struct custom *)user)->freed++;
}

static void test_custom(void **state)
{
    static const struct cairn_sampler_ops ops = {sizeof ops, custom_sample, custom_free};
    static const int32_t decisions[] = {CAIRN_DROP, CAIRN_RECORD_ONLY, CAIRN_RECORD_AND_SAMPLE};
    (void)state;
    for (size_t i = 0; i < COUNT(decisions); i++) {
        struct custom c = {decisions[i], 0, 0};
        cairn_sampler *s = cairn_sampler_custom("Mine", &ops, &c);
        cairn_sampler *based = cairn_sampler_parent_based(s);
        struct fixture f = fixture_open_with((struct cairn_sdk_options){.sampler = based});
        struct cairn_span_context got;
        struct cairn_value v;
        cairn_span *span = cairn_span_start(
            f.tracer, "asked",
            CAIRN_WITH(.kind = CAIRN_KIND_CLIENT, .attributes = CAIRN_ATTRS(CAIRN_INT("a", 1))));
        assert_int_equal(c.calls, 1);
        cairn_span_get_context(span, &got);
        check_cairn_str(got.trace_state, "from=sampler", "state");
        assert_int_equal(cairn_span_is_recording(span), decisions[i] != CAIRN_DROP);
        assert_int_equal(got.flags & 1, decisions[i] == CAIRN_RECORD_AND_SAMPLE);
        cairn_span_end(span);
        assert_int_equal(cairn_memory_count(f.memory), decisions[i] == CAIRN_RECORD_AND_SAMPLE);
        if (decisions[i] == CAIRN_RECORD_AND_SAMPLE) {
            assert_true(cairn_span_data_find(finished(&f, "asked"), "sampler", &v));
            assert_int_equal(v.as.integer, 42);
        }
        cairn_sampler_unref(based);
        cairn_sampler_unref(s);
        fixture_close(&f);
        assert_int_equal(c.freed, 1);
    }
}

static void count_up(void *user, uint8_t *id, size_t n)
{
    memset(id, 0, n);
    id[n - 1] = ++*(uint8_t *)user;
}

static void own_trace_id(void *user, uint8_t id[16])
{
    count_up(user, id, 16);
}

static void own_span_id(void *user, uint8_t id[8])
{
    count_up(user, id, 8);
}

static void test_id_generator(void **state)
{
    uint8_t last = 0;
    struct cairn_id_generator ids = {sizeof ids, &last, own_trace_id, own_span_id, false};
    struct fixture f = fixture_open_with((struct cairn_sdk_options){.id_generator = &ids});
    cairn_span *span = cairn_span_start(f.tracer, "x", NULL);
    struct cairn_span_context got;
    (void)state;
    cairn_span_get_context(span, &got);
    assert_int_equal(got.trace_id[15], 1);
    assert_int_equal(got.span_id[7], 2);
    assert_int_equal(got.flags, CAIRN_FLAG_SAMPLED);
    cairn_span_end(span);
    fixture_close(&f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ratio),        cmocka_unit_test(test_descriptions),
        cmocka_unit_test(test_parent_based), cmocka_unit_test(test_dropped_passes_on),
        cmocka_unit_test(test_custom),       cmocka_unit_test(test_id_generator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
