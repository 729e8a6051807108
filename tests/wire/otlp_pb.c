/* OTLP protobuf: what is written comes back whole; what is malformed is refused at its place; nothing is read beyond
 * the input's last byte. */
#include "wire/otlp_pb.h"
#include "sample.h"
#include "test.h"
#include "wire/pb.h"

static struct buf encoded_sample(void)
{
    struct span_batch batch = sample_batch();
    struct buf b;
    buf_init(&b, 0);
    otlp_pb_encode(batch.spans, batch.span_count, &b);
    assert_false(b.failed);
    return b;
}

static int decode(struct str bytes, struct arena *arena, struct span_batch *ret, struct err *err)
{
    return otlp_pb_decode(bytes, NULL, arena, ret, err);
}

static void test_round_trip(void **state)
{
    struct span_batch want = sample_batch(), got;
    struct buf b = encoded_sample(), again;
    struct guarded g = guarded_copy(b.p, b.n);
    struct arena arena;
    struct err err;
    (void)state;
    arena_init(&arena, 0);
    buf_init(&again, 0);
    assert_int_equal(decode(g.bytes, &arena, &got, &err), 0);
    assert_true(batch_eq(&want, &got));
    assert_int_equal(got.rejected_spans, 0);
    /* the same spans share resource and scope by pointer */
    assert_ptr_equal(got.spans[0].resource, got.spans[1].resource);
    otlp_pb_encode(got.spans, got.span_count, &again);
    assert_int_equal(again.n, b.n);
    assert_memory_equal(again.p, b.p, b.n);
    guarded_free(&g);
    buf_release(&again);
    buf_release(&b);
    arena_release(&arena);
}

static void test_single_span(void **state)
{
    struct span_batch batch = sample_batch();
    struct buf b;
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    buf_init(&b, 0);
    for (size_t i = 0; i < batch.span_count; i++) {
        struct span got = {.resource = batch.spans[i].resource, .scope = batch.spans[i].scope};
        buf_clear(&b);
        otlp_pb_encode_span(&batch.spans[i], &b);
        assert_int_equal(otlp_pb_decode_span(buf_str(&b), &arena, &got, NULL), 0);
        assert_true(span_eq(&got, &batch.spans[i]));
    }
    buf_release(&b);
    arena_release(&arena);
}

/* Every prefix of a good request is refused but those that end between two ResourceSpans, and none is read beyond. */
static void test_every_prefix(void **state)
{
    struct span_batch sample = sample_batch();
    struct buf b = encoded_sample();
    struct arena arena;
    size_t refused = 0;
    struct buf first;
    (void)state;
    buf_init(&first, 0);
    otlp_pb_encode(sample.spans, 2, &first); /* those of the first resource */
    arena_init(&arena, 0);
    for (size_t n = 0; n <= b.n; n++) {
        struct guarded g = guarded_copy(b.p, n);
        struct span_batch got;
        struct err err = {0};
        int code = decode(g.bytes, &arena, &got, &err);
        if (code < 0) {
            refused++;
            assert_int_equal(code, ERR_INVALID);
            assert_true(err.offset <= n);
            assert_non_null(strstr(err.msg, "byte"));
        } else {
            assert_true(n == 0 || n == first.n || n == b.n);
        }
        guarded_free(&g);
        arena_reset(&arena);
    }
    assert_int_equal(refused, b.n + 1 - 3);
    buf_release(&first);
    buf_release(&b);
    arena_release(&arena);
}

/* Any one byte changed to any of these: no crash, no over-read, and an answer. */
static void test_every_byte_changed(void **state)
{
    static const uint8_t flips[] = {0x01, 0x80, 0xff, 0x7f, 0x08};
    struct buf b = encoded_sample();
    struct arena arena;
    (void)state;
    arena_init(&arena, 4 << 20);
    for (size_t i = 0; i < b.n; i++) {
        for (size_t f = 0; f < COUNT(flips); f++) {
            struct guarded g;
            struct span_batch got;
            int code;
            b.p[i] ^= flips[f];
            g = guarded_copy(b.p, b.n);
            code = decode(g.bytes, &arena, &got, NULL);
            assert_true(code == 0 || code == ERR_INVALID || code == ERR_TOO_LARGE);
            b.p[i] ^= flips[f];
            guarded_free(&g);
            arena_reset(&arena);
        }
    }
    buf_release(&b);
    arena_release(&arena);
}

#define BYTES(s) s, sizeof(s) - 1

static void test_malformed(void **state)
{
    static const struct {
        const char *name, *bytes;
        size_t n;
        int want;
        size_t offset;
    } cases[] = {
        {"empty", BYTES(""), 0, 0},
        {"unknown varint field", BYTES("\x78\x05"), 0, 0},
        {"unknown fixed64 field",
         BYTES("\x79"
               "12345678"),
         0, 0},
        {"unknown fixed32 field",
         BYTES("\x7d"
               "1234"),
         0, 0},
        {"unknown group", BYTES("\x7b\x08\x01\x7c"), 0, 0},
        {"empty ResourceSpans", BYTES("\x0a\x00"), 0, 0},
        {"empty ScopeSpans", BYTES("\x0a\x02\x12\x00"), 0, 0},
        {"field number 0", BYTES("\x00\x01"), ERR_INVALID, 0},
        {"wire type 6", BYTES("\x7e\x01"), ERR_INVALID, 1},
        {"length past the end", BYTES("\x0a\x05\x12"), ERR_INVALID, 1},
        {"huge length", BYTES("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), ERR_INVALID, 1},
        {"varint of 11 bytes", BYTES("\x78\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
         ERR_INVALID, 1},
        {"varint cut", BYTES("\x78\x80"), ERR_INVALID, 1},
        {"end of a group that never began", BYTES("\x7c"), ERR_INVALID, 1},
        {"group that never ends", BYTES("\x7b\x08\x01"), ERR_INVALID, 1},
        {"span cut", BYTES("\x0a\x05\x12\x03\x12\x07\x0a"), ERR_INVALID, 5},
        {"name is not UTF-8",
         BYTES("\x0a\x08\x12\x06\x12\x04\x2a\x02"
               "a\xff"),
         ERR_INVALID, 9},
        {"singular field as varint is unknown", BYTES("\x0a\x02\x08\x01"), 0, 0},
    };
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].bytes, cases[i].n);
        struct span_batch got = {0};
        struct err err = {0};
        CHECK(decode(g.bytes, &arena, &got, &err) == cases[i].want, cases[i].name);
        CHECK(err.offset == cases[i].offset, cases[i].name);
        CHECK(got.span_count == 0, cases[i].name);
        guarded_free(&g);
    }
    arena_release(&arena);
}

/* Ids that are zero or of a wrong length refuse their span, not the request. */
static void test_bad_ids(void **state)
{
    static const struct {
        const char *name;
        size_t trace, span, parent; /* lengths */
        bool zero;
        bool kept;
    } cases[] = {
        {"good", 16, 8, 0, false, true},
        {"with parent", 16, 8, 8, false, true},
        {"trace id missing", 0, 8, 0, false, false},
        {"trace id short", 15, 8, 0, false, false},
        {"trace id long", 17, 8, 0, false, false},
        {"span id missing", 16, 0, 0, false, false},
        {"span id long", 16, 16, 0, false, false},
        {"parent short", 16, 8, 4, false, false},
        {"all zero", 16, 8, 0, true, false},
    };
    static const char ones[17] = "................", zeros[17];
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *id = cases[i].zero ? zeros : ones;
        struct span_batch got;
        struct buf b;
        size_t rs, ss, span;
        buf_init(&b, 0);
        rs = pb_begin(&b, PB_TAG(1, PB_LEN));
        ss = pb_begin(&b, PB_TAG(2, PB_LEN));
        span = pb_begin(&b, PB_TAG(2, PB_LEN));
        pb_put_bytes(&b, PB_TAG(1, PB_LEN), str_make(id, cases[i].trace));
        pb_put_bytes(&b, PB_TAG(2, PB_LEN), str_make(id, cases[i].span));
        pb_put_bytes(&b, PB_TAG(4, PB_LEN), str_make(id, cases[i].parent));
        pb_end(&b, span);
        pb_end(&b, ss);
        pb_end(&b, rs);
        CHECK(decode(buf_str(&b), &arena, &got, NULL) == 0, cases[i].name);
        CHECK(got.span_count == cases[i].kept, cases[i].name);
        CHECK(got.rejected_spans == !cases[i].kept, cases[i].name);
        CHECK(cases[i].kept == (got.rejected_reason == NULL), cases[i].name);
        buf_release(&b);
    }
    arena_release(&arena);
}

/* A resource in two pieces and a scope behind its spans are legal protobuf. */
static void test_merge(void **state)
{
    struct span_batch got;
    struct arena arena;
    struct buf b;
    (void)state;
    arena_init(&arena, 0);
    buf_init(&b, 0);
    size_t rs = pb_begin(&b, PB_TAG(1, PB_LEN));
    size_t ss = pb_begin(&b, PB_TAG(2, PB_LEN));
    size_t span = pb_begin(&b, PB_TAG(2, PB_LEN));
    pb_put_bytes(&b, PB_TAG(1, PB_LEN), STR("0123456789abcdef"));
    pb_put_bytes(&b, PB_TAG(2, PB_LEN), STR("01234567"));
    pb_end(&b, span);
    size_t scope = pb_begin(&b, PB_TAG(1, PB_LEN));
    pb_put_bytes(&b, PB_TAG(1, PB_LEN), STR("late"));
    pb_end(&b, scope);
    pb_end(&b, ss);
    for (int i = 0; i < 2; i++) {
        size_t resource = pb_begin(&b, PB_TAG(1, PB_LEN));
        size_t attr = pb_begin(&b, PB_TAG(1, PB_LEN));
        pb_put_bytes(&b, PB_TAG(1, PB_LEN), i ? STR("service.name") : STR("other"));
        size_t value = pb_begin(&b, PB_TAG(2, PB_LEN));
        pb_put_bytes(&b, PB_TAG(1, PB_LEN), STR("x"));
        pb_end(&b, value);
        pb_end(&b, attr);
        pb_end(&b, resource);
    }
    pb_end(&b, rs);
    assert_int_equal(decode(buf_str(&b), &arena, &got, NULL), 0);
    assert_int_equal(got.span_count, 1);
    check_str(got.spans[0].scope->name, "late", "scope behind the spans");
    assert_int_equal(got.spans[0].resource->attrs.count, 2);
    check_str(got.spans[0].resource->service_name, "x", "second piece of the resource");
    buf_release(&b);
    arena_release(&arena);
}

static void test_limits(void **state)
{
    struct buf b = encoded_sample();
    struct arena arena;
    struct span_batch got;
    struct otlp_limits two_spans = {.spans_max = 2}, three_spans = {.spans_max = 3};
    struct otlp_limits shallow = {.value_depth_max = 1};
    (void)state;
    arena_init(&arena, 0);
    assert_int_equal(otlp_pb_decode(buf_str(&b), &two_spans, &arena, &got, NULL), ERR_TOO_LARGE);
    assert_int_equal(otlp_pb_decode(buf_str(&b), &three_spans, &arena, &got, NULL), 0);
    assert_int_equal(otlp_pb_decode(buf_str(&b), &shallow, &arena, &got, NULL), ERR_TOO_LARGE);
    buf_release(&b);
    arena_release(&arena);
}

/* Small bytes that ask for large structures: what they take stays within the arena's budget. */
static void test_hostile(void **state)
{
    static const struct {
        const char *name;
        unsigned field; /* of an empty message, 100,000 times in a Span */
    } cases[] = {{"attributes", 9}, {"events", 11}, {"links", 13}, {"unknown", 99}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct span got = {.name = STR("")};
        struct arena arena;
        struct buf b;
        int code;
        arena_init(&arena, 1 << 20);
        buf_init(&b, 0);
        pb_put_bytes(&b, PB_TAG(1, PB_LEN), STR("0123456789abcdef"));
        pb_put_bytes(&b, PB_TAG(2, PB_LEN), STR("01234567"));
        for (int n = 0; n < 100000; n++)
            pb_put_bytes(&b, PB_TAG(cases[i].field, PB_LEN), STR(""));
        code = otlp_pb_decode_span(buf_str(&b), &arena, &got, NULL);
        CHECK(code == (cases[i].field == 99 ? 0 : ERR_NOMEM), cases[i].name);
        CHECK(arena.held_bytes <= 1 << 20, cases[i].name);
        buf_release(&b);
        arena_release(&arena);
    }
}

/* Groups, which nobody sends any more: passed over to a depth, refused beyond and when crossed. */
static void test_groups(void **state)
{
    struct arena arena;
    struct span_batch got;
    struct buf b;
    (void)state;
    arena_init(&arena, 0);
    buf_init(&b, 0);
    for (unsigned depth = 1; depth <= PB_GROUP_DEPTH_MAX + 1; depth++) {
        buf_clear(&b);
        for (unsigned i = 0; i < depth; i++)
            buf_put_byte(&b, i % 2 ? 0x73 : 0x7b);
        for (unsigned i = depth; i-- > 0;)
            buf_put_byte(&b, i % 2 ? 0x74 : 0x7c);
        assert_int_equal(decode(buf_str(&b), &arena, &got, NULL),
                         depth <= PB_GROUP_DEPTH_MAX ? 0 : ERR_INVALID);
    }
    assert_int_equal(decode(STR("\x7b\x73\x7c\x74"), &arena, &got, NULL), ERR_INVALID);
    assert_int_equal(decode(STR("\x7b\x0a\x02\x7c\x7c\x7c"), &arena, &got, NULL), 0);
    buf_release(&b);
    arena_release(&arena);
}

/* With any budget: success or ERR_NOMEM, and success from some size on. */
static void test_arena_budgets(void **state)
{
    struct buf b = encoded_sample();
    bool succeeded = false;
    (void)state;
    for (size_t budget = 16; budget < 64 * 1024; budget += 16) {
        struct arena arena;
        struct span_batch got;
        int code;
        arena_init(&arena, budget);
        code = decode(buf_str(&b), &arena, &got, NULL);
        assert_true(code == 0 || (code == ERR_NOMEM && !succeeded));
        succeeded = code == 0;
        arena_release(&arena);
    }
    assert_true(succeeded);
    buf_release(&b);
}

static void test_replies(void **state)
{
    struct buf b;
    int64_t rejected;
    struct str message;
    (void)state;
    buf_init(&b, 0);
    otlp_pb_encode_response(0, STR(""), &b);
    assert_int_equal(b.n, 0);
    otlp_pb_encode_response(300, STR("no"), &b);
    assert_int_equal(otlp_pb_decode_response(buf_str(&b), &rejected, &message), 0);
    assert_int_equal(rejected, 300);
    check_str(message, "no", "message");
    assert_int_equal(otlp_pb_decode_response(STR("\x0a\x09"), &rejected, &message), ERR_INVALID);
    buf_clear(&b);
    /* Status{14, "x", [Any{RetryInfo{Duration{1 s, 500 ms}}}]}, checked byte by byte at its end */
    otlp_pb_encode_status(14, STR("x"), 1500, &b);
    assert_memory_equal(b.p, "\x08\x0e\x12\x01x\x1a", 6);
    assert_memory_equal(b.p + b.n - 11, "\x0a\x0a\x08\x08\x01\x10\x80\xca\xb5\xee\x01", 11);
    buf_release(&b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_single_span),
        cmocka_unit_test(test_every_prefix),  cmocka_unit_test(test_every_byte_changed),
        cmocka_unit_test(test_malformed),     cmocka_unit_test(test_bad_ids),
        cmocka_unit_test(test_merge),         cmocka_unit_test(test_limits),
        cmocka_unit_test(test_hostile),       cmocka_unit_test(test_groups),
        cmocka_unit_test(test_arena_budgets), cmocka_unit_test(test_replies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
