/* shop.c - traces are made whole, then their spans are dealt to the pods that would have sent them. */
#include "shop.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "trace/span.h"
#include "wire/otlp_pb.h"

enum {
    SERVICES = 20,
    PODS = 4,
    SPANS_MIN = 5,
    SPANS_MAX = 60,
    STACKS = 200,
};

struct pod {
    struct resource resource;
    struct arena arena; /* strings of the spans that wait */
    struct span *spans;
    size_t count;
};

struct shop {
    uint64_t random;
    uint64_t now_ns;
    size_t batch;
    struct arena arena; /* what lives as long as the shop */
    struct scope scopes[3];
    struct pod pods[SERVICES * PODS];
    struct str stacks[STACKS];
    struct pod *full; /* a pod whose batch is complete */
};

static const char *const service_names[SERVICES] = {
    "frontend", "checkout",  "cart",      "catalog", "payment",   "shipping", "email",
    "currency", "recommend", "inventory", "user",    "auth",      "search",   "reviews",
    "pricing",  "fraud",     "loyalty",   "tax",     "warehouse", "notifier"};

static const char *const routes[] = {
    "GET /api/v1/orders/{id}", "POST /api/v1/orders",      "GET /api/v1/products",
    "GET /api/v1/cart/{user}", "PUT /api/v1/cart/{user}",  "POST /api/v1/pay",
    "GET /api/v1/quotes",      "DELETE /api/v1/cart/{id}", "GET /api/v1/users/{id}"};

static const char *const tables[] = {"orders", "items", "users", "stock", "prices", "reviews"};

/* splitmix64 */
static uint64_t next(struct shop *s)
{
    uint64_t z = s->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t below(struct shop *s, uint64_t n)
{
    return next(s) % n;
}

static void put(struct span *span, const char *key, struct value value)
{
    span->attrs.items[span->attrs.count++] = (struct attr){str_of(key), value};
}

static struct value text(struct str s)
{
    return (struct value){.type = VALUE_STRING, .string = s};
}

static struct value number(int64_t v)
{
    return (struct value){.type = VALUE_INT, .integer = v};
}

static void http_attributes(struct shop *s, struct arena *a, struct span *span)
{
    struct str method, path;
    str_cut(span->name, ' ', &method, &path);
    put(span, "http.request.method", text(method));
    put(span, "http.route", text(path));
    put(span, "url.path", text(arena_printf(a, "/api/v1/orders/%06" PRIu64, below(s, 1000000))));
    put(span, "server.address", text(STR("shop.example.com")));
    put(span, "server.port", number(8080));
    put(span, "client.address",
        text(arena_printf(a, "10.%u.%u.%u", (unsigned)below(s, 4), (unsigned)below(s, 256),
                          (unsigned)below(s, 256))));
    put(span, "http.response.status_code",
        number(span->status_code == STATUS_ERROR ? 500
               : below(s, 20)                    ? 200
                                                 : 404));
    put(span, "user.id", text(arena_printf(a, "u-%08x", (unsigned)below(s, 200000))));
    put(span, "network.protocol.version", text(STR("1.1")));
    put(span, "user_agent.original", text(STR("Mozilla/5.0 (X11; Linux x86_64)")));
}

static void database_attributes(struct shop *s, struct arena *a, struct span *span)
{
    const char *table = tables[below(s, 6)];
    span->name = arena_printf(a, "SELECT %s", table);
    put(span, "db.system.name", text(STR("postgresql")));
    put(span, "db.namespace", text(STR("shop")));
    put(span, "db.collection.name", text(str_of(table)));
    put(span, "db.operation.name", text(STR("SELECT")));
    put(span, "db.query.text",
        text(arena_printf(
            a, "SELECT id, col_%u, col_%u FROM %s WHERE id = %" PRIu64 " AND state = 'open'",
            (unsigned)below(s, 20), (unsigned)below(s, 20), table, below(s, 1000000))));
    put(span, "server.address", text(STR("db-primary.internal")));
    put(span, "server.port", number(5432));
    put(span, "db.response.returned_rows", number((int64_t)below(s, 50)));
    put(span, "thread.id", number((int64_t)below(s, 32)));
    put(span, "app.cpu_ms",
        (struct value){.type = VALUE_DOUBLE, .number = (double)below(s, 100000) / 1000});
}

static void exception(struct shop *s, struct arena *a, struct span *span)
{
    struct span_event *event = arena_calloc(a, 1, sizeof *event);
    struct attr *attrs = arena_calloc(a, 3, sizeof *attrs);
    attrs[0] = (struct attr){STR("exception.type"), text(STR("java.io.IOException"))};
    attrs[1] = (struct attr){
        STR("exception.message"),
        text(arena_printf(a, "connection %u reset by peer", (unsigned)below(s, 5000)))};
    attrs[2] = (struct attr){STR("exception.stacktrace"), text(s->stacks[below(s, STACKS)])};
    *event = (struct span_event){.time_ns = span->end_ns, .name = STR("exception")};
    event->attrs = (struct attrs){attrs, 3};
    span->events = event;
    span->event_count = 1;
}

static void link_to_another(struct shop *s, struct arena *a, struct span *span)
{
    struct span_link *link = arena_calloc(a, 1, sizeof *link);
    for (int i = 0; i < 4; i++) {
        uint64_t word = next(s);
        memcpy(i < 2 ? link->trace_id.bytes + 8 * i : link->span_id.bytes, &word, 8);
    }
    span->links = link;
    span->link_count = 1;
}

/* One span of the trace, in the pod that made it. parent may be NULL. */
static struct span *add_span(struct shop *s, struct pod *pod, const struct trace_id *trace,
                             const struct span *parent, uint64_t start_ns)
{
    struct span *span = &pod->spans[pod->count++];
    uint64_t id = next(s) | 1, pick = below(s, 100);
    memset(span, 0, sizeof *span);
    span->trace_id = *trace;
    memcpy(span->span_id.bytes, &id, sizeof id);
    if (parent)
        span->parent_span_id = parent->span_id;
    span->flags = SPAN_FLAG_SAMPLED | SPAN_FLAG_HAS_IS_REMOTE;
    span->start_ns = start_ns;
    span->end_ns = start_ns + 20000 + (below(s, 1 << 20) << below(s, 8));
    span->status_code = pick < 11 ? STATUS_ERROR : STATUS_UNSET;
    span->resource = &pod->resource;
    span->scope = &s->scopes[below(s, 3)];
    span->attrs.items = arena_alloc(&pod->arena, 10 * sizeof *span->attrs.items);
    if (parent && pick % 3 == 0) {
        span->kind = SPAN_KIND_CLIENT;
        database_attributes(s, &pod->arena, span);
    } else {
        span->kind = parent && pick % 2 ? SPAN_KIND_INTERNAL : SPAN_KIND_SERVER;
        span->name = str_of(routes[below(s, sizeof routes / sizeof *routes)]);
        http_attributes(s, &pod->arena, span);
    }
    if (span->status_code == STATUS_ERROR)
        exception(s, &pod->arena, span);
    if (pick >= 95)
        link_to_another(s, &pod->arena, span);
    if (pod->count == s->batch)
        s->full = pod;
    return span;
}

/* Goes on with traces until a pod is full. A trace stops there: its last spans are missing, as in life. */
static void make_trace(struct shop *s)
{
    struct trace_id trace;
    const struct span *parents[SPANS_MAX];
    uint64_t words[2] = {next(s), next(s)};
    unsigned octave = (unsigned)below(s, 36), count = SPANS_MIN;
    memcpy(trace.bytes, words, sizeof words);
    for (unsigned i = 0; i < octave; i++)
        count += 1 + count / 16;
    if (count > SPANS_MAX)
        count = SPANS_MAX;
    for (unsigned i = 0; i < count && !s->full; i++) {
        const struct span *parent = i ? parents[below(s, i)] : NULL;
        struct pod *pod = &s->pods[below(s, SERVICES * PODS)];
        uint64_t start = parent ? parent->start_ns + below(s, 50000) : s->now_ns;
        parents[i] = add_span(s, pod, &trace, parent, start);
    }
    s->now_ns += 1000000;
}

static void make_stacks(struct shop *s)
{
    for (int i = 0; i < STACKS; i++) {
        struct buf b;
        buf_init(&b, 0);
        for (int line = 0; line < 22; line++)
            buf_printf(&b, "\tat com.example.shop.%s.Handler%u.call(Handler.java:%u)\n",
                       service_names[below(s, SERVICES)], (unsigned)below(s, 50),
                       (unsigned)below(s, 900));
        s->stacks[i] = arena_str(&s->arena, buf_str(&b));
        buf_release(&b);
    }
}

static void make_pod(struct shop *s, int index)
{
    struct pod *pod = &s->pods[index];
    const char *service = service_names[index / PODS];
    struct attr *attrs = arena_calloc(&s->arena, 8, sizeof *attrs);
    const struct attr all[8] = {
        {STR("service.name"), text(str_of(service))},
        {STR("service.version"), text(STR("2.3.1"))},
        {STR("service.instance.id"), text(arena_printf(&s->arena, "%s-%d", service, index % PODS))},
        {STR("host.name"), text(arena_printf(&s->arena, "node-%d", index % 7))},
        {STR("k8s.pod.name"), text(arena_printf(&s->arena, "%s-6d4cf5-%04x", service, index * 77))},
        {STR("k8s.namespace.name"), text(STR("shop"))},
        {STR("telemetry.sdk.language"), text(STR("java"))},
        {STR("telemetry.sdk.version"), text(STR("1.50.0"))},
    };
    memcpy(attrs, all, sizeof all);
    pod->resource = (struct resource){.attrs = {attrs, 8}, .service_name = str_of(service)};
    pod->spans = calloc(s->batch, sizeof *pod->spans);
    arena_init(&pod->arena, 0);
}

struct shop *shop_new(uint64_t seed, size_t batch, uint64_t start_ns)
{
    struct shop *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->random = seed;
    s->batch = batch;
    s->now_ns = start_ns;
    arena_init(&s->arena, 0);
    s->scopes[0] = (struct scope){.name = STR("io.opentelemetry.tomcat"), .version = STR("2.1")};
    s->scopes[1] = (struct scope){.name = STR("io.opentelemetry.jdbc"), .version = STR("2.1")};
    s->scopes[2] = (struct scope){.name = STR("shop"), .version = STR("1.0")};
    make_stacks(s);
    for (int i = 0; i < SERVICES * PODS; i++) {
        make_pod(s, i);
        if (!s->pods[i].spans) {
            shop_free(s);
            return NULL;
        }
    }
    return s;
}

void shop_free(struct shop *s)
{
    if (!s)
        return;
    for (int i = 0; i < SERVICES * PODS; i++) {
        free(s->pods[i].spans);
        arena_release(&s->pods[i].arena);
    }
    arena_release(&s->arena);
    free(s);
}

static int by_scope(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return (x->scope > y->scope) - (x->scope < y->scope);
}

size_t shop_next(struct shop *s, struct buf *out)
{
    struct pod *pod;
    while (!s->full)
        make_trace(s);
    pod = s->full;
    s->full = NULL;
    qsort(pod->spans, pod->count, sizeof *pod->spans, by_scope);
    otlp_pb_encode(pod->spans, pod->count, out);
    pod->count = 0;
    arena_reset(&pod->arena);
    return s->batch;
}
