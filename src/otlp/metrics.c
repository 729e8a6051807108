/* metrics.c - sends the SDK's numbers about itself as OTLP metrics, now and then, from a thread of its own.
 *
 * The settings are those of the exporter with METRICS where it has TRACES. A request that fails is not tried again: the
 * numbers are cumulative, the next one has them all. Bodies of two kilobytes are not compressed. Nothing here makes spans, so nothing
 * observes itself. A forked child sends nothing. */
#define CAIRN_NO_INLINE
#include <cairn/metrics.h>
#include <cairn/otlp.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/deadline.h"
#include "otlp/diag.h"
#include "otlp/failure.h"
#include "otlp/metrics.h"
#include "otlp/pause.h"
#include "otlp/transfer.h"

enum {
    INTERVAL_MS = 60000,
    STACK_BYTES = 512 * 1024, /* TLS handshakes run on it */
    REPORT_EVERY_MS = 300000,
    LINE_BYTES_MAX = 480,
    ANSWER_ARENA_BYTES_MAX = 8 * 1024 * 1024,
};

struct sender {
    cairn_sdk *sdk; /* borrowed; never freed */
    pid_t pid;      /* that the thread is in */
    uint32_t interval_ms;
    struct arena arena; /* of the settings */
    struct otlp_settings settings;
    struct pause pause;          /* between two requests; stopped at the end */
    struct pause transfer_pause; /* never stopped while the last request is on its way */
    struct transfer transfer;
    uint64_t next_report_ns;
    /* the end */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool done, abandoned;     /* under the mutex */
    uint64_t end_deadline_ns; /* written before the pause is stopped */
};

/* ---- Settings ---- */

/* The variables of metrics under the names of traces, as the settings ask for them. */
static const char *metrics_env(const char *name)
{
    static const char traces[] = "OTEL_EXPORTER_OTLP_TRACES_";
    char own[64];
    if (strncmp(name, traces, sizeof traces - 1) != 0)
        return secure_getenv(name);
    if (snprintf(own, sizeof own, "OTEL_EXPORTER_OTLP_METRICS_%s", name + sizeof traces - 1) >=
        (int)sizeof own)
        return NULL;
    return secure_getenv(own);
}

/* What the settings end a general endpoint with is the path of traces: that of metrics takes its place. */
static const char *metrics_url(struct arena *arena, const char *url)
{
    static const struct {
        const char *traces, *metrics;
    } paths[] = {
        {"v1/traces", "v1/metrics"},
        {"opentelemetry.proto.collector.trace.v1.TraceService/Export",
         "opentelemetry.proto.collector.metrics.v1.MetricsService/Export"},
    };
    size_t n = strlen(url);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        size_t path = strlen(paths[i].traces);
        if (n >= path && strcmp(url + n - path, paths[i].traces) == 0)
            return arena_printf(arena, "%.*s%s", (int)(n - path), url, paths[i].metrics).p;
    }
    return url;
}

uint32_t otlp_metrics_interval_ms(const char *text)
{
    uint64_t ms = INTERVAL_MS;
    struct str v = str_trim(str_of(text));
    if (v.n && (!str_to_u64(v, &ms) || ms == 0 || ms >= UINT32_MAX)) {
        diag_warn("OTEL_METRIC_EXPORT_INTERVAL=%.*s is not a number of milliseconds, 60000 is used",
                  STR_ARG(v));
        ms = INTERVAL_MS;
    }
    return (uint32_t)ms;
}

/* ---- Sending ---- */

static void report(struct sender *s, const char *what)
{
    uint64_t now = clock_monotonic_ns();
    if (now < s->next_report_ns)
        return;
    s->next_report_ns = now + (uint64_t)REPORT_EVERY_MS * 1000000u;
    diag_warn("sending the SDK's metrics to %s failed: %s", s->settings.url, what);
}

/* The numbers of this moment, with the protocol's frame in front. */
static bool make_body(struct sender *s, struct otlp_body *ret)
{
    const struct otlp_protocol *protocol = s->settings.protocol;
    size_t room = protocol->frame_bytes, n;
    uint8_t *bytes;
    if (cairn_sdk_metrics_encode(s->sdk, protocol->encoding, &bytes, &n) != CAIRN_OK)
        return false;
    *ret = (struct otlp_body){malloc(room + n), room + n};
    if (ret->bytes) {
        memcpy(ret->bytes + room, bytes, n);
        if (room)
            protocol->frame(ret->bytes, n, false);
    }
    cairn_bytes_free(bytes);
    return ret->bytes != NULL;
}

static void send_now(struct sender *s, uint64_t deadline_ns)
{
    uint64_t own_ns = deadline_after_ms(s->settings.timeout_ms);
    uint32_t left_ms = deadline_left_ms(own_ns < deadline_ns ? own_ns : deadline_ns);
    struct otlp_body body;
    struct otlp_answer answer;
    struct otlp_verdict verdict = {.outcome = OTLP_GIVE_UP};
    struct arena arena;
    char line[LINE_BYTES_MAX];
    CURLcode code;
    if (left_ms == 0 || !make_body(s, &body))
        return;
    arena_init(&arena, ANSWER_ARENA_BYTES_MAX);
    code = transfer_post(&s->transfer, &body, left_ms, &answer);
    body_release(&body);
    if (code == CURLE_OK) {
        s->settings.protocol->judge(&answer, &arena, &verdict);
        if (verdict.outcome != OTLP_SENT)
            report(s, verdict.what);
    } else {
        failure_text(code, &s->settings, s->transfer.error, line, sizeof line);
        report(s, line);
    }
    arena_release(&arena);
}

static void sender_free(struct sender *s)
{
    transfer_release(&s->transfer);
    pause_release(&s->pause);
    pause_release(&s->transfer_pause);
    arena_release(&s->arena);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->mutex);
    free(s);
}

static void *sender_main(void *arg)
{
    struct sender *s = arg;
    bool abandoned;
    while (pause_ms(&s->pause, s->interval_ms, UINT64_MAX))
        send_now(s, UINT64_MAX);
    send_now(s, s->end_deadline_ns); /* the last numbers */
    pthread_mutex_lock(&s->mutex);
    s->done = true;
    abandoned = s->abandoned;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mutex);
    if (abandoned)
        sender_free(s);
    return NULL;
}

/* Called by the SDK's shutdown: the last request goes out, as long as there is time for it. */
static void at_shutdown(void *user, uint32_t timeout_ms)
{
    struct sender *s = user;
    bool done;
    if (s->pid != getpid())
        return; /* a forked child, which has the parent's numbers but not its thread */
    s->end_deadline_ns = deadline_after_ms(timeout_ms);
    pause_stop(&s->pause);
    pthread_mutex_lock(&s->mutex);
    while (!s->done && monotonic_cond_wait(&s->changed, &s->mutex, s->end_deadline_ns) != ETIMEDOUT)
        continue;
    done = s->done;
    s->abandoned = !done; /* the thread frees itself */
    if (s->abandoned)
        pause_stop(&s->transfer_pause);
    pthread_mutex_unlock(&s->mutex);
    if (done)
        sender_free(s);
}

static int spawn(struct sender *s)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all, old;
    int err;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    err = pthread_create(&thread, &attr, sender_main, s);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    return err;
}

static bool sender_init(struct sender *s, cairn_sdk *sdk)
{
    const struct cairn_otlp_options none = {.size = sizeof none};
    s->sdk = sdk;
    s->pid = getpid();
    s->interval_ms = otlp_metrics_interval_ms(secure_getenv("OTEL_METRIC_EXPORT_INTERVAL"));
    arena_init(&s->arena, 0);
    pause_init(&s->pause);
    pause_init(&s->transfer_pause);
    pthread_mutex_init(&s->mutex, NULL);
    monotonic_cond_init(&s->changed);
    if (otlp_settings_make(&none, metrics_env, &s->arena, &s->settings) != CAIRN_OK)
        return false;
    s->settings.gzip = false;
    s->settings.url = metrics_url(&s->arena, s->settings.url);
    return s->settings.url && transfer_init(&s->transfer, &s->settings, &s->transfer_pause);
}

cairn_status cairn_otlp_send_metrics(cairn_sdk *sdk)
{
    struct sender *s = sdk ? calloc(1, sizeof *s) : NULL;
    cairn_status status = CAIRN_ERROR_INVALID;
    if (!sdk)
        return CAIRN_ERROR_INVALID;
    if (!s)
        return CAIRN_ERROR_NO_MEMORY;
    if (sender_init(s, sdk))
        status = spawn(s) == 0 ? CAIRN_OK : CAIRN_ERROR_NO_MEMORY;
    if (status != CAIRN_OK) {
        sender_free(s);
        return status;
    }
    status = cairn_sdk_on_shutdown(sdk, at_shutdown, s);
    if (status != CAIRN_OK)
        at_shutdown(s, 0);
    return status;
}

bool otlp_metrics_wanted(const struct cairn_sdk_options *options, const char *env)
{
    size_t end = offsetof(struct cairn_sdk_options, self_metrics) + sizeof options->self_metrics;
    if (options && options->size >= end && options->self_metrics)
        return true;
    return str_eq_nocase(str_trim(str_of(env)), STR("true"));
}
