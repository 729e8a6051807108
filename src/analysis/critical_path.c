/* critical_path.c - an explicit stack of spans, each with the moment up to which its time is still to be told. */
#include "analysis/critical_path.h"

struct frame {
    uint32_t span, next_child;
    uint64_t start_ns, end_ns; /* of the span, cut to its parent's */
    uint64_t left_ns;          /* everything from here to the end is told */
};

struct path_walk {
    const struct light_tree *tree;
    struct arena *arena;
    struct frame *stack;
    size_t depth, stack_cap;
    struct critical_path *path;
    size_t segment_cap;
};

static int out_of_memory(struct err *err)
{
    return err_set(err, ERR_TOO_LARGE, "the analysis needs more memory than it may take");
}

/* Segments come latest first. */
static int tell(struct path_walk *w, uint32_t span, uint64_t start_ns, uint64_t end_ns,
                struct err *err)
{
    struct critical_path *p = w->path;
    if (start_ns >= end_ns)
        return 0;
    p->segments = arena_grow(w->arena, p->segments, p->segment_count, &w->segment_cap,
                             (size_t)p->segment_count + 1, sizeof *p->segments);
    if (!p->segments)
        return out_of_memory(err);
    p->segments[p->segment_count++] = (struct path_segment){span, start_ns, end_ns};
    p->span_ns[span] += end_ns - start_ns;
    return 0;
}

static int enter(struct path_walk *w, uint32_t span, uint64_t start_ns, uint64_t end_ns,
                 struct err *err)
{
    w->stack =
        arena_grow(w->arena, w->stack, w->depth, &w->stack_cap, w->depth + 1, sizeof *w->stack);
    if (!w->stack)
        return out_of_memory(err);
    w->stack[w->depth++] = (struct frame){span, w->tree->first[span], start_ns, end_ns, end_ns};
    return 0;
}

/* Nobody waits for a consumer: what was produced is handed on. */
static bool is_waited_for(const struct light_span *s)
{
    return s->duration_ns && s->kind != SPAN_KIND_CONSUMER;
}

/* The next child that ended before the moment reached; false when the span waited for none. One that seems to end after
 * its parent (clocks differ) ends with it. */
static bool waited_for(const struct path_walk *w, struct frame *f, uint32_t *child,
                       uint64_t *end_ns)
{
    while (f->next_child < w->tree->first[f->span + 1]) {
        uint32_t i = w->tree->children[f->next_child++];
        const struct light_span *s = &w->tree->trace->spans[i];
        uint64_t end = light_end(s) < f->end_ns ? light_end(s) : f->end_ns;
        if (!is_waited_for(s) || s->start_ns >= end || end > f->left_ns || end <= f->start_ns)
            continue;
        *child = i;
        *end_ns = end;
        return true;
    }
    return false;
}

static int step(struct path_walk *w, struct err *err)
{
    struct frame *f = &w->stack[w->depth - 1];
    const struct light_span *s;
    uint64_t start_ns, end_ns;
    uint32_t child;
    if (!waited_for(w, f, &child, &end_ns)) {
        w->depth--;
        return tell(w, f->span, f->start_ns, f->left_ns, err);
    }
    s = &w->tree->trace->spans[child];
    start_ns = s->start_ns > f->start_ns ? s->start_ns : f->start_ns;
    TRY(tell(w, f->span, end_ns, f->left_ns, err));
    f->left_ns = start_ns;
    return enter(w, child, start_ns, end_ns, err);
}

static void reverse(struct critical_path *p)
{
    for (uint32_t i = 0, k = p->segment_count; i + 1 < k--; i++) {
        struct path_segment t = p->segments[i];
        p->segments[i] = p->segments[k];
        p->segments[k] = t;
    }
}

int critical_path_find(const struct light_tree *tree, struct arena *arena,
                       struct critical_path *ret, struct err *err)
{
    const struct light_span *root = &tree->trace->spans[tree->root];
    struct path_walk w = {.tree = tree, .arena = arena, .path = ret};
    *ret = (struct critical_path){
        .span_ns = arena_calloc(arena, tree->trace->span_count, sizeof *ret->span_ns)};
    if (!ret->span_ns)
        return out_of_memory(err);
    TRY(enter(&w, tree->root, root->start_ns, light_end(root), err));
    while (w.depth)
        TRY(step(&w, err));
    reverse(ret);
    return 0;
}

/* Children come by end, latest first: one sweep backwards covers them, however they overlap. */
static uint64_t self_time(const struct light_tree *t, uint32_t span)
{
    const struct light_span *s = &t->trace->spans[span];
    uint64_t covered = 0, left = light_end(s);
    for (uint32_t k = t->first[span]; k < t->first[span + 1]; k++) {
        const struct light_span *c = &t->trace->spans[t->children[k]];
        uint64_t start = c->start_ns > s->start_ns ? c->start_ns : s->start_ns;
        uint64_t end = light_end(c) < left ? light_end(c) : left;
        if (start >= end)
            continue;
        covered += end - start;
        left = start;
    }
    return s->duration_ns - covered;
}

int self_time_find(const struct light_tree *tree, struct arena *arena, uint64_t **ret,
                   struct err *err)
{
    uint32_t count = tree->trace->span_count;
    *ret = arena_alloc(arena, count * sizeof **ret);
    if (!*ret)
        return out_of_memory(err);
    for (uint32_t i = 0; i < count; i++)
        (*ret)[i] = self_time(tree, i);
    return 0;
}
