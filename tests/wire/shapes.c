/* Batches of every shape survive encoding and decoding: lengths around the sizes of varints, lists whose elements do not
 * stand together, neighbours that share resource and scope or do not. And the JSON text is what it was yesterday. */
#include "sample.h"
#include "test.h"
#include "wire/otlp_json.h"
#include "wire/otlp_pb.h"
#include "wire/pb.h"

static bool update_goldens;

/* What went in comes out of both codecs. */
static void check_round_trip(const struct span_batch *want, const char *name)
{
    struct span_batch got;
    struct arena arena;
    struct buf out;
    struct json_writer w;
    struct guarded g;
    arena_init(&arena, 0);
    buf_init(&out, 0);
    otlp_pb_encode(want->spans, want->span_count, &out);
    g = guarded_copy(out.p, out.n);
    CHECK(!out.failed && otlp_pb_decode(g.bytes, NULL, &arena, &got, NULL) == 0, name);
    CHECK(batch_eq(want, &got), name);
    guarded_free(&g);
    buf_clear(&out);
    json_init(&w, &out, 0);
    otlp_json_write(&w, want->spans, want->span_count, 0);
    g = guarded_copy(out.p, out.n);
    CHECK(!out.failed && otlp_json_decode(g.bytes, NULL, &arena, &got, NULL) == 0, name);
    guarded_free(&g); /* the batch may not borrow from the text */
    CHECK(batch_eq(want, &got), name);
    arena_release(&arena);
    buf_release(&out);
}

/* Strings around the lengths where a varint, a message or the quick paths end. */
static void test_lengths(void **state)
{
    static const size_t lengths[] = {
        0,     1,     2,     3,     110,   117,   118,   119,   120,     121,    122,   123,
        124,   125,   126,   127,   128,   129,   130,   16370, 16374,   16375,  16376, 16377,
        16378, 16379, 16380, 16381, 16382, 16383, 16384, 16385, 2097151, 2097153};
    char *text = malloc(2097153);
    (void)state;
    memset(text, 't', 2097153);
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct span_batch sample = sample_batch();
        struct str s = str_make(text, lengths[i]);
        struct value value = {.type = VALUE_STRING, .string = s};
        struct attr attrs[3] = {{STR("k"), value}, {s, value}, {s, {.type = VALUE_EMPTY}}};
        struct span span = sample.spans[2];
        struct span_batch want = {.spans = &span, .span_count = 1};
        char name[32];
        snprintf(name, sizeof name, "%zu bytes", lengths[i]);
        for (uint32_t n = 0; n <= 3; n++) {
            span.name = n ? s : STR("");
            span.attrs = (struct attrs){attrs, n};
            check_round_trip(&want, name);
        }
    }
    free(text);
}

/* Integers around the sizes of varints, and their negatives. */
static void test_integers(void **state)
{
    struct span_batch sample = sample_batch();
    struct attr attrs[65 * 4];
    struct span span = sample.spans[2];
    struct span_batch want = {.spans = &span, .span_count = 1};
    uint32_t n = 0;
    (void)state;
    for (unsigned bits = 0; bits <= 64; bits++) {
        uint64_t v = bits < 64 ? (uint64_t)1 << bits : 0;
        const uint64_t all[4] = {v, v - 1, 0 - v, v + 1};
        for (int i = 0; i < 4; i++)
            attrs[n++] = (struct attr){STR("i"), {.type = VALUE_INT, .integer = (int64_t)all[i]}};
    }
    span.attrs = (struct attrs){attrs, n};
    check_round_trip(&want, "integers");
}

/* Neighbours that share a resource or scope share one message; others do not. */
static void test_grouping(void **state)
{
    static const struct resource resources[2];
    static const struct scope scopes[2];
    static const char pattern[] = "aabbacab"; /* resource a or b; c: resource a, other scope */
    struct span spans[sizeof pattern - 1];
    struct span_batch got;
    struct arena arena;
    struct buf out;
    (void)state;
    arena_init(&arena, 0);
    buf_init(&out, 0);
    for (size_t i = 0; i < COUNT(spans); i++) {
        spans[i] = sample_batch().spans[2];
        spans[i].resource = &resources[pattern[i] == 'b'];
        spans[i].scope = &scopes[pattern[i] == 'c'];
    }
    otlp_pb_encode(spans, COUNT(spans), &out);
    assert_int_equal(otlp_pb_decode(buf_str(&out), NULL, &arena, &got, NULL), 0);
    assert_int_equal(got.span_count, COUNT(spans));
    for (size_t i = 1; i < COUNT(spans); i++) {
        bool same_resource = spans[i].resource == spans[i - 1].resource;
        bool same_scope = same_resource && spans[i].scope == spans[i - 1].scope;
        assert_int_equal(got.spans[i].resource == got.spans[i - 1].resource, same_resource);
        assert_int_equal(got.spans[i].scope == got.spans[i - 1].scope, same_scope);
    }
    buf_release(&out);
    arena_release(&arena);
}

/* An attribute named and valued n. */
static void put_attr(struct buf *b, uint32_t tag, uint64_t n)
{
    size_t attr = pb_begin(b, tag), value;
    pb_put_bytes(b, PB_TAG(1, PB_LEN), STR("n"));
    value = pb_begin(b, PB_TAG(2, PB_LEN));
    pb_put_varint(b, PB_TAG(3, PB_VARINT), n);
    pb_end(b, value);
    pb_end(b, attr);
}

/* Attributes, events and links dealt out in turns: each list is whole and in order, and costs no square of its size. */
static void test_interleaved(void **state)
{
    struct arena arena;
    struct buf b;
    (void)state;
    arena_init(&arena, 0);
    buf_init(&b, 0);
    for (uint64_t turns = 1; turns <= 20000; turns = turns < 20 ? turns + 1 : turns * 10) {
        struct span got = {.name = STR("")};
        buf_clear(&b);
        arena_reset(&arena);
        pb_put_bytes(&b, PB_TAG(1, PB_LEN), STR("0123456789abcdef"));
        pb_put_bytes(&b, PB_TAG(2, PB_LEN), STR("01234567"));
        for (uint64_t i = 0; i < turns; i++) {
            size_t message;
            put_attr(&b, PB_TAG(9, PB_LEN), i);
            message = pb_begin(&b, PB_TAG(11, PB_LEN));
            pb_put_fixed64(&b, PB_TAG(1, PB_I64), i);
            put_attr(&b, PB_TAG(3, PB_LEN), i);
            pb_put_varint(&b, PB_TAG(4, PB_VARINT), i);
            put_attr(&b, PB_TAG(3, PB_LEN), i + 1);
            pb_end(&b, message);
            message = pb_begin(&b, PB_TAG(13, PB_LEN));
            pb_put_fixed32(&b, PB_TAG(6, PB_I32), (uint32_t)i);
            pb_end(&b, message);
        }
        assert_int_equal(otlp_pb_decode_span(buf_str(&b), &arena, &got, NULL), 0);
        assert_true(got.attrs.count == turns && got.event_count == turns &&
                    got.link_count == turns);
        assert_true(arena.used_bytes < b.n * 32);
        for (uint64_t i = 0; i < turns; i++) {
            const struct attrs *of_event = &got.events[i].attrs;
            assert_int_equal(got.attrs.items[i].value.integer, i);
            assert_int_equal(got.events[i].time_ns, i);
            assert_int_equal(of_event->count, 2);
            assert_int_equal(of_event->items[1].value.integer, i + 1);
            assert_int_equal(got.links[i].flags, i);
        }
    }
    buf_release(&b);
    arena_release(&arena);
}

/* A deepest value that the decoders take can be written by the encoders, and one deeper is refused by both. */
static void test_deepest(void **state)
{
    struct value chain[18];
    struct attr links[18];
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        for (int depth = 1; depth <= 17; depth++) {
            struct span_batch sample = sample_batch(), got;
            struct span_event event = {.name = STR("deep"), .attrs = {&links[0], 1}};
            struct span span = sample.spans[2];
            struct span_batch want = {.spans = &span, .span_count = 1};
            struct arena arena;
            struct buf out;
            span.events = &event;
            span.event_count = 1;
            chain[depth] = (struct value){.type = VALUE_INT, .integer = depth};
            for (int i = depth - 1; i >= 0; i--) {
                links[i + 1] = (struct attr){STR("k"), chain[i + 1]};
                if (kind)
                    chain[i] = (struct value){.type = VALUE_KVLIST, .kvlist = {&links[i + 1], 1}};
                else
                    chain[i] = (struct value){.type = VALUE_ARRAY, .array = {&chain[i + 1], 1}};
            }
            links[0] = (struct attr){STR("k"), chain[0]};
            if (depth <= 16) {
                check_round_trip(&want, kind ? "kvlists" : "arrays");
                continue;
            }
            arena_init(&arena, 0);
            buf_init(&out, 0);
            otlp_pb_encode(&span, 1, &out);
            assert_int_equal(otlp_pb_decode(buf_str(&out), NULL, &arena, &got, NULL),
                             ERR_TOO_LARGE);
            buf_release(&out);
            arena_release(&arena);
        }
    }
}

/* A buffer with a maximum holds either all or says that it does not. */
static void test_output_maximum(void **state)
{
    struct span_batch batch = sample_batch();
    struct buf all;
    (void)state;
    buf_init(&all, 0);
    otlp_pb_encode(batch.spans, batch.span_count, &all);
    for (size_t max = 1; max < all.n + 64; max++) {
        struct buf out;
        buf_init(&out, max);
        otlp_pb_encode(batch.spans, batch.span_count, &out);
        assert_true(out.n <= max);
        assert_true(out.failed || str_eq(buf_str(&out), buf_str(&all)));
        assert_true(!out.failed ||
                    max < all.n + 32); /* a reservation may ask for a few bytes more */
        buf_release(&out);
    }
    buf_release(&all);
}

static void check_golden(struct str got, const char *name)
{
    char path[512], block[4096];
    struct buf want;
    size_t n;
    FILE *file;
    snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, name);
    if (update_goldens) {
        file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(fwrite(got.p, 1, got.n, file), got.n);
        assert_int_equal(fclose(file), 0);
    }
    file = fopen(path, "r");
    if (!file)
        fail_msg("%s is missing: run this test with --update", path);
    buf_init(&want, 0);
    while ((n = fread(block, 1, sizeof block, file)) > 0)
        buf_put(&want, block, n);
    fclose(file);
    if (!str_eq(got, buf_str(&want)))
        fail_msg("%s differs: run this test with --update and look at the difference", path);
    buf_release(&want);
}

static void test_goldens(void **state)
{
    static const struct {
        const char *name;
        unsigned flags;
    } cases[] = {{"sample.json", 0}, {"sample_keep_empty.json", OTLP_JSON_KEEP_EMPTY}};
    struct span_batch batch = sample_batch();
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct json_writer w;
        struct buf out;
        buf_init(&out, 0);
        json_init(&w, &out, 2);
        otlp_json_write(&w, batch.spans, batch.span_count, cases[i].flags);
        buf_put_byte(&out, '\n');
        check_golden(buf_str(&out), cases[i].name);
        buf_release(&out);
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),  cmocka_unit_test(test_integers),
        cmocka_unit_test(test_grouping), cmocka_unit_test(test_interleaved),
        cmocka_unit_test(test_deepest),  cmocka_unit_test(test_output_maximum),
        cmocka_unit_test(test_goldens),
    };
    update_goldens = argc > 1 && strcmp(argv[1], "--update") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
