/* OpenCensus's binary format through the API: bytes, and the field grpc-trace-bin. */
#include "carrier.h"

static const uint8_t example[] = {0,   0,   75,  249, 47,  53, 119, 179, 77, 166,
                                  163, 206, 146, 157, 0,   14, 71,  54,  1,  52,
                                  240, 103, 170, 11,  169, 2,  183, 2,   1};
#define EXAMPLE_TEXT "AABL+S81d7NNpqPOkp0ADkc2ATTwZ6oLqQK3AgE"

static void check_example(cairn_context *context)
{
    struct cairn_span_context sc;
    cairn_span_get_context(cairn_context_span(context), &sc);
    assert_memory_equal(sc.trace_id, example + 2, 16);
    assert_memory_equal(sc.span_id, example + 19, 8);
    assert_int_equal(sc.flags, CAIRN_FLAG_SAMPLED);
    assert_true(sc.is_remote);
}

static void test_bytes(void **state)
{
    uint8_t out[CAIRN_BINARY_BYTES + 1];
    struct guarded in = guarded_copy(example, sizeof example);
    cairn_context *context =
        cairn_binary_extract(cairn_context_empty(), (const uint8_t *)in.bytes.p, in.bytes.n);
    cairn_context *entered, *again;
    (void)state;
    check_example(context);
    memset(out, 0x5a, sizeof out);
    for (size_t room = 0; room < CAIRN_BINARY_BYTES; room++)
        assert_int_equal(cairn_binary_inject(context, out, room), 0);
    assert_int_equal(out[0], 0x5a);
    assert_int_equal(cairn_binary_inject(context, out, sizeof out), CAIRN_BINARY_BYTES);
    assert_memory_equal(out, example, sizeof example);
    assert_int_equal(out[CAIRN_BINARY_BYTES], 0x5a);
    assert_int_equal(cairn_binary_inject(context, NULL, 100), 0);
    assert_int_equal(cairn_binary_inject(cairn_context_empty(), out, sizeof out), 0);
    {
        cairn_token token = cairn_context_attach(context);
        memset(out, 0, sizeof out);
        assert_int_equal(cairn_binary_inject(NULL, out, sizeof out), CAIRN_BINARY_BYTES);
        assert_memory_equal(out, example, sizeof example);
        entered = cairn_binary_extract(NULL, NULL, 29);
        assert_ptr_equal(entered, context);
        cairn_context_unref(entered);
        cairn_context_detach(token);
    }
    again = cairn_binary_extract(context, example, sizeof example - 1); /* damaged */
    assert_ptr_equal(again, context);
    cairn_context_unref(again);
    cairn_context_unref(context);
    guarded_free(&in);
}

/* Base64 with and without padding is read, without is written. */
static void test_field(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {EXAMPLE_TEXT, true},
        {EXAMPLE_TEXT "=", true},
        {" " EXAMPLE_TEXT "\t", true},
        {EXAMPLE_TEXT "wAA", true}, /* an unknown field */
        {"", false},
        {"A", false},
        {"AABL+S81d7NNpqPOkp0ADkc2ATTwZ6oLqQK3Ag", false},
        {"AABL+S81d7NNpqPOkp0ADkc2ATTwZ6oLqQK3AgE*", false},
        {"BQBL+S81d7NNpqPOkp0ADkc2ATTwZ6oLqQK3AgE", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct carrier in = {.fields = {{"Grpc-Trace-Bin", cases[i].text}}, .count = 1};
        struct carrier out = {.count = 0};
        cairn_context *context = cairn_propagator_extract(cairn_propagator_grpc_trace_bin(),
                                                          cairn_context_empty(), get_field, &in);
        CHECK((context != cairn_context_empty()) == cases[i].good, cases[i].text);
        cairn_propagator_inject(cairn_propagator_grpc_trace_bin(), context, set_field, &out);
        if (cases[i].good)
            check_example(context);
        check_carrier(&out, cases[i].good ? "grpc-trace-bin=" EXAMPLE_TEXT : "", cases[i].text);
        cairn_context_unref(context);
    }
}

static void test_too_long(void **state)
{
    static char text[4096];
    struct carrier in = {.fields = {{"grpc-trace-bin", text}}, .count = 1};
    cairn_context *context;
    (void)state;
    memset(text, 'A', sizeof text - 1);
    context = cairn_propagator_extract(cairn_propagator_grpc_trace_bin(), cairn_context_empty(),
                                       get_field, &in);
    assert_ptr_equal(context, cairn_context_empty());
    cairn_context_unref(context);
}

/* A service in the middle: its span goes out, of the same trace. */
static void test_through_a_service(void **state)
{
    struct fixture f = fixture_open();
    uint8_t out[CAIRN_BINARY_BYTES];
    cairn_context *context = cairn_binary_extract(NULL, example, sizeof example);
    struct cairn_span_context own;
    (void)state;
    {
        CAIRN_SPAN(span, f.tracer, "server", CAIRN_WITH(.parent = context));
        cairn_span_get_context(span, &own);
        assert_int_equal(cairn_binary_inject(NULL, out, sizeof out), sizeof out);
    }
    assert_memory_equal(out, example, 18);
    assert_memory_equal(out + 19, own.span_id, 8);
    assert_memory_not_equal(out + 19, example + 19, 8);
    cairn_context_unref(context);
    fixture_close(&f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_field),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_through_a_service),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
