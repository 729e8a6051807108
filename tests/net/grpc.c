/* gRPC: framing, compression, statuses, and the small formats of its headers. */
#include "net/grpc.h"

#include <zstd.h>

#include "net/encoding.h"
#include "net/h2_client.h"
#include "net/support.h"
#include "test.h"

static struct fixture f;

/* flag, length, bytes; declared may lie. */
static void frame(struct buf *out, int flag, size_t declared, struct str message)
{
    buf_put_byte(out, (unsigned char)flag);
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_put_byte(out, (unsigned char)(declared >> shift));
    buf_put_str(out, message);
}

static struct h2_call call_of(const char *path, struct buf *body)
{
    return (struct h2_call){.path = path,
                            .fields = {{"content-type", "application/grpc"}, {"te", "trailers"}},
                            .body = buf_str(body)};
}

static const struct {
    const char *name, *path, *content_type, *encoding;
    int flag;
    const char *message;
    int lie; /* added to the declared length */
    bool twice;
    int http;
    const char *grpc_status, *grpc_message;
} cases[] = {
    {"echo", "/cairn.Test/Echo", "application/grpc", NULL, 0, "abc", 0, false, 200, "0", ""},
    {"+proto", "/cairn.Test/Echo", "application/grpc+proto", NULL, 0, "abc", 0, false, 200, "0",
     ""},
    {"parameters", "/cairn.Test/Echo", "Application/GRPC; x=y", NULL, 0, "abc", 0, false, 200, "0",
     ""},
    {"empty message", "/cairn.Test/Echo", "application/grpc", NULL, 0, "", 0, false, 200, "0", ""},
    {"identity", "/cairn.Test/Echo", "application/grpc", "identity", 0, "abc", 0, false, 200, "0",
     ""},
    {"gzip announced, not used", "/cairn.Test/Echo", "application/grpc", "gzip", 0, "abc", 0, false,
     200, "0", ""},
    {"another thread", "/cairn.Test/Later", "application/grpc", NULL, 0, "abc", 0, false, 200, "0",
     ""},
    {"error", "/cairn.Test/Fail", "application/grpc", NULL, 0, "abc", 0, false, 200, "3",
     "50%25 b%C3%A4d%0A"},
    {"unknown method", "/cairn.Test/Nothing", "application/grpc", NULL, 0, "abc", 0, false, 200,
     "12", "unknown method /cairn.Test/Nothing"},
    {"json", "/cairn.Test/Echo", "application/json", NULL, 0, "abc", 0, false, 415, NULL, NULL},
    {"no type", "/cairn.Test/Echo", NULL, NULL, 0, "abc", 0, false, 415, NULL, NULL},
    {"cut", "/cairn.Test/Echo", "application/grpc", NULL, 0, "abc", 1, false, 200, "13",
     "message is cut"},
    {"too much", "/cairn.Test/Echo", "application/grpc", NULL, 0, "abc", -1, false, 200, "13",
     NULL},
    {"two messages", "/cairn.Test/Echo", "application/grpc", NULL, 0, "abc", 0, true, 200, "13",
     "more than one message in a unary call"},
    {"bad flag", "/cairn.Test/Echo", "application/grpc", NULL, 2, "abc", 0, false, 200, "13",
     "malformed message prefix"},
    {"compressed, not said how", "/cairn.Test/Echo", "application/grpc", NULL, 1, "abc", 0, false,
     200, "13", "compressed message without grpc-encoding"},
    {"unknown compression", "/cairn.Test/Echo", "application/grpc", "snappy", 1, "abc", 0, false,
     200, "12", NULL},
    {"damaged gzip", "/cairn.Test/Echo", "application/grpc", "gzip", 1, "abc", 0, false, 200, "3",
     "damaged compressed body"},
    {"declared too large", "/cairn.Test/Echo", "application/grpc", NULL, 0, "abc", GRPC_MAX, false,
     200, "8", "message of 65539 bytes is over the limit of 65536 bytes"},
};

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str message = str_of(cases[i].message);
        struct buf body = {0};
        struct h2_call call = {.path = cases[i].path};
        unsigned n = 0;
        for (int k = 0; k <= cases[i].twice; k++)
            frame(&body, cases[i].flag, message.n + (size_t)(ptrdiff_t)cases[i].lie, message);
        call.body = buf_str(&body);
        if (cases[i].content_type) {
            call.fields[n].name = "content-type";
            call.fields[n++].value = cases[i].content_type;
        }
        if (cases[i].encoding) {
            call.fields[n].name = "grpc-encoding";
            call.fields[n].value = cases[i].encoding;
        }
        h2_once(f.port, &call);
        CHECK(call.done && call.error == 0, cases[i].name);
        CHECK(call.status == cases[i].http, cases[i].name);
        if (cases[i].grpc_status) {
            check_str(h2_field(&call, "grpc-status"), cases[i].grpc_status, cases[i].name);
            check_str(h2_field(&call, "content-length"), "", cases[i].name);
            check_str(h2_field(&call, "content-type"), "application/grpc", cases[i].name);
            CHECK(h2_field(&call, "grpc-accept-encoding").n, cases[i].name);
        }
        if (cases[i].grpc_message)
            check_str(h2_field(&call, "grpc-message"), cases[i].grpc_message, cases[i].name);
        if (cases[i].grpc_status && strcmp(cases[i].grpc_status, "0") == 0) {
            assert_int_equal(call.reply.n, message.n + 5);
            assert_memory_equal(call.reply.p, body.p, call.reply.n);
        } else if (cases[i].grpc_status) {
            assert_int_equal(call.reply.n, 0);
        }
        h2_release(&call);
        buf_release(&body);
    }
}

static void test_details(void **state)
{
    struct buf body = {0};
    struct h2_call call;
    (void)state;
    frame(&body, 0, 0, STR(""));
    call = call_of("/cairn.Test/Fail", &body);
    h2_once(f.port, &call);
    check_str(h2_field(&call, "grpc-status-details-bin"), "AQIDBA", "details");
    h2_release(&call);
    call = call_of("/cairn.Test/Empty", &body);
    h2_once(f.port, &call);
    check_str(h2_field(&call, "grpc-status"), "0", "empty reply");
    assert_int_equal(call.reply.n, 5);
    h2_release(&call);
    buf_release(&body);
}

/* A body that is no message at all, and one that ends within its prefix. */
static void test_no_message(void **state)
{
    (void)state;
    for (size_t n = 0; n < 5; n++) {
        struct buf body = {0};
        struct h2_call call;
        buf_put(&body, "\0\0\0\0\0", n);
        call = call_of("/cairn.Test/Echo", &body);
        h2_once(f.port, &call);
        check_str(h2_field(&call, "grpc-status"), "13", "cut prefix");
        h2_release(&call);
        buf_release(&body);
    }
}

static void compress(const char *encoding, struct str in, struct buf *out)
{
    if (strcmp(encoding, "gzip") == 0) {
        assert_true(encoding_gzip(in, out));
        return;
    }
    out->n = ZSTD_compress(buf_reserve(out, ZSTD_compressBound(in.n)), ZSTD_compressBound(in.n),
                           in.p, in.n, 3);
    assert_false(ZSTD_isError(out->n));
}

static void test_compressed(void **state)
{
    static const struct {
        const char *encoding;
        size_t bytes;
        const char *status;
    } table[] = {
        {"gzip", 1000, "0"},          {"gzip", GRPC_MAX, "0"}, {"gzip", GRPC_MAX + 1, "8"},
        {"gzip", 10 * GRPC_MAX, "8"}, {"zstd", GRPC_MAX, "0"}, {"zstd", GRPC_MAX + 1, "8"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct buf plain = {0}, packed = {0}, body = {0};
        struct h2_call call;
        memset(buf_reserve(&plain, table[i].bytes), 'x', table[i].bytes);
        plain.n = table[i].bytes;
        compress(table[i].encoding, buf_str(&plain), &packed);
        frame(&body, 1, packed.n, buf_str(&packed));
        call = call_of("/cairn.Test/Echo", &body);
        call.fields[2].name = "grpc-encoding";
        call.fields[2].value = table[i].encoding;
        h2_once(f.port, &call);
        check_str(h2_field(&call, "grpc-status"), table[i].status, table[i].encoding);
        if (table[i].status[0] == '0') {
            assert_int_equal(call.reply.n, plain.n + 5);
            assert_memory_equal(call.reply.p + 5, plain.p, plain.n);
        }
        h2_release(&call);
        buf_release(&plain);
        buf_release(&packed);
        buf_release(&body);
    }
}

/* Large messages, many at once, replies from two threads: all arrive whole. */
static void test_multiplexed(void **state)
{
    enum { CALLS = 300, BYTES = 100 * 1000 };
    static struct h2_call calls[CALLS];
    struct buf bodies[4] = {0};
    struct h2_client c = h2_open(f.port);
    (void)state;
    for (size_t k = 0; k < COUNT(bodies); k++) {
        struct buf plain = {0};
        memset(buf_reserve(&plain, BYTES), (int)('a' + k), BYTES);
        plain.n = BYTES;
        frame(&bodies[k], 0, BYTES, buf_str(&plain));
        buf_release(&plain);
    }
    for (size_t i = 0; i < CALLS; i++) {
        calls[i] = call_of("/cairn.Test/Later", &bodies[i % 4]);
        h2_start(&c, &calls[i]);
    }
    if (!h2_run(&c))
        fail_msg("%u calls open, ended %d, goaway %d error %u", c.open_calls, c.ended, c.going_away,
                 c.goaway_error);
    for (size_t i = 0; i < CALLS; i++) {
        struct str status = h2_field(&calls[i], "grpc-status");
        if (str_eq(status, STR("4")) || str_eq(status, STR("14")))
            continue; /* the query threads' queue was full: said so */
        check_str(status, "0", "multiplexed");
        assert_int_equal(calls[i].reply.n, BYTES + 5);
        assert_memory_equal(calls[i].reply.p, bodies[i % 4].p, BYTES + 5);
        h2_release(&calls[i]);
    }
    h2_close(&c);
    for (size_t k = 0; k < COUNT(bodies); k++)
        buf_release(&bodies[k]);
}

/* A server-streaming call: every message with its own prefix, then the trailers; also none, and more than a window. */
static void test_many_messages(void **state)
{
    static const struct {
        const char *request;
        size_t count, bytes;
    } table[] = {{"0 0", 0, 0},         {"1 0", 1, 0},
                 {"1 100", 1, 100},     {"3 100", 3, 100},
                 {"1000 0", 1000, 0},   {"5 16384", 5, 16384},
                 {"3 65531", 3, 65531}, {"9 1048576", 9, 1 << 20}};
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        const char *name = table[i].request;
        struct buf body = {0};
        struct h2_call call;
        size_t at = 0;
        frame(&body, 0, strlen(name), str_of(name));
        call = call_of("/cairn.Test/Many", &body);
        h2_once(f.port, &call);
        CHECK(call.done && call.error == 0 && call.status == 200, name);
        check_str(h2_field(&call, "grpc-status"), "0", name);
        for (size_t k = 0; k < table[i].count; k++) {
            const unsigned char *p = call.reply.p + at;
            size_t want = table[i].bytes + k;
            CHECK(call.reply.n - at >= want + 5, name);
            CHECK(p[0] == 0 &&
                      ((size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 | p[4]) == want,
                  name);
            for (size_t b = 0; b < want; b++)
                CHECK(p[5 + b] == 'a' + k % 26, name);
            at += want + 5;
        }
        CHECK(at == call.reply.n, name);
        h2_release(&call);
        buf_release(&body);
    }
}

/* A buffer over its maximum never goes out in part. */
static void test_message_limit(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 64);
    size_t begin = grpc_message_begin(&out);
    buf_put(&out, "0123456789", 10);
    grpc_message_end(&out, begin);
    assert_memory_equal(out.p,
                        "\0\0\0\0\x0a"
                        "0123456789",
                        15);
    begin = grpc_message_begin(&out);
    for (int i = 0; i < 10; i++)
        buf_put(&out, "0123456789", 10);
    grpc_message_end(&out, begin);
    assert_true(out.failed);
    buf_release(&out);
}

static void test_timeout_format(void **state)
{
    static const struct {
        const char *in;
        bool ok;
        uint64_t ns;
    } table[] = {
        {"1n", true, 1},          {"100m", true, 100000000}, {"2S", true, 2000000000},
        {"3u", true, 3000},       {"1M", true, 60000000000}, {"99999999H", true, UINT64_MAX},
        {"100000000m", false, 0}, {"m", false, 0},           {"1", false, 0},
        {"", false, 0},           {"-1m", false, 0},         {"1x", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct guarded g = guarded_copy(table[i].in, strlen(table[i].in));
        uint64_t ns = 0;
        CHECK(grpc_timeout_parse(g.bytes, &ns) == table[i].ok, table[i].in);
        CHECK(ns == table[i].ns, table[i].in);
        guarded_free(&g);
    }
}

static void test_base64(void **state)
{
    static const struct {
        const char *in, *want;
    } table[] = {{"", ""},        {"f", "Zg"},        {"fo", "Zm8"},
                 {"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"\xff\xfe\xfd", "//79"}};
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (size_t i = 0; i < COUNT(table); i++)
        check_str(grpc_base64(&arena, str_of(table[i].in)), table[i].want, table[i].want);
    arena_release(&arena);
}

static int setup(void **state)
{
    (void)state;
    f = fixture_start(test_limits(), 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_stop(&f);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),         cmocka_unit_test(test_details),
        cmocka_unit_test(test_no_message),    cmocka_unit_test(test_compressed),
        cmocka_unit_test(test_multiplexed),   cmocka_unit_test(test_timeout_format),
        cmocka_unit_test(test_base64),        cmocka_unit_test(test_many_messages),
        cmocka_unit_test(test_message_limit),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
