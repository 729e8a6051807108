/* exporter.c - the OTLP exporter: a batch becomes one request, which is sent until it arrived, is refused for good or its
 * time is over. What differs between protocols is behind protocol.h, the connection behind transfer.h. */
#define CAIRN_NO_INLINE
#include <cairn/otlp.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/deadline.h"
#include "base/random.h"
#include "otlp/body.h"
#include "otlp/describe.h"
#include "otlp/diag.h"
#include "otlp/failure.h"
#include "otlp/pause.h"
#include "otlp/retry.h"
#include "otlp/settings.h"
#include "otlp/stats.h"
#include "otlp/transfer.h"

enum {
    REPORT_EVERY_MS = 30000, /* failures of one kind in a row give a line now and then */
    MESSAGE_SHOWN_MAX = 200, /* bytes of a server's words in a line */
    LINE_BYTES_MAX = 480,
    ANSWER_ARENA_BYTES_MAX = 8 * 1024 * 1024,
};

struct otlp_exporter {
    struct arena arena; /* of the settings */
    struct otlp_settings settings;
    struct pause pause;
    /* the exporting thread's */
    struct transfer transfer;
    long last_http; /* status of the last try; 0 = no answer */
    int64_t last_rejected;
    uint64_t next_failure_ns, next_rejection_ns; /* when the next line about them may be said */
};

/* ---- Reports ---- */

/* Now and then, not for each batch: a collector that is away is away for a while. */
static bool may_report(uint64_t *next_ns)
{
    uint64_t now = clock_monotonic_ns();
    if (now < *next_ns)
        return false;
    *next_ns = now + (uint64_t)REPORT_EVERY_MS * 1000000u;
    return true;
}

/* A server's words, fit for a line. */
static const char *shown(struct str s, char out[MESSAGE_SHOWN_MAX + 1])
{
    size_t n = s.n < MESSAGE_SHOWN_MAX ? s.n : MESSAGE_SHOWN_MAX;
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)s.p[i] < ' ' || s.p[i] == 127 ? ' ' : s.p[i];
    out[n] = '\0';
    return out;
}

static void report_failure(struct otlp_exporter *e, const char *what, struct str message)
{
    char text[MESSAGE_SHOWN_MAX + 1];
    if (may_report(&e->next_failure_ns))
        diag_warn("OTLP export to %s failed: %s%s%s", e->settings.url, what, message.n ? ": " : "",
                  shown(message, text));
}

/* A server may take a batch and still refuse some spans of it, or only have something to say. */
static void report_rejection(struct otlp_exporter *e, const struct otlp_verdict *v)
{
    char text[MESSAGE_SHOWN_MAX + 1];
    uint64_t rejected = v->rejected > 0 ? (uint64_t)v->rejected : 0;
    stats_add(STATS_REJECTED_SPANS, rejected);
    if ((rejected == 0 && v->message.n == 0) || !may_report(&e->next_rejection_ns))
        return;
    shown(v->message, text);
    if (rejected)
        diag_warn("the OTLP server refused %" PRIu64 " spans%s%s", rejected, *text ? ": " : "",
                  text);
    else
        diag_warn("the OTLP server took all spans and says: %s", text);
}

/* ---- Sending ---- */

static void judge_failure(struct otlp_exporter *e, CURLcode code, struct otlp_verdict *ret)
{
    char line[LINE_BYTES_MAX];
    ret->outcome = failure_may_pass(code) ? OTLP_TRY_AGAIN : OTLP_GIVE_UP;
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return; /* asked to stop */
    if (code == CURLE_WRITE_ERROR && e->transfer.body.failed)
        snprintf(line, sizeof line, "the answer is over the limit of 4 MiB");
    else
        failure_text(code, &e->settings, e->transfer.error, line, sizeof line);
    report_failure(e, line, STR(""));
}

static void judge_answer(struct otlp_exporter *e, const struct otlp_answer *answer,
                         struct otlp_verdict *ret)
{
    struct arena arena; /* not the exporter's: a fork may come at any moment */
    arena_init(&arena, ANSWER_ARENA_BYTES_MAX);
    e->settings.protocol->judge(answer, &arena, ret);
    e->last_http = answer->http;
    e->last_rejected = ret->outcome == OTLP_SENT ? ret->rejected : 0;
    if (ret->outcome == OTLP_SENT) {
        report_rejection(e, ret);
        e->next_failure_ns = 0;
    } else {
        report_failure(e, ret->what, ret->message);
    }
    ret->message = STR("");
    arena_release(&arena);
}

static void send_once(struct otlp_exporter *e, const struct otlp_body *body, uint64_t deadline_ns,
                      struct otlp_verdict *ret)
{
    uint32_t left_ms = deadline_left_ms(deadline_ns);
    struct otlp_answer answer;
    CURLcode code;
    *ret = (struct otlp_verdict){.outcome = OTLP_GIVE_UP};
    e->last_http = 0;
    e->last_rejected = 0;
    if (left_ms == 0)
        return;
    stats_add(STATS_REQUESTS, 1);
    code = transfer_post(&e->transfer, body, left_ms, &answer);
    if (code == CURLE_OK)
        judge_answer(e, &answer, ret);
    else
        judge_failure(e, code, ret);
}

static cairn_status send_until_deadline(struct otlp_exporter *e, const struct otlp_body *body,
                                        uint64_t deadline_ns)
{
    for (unsigned attempt = 0;; attempt++) {
        struct otlp_verdict verdict;
        uint64_t wait_ms;
        send_once(e, body, deadline_ns, &verdict);
        if (verdict.outcome == OTLP_SENT)
            return CAIRN_OK;
        wait_ms = verdict.has_delay ? retry_told_ms(attempt, verdict.delay_ms)
                                    : retry_backoff_ms(attempt, random_u64());
        if (verdict.outcome == OTLP_GIVE_UP || !pause_ms(&e->pause, wait_ms, deadline_ns))
            return CAIRN_ERROR_FAILED;
        stats_add(STATS_RETRIED, 1);
    }
}

static cairn_status otlp_export(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    struct otlp_exporter *e = user;
    uint32_t own_ms = e->settings.timeout_ms;
    uint64_t deadline_ns = deadline_after_ms(own_ms < timeout_ms ? own_ms : timeout_ms);
    struct otlp_body body;
    cairn_status status;
    if (cairn_batch_count(batch) == 0)
        return CAIRN_OK;
    e->last_http = 0;
    e->last_rejected = 0;
    status = body_make(batch, e->settings.protocol, e->settings.gzip, &body);
    if (status == CAIRN_OK)
        status = send_until_deadline(e, &body, deadline_ns);
    body_release(&body);
    describe_batch(batch, e->last_http, e->last_rejected, status);
    if (status == CAIRN_ERROR_LIMIT)
        stats_add(STATS_TOO_LARGE, 1);
    if (status != CAIRN_OK)
        stats_add(STATS_FAILED_BATCHES, 1);
    return status;
}

/* ---- The exporter's functions ---- */

static void otlp_interrupt(void *user)
{
    struct otlp_exporter *e = user;
    pause_stop(&e->pause);
}

static cairn_status otlp_shutdown(void *user, uint32_t timeout_ms)
{
    (void)timeout_ms; /* nothing is under way: exports are synchronous */
    otlp_interrupt(user);
    return CAIRN_OK;
}

static void otlp_free(void *user)
{
    struct otlp_exporter *e = user;
    if (!e)
        return;
    transfer_release(&e->transfer);
    pause_release(&e->pause);
    arena_release(&e->arena);
    free(e);
}

static size_t otlp_describe(void *user, char *out, size_t room)
{
    const struct otlp_exporter *e = user;
    const struct otlp_settings *o = &e->settings;
    char timeout[32] = "none";
    int n;
    if (o->timeout_ms != UINT32_MAX)
        snprintf(timeout, sizeof timeout, "%u ms", o->timeout_ms);
    n = snprintf(out, room, "OTLP %s to %s, compression %s, timeout %s, headers %u%s%s",
                 o->protocol->name, o->url, o->gzip ? "gzip" : "none", timeout, o->headers.count,
                 o->ca_file ? ", own authorities" : "",
                 o->client_cert_file ? ", client certificate" : "");
    return n > 0 ? (size_t)n : 0;
}

static const struct cairn_exporter_ops otlp_ops = {
    .size = sizeof otlp_ops,
    .export_spans = otlp_export,
    .shutdown = otlp_shutdown,
    .interrupt = otlp_interrupt,
    .free_user = otlp_free,
    .describe = otlp_describe,
};

static const char *process_env(const char *name)
{
    return secure_getenv(name);
}

static const char *no_env(const char *name)
{
    (void)name;
    return NULL;
}

cairn_exporter *cairn_otlp_exporter_new(const struct cairn_otlp_options *options)
{
    struct cairn_otlp_options o = {.size = sizeof o};
    struct otlp_exporter *e = calloc(1, sizeof *e);
    cairn_exporter *exporter;
    if (!e)
        return NULL;
    if (options)
        memcpy(&o, options, options->size < sizeof o ? options->size : sizeof o);
    arena_init(&e->arena, 0);
    pause_init(&e->pause);
    if (otlp_settings_make(&o, o.no_environment ? no_env : process_env, &e->arena, &e->settings) !=
            CAIRN_OK ||
        !transfer_init(&e->transfer, &e->settings, &e->pause)) {
        otlp_free(e);
        return NULL;
    }
    exporter = cairn_exporter_custom(&otlp_ops, e);
    if (exporter) /* else e is gone */
        describe_exporter(exporter, &e->settings);
    return exporter;
}
