/* tracegen.c - the shape `tracegen`: what Jaeger's tracegen sends with its defaults.
 *
 * A root "lets-go" (server, two attributes) and one child "child-span-00" (client) with 11 attributes out of 97 keys and
 * 1000 values, both counters running on over all spans; each child takes 123 µs, one behind the other. One service a
 * trace; several services are called tracegen-00, tracegen-01, ... */
#include "load/shape.h"

enum { ATTRIBUTES = 11, KEYS = 97, VALUES = 1000, CHILD_NS = 123000 };

struct tracegen {
    struct str keys[KEYS], values[VALUES];
    uint32_t key, value; /* the next ones */
};

static void make_root(struct load_gen *g, size_t pod)
{
    struct span *span = gen_span(g, pod, 0, 2);
    if (!span)
        return;
    span->name = STR("lets-go");
    span->kind = SPAN_KIND_SERVER;
    span->start_ns = g->start_ns;
    span->end_ns = g->start_ns + g->duration_ns;
    gen_put(span, STR("peer.service"), gen_text(STR("tracegen-server")));
    gen_put(span, STR("peer.host.ipv4"), gen_text(STR("1.1.1.1")));
}

static void make(struct load_gen *g, uint64_t index)
{
    struct tracegen *t = g->state;
    size_t pod = (g->number - 1) % g->pod_count;
    struct gen_line name = {.n = 0};
    struct span *span;
    if (index == 0) {
        make_root(g, pod);
        return;
    }
    span = gen_span(g, pod, index, ATTRIBUTES);
    if (!span)
        return;
    line_put(&name, STR("child-span-"));
    line_dec(&name, index - 1, 2);
    span->name = line_keep(&name, gen_arena(g, pod));
    span->kind = SPAN_KIND_CLIENT;
    span->start_ns = g->start_ns + (index - 1) * CHILD_NS;
    span->end_ns = span->start_ns + CHILD_NS;
    gen_set_parent(g, span, 0, false);
    for (int i = 0; i < ATTRIBUTES; i++) {
        gen_put(span, t->keys[t->key], gen_text(t->values[t->value]));
        t->key = (t->key + 1) % KEYS;
        t->value = (t->value + 1) % VALUES;
    }
}

static void begin(struct load_gen *g)
{
    g->duration_ns = (g->size - 1) * CHILD_NS;
}

static int init(struct load_gen *g)
{
    struct tracegen *t = g->state = arena_calloc(&g->arena, 1, sizeof *t);
    g->scopes = arena_calloc(&g->arena, g->scope_count = 1, sizeof *g->scopes);
    if (!t || !g->scopes)
        return ERR_NOMEM;
    g->scopes[0].name = STR("tracegen");
    for (int i = 0; i < KEYS; i++)
        t->keys[i] = arena_printf(&g->arena, "attr_%02d", i);
    for (int i = 0; i < VALUES; i++)
        t->values[i] = arena_printf(&g->arena, "val_%02d", i);
    for (size_t i = 0; i < g->pod_count; i++) {
        static const struct attr more[] = {
            {STR_INIT("os.type"), {.type = VALUE_STRING, .string = STR_INIT("linux")}},
            {STR_INIT("telemetry.sdk.language"), {.type = VALUE_STRING, .string = STR_INIT("go")}},
            {STR_INIT("telemetry.sdk.name"),
             {.type = VALUE_STRING, .string = STR_INIT("opentelemetry")}},
            {STR_INIT("telemetry.sdk.version"),
             {.type = VALUE_STRING, .string = STR_INIT("1.35.0")}},
        };
        struct str service =
            g->pod_count > 1 ? arena_printf(&g->arena, "tracegen-%02zu", i) : STR("tracegen");
        TRY(gen_resource(g, i, service, more, sizeof more / sizeof *more));
    }
    return arena_failed(&g->arena) ? ERR_NOMEM : 0;
}

const struct shape shape_tracegen = {.name = "tracegen",
                                     .services = 1,
                                     .pods_each = 1,
                                     .trace_spans = 2,
                                     .init = init,
                                     .begin = begin,
                                     .make = make};
