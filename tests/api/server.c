/* server.c - the harness of the API's tests; libcurl asks. */
#include "server.h"

#include <curl/curl.h>
#include <ftw.h>

#include "test.h"
#include "wire/otlp_pb.h"

static int open_listener(struct test_server *s, int i, const char *name, size_t count)
{
    struct http_listener l = {
        .address = "127.0.0.1:0", .routes = s->routes[i], .route_count = count, .name = name};
    struct err err = {0};
    if (http_server_listen(s->server, &l, &err) < 0)
        fail_msg("%s", err.msg);
    return http_server_port(s->server, (size_t)i);
}

void test_server_start_limited(struct test_server *s, struct http_limits limits)
{
    struct http_server_options options = {.loops = 2, .limits = limits};
    struct engine_options engine = ENGINE_OPTIONS_DEFAULT;
    struct err err = {0};
    memset(s, 0, sizeof *s);
    memcpy(s->dir, "/tmp/cairn-test-XXXXXX", sizeof "/tmp/cairn-test-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    s->api = (struct api){.request_bytes_max = 4 << 20,
                          .query_timeout_ms = 60000,
                          .query_bytes_max = 256 << 20,
                          .search_limit_max = 1000,
                          .version = "0.0.0"};
    assert_int_equal(http_server_new(&options, &s->server, &err), 0);
    s->api.server = s->server;
    s->grpc_port =
        open_listener(s, 0, "grpc", api_otlp_grpc_routes(&s->api, s->routes[0], API_ROUTES_MAX));
    s->http_port =
        open_listener(s, 1, "http", api_otlp_http_routes(&s->api, s->routes[1], API_ROUTES_MAX));
    s->query_port =
        open_listener(s, 2, "query", api_query_routes(&s->api, s->routes[2], API_ROUTES_MAX));
    s->tempo_port =
        open_listener(s, 3, "tempo", api_tempo_routes(&s->api, s->routes[3], API_ROUTES_MAX));
    s->zipkin_port =
        open_listener(s, 4, "zipkin", api_zipkin_routes(&s->api, s->routes[4], API_ROUTES_MAX));
    s->jaeger_http_port = open_listener(
        s, 5, "jaeger http", api_jaeger_http_routes(&s->api, s->routes[5], API_ROUTES_MAX));
    s->jaeger_grpc_port = open_listener(
        s, 6, "jaeger grpc", api_jaeger_grpc_routes(&s->api, s->routes[6], API_ROUTES_MAX));
    engine.data_dir = s->dir;
    if (engine_open(&engine, &s->api.engine, &err) < 0)
        fail_msg("%s", err.msg);
    if (http_server_start(s->server, &err) < 0)
        fail_msg("%s", err.msg);
}

void test_server_start(struct test_server *s)
{
    struct http_limits limits = HTTP_LIMITS_DEFAULT;
    test_server_start_limited(s, limits);
}

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

void test_server_stop(struct test_server *s)
{
    http_server_stop(s->server, 1000);
    engine_close(s->api.engine);
    http_server_free(s->server);
    nftw(s->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static size_t take_body(char *p, size_t size, size_t n, void *user)
{
    buf_put(user, p, size * n);
    return size * n;
}

static size_t take_header(char *p, size_t size, size_t n, void *user)
{
    struct test_answer *a = user;
    size_t used = strlen(a->headers), room = sizeof a->headers - used - 1;
    size_t bytes = size * n < room ? size * n : room;
    memcpy(a->headers + used, p, bytes);
    a->headers[used + bytes] = '\0';
    return size * n;
}

struct str test_header(const struct test_answer *a, const char *name)
{
    struct str rest = str_of(a->headers), line, key, value;
    while (rest.n) {
        str_cut(rest, '\n', &line, &rest);
        if (str_cut(line, ':', &key, &value) && str_eq_nocase(key, str_of(name))) {
            while (value.n && (value.p[value.n - 1] == '\r'))
                value.n--;
            return str_trim(value);
        }
    }
    return (struct str){NULL, 0};
}

static void finish(CURL *curl, struct test_answer *ret)
{
    struct str type = test_header(ret, "content-type"), grpc = test_header(ret, "grpc-status");
    uint64_t status;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &ret->status);
    snprintf(ret->content_type, sizeof ret->content_type, "%.*s", STR_ARG(type));
    ret->grpc_status = str_to_u64(grpc, &status) ? (int)status : -1;
    buf_put_byte(&ret->body, '\0');
    ret->body.n--;
}

static void perform(int port, const char *method, const char *path, const char *const *headers,
                    const struct str *body, bool http2, struct test_answer *ret)
{
    struct curl_slist *list = NULL;
    char url[2048];
    CURL *curl = curl_easy_init();
    assert_non_null(curl);
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", port, path);
    for (; headers && *headers; headers++)
        list = curl_slist_append(list, *headers);
    list = curl_slist_append(list, "Expect:");
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_NOBODY, (long)(strcmp(method, "HEAD") == 0));
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &ret->body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, ret);
    if (http2)
        curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
    if (body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->n);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->p ? body->p : "");
    }
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK)
        fail_msg("%s %s: %s", method, path, curl_easy_strerror(code));
    finish(curl, ret);
    curl_slist_free_all(list);
    curl_easy_cleanup(curl);
}

void test_request(int port, const char *method, const char *path, const char *const *headers,
                  const struct str *body, struct test_answer *ret)
{
    *ret = (struct test_answer){0};
    buf_init(&ret->body, 0);
    perform(port, method, path, headers, body, false, ret);
}

void test_get(const struct test_server *s, const char *path, struct test_answer *ret)
{
    test_request(s->query_port, "GET", path, NULL, NULL, ret);
}

void test_grpc(int port, const char *method, struct str message, struct test_answer *ret)
{
    static const char *const headers[] = {"Content-Type: application/grpc", "TE: trailers", NULL};
    struct buf framed;
    buf_init(&framed, 0);
    buf_put_byte(&framed, 0);
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_put_byte(&framed, (unsigned char)(message.n >> shift));
    buf_put_str(&framed, message);
    struct str body = buf_str(&framed);
    *ret = (struct test_answer){0};
    buf_init(&ret->body, 0);
    perform(port, "POST", method, headers, &body, true, ret);
    if (ret->body.n >= 5) {
        memmove(ret->body.p, ret->body.p + 5, ret->body.n - 5 + 1);
        ret->body.n -= 5;
    }
    buf_release(&framed);
}

void test_answer_release(struct test_answer *a)
{
    buf_release(&a->body);
}

void test_send(const struct test_server *s, const struct span *spans, size_t count)
{
    static const char *const headers[] = {"Content-Type: application/x-protobuf", NULL};
    struct test_answer answer;
    struct buf body;
    buf_init(&body, 0);
    otlp_pb_encode(spans, count, &body);
    struct str bytes = buf_str(&body);
    test_request(s->http_port, "POST", "/v1/traces", headers, &bytes, &answer);
    if (answer.status != 200)
        fail_msg("sending spans: HTTP %ld", answer.status);
    test_answer_release(&answer);
    buf_release(&body);
}
