/* sender.c - see sender.h. What differs between protocols is behind protocol.h, the connection behind transfer.h. */
#define CAIRN_NO_INLINE
#include "otlp/sender.h"

#include <inttypes.h>
#include <string.h>

#include "base/deadline.h"
#include "base/random.h"
#include "otlp/diag.h"
#include "otlp/failure.h"
#include "otlp/retry.h"
#include "otlp/stats.h"

enum {
    REPORT_EVERY_MS = 30000, /* failures of one kind in a row give a line now and then */
    MESSAGE_SHOWN_MAX = 200, /* bytes of a server's words in a line */
    LINE_BYTES_MAX = 480,
    ANSWER_ARENA_BYTES_MAX = 8 * 1024 * 1024,
};

bool sender_init(struct sender *s, struct sending *shared)
{
    *s = (struct sender){.shared = shared};
    return transfer_init(&s->transfer, &shared->settings, &shared->pause);
}

void sender_release(struct sender *s)
{
    transfer_release(&s->transfer);
}

/* ---- Reports ---- */

/* Now and then, not for each batch: a collector that is away is away for a while. */
static bool may_report(_Atomic uint64_t *next_ns)
{
    uint64_t now = clock_monotonic_ns(), next = atomic_load(next_ns);
    return now >= next && atomic_compare_exchange_strong(
                              next_ns, &next, now + (uint64_t)REPORT_EVERY_MS * 1000000u);
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

static void report_failure(struct sender *s, const char *what, struct str message)
{
    char text[MESSAGE_SHOWN_MAX + 1];
    if (may_report(&s->shared->next_failure_ns))
        diag_warn("OTLP export to %s failed: %s%s%s", s->shared->settings.url, what,
                  message.n ? ": " : "", shown(message, text));
}

/* A server may take a batch and still refuse some spans of it, or only have something to say. */
static void report_rejection(struct sender *s, const struct otlp_verdict *v)
{
    char text[MESSAGE_SHOWN_MAX + 1];
    uint64_t rejected = v->rejected > 0 ? (uint64_t)v->rejected : 0;
    stats_add(STATS_REJECTED_SPANS, rejected);
    if ((rejected == 0 && v->message.n == 0) || !may_report(&s->shared->next_rejection_ns))
        return;
    shown(v->message, text);
    if (rejected)
        diag_warn("the OTLP server refused %" PRIu64 " spans%s%s", rejected, *text ? ": " : "",
                  text);
    else
        diag_warn("the OTLP server took all spans and says: %s", text);
}

/* ---- Sending ---- */

static void judge_failure(struct sender *s, CURLcode code, struct otlp_verdict *ret)
{
    char line[LINE_BYTES_MAX];
    ret->outcome = failure_may_pass(code) ? OTLP_TRY_AGAIN : OTLP_GIVE_UP;
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return; /* asked to stop */
    if (code == CURLE_WRITE_ERROR && s->transfer.body.failed)
        snprintf(line, sizeof line, "the answer is over the limit of 4 MiB");
    else
        failure_text(code, &s->shared->settings, s->transfer.error, line, sizeof line);
    report_failure(s, line, STR(""));
}

static void judge_answer(struct sender *s, const struct otlp_answer *answer,
                         struct otlp_verdict *ret)
{
    struct arena arena; /* not the exporter's: a fork may come at any moment */
    arena_init(&arena, ANSWER_ARENA_BYTES_MAX);
    s->shared->settings.protocol->judge(answer, &arena, ret);
    s->http = answer->http;
    s->rejected = ret->outcome == OTLP_SENT ? ret->rejected : 0;
    if (ret->outcome == OTLP_SENT) {
        report_rejection(s, ret);
        atomic_store(&s->shared->next_failure_ns, 0);
    } else {
        report_failure(s, ret->what, ret->message);
    }
    ret->message = STR("");
    arena_release(&arena);
}

static void send_once(struct sender *s, const struct otlp_body *body, uint64_t deadline_ns,
                      struct otlp_verdict *ret)
{
    uint32_t left_ms = deadline_left_ms(deadline_ns);
    struct otlp_answer answer;
    CURLcode code;
    *ret = (struct otlp_verdict){.outcome = OTLP_GIVE_UP};
    s->http = 0;
    s->rejected = 0;
    if (left_ms == 0)
        return;
    stats_add(STATS_REQUESTS, 1);
    code = transfer_post(&s->transfer, body, left_ms, &answer);
    if (code == CURLE_OK)
        judge_answer(s, &answer, ret);
    else
        judge_failure(s, code, ret);
}

cairn_status sender_send(struct sender *s, const struct otlp_body *body, uint64_t deadline_ns)
{
    for (unsigned attempt = 0;; attempt++) {
        struct otlp_verdict verdict;
        uint64_t wait_ms;
        send_once(s, body, deadline_ns, &verdict);
        if (verdict.outcome == OTLP_SENT)
            return CAIRN_OK;
        wait_ms = verdict.has_delay ? retry_told_ms(attempt, verdict.delay_ms)
                                    : retry_backoff_ms(attempt, random_u64());
        if (verdict.outcome == OTLP_GIVE_UP || !pause_ms(&s->shared->pause, wait_ms, deadline_ns))
            return CAIRN_ERROR_FAILED;
        stats_add(STATS_RETRIED, 1);
    }
}
