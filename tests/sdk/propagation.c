/* W3C propagation: round trips, headers that are wrong, trace state, composites. */
#include "carrier.h"

#define TRACEPARENT "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

static void test_round_trip(void **state)
{
    struct carrier in = {.fields = {{"TraceParent", TRACEPARENT},
                                    {"tracestate", "a=1,b=2"},
                                    {"tracestate", "c=3"}},
                         .count = 3},
                   out = {.count = 0};
    cairn_propagator *w3c = cairn_propagator_tracecontext();
    cairn_context *context = cairn_propagator_extract(w3c, NULL, get_field, &in);
    struct cairn_span_context sc;
    (void)state;
    cairn_span_get_context(cairn_context_span(context), &sc);
    assert_true(sc.is_remote);
    assert_int_equal(sc.flags, CAIRN_FLAG_SAMPLED);
    cairn_propagator_inject(w3c, context, set_field, &out);
    assert_string_equal(field(&out, "traceparent"), TRACEPARENT);
    assert_string_equal(field(&out, "tracestate"), "a=1,b=2,c=3");
    cairn_context_unref(context);
}

static void test_bad_headers(void **state)
{
    static const struct {
        const char *name, *header;
    } cases[] = {
        {"empty", ""},
        {"version ff", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
        {"zero trace", "00-00000000000000000000000000000000-b7ad6b7169203331-01"},
        {"zero span", "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"},
        {"upper case", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"},
        {"short", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0"},
        {"more behind version 00", TRACEPARENT "-x"},
        {"not hexadecimal", "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct carrier in = {.count = 1};
        cairn_context *context;
        in.fields[0].name = "traceparent";
        in.fields[0].value = cases[i].header;
        context = cairn_propagator_extract(cairn_propagator_tracecontext(), NULL, get_field, &in);
        CHECK(context == cairn_context_empty(), cases[i].name);
        cairn_context_unref(context);
    }
}

static void test_twice_and_bad_state(void **state)
{
    struct carrier twice = {.fields = {{"traceparent", TRACEPARENT}, {"traceparent", TRACEPARENT}},
                            .count = 2};
    struct carrier bad_state = {.fields = {{"traceparent", TRACEPARENT}, {"tracestate", "A B=1"}},
                                .count = 2};
    struct cairn_span_context sc;
    cairn_context *context =
        cairn_propagator_extract(cairn_propagator_tracecontext(), NULL, get_field, &twice);
    (void)state;
    assert_ptr_equal(context, cairn_context_empty());
    context =
        cairn_propagator_extract(cairn_propagator_tracecontext(), NULL, get_field, &bad_state);
    cairn_span_get_context(cairn_context_span(context), &sc);
    assert_true(cairn_span_context_is_valid(&sc)); /* the state is lost, the trace is not */
    assert_int_equal(sc.trace_state.n, 0);
    cairn_context_unref(context);
}

static void test_through_a_service(void **state)
{
    struct fixture f = fixture_open();
    struct carrier in = {.fields = {{"traceparent", TRACEPARENT}, {"tracestate", "a=1"}},
                         .count = 2};
    struct carrier out = {.count = 0};
    char trace[33];
    struct cairn_span_context sc;
    cairn_context *context;
    (void)state;
    cairn_propagator_set_global(cairn_propagator_tracecontext());
    context = cairn_extract(NULL, get_field, &in);
    {
        CAIRN_SPAN(span, f.tracer, "server", CAIRN_WITH(.parent = context));
        cairn_inject(NULL, set_field, &out);
        cairn_span_get_context(span, &sc);
    }
    cairn_context_unref(context);
    cairn_trace_id_hex(sc.trace_id, trace);
    assert_string_equal(trace, "0af7651916cd43dd8448eb211c80319c");
    assert_memory_equal(field(&out, "traceparent"), TRACEPARENT, 36);
    assert_memory_not_equal(field(&out, "traceparent"), TRACEPARENT, 52);
    assert_string_equal(field(&out, "tracestate"), "a=1"); /* children inherit it */
    assert_true(cairn_span_data_parent_is_remote(finished(&f, "server")));
    cairn_propagator_set_global(NULL);
    out.count = 0;
    cairn_inject(NULL, set_field, &out);
    assert_int_equal(out.count, 0); /* the default does nothing */
    fixture_close(&f);
}

static void test_trace_state(void **state)
{
    static const struct {
        const char *name, *in, *key, *value, *want; /* NULL: refused */
    } cases[] = {
        {"add", "a=1", "b", "2", "b=2,a=1"},
        {"to nothing", "", "b", "2", "b=2"},
        {"update moves to the front", "a=1,b=2,c=3", "b", "9", "b=9,a=1,c=3"},
        {"delete", "a=1,b=2", "a", "", "b=2"},
        {"delete the last", "a=1", "a", "", ""},
        {"bad key", "a=1", "B", "2", NULL},
        {"bad value", "a=1", "b", "x,y", NULL},
        {"bad state", "a", "b", "2", NULL},
    };
    char out[64], many[1024] = "";
    cairn_str got = cairn_trace_state_get(CAIRN_S("a=1,b=2"), CAIRN_S("b"));
    (void)state;
    check_cairn_str(got, "2", "get");
    for (size_t i = 0; i < COUNT(cases); i++) {
        int32_t n = cairn_trace_state_set(cairn_str_of(cases[i].in), cairn_str_of(cases[i].key),
                                          cairn_str_of(cases[i].value), out, sizeof out);
        CHECK(n == (cases[i].want ? (int32_t)strlen(cases[i].want) : -1), cases[i].name);
        CHECK(strcmp(out, cases[i].want ? cases[i].want : "") == 0, cases[i].name);
    }
    assert_int_equal(cairn_trace_state_set(CAIRN_S("a=1"), CAIRN_S("b"), CAIRN_S("2"), out, 5), 7);
    assert_string_equal(out, "b=2,"); /* cut, like snprintf */
    for (int i = 0; i < 32; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), "%sk%d=v", i ? "," : "", i);
    assert_true(cairn_trace_state_set(cairn_str_of(many), CAIRN_S("new"), CAIRN_S("v"), many + 512,
                                      512) > 0);
    assert_null(strstr(many + 512, "k31")); /* 32 members at most: the oldest goes */
}

static void own_inject(void *user, cairn_context *context, cairn_set_fn *set, void *carrier)
{
    (void)user, (void)context;
    set(carrier, CAIRN_S("x-own"), CAIRN_S("1"));
}

static cairn_str own_field(void *user, size_t index)
{
    (void)user;
    return index == 0 ? CAIRN_S("x-own") : (cairn_str){NULL, 0};
}

static void test_composite(void **state)
{
    struct cairn_propagator_ops ops = {
        .size = sizeof ops, .inject = own_inject, .field = own_field};
    cairn_propagator *own = cairn_propagator_custom(&ops, NULL);
    cairn_propagator *parts[] = {cairn_propagator_tracecontext(), own, own};
    cairn_propagator *both = cairn_propagator_composite(parts, 3);
    struct carrier in = {.fields = {{"traceparent", TRACEPARENT}}, .count = 1}, out = {.count = 0};
    cairn_context *context;
    (void)state;
    cairn_propagator_unref(own);
    context = cairn_propagator_extract(both, NULL, get_field, &in);
    cairn_propagator_inject(both, context, set_field, &out);
    assert_int_equal(out.count, 2);
    assert_string_equal(field(&out, "traceparent"), TRACEPARENT);
    assert_string_equal(field(&out, "x-own"), "1");
    check_cairn_str(cairn_propagator_field(both, 1), "tracestate", "field 1");
    check_cairn_str(cairn_propagator_field(both, 2), "x-own", "field 2");
    assert_int_equal(cairn_propagator_field(both, 3).n, 0);
    cairn_context_unref(context);
    cairn_propagator_unref(both);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),          cmocka_unit_test(test_bad_headers),
        cmocka_unit_test(test_twice_and_bad_state), cmocka_unit_test(test_through_a_service),
        cmocka_unit_test(test_trace_state),         cmocka_unit_test(test_composite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
