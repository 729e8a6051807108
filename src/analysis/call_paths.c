/* call_paths.c - each span finds its path below its parent's in a hash table of (parent path, operation). */
#include "analysis/call_paths.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/critical_path.h"

enum { FIRST_SLOTS = 256 };

static int out_of_memory(struct err *err)
{
    return err_set(err, ERR_TOO_LARGE, "the analysis needs more memory than it may take");
}

void call_paths_init(struct call_paths *p, struct arena *arena, size_t scratch_bytes_max)
{
    *p = (struct call_paths){.arena = arena};
    arena_init(&p->scratch, scratch_bytes_max);
}

void call_paths_release(struct call_paths *p)
{
    arena_release(&p->scratch);
}

/* ---- The table ---- */

struct step {
    uint32_t parent;
    struct str service, name;
    uint8_t kind;
};

static struct step step_of(const struct call_path *p)
{
    return (struct step){p->parent, p->service, p->name, p->kind};
}

static uint32_t hash_bytes(uint32_t h, const void *p, size_t n)
{
    const unsigned char *b = p;
    for (size_t i = 0; i < n; i++)
        h = (h ^ b[i]) * 16777619u;
    return h;
}

static uint32_t step_hash(const struct step *s)
{
    uint32_t h = hash_bytes(2166136261u, &s->parent, sizeof s->parent);
    h = hash_bytes(h, s->service.p, s->service.n);
    h = hash_bytes((h ^ s->kind) * 16777619u, s->name.p, s->name.n);
    return h ^ h >> 15;
}

static bool step_eq(const struct call_path *p, const struct step *s)
{
    return p->parent == s->parent && p->kind == s->kind && str_eq(p->name, s->name) &&
           str_eq(p->service, s->service);
}

static uint32_t *slot_of(const struct call_paths *p, const struct step *s)
{
    for (uint32_t i = step_hash(s) & p->slot_mask;; i = (i + 1) & p->slot_mask) {
        if (!p->slots[i] || step_eq(&p->items[p->slots[i] - 1], s))
            return &p->slots[i];
    }
}

static bool grow(struct call_paths *p)
{
    uint32_t slots = p->slots ? 2 * (p->slot_mask + 1) : FIRST_SLOTS;
    uint32_t *table = arena_calloc(p->arena, slots, sizeof *table);
    if (!table)
        return false;
    p->slots = table;
    p->slot_mask = slots - 1;
    for (uint32_t i = 0; i < p->count; i++) {
        struct step s = step_of(&p->items[i]);
        *slot_of(p, &s) = i + 1;
    }
    return true;
}

/* NO_PARENT in *ret when there are too many paths. */
static int find_or_add(struct call_paths *p, const struct step *s, uint32_t *ret, struct err *err)
{
    uint32_t *slot;
    struct call_path *items;
    if (!p->slots || 2 * p->count > p->slot_mask) {
        if (!grow(p))
            return out_of_memory(err);
    }
    slot = slot_of(p, s);
    *ret = *slot ? *slot - 1 : NO_PARENT;
    if (*slot || p->count == CALL_PATHS_MAX)
        return 0;
    items = arena_grow(p->arena, p->items, p->count, &p->cap, (size_t)p->count + 1, sizeof *items);
    if (!items)
        return out_of_memory(err);
    p->items = items;
    items[p->count] = (struct call_path){
        .parent = s->parent,
        .depth = s->parent == NO_PARENT ? 0 : items[s->parent].depth + 1,
        .service = arena_str(p->arena, s->service),
        .name = arena_str(p->arena, s->name),
        .kind = s->kind,
    };
    sketch_init(&items[p->count].durations, p->arena);
    if (arena_failed(p->arena))
        return out_of_memory(err);
    *slot = p->count + 1;
    *ret = p->count++;
    return 0;
}

/* ---- Adding a trace ---- */

struct trace_times {
    struct light_tree tree;
    struct critical_path critical;
    uint64_t *self_ns;
    uint32_t *path_of; /* span -> path */
};

static int measure(struct call_paths *p, const struct light_trace *trace, struct trace_times *t,
                   struct err *err)
{
    TRY(light_tree_make(trace, &p->scratch, &t->tree, err));
    TRY(critical_path_find(&t->tree, &p->scratch, &t->critical, err));
    TRY(self_time_find(&t->tree, &p->scratch, &t->self_ns, err));
    t->path_of = arena_alloc(&p->scratch, trace->span_count * sizeof *t->path_of);
    return t->path_of ? 0 : out_of_memory(err);
}

static bool count_span(struct call_paths *p, const struct trace_times *t, uint32_t span,
                       uint32_t path)
{
    const struct light_span *s = &t->tree.trace->spans[span];
    struct call_path *c = &p->items[path];
    c->span_count++;
    c->error_count += s->status == STATUS_ERROR;
    c->trace_count += c->last_trace != p->trace_count;
    c->last_trace = p->trace_count;
    c->total_ns += s->duration_ns;
    c->self_ns += t->self_ns[span];
    c->critical_ns += t->critical.span_ns[span];
    return sketch_add(&c->durations, s->duration_ns);
}

static int add_span(struct call_paths *p, struct trace_times *t, uint32_t span, struct err *err)
{
    const struct light_span *s = &t->tree.trace->spans[span];
    uint32_t parent = t->tree.parent[span];
    struct step step = {NO_PARENT, s->service, s->name, s->kind};
    t->path_of[span] = NO_PARENT;
    if (parent != NO_PARENT) {
        step.parent = t->path_of[parent];
        if (step.parent == NO_PARENT) { /* its parent was dropped */
            p->dropped_spans++;
            return 0;
        }
    }
    TRY(find_or_add(p, &step, &t->path_of[span], err));
    if (t->path_of[span] == NO_PARENT) {
        p->dropped_spans++;
        return 0;
    }
    return count_span(p, t, span, t->path_of[span]) ? 0 : out_of_memory(err);
}

int call_paths_add(const struct light_trace *trace, void *user, struct err *err)
{
    struct call_paths *p = user;
    struct trace_times t;
    if (!trace->span_count)
        return 0;
    arena_reset(&p->scratch);
    TRY(measure(p, trace, &t, err));
    p->trace_count++;
    p->span_count += trace->span_count;
    p->duration_ns += trace->spans[t.tree.root].duration_ns;
    for (uint32_t i = 0; i < trace->span_count; i++)
        TRY(add_span(p, &t, t.tree.order[i], err));
    return 0;
}

/* ---- By operation ---- */

static int by_operation(const void *a, const void *b)
{
    const struct call_path_operation *x = a, *y = b;
    int c = str_cmp(x->service, y->service);
    if (!c)
        c = str_cmp(x->name, y->name);
    return c ? c : x->kind - y->kind;
}

static int by_critical_time(const void *a, const void *b)
{
    const struct call_path_operation *x = a, *y = b;
    if (x->critical_ns != y->critical_ns)
        return x->critical_ns > y->critical_ns ? -1 : 1;
    return by_operation(a, b);
}

bool call_paths_by_operation(const struct call_paths *p, struct arena *arena,
                             const struct call_path_operation **ret, uint32_t *count)
{
    struct call_path_operation *all = arena_calloc(arena, p->count, sizeof *all);
    uint32_t kept = 0;
    *ret = all;
    *count = 0;
    if (!all)
        return false;
    for (uint32_t i = 0; i < p->count; i++) {
        const struct call_path *c = &p->items[i];
        all[i] =
            (struct call_path_operation){c->service,     c->name,     c->kind,    c->span_count,
                                         c->error_count, c->total_ns, c->self_ns, c->critical_ns};
    }
    qsort(all, p->count, sizeof *all, by_operation);
    for (uint32_t i = 0; i < p->count; i++) {
        if (!kept || by_operation(&all[kept - 1], &all[i]) != 0) {
            all[kept++] = all[i];
            continue;
        }
        all[kept - 1].span_count += all[i].span_count;
        all[kept - 1].error_count += all[i].error_count;
        all[kept - 1].total_ns += all[i].total_ns;
        all[kept - 1].self_ns += all[i].self_ns;
        all[kept - 1].critical_ns += all[i].critical_ns;
    }
    qsort(all, kept, sizeof *all, by_critical_time);
    *count = kept;
    return true;
}

/* ---- Comparing ---- */

static double per_trace(uint64_t sum, const struct call_paths *p)
{
    return p->trace_count ? (double)sum / (double)p->trace_count : 0;
}

static struct path_difference difference(const struct call_paths *a, uint32_t in_a,
                                         const struct call_paths *b, uint32_t in_b)
{
    static const struct call_path none;
    const struct call_path *x = in_a == NO_PARENT ? &none : &a->items[in_a];
    const struct call_path *y = in_b == NO_PARENT ? &none : &b->items[in_b];
    struct path_difference d = {
        .a = in_a,
        .b = in_b,
        .a_count = per_trace(x->span_count, a),
        .b_count = per_trace(y->span_count, b),
        .a_self_ns = per_trace(x->self_ns, a),
        .b_self_ns = per_trace(y->self_ns, b),
        .a_critical_ns = per_trace(x->critical_ns, a),
        .b_critical_ns = per_trace(y->critical_ns, b),
    };
    d.effect_ns = d.b_self_ns - d.a_self_ns;
    return d;
}

static int by_effect(const void *x, const void *y)
{
    const struct path_difference *p = x, *q = y;
    double a = fabs(p->effect_ns), b = fabs(q->effect_ns);
    if (a != b)
        return a > b ? -1 : 1;
    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    return (p->b > q->b) - (p->b < q->b);
}

int call_paths_compare(const struct call_paths *a, const struct call_paths *b, struct arena *arena,
                       struct path_differences *ret, struct err *err)
{
    uint32_t *b_of_a = arena_alloc(arena, (a->count + 1) * sizeof *b_of_a);
    bool *seen = arena_calloc(arena, (size_t)b->count + 1, sizeof *seen);
    ret->count = 0;
    ret->items = arena_calloc(arena, (size_t)a->count + b->count, sizeof *ret->items);
    if (!b_of_a || !seen || !ret->items)
        return out_of_memory(err);
    /* parents stand before their children in both */
    for (uint32_t i = 0; i < a->count; i++) {
        struct step s = step_of(&a->items[i]);
        bool possible = b->slots && (s.parent == NO_PARENT || b_of_a[s.parent] != NO_PARENT);
        b_of_a[i] = NO_PARENT;
        if (possible) {
            s.parent = s.parent == NO_PARENT ? NO_PARENT : b_of_a[s.parent];
            b_of_a[i] = *slot_of(b, &s) - 1; /* a free slot: NO_PARENT */
        }
        if (b_of_a[i] != NO_PARENT)
            seen[b_of_a[i]] = true;
        ret->items[ret->count++] = difference(a, i, b, b_of_a[i]);
    }
    for (uint32_t i = 0; i < b->count; i++) {
        if (!seen[i])
            ret->items[ret->count++] = difference(a, NO_PARENT, b, i);
    }
    qsort(ret->items, ret->count, sizeof *ret->items, by_effect);
    return 0;
}
