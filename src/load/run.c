/* run.c - one loop: calls whose time has come go to the sender, answers come back and free their calls or make them wait.
 *
 * There are as many calls as may be in flight. One that waits for its next try keeps its place, as in an exporter:
 * a server that says "later" is not asked by others meanwhile. */
#include "load/run.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/random.h"
#include "otlp/retry.h"

enum { PROGRESS_NS = 200000000, STEP_MS_MAX = 100, STOP_GRACE_NS = 2000000000 };

#define NS_PER_MS 1000000u

struct run {
    const struct load_run_options *o;
    struct load_result *result;
    struct err *err;
    int code; /* not 0: the run ends */
    struct load_gen *gen;
    struct load_encoder encoder;
    struct load_sender *sender;
    struct load_call *calls;
    unsigned call_count, busy;
    struct load_request *prepared;
    size_t prepared_count, prepared_at;
    bool made;     /* no more requests */
    bool answered; /* the server has said something */
    uint64_t start_ns, progress_ns, stopped_ns;
    uint64_t random; /* of the pauses, which are no part of the data */
};

static bool stopped(const struct run *r)
{
    return r->o->stop && *r->o->stop;
}

/* ---- requests ---- */

/* False at the end, or with r->code. */
static bool make_request(struct run *r, struct load_request *ret)
{
    const struct span *spans;
    size_t count;
    int code;
    if (r->prepared) {
        struct load_request empty = *ret;
        if (r->prepared_at == r->prepared_count)
            return false;
        *ret = r->prepared[r->prepared_at];
        r->prepared[r->prepared_at++] = empty; /* its memory is freed with the others' */
        return true;
    }
    code = load_gen_next(r->gen, &spans, &count);
    if (code == 0 && count)
        code = load_encode(&r->encoder, spans, count, ret);
    if (code < 0)
        r->code = err_set(r->err, code, "out of memory");
    return code == 0 && count;
}

static int prepare(struct run *r)
{
    size_t cap = 0, n = 0;
    struct load_request *all = NULL;
    for (;;) {
        if (n == cap) {
            struct load_request *grown = realloc(all, (cap = cap ? 2 * cap : 256) * sizeof *all);
            if (!grown) {
                r->code = err_set(r->err, ERR_NOMEM, "out of memory");
                break;
            }
            all = grown;
        }
        load_request_init(&all[n]);
        if (stopped(r) || !make_request(r, &all[n]))
            break;
        n++;
    }
    if (all && n < cap)
        load_request_release(&all[n]);
    r->prepared = all;
    r->prepared_count = n;
    return r->code;
}

static void write_ids(struct run *r, const struct load_request *request)
{
    char hex[2 * TRACE_ID_BYTES];
    for (size_t i = 0; r->o->ids && i < request->trace_count; i++) {
        hex_encode(hex, request->traces[i].id.bytes, TRACE_ID_BYTES);
        fprintf(r->o->ids, "%.32s\t%" PRIu64 "\n", hex, request->traces[i].spans);
    }
}

/* ---- answers ---- */

static void note_failure(struct run *r, const char *msg)
{
    if (!r->result->failure[0])
        snprintf(r->result->failure, sizeof r->result->failure, "%s", msg);
}

static void release(struct run *r, struct load_call *call)
{
    call->state = CALL_FREE;
    r->busy--;
}

static void acknowledge(struct run *r, struct load_call *call, const struct load_answer *a)
{
    struct load_result *result = r->result;
    uint64_t rejected =
        a->rejected_spans < call->request.spans ? a->rejected_spans : call->request.spans;
    result->acknowledged_requests++;
    result->acknowledged_spans += call->request.spans - rejected;
    result->rejected_spans += rejected;
    load_latency_add(&result->latency, clock_monotonic_ns() - call->sent_ns);
    if (rejected)
        note_failure(r, a->msg); /* which spans it kept, the server does not say */
    else
        write_ids(r, &call->request);
    release(r, call);
}

static void fail(struct run *r, struct load_call *call, const char *msg)
{
    r->result->failed_requests++;
    r->result->failed_spans += call->request.spans;
    note_failure(r, msg);
    release(r, call);
}

static void answered(void *user, struct load_call *call, const struct load_answer *a)
{
    struct run *r = user;
    uint64_t now = clock_monotonic_ns(), delay_ms;
    if (a->outcome == LOAD_UNREACHED && !r->answered && !r->code)
        r->code = err_set(r->err, ERR_IO,
                          "no server answers at %.60s (%.80s); start one with 'cairn serve', or "
                          "name another with --target",
                          r->o->target.url, a->msg);
    r->answered = r->answered || a->outcome != LOAD_UNREACHED;
    if (a->outcome == LOAD_ACKNOWLEDGED) {
        acknowledge(r, call, a);
        return;
    }
    r->random = r->random * 6364136223846793005u + 1;
    delay_ms =
        a->delay_ms >= 0 ? (uint64_t)a->delay_ms : retry_backoff_ms(call->attempt, r->random >> 32);
    if (a->outcome == LOAD_REFUSED || r->code || stopped(r) ||
        now - call->first_ns + delay_ms * NS_PER_MS > r->o->retry_ms * NS_PER_MS) {
        if (a->outcome == LOAD_UNREACHED && !r->code && !stopped(r))
            r->code = err_set(r->err, ERR_IO, "the server at %.80s is gone: %.100s",
                              r->o->target.url, a->msg);
        fail(r, call, a->msg);
        return;
    }
    call->state = CALL_WAITS;
    call->due_ns = now + delay_ms * NS_PER_MS;
}

/* ---- the loop ---- */

static void send_call(struct run *r, struct load_call *call)
{
    call->state = CALL_SENT;
    call->sent_ns = clock_monotonic_ns();
    r->result->sent_bytes += call->request.body.n;
    if (r->sender->submit(r->sender, call) < 0)
        r->code = err_set(r->err, ERR_NOMEM, "out of memory");
}

static void send_again(struct run *r, struct load_call *call)
{
    call->attempt++;
    r->result->retried_requests++;
    r->result->retried_spans += call->request.spans;
    send_call(r, call);
}

/* When the next request may go, by the rate: 0 = now. */
static uint64_t next_due(const struct run *r)
{
    if (r->o->rate <= 0)
        return 0;
    return r->start_ns + (uint64_t)((double)r->result->sent_spans / r->o->rate * 1e9);
}

static bool send_new(struct run *r, struct load_call *call)
{
    if (!make_request(r, &call->request)) {
        r->made = true;
        return false;
    }
    call->attempt = 0;
    call->first_ns = clock_monotonic_ns();
    r->busy++;
    r->result->sent_requests++;
    r->result->sent_spans += call->request.spans;
    send_call(r, call);
    return true;
}

/* Sends what is due; returns when the next is. One new request at a time: making it takes longer than sending, and those
 * before it shall be on their way meanwhile. */
static uint64_t send_due(struct run *r, uint64_t now)
{
    uint64_t next = now + STEP_MS_MAX * (uint64_t)NS_PER_MS;
    for (unsigned i = 0; i < r->call_count && !r->code; i++) {
        struct load_call *call = &r->calls[i];
        uint64_t due = call->state == CALL_WAITS ? call->due_ns : next_due(r);
        if (call->state == CALL_SENT || (call->state == CALL_FREE && (r->made || stopped(r))))
            continue;
        if (due > now)
            next = due < next ? due : next;
        else if (call->state == CALL_WAITS)
            send_again(r, call);
        else if (send_new(r, call))
            return now;
    }
    return next;
}

/* What no answer came for when the run ends early. */
static void give_up(struct run *r)
{
    for (unsigned i = 0; i < r->call_count; i++) {
        if (r->calls[i].state != CALL_FREE)
            fail(r, &r->calls[i], "the run ended before the answer");
    }
}

static bool goes_on(struct run *r, uint64_t now)
{
    if (r->code)
        return false;
    if (stopped(r)) {
        r->stopped_ns = r->stopped_ns ? r->stopped_ns : now;
        return r->busy && now - r->stopped_ns < STOP_GRACE_NS;
    }
    if (r->o->duration_ns && now - r->start_ns >= r->o->duration_ns && r->gen)
        load_gen_finish(r->gen);
    return !r->made || r->busy;
}

static void tell(struct run *r, uint64_t now)
{
    r->result->elapsed_ns = now - r->start_ns;
    if (!r->o->progress || now - r->progress_ns < PROGRESS_NS)
        return;
    r->progress_ns = now;
    r->o->progress(r->result, r->o->user);
}

static void send_all(struct run *r)
{
    uint64_t now = clock_monotonic_ns();
    r->start_ns = now;
    while (goes_on(r, now)) {
        uint64_t next = send_due(r, now);
        now = clock_monotonic_ns();
        if (r->busy || next > now)
            r->sender->step(r->sender,
                            next > now ? (int)((next - now + NS_PER_MS - 1) / NS_PER_MS) : 0);
        now = clock_monotonic_ns();
        tell(r, now);
    }
    give_up(r);
    r->result->elapsed_ns = clock_monotonic_ns() - r->start_ns;
}

/* Protobuf with its length in four bytes before it, the most significant first; JSON with a new line behind it. */
static bool write_request(struct run *r, const struct load_request *request)
{
    const struct buf *b = &request->body;
    unsigned char length[4] = {(unsigned char)(b->n >> 24), (unsigned char)(b->n >> 16),
                               (unsigned char)(b->n >> 8), (unsigned char)b->n};
    if (r->o->out_format == LOAD_HTTP_JSON)
        return fwrite(b->p, 1, b->n, r->o->out) == b->n && putc('\n', r->o->out) != EOF;
    return fwrite(length, 1, sizeof length, r->o->out) == sizeof length &&
           fwrite(b->p, 1, b->n, r->o->out) == b->n;
}

static void write_all(struct run *r)
{
    struct load_request request;
    struct load_result *result = r->result;
    load_request_init(&request);
    r->start_ns = clock_monotonic_ns();
    for (uint64_t now = r->start_ns; goes_on(r, now) && make_request(r, &request);
         now = clock_monotonic_ns()) {
        if (!write_request(r, &request)) {
            r->code = err_set(r->err, ERR_IO, "the requests cannot be written: %m");
            break;
        }
        result->sent_requests++;
        result->sent_spans += request.spans;
        result->sent_bytes += request.body.n;
        write_ids(r, &request);
        tell(r, now);
    }
    if (!r->code && fflush(r->o->out) != 0)
        r->code = err_set(r->err, ERR_IO, "the requests cannot be written: %m");
    load_request_release(&request);
    result->elapsed_ns = clock_monotonic_ns() - r->start_ns;
}

/* ---- beginning and end ---- */

static int make_sender(struct run *r)
{
    const struct load_run_options *o = r->o;
    struct load_sender_options s = {.target = &o->target,
                                    .connections = o->connections,
                                    .in_flight = o->in_flight,
                                    .gzip = o->gzip,
                                    .headers = o->headers,
                                    .header_count = o->header_count,
                                    .timeout_ms = o->timeout_ms,
                                    .answered = answered,
                                    .user = r};
    r->sender = o->target.protocol == LOAD_GRPC ? load_grpc_new(&s) : load_http_new(&s);
    if (!r->sender)
        return err_set(r->err, ERR_NOMEM, "out of memory");
    r->call_count = r->sender->in_flight_max;
    r->calls = calloc(r->call_count, sizeof *r->calls);
    if (!r->calls)
        return err_set(r->err, ERR_NOMEM, "out of memory");
    for (unsigned i = 0; i < r->call_count; i++) {
        r->calls[i].slot = i;
        load_request_init(&r->calls[i].request);
    }
    return 0;
}

static int begin(struct run *r)
{
    const struct load_run_options *o = r->o;
    enum load_protocol protocol = o->out ? o->out_format : o->target.protocol;
    TRY(load_gen_new(&o->gen, &r->gen, r->err));
    if (load_encoder_init(&r->encoder, protocol, o->gzip && !o->out,
                          !o->out && protocol == LOAD_GRPC, o->ids != NULL) < 0)
        return err_set(r->err, ERR_NOMEM, "out of memory");
    r->random = random_u64();
    if (!o->out)
        TRY(make_sender(r));
    return o->prepare ? prepare(r) : 0;
}

static void release_all(struct run *r)
{
    if (r->sender)
        r->sender->free(r->sender); /* first: it looks at the calls' bodies */
    for (unsigned i = 0; r->calls && i < r->call_count; i++)
        load_request_release(&r->calls[i].request);
    for (size_t i = 0; r->prepared && i < r->prepared_count; i++)
        load_request_release(&r->prepared[i]);
    free(r->calls);
    free(r->prepared);
    load_encoder_release(&r->encoder);
    load_gen_free(r->gen);
}

int load_run(const struct load_run_options *options, struct load_result *ret, struct err *err)
{
    struct run r = {.o = options, .result = ret, .err = err};
    double server_s = -1, own_s;
    *ret = (struct load_result){.seed = options->gen.seed, .server_cpu_s = -1};
    r.code = begin(&r);
    if (options->server_pid && !r.code && (server_s = load_cpu_of(options->server_pid)) < 0)
        r.code = err_set(err, ERR_NOT_FOUND, "there is no process %" PRIu64, options->server_pid);
    own_s = load_cpu_own();
    if (!r.code && options->out)
        write_all(&r);
    else if (!r.code)
        send_all(&r);
    ret->own_cpu_s = load_cpu_own() - own_s;
    if (server_s >= 0 && !stopped(&r))
        ret->server_cpu_s = load_cpu_when_idle(options->server_pid) - server_s;
    if (!r.code && options->ids && fflush(options->ids) != 0)
        r.code = err_set(err, ERR_IO, "the ids cannot be written: %m");
    if (!r.code && stopped(&r))
        r.code = err_set(err, ERR_CANCELLED, "interrupted");
    release_all(&r);
    return r.code;
}
