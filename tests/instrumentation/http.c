/* http.c - spans of requests by the conventions: names, attributes, status, propagation. */
#include <cairn/http.h>

#include "instrumentation/span_text.h"

struct server_case {
    const char *name, *method, *target, *route, *version;
    const char *headers[8]; /* name, value, ... */
    int status;
    const char *error_type, *want;
};

static const struct server_case server_cases[] = {
    {"plain",
     "GET",
     "/users?id=1",
     "/users",
     "HTTP/1.1",
     {"Host", "shop:8080"},
     200,
     NULL,
     "server GET /users http.request.method=GET http.response.status_code=200 http.route=/users "
     "network.protocol.version=1.1 server.address=shop server.port=8080 url.path=/users "
     "url.query=id=1 url.scheme=http"},
    {"no route: the path is no name",
     "GET",
     "/users/7",
     NULL,
     "HTTP/1.0",
     {NULL},
     200,
     NULL,
     "server GET http.request.method=GET http.response.status_code=200 "
     "network.protocol.version=1.0 url.path=/users/7 url.scheme=http"},
    {"unknown method",
     "BREW",
     "/pot",
     "/pot",
     "2.0",
     {NULL},
     418,
     NULL,
     "server HTTP /pot http.request.method=_OTHER http.request.method_original=BREW "
     "http.response.status_code=418 http.route=/pot network.protocol.version=2 url.path=/pot "
     "url.scheme=http"},
    {"4xx is no error",
     "GET",
     "/",
     NULL,
     NULL,
     {NULL},
     404,
     NULL,
     "server GET http.request.method=GET http.response.status_code=404 url.path=/ url.scheme=http"},
    {"5xx is one",
     "GET",
     "/",
     NULL,
     NULL,
     {NULL},
     500,
     NULL,
     "server GET error error.type=500 http.request.method=GET http.response.status_code=500 "
     "url.path=/ url.scheme=http"},
    {"error beside a good status",
     "GET",
     "/",
     NULL,
     NULL,
     {NULL},
     200,
     "connection_lost",
     "server GET error error.type=connection_lost http.request.method=GET "
     "http.response.status_code=200 url.path=/ url.scheme=http"},
    {"error without status",
     "GET",
     "/",
     NULL,
     NULL,
     {NULL},
     0,
     "timeout",
     "server GET error error.type=timeout http.request.method=GET url.path=/ url.scheme=http"},
    {"behind a proxy",
     "GET",
     "/",
     NULL,
     NULL,
     {"Host", "inner:81", "Forwarded", "for=192.0.2.1;proto=https;host=shop"},
     204,
     NULL,
     "server GET client.address=192.0.2.1 http.request.method=GET http.response.status_code=204 "
     "server.address=shop server.port=443 url.path=/ url.scheme=https"},
    {"target with a host",
     "GET",
     "http://shop:81/a?sig=x",
     NULL,
     NULL,
     {"Host", "other"},
     200,
     NULL,
     "server GET http.request.method=GET http.response.status_code=200 server.address=shop "
     "server.port=81 url.path=/a url.query=sig=REDACTED url.scheme=http"},
    {"target with nothing but a host",
     "GET",
     "http://shop",
     NULL,
     NULL,
     {NULL},
     200,
     NULL,
     "server GET http.request.method=GET http.response.status_code=200 server.address=shop "
     "server.port=80 url.path=/ url.scheme=http"},
    {"CONNECT",
     "CONNECT",
     "shop:443",
     NULL,
     NULL,
     {NULL},
     200,
     NULL,
     "server CONNECT http.request.method=CONNECT http.response.status_code=200 "
     "server.address=shop server.port=443 url.scheme=http"},
    {"asterisk",
     "OPTIONS",
     "*",
     NULL,
     NULL,
     {"User-Agent", "probe/1"},
     200,
     NULL,
     "server OPTIONS http.request.method=OPTIONS http.response.status_code=200 url.path=* "
     "url.scheme=http user_agent.original=probe/1"},
};

static struct carrier carrier_of(const char *const *headers)
{
    struct carrier c = {.count = 0};
    for (; *headers; headers += 2)
        set_field(&c, cairn_str_of(headers[0]), cairn_str_of(headers[1]));
    return c;
}

static const cairn_span_data *only(const struct fixture *f)
{
    assert_int_equal(cairn_memory_count(f->memory), 1);
    return cairn_memory_span(f->memory, 0);
}

static void check_span(const struct fixture *f, const char *want, const char *name)
{
    check_str(str_of(span_text(only(f), NULL)), want, name);
}

static void test_server(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(server_cases); i++) {
        const struct server_case *c = &server_cases[i];
        struct fixture f = fixture_open();
        struct carrier headers = carrier_of(c->headers);
        struct cairn_http_exchange exchange;
        struct cairn_http_request request = {
            .size = sizeof request,
            .method = cairn_str_of(c->method),
            .target = cairn_str_of(c->target),
            .route = cairn_str_of(c->route),
            .version = cairn_str_of(c->version),
            .get_header = get_field,
            .carrier = &headers,
        };
        cairn_http_server_start(&exchange, f.tracer, &request);
        cairn_http_server_end(&exchange, c->status, c->error_type);
        check_span(&f, c->want, c->name);
        fixture_close(&f);
    }
}

static void test_late_route_and_peer(void **state)
{
    struct fixture f = fixture_open();
    struct cairn_http_exchange exchange;
    struct cairn_http_request request = {.size = sizeof request,
                                         .method = CAIRN_S("GET"),
                                         .target = CAIRN_S("/users/7"),
                                         .peer_address = CAIRN_S("192.0.2.7"),
                                         .peer_port = 4000};
    (void)state;
    cairn_http_server_start(&exchange, f.tracer, &request);
    cairn_http_server_route(&exchange, CAIRN_S("/users/{id}"));
    cairn_http_version(&exchange, CAIRN_S("HTTP/2"));
    cairn_http_server_end(&exchange, 200, NULL);
    check_span(&f,
               "server GET /users/{id} client.address=192.0.2.7 http.request.method=GET "
               "http.response.status_code=200 http.route=/users/{id} "
               "network.peer.address=192.0.2.7 network.peer.port=4000 network.protocol.version=2 "
               "url.path=/users/7 url.scheme=http",
               "late");
    fixture_close(&f);
}

static void test_forwarded_ignored(void **state)
{
    static const char *const sent[] = {
        "Host", "inner", "X-Forwarded-For", "1.2.3.4", "X-Forwarded-Host", "lie", NULL};
    struct cairn_http_options options = {.size = sizeof options, .ignore_forwarded = true};
    struct fixture f = fixture_open();
    struct carrier headers = carrier_of(sent);
    struct cairn_http_exchange exchange;
    struct cairn_http_request request = {.size = sizeof request,
                                         .method = CAIRN_S("GET"),
                                         .target = CAIRN_S("/"),
                                         .get_header = get_field,
                                         .carrier = &headers,
                                         .options = &options};
    (void)state;
    cairn_http_server_start(&exchange, f.tracer, &request);
    cairn_http_server_end(&exchange, 200, NULL);
    check_span(&f,
               "server GET http.request.method=GET http.response.status_code=200 "
               "server.address=inner server.port=80 url.path=/ url.scheme=http",
               "ignored");
    fixture_close(&f);
}

/* Only what the lists name, repeated headers as several values, names in lower case. */
static void test_headers(void **state)
{
    static const char *const wanted[] = {"X-Request-ID", "absent", "", NULL};
    static const char *const answered[] = {"Content-Type", NULL};
    static const char *const sent[] = {"x-request-id", "a", "X-Request-Id", "b", "Cookie",
                                       "no",           NULL};
    static const char *const got[] = {"content-type", "text/plain", "Set-Cookie", "no", NULL};
    struct cairn_http_options options = {
        .size = sizeof options, .request_headers = wanted, .response_headers = answered};
    struct fixture f = fixture_open();
    struct carrier request_headers = carrier_of(sent), response_headers = carrier_of(got);
    struct cairn_http_exchange exchange;
    struct cairn_http_request request = {.size = sizeof request,
                                         .method = CAIRN_S("GET"),
                                         .target = CAIRN_S("/"),
                                         .get_header = get_field,
                                         .carrier = &request_headers,
                                         .options = &options};
    (void)state;
    cairn_http_server_start(&exchange, f.tracer, &request);
    cairn_http_response_headers(&exchange, get_field, &response_headers);
    cairn_http_server_end(&exchange, 200, NULL);
    check_span(&f,
               "server GET http.request.header.x-request-id=[a,b] http.request.method=GET "
               "http.response.header.content-type=[text/plain] http.response.status_code=200 "
               "url.path=/ url.scheme=http",
               "headers");
    fixture_close(&f);
}

static void test_client(void **state)
{
    static const struct {
        const char *name, *method, *url, *url_template;
        uint32_t resend_count;
        int status;
        const char *error_type, *message, *want;
    } cases[] = {
        {"plain", "GET", "http://shop/a?b", NULL, 0, 200, NULL, NULL,
         "client GET http.request.method=GET http.response.status_code=200 server.address=shop "
         "server.port=80 url.full=http://shop/a?b"},
        {"template", "PUT", "https://[::1]:8443/a/7", "/a/{id}", 2, 201, NULL, NULL,
         "client PUT /a/{id} http.request.method=PUT http.request.resend_count=2 "
         "http.response.status_code=201 server.address=::1 server.port=8443 "
         "url.full=https://[::1]:8443/a/7 url.template=/a/{id}"},
        {"4xx is an error", "GET", "https://u:p@shop/", NULL, 0, 404, NULL, NULL,
         "client GET error error.type=404 http.request.method=GET http.response.status_code=404 "
         "server.address=shop server.port=443 url.full=https://REDACTED:REDACTED@shop/"},
        {"3xx is none", "GET", "http://shop/", NULL, 0, 302, NULL, NULL,
         "client GET http.request.method=GET http.response.status_code=302 server.address=shop "
         "server.port=80 url.full=http://shop/"},
        {"what nobody understands is", "GET", "http://shop/", NULL, 0, 999, NULL, NULL,
         "client GET error error.type=999 http.request.method=GET http.response.status_code=999 "
         "server.address=shop server.port=80 url.full=http://shop/"},
        {"no answer", "GET", "http://shop/", NULL, 0, 0, "timeout", "it took too long",
         "client GET error \"it took too long\" error.type=timeout http.request.method=GET "
         "server.address=shop server.port=80 url.full=http://shop/"},
        {"given up", "get", "http://shop/", NULL, 0, 0, NULL, NULL,
         "client HTTP http.request.method=_OTHER http.request.method_original=get "
         "server.address=shop server.port=80 url.full=http://shop/"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fixture f = fixture_open();
        struct cairn_http_exchange exchange;
        struct cairn_http_call call = {.size = sizeof call,
                                       .method = cairn_str_of(cases[i].method),
                                       .url = cairn_str_of(cases[i].url),
                                       .url_template = cairn_str_of(cases[i].url_template),
                                       .resend_count = cases[i].resend_count};
        cairn_http_client_start(&exchange, f.tracer, &call);
        cairn_http_client_end(&exchange, cases[i].status, cases[i].error_type, cases[i].message);
        check_span(&f, cases[i].want, cases[i].name);
        fixture_close(&f);
    }
}

/* Client and server end up in one trace, and the baggage arrives. */
static void test_propagation(void **state)
{
    cairn_propagator *parts[] = {cairn_propagator_tracecontext(), cairn_propagator_baggage()};
    cairn_propagator *both = cairn_propagator_composite(parts, 2);
    cairn_context *tenant =
        cairn_baggage_set(cairn_context_empty(), CAIRN_S("tenant"), CAIRN_S("blue"), CAIRN_S(""));
    struct fixture f = fixture_open();
    struct carrier c = {.count = 0};
    struct cairn_http_exchange client, server;
    struct cairn_http_call call = {.size = sizeof call,
                                   .method = CAIRN_S("GET"),
                                   .url = CAIRN_S("http://shop/"),
                                   .set_header = set_field,
                                   .set_carrier = &c,
                                   .context = tenant};
    struct cairn_http_request request = {.size = sizeof request,
                                         .method = CAIRN_S("GET"),
                                         .target = CAIRN_S("/"),
                                         .get_header = get_field,
                                         .carrier = &c};
    struct cairn_baggage_entry entry;
    struct cairn_span_context of_client, of_server;
    (void)state;
    cairn_propagator_set_global(both);
    cairn_http_client_start(&client, f.tracer, &call);
    cairn_http_server_start(&server, f.tracer, &request);
    assert_true(cairn_baggage_get(server.context, CAIRN_S("tenant"), &entry));
    check_cairn_str(entry.value, "blue", "baggage");
    cairn_span_get_context(client.span, &of_client);
    cairn_span_get_context(server.span, &of_server);
    assert_memory_equal(of_client.trace_id, of_server.trace_id, 16);
    cairn_http_server_end(&server, 200, NULL);
    cairn_http_client_end(&client, 200, NULL, NULL);
    assert_memory_equal(cairn_span_data_parent_id(cairn_memory_span(f.memory, 0)),
                        of_client.span_id, 8);
    assert_true(cairn_span_data_parent_is_remote(cairn_memory_span(f.memory, 0)));
    cairn_propagator_set_global(NULL);
    cairn_propagator_unref(both);
    cairn_context_unref(tenant);
    fixture_close(&f);
}

/* Without an SDK the caller's trace and baggage go through the server into its own calls. */
static void test_without_sdk(void **state)
{
    static const char *const sent[] = {"traceparent",
                                       "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                       "baggage", "tenant=blue", NULL};
    static const char *const only_baggage[] = {"baggage", "tenant=blue", NULL};
    cairn_propagator *parts[] = {cairn_propagator_tracecontext(), cairn_propagator_baggage()};
    cairn_propagator *both = cairn_propagator_composite(parts, 2);
    cairn_tracer *tracer = cairn_tracer_get("http");
    (void)state;
    cairn_propagator_set_global(both);
    for (int i = 0; i < 2; i++) {
        struct carrier in = carrier_of(i ? only_baggage : sent), out = {.count = 0};
        struct cairn_http_exchange server, client;
        struct cairn_http_request request = {.size = sizeof request,
                                             .method = CAIRN_S("GET"),
                                             .target = CAIRN_S("/"),
                                             .get_header = get_field,
                                             .carrier = &in};
        struct cairn_http_call call = {.size = sizeof call,
                                       .method = CAIRN_S("GET"),
                                       .url = CAIRN_S("http://shop/"),
                                       .set_header = set_field,
                                       .set_carrier = &out};
        cairn_token token;
        cairn_http_server_start(&server, tracer, &request);
        token = cairn_context_attach(server.context);
        cairn_http_client_start(&client, tracer, &call);
        cairn_http_client_end(&client, 200, NULL, NULL);
        cairn_context_detach(token);
        cairn_http_server_end(&server, 200, NULL);
        check_carrier(&out,
                      i ? "baggage=tenant=blue"
                        : "traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 "
                          "baggage=tenant=blue",
                      i ? "baggage alone" : "both");
    }
    cairn_propagator_set_global(NULL);
    cairn_propagator_unref(both);
}

/* A caller that was compiled against an older, shorter structure. */
static void test_short_structures(void **state)
{
    struct fixture f = fixture_open();
    struct cairn_http_exchange exchange;
    struct cairn_http_request request;
    (void)state;
    memset(&request, 0xee, sizeof request);
    request.size = offsetof(struct cairn_http_request, route);
    request.method = CAIRN_S("GET");
    request.target = CAIRN_S("/");
    cairn_http_server_start(&exchange, f.tracer, &request);
    cairn_http_server_end(&exchange, 200, NULL);
    check_span(&f,
               "server GET http.request.method=GET http.response.status_code=200 url.path=/ "
               "url.scheme=http",
               "short");
    fixture_close(&f);
}

/* The most of everything: nothing is written past its place. */
static void test_limits(void **state)
{
    static char names[40][80], long_route[2000];
    const char *wanted[41] = {NULL};
    struct cairn_http_options options = {.size = sizeof options, .request_headers = wanted};
    struct fixture f = fixture_open();
    struct carrier c = {.count = 0};
    struct cairn_http_exchange exchange;
    struct cairn_http_request request = {.size = sizeof request,
                                         .method = CAIRN_S("GET"),
                                         .target = CAIRN_S("/?sig=1"),
                                         .get_header = get_field,
                                         .carrier = &c,
                                         .options = &options};
    struct cairn_value value;
    (void)state;
    for (int i = 0; i < 40; i++) {
        snprintf(names[i], sizeof names[i], "h%d", i);
        wanted[i] = names[i];
        set_field(&c, cairn_str_of(names[i]), CAIRN_S("v"));
    }
    memset(names[3], 'n', sizeof names[3] - 1); /* longer than any header's name should be */
    for (int i = 0; i < 20; i++)
        set_field(&c, CAIRN_S("h0"), CAIRN_S("again"));
    memset(long_route, 'r', sizeof long_route);
    request.route = cairn_str_make(long_route, sizeof long_route);
    cairn_http_server_start(&exchange, f.tracer, &request);
    cairn_http_server_route(&exchange, request.route);
    cairn_http_server_end(&exchange, 200, NULL);
    assert_true(cairn_span_data_find(only(&f), "http.request.header.h0", &value));
    assert_int_equal(value.as.list.count, 8);
    assert_true(cairn_span_data_find(only(&f), "http.request.header.h15", &value));
    assert_false(cairn_span_data_find(only(&f), "http.request.header.h16", &value));
    assert_int_equal(cairn_span_data_name(only(&f)).n, 256);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server),
        cmocka_unit_test(test_late_route_and_peer),
        cmocka_unit_test(test_forwarded_ignored),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_client),
        cmocka_unit_test(test_propagation),
        cmocka_unit_test(test_without_sdk),
        cmocka_unit_test(test_short_structures),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
