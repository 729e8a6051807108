/* newest.c - see newest.h. */
#include "query/newest.h"

#include <stdlib.h>

/* Newest first; equal starts by id, so that the answer does not depend on where spans lie. */
static int found_cmp(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    if (x->start_ns != y->start_ns)
        return x->start_ns > y->start_ns ? -1 : 1;
    return memcmp(x->id.bytes, y->id.bytes, sizeof x->id.bytes);
}

static bool worse(const struct found *a, const struct found *b)
{
    return found_cmp(a, b) > 0;
}

static void swap(struct found *a, struct found *b)
{
    struct found t = *a;
    *a = *b;
    *b = t;
}

static void sift_up(struct newest *n, size_t at)
{
    while (at && worse(&n->heap[at], &n->heap[(at - 1) / 2])) {
        swap(&n->heap[at], &n->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static void sift_down(struct newest *n, size_t at)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= n->count)
            return;
        if (child + 1 < n->count && worse(&n->heap[child + 1], &n->heap[child]))
            child++;
        if (!worse(&n->heap[child], &n->heap[at]))
            return;
        swap(&n->heap[child], &n->heap[at]);
        at = child;
    }
}

static bool full(const struct newest *n)
{
    return n->count == n->limit;
}

uint64_t newest_floor_ns(const struct newest *n)
{
    return full(n) && n->count ? n->heap[0].start_ns : 0;
}

int newest_keep(struct newest *n, struct found found, struct err *err)
{
    if (full(n)) {
        if (!n->count || !worse(&n->heap[0], &found))
            return 0;
        n->heap[0] = found;
        sift_down(n, 0);
        return 0;
    }
    struct found *heap =
        arena_grow(n->arena, n->heap, n->count, &n->cap, n->count + 1, sizeof *n->heap);
    if (!heap)
        return run_out_of_memory(err);
    n->heap = heap;
    n->heap[n->count++] = found;
    sift_up(n, n->count - 1);
    return 0;
}

void newest_sort(struct newest *n)
{
    if (n->count)
        qsort(n->heap, n->count, sizeof *n->heap, found_cmp);
}
