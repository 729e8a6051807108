/* light_tree.c - children as counted lists, circles found by walking up once. */
#include "analysis/light_tree.h"

#include <stdlib.h>

static const uint32_t UNSEEN = UINT32_MAX;

/* Walks up from every span until known ground; coming back to the walk's own steps means a circle. Spans are ordered by
 * start, so the smallest index of a circle is its earliest span. */
static void break_circles(struct light_tree *t, uint32_t *walk_of)
{
    uint32_t count = t->trace->span_count;
    memset(walk_of, 0xff, count * sizeof *walk_of);
    for (uint32_t walk = 0; walk < count; walk++) {
        uint32_t i = walk, earliest;
        while (i != NO_PARENT && walk_of[i] == UNSEEN) {
            walk_of[i] = walk;
            i = t->parent[i];
        }
        if (i == NO_PARENT || walk_of[i] != walk)
            continue;
        earliest = i;
        for (uint32_t k = t->parent[i]; k != i; k = t->parent[k])
            earliest = k < earliest ? k : earliest;
        t->parent[earliest] = NO_PARENT;
    }
}

static int latest_end_first(const void *a, const void *b, void *user)
{
    const struct light_span *spans = user;
    uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
    uint64_t x = light_end(&spans[i]), y = light_end(&spans[k]);
    if (x != y)
        return x > y ? -1 : 1;
    return (i < k) - (i > k);
}

static void list_children(struct light_tree *t, uint32_t *next)
{
    uint32_t count = t->trace->span_count;
    for (uint32_t i = 0; i < count; i++) {
        if (t->parent[i] != NO_PARENT)
            t->first[t->parent[i] + 1]++;
    }
    for (uint32_t i = 0; i < count; i++) {
        next[i] = t->first[i];
        t->first[i + 1] += t->first[i];
    }
    for (uint32_t i = 0; i < count; i++) {
        if (t->parent[i] != NO_PARENT)
            t->children[next[t->parent[i]]++] = i;
    }
    for (uint32_t i = 0; i < count; i++)
        qsort_r(t->children + t->first[i], t->first[i + 1] - t->first[i], sizeof *t->children,
                latest_end_first, (void *)(uintptr_t)t->trace->spans);
}

static void put_in_order(struct light_tree *t)
{
    uint32_t count = t->trace->span_count, filled = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (t->parent[i] == NO_PARENT)
            t->order[filled++] = i;
    }
    for (uint32_t at = 0; at < filled; at++) {
        uint32_t i = t->order[at];
        for (uint32_t k = t->first[i]; k < t->first[i + 1]; k++)
            t->order[filled++] = t->children[k];
    }
}

static uint32_t find_root(const struct light_tree *t)
{
    uint32_t top = NO_PARENT;
    for (uint32_t i = 0; i < t->trace->span_count; i++) {
        if (t->parent[i] != NO_PARENT)
            continue;
        if (span_id_is_zero(t->trace->spans[i].parent_span_id))
            return i;
        if (top == NO_PARENT)
            top = i;
    }
    return top;
}

int light_tree_make(const struct light_trace *trace, struct arena *arena, struct light_tree *ret,
                    struct err *err)
{
    uint32_t count = trace->span_count, *scratch;
    if (!count)
        return err_set(err, ERR_INVALID, "the trace has no spans");
    *ret = (struct light_tree){
        .trace = trace,
        .parent = arena_alloc(arena, count * sizeof *ret->parent),
        .first = arena_calloc(arena, (size_t)count + 1, sizeof *ret->first),
        .children = arena_alloc(arena, count * sizeof *ret->children),
        .order = arena_alloc(arena, count * sizeof *ret->order),
    };
    scratch = arena_alloc(arena, count * sizeof *scratch);
    if (!ret->parent || !ret->first || !ret->children || !ret->order || !scratch)
        return err_set(err, ERR_TOO_LARGE, "the analysis needs more memory than it may take");
    for (uint32_t i = 0; i < count; i++)
        ret->parent[i] = trace->spans[i].parent;
    break_circles(ret, scratch);
    list_children(ret, scratch);
    put_in_order(ret);
    ret->root = find_root(ret);
    return 0;
}
