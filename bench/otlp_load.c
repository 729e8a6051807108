/* otlp_load.c - sends `shop` requests to a server over OTLP/gRPC and measures the server's CPU, not its own.
 *
 *     otlp_load PORT SERVER_PID [REQUESTS [BATCH [IN_FLIGHT]]]
 *
 * All requests are made before the clock starts. One connection, IN_FLIGHT unary calls at a time. The server's CPU
 * time is read from /proc/PID/stat before the first request and after it has been idle (sealing included).
 * Calls that the server answers with UNAVAILABLE are
 * sent again, as an OTLP exporter does. Prints one line: spans, acknowledged spans, wire bytes, server CPU-seconds, wall
 * seconds, retries. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "shop.h"

enum { UNAVAILABLE = 14, RETRY_DELAY_US = 5000 };

struct call {
    struct buf *body;
    const unsigned char *p;
    size_t n, sent;
    size_t spans;
    int grpc_status; /* -1 until the trailer came */
};

struct load {
    int fd;
    nghttp2_session *session;
    struct buf *bodies;
    size_t spans_each, total, started, finished, in_flight_max;
    size_t acked_spans, failed;
    size_t retried; /* told to come back later, and did */
};

static void die(const char *what)
{
    fprintf(stderr, "otlp_load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double cpu_seconds(const char *pid)
{
    char path[64], text[1024];
    unsigned long user, system;
    const char *at;
    FILE *f;
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    f = fopen(path, "r");
    if (!f || !fgets(text, sizeof text, f))
        die(path);
    fclose(f);
    at = strrchr(text, ')');
    if (!at ||
        sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        die("cannot read CPU time");
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* Until the server's CPU time stands still for half a second: what it put off belongs to the load too. */
static double cpu_when_idle(const char *pid)
{
    double last = cpu_seconds(pid);
    for (int i = 0; i < 120; i++) {
        double now;
        usleep(500000);
        now = cpu_seconds(pid);
        if (now - last < 0.011)
            return now;
        last = now;
    }
    return last;
}

static ssize_t read_body(nghttp2_session *session, int32_t id, uint8_t *out, size_t room,
                         uint32_t *flags, nghttp2_data_source *source, void *user)
{
    struct call *call = source->ptr;
    size_t n = call->n - call->sent;
    (void)session, (void)id, (void)user;
    if (n > room)
        n = room;
    memcpy(out, call->p + call->sent, n);
    call->sent += n;
    if (call->sent == call->n)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)n;
}

#define FIELD(name, value)                                                        \
    {                                                                             \
        (uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, sizeof name - 1, \
            sizeof value - 1, NGHTTP2_NV_FLAG_NONE                                \
    }

static void start_call(struct load *load, struct buf *b)
{
    const nghttp2_nv fields[] = {
        FIELD(":method", "POST"),
        FIELD(":scheme", "http"),
        FIELD(":authority", "localhost"),
        FIELD(":path", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"),
        FIELD("content-type", "application/grpc"),
        FIELD("te", "trailers"),
        FIELD("user-agent", "cairn-bench"),
    };
    struct call *call = calloc(1, sizeof *call);
    nghttp2_data_provider body = {{.ptr = call}, read_body};
    call->body = b;
    call->p = b->p;
    call->n = b->n;
    call->spans = load->spans_each;
    call->grpc_status = -1;
    if (nghttp2_submit_request(load->session, NULL, fields, 7, &body, call) < 0)
        die("submit");
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_n, const uint8_t *value, size_t value_n, uint8_t flags, void *user)
{
    struct call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    (void)flags, (void)user;
    if (call && name_n == 11 && memcmp(name, "grpc-status", 11) == 0)
        call->grpc_status = value_n == 1 ? value[0] - '0' : (value[0] - '0') * 10 + value[1] - '0';
    return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t error, void *user)
{
    struct load *load = user;
    struct call *call = nghttp2_session_get_stream_user_data(session, id);
    if (!call)
        return 0;
    if (call->grpc_status == UNAVAILABLE && error == 0) {
        load->retried++;
        usleep(RETRY_DELAY_US);
        start_call(load, call->body);
        free(call);
        return 0;
    }
    load->finished++;
    if (call->grpc_status == 0 && error == 0)
        load->acked_spans += call->spans;
    else
        load->failed++;
    free(call);
    if (load->started < load->total)
        start_call(load, &load->bodies[load->started++]);
    return 0;
}

static void connect_to(struct load *load, int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    nghttp2_settings_entry window = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20};
    nghttp2_session_callbacks *callbacks;
    int one = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    load->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (load->fd < 0 || connect(load->fd, (struct sockaddr *)&to, sizeof to) < 0)
        die("connect");
    setsockopt(load->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_client_new(&load->session, callbacks, load);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(load->session, 0, &window, 1);
}

static void flush(struct load *load)
{
    const uint8_t *p;
    ssize_t n;
    while ((n = nghttp2_session_mem_send(load->session, &p)) > 0) {
        while (n > 0) {
            ssize_t sent = send(load->fd, p, (size_t)n, MSG_NOSIGNAL);
            if (sent < 0)
                die("send");
            p += sent;
            n -= sent;
        }
    }
}

static void run(struct load *load)
{
    static uint8_t in[65536];
    while (load->started < load->total && load->started < load->in_flight_max)
        start_call(load, &load->bodies[load->started++]);
    while (load->finished < load->total) {
        ssize_t n;
        flush(load);
        if (load->finished == load->total)
            break;
        n = recv(load->fd, in, sizeof in, 0);
        if (n <= 0)
            die("the server closed the connection");
        if (nghttp2_session_mem_recv(load->session, in, (size_t)n) < 0)
            die("HTTP/2 error");
    }
}

static void make_bodies(struct load *load, size_t batch)
{
    struct shop *shop = shop_new(1, batch, clock_realtime_ns() - 600000000000u);
    load->bodies = calloc(load->total, sizeof *load->bodies);
    if (!shop || !load->bodies)
        die("out of memory");
    load->spans_each = batch;
    for (size_t i = 0; i < load->total; i++) {
        struct buf *b = &load->bodies[i];
        unsigned char prefix[5] = {0};
        uint32_t n;
        buf_init(b, 0);
        buf_put(b, prefix, sizeof prefix);
        shop_next(shop, b);
        n = htonl((uint32_t)(b->n - 5));
        memcpy(b->p + 1, &n, 4);
    }
    shop_free(shop);
}

int main(int argc, char **argv)
{
    struct load load = {.in_flight_max = argc > 5 ? strtoul(argv[5], NULL, 10) : 16};
    size_t batch = argc > 4 ? strtoul(argv[4], NULL, 10) : 512, bytes = 0;
    double cpu, wall;
    if (argc < 3) {
        fprintf(stderr, "usage: otlp_load PORT SERVER_PID [REQUESTS [BATCH [IN_FLIGHT]]]\n");
        return 2;
    }
    load.total = argc > 3 ? strtoul(argv[3], NULL, 10) : 2000;
    make_bodies(&load, batch);
    for (size_t i = 0; i < load.total; i++)
        bytes += load.bodies[i].n;
    connect_to(&load, (int)strtol(argv[1], NULL, 10));
    cpu = cpu_seconds(argv[2]);
    wall = (double)clock_monotonic_ns() / 1e9;
    run(&load);
    wall = (double)clock_monotonic_ns() / 1e9 - wall;
    cpu = cpu_when_idle(argv[2]) - cpu;
    printf("%zu\t%zu\t%zu\t%.3f\t%.3f\t%zu\n", load.total * batch, load.acked_spans, bytes, cpu,
           wall, load.retried);
    return load.failed ? 1 : 0;
}
