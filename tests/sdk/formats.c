/* B3 and Jaeger over carriers: what goes in, what comes out again, and debug through a service. */
#include "carrier.h"

#define TRACE "80f198ee56343ba864fe8b2a57d3eff7"
#define SHORT "64fe8b2a57d3eff7"
#define ZEROS "0000000000000000"
#define SPAN  "e457b5a2e4d86bd1"
#define OTHER "11111111111111112222222222222222"

struct format_case {
    const char *name;
    struct carrier in;
    const char *single, *multi, *jaeger; /* as injected; NULL: the context is as it was */
};

#define MULTI(trace, rest) "x-b3-traceid=" trace " x-b3-spanid=" SPAN " " rest
#define UBER(trace, flags) "uber-trace-id=" trace ":" SPAN ":0:" flags

static const struct format_case b3_cases[] = {
    {"single",
     {{{"b3", TRACE "-" SPAN "-1-05e3ac9a4f6e3b90"}}, 1},
     "b3=" TRACE "-" SPAN "-1",
     MULTI(TRACE, "x-b3-sampled=1"),
     UBER(TRACE, "1")},
    {"single, denied",
     {{{"B3", TRACE "-" SPAN "-0"}}, 1},
     "b3=" TRACE "-" SPAN "-0",
     MULTI(TRACE, "x-b3-sampled=0"),
     UBER(TRACE, "0")},
    {"single, debug",
     {{{"b3", TRACE "-" SPAN "-d"}}, 1},
     "b3=" TRACE "-" SPAN "-d",
     MULTI(TRACE, "x-b3-flags=1"),
     UBER(TRACE, "3")},
    {"single, 64 bits",
     {{{"b3", SHORT "-" SPAN "-1"}}, 1},
     "b3=" ZEROS SHORT "-" SPAN "-1",
     MULTI(ZEROS SHORT, "x-b3-sampled=1"),
     UBER(ZEROS SHORT, "1")},
    {"multi",
     {{{"X-B3-TraceId", TRACE},
       {"X-B3-SpanId", SPAN},
       {"X-B3-ParentSpanId", "05e3ac9a4f6e3b90"},
       {"X-B3-Sampled", "1"}},
      4},
     "b3=" TRACE "-" SPAN "-1",
     MULTI(TRACE, "x-b3-sampled=1"),
     UBER(TRACE, "1")},
    {"multi, debug",
     {{{"X-B3-TraceId", TRACE}, {"X-B3-SpanId", SPAN}, {"X-B3-Flags", "1"}}, 3},
     "b3=" TRACE "-" SPAN "-d",
     MULTI(TRACE, "x-b3-flags=1"),
     UBER(TRACE, "3")},
    {"multi, 64 bits, no decision",
     {{{"X-B3-TraceId", SHORT}, {"X-B3-SpanId", SPAN}}, 2},
     "b3=" ZEROS SHORT "-" SPAN "-0",
     MULTI(ZEROS SHORT, "x-b3-sampled=0"),
     UBER(ZEROS SHORT, "0")},
    {"single wins",
     {{{"x-b3-traceid", OTHER},
       {"x-b3-spanid", SPAN},
       {"x-b3-sampled", "0"},
       {"b3", TRACE "-" SPAN "-1"}},
      4},
     "b3=" TRACE "-" SPAN "-1",
     MULTI(TRACE, "x-b3-sampled=1"),
     UBER(TRACE, "1")},
    {"single wins without ids",
     {{{"x-b3-traceid", TRACE}, {"x-b3-spanid", SPAN}, {"b3", "0"}}, 3},
     NULL,
     NULL,
     NULL},
    {"damaged single, good multi",
     {{{"b3", "x"}, {"x-b3-traceid", TRACE}, {"x-b3-spanid", SPAN}, {"x-b3-sampled", "1"}}, 4},
     "b3=" TRACE "-" SPAN "-1",
     MULTI(TRACE, "x-b3-sampled=1"),
     UBER(TRACE, "1")},
    {"nothing", {{{NULL, NULL}}, 0}, NULL, NULL, NULL},
    {"b3: 0", {{{"b3", "0"}}, 1}, NULL, NULL, NULL},
    {"zero trace", {{{"b3", ZEROS ZEROS "-" SPAN "-1"}}, 1}, NULL, NULL, NULL},
    {"zero span", {{{"b3", TRACE "-" ZEROS "-1"}}, 1}, NULL, NULL, NULL},
    {"no span id", {{{"x-b3-traceid", TRACE}, {"x-b3-sampled", "1"}}, 2}, NULL, NULL, NULL},
    {"bad decision",
     {{{"x-b3-traceid", TRACE}, {"x-b3-spanid", SPAN}, {"x-b3-sampled", "maybe"}}, 3},
     NULL,
     NULL,
     NULL},
    {"single, no decision",
     {{{"b3", TRACE "-" SPAN}}, 1},
     "b3=" TRACE "-" SPAN "-0",
     MULTI(TRACE, "x-b3-sampled=0"),
     UBER(TRACE, "0")},
    {"single, a parent in the place of the decision",
     {{{"b3", TRACE "-" SPAN "-05e3ac9a4f6e3b90"}}, 1},
     "b3=" TRACE "-" SPAN "-0",
     MULTI(TRACE, "x-b3-sampled=0"),
     UBER(TRACE, "0")},
    {"single, debug and a parent",
     {{{"b3", TRACE "-" SPAN "-d-05e3ac9a4f6e3b90"}}, 1},
     "b3=" TRACE "-" SPAN "-d",
     MULTI(TRACE, "x-b3-flags=1"),
     UBER(TRACE, "3")},
    {"single, upper case",
     {{{"b3", "80F198EE56343BA864FE8B2A57D3EFF7-E457B5A2E4D86BD1-1"}}, 1},
     "b3=" TRACE "-" SPAN "-1",
     MULTI(TRACE, "x-b3-sampled=1"),
     UBER(TRACE, "1")},
    {"single, spaces around",
     {{{"b3", " \t" TRACE "-" SPAN "-1 "}}, 1},
     "b3=" TRACE "-" SPAN "-1",
     MULTI(TRACE, "x-b3-sampled=1"),
     UBER(TRACE, "1")},
    {"sampled: '1'",
     {{{"x-b3-traceid", TRACE}, {"x-b3-spanid", SPAN}, {"x-b3-sampled", "1"}}, 3},
     "b3=" TRACE "-" SPAN "-1",
     MULTI(TRACE, "x-b3-sampled=1"),
     UBER(TRACE, "1")},
    {"sampled: 'true'",
     {{{"x-b3-traceid", TRACE}, {"x-b3-spanid", SPAN}, {"x-b3-sampled", "true"}}, 3},
     "b3=" TRACE "-" SPAN "-1",
     MULTI(TRACE, "x-b3-sampled=1"),
     UBER(TRACE, "1")},
    {"sampled: 'True'",
     {{{"x-b3-traceid", TRACE}, {"x-b3-spanid", SPAN}, {"x-b3-sampled", "True"}}, 3},
     "b3=" TRACE "-" SPAN "-1",
     MULTI(TRACE, "x-b3-sampled=1"),
     UBER(TRACE, "1")},
    {"sampled: 'TRUE'",
     {{{"x-b3-traceid", TRACE}, {"x-b3-spanid", SPAN}, {"x-b3-sampled", "TRUE"}}, 3},
     "b3=" TRACE "-" SPAN "-1",
     MULTI(TRACE, "x-b3-sampled=1"),
     UBER(TRACE, "1")},
    {"sampled: 'd'",
     {{{"x-b3-traceid", TRACE}, {"x-b3-spanid", SPAN}, {"x-b3-sampled", "d"}}, 3},
     "b3=" TRACE "-" SPAN "-d",
     MULTI(TRACE, "x-b3-flags=1"),
     UBER(TRACE, "3")},
    {"sampled: '0'",
     {{{"x-b3-traceid", TRACE}, {"x-b3-spanid", SPAN}, {"x-b3-sampled", "0"}}, 3},
     "b3=" TRACE "-" SPAN "-0",
     MULTI(TRACE, "x-b3-sampled=0"),
     UBER(TRACE, "0")},
    {"sampled: 'false'",
     {{{"x-b3-traceid", TRACE}, {"x-b3-spanid", SPAN}, {"x-b3-sampled", "false"}}, 3},
     "b3=" TRACE "-" SPAN "-0",
     MULTI(TRACE, "x-b3-sampled=0"),
     UBER(TRACE, "0")},
    {"sampled: 'False'",
     {{{"x-b3-traceid", TRACE}, {"x-b3-spanid", SPAN}, {"x-b3-sampled", "False"}}, 3},
     "b3=" TRACE "-" SPAN "-0",
     MULTI(TRACE, "x-b3-sampled=0"),
     UBER(TRACE, "0")},
    {"sampled: ''",
     {{{"x-b3-traceid", TRACE}, {"x-b3-spanid", SPAN}, {"x-b3-sampled", ""}}, 3},
     "b3=" TRACE "-" SPAN "-0",
     MULTI(TRACE, "x-b3-sampled=0"),
     UBER(TRACE, "0")},
    {"flags alone say debug",
     {{{"x-b3-traceid", TRACE}, {"x-b3-spanid", SPAN}, {"x-b3-flags", "1"}}, 3},
     "b3=" TRACE "-" SPAN "-d",
     MULTI(TRACE, "x-b3-flags=1"),
     UBER(TRACE, "3")},
    {"flags beat a denial",
     {{{"x-b3-traceid", TRACE}, {"x-b3-spanid", SPAN}, {"x-b3-sampled", "0"}, {"x-b3-flags", "1"}},
      4},
     "b3=" TRACE "-" SPAN "-d",
     MULTI(TRACE, "x-b3-flags=1"),
     UBER(TRACE, "3")},
    {"flags beat a damaged decision",
     {{{"x-b3-traceid", TRACE},
       {"x-b3-spanid", SPAN},
       {"x-b3-sampled", "maybe"},
       {"x-b3-flags", "1"}},
      4},
     "b3=" TRACE "-" SPAN "-d",
     MULTI(TRACE, "x-b3-flags=1"),
     UBER(TRACE, "3")},
    {"flags of 0 say nothing",
     {{{"x-b3-traceid", TRACE}, {"x-b3-spanid", SPAN}, {"x-b3-sampled", "1"}, {"x-b3-flags", "0"}},
      4},
     "b3=" TRACE "-" SPAN "-1",
     MULTI(TRACE, "x-b3-sampled=1"),
     UBER(TRACE, "1")},
    {"the parent is not looked at",
     {{{"x-b3-traceid", TRACE},
       {"x-b3-spanid", SPAN},
       {"x-b3-parentspanid", "x"},
       {"x-b3-sampled", "1"}},
      4},
     "b3=" TRACE "-" SPAN "-1",
     MULTI(TRACE, "x-b3-sampled=1"),
     UBER(TRACE, "1")},
    {"multi, 64 bits, debug",
     {{{"x-b3-traceid", SHORT}, {"x-b3-spanid", SPAN}, {"x-b3-flags", "1"}}, 3},
     "b3=" ZEROS SHORT "-" SPAN "-d",
     MULTI(ZEROS SHORT, "x-b3-flags=1"),
     UBER(ZEROS SHORT, "3")},
    {"multi, upper case",
     {{{"X-B3-TRACEID", "80F198EE56343BA864FE8B2A57D3EFF7"},
       {"X-B3-SPANID", "E457B5A2E4D86BD1"},
       {"X-B3-SAMPLED", "1"}},
      3},
     "b3=" TRACE "-" SPAN "-1",
     MULTI(TRACE, "x-b3-sampled=1"),
     UBER(TRACE, "1")},
    {"single of zeros, good multi",
     {{{"b3", ZEROS ZEROS "-" SPAN "-1"},
       {"x-b3-traceid", TRACE},
       {"x-b3-spanid", SPAN},
       {"x-b3-sampled", "1"}},
      4},
     "b3=" TRACE "-" SPAN "-1",
     MULTI(TRACE, "x-b3-sampled=1"),
     UBER(TRACE, "1")},
    {"empty single, good multi",
     {{{"b3", ""}, {"x-b3-traceid", TRACE}, {"x-b3-spanid", SPAN}, {"x-b3-sampled", "1"}}, 4},
     "b3=" TRACE "-" SPAN "-1",
     MULTI(TRACE, "x-b3-sampled=1"),
     UBER(TRACE, "1")},
    {"the first of two singles counts",
     {{{"b3", TRACE "-" SPAN "-1"}, {"b3", OTHER "-" SPAN "-0"}}, 2},
     "b3=" TRACE "-" SPAN "-1",
     MULTI(TRACE, "x-b3-sampled=1"),
     UBER(TRACE, "1")},
    {"b3: 1", {{{"b3", "1"}}, 1}, NULL, NULL, NULL},
    {"b3: d", {{{"b3", "d"}}, 1}, NULL, NULL, NULL},
    {"b3: 2", {{{"b3", "2"}}, 1}, NULL, NULL, NULL},
    {"empty b3", {{{"b3", ""}}, 1}, NULL, NULL, NULL},
    {"dashes", {{{"b3", "---"}}, 1}, NULL, NULL, NULL},
    {"eight fields", {{{"b3", "0-1-2-3-4-5-6-7"}}, 1}, NULL, NULL, NULL},
    {"five fields", {{{"b3", TRACE "-" SPAN "-1-05e3ac9a4f6e3b90-1"}}, 1}, NULL, NULL, NULL},
    {"a dash more", {{{"b3", TRACE "-" SPAN "-1-"}}, 1}, NULL, NULL, NULL},
    {"an empty decision", {{{"b3", TRACE "-" SPAN "-"}}, 1}, NULL, NULL, NULL},
    {"a decision of two", {{{"b3", TRACE "-" SPAN "-11"}}, 1}, NULL, NULL, NULL},
    {"a damaged parent", {{{"b3", TRACE "-" SPAN "-1-05e3ac9a4f6e3b9"}}, 1}, NULL, NULL, NULL},
    {"trace id of 31",
     {{{"b3", "80f198ee56343ba864fe8b2a57d3eff-" SPAN "-1"}}, 1},
     NULL,
     NULL,
     NULL},
    {"trace id of 33", {{{"b3", TRACE "0-" SPAN "-1"}}, 1}, NULL, NULL, NULL},
    {"span id of 17", {{{"b3", TRACE "-" SPAN "0-1"}}, 1}, NULL, NULL, NULL},
    {"no hexadecimal",
     {{{"b3", "80f198ee56343ba864fe8b2a57d3efg7-" SPAN "-1"}}, 1},
     NULL,
     NULL,
     NULL},
    {"trace id alone", {{{"b3", TRACE}}, 1}, NULL, NULL, NULL},
    {"no trace id", {{{"x-b3-spanid", SPAN}, {"x-b3-flags", "1"}}, 2}, NULL, NULL, NULL},
    {"a short trace id",
     {{{"x-b3-traceid", "abc123"}, {"x-b3-spanid", SPAN}, {"x-b3-flags", "1"}}, 3},
     NULL,
     NULL,
     NULL},
    {"a short span id",
     {{{"x-b3-traceid", TRACE}, {"x-b3-spanid", "abc123"}, {"x-b3-flags", "1"}}, 3},
     NULL,
     NULL,
     NULL},
    {"multi, trace id of zeros",
     {{{"x-b3-traceid", ZEROS ZEROS}, {"x-b3-spanid", SPAN}, {"x-b3-sampled", "1"}}, 3},
     NULL,
     NULL,
     NULL},
    {"multi, span id of zeros",
     {{{"x-b3-traceid", TRACE}, {"x-b3-spanid", ZEROS}, {"x-b3-sampled", "1"}}, 3},
     NULL,
     NULL,
     NULL},
    {"flags of 2",
     {{{"x-b3-traceid", TRACE}, {"x-b3-spanid", SPAN}, {"x-b3-flags", "2"}}, 3},
     NULL,
     NULL,
     NULL},
    {"a decision alone", {{{"x-b3-sampled", "0"}}, 1}, NULL, NULL, NULL},
};

static const struct format_case jaeger_cases[] = {
    {"sampled",
     {{{"Uber-Trace-Id", TRACE ":" SPAN ":0:1"}}, 1},
     "b3=" TRACE "-" SPAN "-1",
     MULTI(TRACE, "x-b3-sampled=1"),
     UBER(TRACE, "1")},
    {"debug",
     {{{"uber-trace-id", TRACE ":" SPAN ":0:2"}}, 1},
     "b3=" TRACE "-" SPAN "-d",
     MULTI(TRACE, "x-b3-flags=1"),
     UBER(TRACE, "3")},
    {"short",
     {{{"uber-trace-id", SHORT ":" SPAN ":0:0"}}, 1},
     "b3=" ZEROS SHORT "-" SPAN "-0",
     MULTI(ZEROS SHORT, "x-b3-sampled=0"),
     UBER(ZEROS SHORT, "0")},
    {"three fields", {{{"uber-trace-id", TRACE ":" SPAN ":1"}}, 1}, NULL, NULL, NULL},
    {"zero", {{{"uber-trace-id", "0:0:0:0"}}, 1}, NULL, NULL, NULL},
    {"not sampled",
     {{{"uber-trace-id", TRACE ":" SPAN ":0:0"}}, 1},
     "b3=" TRACE "-" SPAN "-0",
     "x-b3-traceid=" TRACE " x-b3-spanid=" SPAN " "
     "x-b3-sampled=0",
     "uber-trace-id=" TRACE ":" SPAN ":0:0"},
    {"flags of two digits",
     {{{"uber-trace-id", TRACE ":" SPAN ":0:01"}}, 1},
     "b3=" TRACE "-" SPAN "-1",
     "x-b3-traceid=" TRACE " x-b3-spanid=" SPAN " "
     "x-b3-sampled=1",
     "uber-trace-id=" TRACE ":" SPAN ":0:1"},
    {"sampled and debug",
     {{{"uber-trace-id", TRACE ":" SPAN ":0:3"}}, 1},
     "b3=" TRACE "-" SPAN "-d",
     "x-b3-traceid=" TRACE " x-b3-spanid=" SPAN " "
     "x-b3-flags=1",
     "uber-trace-id=" TRACE ":" SPAN ":0:3"},
    {"flags that nobody knows as well",
     {{{"uber-trace-id", TRACE ":" SPAN ":0:0b"}}, 1},
     "b3=" TRACE "-" SPAN "-d",
     "x-b3-traceid=" TRACE " x-b3-spanid=" SPAN " "
     "x-b3-flags=1",
     "uber-trace-id=" TRACE ":" SPAN ":0:3"},
    {"flags that nobody knows alone",
     {{{"uber-trace-id", TRACE ":" SPAN ":0:8"}}, 1},
     "b3=" TRACE "-" SPAN "-0",
     "x-b3-traceid=" TRACE " x-b3-spanid=" SPAN " "
     "x-b3-sampled=0",
     "uber-trace-id=" TRACE ":" SPAN ":0:0"},
    {"a parent",
     {{{"uber-trace-id", TRACE ":" SPAN ":05e3ac9a4f6e3b90:1"}}, 1},
     "b3=" TRACE "-" SPAN "-1",
     "x-b3-traceid=" TRACE " x-b3-spanid=" SPAN " "
     "x-b3-sampled=1",
     "uber-trace-id=" TRACE ":" SPAN ":0:1"},
    {"zeros left out",
     {{{"uber-trace-id", "1:2:0:1"}}, 1},
     "b3=" ZEROS "0000000000000001"
     "-"
     "0000000000000002"
     "-1",
     "x-b3-traceid=" ZEROS "0000000000000001"
     " x-b3-spanid="
     "0000000000000002"
     " "
     "x-b3-sampled=1",
     "uber-trace-id=" ZEROS "0000000000000001"
     ":"
     "0000000000000002"
     ":0:1"},
    {"upper case",
     {{{"uber-trace-id", "80F198EE56343BA864FE8B2A57D3EFF7:E457B5A2E4D86BD1:0:1"}}, 1},
     "b3=" TRACE "-" SPAN "-1",
     "x-b3-traceid=" TRACE " x-b3-spanid=" SPAN " "
     "x-b3-sampled=1",
     "uber-trace-id=" TRACE ":" SPAN ":0:1"},
    {"colons in percents",
     {{{"uber-trace-id", TRACE "%3A" SPAN "%3a0%3A1"}}, 1},
     "b3=" TRACE "-" SPAN "-1",
     "x-b3-traceid=" TRACE " x-b3-spanid=" SPAN " "
     "x-b3-sampled=1",
     "uber-trace-id=" TRACE ":" SPAN ":0:1"},
    {"spaces around",
     {{{"uber-trace-id", " " TRACE ":" SPAN ":0:1\t"}}, 1},
     "b3=" TRACE "-" SPAN "-1",
     "x-b3-traceid=" TRACE " x-b3-spanid=" SPAN " "
     "x-b3-sampled=1",
     "uber-trace-id=" TRACE ":" SPAN ":0:1"},
    {"empty", {{{"uber-trace-id", ""}}, 1}, NULL, NULL, NULL},
    {"colons", {{{"uber-trace-id", ":::"}}, 1}, NULL, NULL, NULL},
    {"five fields", {{{"uber-trace-id", TRACE ":" SPAN ":0:1:1"}}, 1}, NULL, NULL, NULL},
    {"no parent", {{{"uber-trace-id", TRACE ":" SPAN "::1"}}, 1}, NULL, NULL, NULL},
    {"no flags", {{{"uber-trace-id", TRACE ":" SPAN ":0:"}}, 1}, NULL, NULL, NULL},
    {"trace id of zeros", {{{"uber-trace-id", ZEROS ZEROS ":" SPAN ":0:1"}}, 1}, NULL, NULL, NULL},
    {"span id of zeros", {{{"uber-trace-id", TRACE ":" ZEROS ":0:1"}}, 1}, NULL, NULL, NULL},
    {"trace id of 33", {{{"uber-trace-id", TRACE "0:" SPAN ":0:1"}}, 1}, NULL, NULL, NULL},
    {"span id of 17", {{{"uber-trace-id", TRACE ":" SPAN "0:0:1"}}, 1}, NULL, NULL, NULL},
    {"flags of three digits", {{{"uber-trace-id", TRACE ":" SPAN ":0:001"}}, 1}, NULL, NULL, NULL},
    {"a damaged parent", {{{"uber-trace-id", TRACE ":" SPAN ":x:1"}}, 1}, NULL, NULL, NULL},
    {"no hexadecimal", {{{"uber-trace-id", TRACE ":" SPAN ":0:x"}}, 1}, NULL, NULL, NULL},
    {"a sign", {{{"uber-trace-id", "+1:2:0:1"}}, 1}, NULL, NULL, NULL},
};

static void check_case(const struct format_case *c, cairn_propagator *from, cairn_context *before)
{
    struct carrier in = c->in;
    cairn_propagator *to[] = {cairn_propagator_b3(), cairn_propagator_b3_multi(),
                              cairn_propagator_jaeger()};
    const char *want[] = {c->single, c->multi, c->jaeger};
    cairn_context *context = cairn_propagator_extract(from, before, get_field, &in);
    CHECK((context == before) == (c->single == NULL), c->name);
    for (size_t i = 0; context != before && i < COUNT(to); i++) {
        struct carrier out = {.count = 0};
        cairn_propagator_inject(to[i], context, set_field, &out);
        check_carrier(&out, want[i], c->name);
    }
    cairn_context_unref(context);
}

static void test_b3(void **state)
{
    cairn_span *span = cairn_span_wrap(&(struct cairn_span_context){{1}, {2}, 1, true, {0}, {0}});
    (void)state;
    for (size_t i = 0; i < COUNT(b3_cases); i++) {
        check_case(&b3_cases[i], cairn_propagator_b3(), cairn_context_empty());
        check_case(&b3_cases[i], cairn_propagator_b3_multi(), cairn_context_of(span));
    }
    cairn_span_end(span);
}

static void test_jaeger(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(jaeger_cases); i++)
        check_case(&jaeger_cases[i], cairn_propagator_jaeger(), cairn_context_empty());
}

static void test_debug_through_a_service(void **state)
{
    struct fixture f = fixture_open();
    struct carrier in = {.fields = {{"b3", TRACE "-" SPAN "-d"}}, .count = 1};
    struct carrier child = {.count = 0}, root = {.count = 0};
    cairn_context *context = cairn_propagator_extract(cairn_propagator_b3(), NULL, get_field, &in);
    (void)state;
    {
        CAIRN_SPAN(outer, f.tracer, "server", CAIRN_WITH(.parent = context));
        CAIRN_SPAN(inner, f.tracer, "inner");
        cairn_propagator_inject(cairn_propagator_b3(), NULL, set_field, &child);
    }
    {
        CAIRN_SPAN(other, f.tracer, "root", CAIRN_WITH(.parent = context, .root = true));
        cairn_propagator_inject(cairn_propagator_b3(), NULL, set_field, &root);
    }
    cairn_context_unref(context);
    assert_memory_equal(field(&child, "b3"), TRACE "-", 33);
    assert_int_equal(field(&child, "b3")[50], 'd');
    assert_int_equal(field(&root, "b3")[50], '1'); /* another trace */
    assert_true(cairn_span_data_parent_is_remote(finished(&f, "server")));
    fixture_close(&f);
}

static void test_jaeger_baggage(void **state)
{
    struct carrier in = {.fields = {{"Uberctx-Tenant", "blue%20one"},
                                    {"x-other", "1"},
                                    {"uberctx-", "no name"},
                                    {"uber", "short"},
                                    {"uberctx-raw", "J\xc3\xb6rg \xff"}},
                         .count = 5},
                   out = {.count = 0};
    cairn_context *before = cairn_baggage_set(NULL, CAIRN_S("old"), CAIRN_S("1"), CAIRN_S("p"));
    cairn_context *context =
        cairn_propagator_extract(cairn_propagator_jaeger(), before, get_field, &in);
    cairn_context *odd = cairn_baggage_set(context, CAIRN_S("a b"), CAIRN_S("1"), CAIRN_S(""));
    (void)state;
    assert_int_equal(cairn_baggage_count(context), 3);
    cairn_propagator_inject(cairn_propagator_jaeger(), odd, set_field, &out);
    check_carrier(&out, "uberctx-old=1 uberctx-tenant=blue%20one uberctx-raw=J%C3%B6rg%20%EF%BF%BD",
                  "jaeger baggage");
    cairn_context_unref(odd);
    cairn_context_unref(context);
    cairn_context_unref(before);
}

/* Baggage arrives with a trace, with a damaged one, and without. */
static void test_jaeger_baggage_alone(void **state)
{
    static const char *const headers[] = {NULL, "", TRACE ":" SPAN ":00",
                                          ZEROS ZEROS ":" SPAN ":0:1", TRACE ":" ZEROS ":0:1"};
    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        struct carrier in = {.fields = {{"uberctx-key1", "value1"}, {"uber-trace-id", headers[i]}},
                             .count = headers[i] ? 2 : 1};
        cairn_context *context =
            cairn_propagator_extract(cairn_propagator_jaeger(), NULL, get_field, &in);
        struct cairn_baggage_entry entry;
        assert_null(cairn_context_span(context));
        assert_true(cairn_baggage_get(context, CAIRN_S("key1"), &entry));
        check_cairn_str(entry.value, "value1", "value");
        cairn_context_unref(context);
    }
}

/* Fields are the names that may be set, and no others are. */
static void test_fields(void **state)
{
    static const struct {
        const char *name;
        cairn_propagator *(*get)(void);
        const char *fields;
    } cases[] = {
        {"b3", cairn_propagator_b3, "b3"},
        {"b3multi", cairn_propagator_b3_multi, "x-b3-traceid x-b3-spanid x-b3-sampled x-b3-flags"},
        {"jaeger", cairn_propagator_jaeger, "uber-trace-id"},
        {"ottrace", cairn_propagator_ot, "ot-tracer-traceid ot-tracer-spanid ot-tracer-sampled"},
        {"grpc-trace-bin", cairn_propagator_grpc_trace_bin, "grpc-trace-bin"},
        {"tracecontext", cairn_propagator_tracecontext, "traceparent tracestate"},
        {"baggage", cairn_propagator_baggage, "baggage"},
        {"none", cairn_propagator_none, ""},
    };
    struct carrier in = {.fields = {{"b3", TRACE "-" SPAN "-d"}}, .count = 1};
    cairn_context *context = cairn_propagator_extract(cairn_propagator_b3(), NULL, get_field, &in);
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct carrier out = {.count = 0}, nothing = {.count = 0};
        char fields[128] = "";
        cairn_str field;
        for (size_t at = 0; (field = cairn_propagator_field(cases[i].get(), at)).n; at++)
            snprintf(fields + strlen(fields), sizeof fields - strlen(fields), "%s%.*s",
                     at ? " " : "", (int)field.n, field.p);
        CHECK(strcmp(fields, cases[i].fields) == 0, cases[i].name);
        cairn_propagator_inject(cases[i].get(), context, set_field, &out);
        for (size_t at = 0; at < out.count; at++)
            CHECK(strstr(fields, out.fields[at].name), cases[i].name);
        cairn_propagator_inject(cases[i].get(), cairn_context_empty(), set_field, &nothing);
        CHECK(nothing.count == 0, cases[i].name);
    }
    cairn_context_unref(context);
}

static void test_jaeger_baggage_limits(void **state)
{
    static char names[70][16], big[5000];
    struct carrier in = {.count = 0}, bytes = {.count = 0};
    cairn_context *context;
    (void)state;
    for (; in.count < 70; in.count++) {
        snprintf(names[in.count], sizeof names[0], "uberctx-k%zu", in.count);
        in.fields[in.count].name = names[in.count];
        in.fields[in.count].value = "v";
    }
    context = cairn_propagator_extract(cairn_propagator_jaeger(), NULL, get_field, &in);
    assert_int_equal(cairn_baggage_count(context), 64);
    cairn_context_unref(context);
    memset(big, '\xff', sizeof big - 1); /* each byte becomes three */
    for (; bytes.count < 3; bytes.count++) {
        bytes.fields[bytes.count].name = names[bytes.count];
        bytes.fields[bytes.count].value = bytes.count < 2 ? big : "small";
    }
    context = cairn_propagator_extract(cairn_propagator_jaeger(), NULL, get_field, &bytes);
    assert_int_equal(cairn_baggage_count(context), 2);
    assert_true(cairn_baggage_get(context, CAIRN_S("k2"), NULL));
    cairn_context_unref(context);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_b3),
        cmocka_unit_test(test_jaeger),
        cmocka_unit_test(test_debug_through_a_service),
        cmocka_unit_test(test_jaeger_baggage),
        cmocka_unit_test(test_jaeger_baggage_alone),
        cmocka_unit_test(test_jaeger_baggage_limits),
        cmocka_unit_test(test_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
