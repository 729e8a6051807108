/* libcurl as the client: uploads of every size over HTTP/1.1 and HTTP/2, many at once, with its own habits
 * (Expect: 100-continue, a reset behind each HTTP/2 call). */
#include <curl/curl.h>

#include "net/encoding.h"
#include "net/support.h"
#include "test.h"

static struct fixture f;

struct transfer {
    CURL *easy;
    struct curl_slist *fields;
    struct buf reply;
    char trailer_status[16];
};

static size_t on_body(char *p, size_t size, size_t n, void *user)
{
    struct transfer *t = user;
    buf_put(&t->reply, p, size * n);
    return size * n;
}

static size_t on_header(char *p, size_t size, size_t n, void *user)
{
    struct transfer *t = user;
    struct str line = str_trim(str_make(p, size * n)), key, value;
    if (str_cut(line, ':', &key, &value) && str_eq_nocase(key, STR("grpc-status"))) {
        value = str_trim(value);
        while (value.n && value.p[value.n - 1] < '0')
            value.n--;
        snprintf(t->trailer_status, sizeof t->trailer_status, "%.*s", STR_ARG(value));
    }
    return size * n;
}

static void begin(struct transfer *t, long version, const char *path, struct str body)
{
    char url[128];
    *t = (struct transfer){.easy = curl_easy_init()};
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", f.port, path);
    curl_easy_setopt(t->easy, CURLOPT_URL, url);
    curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION, version);
    curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(t->easy, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
    if (body.p) {
        curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
        curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, body.p);
    }
}

static long status_of(struct transfer *t)
{
    long status = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static void end(struct transfer *t)
{
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->fields);
    buf_release(&t->reply);
}

static void fill(struct buf *body, size_t n)
{
    unsigned char *p = buf_reserve(body, n);
    for (size_t i = 0; i < n; i++)
        p[i] = (unsigned char)(i * 31 >> 3);
    body->n = n;
}

static void check_count(struct transfer *t, const struct buf *body)
{
    char want[64];
    unsigned long long sum = 0;
    for (size_t i = 0; i < body->n; i++)
        sum += body->p[i];
    snprintf(want, sizeof want, "%zu %llu", body->n, sum);
    assert_int_equal(status_of(t), 200);
    check_str(buf_str(&t->reply), want, "count");
}

static void test_uploads(void **state)
{
    static const size_t sizes[] = {0, 1, 1000, 16384, 100000, 1048576, 1048577, 10000000};
    static const long versions[] = {CURL_HTTP_VERSION_1_0, CURL_HTTP_VERSION_1_1,
                                    CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE, CURL_HTTP_VERSION_2_0};
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        for (size_t i = 0; i < COUNT(sizes); i++) {
            struct buf body = {0};
            struct transfer t;
            fill(&body, sizes[i]);
            begin(&t, versions[v], "/count", buf_str(&body));
            assert_int_equal(curl_easy_perform(t.easy), CURLE_OK);
            check_count(&t, &body);
            end(&t);
            buf_release(&body);
        }
    }
}

static void test_gzip_both_ways(void **state)
{
    struct buf plain = {0}, packed;
    struct transfer t;
    (void)state;
    memset(buf_reserve(&plain, 200000), 'g', 200000);
    plain.n = 200000;
    assert_true(encoding_gzip(buf_str(&plain), &packed));
    begin(&t, CURL_HTTP_VERSION_1_1, "/echo", buf_str(&packed));
    t.fields = curl_slist_append(t.fields, "Content-Encoding: gzip");
    curl_easy_setopt(t.easy, CURLOPT_HTTPHEADER, t.fields);
    curl_easy_setopt(t.easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    assert_int_equal(curl_easy_perform(t.easy), CURLE_OK);
    assert_int_equal(status_of(&t), 200);
    assert_int_equal(t.reply.n, plain.n);
    assert_memory_equal(t.reply.p, plain.p, plain.n);
    end(&t);
    buf_release(&plain);
    buf_release(&packed);
}

/* Refused early: libcurl must still see the reply. */
static void test_too_large(void **state)
{
    static const long versions[] = {CURL_HTTP_VERSION_1_1, CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE};
    static const size_t sizes[] = {ECHO_MAX + 1, 3000000};
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        for (size_t i = 0; i < COUNT(sizes); i++) {
            struct buf body = {0};
            struct transfer t;
            fill(&body, sizes[i]);
            begin(&t, versions[v], "/echo", buf_str(&body));
            int rc = curl_easy_perform(t.easy);
            if (rc != CURLE_OK || status_of(&t) != 413)
                fail_msg("version %ld, %zu bytes: %s, %ld", versions[v], sizes[i],
                         curl_easy_strerror((CURLcode)rc), status_of(&t));
            end(&t);
            buf_release(&body);
        }
    }
}

/* A call that is refused at its headers, its short body still to come: libcurl 7.88 does not survive an answer that
 * overtakes the body, so each must come behind it. */
static void test_refused_calls(void **state)
{
    enum { CALLS = 20 };
    static const struct {
        const char *path, *content_type;
        long status;
        const char *grpc_status;
        size_t bytes;
    } table[] = {
        {"/a.b/C", "Content-Type: application/grpc", 200, "12", 5},
        {"/a.b/C", "Content-Type: application/grpc", 200, "12", 60000},
        {"/cairn.Test/Echo", "Content-Type: application/json", 415, "", 5},
        {"/nowhere", "Content-Type: application/json", 404, "", 5},
        {"/hello", "Content-Type: application/json", 405, "", 5},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(table) * CALLS; i++) {
        size_t row = i / CALLS;
        struct buf body = {0};
        struct transfer t;
        int rc;
        fill(&body, table[row].bytes);
        begin(&t, CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE, table[row].path, buf_str(&body));
        curl_easy_setopt(t.easy, CURLOPT_TIMEOUT, 10L);
        t.fields = curl_slist_append(t.fields, table[row].content_type);
        t.fields = curl_slist_append(t.fields, "TE: trailers");
        curl_easy_setopt(t.easy, CURLOPT_HTTPHEADER, t.fields);
        rc = curl_easy_perform(t.easy);
        if (rc != CURLE_OK || status_of(&t) != table[row].status ||
            strcmp(t.trailer_status, table[row].grpc_status) != 0)
            fail_msg("%s, call %zu: %s, %ld", table[row].path, i % CALLS,
                     curl_easy_strerror((CURLcode)rc), status_of(&t));
        end(&t);
        buf_release(&body);
    }
}

static void run(CURLM *multi)
{
    int running = 1;
    while (running) {
        assert_int_equal(curl_multi_perform(multi, &running), CURLM_OK);
        if (running)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
}

/* gRPC by hand, forty at a time. Each has its own connection: libcurl 7.88 fails on a second request over one
 * with prior knowledge; many calls on one connection are h2.c's and grpc.c's. */
static void test_concurrent_grpc(void **state)
{
    enum { CALLS = 40, BYTES = 60000 };
    static struct transfer transfers[CALLS];
    CURLM *multi = curl_multi_init();
    struct buf body = {0};
    (void)state;
    fill(&body, BYTES);
    memcpy(body.p, "\0\0\0\xea\x5b", 5); /* 59,995 bytes follow */
    for (int i = 0; i < CALLS; i++) {
        struct transfer *t = &transfers[i];
        begin(t, CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE, "/cairn.Test/Later", buf_str(&body));
        t->fields = curl_slist_append(t->fields, "Content-Type: application/grpc");
        t->fields = curl_slist_append(t->fields, "TE: trailers");
        curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->fields);
        curl_multi_add_handle(multi, t->easy);
    }
    run(multi);
    for (int i = 0; i < CALLS; i++) {
        curl_multi_remove_handle(multi, transfers[i].easy);
        assert_string_equal(transfers[i].trailer_status, "0");
        assert_int_equal(transfers[i].reply.n, BYTES);
        assert_memory_equal(transfers[i].reply.p, body.p, BYTES);
        end(&transfers[i]);
    }
    curl_multi_cleanup(multi);
    buf_release(&body);
}

static void test_concurrent_uploads(void **state)
{
    enum { CALLS = 30 };
    static struct transfer transfers[CALLS];
    CURLM *multi = curl_multi_init();
    struct buf body = {0};
    (void)state;
    fill(&body, 700000);
    for (int i = 0; i < CALLS; i++) {
        begin(&transfers[i], CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE, "/count", buf_str(&body));
        curl_multi_add_handle(multi, transfers[i].easy);
    }
    run(multi);
    for (int i = 0; i < CALLS; i++) {
        curl_multi_remove_handle(multi, transfers[i].easy);
        check_count(&transfers[i], &body);
        end(&transfers[i]);
    }
    curl_multi_cleanup(multi);
    buf_release(&body);
}

/* One handle, one connection, many requests. */
static void test_keep_alive(void **state)
{
    struct transfer t;
    (void)state;
    begin(&t, CURL_HTTP_VERSION_1_1, "/later", (struct str){NULL, 0});
    for (int i = 0; i < 200; i++) {
        buf_clear(&t.reply);
        assert_int_equal(curl_easy_perform(t.easy), CURLE_OK);
        check_str(buf_str(&t.reply), "later", "keep-alive");
    }
    end(&t);
}

static int setup(void **state)
{
    (void)state;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    f = fixture_start(test_limits(), 2);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_stop(&f);
    curl_global_cleanup();
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uploads),         cmocka_unit_test(test_gzip_both_ways),
        cmocka_unit_test(test_too_large),       cmocka_unit_test(test_refused_calls),
        cmocka_unit_test(test_concurrent_grpc), cmocka_unit_test(test_concurrent_uploads),
        cmocka_unit_test(test_keep_alive),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
