/* generate.c - see generate.h. */
#include "generate.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "wire/otlp_pb.h"

enum { SERVICES = 20, PODS = 4, NAMES = 112, OPEN_TRACES = 64, BATCH = 512, STACKS = 200 };

struct open_trace {
    struct trace_id id;
    struct span_id ids[64];
    uint32_t made, size;
    uint64_t clock_ns;
};

struct generator {
    uint64_t state;
    struct arena fixed; /* resources, names, stacks */
    struct resource resources[SERVICES * PODS];
    struct scope scopes[3];
    struct str names[NAMES], stacks[STACKS];
    struct open_trace open[SERVICES * PODS][OPEN_TRACES / 8];
    uint64_t now_ns;
};

static uint64_t next(struct generator *g)
{
    uint64_t z = (g->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint32_t below(struct generator *g, uint32_t n)
{
    return (uint32_t)(next(g) % n);
}

static struct attr text_attr(const char *key, struct str value)
{
    return (struct attr){str_of(key), {.type = VALUE_STRING, .string = value}};
}

static struct attr int_attr(const char *key, int64_t value)
{
    return (struct attr){str_of(key), {.type = VALUE_INT, .integer = value}};
}

static void make_resource(struct generator *g, int service, int pod)
{
    struct resource *r = &g->resources[service * PODS + pod];
    struct arena *a = &g->fixed;
    struct attr *attrs = arena_calloc(a, 8, sizeof *attrs);
    r->service_name = arena_printf(a, "service-%02d", service);
    attrs[0] = text_attr("service.name", r->service_name);
    attrs[1] = text_attr("service.version", arena_printf(a, "1.%d.0", service % 7));
    attrs[2] =
        text_attr("service.instance.id", arena_printf(a, "service-%02d-pod-%d", service, pod));
    attrs[3] =
        text_attr("k8s.pod.name", arena_printf(a, "service-%02d-7f9c8d6b5-%04x", service, pod));
    attrs[4] = text_attr("k8s.namespace.name", STR("production"));
    attrs[5] =
        text_attr("host.name", arena_printf(a, "node-%d.example", (service * PODS + pod) % 12));
    attrs[6] = text_attr("telemetry.sdk.language", STR("c"));
    attrs[7] = int_attr("process.pid", 1000 + service * 10 + pod);
    r->attrs = (struct attrs){attrs, 8};
}

static void make_stack(struct generator *g, int i)
{
    struct buf b;
    buf_init(&b, 0);
    buf_printf(&b, "app.errors.Failure%d: operation failed\n", i % 23);
    while (b.n < 1650)
        buf_printf(&b, "    at app.module%u.Class%u.method%u(file%u.c:%u)\n", below(g, 40),
                   below(g, 300), below(g, 900), below(g, 300), below(g, 2000));
    g->stacks[i] = arena_str(&g->fixed, buf_str(&b));
    buf_release(&b);
}

static void prepare(struct generator *g)
{
    static const char *const verbs[] = {"GET",     "POST",    "SELECT", "UPDATE",
                                        "publish", "process", "lookup"};
    arena_init(&g->fixed, 0);
    for (int i = 0; i < SERVICES * PODS; i++)
        make_resource(g, i / PODS, i % PODS);
    for (int i = 0; i < 3; i++)
        g->scopes[i] = (struct scope){.name = arena_printf(&g->fixed, "instrumentation/%d", i),
                                      .version = STR("0.42.0")};
    for (int i = 0; i < NAMES; i++)
        g->names[i] = arena_printf(&g->fixed, "%s /api/v1/resource-%d", verbs[i % 7], i);
    for (int i = 0; i < STACKS; i++)
        make_stack(g, i);
    g->now_ns = 1700000000000000000u;
}

static void add_event(struct generator *g, struct arena *a, struct span *s)
{
    struct attr *attrs = arena_calloc(a, 3, sizeof *attrs);
    uint32_t stack = below(g, STACKS);
    s->events = arena_calloc(a, 1, sizeof *s->events);
    attrs[0] = text_attr("exception.type", arena_printf(a, "app.errors.Failure%u", stack % 23));
    attrs[1] = text_attr("exception.message", arena_printf(a, "operation %u failed",
                                                           below(g, 2) ? below(g, 1000000) : 7));
    attrs[2] = text_attr("exception.stacktrace", g->stacks[stack]);
    s->events[0] = (struct span_event){s->end_ns, STR("exception"), {attrs, 3}, 0};
    s->event_count = 1;
}

static void add_attrs(struct generator *g, struct arena *a, struct span *s)
{
    struct attr *attrs = arena_calloc(a, 12, sizeof *attrs);
    uint32_t n = 0, status = below(g, 50) ? 200 : 500, route = below(g, 60);
    attrs[n++] = text_attr("http.request.method", below(g, 3) ? STR("GET") : STR("POST"));
    attrs[n++] = text_attr("http.route", arena_printf(a, "/api/v1/resource-%u/{id}", route));
    attrs[n++] = text_attr("url.full",
                           arena_printf(a, "https://shop.example/api/v1/resource-%u/%u?session=%u",
                                        route, below(g, 1000000), below(g, 5000)));
    attrs[n++] = int_attr("http.response.status_code", status);
    attrs[n++] =
        text_attr("server.address", arena_printf(a, "10.0.%u.%u", below(g, 4), below(g, 250)));
    attrs[n++] = int_attr("server.port", 8080);
    attrs[n++] = text_attr("user.id", arena_printf(a, "user-%06u", below(g, 200000)));
    attrs[n++] = int_attr("http.response.body.size", below(g, 60000));
    if (below(g, 2)) {
        attrs[n++] = text_attr("db.system", STR("postgresql"));
        attrs[n++] = text_attr("db.query.text",
                               arena_printf(a, "SELECT col_%u, name FROM table_%u WHERE id = %u",
                                            below(g, 30), below(g, 10), below(g, 1000000)));
    }
    attrs[n++] = text_attr("thread.name", arena_printf(a, "worker-%u", below(g, 16)));
    attrs[n++] = (struct attr){STR_INIT("sampling.ratio"), {.type = VALUE_DOUBLE, .number = 0.25}};
    s->attrs = (struct attrs){attrs, n};
    s->status_code = status == 500 ? STATUS_ERROR : STATUS_UNSET;
}

static void start_trace(struct generator *g, struct open_trace *t)
{
    uint64_t id[2] = {next(g), next(g) | 1};
    memcpy(t->id.bytes, id, 16);
    t->made = 0;
    t->size = 5 + below(g, 34);
    t->clock_ns = g->now_ns;
}

static void make_span(struct generator *g, struct arena *a, struct open_trace *t, struct span *s)
{
    uint64_t id = next(g) | 1;
    memset(s, 0, sizeof *s);
    if (t->made == t->size)
        start_trace(g, t);
    s->trace_id = t->id;
    memcpy(s->span_id.bytes, &id, 8);
    t->ids[t->made] = s->span_id;
    if (t->made)
        s->parent_span_id = t->ids[below(g, t->made)];
    t->made++;
    s->name = g->names[below(g, NAMES)];
    s->kind = (enum span_kind)(1 + below(g, 5));
    t->clock_ns += below(g, 100000);
    s->start_ns = t->clock_ns;
    s->end_ns = s->start_ns + 1000 + next(g) % (below(g, 100) ? 5000000 : 400000000);
    s->flags = SPAN_FLAG_SAMPLED;
    add_attrs(g, a, s);
    if (below(g, 9) == 0)
        add_event(g, a, s);
    g->now_ns += 50000; /* 20,000 spans a second */
}

static struct str make_request(struct generator *g, struct arena *a, uint32_t pod,
                               struct generated *ret)
{
    struct span *spans = arena_calloc(a, BATCH, sizeof *spans);
    struct buf out;
    struct str s;
    buf_init(&out, 0);
    for (int i = 0; i < BATCH; i++) {
        make_span(g, a, &g->open[pod % 8][below(g, OPEN_TRACES / 8)], &spans[i]);
        spans[i].resource = &g->resources[pod];
        spans[i].scope = &g->scopes[i * 3 / BATCH];
    }
    otlp_pb_encode(spans, BATCH, &out);
    ret->traces[ret->trace_count++] = spans[below(g, BATCH)].trace_id;
    s.p = (char *)buf_take(&out, &s.n);
    return s;
}

void generate(size_t spans, struct generated *ret)
{
    struct generator *g = calloc(1, sizeof *g);
    struct arena a;
    size_t count = (spans + BATCH - 1) / BATCH;
    *ret = (struct generated){.span_count = count * BATCH, .start_ns = 1700000000000000000u};
    ret->requests = calloc(count, sizeof *ret->requests);
    ret->traces = calloc(count, sizeof *ret->traces);
    prepare(g);
    for (int p = 0; p < SERVICES * PODS; p++) {
        for (int i = 0; i < OPEN_TRACES / 8; i++)
            start_trace(g, &g->open[p][i]);
    }
    arena_init(&a, 0);
    for (size_t i = 0; i < count; i++) {
        ret->requests[i] = make_request(g, &a, below(g, SERVICES * PODS), ret);
        ret->bytes += ret->requests[i].n;
        arena_reset(&a);
    }
    ret->request_count = count;
    ret->end_ns = g->now_ns;
    arena_release(&a);
    arena_release(&g->fixed);
    free(g);
}

void generated_free(struct generated *g)
{
    for (size_t i = 0; i < g->request_count; i++)
        free((void *)(uintptr_t)g->requests[i].p);
    free(g->requests);
    free(g->traces);
}
