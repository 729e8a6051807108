/* edges.c - see edges.h. */
#include "query/edges.h"

#include <stdlib.h>

#include "query/settle.h"
#include "store/mem.h"

static _Atomic size_t bytes_in_all;

bool edge_add(struct edge_sum *sum, uint64_t duration_ns, bool error, uint64_t n)
{
    sum->calls += n;
    sum->errors += error ? n : 0;
    sum->duration_ns += duration_ns * n;
    return sketch_add_n(&sum->durations, duration_ns, n);
}

bool edge_merge(struct edge_sum *to, const struct edge_sum *from)
{
    to->calls += from->calls;
    to->errors += from->errors;
    to->duration_ns += from->duration_ns;
    return sketch_merge(&to->durations, &from->durations);
}

static void release(struct part_note *note)
{
    struct part_edges *e = (struct part_edges *)note;
    atomic_fetch_sub(&bytes_in_all, e->arena.held_bytes);
    arena_release(&e->arena);
    free(e);
}

/* NULL: too many, or the arena is full. */
static struct edge_sum *sum_of(struct part_edges *e, struct edge_chunk *c, uint32_t parent,
                               uint32_t child)
{
    uint32_t id = pair_ids_put(&c->pairs, parent, child);
    struct edge *items;
    if (id < c->count)
        return &c->items[id].sum;
    if (id == LABEL_NONE)
        return NULL;
    items = arena_grow(&e->arena, c->items, c->count, &c->cap, c->count + 1, sizeof *items);
    if (!items)
        return NULL;
    c->items = items;
    items[c->count] = (struct edge){.parent = parent, .child = child};
    sketch_init(&items[c->count].sum.durations, &e->arena);
    return &items[c->count++].sum;
}

static bool keep_left(struct part_edges *e, uint32_t row, uint64_t start_ns)
{
    struct left_row *left = arena_grow(&e->arena, e->left, e->left_count, &e->left_cap,
                                       e->left_count + 1, sizeof *left);
    if (!left)
        return false;
    e->left = left;
    left[e->left_count++] = (struct left_row){row, start_ns};
    return true;
}

static int settled(const struct window *w, uint32_t child, uint32_t parent, void *user,
                   struct err *err)
{
    struct part_edges *e = user;
    struct edge_chunk *chunk = &e->chunks[w->rows[child] / (EDGES_CHUNK_GROUPS * PART_GROUP_ROWS)];
    struct edge_sum *sum;
    (void)err;
    if (arena_failed(&e->arena))
        return 1; /* too much to be kept */
    if (parent == NO_ENTRY)
        return !keep_left(e, w->rows[child], w->start_ns[child]);
    if (w->service[parent] == w->service[child])
        return 0;
    sum = sum_of(e, chunk, w->service[parent], w->service[child]);
    return !sum || !edge_add(sum, w->duration_ns[child], w->status[child] == STATUS_ERROR, 1);
}

static void make_chunks(struct part_edges *e, const struct part *p)
{
    uint32_t rows = EDGES_CHUNK_GROUPS * PART_GROUP_ROWS;
    e->chunk_count = (p->row_count + rows - 1) / rows;
    e->chunks = arena_calloc(&e->arena, e->chunk_count, sizeof *e->chunks);
    pair_ids_init(&e->total.pairs, &e->arena);
    for (uint32_t i = 0; e->chunks && i < e->chunk_count; i++) {
        struct edge_chunk *c = &e->chunks[i];
        *c = (struct edge_chunk){.first_row = i * rows, .start_min_ns = UINT64_MAX};
        pair_ids_init(&c->pairs, &e->arena);
        c->end_row = p->row_count - c->first_row < rows ? p->row_count : c->first_row + rows;
        for (uint32_t g = i * EDGES_CHUNK_GROUPS;
             g < p->group_count && g < (i + 1) * EDGES_CHUNK_GROUPS; g++) {
            const struct part_group *group = &p->groups[g];
            if (group->start_min_ns < c->start_min_ns)
                c->start_min_ns = group->start_min_ns;
            if (group->start_max_ns > c->start_max_ns)
                c->start_max_ns = group->start_max_ns;
        }
    }
}

static bool add_up(struct part_edges *e)
{
    for (uint32_t i = 0; i < e->chunk_count; i++) {
        for (size_t k = 0; k < e->chunks[i].count; k++) {
            const struct edge *edge = &e->chunks[i].items[k];
            struct edge_sum *sum = sum_of(e, &e->total, edge->parent, edge->child);
            if (!sum || !edge_merge(sum, &edge->sum))
                return false;
        }
    }
    return true;
}

static int make(struct run *r, uint32_t source, struct part_edges *e, struct err *err)
{
    struct part *p = r->snap.sources[source].part;
    struct window w;
    int rc = 0;
    make_chunks(e, p);
    arena_reset(&r->rows);
    if (p->row_count && e->chunks) {
        TRY(window_of_part(r, source, 0, p->row_count, &r->rows, &w, err));
        rc = window_settle(r, &w, &r->rows, settled, e, err);
        if (rc < 0)
            return rc;
    }
    e->whole = rc == 0 && add_up(e) && !arena_failed(&e->arena) &&
               atomic_load(&bytes_in_all) < EDGES_BYTES_IN_ALL;
    if (!e->whole)
        arena_release(&e->arena);
    return 0;
}

int edges_of_part(struct run *r, uint32_t source, const struct part_edges **ret, struct err *err)
{
    struct part *p = r->snap.sources[source].part;
    struct part_note *there = atomic_load(&p->note);
    struct part_edges *e;
    int rc;
    if (there) {
        *ret = (const struct part_edges *)there;
        return 0;
    }
    e = mem_calloc(1, sizeof *e);
    e->note.release = release;
    arena_init(&e->arena, EDGES_BYTES_MAX);
    rc = make(r, source, e, err);
    if (rc < 0) {
        arena_release(&e->arena);
        free(e);
        return rc;
    }
    atomic_fetch_add(&bytes_in_all, e->arena.held_bytes);
    *ret = (const struct part_edges *)part_keep_note(p, &e->note);
    return 0;
}
