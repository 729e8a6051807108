/* The bytes: the same for the same seed, other ones for another; and each form decodes to the same spans. */
#include "load/request.h"

#include <libdeflate.h>

#include "test.h"
#include "wire/otlp_json.h"

static const uint64_t START_NS = 1790000000000000000u;

/* FNV-1a */
static uint64_t hash(uint64_t h, const void *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (h ^ ((const unsigned char *)p)[i]) * 0x100000001b3u;
    return h;
}

static uint64_t hash_of(const struct load_gen_options *o, enum load_protocol protocol)
{
    struct load_request request;
    struct load_encoder encoder;
    struct load_gen *gen;
    const struct span *spans;
    size_t count;
    uint64_t h = 0xcbf29ce484222325u;
    assert_int_equal(load_gen_new(o, &gen, NULL), 0);
    assert_int_equal(load_encoder_init(&encoder, protocol, false, false, false), 0);
    load_request_init(&request);
    while (load_gen_next(gen, &spans, &count) == 0 && count) {
        assert_int_equal(load_encode(&encoder, spans, count, &request), 0);
        h = hash(h, request.body.p, request.body.n);
    }
    load_request_release(&request);
    load_encoder_release(&encoder);
    load_gen_free(gen);
    return h;
}

/* These change when a shape does: then say so in the change log, and print the new ones. */
static void test_golden(void **state)
{
    static const struct {
        enum load_shape shape;
        uint64_t protobuf, json;
    } golden[] = {
        {LOAD_SHOP, 0x1a4c9a49d0673cfe, 0xcdec521242ec689e},
        {LOAD_TRACEGEN, 0x29b7438a509cd950, 0x07e3859ef70d8465},
        {LOAD_DEEP, 0x6f116cbb3f20d6dd, 0x7163776b18968dc6},
        {LOAD_WIDE, 0xdab59d569c5e67bf, 0x9a99f348c9e437c6},
        {LOAD_HUGE, 0x170e4ab8c5491d12, 0xd0933c05cacfab53},
    };
    bool same = true;
    (void)state;
    for (size_t i = 0; i < COUNT(golden); i++) {
        struct load_gen_options o = {golden[i].shape, .seed = 42, .start_ns = START_NS,
                                     .batch = 100, .spans = 5000};
        uint64_t protobuf = hash_of(&o, LOAD_HTTP_PROTOBUF), json = hash_of(&o, LOAD_HTTP_JSON);
        if (protobuf != golden[i].protobuf || json != golden[i].json) {
            print_message("%s: {0x%016llx, 0x%016llx}\n", load_shape_names[golden[i].shape],
                          (unsigned long long)protobuf, (unsigned long long)json);
            same = false;
        }
        assert_true(hash_of(&o, LOAD_HTTP_PROTOBUF) == protobuf);
        o.seed++;
        assert_true(hash_of(&o, LOAD_HTTP_PROTOBUF) != protobuf);
    }
    assert_true(same);
}

static void check_same(const struct span *want, size_t count, const struct span_batch *got,
                       const char *name)
{
    CHECK(got->span_count == count && got->rejected_spans == 0, name);
    for (size_t i = 0; i < count; i++)
        CHECK(span_eq(&want[i], &got->spans[i]), name);
}

static struct str unpack(const struct load_encoder *e, const struct load_request *r, char *room,
                         size_t size)
{
    struct str body = buf_str(&r->body);
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    size_t n = 0;
    if (e->framed) {
        const unsigned char *p = r->body.p;
        assert_int_equal(p[0], e->gzip);
        assert_int_equal((uint32_t)p[1] << 24 | p[2] << 16 | p[3] << 8 | p[4], body.n - 5);
        body = str_from(body, 5);
    }
    if (e->gzip) {
        assert_int_equal(libdeflate_gzip_decompress(d, body.p, body.n, room, size, &n), 0);
        body = str_make(room, n);
    }
    libdeflate_free_decompressor(d);
    return body;
}

static void test_forms(void **state)
{
    static const struct {
        const char *name;
        enum load_protocol protocol;
        bool gzip, framed;
    } forms[] = {
        {"grpc", LOAD_GRPC, false, true},
        {"grpc, gzip", LOAD_GRPC, true, true},
        {"protobuf", LOAD_HTTP_PROTOBUF, false, false},
        {"protobuf, gzip", LOAD_HTTP_PROTOBUF, true, false},
        {"json", LOAD_HTTP_JSON, false, false},
        {"json, gzip", LOAD_HTTP_JSON, true, false},
    };
    static char room[4 << 20];
    (void)state;
    for (size_t i = 0; i < COUNT(forms) * LOAD_SHAPES; i++) {
        size_t f = i / LOAD_SHAPES, count;
        struct load_gen_options o = {(enum load_shape)(i % LOAD_SHAPES), .start_ns = START_NS,
                                     .batch = 300, .spans = 3000};
        struct load_request request;
        struct load_encoder encoder;
        struct load_gen *gen;
        struct arena arena;
        struct span_batch batch;
        const struct span *spans;
        assert_int_equal(load_gen_new(&o, &gen, NULL), 0);
        assert_int_equal(
            load_encoder_init(&encoder, forms[f].protocol, forms[f].gzip, forms[f].framed, true),
            0);
        load_request_init(&request);
        arena_init(&arena, 0);
        while (load_gen_next(gen, &spans, &count) == 0 && count) {
            uint64_t sum = 0;
            assert_int_equal(load_encode(&encoder, spans, count, &request), 0);
            struct str bytes = unpack(&encoder, &request, room, sizeof room);
            CHECK((forms[f].protocol == LOAD_HTTP_JSON ? otlp_json_decode : otlp_pb_decode)(
                      bytes, NULL, &arena, &batch, NULL) == 0,
                  forms[f].name);
            check_same(spans, count, &batch, forms[f].name);
            for (size_t t = 0; t < request.trace_count; t++) {
                sum += request.traces[t].spans;
                CHECK(t == 0 || memcmp(request.traces[t - 1].id.bytes, request.traces[t].id.bytes,
                                       TRACE_ID_BYTES) < 0,
                      forms[f].name);
            }
            CHECK(sum == count, forms[f].name);
            arena_reset(&arena);
        }
        load_request_release(&request);
        load_encoder_release(&encoder);
        load_gen_free(gen);
        arena_release(&arena);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden),
                                              cmocka_unit_test(test_forms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
