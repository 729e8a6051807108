/* export.c - what getting spans out of the process costs. Prints name, value, unit and target, tab-separated.
 *
 * CPU time of the whole process (starting, filling and ending the spans, draining, encoding, sending, the kernel's part of
 * the sockets) for a million spans of 5 attributes in batches of 512, median of five. The sink is a process of its own that
 * reads HTTP and throws it away. Runs against the shared libraries, as an application does. */
#define _GNU_SOURCE
#include <cairn/otlp.h>

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 5, SPANS = 1000 * 1000, FLUSH_EVERY = 32 * 1024, QUEUE = 64 * 1024 };

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void line(const char *name, double value, const char *unit, const char *target)
{
    printf("%s\t%.3f\t%s\t%s\n", name, value, unit, target);
    fflush(stdout);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* ---- The sink ---- */

/* Reads and drops one request; false at the end of the connection. */
static int drop_request(int fd, char *buf, size_t room)
{
    static const char reply[] =
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
    size_t n = 0, head, body;
    char *end = NULL, *length;
    while (!end) {
        ssize_t got = n + 1 < room ? recv(fd, buf + n, room - 1 - n, 0) : 0;
        if (got <= 0)
            return 0;
        n += (size_t)got;
        buf[n] = '\0';
        end = strstr(buf, "\r\n\r\n");
    }
    length = strcasestr(buf, "content-length:");
    if (!length || length > end)
        return 0;
    head = (size_t)(end - buf) + 4;
    body = strtoul(length + 15, NULL, 10);
    for (n -= head; n < body;) {
        ssize_t got = recv(fd, buf, room, 0);
        if (got <= 0)
            return 0;
        n += (size_t)got;
    }
    return send(fd, reply, sizeof reply - 1, MSG_NOSIGNAL) == (ssize_t)sizeof reply - 1;
}

static void sink(int listener)
{
    static char buf[1 << 20];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        while (fd >= 0 && drop_request(fd, buf, sizeof buf))
            continue;
        if (fd >= 0)
            close(fd);
    }
}

static pid_t start_sink(unsigned *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t n = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    pid_t pid;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, n) < 0 || listen(fd, 8) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &n) < 0)
        die("sink");
    *port = ntohs(address.sin_port);
    pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0)
        sink(fd);
    close(fd);
    return pid;
}

/* ---- The application ---- */

static void spans(cairn_sdk *sdk, cairn_tracer *tracer)
{
    for (long i = 0; i < SPANS; i++) {
        cairn_span *span = cairn_span_start(tracer, "GET /api/v1/orders/{id}", NULL);
        cairn_span_set(span, CAIRN_STR("http.request.method", "GET"),
                       CAIRN_STR("http.route", "/api/v1/orders/{id}"),
                       CAIRN_INT("http.response.status_code", 200 + (i & 3)),
                       CAIRN_BOOL("cache.hit", i & 1),
                       CAIRN_DOUBLE("app.cpu_ms", (double)i * 0.25));
        cairn_span_end(span);
        if (i % FLUSH_EVERY == FLUSH_EVERY - 1)
            cairn_sdk_force_flush(sdk, CAIRN_FOREVER); /* the queue must not overflow */
    }
}

static void measure(const char *name, struct cairn_otlp_options o, const char *target)
{
    struct cairn_batch_options batch = {.size = sizeof batch, .queue_spans_max = QUEUE};
    double runs[RUNS], lost = 0;
    o.size = sizeof o;
    for (int r = -1; r < RUNS; r++) { /* the first warms up */
        cairn_processor *p = cairn_processor_batch(cairn_otlp_exporter_new(&o), &batch);
        cairn_sdk *sdk = cairn_sdk_new(
            CAIRN_SDK(.processors = &p, .processor_count = 1, .service_name = "bench"));
        struct cairn_stats stats = {.size = sizeof stats};
        double start = cpu_seconds();
        cairn_tracer_provider_set_global(cairn_sdk_tracer_provider(sdk));
        spans(sdk, cairn_tracer_get("bench"));
        cairn_sdk_force_flush(sdk, CAIRN_FOREVER);
        cairn_sdk_get_stats(sdk, &stats);
        lost += SPANS - (double)stats.exported;
        cairn_sdk_stop(sdk, CAIRN_FOREVER);
        if (r >= 0)
            runs[r] = cpu_seconds() - start;
    }
    qsort(runs, RUNS, sizeof *runs, compare);
    line(name, runs[RUNS / 2], "CPU-s", target);
    if (lost > 0)
        line("export.lost", lost, "spans", "<=0");
}

int main(void)
{
    unsigned port;
    char url[64];
    pid_t pid = start_sink(&port);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/v1/traces", port);
    measure("export.1m_spans_http_protobuf", (struct cairn_otlp_options){.endpoint = url}, "<=0.5");
    measure("export.1m_spans_http_json",
            (struct cairn_otlp_options){.endpoint = url, .encoding = CAIRN_OTLP_JSON}, "");
    measure("export.1m_spans_http_protobuf_gzip",
            (struct cairn_otlp_options){.endpoint = url, .compression = "gzip"}, "");
    kill(pid, SIGKILL);
    return 0;
}
