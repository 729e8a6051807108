/* serve.c - `cairn serve`: opens the engine, starts the listeners, waits for a signal, stops in order.
 *
 * The ports are bound first: a port in use is said before a directory is touched, and clients that connect while
 * the engine recovers wait in the backlog instead of being refused. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/retention_rules.h"
#include "cli/serve_options.h"
#include "cli/units.h"

enum { LISTENERS = 7 };

static const uint64_t NS_PER_MS = 1000000;

struct serve {
    struct serve_options options;
    struct api api;
    struct engine *engine;
    struct http_server *server;
    struct http_route routes[LISTENERS][API_ROUTES_MAX];
    int listener[LISTENERS]; /* its number in the server; -1 = off */
};

static const struct {
    const char *name, *option;
    size_t offset;            /* of the address in struct serve_options */
    const char *shown, *path; /* before and after the address, for people */
    size_t (*routes)(struct api *api, struct http_route *ret, size_t max);
    bool guest; /* its default port belongs to another program, which may be there */
} listeners[LISTENERS] = {
    {"OTLP gRPC", "otlp-grpc-listen", offsetof(struct serve_options, otlp_grpc_listen),
     "  OTLP gRPC  ", "", api_otlp_grpc_routes, false},
    {"OTLP HTTP", "otlp-http-listen", offsetof(struct serve_options, otlp_http_listen),
     "  OTLP HTTP  http://", "/v1/traces", api_otlp_http_routes, false},
    {"queries", "query-listen", offsetof(struct serve_options, query_listen),
     "  web UI     http://", "/", api_query_routes, false},
    {"Tempo", "tempo-listen", offsetof(struct serve_options, tempo_listen), "  Tempo      http://",
     "", api_tempo_routes, true},
    {"Zipkin", "zipkin-listen", offsetof(struct serve_options, zipkin_listen),
     "  Zipkin     http://", "/api/v2/spans", api_zipkin_routes, true},
    {"Jaeger HTTP", "jaeger-http-listen", offsetof(struct serve_options, jaeger_http_listen),
     "  Jaeger     http://", "/api/traces", api_jaeger_http_routes, false},
    {"Jaeger gRPC", "jaeger-grpc-listen", offsetof(struct serve_options, jaeger_grpc_listen),
     "  Jaeger     ", " (gRPC)", api_jaeger_grpc_routes, false},
};

static const char *address_of(const struct serve *s, int i)
{
    const char *address;
    memcpy(&address, (const char *)&s->options + listeners[i].offset, sizeof address);
    return address;
}

/* --- setting up --- */

static uint32_t to_ms(uint64_t ns)
{
    return (uint32_t)((ns + NS_PER_MS - 1) / NS_PER_MS);
}

/* The server has raised its limit of descriptors as far as it may. */
static void check_descriptors(uint64_t connections)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < connections)
        log_warn("serve", "fewer descriptors than connections allowed",
                 "descriptors=%" PRIu64 " max_connections=%" PRIu64, (uint64_t)limit.rlim_cur,
                 connections);
}

static int make_server(struct serve *s, struct err *err)
{
    const struct serve_options *o = &s->options;
    struct http_server_options options = {.loops = (unsigned)o->loops,
                                          .limits = HTTP_LIMITS_DEFAULT};
    options.limits.connections_max = (uint32_t)o->connections;
    options.limits.wire_body_bytes_max = o->request_bytes;
    options.limits.memory_bytes_max = o->memory_bytes;
    options.limits.header_timeout_ms = to_ms(o->header_timeout_ns);
    options.limits.body_timeout_ms = to_ms(o->body_timeout_ns);
    options.limits.idle_timeout_ms = to_ms(o->idle_timeout_ns);
    return http_server_new(&options, &s->server, err);
}

/* Nobody named the address: the text is the option's own. */
static bool is_default(const struct serve *s, int i)
{
    for (const struct option *o = serve_options; o->name; o++) {
        if (o->offset == listeners[i].offset)
            return address_of(s, i) == o->fallback;
    }
    return false;
}

static int listen_all(struct serve *s, struct err *err)
{
    int number = 0;
    for (int i = 0; i < LISTENERS; i++) {
        struct http_listener l = {
            .address = address_of(s, i), .routes = s->routes[i], .name = listeners[i].name};
        struct err why = {0};
        s->listener[i] = -1;
        if (strcmp(l.address, "off") == 0)
            continue;
        l.route_count = listeners[i].routes(&s->api, s->routes[i], API_ROUTES_MAX);
        int code = http_server_listen(s->server, &l, &why);
        if (code == ERR_BUSY && listeners[i].guest && is_default(s, i)) {
            fprintf(stderr, "warning: going on without %s's API: %s; choose another with --%s\n",
                    l.name, why.msg, listeners[i].option);
            continue;
        }
        if (code < 0)
            return err_set(err, code, "%.180s; choose another with --%s", why.msg,
                           listeners[i].option);
        s->listener[i] = number++;
    }
    return 0;
}

static int open_engine(struct serve *s, struct err *err)
{
    const struct serve_options *o = &s->options;
    struct engine_options options = ENGINE_OPTIONS_DEFAULT;
    struct retention_rules rules;
    TRY(retention_rules_parse(&o->retention_rules, o->retention_ns, &rules, err));
    options.data_dir = o->data_dir;
    if (o->snapshot_dir && mkdir(o->snapshot_dir, 0700) < 0 && errno != EEXIST)
        return err_set(err, ERR_IO, "cannot create %.150s: %s; choose another with --snapshot-dir",
                       o->snapshot_dir, strerror(errno));
    options.ack = (enum engine_ack)o->ack;
    options.commit_interval_us = (uint32_t)(o->commit_interval_ns / 1000);
    options.head_bytes_max = o->head_bytes;
    options.head_age_ms_max = to_ms(o->head_age_ns);
    options.queue_bytes_max = o->queue_bytes;
    options.disk_free_bytes_min = o->disk_free_bytes;
    options.retention_ns = o->retention_ns;
    options.retention_bytes = o->retention_bytes;
    options.retention_rules = rules.items;
    options.retention_rule_count = rules.count;
    return engine_open(&options, &s->engine, err);
}

static int start(struct serve *s, struct err *err)
{
    const struct serve_options *o = &s->options;
    TRY(make_server(s, err));
    check_descriptors(o->connections);
    s->api = (struct api){.server = s->server,
                          .request_bytes_max = o->request_bytes,
                          .query_timeout_ms = to_ms(o->query_timeout_ns),
                          .query_bytes_max = o->query_bytes,
                          .search_limit_max = (uint32_t)o->search_limit,
                          .snapshot_dir = o->snapshot_dir,
                          .version = CAIRN_VERSION};
    TRY(listen_all(s, err));
    TRY(open_engine(s, err));
    s->api.engine = s->engine;
    return http_server_start(s->server, err);
}

/* --- what the user reads --- */

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strncmp(address, "[::1]", 5) == 0 ||
           strncmp(address, "localhost:", 10) == 0;
}

/* The address with the port it got, when it asked for any. */
static void print_address(const struct serve *s, int i, const char *before, const char *after)
{
    const char *address = address_of(s, i), *colon = strrchr(address, ':');
    int port = http_server_port(s->server, (size_t)s->listener[i]);
    int host = colon ? (int)(colon - address) : (int)strlen(address);
    fprintf(stderr, "%s%.*s:%d%s\n", before, host, address, port, after);
}

static void print_data(const struct serve *s)
{
    struct engine_stats stats;
    char path[PATH_MAX], spans[UNITS_BYTES], parts[UNITS_BYTES], bytes[UNITS_BYTES];
    const char *absolute = realpath(s->options.data_dir, path);
    engine_stats(s->engine, &stats);
    format_plural(spans, stats.head_spans + stats.part_spans, "span", "spans");
    format_plural(parts, stats.parts, "part", "parts");
    format_bytes(bytes, stats.part_bytes + stats.log_bytes);
    fprintf(stderr, "  data       %s (%s, %s, %s)\n", absolute ? absolute : s->options.data_dir,
            spans, parts, bytes);
    if (stats.recovered_spans) {
        format_plural(spans, stats.recovered_spans, "span", "spans");
        fprintf(stderr, "             %s read back from the log\n", spans);
    }
    if (stats.damaged_bytes) {
        format_bytes(bytes, stats.damaged_bytes);
        fprintf(stderr, "             %s of damaged data skipped\n", bytes);
    }
}

static void print_banner(const struct serve *s)
{
    bool open = false;
    fprintf(stderr, "cairn %s is ready\n", CAIRN_VERSION);
    for (int i = 0; i < LISTENERS; i++) {
        if (s->listener[i] >= 0)
            print_address(s, i, listeners[i].shown, listeners[i].path);
    }
    print_data(s);
    for (int i = 0; i < LISTENERS; i++)
        open = open || (s->listener[i] >= 0 && !is_loopback(address_of(s, i)));
    if (open)
        fprintf(stderr,
                "warning: other machines can connect, without encryption or password; put a "
                "proxy with TLS in front, or listen on 127.0.0.1\n");
}

/* --- signals and the end --- */

/* The second signal: at once. The log has everything that was acknowledged. */
static void end_now(int number)
{
    _exit(128 + number);
}

static void wait_for_signal(const sigset_t *signals)
{
    struct sigaction action = {.sa_handler = end_now};
    int number;
    while (sigwait(signals, &number) != 0)
        ;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    pthread_sigmask(SIG_UNBLOCK, signals, NULL);
    fprintf(stderr, "cairn serve: %s, finishing what is under way (once more ends at once)\n",
            number == SIGINT ? "interrupted" : "stopping");
}

static void stop(struct serve *s, bool started)
{
    struct engine_stats stats = {0};
    if (started) {
        char spans[UNITS_BYTES];
        atomic_store(&s->api.stopping, true);
        http_server_stop(s->server, to_ms(s->options.grace_ns));
        engine_stats(s->engine, &stats);
        format_plural(spans, stats.spans_appended, "span", "spans");
        fprintf(stderr, "cairn serve: stopped; %s received\n", spans);
    }
    engine_close(s->engine);
    http_server_free(s->server);
}

static int run(int argc, char **argv)
{
    static struct serve s;
    const char *operand;
    struct err err = {0};
    sigset_t signals;
    switch (options_parse(&command_serve, argc, argv, &s.options, &operand, stderr)) {
    case OPTIONS_HELP: return EXIT_OK;
    case OPTIONS_BAD: return EXIT_USAGE;
    case OPTIONS_OK: break;
    }
    log_set_level((enum log_level)s.options.log_level);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals,
                    NULL); /* inherited by all threads: only sigwait sees them */
    if (start(&s, &err) < 0) {
        fprintf(stderr, "cairn serve: %s\n", err.msg);
        stop(&s, false);
        return EXIT_ERROR;
    }
    print_banner(&s);
    wait_for_signal(&signals);
    stop(&s, true);
    return EXIT_OK;
}

const struct command command_serve = {
    .name = "serve",
    .summary = "receive, keep and answer traces",
    .usage = "[OPTIONS]",
    .text =
        "Receives traces over OTLP and Zipkin's API, keeps them on disk and answers queries: web "
        "UI, Jaeger's, Tempo's and Zipkin's APIs, Cairn's own. Stops on SIGTERM or Ctrl-C.",
    .options = serve_options,
    .run = run,
};
