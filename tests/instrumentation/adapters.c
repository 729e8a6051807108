/* adapters.c - libcurl against libmicrohttpd, each through its adapter, over a real connection. */
#include <cairn/curl.h>
#include <cairn/microhttpd.h>

#include "instrumentation/span_text.h"

struct world {
    struct fixture f;
    struct MHD_Daemon *server;
    CURL *easy;
    char base[64];
    cairn_propagator *propagator;
};

/* What differs from run to run. */
static const char *const varying[] = {"network.peer.port", "server.port", "url.full",
                                      "user_agent.original", NULL};
static const char *const request_headers[] = {"X-Request-ID", NULL};
static const char *const response_headers[] = {"X-Answer", NULL};
static const struct cairn_http_options captured = {.size = sizeof captured,
                                                   .request_headers = request_headers,
                                                   .response_headers = response_headers};

static size_t swallow(char *data, size_t size, size_t count, void *user)
{
    (void)data, (void)user;
    return size * count;
}

static enum MHD_Result answer(struct MHD_Connection *connection, void *state, const char *url)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(2, (void *)(uintptr_t) "hi", MHD_RESPMEM_PERSISTENT);
    unsigned status = strcmp(url, "/fail") == 0 ? 500 : strcmp(url, "/gone") == 0 ? 404 : 200;
    enum MHD_Result result;
    if (strcmp(url, "/there") == 0) {
        status = 302;
        MHD_add_response_header(response, "Location", "/here");
    }
    MHD_add_response_header(response, "X-Answer", "42");
    if (status == 200)
        cairn_microhttpd_route(state, "/{page}");
    result = cairn_microhttpd_queue(state, connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_size, void **state)
{
    struct cairn_microhttpd_options options = {.size = sizeof options, .http = &captured};
    (void)user, (void)data;
    if (!*state) {
        *state = cairn_microhttpd_begin(cairn_tracer_get("server"), connection, method, url,
                                        version, &options);
        return MHD_YES;
    }
    if (*data_size) {
        *data_size = 0;
        return MHD_YES;
    }
    if (strcmp(url, "/drop") == 0) {
        cairn_microhttpd_error(*state, "dropped");
        return MHD_NO;
    }
    return answer(connection, *state, url);
}

static void on_completed(void *user, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    (void)user, (void)connection;
    cairn_microhttpd_end(*state, why);
    *state = NULL;
}

static struct world world_open(void)
{
    struct world w = {.f = fixture_open()};
    cairn_propagator *parts[] = {cairn_propagator_tracecontext(), cairn_propagator_baggage()};
    w.propagator = cairn_propagator_composite(parts, 2);
    cairn_propagator_set_global(w.propagator);
    w.server = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, NULL,
                                MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
    assert_non_null(w.server);
    snprintf(w.base, sizeof w.base, "http://127.0.0.1:%u",
             (unsigned)MHD_get_daemon_info(w.server, MHD_DAEMON_INFO_BIND_PORT)->port);
    w.easy = curl_easy_init();
    curl_easy_setopt(w.easy, CURLOPT_WRITEFUNCTION, swallow);
    curl_easy_setopt(w.easy, CURLOPT_PROXY, "");
    curl_easy_setopt(w.easy, CURLOPT_NOSIGNAL, 1L);
    return w;
}

static void set_url(struct world *w, const char *path)
{
    char url[128];
    snprintf(url, sizeof url, "%s%s", w->base, path);
    curl_easy_setopt(w->easy, CURLOPT_URL, url);
}

/* Connections are closed, so all spans have ended. */
static void world_close(struct world *w)
{
    fixture_close(&w->f);
    cairn_propagator_set_global(NULL);
    cairn_propagator_unref(w->propagator);
}

static void stop_server(struct world *w)
{
    curl_easy_cleanup(w->easy);
    if (w->server)
        MHD_stop_daemon(w->server);
}

static const cairn_span_data *span_of_kind(const struct world *w, int32_t kind)
{
    for (size_t i = 0; i < cairn_memory_count(w->f.memory); i++) {
        if (cairn_span_data_kind(cairn_memory_span(w->f.memory, i)) == kind)
            return cairn_memory_span(w->f.memory, i);
    }
    fail_msg("no span of kind %d", (int)kind);
    return NULL;
}

static void check_both(const struct world *w, const char *client, const char *server,
                       const char *name)
{
    const cairn_span_data *of_client = span_of_kind(w, CAIRN_KIND_CLIENT), *of_server;
    struct cairn_span_context a, b;
    check_str(str_of(span_text(of_client, varying)), client, name);
    if (!server)
        return;
    of_server = span_of_kind(w, CAIRN_KIND_SERVER);
    check_str(str_of(span_text(of_server, varying)), server, name);
    cairn_span_data_context(of_client, &a);
    cairn_span_data_context(of_server, &b);
    assert_memory_equal(a.trace_id, b.trace_id, 16);
    assert_memory_equal(cairn_span_data_parent_id(of_server), a.span_id, 8);
}

static void test_requests(void **state)
{
    static const struct {
        const char *path, *client, *server;
    } cases[] = {
        {"/page?b=%20c&d",
         "client GET http.request.method=GET http.response.status_code=200 "
         "network.peer.address=127.0.0.1 network.protocol.version=1.1 server.address=127.0.0.1",
         "server GET /{page} client.address=127.0.0.1 http.request.method=GET "
         "http.response.header.x-answer=[42] http.response.status_code=200 http.route=/{page} "
         "network.peer.address=127.0.0.1 network.protocol.version=1.1 server.address=127.0.0.1 "
         "url.path=/page url.query=b=%20c&d url.scheme=http"},
        {"/gone",
         "client GET error error.type=404 http.request.method=GET http.response.status_code=404 "
         "network.peer.address=127.0.0.1 network.protocol.version=1.1 server.address=127.0.0.1",
         "server GET client.address=127.0.0.1 http.request.method=GET "
         "http.response.header.x-answer=[42] http.response.status_code=404 "
         "network.peer.address=127.0.0.1 network.protocol.version=1.1 server.address=127.0.0.1 "
         "url.path=/gone url.scheme=http"},
        {"/fail",
         "client GET error error.type=500 http.request.method=GET http.response.status_code=500 "
         "network.peer.address=127.0.0.1 network.protocol.version=1.1 server.address=127.0.0.1",
         "server GET error client.address=127.0.0.1 error.type=500 http.request.method=GET "
         "http.response.header.x-answer=[42] http.response.status_code=500 "
         "network.peer.address=127.0.0.1 network.protocol.version=1.1 server.address=127.0.0.1 "
         "url.path=/fail url.scheme=http"},
        {"/drop",
         "client GET error \"Server returned nothing (no headers, no data)\" "
         "error.type=connection_lost http.request.method=GET network.peer.address=127.0.0.1 "
         "server.address=127.0.0.1",
         "server GET error client.address=127.0.0.1 error.type=dropped http.request.method=GET "
         "network.peer.address=127.0.0.1 network.protocol.version=1.1 server.address=127.0.0.1 "
         "url.path=/drop url.scheme=http"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct world w = world_open();
        set_url(&w, cases[i].path);
        cairn_curl_perform(w.f.tracer, w.easy, NULL);
        stop_server(&w);
        check_both(&w, cases[i].client, cases[i].server, cases[i].path);
        world_close(&w);
    }
}

/* The method that libcurl chose comes into the span; own headers are sent, recorded, and given back. */
static void test_post_with_headers(void **state)
{
    struct world w = world_open();
    struct curl_slist *headers = curl_slist_append(NULL, "X-Request-ID: 7");
    struct cairn_curl_options options = {
        .size = sizeof options, .headers = headers, .url_template = "/{page}", .http = &captured};
    (void)state;
    set_url(&w, "/page");
    curl_easy_setopt(w.easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(w.easy, CURLOPT_POSTFIELDS, "{}");
    assert_int_equal(cairn_curl_perform(w.f.tracer, w.easy, &options), CURLE_OK);
    assert_null(headers->next);
    stop_server(&w);
    curl_slist_free_all(headers);
    check_both(&w,
               "client POST /{page} http.request.header.x-request-id=[7] http.request.method=POST "
               "http.response.header.x-answer=[42] http.response.status_code=200 "
               "network.peer.address=127.0.0.1 network.protocol.version=1.1 "
               "server.address=127.0.0.1 url.template=/{page}",
               "server POST /{page} client.address=127.0.0.1 "
               "http.request.header.x-request-id=[7] http.request.method=POST "
               "http.response.header.x-answer=[42] http.response.status_code=200 "
               "http.route=/{page} network.peer.address=127.0.0.1 network.protocol.version=1.1 "
               "server.address=127.0.0.1 url.path=/page url.scheme=http",
               "post");
    world_close(&w);
}

/* Redirects are inside the one span, whose URL is the one asked for. */
static void test_redirect(void **state)
{
    struct world w = world_open();
    struct cairn_value url;
    char want[128];
    (void)state;
    set_url(&w, "/there");
    curl_easy_setopt(w.easy, CURLOPT_FOLLOWLOCATION, 1L);
    assert_int_equal(cairn_curl_perform(w.f.tracer, w.easy, NULL), CURLE_OK);
    stop_server(&w);
    assert_int_equal(cairn_memory_count(w.f.memory), 3);
    check_both(&w,
               "client GET http.request.method=GET http.response.status_code=200 "
               "network.peer.address=127.0.0.1 network.protocol.version=1.1 "
               "server.address=127.0.0.1",
               NULL, "redirect");
    snprintf(want, sizeof want, "%s/there", w.base);
    assert_true(cairn_span_data_find(span_of_kind(&w, CAIRN_KIND_CLIENT), "url.full", &url));
    check_cairn_str(url.as.string, want, "url.full");
    world_close(&w);
}

static void test_no_server(void **state)
{
    struct world w = world_open();
    (void)state;
    MHD_stop_daemon(w.server);
    w.server = NULL;
    set_url(&w, "/");
    assert_int_equal(cairn_curl_perform(w.f.tracer, w.easy, NULL), CURLE_COULDNT_CONNECT);
    stop_server(&w);
    check_both(&w,
               "client GET error \"Couldn't connect to server\" error.type=connection_failed "
               "http.request.method=GET server.address=127.0.0.1",
               NULL, "no server");
    world_close(&w);
}

static int give_up(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)user, (void)a, (void)b, (void)c, (void)d;
    return 1;
}

static void test_given_up(void **state)
{
    struct world w = world_open();
    (void)state;
    set_url(&w, "/");
    curl_easy_setopt(w.easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(w.easy, CURLOPT_XFERINFOFUNCTION, give_up);
    assert_int_equal(cairn_curl_perform(w.f.tracer, w.easy, NULL), CURLE_ABORTED_BY_CALLBACK);
    stop_server(&w);
    check_str(str_of(span_text(span_of_kind(&w, CAIRN_KIND_CLIENT),
                               (const char *const[]){"network.peer.address", "network.peer.port",
                                                     "server.port", "url.full", NULL})),
              "client GET http.request.method=GET server.address=127.0.0.1", "given up");
    world_close(&w);
}

/* begin and end around the multi interface; the URL is given, without a scheme. */
static void test_multi(void **state)
{
    struct world w = world_open();
    struct cairn_curl_options options = {
        .size = sizeof options, .url = w.base + strlen("http://"), .method = "GET"};
    cairn_curl_transfer *transfer;
    CURLM *multi = curl_multi_init();
    CURLMsg *message = NULL;
    int running = 1, left;
    struct cairn_value url;
    (void)state;
    curl_easy_setopt(w.easy, CURLOPT_URL, options.url);
    transfer = cairn_curl_begin(w.f.tracer, w.easy, &options);
    assert_non_null(cairn_curl_span(transfer));
    curl_multi_add_handle(multi, w.easy);
    while (running) {
        curl_multi_perform(multi, &running);
        curl_multi_poll(multi, NULL, 0, 100, NULL);
    }
    message = curl_multi_info_read(multi, &left);
    assert_non_null(message);
    cairn_curl_end(transfer, message->data.result);
    curl_multi_remove_handle(multi, w.easy);
    curl_multi_cleanup(multi);
    stop_server(&w);
    assert_true(cairn_span_data_find(span_of_kind(&w, CAIRN_KIND_CLIENT), "url.full", &url));
    assert_memory_equal(url.as.string.p, w.base, strlen(w.base));
    check_both(&w,
               "client GET http.request.method=GET http.response.status_code=200 "
               "network.peer.address=127.0.0.1 network.protocol.version=1.1 "
               "server.address=127.0.0.1",
               NULL, "multi");
    world_close(&w);
}

/* NULL handles do nothing. */
static void test_null(void **state)
{
    (void)state;
    cairn_microhttpd_end(NULL, MHD_REQUEST_TERMINATED_COMPLETED_OK);
    cairn_microhttpd_route(NULL, "/");
    cairn_microhttpd_error(NULL, "x");
    assert_null(cairn_microhttpd_span(NULL));
    assert_ptr_equal(cairn_microhttpd_context(NULL), cairn_context_empty());
    cairn_curl_end(NULL, CURLE_OK);
    assert_null(cairn_curl_span(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests), cmocka_unit_test(test_post_with_headers),
        cmocka_unit_test(test_redirect), cmocka_unit_test(test_no_server),
        cmocka_unit_test(test_given_up), cmocka_unit_test(test_multi),
        cmocka_unit_test(test_null),
    };
    curl_global_init(CURL_GLOBAL_DEFAULT);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
