/* exchange.c - an exchange's life, its memory, and the bytes of its request coming in. */
#include "net/exchange.h"

#include <stdlib.h>

#include "net/conn.h"
#include "net/grpc.h"

enum {
    BODY_EAGER_MAX =
        1024 * 1024, /* up to here a declared length is believed and reserved at once */
    BODY_CAP_MIN = 4096,
    ARENA_KEPT_MAX = 256 * 1024, /* a recycled exchange keeps no more than this */
    HEAD_KEPT_MAX = 4096,
};

static void list_live(struct http_exchange *x)
{
    struct net_loop *loop = x->loop;
    x->prev_live = NULL;
    x->next_live = loop->live;
    if (loop->live)
        loop->live->prev_live = x;
    loop->live = x;
}

static void unlist_live(struct http_exchange *x)
{
    if (x->next_live)
        x->next_live->prev_live = x->prev_live;
    if (x->prev_live)
        x->prev_live->next_live = x->next_live;
    else
        x->loop->live = x->next_live;
}

static void leave_conn(struct http_exchange *x)
{
    struct conn *conn = x->conn;
    if (!conn)
        return;
    if (x->next)
        x->next->prev = x->prev;
    if (x->prev)
        x->prev->next = x->next;
    else
        conn->exchanges = x->next;
    conn->exchange_count--;
    x->conn = NULL;
}

static struct http_exchange *take_spare(struct net_loop *loop)
{
    struct http_exchange *x = loop->spare;
    if (x) {
        loop->spare = x->queued;
        loop->spare_count--;
        x->queued = NULL;
        return x;
    }
    x = calloc(1, sizeof *x);
    if (x) {
        x->loop = loop;
        arena_init(&x->arena, loop->server->limits.memory_bytes_max);
        buf_init(&x->head, loop->server->limits.header_bytes_max);
    }
    return x;
}

struct http_exchange *exchange_new(struct conn *conn)
{
    struct net_loop *loop = conn->loop;
    struct http_exchange *x = take_spare(loop);
    if (!x)
        return NULL;
    x->conn = conn;
    x->prev = NULL;
    x->next = conn->exchanges;
    if (x->next)
        x->next->prev = x;
    conn->exchanges = x;
    conn->exchange_count++;
    list_live(x);
    x->content_length = UINT64_MAX;
    x->deadline_ms = net_loop_now_ms(loop) + loop->server->limits.header_timeout_ms;
    atomic_store_explicit(&x->cancelled, false, memory_order_relaxed);
    return x;
}

static void uncharge(struct http_exchange *x, size_t bytes)
{
    x->charged_bytes -= bytes;
    atomic_fetch_sub_explicit(&x->loop->server->memory_bytes, bytes, memory_order_relaxed);
}

static bool charge(struct http_exchange *x, size_t bytes)
{
    struct http_server *server = x->loop->server;
    size_t before = atomic_fetch_add_explicit(&server->memory_bytes, bytes, memory_order_relaxed);
    x->charged_bytes += bytes;
    if (before + bytes <= server->limits.memory_bytes_max)
        return true;
    uncharge(x, bytes);
    counter_add(&x->loop->counters.memory_refused, 1);
    return false;
}

/* Moves b's content into a recycled buffer that is large enough, if there is one. */
static bool move_to_recycled(struct http_exchange *x, struct buf *b, size_t want)
{
    struct buf old = *b, got = {0};
    pool_take(&x->loop->pool, want, &got);
    if (!got.p)
        return false;
    if (!charge(x, got.cap - old.cap)) {
        pool_give(&x->loop->pool, &got);
        return false;
    }
    if (old.n)
        memcpy(got.p, old.p, old.n);
    got.n = old.n;
    *b = got;
    pool_give(&x->loop->pool, &old);
    return true;
}

bool exchange_reserve(struct http_exchange *x, struct buf *b, size_t cap)
{
    size_t want = b->cap ? b->cap : BODY_CAP_MIN;
    unsigned char *p;
    if (cap <= b->cap)
        return true;
    while (want < cap)
        want *= 2; /* cap is below some limit of megabytes: no overflow */
    if (move_to_recycled(x, b, want))
        return true;
    if (!charge(x, want - b->cap))
        return false;
    p = realloc(b->p, want);
    if (!p) {
        uncharge(x, want - b->cap);
        return false;
    }
    b->p = p;
    b->cap = want;
    return true;
}

static void give_back(struct http_exchange *x, struct buf *b)
{
    if (!b->p)
        return;
    uncharge(x, b->cap);
    pool_give(&x->loop->pool, b);
}

void exchange_release(struct http_exchange *x)
{
    struct net_loop *loop = x->loop;
    struct http_exchange kept = {.loop = loop};
    leave_conn(x);
    unlist_live(x);
    give_back(x, &x->wire);
    give_back(x, &x->plain);
    buf_release(&x->reply.owned);
    uncharge(x, x->charged_bytes);
    arena_reset(&x->arena);
    if (x->arena.held_bytes > ARENA_KEPT_MAX)
        arena_release(&x->arena);
    if (loop->spare_count == EXCHANGES_KEPT_MAX) {
        arena_release(&x->arena);
        buf_release(&x->head);
        buf_release(&x->out);
        free(x->fields);
        free(x);
        return;
    }
    buf_clear(&x->head);
    if (x->head.cap > HEAD_KEPT_MAX)
        buf_release(&x->head);
    buf_clear(&x->out);
    kept.head = x->head;
    kept.out = x->out;
    kept.fields = x->fields;
    kept.field_cap = x->field_cap;
    kept.arena = x->arena;
    kept.queued = loop->spare;
    *x = kept;
    loop->spare = x;
    loop->spare_count++;
}

void exchange_abandon(struct http_exchange *x)
{
    if (x->state != EXCHANGE_RUNNING) {
        exchange_release(x);
        return;
    }
    leave_conn(x);
    atomic_store_explicit(&x->cancelled, true, memory_order_relaxed);
}

void exchange_target(struct http_exchange *x, struct str part)
{
    if (!x->target_bytes)
        x->target_at = (uint32_t)x->head.n;
    buf_put_str(&x->head, part);
    x->target_bytes = (uint32_t)x->head.n - x->target_at;
    x->target_overflow |= x->head.failed;
    x->head_overflow |= x->head.failed;
}

void exchange_field_begin(struct http_exchange *x)
{
    if (x->field_count == x->loop->server->limits.header_count_max) {
        x->head_overflow = true;
        return;
    }
    if (x->field_count == x->field_cap) {
        uint32_t cap = x->field_cap ? x->field_cap * 2 : 16;
        struct field *fields = realloc(x->fields, cap * sizeof *fields);
        if (!fields) {
            x->head_overflow = true;
            return;
        }
        x->fields = fields;
        x->field_cap = cap;
    }
    x->fields[x->field_count++] =
        (struct field){.name = (uint32_t)x->head.n, .value = (uint32_t)x->head.n};
}

void exchange_field_name(struct http_exchange *x, struct str part)
{
    struct field *field;
    if (x->head_overflow)
        return;
    buf_put_str(&x->head, part);
    field = &x->fields[x->field_count - 1];
    if (x->head.failed) {
        x->head_overflow = true;
        return;
    }
    for (size_t i = x->head.n - part.n; i < x->head.n; i++) {
        if (x->head.p[i] >= 'A' && x->head.p[i] <= 'Z')
            x->head.p[i] |= 32;
    }
    field->name_bytes += (uint32_t)part.n;
    field->value = (uint32_t)x->head.n;
}

void exchange_field_value(struct http_exchange *x, struct str part)
{
    if (x->head_overflow)
        return;
    buf_put_str(&x->head, part);
    if (x->head.failed)
        x->head_overflow = true;
    else
        x->fields[x->field_count - 1].value_bytes += (uint32_t)part.n;
}

/* The deadline moves with what has arrived: whoever sends less than 1 KiB/s on average is cut. */
static void move_deadline(struct http_exchange *x)
{
    x->deadline_ms = x->body_since_ms + x->loop->server->limits.body_timeout_ms +
                     x->received_bytes * 1000 / 1024;
}

void exchange_body(struct http_exchange *x, const unsigned char *p, size_t n)
{
    size_t want;
    x->received_bytes += n;
    if (x->refused)
        return; /* nor does the deadline move: what is only thrown away gets no more time */
    move_deadline(x);
    if (n > x->wire_max - x->wire.n) {
        exchange_refuse(x, 413, "413 body over the limit of %zu bytes", x->wire_max);
        return;
    }
    want = x->wire.n + n;
    if (x->req.grpc && !x->wire.n && n >= GRPC_PREFIX_BYTES)
        grpc_expect_length(x, p);
    if (want > x->wire.cap) {
        if (x->content_length <= BODY_EAGER_MAX && x->content_length > want)
            want = (size_t)x->content_length;
        if (!exchange_reserve(x, &x->wire, want)) {
            exchange_refuse(x, 503, "503 out of memory for request bodies, try again");
            return;
        }
    }
    memcpy(x->wire.p + x->wire.n, p, n);
    x->wire.n += n;
    if (x->req.grpc)
        grpc_check_prefix(x);
}

static bool reserve_plain(struct buf *b, size_t cap, void *user)
{
    return exchange_reserve(user, b, cap);
}

static void inflate(struct http_exchange *x, struct str in)
{
    struct encoding_sink sink = {&x->plain, x->route->body_bytes_max, reserve_plain, x};
    switch (encoding_inflate(&x->loop->codecs, x->encoding, in, &sink)) {
    case 0: break;
    case ERR_TOO_LARGE:
        exchange_refuse(x, 413, "413 inflated body over the limit of %zu bytes, or over %d:1",
                        sink.max_bytes, ENCODING_RATIO_MAX);
        return;
    case ERR_INVALID: exchange_refuse(x, 400, "400 damaged compressed body"); return;
    default: exchange_refuse(x, 503, "503 out of memory for request bodies, try again"); return;
    }
    give_back(x, &x->wire);
    x->req.body = buf_str(&x->plain);
}

void exchange_body_done(struct http_exchange *x)
{
    struct str body = buf_str(&x->wire);
    bool compressed = x->encoding != ENCODING_IDENTITY && body.n;
    x->request_done = true;
    if (!x->refused && x->req.grpc)
        compressed = grpc_unframe(x, &body);
    if (x->refused)
        return;
    x->req.body = body;
    if (compressed)
        inflate(x, body);
}

void exchange_run(struct http_exchange *x)
{
    x->state = EXCHANGE_RUNNING;
    x->route->handler(x, &x->req, x->route->user);
}

struct arena *http_exchange_arena(struct http_exchange *x)
{
    return &x->arena;
}

const struct http_request *http_exchange_request(struct http_exchange *x)
{
    return &x->req;
}

bool http_exchange_cancelled(struct http_exchange *x)
{
    return atomic_load_explicit(&x->cancelled, memory_order_relaxed);
}
