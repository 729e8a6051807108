/* tree.c - parents by a hash table of span ids, children as counted lists, rows by an explicit stack. */
#include "api/tree.h"

#include <stdlib.h>

static const uint32_t NONE = UINT32_MAX;

/* Everything by rank, a span's place in the order of start times. */
struct build {
    const struct span *spans;
    uint32_t count;
    uint32_t *ranked; /* rank -> span */
    uint32_t *parent; /* rank -> rank, TREE_ROOT or TREE_ORPHAN */
};

/* --- order of start --- */

struct start {
    uint64_t ns;
    uint32_t span;
};

static int start_cmp(const void *a, const void *b)
{
    const struct start *x = a, *y = b;
    if (x->ns != y->ns)
        return x->ns < y->ns ? -1 : 1;
    return x->span < y->span ? -1 : x->span > y->span;
}

static bool rank(struct build *b, struct arena *arena)
{
    bool ordered = true;
    b->ranked = arena_alloc(arena, b->count * sizeof *b->ranked);
    if (!b->ranked)
        return false;
    for (uint32_t i = 0; i < b->count; i++) {
        b->ranked[i] = i;
        ordered = ordered && (i == 0 || b->spans[i - 1].start_ns <= b->spans[i].start_ns);
    }
    if (ordered) /* engines answer that way */
        return true;
    struct start *starts = arena_alloc(arena, b->count * sizeof *starts);
    if (!starts)
        return false;
    for (uint32_t i = 0; i < b->count; i++)
        starts[i] = (struct start){b->spans[i].start_ns, i};
    qsort(starts, b->count, sizeof *starts, start_cmp);
    for (uint32_t i = 0; i < b->count; i++)
        b->ranked[i] = starts[i].span;
    return true;
}

/* --- parents --- */

static const struct span *ranked_span(const struct build *b, uint32_t rank)
{
    return &b->spans[b->ranked[rank]];
}

/* Ids are random where they are well made; the mixing is for those that count. */
static uint32_t id_hash(struct span_id id)
{
    uint64_t v;
    memcpy(&v, id.bytes, sizeof v);
    v = (v ^ v >> 32) * 0x9e3779b97f4a7c15ull;
    v = (v ^ v >> 29) * 0xbf58476d1ce4e5b9ull;
    return (uint32_t)(v >> 32);
}

/* The slot that holds the rank of the span with this id, or the free one where it belongs. */
static uint32_t *id_slot(const struct build *b, uint32_t *slots, uint32_t mask, struct span_id id)
{
    for (uint32_t i = id_hash(id) & mask;; i = (i + 1) & mask) {
        if (slots[i] == NONE || span_id_eq(ranked_span(b, slots[i])->span_id, id))
            return &slots[i];
    }
}

static bool find_parents(struct build *b, struct arena *arena)
{
    uint32_t capacity = 16, *slots;
    while (capacity < UINT32_MAX / 2 && capacity / 2 < b->count)
        capacity *= 2;
    slots = arena_alloc(arena, capacity * sizeof *slots);
    b->parent = arena_alloc(arena, b->count * sizeof *b->parent);
    if (!slots || !b->parent)
        return false;
    memset(slots, 0xff, capacity * sizeof *slots);
    for (uint32_t i = 0; i < b->count; i++) {
        uint32_t *slot = id_slot(b, slots, capacity - 1, ranked_span(b, i)->span_id);
        if (*slot == NONE)
            *slot = i;
    }
    for (uint32_t i = 0; i < b->count; i++) {
        struct span_id id = ranked_span(b, i)->parent_span_id;
        uint32_t parent = *id_slot(b, slots, capacity - 1, id);
        b->parent[i] = span_id_is_zero(id) ? TREE_ROOT : parent == NONE ? TREE_ORPHAN : parent;
    }
    return true;
}

static bool is_top(uint32_t parent)
{
    return parent >= TREE_ORPHAN;
}

/* Walks up from every span until known ground; coming back to the walk's own steps means a circle. */
static bool break_circles(struct build *b, struct arena *arena)
{
    uint32_t *walk_of = arena_alloc(arena, b->count * sizeof *walk_of);
    if (!walk_of)
        return false;
    memset(walk_of, 0xff, b->count * sizeof *walk_of);
    for (uint32_t walk = 0; walk < b->count; walk++) {
        uint32_t i = walk;
        while (walk_of[i] == NONE && !is_top(b->parent[i])) {
            walk_of[i] = walk;
            i = b->parent[i];
        }
        if (walk_of[i] != walk || is_top(b->parent[i])) {
            if (walk_of[i] == NONE)
                walk_of[i] = walk;
            continue;
        }
        uint32_t earliest = i;
        for (uint32_t j = b->parent[i]; j != i; j = b->parent[j])
            earliest = j < earliest ? j : earliest;
        b->parent[earliest] = TREE_ORPHAN;
    }
    return true;
}

/* --- rows --- */

/* Children of rank r are children[first[r] .. first[r + 1]), by start. */
struct children {
    uint32_t *first, *items;
};

static bool list_children(const struct build *b, struct arena *arena, struct children *ret)
{
    uint32_t *next = arena_alloc(arena, b->count * sizeof *next);
    ret->first = arena_calloc(arena, (size_t)b->count + 1, sizeof *ret->first);
    ret->items = arena_alloc(arena, b->count * sizeof *ret->items);
    if (!next || !ret->first || !ret->items)
        return false;
    for (uint32_t i = 0; i < b->count; i++) {
        if (!is_top(b->parent[i]))
            ret->first[b->parent[i] + 1]++;
    }
    for (uint32_t i = 0; i < b->count; i++) {
        next[i] = ret->first[i];
        ret->first[i + 1] += ret->first[i];
    }
    for (uint32_t i = 0; i < b->count; i++) {
        if (!is_top(b->parent[i]))
            ret->items[next[b->parent[i]]++] = i;
    }
    return true;
}

struct walk {
    const struct build *build;
    const struct children *children;
    uint32_t *stack;  /* ranks still to be given a row */
    uint32_t *row_of; /* rank -> row */
    struct tree *tree;
};

static void place(struct walk *w, uint32_t rank)
{
    struct tree *t = w->tree;
    uint32_t row = t->count++, parent = w->build->parent[rank];
    w->row_of[rank] = row;
    t->span[row] = w->build->ranked[rank];
    t->parent[row] = is_top(parent) ? parent : w->row_of[parent];
    t->depth[row] = is_top(parent) ? 0 : t->depth[t->parent[row]] + 1;
}

/* Gives a row to top and all below it. */
static void descend(struct walk *w, uint32_t top)
{
    const struct children *c = w->children;
    uint32_t n = 0;
    w->stack[n++] = top;
    while (n) {
        uint32_t rank = w->stack[--n];
        place(w, rank);
        for (uint32_t i = c->first[rank + 1]; i > c->first[rank]; i--)
            w->stack[n++] = c->items[i - 1];
    }
}

static uint32_t descend_all(struct walk *w, uint32_t kind)
{
    uint32_t tops = 0;
    for (uint32_t i = 0; i < w->build->count; i++) {
        if (w->build->parent[i] == kind) {
            descend(w, i);
            tops++;
        }
    }
    return tops;
}

bool tree_build(const struct span *spans, uint32_t count, struct arena *arena, struct tree *ret)
{
    struct build b = {.spans = spans, .count = count};
    struct children children;
    struct walk walk = {.build = &b, .children = &children, .tree = ret};
    *ret = (struct tree){0};
    if (!rank(&b, arena) || !find_parents(&b, arena) || !break_circles(&b, arena) ||
        !list_children(&b, arena, &children))
        return false;
    walk.stack = arena_alloc(arena, count * sizeof *walk.stack);
    walk.row_of = arena_alloc(arena, count * sizeof *walk.row_of);
    ret->span = arena_alloc(arena, count * sizeof *ret->span);
    ret->parent = arena_alloc(arena, count * sizeof *ret->parent);
    ret->depth = arena_alloc(arena, count * sizeof *ret->depth);
    if (!walk.stack || !walk.row_of || !ret->span || !ret->parent || !ret->depth)
        return false;
    ret->root_count = descend_all(&walk, TREE_ROOT);
    ret->orphan_count = descend_all(&walk, TREE_ORPHAN);
    return true;
}
