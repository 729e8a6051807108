/* jaeger_remote.c - the sampler that polls: a thread asks the server, traced threads use its last good answer.
 *
 * Traced threads take no lock. They count themselves into one of two counters while they use the current strategy; the
 * polling thread, having put a new one in place, lets each counter come to zero once before it frees the old one. */
#define CAIRN_NO_INLINE
#include <cairn/jaeger_remote.h>

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>

#include "base/deadline.h"
#include "base/spawn.h"
#include "otlp/diag.h"
#include "otlp/jaeger_fetch.h"
#include "otlp/jaeger_remote.h"
#include "otlp/jaeger_strategy.h"

enum {
    ANSWER_BYTES_MAX = 1024 * 1024,
    ARENA_BYTES_MAX = 4 * 1024 * 1024, /* what an answer may become */
    REPORT_EVERY_MS = 30000,           /* at least; the interval when that is longer */
    GOODBYE_MS = 200,                  /* how long an end waits for the thread */
};

struct strategy {
    enum jaeger_kind kind;
    cairn_sampler *sampler;
    struct cairn_attr attributes[2]; /* not of PER_OPERATION, which has its own */
};

struct remote {
    atomic_uint refs; /* the sampler, the thread */
    char *url;
    uint32_t interval_ms, timeout_ms;
    cairn_sampler *initial;
    /* read by traced threads */
    atomic_bool started;                /* in this process */
    _Atomic(struct strategy *) current; /* NULL until the first good answer */
    _Atomic uint32_t side;              /* which counter new readers take */
    _Atomic int64_t readers[2];
    /* under the mutex */
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* stop, running */
    bool running;
    struct buf
        last; /* the answer behind current; others than the polling thread do not look at it */
    struct fetch fetch; /* its `stop` ends the thread */
    /* the polling thread's */
    bool failing;
    uint64_t next_report_ns;
    struct remote *next; /* of all live ones */
};

/* ---- All of them, for fork() ---- */

static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER; /* guards remotes */
static struct remote *remotes;

static void before_fork(void)
{
    pthread_mutex_lock(&list_mutex);
    for (struct remote *r = remotes; r; r = r->next)
        pthread_mutex_lock(&r->mutex);
}

static void after_fork(void)
{
    for (struct remote *r = remotes; r; r = r->next)
        pthread_mutex_unlock(&r->mutex);
    pthread_mutex_unlock(&list_mutex);
}

/* Neither the thread is here nor those that used the strategy; what the thread was about to free is lost. */
static void after_fork_child(void)
{
    for (struct remote *r = remotes; r; r = r->next) {
        monotonic_cond_init(&r->changed);
        fetch_after_fork(&r->fetch);
        atomic_store(&r->readers[0], 0);
        atomic_store(&r->readers[1], 0);
        if (r->running)
            atomic_fetch_sub(&r->refs, 1);
        r->running = false;
        atomic_store(&r->started, false);
    }
    after_fork();
}

static void list_add(struct remote *r)
{
    pthread_mutex_lock(&list_mutex);
    r->next = remotes;
    remotes = r;
    pthread_mutex_unlock(&list_mutex);
}

static void list_remove(struct remote *r)
{
    struct remote **at = &remotes;
    pthread_mutex_lock(&list_mutex);
    while (*at && *at != r)
        at = &(*at)->next;
    if (*at)
        *at = r->next;
    pthread_mutex_unlock(&list_mutex);
}

/* ---- Strategies ---- */

static void strategy_free(struct strategy *s)
{
    if (s)
        cairn_sampler_unref(s->sampler);
    free(s);
}

static struct strategy *strategy_new(const struct jaeger_strategy *from)
{
    struct strategy *s = calloc(1, sizeof *s);
    if (s)
        s->sampler = jaeger_strategy_sampler(from);
    if (!s || !s->sampler) {
        strategy_free(s);
        return NULL;
    }
    s->kind = from->kind;
    s->attributes[0] = CAIRN_STR(
        "sampler.type", from->kind == JAEGER_RATE_LIMITING ? "ratelimiting" : "probabilistic");
    s->attributes[1] = CAIRN_DOUBLE(
        "sampler.param", from->kind == JAEGER_RATE_LIMITING ? from->per_second : from->ratio);
    return s;
}

/* Until nobody uses what was current before. Those that come meanwhile take the other counter, so that each comes to
 * zero however many spans start. */
static void wait_for_readers(struct remote *r)
{
    for (int i = 0; i < 2; i++) {
        uint32_t side = atomic_load(&r->side) & 1;
        atomic_store(&r->side, !side);
        while (atomic_load(&r->readers[side]) > 0)
            nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
}

/* NULL, or why the answer is not taken. */
static const char *take_answer(struct remote *r, struct buf *body)
{
    struct jaeger_strategy read;
    struct strategy *made, *old;
    struct buf spare;
    struct arena arena;
    const char *why;
    if (str_eq(buf_str(body), buf_str(&r->last)))
        return NULL; /* a limiter keeps what it has used up */
    arena_init(&arena, ARENA_BYTES_MAX);
    why = jaeger_strategy_read(buf_str(body), &arena, &read);
    made = why ? NULL : strategy_new(&read);
    arena_release(&arena);
    if (!made)
        return why ? why : "no memory";
    old = atomic_exchange(&r->current, made);
    if (old)
        wait_for_readers(r);
    strategy_free(old);
    pthread_mutex_lock(&r->mutex); /* whole in a forked child */
    spare = r->last;
    r->last = *body;
    pthread_mutex_unlock(&r->mutex);
    *body = spare;
    return NULL;
}

/* ---- The polling thread ---- */

static void report(struct remote *r, const char *why)
{
    uint64_t now = clock_monotonic_ns();
    uint32_t every_ms = r->interval_ms > REPORT_EVERY_MS ? r->interval_ms : REPORT_EVERY_MS;
    if (r->failing && now < r->next_report_ns)
        return;
    r->failing = true;
    r->next_report_ns = now + (uint64_t)every_ms * 1000000u;
    diag_warn("no sampling strategy from %s (%s), %s stays", r->url, why,
              atomic_load(&r->current) ? "the last one" : "the initial sampler");
}

static void poll_once(struct remote *r)
{
    struct buf body;
    char why[FETCH_WHY_BYTES];
    const char *refused;
    buf_init(&body, ANSWER_BYTES_MAX);
    if (!fetch_get(&r->fetch, r->url, r->timeout_ms, &body, why)) {
        if (!atomic_load(&r->fetch.stop))
            report(r, why);
    } else if ((refused = take_answer(r, &body)) != NULL) {
        report(r, refused);
    } else {
        r->failing = false;
    }
    buf_release(&body);
}

static void release(struct remote *r)
{
    if (atomic_fetch_sub(&r->refs, 1) != 1)
        return;
    strategy_free(atomic_load(&r->current));
    cairn_sampler_unref(r->initial);
    buf_release(&r->last);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->mutex);
    free(r->url);
    free(r);
}

static void *poll_main(void *arg)
{
    struct remote *r = arg;
    uint64_t next;
    pthread_setname_np(pthread_self(), "cairn-sampling");
    while (!atomic_load(&r->fetch.stop)) {
        next = deadline_after_ms(r->interval_ms);
        poll_once(r);
        pthread_mutex_lock(&r->mutex);
        while (!atomic_load(&r->fetch.stop) && deadline_left_ms(next) > 0)
            monotonic_cond_wait(&r->changed, &r->mutex, next);
        pthread_mutex_unlock(&r->mutex);
    }
    pthread_mutex_lock(&r->mutex);
    r->running = false;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->mutex);
    release(r);
    return NULL;
}

static __attribute__((noinline)) void start(struct remote *r)
{
    int saved = errno, err = 0;
    pthread_mutex_lock(&r->mutex);
    if (!atomic_load(&r->started) && !atomic_load(&r->fetch.stop)) {
        atomic_store(&r->started, true);
        atomic_fetch_add(&r->refs, 1);
        r->running = true;
        err = thread_spawn(poll_main, r);
        if (err) {
            r->running = false;
            atomic_fetch_sub(&r->refs, 1);
        }
    }
    pthread_mutex_unlock(&r->mutex);
    if (err)
        diag_error("no thread to ask for sampling strategies, what is there stays");
    errno = saved;
}

/* ---- The sampler ---- */

/* Only what root spans get, kept beyond the strategy's life: until this thread's next question. */
static void give_attributes(const struct strategy *s, const struct cairn_sampling_params *params,
                            struct cairn_sampling_result *result)
{
    static _Thread_local struct cairn_attr kept[2];
    const struct cairn_attr *from =
        s->kind == JAEGER_PER_OPERATION ? result->attributes : s->attributes;
    size_t count = s->kind == JAEGER_PER_OPERATION ? result->attribute_count : 2;
    result->attribute_count = 0;
    if (result->decision == CAIRN_DROP || cairn_span_context_is_valid(params->parent) || count != 2)
        return;
    memcpy(kept, from, sizeof kept);
    result->attributes = kept;
    result->attribute_count = 2;
}

static void remote_sample(void *user, const struct cairn_sampling_params *params,
                          struct cairn_sampling_result *result)
{
    struct remote *r = user;
    struct strategy *s;
    uint32_t side;
    if (__builtin_expect(!atomic_load_explicit(&r->started, memory_order_relaxed), 0))
        start(r);
    side = atomic_load(&r->side) & 1;
    atomic_fetch_add(&r->readers[side], 1);
    s = atomic_load(&r->current);
    cairn_sampler_should_sample(s ? s->sampler : r->initial, params, result);
    if (s)
        give_attributes(s, params, result);
    atomic_fetch_sub(&r->readers[side], 1);
}

/* A thread that is busy with a slow server goes on for itself. */
static void remote_free(void *user)
{
    struct remote *r = user;
    uint64_t deadline = deadline_after_ms(GOODBYE_MS);
    pthread_mutex_lock(&r->mutex);
    fetch_interrupt(&r->fetch);
    pthread_cond_broadcast(&r->changed);
    while (r->running && deadline_left_ms(deadline) > 0)
        monotonic_cond_wait(&r->changed, &r->mutex, deadline);
    pthread_mutex_unlock(&r->mutex);
    list_remove(r);
    release(r);
}

static void init_once(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    pthread_atfork(before_fork, after_fork, after_fork_child);
}

static struct remote *remote_new(const struct cairn_jaeger_remote_options *o, char *url)
{
    struct remote *r = calloc(1, sizeof *r);
    if (!r) {
        free(url);
        return NULL;
    }
    atomic_init(&r->refs, 1);
    r->url = url;
    r->interval_ms = o->polling_interval_ms ? o->polling_interval_ms : 60000;
    r->timeout_ms = o->timeout_ms ? o->timeout_ms : 10000;
    r->initial =
        o->initial_sampler ? cairn_sampler_ref(o->initial_sampler) : cairn_sampler_ratio(0.001);
    pthread_mutex_init(&r->mutex, NULL);
    monotonic_cond_init(&r->changed);
    r->fetch.mutex = &r->mutex;
    buf_init(&r->last, ANSWER_BYTES_MAX);
    list_add(r);
    return r;
}

cairn_sampler *jaeger_remote_new(const struct cairn_jaeger_remote_options *o, char *url)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static const struct cairn_sampler_ops ops = {
        .size = sizeof ops, .should_sample = remote_sample, .free_user = remote_free};
    struct remote *r;
    cairn_sampler *s;
    char description[300];
    pthread_once(&once, init_once);
    r = remote_new(o, url);
    if (!r)
        return NULL;
    snprintf(description, sizeof description, "JaegerRemoteSampler{%s}", r->url);
    s = r->initial ? cairn_sampler_custom(description, &ops, r) : NULL;
    if (!s)
        remote_free(r);
    return s;
}
