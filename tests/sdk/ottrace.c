/* OpenTracing's ot-tracer- fields over carriers: what the known implementations write, what we write, and damage. */
#include "carrier.h"

#define LONG  "a1ce929d0e0e4736a3ce929d0e0e4736"
#define SHORT "a3ce929d0e0e4736"
#define ZEROS "0000000000000000"
#define SPAN  "00f067aa0ba902b7"
#define IDS(trace, span)          \
    {"ot-tracer-traceid", trace}, \
    {                             \
        "ot-tracer-spanid", span  \
    }
#define OUT(sampled) \
    "ot-tracer-traceid=" SHORT " ot-tracer-spanid=" SPAN " ot-tracer-sampled=" sampled

static const struct {
    const char *name;
    struct carrier in;
    const char *trace; /* as traceparent has it; NULL: the context is as it was */
    const char *out;
} cases[] = {
    {"128 bits",
     {{IDS(LONG, SPAN), {"ot-tracer-sampled", "true"}}, 3},
     "00-" LONG "-" SPAN "-01",
     OUT("true")},
    {"64 bits",
     {{IDS(SHORT, SPAN), {"ot-tracer-sampled", "true"}}, 3},
     "00-" ZEROS SHORT "-" SPAN "-01",
     OUT("true")},
    {"not sampled",
     {{IDS(LONG, SPAN), {"ot-tracer-sampled", "false"}}, 3},
     "00-" LONG "-" SPAN "-00",
     OUT("false")},
    {"a bit",
     {{IDS(LONG, SPAN), {"ot-tracer-sampled", "1"}}, 3},
     "00-" LONG "-" SPAN "-01",
     OUT("true")},
    {"a bit of 0",
     {{IDS(LONG, SPAN), {"ot-tracer-sampled", "0"}}, 3},
     "00-" LONG "-" SPAN "-00",
     OUT("false")},
    {"True",
     {{IDS(LONG, SPAN), {"ot-tracer-sampled", "True"}}, 3},
     "00-" LONG "-" SPAN "-01",
     OUT("true")},
    {"no decision", {{IDS(LONG, SPAN)}, 2}, "00-" LONG "-" SPAN "-00", OUT("false")},
    {"an empty decision",
     {{IDS(LONG, SPAN), {"ot-tracer-sampled", ""}}, 3},
     "00-" LONG "-" SPAN "-00",
     OUT("false")},
    {"a decision nobody knows",
     {{IDS(LONG, SPAN), {"ot-tracer-sampled", "wired"}}, 3},
     "00-" LONG "-" SPAN "-00",
     OUT("false")},
    {"names and digits in upper case",
     {{{"OT-Tracer-TraceID", "A1CE929D0E0E4736A3CE929D0E0E4736"},
       {"OT-Tracer-SpanID", "00F067AA0BA902B7"}},
      2},
     "00-" LONG "-" SPAN "-00",
     OUT("false")},
    {"zeros left out",
     {{IDS("1", "2"), {"ot-tracer-sampled", "true"}}, 3},
     "00-" ZEROS "0000000000000001-0000000000000002-01",
     "ot-tracer-traceid=0000000000000001 ot-tracer-spanid=0000000000000002 ot-tracer-sampled=true"},
    {"spaces around",
     {{IDS(" " LONG "\t", " " SPAN), {"ot-tracer-sampled", " true "}}, 3},
     "00-" LONG "-" SPAN "-01",
     OUT("true")},
    {"a lower half of zeros",
     {{IDS("a1ce929d0e0e4736" ZEROS, SPAN)}, 2},
     "00-a1ce929d0e0e4736" ZEROS "-" SPAN "-00",
     ""},
    {"nothing", {{{NULL, NULL}}, 0}, NULL, NULL},
    {"no trace id", {{{"ot-tracer-spanid", SPAN}, {"ot-tracer-sampled", "true"}}, 2}, NULL, NULL},
    {"no span id", {{{"ot-tracer-traceid", LONG}, {"ot-tracer-sampled", "true"}}, 2}, NULL, NULL},
    {"a decision alone", {{{"ot-tracer-sampled", "true"}}, 1}, NULL, NULL},
    {"empty trace id", {{IDS("", SPAN)}, 2}, NULL, NULL},
    {"empty span id", {{IDS(LONG, "")}, 2}, NULL, NULL},
    {"trace id of 36", {{IDS(LONG "0000", SPAN)}, 2}, NULL, NULL},
    {"trace id of 33", {{IDS("0" LONG, SPAN)}, 2}, NULL, NULL},
    {"span id of 17", {{IDS(LONG, "0" SPAN)}, 2}, NULL, NULL},
    {"trace id not hexadecimal", {{IDS("zcd00v0000000000a3ce929d0e0e4736", SPAN)}, 2}, NULL, NULL},
    {"span id not hexadecimal", {{IDS(LONG, "00f0wiredba902b7")}, 2}, NULL, NULL},
    {"trace id of zeros", {{IDS(ZEROS ZEROS, SPAN)}, 2}, NULL, NULL},
    {"span id of zeros", {{IDS(LONG, ZEROS)}, 2}, NULL, NULL},
    {"a sign", {{IDS("-1", SPAN)}, 2}, NULL, NULL},
    {"0x", {{IDS("0x1", SPAN)}, 2}, NULL, NULL},
};

static void test_traces(void **state)
{
    cairn_propagator *ot = cairn_propagator_ot();
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct carrier in = cases[i].in, out = {.count = 0}, w3c = {.count = 0};
        cairn_context *context =
            cairn_propagator_extract(ot, cairn_context_empty(), get_field, &in);
        CHECK((context == cairn_context_empty()) == (cases[i].trace == NULL), cases[i].name);
        cairn_propagator_inject(ot, context, set_field, &out);
        cairn_propagator_inject(cairn_propagator_tracecontext(), context, set_field, &w3c);
        if (cases[i].trace) {
            CHECK(field(&w3c, "traceparent"), cases[i].name);
            check_str(str_of(field(&w3c, "traceparent")), cases[i].trace, cases[i].name);
        }
        check_carrier(&out, cases[i].trace ? cases[i].out : "", cases[i].name);
        cairn_context_unref(context);
    }
}

/* A carrier without our fields leaves a span that is there alone. */
static void test_damage_changes_nothing(void **state)
{
    cairn_span *span = cairn_span_wrap(&(struct cairn_span_context){{1}, {2}, 1, true, {0}, {0}});
    cairn_context *context = cairn_context_of(span);
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct carrier in = cases[i].in;
        cairn_context *got =
            cairn_propagator_extract(cairn_propagator_ot(), context, get_field, &in);
        CHECK((got == context) == (cases[i].trace == NULL), cases[i].name);
        cairn_context_unref(got);
    }
    cairn_span_end(span);
}

/* Values stand there as they are; what a field cannot hold stays here. */
static void test_baggage(void **state)
{
    struct carrier in = {.fields = {IDS(LONG, SPAN),
                                    {"Ot-Baggage-Tenant", " blue%20one "},
                                    {"ot-baggage-", "no name"},
                                    {"ot-baggage-d\xe2\x80\x93"
                                     "76",
                                     "no token"},
                                    {"ot-bag", "short"},
                                    {"uberctx-a", "another's"},
                                    {"ot-baggage-raw", "J\xc3\xb6rg \xff."},
                                    {"ot-baggage-empty", ""}},
                         .count = 9},
                   out = {.count = 0};
    cairn_context *before = cairn_baggage_set(NULL, CAIRN_S("old"), CAIRN_S("1"), CAIRN_S("p"));
    cairn_context *context =
        cairn_propagator_extract(cairn_propagator_ot(), before, get_field, &in);
    cairn_context *odd = cairn_baggage_set(context, CAIRN_S("a b"), CAIRN_S("1"), CAIRN_S(""));
    cairn_context *line =
        cairn_baggage_set(odd, CAIRN_S("line"), CAIRN_S("1\r\nx: y"), CAIRN_S(""));
    struct cairn_baggage_entry entry;
    (void)state;
    assert_int_equal(cairn_baggage_count(context), 4);
    assert_true(cairn_baggage_get(context, CAIRN_S("raw"), &entry));
    check_cairn_str(entry.value, "J\xc3\xb6rg \xef\xbf\xbd.", "repaired");
    assert_true(cairn_baggage_get(context, CAIRN_S("Tenant"), &entry));
    check_cairn_str(entry.value, "blue%20one", "as it is");
    cairn_propagator_inject(cairn_propagator_ot(), line, set_field, &out);
    check_carrier(&out,
                  OUT("false") " ot-baggage-old=1 ot-baggage-tenant=blue%20one ot-baggage-empty=",
                  "ot baggage");
    cairn_context_unref(line);
    cairn_context_unref(odd);
    cairn_context_unref(context);
    cairn_context_unref(before);
}

/* Baggage goes along with a trace, in both directions. */
static void test_baggage_alone(void **state)
{
    struct carrier in = {.fields = {{"ot-baggage-foo", "bar"}, {"ot-tracer-traceid", LONG}},
                         .count = 2},
                   out = {.count = 0};
    cairn_context *context =
        cairn_propagator_extract(cairn_propagator_ot(), cairn_context_empty(), get_field, &in);
    cairn_context *own =
        cairn_baggage_set(cairn_context_empty(), CAIRN_S("a"), CAIRN_S("1"), CAIRN_S(""));
    (void)state;
    assert_ptr_equal(context, cairn_context_empty());
    cairn_propagator_inject(cairn_propagator_ot(), own, set_field, &out);
    assert_int_equal(out.count, 0);
    cairn_context_unref(own);
    cairn_context_unref(context);
}

static void test_baggage_limits(void **state)
{
    static char names[70][20], big[5000];
    struct carrier in = {.fields = {IDS(LONG, SPAN)}, .count = 2};
    struct carrier bytes = in, out = {.count = 0};
    cairn_context *context;
    (void)state;
    for (; in.count < 70; in.count++) {
        snprintf(names[in.count], sizeof names[0], "ot-baggage-k%zu", in.count);
        in.fields[in.count].name = names[in.count];
        in.fields[in.count].value = "v";
    }
    context = cairn_propagator_extract(cairn_propagator_ot(), NULL, get_field, &in);
    assert_int_equal(cairn_baggage_count(context), 64);
    cairn_propagator_inject(cairn_propagator_ot(), context, set_field, &out);
    assert_int_equal(out.count, 3 + 64);
    cairn_context_unref(context);
    memset(big, '\xff', sizeof big - 1); /* each byte becomes three */
    for (; bytes.count < 5; bytes.count++) {
        bytes.fields[bytes.count].name = names[bytes.count];
        bytes.fields[bytes.count].value = bytes.count < 4 ? big : "small";
    }
    context = cairn_propagator_extract(cairn_propagator_ot(), NULL, get_field, &bytes);
    assert_int_equal(cairn_baggage_count(context), 2);
    assert_true(cairn_baggage_get(context, CAIRN_S("k4"), NULL));
    cairn_context_unref(context);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_traces),         cmocka_unit_test(test_damage_changes_nothing),
        cmocka_unit_test(test_baggage),        cmocka_unit_test(test_baggage_alone),
        cmocka_unit_test(test_baggage_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
