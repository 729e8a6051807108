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
        {"update the first", "a=1,b=2", "a", "9", "a=9,b=2"},
        {"delete what is not there", "a=1,b=2", "c", "", "a=1,b=2"},
        {"delete from nothing", "", "c", "", ""},
        {"key of a tenant", "a=1", "0tenant@vendor", "2", "0tenant@vendor=2,a=1"},
        {"spaces and empty members go", " a=1 ,, b=2\t", "c", "3", "c=3,a=1,b=2"},
        {"a key that was there twice", "a=1,b=2,a=3", "b", "9", "b=9,a=1"},
        {"empty key", "a=1", "", "2", NULL},
        {"key with a space", "a=1", "b c", "2", NULL},
        {"value with an equal sign", "a=1", "b", "x=y", NULL},
        {"value that ends in a space", "a=1", "b", "x ", NULL},
        {"value that is not ASCII", "a=1", "b", "\xc3\xb6", NULL},
        {"delete with a bad key", "a=1", "B", "", NULL},
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

/* Reading a state; what is no state has no members. */
static void test_trace_state_get(void **state)
{
    static const struct {
        const char *in, *key, *want;
    } cases[] = {
        {"a=1,b=2", "a", "1"},
        {"a=1,b=2", "b", "2"},
        {"a=1,b=2", "c", ""},
        {"a=1,a=2", "a", "1"},
        {"", "a", ""},
        {"a=1", "", ""},
        {"a=1,b", "a", ""},
        {" a=1\t, b=x y", "b", "x y"},
        {"t@v=1,a=2", "t@v", "1"},
        {"ab=1,a=2", "a", "2"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_cairn_str(
            cairn_trace_state_get(cairn_str_of(cases[i].in), cairn_str_of(cases[i].key)),
            cases[i].want, cases[i].in);
}

/* States of 512 characters and far more can be changed; the answer says how much room they need. */
static void test_trace_state_long(void **state)
{
    static char list[32 * 514], out[32 * 514];
    size_t n = 0;
    int32_t want;
    (void)state;
    for (int i = 0; i < 31; i++) {
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%0256d=", i ? "," : "", i);
        memset(list + n, 'v', 256);
        n += 256;
    }
    want = cairn_trace_state_set(cairn_str_make(list, n), CAIRN_S("new"), CAIRN_S("1"), NULL, 0);
    assert_int_equal(want, n + 6);
    assert_int_equal(cairn_trace_state_set(cairn_str_make(list, n), CAIRN_S("new"), CAIRN_S("1"),
                                           out, sizeof out),
                     want);
    assert_memory_equal(out, "new=1,", 6);
    assert_memory_equal(out + 6, list, n);
    assert_int_equal(out[want], '\0');
}

/* Every propagator, headers that are damaged in every way it knows: the context, with all it holds, is as it was. */
static void test_damage_changes_nothing(void **state)
{
    static const struct {
        const char *name, *header;
    } damaged[] = {
        {"traceparent", ""},
        {"traceparent", "00"},
        {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"},
        {"traceparent", "\xff\xfe"},
        {"tracestate", "a=1"},
        {"baggage", "a"},
        {"baggage", ",,,"},
        {"baggage", "\xff=1"},
        {"b3", "1-2-3"},
        {"b3", "d"},
        {"x-b3-traceid", "0af7651916cd43dd8448eb211c80319c"},
        {"x-b3-spanid", "b7ad6b7169203331"},
        {"uber-trace-id", "1:2:3"},
        {"uberctx-a b", "1"},
        {"uberctx-", "1"},
    };
    cairn_propagator *all[] = {cairn_propagator_tracecontext(), cairn_propagator_baggage(),
                               cairn_propagator_b3(),           cairn_propagator_b3_multi(),
                               cairn_propagator_jaeger(),       cairn_propagator_none()};
    cairn_span *span = cairn_span_wrap(&(struct cairn_span_context){{1}, {2}, 1, true, {0}, {0}});
    cairn_context *held =
        cairn_baggage_set(cairn_context_of(span), CAIRN_S("a"), CAIRN_S("1"), CAIRN_S(""));
    cairn_context *before[] = {cairn_context_empty(), cairn_context_of(span), held};
    cairn_propagator *together = cairn_propagator_composite(all, COUNT(all));
    (void)state;
    for (size_t i = 0; i < COUNT(damaged); i++) {
        struct carrier in = {.count = 1};
        in.fields[0].name = damaged[i].name;
        in.fields[0].value = damaged[i].header;
        for (size_t j = 0; j < COUNT(before) * (COUNT(all) + 1); j++) {
            cairn_propagator *p =
                j / COUNT(before) < COUNT(all) ? all[j / COUNT(before)] : together;
            cairn_context *after =
                cairn_propagator_extract(p, before[j % COUNT(before)], get_field, &in);
            CHECK(after == before[j % COUNT(before)], damaged[i].header);
            cairn_context_unref(after);
        }
    }
    cairn_propagator_unref(together);
    cairn_context_unref(held);
    cairn_span_end(span);
}

/* A getter that is asked for each field of a name in turn, until it has no more. */
struct counted {
    struct carrier *in;
    size_t asked[8];
};

static bool get_counted(void *carrier, cairn_str name, size_t index, cairn_str *value)
{
    struct counted *counted = carrier;
    bool found = get_field(counted->in, name, index, value);
    assert_true(index < COUNT(counted->asked));
    counted->asked[index] += found;
    return found;
}

static void test_all_fields_of_a_name(void **state)
{
    struct carrier in = {.fields = {{"traceparent", TRACEPARENT},
                                    {"tracestate", "a=1"},
                                    {"TRACESTATE", "b=2"},
                                    {"Tracestate", ""},
                                    {"tracestate", "c=3"}},
                         .count = 5};
    struct counted counted = {.in = &in};
    struct cairn_span_context sc;
    cairn_context *context =
        cairn_propagator_extract(cairn_propagator_tracecontext(), NULL, get_counted, &counted);
    (void)state;
    cairn_span_get_context(cairn_context_span(context), &sc);
    check_cairn_str(sc.trace_state, "a=1,b=2,c=3", "all four");
    assert_int_equal(counted.asked[3], 1);
    cairn_context_unref(context);
}

/* A getter that answers for ever, whatever it is asked for: no propagator stays with it. */
static bool get_for_ever(void *carrier, cairn_str name, size_t index, cairn_str *value)
{
    (void)index;
    *value = name.n ? cairn_str_of(carrier) : CAIRN_S("uberctx-a b");
    return true;
}

static void test_getter_without_end(void **state)
{
    char values[][8] = {"", ",", "a", "a=1", "x=", ",,,,,,"};
    cairn_propagator *all[] = {cairn_propagator_tracecontext(), cairn_propagator_baggage(),
                               cairn_propagator_b3(), cairn_propagator_jaeger()};
    (void)state;
    for (size_t i = 0; i < COUNT(all); i++) {
        for (size_t j = 0; j < COUNT(values); j++) {
            cairn_context *context =
                cairn_propagator_extract(all[i], NULL, get_for_ever, values[j]);
            CHECK(cairn_baggage_count(context) <= 1, values[j]);
            cairn_context_unref(context);
        }
    }
}

/* Formats together: each is asked in turn, the last that finds a trace wins, all of them write. */
static void test_formats_together(void **state)
{
    cairn_propagator *parts[] = {cairn_propagator_tracecontext(), cairn_propagator_baggage(),
                                 cairn_propagator_b3()};
    cairn_propagator *all = cairn_propagator_composite(parts, COUNT(parts));
    static const char b3[] = "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-0";
    static const struct {
        const char *traceparent, *b3, *baggage, *want;
    } cases[] = {
        {TRACEPARENT, NULL, "t=blue",
         "traceparent=" TRACEPARENT " baggage=t=blue "
         "b3=0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1"},
        {TRACEPARENT, b3, NULL,
         "traceparent=00-80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-00 "
         "b3=80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-0"},
        {TRACEPARENT, "x", "x",
         "traceparent=" TRACEPARENT " b3=0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1"},
        {NULL, NULL, "t=blue", "baggage=t=blue"},
        {NULL, NULL, NULL, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct carrier in = {.count = 0}, out = {.count = 0};
        cairn_context *context;
        if (cases[i].traceparent)
            set_field(&in, CAIRN_S("traceparent"), cairn_str_of(cases[i].traceparent));
        if (cases[i].b3)
            set_field(&in, CAIRN_S("b3"), cairn_str_of(cases[i].b3));
        if (cases[i].baggage)
            set_field(&in, CAIRN_S("baggage"), cairn_str_of(cases[i].baggage));
        context = cairn_propagator_extract(all, NULL, get_field, &in);
        cairn_propagator_inject(all, context, set_field, &out);
        check_carrier(&out, cases[i].want, cases[i].want);
        cairn_context_unref(context);
    }
    cairn_propagator_unref(all);
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
        cmocka_unit_test(test_round_trip),           cmocka_unit_test(test_bad_headers),
        cmocka_unit_test(test_twice_and_bad_state),  cmocka_unit_test(test_through_a_service),
        cmocka_unit_test(test_trace_state),          cmocka_unit_test(test_trace_state_get),
        cmocka_unit_test(test_trace_state_long),     cmocka_unit_test(test_damage_changes_nothing),
        cmocka_unit_test(test_all_fields_of_a_name), cmocka_unit_test(test_getter_without_end),
        cmocka_unit_test(test_formats_together),     cmocka_unit_test(test_composite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
