/* Several requests at once, against a server that answers when it is told to. */
#include <cairn/metrics.h>

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/deadline.h"
#include "otlp/settings.h"
#include "otlp_test.h"

enum { REQUESTS_MAX = 64, BODY_MAX = 1 << 16, SPANS = 10 /* of a batch */, WAIT_MS = 60000 };

static struct {
    struct MHD_Daemon *daemon;
    uint16_t port;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    bool held[REQUESTS_MAX]; /* until it is taken away */
    unsigned statuses[REQUESTS_MAX];
    unsigned inside;
    struct counts {
        unsigned requests, peak;
        size_t spans; /* of all that were answered with 200 */
    } seen;
} server = {.mutex = PTHREAD_MUTEX_INITIALIZER};

struct upload {
    unsigned char bytes[BODY_MAX];
    size_t n;
};

static unsigned wait_for_turn(const struct upload *up)
{
    unsigned n, status;
    pthread_mutex_lock(&server.mutex);
    n = server.seen.requests++;
    assert_true(n < REQUESTS_MAX);
    if (++server.inside > server.seen.peak)
        server.seen.peak = server.inside;
    pthread_cond_broadcast(&server.changed);
    while (server.held[n])
        pthread_cond_wait(&server.changed, &server.mutex);
    server.inside--;
    status = server.statuses[n] ? server.statuses[n] : 200;
    if (status == 200)
        server.seen.spans += spans_in(str_make(up->bytes, up->n));
    pthread_mutex_unlock(&server.mutex);
    return status;
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *n, void **state)
{
    struct upload *up = *state;
    struct MHD_Response *response;
    enum MHD_Result result;
    unsigned status;
    (void)user, (void)url, (void)method, (void)version;
    if (!up) {
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
    status = wait_for_turn(up);
    response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (status == 429)
        MHD_add_response_header(response, "Retry-After", "0");
    result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static void on_done(void *user, struct MHD_Connection *connection, void **state,
                    enum MHD_RequestTerminationCode code)
{
    (void)user, (void)connection, (void)code;
    free(*state);
}

/* The first `held` requests wait. */
static void server_start(unsigned held)
{
    monotonic_cond_init(&server.changed);
    memset(server.held, 0, sizeof server.held);
    memset(server.held, 1, held);
    memset(server.statuses, 0, sizeof server.statuses);
    server.inside = 0;
    server.seen = (struct counts){0};
    server.daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0, NULL, NULL, on_request,
        NULL, MHD_OPTION_NOTIFY_COMPLETED, on_done, NULL, MHD_OPTION_END);
    assert_non_null(server.daemon);
    server.port = MHD_get_daemon_info(server.daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

static struct counts seen(void)
{
    struct counts c;
    pthread_mutex_lock(&server.mutex);
    c = server.seen;
    pthread_mutex_unlock(&server.mutex);
    return c;
}

static void answer_with(unsigned request, unsigned status)
{
    pthread_mutex_lock(&server.mutex);
    server.statuses[request] = status;
    pthread_mutex_unlock(&server.mutex);
}

static void let_go(unsigned request)
{
    pthread_mutex_lock(&server.mutex);
    server.held[request] = false;
    pthread_cond_broadcast(&server.changed);
    pthread_mutex_unlock(&server.mutex);
}

static void let_all_go(void)
{
    for (unsigned i = 0; i < REQUESTS_MAX; i++)
        let_go(i);
}

static void server_stop(void)
{
    let_all_go();
    MHD_stop_daemon(server.daemon);
    pthread_cond_destroy(&server.changed);
}

/* Until so many requests have come. */
static void await_requests(unsigned n)
{
    uint64_t deadline = deadline_after_ms(WAIT_MS);
    pthread_mutex_lock(&server.mutex);
    while (server.seen.requests < n)
        assert_int_equal(monotonic_cond_wait(&server.changed, &server.mutex, deadline), 0);
    pthread_mutex_unlock(&server.mutex);
}

/* Until so many spans have come to an end. */
static struct cairn_stats await_results(cairn_sdk *sdk, uint64_t n)
{
    uint64_t deadline = deadline_after_ms(WAIT_MS);
    struct cairn_stats s;
    while ((void)(s = stats_of(sdk)), s.exported + s.lost_export + s.lost_shutdown < n) {
        assert_true(deadline_left_ms(deadline) > 0);
        usleep(1000);
    }
    return s;
}

static cairn_exporter *exporter_open(uint32_t concurrent)
{
    struct cairn_otlp_options o = {.size = sizeof o, .timeout_ms = CAIRN_FOREVER};
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/v1/traces", server.port);
    o.endpoint = url;
    o.concurrent_requests = concurrent;
    return cairn_otlp_exporter_new(&o);
}

static cairn_sdk *sdk_with(cairn_processor *p)
{
    cairn_sdk *sdk;
    assert_non_null(p);
    sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1, .service_name = "t"));
    cairn_tracer_provider_set_global(cairn_sdk_tracer_provider(sdk));
    tracer = cairn_tracer_get("otlp");
    forget();
    return sdk;
}

static cairn_sdk *sdk_open(uint32_t concurrent)
{
    struct cairn_batch_options batch = {.size = sizeof batch,
                                        .queue_spans_max = 1000,
                                        .batch_spans_max = SPANS,
                                        .schedule_delay_ms = 3600 * 1000,
                                        .export_timeout_ms = 3600 * 1000};
    return sdk_with(cairn_processor_batch(exporter_open(concurrent), &batch));
}

/* So many are under way at once, and no more; what becomes of them is counted when it is known. */
static void test_in_flight(void **state)
{
    static const uint32_t cases[] = {0, 1, 2, 4};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned most = cases[i] ? cases[i] : 1;
        cairn_sdk *sdk;
        server_start(REQUESTS_MAX);
        sdk = sdk_open(cases[i]);
        spans(8 * SPANS);
        await_requests(most);
        assert_int_equal(stats_of(sdk).exported, 0);
        let_all_go();
        assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
        assert_int_equal(stats_of(sdk).exported, 8 * SPANS);
        assert_int_equal(seen().requests, 8);
        assert_int_equal(seen().peak, most);
        assert_int_equal(seen().spans, 8 * SPANS);
        assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
        server_stop();
    }
}

/* Results come in another order than the requests went out, some are failures. */
static void test_results_in_any_order(void **state)
{
    static const struct {
        unsigned request;
        uint64_t exported, lost;
    } steps[] = {{3, 10, 0}, {1, 10, 10}, {2, 10, 20}, {0, 20, 20}};
    uint64_t failed = otlp_stats().failed_batches;
    cairn_sdk *sdk;
    (void)state;
    server_start(4);
    sdk = sdk_open(4);
    answer_with(1, 400);
    answer_with(2, 400);
    spans(4 * SPANS);
    await_requests(4);
    for (size_t i = 0; i < COUNT(steps); i++) {
        struct cairn_stats s;
        let_go(steps[i].request);
        s = await_results(sdk, (i + 1) * SPANS);
        assert_int_equal(s.exported, steps[i].exported);
        assert_int_equal(s.lost_export, steps[i].lost);
    }
    assert_int_equal(otlp_stats().failed_batches - failed, 2);
    assert_non_null(strstr(said(), "HTTP status 400"));
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_ERROR_FAILED);
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    server_stop();
}

static void test_one_hangs(void **state)
{
    cairn_sdk *sdk;
    (void)state;
    server_start(1);
    sdk = sdk_open(2);
    spans(6 * SPANS);
    assert_int_equal(await_results(sdk, 5 * SPANS).exported, 5 * SPANS);
    assert_int_equal(seen().requests, 6);
    let_all_go();
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(stats_of(sdk).exported, 6 * SPANS);
    server_stop();
}

/* One that is tried again does not hold the others back, and all arrive. */
static void test_retries(void **state)
{
    uint64_t retried = otlp_stats().retried;
    cairn_sdk *sdk;
    (void)state;
    server_start(0);
    answer_with(0, 429);
    answer_with(2, 429);
    sdk = sdk_open(3);
    spans(6 * SPANS);
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(seen().requests, 8);
    assert_int_equal(seen().spans, 6 * SPANS);
    assert_int_equal(otlp_stats().retried - retried, 2);
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    server_stop();
}

static void *open_later(void *arg)
{
    (void)arg;
    usleep(50000);
    let_all_go();
    return NULL;
}

/* Flush and stop wait for what is under way, as long as they may. */
static void test_waiting(void **state)
{
    pthread_t thread;
    cairn_sdk *sdk;
    (void)state;
    server_start(REQUESTS_MAX);
    sdk = sdk_open(3);
    spans(3 * SPANS + 1);
    assert_int_equal(cairn_sdk_force_flush(sdk, 50), CAIRN_ERROR_TIMEOUT);
    assert_int_equal(pthread_create(&thread, NULL, open_later, NULL), 0);
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(stats_of(sdk).exported, 3 * SPANS + 1);
    assert_int_equal(seen().spans, 3 * SPANS + 1);
    pthread_join(thread, NULL);
    server_stop();
}

/* A stop comes back in its time; what was under way is interrupted and counted, and so is what waited for a sender. */
static void test_stop_in_time(void **state)
{
    static const unsigned batches[] = {1, 2, 5};
    (void)state;
    for (size_t i = 0; i < COUNT(batches); i++) {
        struct cairn_stats s;
        cairn_sdk *sdk;
        server_start(REQUESTS_MAX);
        sdk = sdk_open(2);
        spans(batches[i] * SPANS);
        await_requests(batches[i] < 2 ? 1 : 2);
        assert_int_equal(cairn_sdk_stop(sdk, 50), CAIRN_ERROR_TIMEOUT);
        s = await_results(sdk, batches[i] * SPANS);
        assert_int_equal(s.exported, 0);
        assert_int_equal(s.lost_export + s.lost_shutdown, batches[i] * SPANS);
        server_stop();
    }
}

/* Client sockets to the server. */
static unsigned connections_here(void)
{
    unsigned n = 0;
    for (int fd = 0; fd < 1024; fd++) {
        struct sockaddr_in peer;
        socklen_t bytes = sizeof peer;
        if (getpeername(fd, (struct sockaddr *)&peer, &bytes) == 0 && peer.sin_family == AF_INET &&
            ntohs(peer.sin_port) == server.port)
            n++;
    }
    return n;
}

static int64_t in_flight(cairn_sdk *sdk)
{
    cairn_metrics *m = cairn_sdk_metrics(sdk);
    struct cairn_metric_point p = {.size = sizeof p};
    int64_t sum = 0;
    for (size_t i = 0; cairn_metrics_point(m, i, &p); i++) {
        if (strcmp(p.name, "otel.sdk.exporter.span.inflight") == 0)
            sum += p.value;
    }
    cairn_metrics_free(m);
    return sum;
}

/* The child has no request, no connection and no thread of the parent's, and sends its own spans. */
static int child_main(cairn_sdk *sdk)
{
    if (connections_here() != 0 || in_flight(sdk) != 0)
        return 2;
    if (cairn_sdk_force_flush(sdk, 10000) != CAIRN_OK)
        return 3;
    spans(3 * SPANS);
    if (cairn_sdk_force_flush(sdk, 10000) != CAIRN_OK)
        return 4;
    if (stats_of(sdk).exported != 3 * SPANS || stats_of(sdk).lost_export != 0)
        return 5;
    return cairn_sdk_stop(sdk, 10000) == CAIRN_OK ? 0 : 6;
}

static void test_fork(void **state)
{
    cairn_sdk *sdk;
    pid_t child;
    int status;
    (void)state;
    server_start(4);
    sdk = sdk_open(4);
    spans(4 * SPANS);
    await_requests(4);
    assert_int_equal(connections_here(), 4);
    assert_int_equal(in_flight(sdk), 4 * SPANS);
    child = fork();
    if (child == 0)
        _exit(child_main(sdk));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(connections_here(), 4);
    assert_int_equal(stats_of(sdk).exported, 0);
    let_all_go();
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
    spans(2 * SPANS);
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(stats_of(sdk).exported, 6 * SPANS);
    assert_int_equal(stats_of(sdk).lost_export, 0);
    assert_int_equal(in_flight(sdk), 0);
    assert_int_equal(seen().spans, 9 * SPANS);
    server_stop();
}

static void *end_spans(void *arg)
{
    spans(*(unsigned *)arg);
    return NULL;
}

/* The processor without a queue gives its spans away one by one and waits for a free sender alone. */
static void test_simple_processor(void **state)
{
    unsigned count = 5;
    pthread_t thread;
    cairn_sdk *sdk;
    (void)state;
    server_start(3);
    sdk = sdk_with(cairn_processor_simple(exporter_open(3)));
    assert_int_equal(pthread_create(&thread, NULL, end_spans, &count), 0);
    await_requests(3);
    let_all_go();
    pthread_join(thread, NULL);
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(stats_of(sdk).exported, 5);
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(seen().spans, 5);
    server_stop();
}

/* A fork waits for the simple processor's export, which waits: for a sender, or to try again. */
static void test_fork_while_waiting(void **state)
{
    (void)state;
    for (uint32_t concurrent = 1; concurrent <= 2; concurrent++) {
        unsigned count = concurrent + 1;
        pthread_t thread, opener;
        cairn_sdk *sdk;
        pid_t child;
        int status;
        server_start(concurrent == 1 ? 0 : 2);
        answer_with(0, 503); /* the pause is half a second at least */
        sdk = sdk_with(cairn_processor_simple(exporter_open(concurrent)));
        assert_int_equal(pthread_create(&thread, NULL, end_spans, &count), 0);
        await_requests(concurrent);
        usleep(50000);
        assert_int_equal(pthread_create(&opener, NULL, open_later, NULL), 0);
        child = fork();
        if (child == 0) {
            spans(1);
            _exit(cairn_sdk_stop(sdk, 10000) == CAIRN_OK ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        pthread_join(thread, NULL);
        pthread_join(opener, NULL);
        assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
        assert_int_equal(seen().spans, count + 1);
        server_stop();
    }
}

static const char *no_env(const char *name)
{
    (void)name;
    return NULL;
}

static void test_setting(void **state)
{
    static const struct {
        uint32_t given, want;
        const char *said;
    } cases[] = {
        {0, 1, ""},
        {1, 1, ""},
        {7, 7, ""},
        {CAIRN_OTLP_CONCURRENT_MAX, 32, ""},
        {CAIRN_OTLP_CONCURRENT_MAX + 1, 32, "OTLP sends at most 32 requests at once, not 33\n"}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cairn_otlp_options o = {.size = sizeof o, .concurrent_requests = cases[i].given};
        struct otlp_settings s;
        struct arena arena;
        arena_init(&arena, 0);
        forget();
        assert_int_equal(otlp_settings_make(&o, no_env, &arena, &s), CAIRN_OK);
        assert_int_equal(s.concurrent, cases[i].want);
        assert_string_equal(said(), cases[i].said);
        arena_release(&arena);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_flight),
        cmocka_unit_test(test_results_in_any_order),
        cmocka_unit_test(test_one_hangs),
        cmocka_unit_test(test_retries),
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_stop_in_time),
        cmocka_unit_test(test_fork),
        cmocka_unit_test(test_simple_processor),
        cmocka_unit_test(test_fork_while_waiting),
        cmocka_unit_test(test_setting),
    };
    cairn_set_diagnostics(remember, NULL);
    /* its fork handlers stand before the exporters', the order in which locks could meet */
    cairn_sdk_stop(sdk_around(cairn_exporter_memory(1)), CAIRN_FOREVER);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
