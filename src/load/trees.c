/* trees.c - the shapes `deep`, `wide` and `huge`: trees where a span's place follows from its index alone, so that a
 * trace of any size needs no memory.
 *
 *   deep   one chain: span i is the child of span i - 1, and lies inside it
 *   wide   a root, all others its children
 *   huge   a tree where every span has up to eight children, which share its time: a million spans are seven deep */
#include "load/shape.h"

enum {
    ATTRIBUTES = 4,
    DEEP_RUN = 10, /* spans of a chain in one service, then it calls the next */
    DEEP_STEP_NS = 10000,
    WIDE_STEP_NS = 50000,
    WIDE_LONGEST_NS = 1000000,
    FANOUT = 8,
    SUBTREES = 1 + 8 + 64, /* spans of the first three levels */
    DEPTH_MAX = 16,        /* 8^16 is more than any trace has */
    HUGE_SPAN_NS = 100000,
};

static const char *const service_names[] = {"gateway", "planner", "workers", "storage",
                                            "ledger",  "index",   "billing", "mailer"};
enum { SERVICES = sizeof service_names / sizeof *service_names };

static const char *const functions[] = {"accept",   "plan",  "resolve", "load",
                                        "validate", "apply", "commit",  "respond"};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

/* A span with what all three shapes have. */
static struct span *add(struct load_gen *g, size_t pod, uint64_t index, uint64_t level)
{
    struct span *span = gen_span(g, pod, index, ATTRIBUTES);
    uint64_t bits = gen_next(g);
    if (!span)
        return NULL;
    span->name = str_of(functions[bits % FUNCTIONS]);
    span->kind = index ? SPAN_KIND_INTERNAL : SPAN_KIND_SERVER;
    gen_put(span, STR("code.function.name"), gen_text(span->name));
    gen_put(span, STR("thread.id"), gen_number(bits >> 8 & 63));
    gen_put(span, STR("tree.index"), gen_number(index));
    gen_put(span, STR("tree.level"), gen_number(level));
    if (bits >> 56 == 0) {
        span->status_code = STATUS_ERROR;
        span->status_message = STR("gave up");
    }
    return span;
}

/* Entering another service: a server's span with a parent elsewhere. */
static void connect_to_parent(struct load_gen *g, struct span *span, uint64_t parent, bool remote)
{
    if (remote)
        span->kind = SPAN_KIND_SERVER;
    gen_set_parent(g, span, parent, remote);
}

static void make_deep(struct load_gen *g, uint64_t i)
{
    size_t pod = i / DEEP_RUN % g->pod_count;
    struct span *span = add(g, pod, i, i);
    if (!span)
        return;
    span->start_ns = g->start_ns + i * DEEP_STEP_NS;
    span->end_ns = g->start_ns + g->duration_ns - i * DEEP_STEP_NS;
    if (i)
        connect_to_parent(g, span, i - 1, (i - 1) / DEEP_RUN % g->pod_count != pod);
}

static void begin_deep(struct load_gen *g)
{
    g->duration_ns = 2 * g->size * DEEP_STEP_NS;
}

static void make_wide(struct load_gen *g, uint64_t i)
{
    size_t pod = i % g->pod_count;
    struct span *span = add(g, pod, i, i > 0);
    if (!span)
        return;
    span->start_ns = g->start_ns + i * WIDE_STEP_NS;
    span->end_ns = i ? span->start_ns + 1000 + gen_below(g, WIDE_LONGEST_NS - 1000)
                     : g->start_ns + g->duration_ns;
    if (i)
        connect_to_parent(g, span, 0, pod != 0);
}

static void begin_wide(struct load_gen *g)
{
    g->duration_ns = g->size * WIDE_STEP_NS + WIDE_LONGEST_NS;
}

/* From the root down: each step takes a child's eighth of its parent's time. Returns the depth. */
static unsigned place(struct load_gen *g, uint64_t i, struct span *span)
{
    unsigned turns[DEPTH_MAX], depth = 0;
    uint64_t start = g->start_ns, duration = g->duration_ns;
    for (; i; i = (i - 1) / FANOUT)
        turns[depth++] = (unsigned)((i - 1) % FANOUT);
    for (unsigned level = depth; level-- > 0;) {
        uint64_t share = duration / FANOUT;
        start += turns[level] * share + share / 16;
        duration = share - share / 8;
    }
    span->start_ns = start;
    span->end_ns = start + duration;
    return depth;
}

/* The subtrees of the third level stay in one service each. */
static size_t huge_pod(const struct load_gen *g, uint64_t i)
{
    while (i >= SUBTREES)
        i = (i - 1) / FANOUT;
    return i % g->pod_count;
}

static void make_huge(struct load_gen *g, uint64_t i)
{
    struct span where;
    unsigned depth = place(g, i, &where);
    uint64_t parent = (i - 1) / FANOUT;
    size_t pod = huge_pod(g, i);
    struct span *span = add(g, pod, i, depth);
    if (!span)
        return;
    span->start_ns = where.start_ns;
    span->end_ns = where.end_ns;
    if (i)
        connect_to_parent(g, span, parent, huge_pod(g, parent) != pod);
}

static void begin_huge(struct load_gen *g)
{
    g->duration_ns = g->size * HUGE_SPAN_NS;
    if (g->duration_ns < 1000000000)
        g->duration_ns = 1000000000;
}

static int init(struct load_gen *g)
{
    static const struct attr more[] = {
        {STR_INIT("service.version"), {.type = VALUE_STRING, .string = STR_INIT("1.0.0")}},
        {STR_INIT("telemetry.sdk.language"), {.type = VALUE_STRING, .string = STR_INIT("cpp")}},
    };
    g->scopes = arena_calloc(&g->arena, g->scope_count = 1, sizeof *g->scopes);
    if (!g->scopes)
        return ERR_NOMEM;
    g->scopes[0] = (struct scope){.name = STR("trees"), .version = STR("1.0")};
    for (size_t i = 0; i < g->pod_count; i++)
        TRY(gen_resource(g, i, gen_service_name(g, service_names, SERVICES, i), more, 2));
    return arena_failed(&g->arena) ? ERR_NOMEM : 0;
}

const struct shape shape_deep = {.name = "deep",
                                 .services = SERVICES,
                                 .pods_each = 1,
                                 .trace_spans = 1000,
                                 .init = init,
                                 .begin = begin_deep,
                                 .make = make_deep};
const struct shape shape_wide = {.name = "wide",
                                 .services = SERVICES,
                                 .pods_each = 1,
                                 .trace_spans = 1000,
                                 .init = init,
                                 .begin = begin_wide,
                                 .make = make_wide};
const struct shape shape_huge = {.name = "huge",
                                 .services = SERVICES,
                                 .pods_each = 1,
                                 .trace_spans = 1000000,
                                 .init = init,
                                 .begin = begin_huge,
                                 .make = make_huge};
