/* The probability sampler and always-record: thresholds in the trace state, randomness, what is said once. */
#include "sampler_ask.h"

#include "sdk/sampler.h"

#define SAMPLE CAIRN_RECORD_AND_SAMPLE

static void test_answers(void **state)
{
    static const struct {
        const char *name;
        double ratio;
        struct question q;
        int32_t want;
        const char *want_state;
    } cases[] = {
        {"root, at the threshold", 0.5, {.low = 0x0080000000000000}, SAMPLE, "ot=th:8"},
        {"root, below it", 0.5, {.low = 0x007fffffffffffff}, CAIRN_DROP, ""},
        {"the highest byte does not count", 0.5, {.low = 0xff7fffffffffffff}, CAIRN_DROP, ""},
        {"all", 1, {.low = 0}, SAMPLE, "ot=th:0"},
        {"over one is one", 3, {.low = 0}, SAMPLE, "ot=th:0"},
        {"a tenth", 0.1, {.low = 0x00e6660000000000}, SAMPLE, "ot=th:e666"},
        {"a tenth, below", 0.1, {.low = 0x00e665ffffffffff}, CAIRN_DROP, ""},
        {"a third", 1.0 / 3, {.low = 0x00aaab0000000000}, SAMPLE, "ot=th:aaab"},
        {"the least", 0x1p-56, {.low = 0x00ffffffffffffff}, SAMPLE, "ot=th:ffffffffffffff"},
        {"the least, below", 0x1p-56, {.low = 0x00fffffffffffffe}, CAIRN_DROP, ""},
        {"below the least", 1e-300, {.low = 0x00ffffffffffffff}, SAMPLE, "ot=th:ffffffffffffff"},
        {"the parent's flag does not count",
         1,
         {0, .parent = true, .random = true},
         SAMPLE,
         "ot=th:0"},
        {"nor when it is set",
         0.5,
         {0, .parent = true, .random = true, .sampled = true},
         CAIRN_DROP,
         ""},
        {"explicit randomness wins",
         0.5,
         {0, .parent = true, .state = "ot=rv:80000000000000"},
         SAMPLE,
         "ot=th:8;rv:80000000000000"},
        {"explicit randomness loses",
         0.5,
         {0xffffffffffffff, .parent = true, .state = "ot=rv:7fffffffffffff"},
         CAIRN_DROP,
         "ot=rv:7fffffffffffff"},
        {"of a root too",
         0.5,
         {0, .state = "ot=rv:ffffffffffffff"},
         SAMPLE,
         "ot=th:8;rv:ffffffffffffff"},
        {"a bad rv is none",
         0.5,
         {0xffffffffffffff, .parent = true, .random = true, .state = "ot=rv:7"},
         SAMPLE,
         "ot=th:8;rv:7"},
        {"the parent's threshold is replaced",
         0.5,
         {0xffffffffffffff, .parent = true, .random = true, .state = "a=b,ot=th:c;k1:13"},
         SAMPLE,
         "ot=th:8;k1:13,a=b"},
        {"and taken away",
         0.5,
         {0, .parent = true, .random = true, .state = "a=b,ot=th:0"},
         CAIRN_DROP,
         "a=b"},
        {"the same is left where it was",
         0.5,
         {0xffffffffffffff, .parent = true, .random = true, .state = "a=b,ot=th:8"},
         SAMPLE,
         "a=b,ot=th:8"},
        {"unknown sub-keys are kept",
         0.25,
         {0xffffffffffffff, .parent = true, .random = true, .state = "ot=p:8;r:62"},
         SAMPLE,
         "ot=th:c;p:8;r:62"},
        {"a malformed entry is replaced",
         0.25,
         {0xffffffffffffff, .parent = true, .random = true, .state = "ot=th:8;th:9,a=b"},
         SAMPLE,
         "ot=th:c,a=b"},
        {"others are left alone",
         0.25,
         {0, .parent = true, .random = true, .state = "a=b,c=d"},
         CAIRN_DROP,
         "a=b,c=d"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cairn_sampler *s = cairn_sampler_probability(cases[i].ratio);
        struct answer a = ask_of(s, &cases[i].q);
        CHECK(a.decision == cases[i].want, cases[i].name);
        check_str(str_of(a.state), cases[i].want_state, cases[i].name);
        cairn_sampler_unref(s);
    }
}

static void test_descriptions(void **state)
{
    cairn_sampler *quarter = cairn_sampler_probability(0.25);
    cairn_sampler *record = cairn_sampler_always_record(quarter);
    (void)state;
    assert_string_equal(cairn_sampler_description(quarter), "ProbabilitySampler{0.25}");
    assert_string_equal(cairn_sampler_description(record),
                        "AlwaysRecordSampler{ProbabilitySampler{0.25}}");
    assert_ptr_equal(cairn_sampler_probability(0), cairn_sampler_always_off());
    assert_ptr_equal(cairn_sampler_probability(-1), cairn_sampler_always_off());
    assert_ptr_equal(cairn_sampler_probability(0.0 / 0.0), cairn_sampler_always_off());
    cairn_sampler_unref(record);
    cairn_sampler_unref(quarter);
}

/* No room in the member for the threshold: it is left out, and the parent's goes all the same. */
static void test_no_room(void **state)
{
    cairn_sampler *s = cairn_sampler_probability(0.1);
    char text[300] = "a=b,ot=th:0;k:", want[300] = "ot=k:";
    struct question q = {0xffffffffffffff, .parent = true, .random = true, .state = text};
    struct answer a;
    (void)state;
    memset(text + 14, 'x', 249);
    memset(want + 5, 'x', 249);
    strcat(want, ",a=b");
    listen_to_diagnostics();
    sampler_told = 0;
    a = ask_of(s, &q);
    assert_int_equal(a.decision, SAMPLE);
    assert_string_equal(a.state, want);
    ask_of(s, &q);
    assert_int_equal(said_lines(), 1);
    cairn_set_diagnostics(NULL, NULL);
    cairn_sampler_unref(s);
}

/* A full list loses its oldest member, a long one is longer than the first guess. */
static void test_long_states(void **state)
{
    cairn_sampler *s = cairn_sampler_probability(0.5);
    char text[1024] = "", want[1024] = "ot=th:8";
    struct question q = {0xffffffffffffff, .parent = true, .random = true, .state = text};
    struct answer a;
    (void)state;
    for (int i = 0; i < 32; i++) {
        char member[32];
        snprintf(member, sizeof member, "%skey%02d=some-longer-value-%02d", i ? "," : "", i, i);
        strcat(text, member);
        if (i < 31) {
            strcat(want, i ? "" : ",");
            strcat(want, member);
        }
    }
    a = ask_of(s, &q);
    assert_string_equal(a.state, want);
    assert_true(strlen(want) > 512);
    cairn_sampler_unref(s);
}

static void test_said_once(void **state)
{
    cairn_sampler *probability = cairn_sampler_probability(0.5), *ratio = cairn_sampler_ratio(0.5);
    cairn_sampler *based = cairn_sampler_parent_based(ratio);
    static const struct question root = {.low = 0}, random = {0, .parent = true, .random = true},
                                 explicit = {0, .parent = true, .state = "ot=rv:80000000000000"},
                                 old = {0, .parent = true};
    (void)state;
    listen_to_diagnostics();
    sampler_told = 0;
    ask_of(probability, &root);
    ask_of(probability, &random);
    ask_of(probability, &explicit);
    ask_of(ratio, &root);
    ask_of(based, &old);
    assert_int_equal(said_lines(), 0);
    ask_of(probability, &old);
    ask_of(probability, &old);
    assert_int_equal(said_lines(), 1);
    assert_non_null(strstr(said, "Level 2"));
    ask_of(ratio, &random);
    ask_of(ratio, &random);
    assert_int_equal(said_lines(), 2);
    assert_non_null(strstr(said, "TraceIdRatioBased"));
    cairn_set_diagnostics(NULL, NULL);
    cairn_sampler_unref(based);
    cairn_sampler_unref(ratio);
    cairn_sampler_unref(probability);
}

/* 100,000 trace ids: the share is right, and what a smaller ratio samples a larger one does too. */
static void check_shares(cairn_sampler *(*make)(double ratio))
{
    static const double ratios[] = {0.001, 0.01, 0.1, 0.25, 0.5, 0.9, 1};
    enum { IDS = 100000 };
    cairn_sampler *samplers[COUNT(ratios)];
    unsigned counts[COUNT(ratios)] = {0};
    uint64_t random = 42;
    for (size_t i = 0; i < COUNT(ratios); i++)
        samplers[i] = make(ratios[i]);
    for (int n = 0; n < IDS; n++) {
        struct question q = {.low = next_random(&random)};
        bool before = false;
        for (size_t i = 0; i < COUNT(ratios); i++) {
            bool sampled = ask_of(samplers[i], &q).decision == SAMPLE;
            assert_true(sampled || !before);
            assert_int_equal(ask_of(samplers[i], &q).decision == SAMPLE, sampled);
            counts[i] += sampled;
            before = sampled;
        }
    }
    for (size_t i = 0; i < COUNT(ratios); i++) {
        double want = ratios[i] * IDS, off = counts[i] - want;
        assert_true(off * off <= 25 * want * (1 - ratios[i]) + 1); /* five deviations */
        cairn_sampler_unref(samplers[i]);
    }
}

static void test_shares(void **state)
{
    (void)state;
    check_shares(cairn_sampler_probability);
    check_shares(cairn_sampler_ratio);
}

/* Through the recorder: the state of spans, the flag of roots, what a child does. */
static void test_recorded(void **state)
{
    cairn_sampler *s = cairn_sampler_probability(1), *based = cairn_sampler_parent_based(s);
    struct fixture f = fixture_open_with((struct cairn_sdk_options){.sampler = based});
    struct cairn_span_context parent = {.trace_id = {7},
                                        .span_id = {8},
                                        .flags = CAIRN_FLAG_SAMPLED | CAIRN_FLAG_RANDOM,
                                        .is_remote = true,
                                        .trace_state = CAIRN_S("a=b,ot=th:c")},
                              got;
    cairn_span *root = cairn_span_start(f.tracer, "root", NULL), *child, *wrapped;
    (void)state;
    cairn_span_get_context(root, &got);
    check_cairn_str(got.trace_state, "ot=th:0", "root");
    assert_int_equal(got.flags, CAIRN_FLAG_SAMPLED | CAIRN_FLAG_RANDOM);
    child = cairn_span_start(f.tracer, "child", CAIRN_WITH(.parent = cairn_context_of(root)));
    cairn_span_get_context(child, &got);
    check_cairn_str(got.trace_state, "ot=th:0", "child");
    assert_int_equal(got.flags, CAIRN_FLAG_SAMPLED | CAIRN_FLAG_RANDOM);
    cairn_span_end(child);
    cairn_span_end(root);
    wrapped = cairn_span_wrap(&parent);
    child = cairn_span_start(f.tracer, "remote", CAIRN_WITH(.parent = cairn_context_of(wrapped)));
    cairn_span_get_context(child, &got);
    check_cairn_str(got.trace_state, "a=b,ot=th:c", "below a remote parent");
    cairn_span_end(child);
    cairn_span_end(wrapped);
    /* a context without ids gives a root its explicit randomness */
    memset(parent.trace_id, 0, sizeof parent.trace_id);
    parent.trace_state = CAIRN_S("ot=rv:00000000000001");
    wrapped = cairn_span_wrap(&parent);
    child = cairn_span_start(f.tracer, "rv", CAIRN_WITH(.parent = cairn_context_of(wrapped)));
    cairn_span_get_context(child, &got);
    check_cairn_str(got.trace_state, "ot=th:0;rv:00000000000001", "explicit randomness");
    cairn_span_end(child);
    cairn_span_end(wrapped);
    assert_int_equal(cairn_memory_count(f.memory), 4);
    fixture_close(&f);
    cairn_sampler_unref(based);
    cairn_sampler_unref(s);
}

static void decide(void *user, const struct cairn_sampling_params *p,
                   struct cairn_sampling_result *r)
{
    (void)p;
    r->decision = *(const int32_t *)user;
    r->trace_state = CAIRN_S("mine=1");
}

struct seen {
    unsigned started, ended;
};

static void seen_start(void *user, cairn_span *span, cairn_context *parent)
{
    (void)span, (void)parent;
    ((struct seen *)user)->started++;
}

static void seen_end(void *user, const cairn_span_data *span)
{
    (void)span;
    ((struct seen *)user)->ended++;
}

/* Processors get every span, exporters those that the wrapped sampler wants. */
static void test_always_record(void **state)
{
    static const struct cairn_sampler_ops ops = {.size = sizeof ops, .should_sample = decide};
    static const struct cairn_processor_ops seeing = {
        .size = sizeof seeing, .on_start = seen_start, .on_end = seen_end};
    static const struct {
        const char *name;
        int32_t root, want; /* root -1: built-in always off; -2: its ratio 0 */
    } cases[] = {
        {"drop", CAIRN_DROP, CAIRN_RECORD_ONLY},
        {"record only", CAIRN_RECORD_ONLY, CAIRN_RECORD_ONLY},
        {"sample", CAIRN_RECORD_AND_SAMPLE, CAIRN_RECORD_AND_SAMPLE},
        {"always off", -1, CAIRN_RECORD_ONLY},
        {"ratio", -2, CAIRN_RECORD_ONLY},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int32_t decision = cases[i].root;
        struct seen seen = {0, 0};
        cairn_sampler *root = cases[i].root == -1   ? cairn_sampler_always_off()
                              : cases[i].root == -2 ? cairn_sampler_ratio(0)
                                                    : cairn_sampler_custom("", &ops, &decision);
        cairn_sampler *based = cairn_sampler_parent_based(root);
        cairn_sampler *s = cairn_sampler_always_record(based);
        cairn_exporter *memory = cairn_exporter_memory(10);
        cairn_processor *processors[] = {cairn_processor_custom(&seeing, &seen),
                                         cairn_processor_simple(cairn_exporter_ref(memory))};
        struct question q = {.low = 5};
        struct cairn_span_context got;
        cairn_sdk *sdk =
            cairn_sdk_new(CAIRN_SDK(.sampler = s, .processors = processors, .processor_count = 2));
        cairn_span *span;
        CHECK(ask_of(s, &q).decision == cases[i].want, cases[i].name);
        span = cairn_span_start(
            cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk),
                                  &(struct cairn_tracer_options){
                                      sizeof(struct cairn_tracer_options), "t", NULL, NULL, NULL}),
            "x", NULL);
        CHECK(cairn_span_is_recording(span), cases[i].name);
        cairn_span_get_context(span, &got);
        CHECK((got.flags & 1) == (cases[i].want == SAMPLE), cases[i].name);
        check_cairn_str(got.trace_state, cases[i].root < 0 ? "" : "mine=1", cases[i].name);
        cairn_span_end(span);
        CHECK(seen.started == 1 && seen.ended == 1, cases[i].name);
        CHECK(cairn_memory_count(memory) == (cases[i].want == SAMPLE), cases[i].name);
        cairn_sampler_unref(s);
        cairn_sampler_unref(based);
        cairn_sampler_unref(root);
        assert_int_equal(cairn_sdk_stop(sdk, 20000), CAIRN_OK);
        cairn_exporter_unref(memory);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),   cmocka_unit_test(test_descriptions),
        cmocka_unit_test(test_no_room),   cmocka_unit_test(test_long_states),
        cmocka_unit_test(test_said_once), cmocka_unit_test(test_shares),
        cmocka_unit_test(test_recorded),  cmocka_unit_test(test_always_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
