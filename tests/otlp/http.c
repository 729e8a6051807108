/* OTLP over HTTP, protobuf and JSON, against a small HTTP server in the test. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <zlib.h>

#include "otlp_test.h"

enum { BODY_MAX = 1 << 20, REQUESTS_MAX = 32 };

struct server {
    struct MHD_Daemon *daemon;
    uint16_t port;
    pthread_mutex_t mutex;
    unsigned requests;
    unsigned statuses[REQUESTS_MAX]; /* of request n; 0 = 200 */
    const char *retry_after;
    struct str answer; /* body of a 200 */
    struct str error;  /* body of all others */
    const char *content_type;
    char headers[1024], url[128];
    unsigned char body[BODY_MAX]; /* of the last request */
    size_t body_n;
    size_t spans; /* of all accepted requests */
    unsigned connections;
};

static struct server server;

struct upload {
    unsigned char bytes[BODY_MAX];
    size_t n;
};

static enum MHD_Result note_header(void *user, enum MHD_ValueKind kind, const char *key,
                                   const char *value)
{
    size_t n = strlen(server.headers);
    (void)user, (void)kind;
    snprintf(server.headers + n, sizeof server.headers - n, "%s: %s\n", key, value);
    return MHD_YES;
}

static enum MHD_Result answer(struct MHD_Connection *connection, const struct upload *up)
{
    struct MHD_Response *response;
    struct str body;
    unsigned status;
    enum MHD_Result result;
    pthread_mutex_lock(&server.mutex);
    status = server.requests < REQUESTS_MAX ? server.statuses[server.requests] : 0;
    server.requests++;
    server.headers[0] = '\0';
    MHD_get_connection_values(connection, MHD_HEADER_KIND, note_header, NULL);
    memcpy(server.body, up->bytes, up->n);
    server.body_n = up->n;
    if (!status)
        server.spans += spans_in(str_make(up->bytes, up->n));
    body = status ? server.error : server.answer;
    response =
        MHD_create_response_from_buffer(body.n, (void *)(uintptr_t)body.p, MHD_RESPMEM_PERSISTENT);
    if (server.content_type)
        MHD_add_response_header(response, "Content-Type", server.content_type);
    if (status && server.retry_after)
        MHD_add_response_header(response, "Retry-After", server.retry_after);
    pthread_mutex_unlock(&server.mutex);
    result = MHD_queue_response(connection, status ? status : 200, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *n, void **state)
{
    struct upload *up = *state;
    (void)user, (void)version;
    if (!up) {
        assert_string_equal(method, "POST");
        snprintf(server.url, sizeof server.url, "%s", url);
        *state = calloc(1, sizeof *up);
        return MHD_YES;
    }
    if (*n) {
        assert_true(up->n + *n <= BODY_MAX);
        memcpy(up->bytes + up->n, data, *n);
        up->n += *n;
        *n = 0;
        return MHD_YES;
    }
    return answer(connection, up);
}

static void on_done(void *user, struct MHD_Connection *connection, void **state,
                    enum MHD_RequestTerminationCode code)
{
    (void)user, (void)connection, (void)code;
    free(*state);
}

static void on_connection(void *user, struct MHD_Connection *connection, void **state,
                          enum MHD_ConnectionNotificationCode code)
{
    (void)user, (void)connection, (void)state;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        server.connections++;
}

static void server_start(void)
{
    memset(&server, 0, sizeof server);
    pthread_mutex_init(&server.mutex, NULL);
    server.daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, NULL,
                         MHD_OPTION_NOTIFY_COMPLETED, on_done, NULL, MHD_OPTION_NOTIFY_CONNECTION,
                         on_connection, NULL, MHD_OPTION_END);
    assert_non_null(server.daemon);
    server.port = MHD_get_daemon_info(server.daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

static void server_stop(void)
{
    MHD_stop_daemon(server.daemon);
}

static cairn_sdk *sdk_open(struct cairn_otlp_options o)
{
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/v1/traces", server.port);
    o.size = sizeof o;
    if (!o.endpoint)
        o.endpoint = url;
    return sdk_around(cairn_otlp_exporter_new(&o));
}

static void test_request(void **state)
{
    cairn_sdk *sdk;
    (void)state;
    server_start();
    sdk = sdk_open((struct cairn_otlp_options){.headers = "api-key=se%63ret"});
    spans(3);
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_string_equal(server.url, "/v1/traces");
    assert_non_null(strstr(server.headers, "Content-Type: application/x-protobuf\n"));
    assert_non_null(strstr(server.headers, "User-Agent: OTel-OTLP-Exporter-C/" CAIRN_VERSION "\n"));
    assert_non_null(strstr(server.headers, "api-key: secret\n"));
    assert_null(strstr(server.headers, "Content-Encoding"));
    assert_int_equal(server.spans, 3);
    spans(2);
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(server.spans, 5);
    assert_int_equal(server.connections, 1); /* kept open */
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    server_stop();
}

static void test_gzip(void **state)
{
    static unsigned char plain[BODY_MAX];
    z_stream z = {.next_out = plain, .avail_out = sizeof plain};
    cairn_sdk *sdk;
    (void)state;
    server_start();
    sdk = sdk_open((struct cairn_otlp_options){.compression = "gzip"});
    spans(100);
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_non_null(strstr(server.headers, "Content-Encoding: gzip\n"));
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    z.next_in = server.body;
    z.avail_in = (uInt)server.body_n;
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(spans_in(str_make(plain, z.total_out)), 100);
    inflateEnd(&z);
    server_stop();
}

static void test_json(void **state)
{
    cairn_sdk *sdk;
    (void)state;
    server_start();
    sdk = sdk_open((struct cairn_otlp_options){.encoding = CAIRN_OTLP_JSON});
    spans(1);
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_non_null(strstr(server.headers, "Content-Type: application/json\n"));
    assert_memory_equal(server.body, "{\"resourceSpans\":[", 18);
    server_stop();
}

/* Every status from 300 to 599: which are tried again. Retry-After: 0, or the test would take its time. */
static void test_statuses(void **state)
{
    (void)state;
    server_start();
    for (unsigned status = 300; status < 600; status++) {
        bool again = status == 429 || status == 502 || status == 503 || status == 504;
        struct cairn_otlp_stats before = otlp_stats(), after;
        char name[16];
        cairn_sdk *sdk = sdk_open((struct cairn_otlp_options){.endpoint = NULL});
        snprintf(name, sizeof name, "HTTP %u", status);
        memset(server.statuses, 0, sizeof server.statuses);
        server.requests = 0;
        server.statuses[0] = status;
        server.retry_after = "0";
        spans(4);
        CHECK(cairn_sdk_force_flush(sdk, CAIRN_FOREVER) == (again ? CAIRN_OK : CAIRN_ERROR_FAILED),
              name);
        CHECK(server.requests == 1u + again, name);
        CHECK(stats_of(sdk).exported == (again ? 4 : 0), name);
        CHECK(stats_of(sdk).lost_export == (again ? 0 : 4), name);
        snprintf(name, sizeof name, "HTTP status %u", status);
        CHECK(strstr(said(), name), name);
        after = otlp_stats();
        CHECK(after.requests - before.requests == 1u + again, name);
        CHECK(after.retried - before.retried == again, name);
        CHECK(after.failed_batches - before.failed_batches == !again, name);
        cairn_sdk_stop(sdk, CAIRN_FOREVER);
    }
    server_stop();
}

static void test_retries(void **state)
{
    cairn_sdk *sdk;
    (void)state;
    server_start();
    server.statuses[0] = server.statuses[1] = 503;
    server.retry_after = "0";
    sdk = sdk_open((struct cairn_otlp_options){.endpoint = NULL});
    spans(4);
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(server.requests, 3);
    assert_int_equal(server.spans, 4);
    cairn_sdk_stop(sdk, CAIRN_FOREVER);
    server_stop();
}

/* The words of a failure's body are shown: google.rpc.Status, by its content type. Others are not looked into. */
static void test_error_bodies(void **state)
{
    static const struct {
        const char *name, *type;
        struct str body;
        const char *want; /* behind the status */
    } cases[] = {
        {"protobuf", "application/x-protobuf", STR_INIT("\x08\x03\x12\x07no\nthat"), ": no that\n"},
        {"json", "application/json; charset=utf-8",
         STR_INIT("{\"code\":3,\"message\":\"not \\u00e9\",\"details\":[{\"@type\":\"x\"}]}"),
         ": not \xc3\xa9\n"},
        {"html", "text/html", STR_INIT("\x12\x01<"), "400\n"},
        {"broken protobuf", "application/x-protobuf", STR_INIT("\x12\x7fno"), "400\n"},
        {"broken json", "application/json", STR_INIT("{\"message\":\"no\""), "400\n"},
        {"no words", "application/x-protobuf", STR_INIT("\x08\x03"), "400\n"},
        {"nothing", "application/json", STR_INIT(""), "400\n"},
    };
    (void)state;
    server_start();
    for (size_t i = 0; i < 2 * COUNT(cases); i++) {
        cairn_sdk *sdk = sdk_open(
            (struct cairn_otlp_options){.encoding = i % 2 ? CAIRN_OTLP_JSON : CAIRN_OTLP_PROTOBUF});
        server.requests = 0;
        server.statuses[0] = 400;
        server.error = cases[i / 2].body;
        server.content_type = cases[i / 2].type;
        spans(1);
        CHECK(cairn_sdk_force_flush(sdk, CAIRN_FOREVER) == CAIRN_ERROR_FAILED, cases[i / 2].name);
        CHECK(strstr(said(), cases[i / 2].want), said());
        cairn_sdk_stop(sdk, CAIRN_FOREVER);
    }
    server_stop();
}

static void test_retry_after_too_long(void **state)
{
    cairn_sdk *sdk;
    (void)state;
    server_start();
    server.statuses[0] = 503;
    server.retry_after = "3600";
    sdk = sdk_open((struct cairn_otlp_options){.timeout_ms = 5000});
    spans(1);
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_ERROR_FAILED);
    assert_int_equal(server.requests, 1);
    cairn_sdk_stop(sdk, CAIRN_FOREVER);
    server_stop();
}

/* What a 200 may say: words and refused spans are shown and counted, nothing is tried again, garbage is delivered. */
static void test_partial_success(void **state)
{
    static const struct {
        const char *name;
        int32_t encoding;
        struct str answer;
        uint64_t rejected;
        const char *want;
    } cases[] = {
        {"protobuf", CAIRN_OTLP_PROTOBUF, STR_INIT("\x0a\x0b\x08\x02\x12\x07too old"), 2,
         "the OTLP server refused 2 spans: too old\n"},
        {"words alone", CAIRN_OTLP_PROTOBUF, STR_INIT("\x0a\x06\x12\x04slow"), 0,
         "the OTLP server took all spans and says: slow\n"},
        {"negative", CAIRN_OTLP_PROTOBUF,
         STR_INIT("\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), 0, ""},
        {"garbage", CAIRN_OTLP_PROTOBUF, STR_INIT("\x0a\xff"), 0, ""},
        {"json", CAIRN_OTLP_JSON,
         STR_INIT(
             "{\"partialSuccess\":{\"rejectedSpans\":\"3\",\"errorMessage\":\"too \\\"new\\\"\"}}"),
         3, "the OTLP server refused 3 spans: too \"new\"\n"},
        {"json number", CAIRN_OTLP_JSON,
         STR_INIT("{\"x\":[],\"partialSuccess\":{\"y\":1,\"rejectedSpans\":4}}"), 4,
         "the OTLP server refused 4 spans\n"},
        {"json null", CAIRN_OTLP_JSON, STR_INIT("{\"partialSuccess\":null}"), 0, ""},
        {"json empty", CAIRN_OTLP_JSON, STR_INIT("{}"), 0, ""},
        {"json garbage", CAIRN_OTLP_JSON, STR_INIT("{\"partialSuccess\":7}"), 0, ""},
    };
    (void)state;
    server_start();
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t before = otlp_stats().rejected_spans;
        cairn_sdk *sdk = sdk_open((struct cairn_otlp_options){.encoding = cases[i].encoding});
        server.requests = 0;
        server.answer = cases[i].answer;
        for (int n = 0; n < 2; n++) { /* said once in a while */
            spans(3);
            CHECK(cairn_sdk_force_flush(sdk, CAIRN_FOREVER) == CAIRN_OK, cases[i].name);
        }
        CHECK(server.requests == 2, cases[i].name);
        CHECK(strcmp(said(), cases[i].want) == 0, said());
        CHECK(otlp_stats().rejected_spans - before == 2 * cases[i].rejected, cases[i].name);
        cairn_sdk_stop(sdk, CAIRN_FOREVER);
    }
    server_stop();
}

static void test_answer_too_large(void **state)
{
    cairn_sdk *sdk;
    char *large = calloc(1, 5 << 20);
    (void)state;
    server_start();
    server.answer = str_make(large, 5 << 20);
    sdk = sdk_open((struct cairn_otlp_options){.endpoint = NULL});
    spans(1);
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_ERROR_FAILED);
    assert_int_equal(server.requests, 1);
    assert_non_null(strstr(said(), "the answer is over the limit of 4 MiB"));
    cairn_sdk_stop(sdk, CAIRN_FOREVER);
    server_stop();
    free(large);
}

/* ---- Servers that do not speak HTTP well: bytes for the first connection, a good answer for the later ones ---- */

struct raw_server {
    int fd;
    const char *first;
    _Atomic unsigned connections;
};

/* Until the whole request is here: the client would see a reset instead of the answer. */
static void read_request(int fd)
{
    static char bytes[65536];
    size_t n = 0;
    char *body, *length;
    do {
        ssize_t got = recv(fd, bytes + n, sizeof bytes - 1 - n, 0);
        if (got <= 0)
            return;
        n += (size_t)got;
        bytes[n] = '\0';
        body = strstr(bytes, "\r\n\r\n");
        length = strstr(bytes, "Content-Length: ");
    } while (!body || (size_t)(bytes + n - body) < 4 + strtoul(length + 16, NULL, 10));
}

static void *raw_serve(void *arg)
{
    struct raw_server *s = arg;
    int fd;
    while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
        const char *answer =
            s->connections++ ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" : s->first;
        read_request(fd);
        send(fd, answer, strlen(answer), MSG_NOSIGNAL);
        close(fd);
    }
    return NULL;
}

static void test_broken_servers(void **state)
{
    static const struct {
        const char *name, *first;
        bool again;
    } cases[] = {
        {"closed without a word", "", true},
        {"cut in the body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab", true},
        {"not HTTP", "220 mail.example.org ESMTP\r\n", false},
        {"status is no number", "HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n", false},
        {"100 first",
         "HTTP/1.1 100 Continue\r\nRetry-After: 9\r\n\r\nHTTP/1.1 503 No\r\nRetry-After: 0\r\n"
         "Content-Length: 0\r\n\r\n",
         true},
        {"good, then closed", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sockaddr_in address = {.sin_family = AF_INET};
        socklen_t n = sizeof address;
        struct raw_server s = {.first = cases[i].first};
        bool good = strstr(cases[i].first, "HTTP/1.1 200 OK\r\nContent-Length: 0");
        char url[64];
        pthread_t thread;
        cairn_sdk *sdk;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        s.fd = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(bind(s.fd, (struct sockaddr *)&address, n), 0);
        assert_int_equal(getsockname(s.fd, (struct sockaddr *)&address, &n), 0);
        assert_int_equal(listen(s.fd, 8), 0);
        assert_int_equal(pthread_create(&thread, NULL, raw_serve, &s), 0);
        snprintf(url, sizeof url, "http://127.0.0.1:%u", ntohs(address.sin_port));
        sdk = sdk_open((struct cairn_otlp_options){.endpoint = url});
        spans(1);
        CHECK((cairn_sdk_force_flush(sdk, CAIRN_FOREVER) == CAIRN_OK) == (cases[i].again || good),
              cases[i].name);
        CHECK(s.connections == (cases[i].again ? 2 : 1), cases[i].name);
        spans(1); /* and the next batch finds a new connection */
        CHECK(cairn_sdk_force_flush(sdk, CAIRN_FOREVER) == CAIRN_OK, cases[i].name);
        cairn_sdk_stop(sdk, CAIRN_FOREVER);
        shutdown(s.fd, SHUT_RDWR);
        pthread_join(thread, NULL);
        close(s.fd);
    }
}

/* Nobody listens: the exporter goes on trying, but a stop comes back in its time and interrupts it. */
static void test_stop_while_retrying(void **state)
{
    cairn_sdk *sdk;
    (void)state;
    server_start();
    server_stop(); /* its port is closed now */
    sdk = sdk_open((struct cairn_otlp_options){.timeout_ms = 3600 * 1000});
    spans(1);
    assert_int_equal(cairn_sdk_force_flush(sdk, 50), CAIRN_ERROR_TIMEOUT);
    assert_int_equal(cairn_sdk_stop(sdk, 50), CAIRN_ERROR_TIMEOUT);
}

static void test_fork(void **state)
{
    cairn_sdk *sdk;
    pid_t child;
    int status;
    (void)state;
    server_start();
    sdk = sdk_open((struct cairn_otlp_options){.endpoint = NULL});
    spans(1);
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
    child = fork(); /* with a connection open */
    if (child == 0) {
        spans(2);
        _exit(cairn_sdk_stop(sdk, 10000) == CAIRN_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    spans(1);
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(server.spans, 4);
    assert_int_equal(server.connections, 2); /* the parent's survived */
    server_stop();
}

/* Proxies are libcurl's affair: the request for a server that nobody can resolve goes to the one of the environment. */
static void test_proxy(void **state)
{
    char proxy[64];
    cairn_sdk *sdk;
    (void)state;
    server_start();
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", server.port);
    setenv("http_proxy", proxy, 1);
    unsetenv("no_proxy");
    unsetenv("NO_PROXY");
    sdk = sdk_open(
        (struct cairn_otlp_options){.endpoint = "http://collector.invalid:4318/v1/traces"});
    spans(2);
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(server.spans, 2);
    assert_non_null(strstr(server.headers, "Host: collector.invalid:4318\n"));
    cairn_sdk_stop(sdk, CAIRN_FOREVER);
    unsetenv("http_proxy");
    server_stop();
}

static void test_start(void **state)
{
    char url[64];
    cairn_sdk *sdk;
    (void)state;
    server_start();
    snprintf(url, sizeof url, "http://127.0.0.1:%u", server.port);
    setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url, 1);
    sdk = cairn_otlp_start(CAIRN_SDK(.service_name = "t"));
    tracer = cairn_tracer_get("otlp");
    spans(7);
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(server.spans, 7);
    unsetenv("OTEL_EXPORTER_OTLP_ENDPOINT");
    server_stop();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_retries),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_error_bodies),
        cmocka_unit_test(test_retry_after_too_long),
        cmocka_unit_test(test_partial_success),
        cmocka_unit_test(test_answer_too_large),
        cmocka_unit_test(test_broken_servers),
        cmocka_unit_test(test_stop_while_retrying),
        cmocka_unit_test(test_fork),
        cmocka_unit_test(test_proxy),
        cmocka_unit_test(test_start),
    };
    cairn_set_diagnostics(remember, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
