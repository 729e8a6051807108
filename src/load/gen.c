/* gen.c - see gen.h: the loop over traces, and the pods' batches. */
#include <stdlib.h>

#include "base/clock.h"
#include "load/shape.h"
#include "wire/otlp_pb.h"

enum { TRACE_STEP_NS = 1000000 };

static const struct shape *const shapes[LOAD_SHAPES] = {
    [LOAD_SHOP] = &shape_shop, [LOAD_TRACEGEN] = &shape_tracegen, [LOAD_DEEP] = &shape_deep,
    [LOAD_WIDE] = &shape_wide, [LOAD_HUGE] = &shape_huge,
};

const char *const load_shape_names[LOAD_SHAPES + 1] = {"shop", "tracegen", "deep",
                                                       "wide", "huge",     NULL};

/* ---- spans ---- */

struct span_id gen_span_id(const struct load_gen *g, uint64_t index)
{
    uint64_t word = gen_mix(g->key + index * 0x9e3779b97f4a7c15u);
    struct span_id id;
    if (word == 0)
        word = g->key | 1; /* zero would be no id */
    memcpy(id.bytes, &word, sizeof word);
    return id;
}

struct span *gen_span(struct load_gen *g, size_t pod_index, uint64_t index, uint32_t attributes)
{
    struct pod *pod = &g->pods[pod_index];
    struct attr *items = arena_alloc(&pod->arena, attributes * sizeof *items);
    struct span *span = &pod->spans[pod->count];
    if (!items) {
        g->failed = true;
        return NULL;
    }
    *span = (struct span){.trace_id = g->trace,
                          .span_id = gen_span_id(g, index),
                          .flags = SPAN_FLAG_SAMPLED | SPAN_FLAG_HAS_IS_REMOTE,
                          .attrs = {items, 0},
                          .resource = &pod->resource,
                          .scope = &g->scopes[0]};
    if (++pod->count == g->options.batch)
        g->full = pod;
    return span;
}

void gen_set_parent(struct load_gen *g, struct span *span, uint64_t parent, bool remote)
{
    span->parent_span_id = gen_span_id(g, parent);
    if (remote)
        span->flags |= SPAN_FLAG_IS_REMOTE;
}

void line_put(struct gen_line *line, struct str s)
{
    size_t room = sizeof line->bytes - line->n, n = s.n < room ? s.n : room;
    memcpy(line->bytes + line->n, s.p, n);
    line->n += n;
}

void line_dec(struct gen_line *line, uint64_t v, unsigned digits_min)
{
    char digits[20], *at = digits + sizeof digits;
    do {
        *--at = (char)('0' + v % 10);
        v /= 10;
    } while (v || digits + sizeof digits - at < (ptrdiff_t)digits_min);
    line_put(line, str_make(at, (size_t)(digits + sizeof digits - at)));
}

void line_hex(struct gen_line *line, uint64_t v, unsigned digits)
{
    for (unsigned i = digits; i-- > 0;)
        line_put(line, str_make(&"0123456789abcdef"[v >> 4 * i & 15], 1));
}

struct str line_keep(const struct gen_line *line, struct arena *arena)
{
    char *p = arena_alloc(arena, line->n);
    if (!p)
        return (struct str){NULL, 0};
    memcpy(p, line->bytes, line->n);
    return str_make(p, line->n);
}

/* ---- resources ---- */

struct str gen_service_name(struct load_gen *g, const char *const *names, size_t count,
                            size_t index)
{
    struct str name = str_of(names[index % count]);
    if (index < count)
        return name;
    return arena_printf(&g->arena, "%.*s-%02zu", STR_ARG(name), index / count + 1);
}

int gen_resource(struct load_gen *g, size_t pod, struct str service, const struct attr *more,
                 uint32_t count)
{
    struct resource *r = &g->pods[pod].resource;
    struct attr *items = arena_calloc(&g->arena, count + 3, sizeof *items);
    if (!items)
        return ERR_NOMEM;
    items[0] = (struct attr){STR("service.name"), gen_text(service)};
    items[1] = (struct attr){
        STR("service.instance.id"),
        gen_text(arena_printf(&g->arena, "%.*s-%zu", STR_ARG(service), pod % g->shape->pods_each))};
    items[2] =
        (struct attr){STR("host.name"), gen_text(arena_printf(&g->arena, "node-%zu", pod % 7))};
    if (count)
        memcpy(items + 3, more, count * sizeof *items);
    r->attrs = (struct attrs){items, count + 3};
    r->service_name = service;
    return arena_failed(&g->arena) ? ERR_NOMEM : 0;
}

/* ---- traces and batches ---- */

static void begin_trace(struct load_gen *g)
{
    uint64_t words[2] = {gen_next(g), gen_next(g)};
    memcpy(g->trace.bytes, words, sizeof words);
    g->key = gen_next(g);
    g->at = 0;
    g->size = g->options.trace_spans;
    g->shape->begin(g);
    g->start_ns = g->options.start_ns ? g->options.start_ns + g->number * TRACE_STEP_NS
                                      : clock_realtime_ns() - g->duration_ns;
    g->number++;
}

static void make_span(struct load_gen *g)
{
    if (g->at == g->size)
        begin_trace(g);
    g->shape->make(g, g->at++);
    g->made++;
}

/* The next batch's pod; NULL at the end. */
static struct pod *fill(struct load_gen *g)
{
    struct pod *pod;
    g->full = NULL;
    while (!g->full && !g->failed && !g->finished) {
        make_span(g);
        g->finished = g->made == g->options.spans;
    }
    if (g->full)
        return g->full;
    while (g->flushed < g->pod_count) {
        pod = &g->pods[g->flushed++];
        if (pod->count)
            return pod;
    }
    return NULL;
}

/* By scope, and in the order they were made: a ScopeSpans is opened once a batch. */
static const struct span *sort(struct load_gen *g, const struct pod *pod)
{
    size_t n = 0;
    if (g->scope_count == 1)
        return pod->spans;
    for (uint32_t scope = 0; scope < g->scope_count; scope++) {
        for (size_t i = 0; i < pod->count; i++) {
            if (pod->spans[i].scope == &g->scopes[scope])
                g->sorted[n++] = pod->spans[i];
        }
    }
    return g->sorted;
}

int load_gen_next(struct load_gen *g, const struct span **ret_spans, size_t *ret_count)
{
    struct pod *pod;
    if (g->given) {
        g->given->count = 0;
        arena_reset(&g->given->arena);
    }
    g->given = pod = fill(g);
    if (g->failed || (pod && arena_failed(&pod->arena)))
        return ERR_NOMEM;
    *ret_count = pod ? pod->count : 0;
    *ret_spans = pod ? sort(g, pod) : NULL;
    return 0;
}

void load_gen_finish(struct load_gen *g)
{
    g->finished = true;
}

size_t load_gen_encode(struct load_gen *g, struct buf *out)
{
    const struct span *spans;
    size_t count;
    if (load_gen_next(g, &spans, &count) < 0)
        return 0;
    otlp_pb_encode(spans, count, out);
    return out->failed ? 0 : count;
}

/* ---- beginning and end ---- */

static int check(const struct load_gen_options *o, struct err *err)
{
    if ((unsigned)o->shape >= LOAD_SHAPES || o->batch == 0 || o->batch > LOAD_BATCH_MAX)
        return err_set(err, ERR_INVALID, "a batch has 1 to %d spans", LOAD_BATCH_MAX);
    if (o->services > LOAD_SERVICES_MAX)
        return err_set(err, ERR_INVALID, "there are at most %d services", LOAD_SERVICES_MAX);
    if (o->trace_spans > LOAD_TRACE_SPANS_MAX)
        return err_set(err, ERR_INVALID, "a trace has at most %d spans", LOAD_TRACE_SPANS_MAX);
    if (o->trace_spans && shapes[o->shape]->trace_spans == 0)
        return err_set(err, ERR_INVALID, "traces of the shape %s have no fixed number of spans",
                       shapes[o->shape]->name);
    return 0;
}

static int make_pods(struct load_gen *g)
{
    g->pod_count = (size_t)g->options.services * g->shape->pods_each;
    g->pods = calloc(g->pod_count, sizeof *g->pods);
    g->sorted = calloc(g->options.batch, sizeof *g->sorted);
    if (!g->pods || !g->sorted)
        return ERR_NOMEM;
    for (size_t i = 0; i < g->pod_count; i++) {
        arena_init(&g->pods[i].arena, 0);
        g->pods[i].spans = calloc(g->options.batch, sizeof *g->pods[i].spans);
        if (!g->pods[i].spans)
            return ERR_NOMEM;
    }
    return g->shape->init(g);
}

int load_gen_new(const struct load_gen_options *options, struct load_gen **ret, struct err *err)
{
    struct load_gen *g;
    TRY(check(options, err));
    g = calloc(1, sizeof *g);
    if (!g)
        return err_set(err, ERR_NOMEM, "out of memory");
    g->options = *options;
    g->shape = shapes[options->shape];
    /* shapes with one seed share no ids */
    g->random = gen_mix(options->seed + (options->shape + 1) * 0x9e3779b97f4a7c15u);
    if (g->options.services == 0)
        g->options.services = g->shape->services;
    if (g->options.trace_spans == 0)
        g->options.trace_spans = g->shape->trace_spans;
    arena_init(&g->arena, 0);
    if (make_pods(g) < 0) {
        load_gen_free(g);
        return err_set(err, ERR_NOMEM, "out of memory");
    }
    *ret = g;
    return 0;
}

void load_gen_free(struct load_gen *g)
{
    if (!g)
        return;
    for (size_t i = 0; g->pods && i < g->pod_count; i++) {
        free(g->pods[i].spans);
        arena_release(&g->pods[i].arena);
    }
    free(g->pods);
    free(g->sorted);
    arena_release(&g->arena);
    free(g);
}
