/* The sampler that polls a Jaeger server: settings and answers as tables, and against a small HTTP server in the test. */
#include <cairn/jaeger_remote.h>
#include <cairn/otlp.h>

#include <dirent.h>
#include <microhttpd.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>

#include "otlp/jaeger_remote.h"
#include "otlp/jaeger_strategy.h"
#include "test.h"

#define SAMPLE CAIRN_RECORD_AND_SAMPLE

static char said[8192];
static pthread_mutex_t said_mutex = PTHREAD_MUTEX_INITIALIZER;

static void remember(void *user, int32_t severity, cairn_str line)
{
    size_t n;
    (void)user, (void)severity;
    pthread_mutex_lock(&said_mutex);
    n = strlen(said);
    snprintf(said + n, sizeof said - n, "%.*s\n", (int)line.n, line.p);
    pthread_mutex_unlock(&said_mutex);
}

static bool was_said(const char *what)
{
    bool found;
    pthread_mutex_lock(&said_mutex);
    found = strstr(said, what) != NULL;
    pthread_mutex_unlock(&said_mutex);
    return found;
}

static void forget(void)
{
    pthread_mutex_lock(&said_mutex);
    said[0] = '\0';
    pthread_mutex_unlock(&said_mutex);
}

/* ---- Settings ---- */

static void test_urls(void **state)
{
    static const struct {
        const char *endpoint, *service, *want; /* want NULL: refused */
    } cases[] = {
        {"http://a:1", "shop", "http://a:1/sampling?service=shop"},
        {"http://a:1/", "shop", "http://a:1/sampling?service=shop"},
        {"https://a", "shop", "https://a/sampling?service=shop"},
        {"a:5778", "shop", "http://a:5778/sampling?service=shop"},
        {"http://a:1/api/sampling", "shop", "http://a:1/api/sampling?service=shop"},
        {"http://a:1/s?x=y", "shop", "http://a:1/s?x=y&service=shop"},
        {"http://[::1]:5778", "shop", "http://[::1]:5778/sampling?service=shop"},
        {"http://a", "a b&c=\xc3\xa4/~", "http://a/sampling?service=a%20b%26c%3D%C3%A4%2F~"},
        {"http://a", "", "http://a/sampling?service="},
        {"ftp://a", "shop", NULL},
        {"http://", "shop", NULL},
        {"http:///x", "shop", NULL},
        {"http://a b", "shop", NULL},
        {"http://a\r\nx", "shop", NULL},
        {"", "shop", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *url = jaeger_url(str_of(cases[i].endpoint), str_of(cases[i].service));
        CHECK((url == NULL) == (cases[i].want == NULL), cases[i].endpoint);
        if (url)
            CHECK(strcmp(url, cases[i].want) == 0, cases[i].endpoint);
        free(url);
    }
}

/* ---- Answers ---- */

static void test_answers(void **state)
{
    static const struct {
        const char *json;
        bool ok;
        enum jaeger_kind kind;
        double ratio, per_second;
        size_t operations;
    } cases[] = {
        {"{\"strategyType\":\"PROBABILISTIC\",\"probabilisticSampling\":{\"samplingRate\":0.25}}",
         true, JAEGER_PROBABILISTIC, 0.25, 0, 0},
        {"{\"strategyType\":0,\"probabilisticSampling\":{\"samplingRate\":1}}", true,
         JAEGER_PROBABILISTIC, 1, 0, 0},
        {"{\"probabilisticSampling\":{}}", true, JAEGER_PROBABILISTIC, 0, 0, 0},
        {"{\"probabilisticSampling\":{\"samplingRate\":null,\"more\":[1,{}]},\"x\":{}}", true,
         JAEGER_PROBABILISTIC, 0, 0, 0},
        {"{\"strategyType\":\"RATE_LIMITING\",\"rateLimitingSampling\":{\"maxTracesPerSecond\":7}}",
         true, JAEGER_RATE_LIMITING, 0, 7, 0},
        {"{\"rateLimitingSampling\":{\"maxTracesPerSecond\":0.5},\"probabilisticSampling\":null}",
         true, JAEGER_RATE_LIMITING, 0, 0.5, 0},
        {"{\"strategyType\":1,\"probabilisticSampling\":{\"samplingRate\":1},"
         "\"rateLimitingSampling\":{\"maxTracesPerSecond\":7}}",
         true, JAEGER_RATE_LIMITING, 0, 7, 0},
        {"{\"probabilisticSampling\":{\"samplingRate\":1},"
         "\"rateLimitingSampling\":{\"maxTracesPerSecond\":7}}",
         true, JAEGER_PROBABILISTIC, 1, 0, 0},
        {"{\"strategyType\":0,\"probabilisticSampling\":{\"samplingRate\":1},\"operationSampling\":"
         "{\"defaultSamplingProbability\":0.5,\"defaultLowerBoundTracesPerSecond\":2,"
         "\"perOperationStrategies\":[{\"operation\":\"a\\u0062\",\"probabilisticSampling\":"
         "{\"samplingRate\":1}},{\"operation\":\"c\"},null,"
         "{\"operation\":\"d\",\"probabilisticSampling\":{}}],"
         "\"defaultUpperBoundTracesPerSecond\":9}}",
         true, JAEGER_PER_OPERATION, 0.5, 2, 2},
        {"{\"operationSampling\":{\"perOperationStrategies\":null}}", true, JAEGER_PER_OPERATION, 0,
         0, 0},
        {"", false, 0, 0, 0, 0},
        {"null", false, 0, 0, 0, 0},
        {"[]", false, 0, 0, 0, 0},
        {"{}", false, 0, 0, 0, 0},
        {"{\"strategyType\":\"PROBABILISTIC\"}", false, 0, 0, 0, 0},
        {"{\"probabilisticSampling\":null}", false, 0, 0, 0, 0},
        {"{\"probabilisticSampling\":3}", false, 0, 0, 0, 0},
        {"{\"probabilisticSampling\":{\"samplingRate\":1.01}}", false, 0, 0, 0, 0},
        {"{\"probabilisticSampling\":{\"samplingRate\":-0.1}}", false, 0, 0, 0, 0},
        {"{\"probabilisticSampling\":{\"samplingRate\":\"1\"}}", false, 0, 0, 0, 0},
        {"{\"rateLimitingSampling\":{\"maxTracesPerSecond\":-1}}", false, 0, 0, 0, 0},
        {"{\"rateLimitingSampling\":{\"maxTracesPerSecond\":1e400}}", false, 0, 0, 0, 0},
        {"{\"operationSampling\":{\"perOperationStrategies\":[{\"operation\":1}]}}", false, 0, 0, 0,
         0},
        {"{\"probabilisticSampling\":{\"samplingRate\":1}} x", false, 0, 0, 0, 0},
        {"{\"probabilisticSampling\":{\"samplingRate\":1}", false, 0, 0, 0, 0},
        {"<html>", false, 0, 0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].json, strlen(cases[i].json));
        struct jaeger_strategy s;
        struct arena arena;
        arena_init(&arena, 0);
        CHECK((jaeger_strategy_read(g.bytes, &arena, &s) == NULL) == cases[i].ok, cases[i].json);
        if (cases[i].ok) {
            CHECK(s.kind == cases[i].kind, cases[i].json);
            CHECK(s.ratio == cases[i].ratio, cases[i].json);
            CHECK(s.per_second == cases[i].per_second, cases[i].json);
            CHECK(s.operation_count == cases[i].operations, cases[i].json);
        }
        if (cases[i].ok && s.operation_count == 2) {
            check_str(str_make(s.operations[0].operation.p, s.operations[0].operation.n), "ab",
                      "first name");
            check_str(str_make(s.operations[1].operation.p, s.operations[1].operation.n), "d",
                      "second name");
        }
        arena_release(&arena);
        guarded_free(&g);
    }
}

static void test_many_operations(void **state)
{
    static const char one[] = "{\"operation\":\"o\",\"probabilisticSampling\":{}},";
    static const char head[] = "{\"operationSampling\":{\"perOperationStrategies\":[";
    size_t n = 3000, at = sizeof head - 1;
    char *json = malloc(sizeof head + n * sizeof one + 8);
    struct jaeger_strategy s;
    struct arena arena;
    (void)state;
    memcpy(json, head, at);
    for (size_t i = 0; i < n; i++, at += sizeof one - 1)
        memcpy(json + at, one, sizeof one - 1);
    memcpy(json + at - 1, "]}}", 4);
    arena_init(&arena, 0);
    assert_null(jaeger_strategy_read(str_of(json), &arena, &s));
    assert_int_equal(s.operation_count, CAIRN_OPERATIONS_MAX + 1);
    arena_release(&arena);
    arena_init(&arena, 4096);
    assert_non_null(jaeger_strategy_read(str_of(json), &arena, &s)); /* over the budget */
    arena_release(&arena);
    free(json);
}

/* ---- Against a server ---- */

static struct {
    struct MHD_Daemon *daemon;
    uint16_t port;
    pthread_mutex_t mutex;
    char body[4096];
    bool huge, held; /* an endless answer; no answer until it is let go */
    unsigned status;
    char path[64], service[64]; /* of the last question */
    atomic_uint asked, answered;
} server = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static ssize_t endless(void *cls, uint64_t pos, char *buf, size_t max)
{
    (void)cls, (void)pos;
    memset(buf, ' ', max);
    return (ssize_t)max;
}

static enum MHD_Result reply(struct MHD_Connection *connection)
{
    struct MHD_Response *response =
        server.huge ? MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, endless, NULL, NULL)
                    : MHD_create_response_from_buffer(strlen(server.body), server.body,
                                                      MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result = MHD_queue_response(connection, server.status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data, size_t *n,
                              void **state)
{
    const char *service = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "service");
    enum MHD_Result result;
    (void)cls, (void)method, (void)version, (void)data, (void)n, (void)state;
    pthread_mutex_lock(&server.mutex);
    snprintf(server.path, sizeof server.path, "%s", url);
    snprintf(server.service, sizeof server.service, "%s", service ? service : "(none)");
    atomic_fetch_add(&server.asked, 1);
    while (server.held) {
        pthread_mutex_unlock(&server.mutex);
        sched_yield();
        pthread_mutex_lock(&server.mutex);
    }
    result = reply(connection);
    pthread_mutex_unlock(&server.mutex);
    atomic_fetch_add(&server.answered, 1);
    return result;
}

/* All at once: a question may come at any moment. */
static void serve_huge(unsigned status, const char *body, bool huge)
{
    pthread_mutex_lock(&server.mutex);
    server.status = status;
    server.huge = huge;
    server.held = false;
    snprintf(server.body, sizeof server.body, "%s", body);
    pthread_mutex_unlock(&server.mutex);
}

static void serve(unsigned status, const char *body)
{
    serve_huge(status, body, false);
}

static void hold(bool held)
{
    pthread_mutex_lock(&server.mutex);
    server.held = held;
    pthread_mutex_unlock(&server.mutex);
}

static int start_server(void **state)
{
    (void)state;
    server.daemon =
        MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL,
                         NULL, handle, NULL, MHD_OPTION_END);
    if (!server.daemon)
        return -1;
    server.port = MHD_get_daemon_info(server.daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    cairn_set_diagnostics(remember, NULL);
    return 0;
}

static int stop_server(void **state)
{
    (void)state;
    MHD_stop_daemon(server.daemon);
    cairn_set_diagnostics(NULL, NULL);
    return 0;
}

static cairn_sampler *sampler_of(cairn_sampler *initial, uint32_t interval_ms)
{
    char endpoint[64];
    struct cairn_jaeger_remote_options o = {.size = sizeof o,
                                            .endpoint = endpoint,
                                            .service_name = "the shop",
                                            .polling_interval_ms = interval_ms,
                                            .initial_sampler = initial};
    cairn_sampler *s;
    snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%u", (unsigned)server.port);
    s = cairn_sampler_jaeger_remote(&o);
    assert_non_null(s);
    return s;
}

struct asked {
    int32_t decision;
    size_t attribute_count;
    struct cairn_attr attributes[2];
};

static struct asked ask(cairn_sampler *s, const char *name, bool parent)
{
    static const uint8_t id[16] = {1, [15] = 1};
    struct cairn_span_context context = {.trace_id = {1}, .span_id = {parent}};
    struct cairn_sampling_params p = {
        .size = sizeof p, .trace_id = id, .parent = &context, .name = cairn_str_of(name)};
    struct cairn_sampling_result r = {.size = sizeof r};
    struct asked a = {0};
    cairn_sampler_should_sample(s, &p, &r);
    a.decision = r.decision;
    a.attribute_count = r.attribute_count;
    assert_true(r.attribute_count <= 2);
    if (r.attribute_count)
        memcpy(a.attributes, r.attributes, r.attribute_count * sizeof *a.attributes);
    return a;
}

/* Waits for what must come; a minute is only reached when it does not. */
#define WAIT_FOR(condition)                                  \
    do {                                                     \
        for (int i_ = 0; !(condition); i_++) {               \
            if (i_ == 60000)                                 \
                fail_msg("did not come: %s", #condition);    \
            nanosleep(&(struct timespec){0, 1000000}, NULL); \
        }                                                    \
    } while (0)

static const char all[] = "{\"probabilisticSampling\":{\"samplingRate\":1}}";
static const char none[] = "{\"probabilisticSampling\":{\"samplingRate\":0}}";

static void check_type(const struct asked *a, const char *type, double param)
{
    assert_int_equal(a->attribute_count, 2);
    check_str(str_make(a->attributes[0].value.as.string.p, a->attributes[0].value.as.string.n),
              type, "type");
    assert_true(a->attributes[1].value.as.number == param);
}

static void test_strategies(void **state)
{
    cairn_sampler *s = sampler_of(cairn_sampler_always_on(), 20);
    struct asked a;
    (void)state;
    forget();
    serve(200, none);
    hold(true);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(ask(s, "x", false).decision, SAMPLE); /* no answer yet: the initial one */
    WAIT_FOR(atomic_load(&server.asked) > 0);
    assert_int_equal(ask(s, "x", false).decision, SAMPLE);
    hold(false);
    WAIT_FOR(ask(s, "x", false).decision == CAIRN_DROP);
    pthread_mutex_lock(&server.mutex); /* it is asked on and on */
    assert_string_equal(server.path, "/sampling");
    assert_string_equal(server.service, "the shop");
    pthread_mutex_unlock(&server.mutex);
    serve(200, all);
    WAIT_FOR(ask(s, "x", false).decision == SAMPLE);
    a = ask(s, "x", false);
    check_type(&a, "probabilistic", 1);
    assert_int_equal(ask(s, "x", true).attribute_count, 0);
    assert_true(was_said("TraceIdRatioBased")); /* it decided for a child */
    forget();
    serve(200, "{\"rateLimitingSampling\":{\"maxTracesPerSecond\":0.001}}");
    WAIT_FOR((a = ask(s, "x", false)).decision == CAIRN_DROP ||
             a.attributes[1].value.as.number == 0.001);
    WAIT_FOR(ask(s, "x", false).decision == CAIRN_DROP);
    {
        unsigned before = atomic_load(&server.answered);
        WAIT_FOR(atomic_load(&server.answered) > before + 3);
        assert_int_equal(ask(s, "x", false).decision,
                         CAIRN_DROP); /* the same answer: no new budget */
    }
    serve(200, "{\"operationSampling\":{\"defaultSamplingProbability\":0,"
               "\"perOperationStrategies\":[{\"operation\":\"/a\",\"probabilisticSampling\":"
               "{\"samplingRate\":1}}]}}");
    WAIT_FOR(ask(s, "/a", false).decision == SAMPLE);
    assert_int_equal(ask(s, "/b", false).decision, CAIRN_DROP);
    a = ask(s, "/a", false);
    check_type(&a, "probabilistic", 1);
    assert_string_equal(said, "");
    cairn_sampler_unref(s);
}

/* Whatever goes wrong, the last good strategy stays, and one line is said. */
static void test_errors(void **state)
{
    static const struct {
        const char *name;
        unsigned status;
        const char *body, *said;
        bool huge;
    } cases[] = {
        {"not found", 404, all, "HTTP status 404", false},
        {"not even an error", 204, "", "HTTP status 204", false},
        {"server error", 503, all, "HTTP status 503", false},
        {"garbage", 200, "<html>", "no sampling strategy", false},
        {"nothing", 200, "", "no sampling strategy", false},
        {"no strategy", 200, "{}", "no strategy in it", false},
        {"out of range", 200, "{\"probabilisticSampling\":{\"samplingRate\":2}}", "range", false},
        {"endless", 200, "", "too long", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cairn_sampler *s = sampler_of(cairn_sampler_always_on(), 20);
        unsigned before, lines = 0;
        forget();
        serve(200, none);
        WAIT_FOR(ask(s, "x", false).decision == CAIRN_DROP);
        serve_huge(cases[i].status, cases[i].body, cases[i].huge);
        WAIT_FOR(was_said("the last one stays"));
        CHECK(was_said(cases[i].said), cases[i].name);
        before = atomic_load(&server.answered);
        WAIT_FOR(atomic_load(&server.answered) > before + 3);
        CHECK(ask(s, "x", false).decision == CAIRN_DROP, cases[i].name);
        serve(200, all);
        WAIT_FOR(ask(s, "x", false).decision == SAMPLE);
        cairn_sampler_unref(s);
        for (const char *p = said; *p; p++)
            lines += *p == '\n';
        CHECK(lines == 1, cases[i].name);
    }
}

static void test_nobody_there(void **state)
{
    struct cairn_jaeger_remote_options o = {.size = sizeof o,
                                            .endpoint = "http://127.0.0.1:1",
                                            .service_name = "s",
                                            .initial_sampler = cairn_sampler_always_on()};
    cairn_sampler *s = cairn_sampler_jaeger_remote(&o);
    (void)state;
    forget();
    assert_string_equal(cairn_sampler_description(s),
                        "JaegerRemoteSampler{http://127.0.0.1:1/sampling?service=s}");
    assert_int_equal(ask(s, "x", false).decision, SAMPLE);
    WAIT_FOR(was_said("the initial sampler stays"));
    cairn_sampler_unref(s);
    o.endpoint = "ftp://x";
    assert_null(cairn_sampler_jaeger_remote(&o));
    assert_true(was_said("no URL"));
}

/* A server that never answers keeps nobody from stopping, nor makes it say a line. */
static void test_stop_while_asking(void **state)
{
    cairn_sampler *s = sampler_of(cairn_sampler_always_on(), 60000), *never;
    unsigned before = atomic_load(&server.asked);
    (void)state;
    never = sampler_of(NULL, 60000); /* never asked: no thread */
    cairn_sampler_unref(never);
    forget();
    serve(200, all);
    hold(true);
    ask(s, "x", false);
    WAIT_FOR(atomic_load(&server.asked) > before);
    cairn_sampler_unref(s);
    hold(false);
    assert_string_equal(said, "");
}

static void test_timeout(void **state)
{
    char endpoint[64];
    struct cairn_jaeger_remote_options o = {.size = sizeof o,
                                            .endpoint = endpoint,
                                            .service_name = "s",
                                            .timeout_ms = 50,
                                            .initial_sampler = cairn_sampler_always_off()};
    cairn_sampler *s;
    (void)state;
    snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%u/", (unsigned)server.port);
    s = cairn_sampler_jaeger_remote(&o);
    forget();
    serve(200, all);
    hold(true);
    ask(s, "x", false);
    WAIT_FOR(was_said("no answer"));
    assert_int_equal(ask(s, "x", false).decision, CAIRN_DROP);
    hold(false);
    cairn_sampler_unref(s);
}

/* ---- Threads, processes, signals ---- */

struct asking {
    cairn_sampler *s;
    atomic_bool *stop;
    unsigned answers[3];
};

static void *ask_on(void *arg)
{
    struct asking *a = arg;
    char name[8];
    for (unsigned i = 0; !atomic_load(a->stop); i++) {
        snprintf(name, sizeof name, "/%u", i % 100);
        struct asked got = ask(a->s, name, false);
        assert_in_range(got.decision, CAIRN_DROP, SAMPLE);
        a->answers[got.decision]++;
        if (got.decision == SAMPLE && got.attribute_count)
            assert_true(got.attributes[1].value.as.number >= 0);
    }
    return NULL;
}

/* Strategies change below threads that use them. */
static void test_threads(void **state)
{
    enum { THREADS = 3 };
    cairn_sampler *s = sampler_of(cairn_sampler_always_on(), 1);
    atomic_bool stop = false;
    struct asking asking[THREADS];
    pthread_t threads[THREADS];
    (void)state;
    serve(200, all);
    for (int i = 0; i < THREADS; i++) {
        asking[i] = (struct asking){.s = s, .stop = &stop};
        assert_int_equal(pthread_create(&threads[i], NULL, ask_on, &asking[i]), 0);
    }
    for (int i = 0; i < 100; i++) {
        char body[256];
        unsigned before = atomic_load(&server.answered);
        if (i % 2)
            snprintf(body, sizeof body,
                     "{\"operationSampling\":{\"defaultSamplingProbability\":0.%d,"
                     "\"defaultLowerBoundTracesPerSecond\":1000}}",
                     i);
        else
            snprintf(body, sizeof body, "{\"rateLimitingSampling\":{\"maxTracesPerSecond\":%d}}",
                     i);
        serve(200, body);
        WAIT_FOR(atomic_load(&server.answered) > before + 1);
    }
    atomic_store(&stop, true);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_true(asking[i].answers[SAMPLE] > 0);
    }
    cairn_sampler_unref(s);
}

/* A child asks for itself, from its first span on. */
static void test_fork(void **state)
{
    cairn_sampler *s = sampler_of(cairn_sampler_always_on(), 20);
    int status, looked[2];
    char c;
    pid_t pid;
    (void)state;
    serve(200, none);
    WAIT_FOR(ask(s, "x", false).decision == CAIRN_DROP);
    assert_int_equal(pipe(looked), 0);
    pid = fork();
    if (pid == 0) {
        bool ok = ask(s, "x", false).decision == CAIRN_DROP; /* what was known stays */
        ok = write(looked[1], "", 1) == 1 && ok;
        for (int i = 0; ok && i < 60000 && ask(s, "x", false).decision == CAIRN_DROP; i++)
            nanosleep(&(struct timespec){0, 1000000}, NULL);
        ok = ok && ask(s, "x", false).decision == SAMPLE;
        cairn_sampler_unref(s);
        _exit(ok ? 0 : 1);
    }
    close(looked[1]); /* a child that is gone is an end, too */
    (void)!read(looked[0], &c, 1);
    close(looked[0]);
    serve(200, all);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    WAIT_FOR(ask(s, "x", false).decision == SAMPLE);
    /* while it is being asked */
    hold(true);
    {
        unsigned before = atomic_load(&server.asked);
        WAIT_FOR(atomic_load(&server.asked) > before);
    }
    pid = fork();
    if (pid == 0) {
        cairn_sampler_unref(s);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    hold(false);
    cairn_sampler_unref(s);
}

/* The blocked signals of the thread of this name; false when it is not there. */
static bool blocked_signals(const char *name, unsigned long long *ret)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *entry;
    bool found = false;
    while (tasks && !found && (entry = readdir(tasks))) {
        char path[300], line[256];
        FILE *f;
        bool right = false;
        snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
        f = fopen(path, "r");
        while (f && fgets(line, sizeof line, f)) {
            if (strncmp(line, "Name:\t", 6) == 0)
                right = strncmp(line + 6, name, strlen(name)) == 0;
            if (right && sscanf(line, "SigBlk: %llx", ret) == 1)
                found = true;
        }
        if (f)
            fclose(f);
    }
    if (tasks)
        closedir(tasks);
    return found;
}

static void test_signals(void **state)
{
    cairn_sampler *s = sampler_of(NULL, 60000);
    unsigned long long blocked = 0;
    (void)state;
    serve(200, all);
    WAIT_FOR(!blocked_signals("cairn-sampling", &blocked)); /* those of earlier tests end */
    ask(s, "x", false);
    WAIT_FOR(blocked_signals("cairn-sampling", &blocked));
    assert_true((blocked & 0x7ffbfeff) == 0x7ffbfeff); /* 1 to 31 but KILL and STOP */
    cairn_sampler_unref(s);
    WAIT_FOR(!blocked_signals("cairn-sampling", &blocked));
}

/* ---- From the environment ---- */

static bool root_records(void)
{
    cairn_span *span = cairn_span_start(cairn_tracer_get("t"), "x", NULL);
    bool records = cairn_span_is_recording(span);
    cairn_span_end(span);
    return records;
}

static bool service_is(const char *name)
{
    bool is;
    pthread_mutex_lock(&server.mutex);
    is = strcmp(server.service, name) == 0;
    pthread_mutex_unlock(&server.mutex);
    return is;
}

static void test_environment(void **state)
{
    char arg[128];
    cairn_sdk *sdk;
    (void)state;
    forget();
    serve(200, none);
    snprintf(arg, sizeof arg,
             " endpoint=http://127.0.0.1:%u , pollingIntervalMs=20,initialSamplingRate=1",
             (unsigned)server.port);
    setenv("OTEL_TRACES_SAMPLER", "parentbased_jaeger_remote", 1);
    setenv("OTEL_TRACES_SAMPLER_ARG", arg, 1);
    setenv("OTEL_TRACES_EXPORTER", "none", 1);
    sdk = cairn_otlp_start(CAIRN_SDK(.service_name = "from code"));
    WAIT_FOR(!root_records());
    WAIT_FOR(service_is("from code")); /* not that of an earlier test's last question */
    assert_string_equal(said, "");
    assert_int_equal(cairn_sdk_stop(sdk, 20000), CAIRN_OK);
    setenv("OTEL_TRACES_SAMPLER_ARG", "pollingIntervalMs=0,initialSamplingRate=x,more=1", 1);
    sdk = cairn_otlp_start(NULL);
    assert_true(was_said("pollingIntervalMs=0"));
    assert_true(was_said("initialSamplingRate=x"));
    assert_true(was_said("more"));
    assert_int_equal(cairn_sdk_stop(sdk, 20000), CAIRN_OK);
    unsetenv("OTEL_TRACES_SAMPLER");
    unsetenv("OTEL_TRACES_SAMPLER_ARG");
    unsetenv("OTEL_TRACES_EXPORTER");
}

/* As a configuration file makes it: with a sampler of its own until the first answer. */
static void test_by_name(void **state)
{
    struct cairn_sampler_args args = {.size = sizeof args,
                                      .arg = CAIRN_S("endpoint=http://127.0.0.1:1"),
                                      .service_name = CAIRN_S("s"),
                                      .initial_sampler = cairn_sampler_always_on()};
    cairn_sampler *s;
    bool known = false;
    (void)state;
    assert_int_equal(cairn_otlp_register(), CAIRN_OK);
    s = cairn_sampler_by_name("jaeger_remote", &args, &known);
    assert_true(known);
    assert_int_equal(ask(s, "x", false).decision, SAMPLE);
    cairn_sampler_unref(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_many_operations),
        cmocka_unit_test(test_strategies),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_nobody_there),
        cmocka_unit_test(test_stop_while_asking),
        cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_fork),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_by_name),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
