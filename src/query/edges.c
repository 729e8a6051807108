/* edges.c - see edges.h. */
#include "query/edges.h"

#include <stdlib.h>

#include "query/settle.h"
#include "store/mem.h"

static _Atomic size_t bytes_in_all;

size_t edges_bytes(void)
{
    return atomic_load(&bytes_in_all);
}

bool edge_add(struct edge_sum *sum, uint64_t duration_ns, bool error, uint64_t n)
{
    sum->calls += n;
    sum->errors += error ? n : 0;
    sum->duration_ns += duration_ns * n;
    return sketch_add_n(&sum->durations, duration_ns, n);
}

bool edge_merge(struct edge_sum *to, const struct edge *from)
{
    bool ok = true;
    to->calls += from->calls;
    to->errors += from->errors;
    to->duration_ns += from->duration_ns;
    for (uint32_t i = 0; i < from->durations_count && ok; i++)
        ok = sketch_add_n(&to->durations, sketch_value(from->durations[i].bucket),
                          from->durations[i].count);
    return ok;
}

static void release(struct part_note *note)
{
    struct part_edges *e = (struct part_edges *)note;
    atomic_fetch_sub(&bytes_in_all, e->bytes);
    pthread_mutex_destroy(&e->lock);
    arena_release(&e->arena);
    free(e);
}

/* ---- Joining a part ---- */

/* What is added up before it is packed. */
struct making {
    struct part_edges *edges;
    struct arena *arena;
    struct pair_ids pairs;
    struct edge_sum *sums; /* by pair */
    size_t count, cap;
    struct left_row *left;
    size_t left_count, left_cap;
};

/* NULL: too many, or the arena is full. */
static struct edge_sum *sum_of(struct making *m, uint32_t parent, uint32_t child)
{
    uint32_t id = pair_ids_put(&m->pairs, parent, child);
    struct edge_sum *sums;
    if (id < m->count)
        return &m->sums[id];
    if (id == LABEL_NONE)
        return NULL;
    sums = arena_grow(m->arena, m->sums, m->count, &m->cap, m->count + 1, sizeof *sums);
    if (!sums)
        return NULL;
    m->sums = sums;
    sums[m->count] = (struct edge_sum){.calls = 0};
    sketch_init(&sums[m->count].durations, m->arena);
    return &sums[m->count++];
}

static bool keep_left(struct making *m, const struct window *w, uint32_t child)
{
    struct left_row *left =
        arena_grow(m->arena, m->left, m->left_count, &m->left_cap, m->left_count + 1, sizeof *left);
    if (!left)
        return false;
    m->left = left;
    left[m->left_count++] = (struct left_row){.row = w->rows[child],
                                              .service = w->service[child],
                                              .duration_ns = w->duration_ns[child],
                                              .kind = w->kind[child],
                                              .error = w->status[child] == STATUS_ERROR};
    return true;
}

_Static_assert(_Alignof(struct edge) <= _Alignof(struct left_row) &&
                   sizeof(struct left_row) % _Alignof(struct edge) == 0,
               "they stand behind each other");

enum { TOO_MUCH = 1 };

static int settled(const struct window *w, uint32_t child, uint32_t parent, void *user,
                   struct err *err)
{
    struct making *m = user;
    struct edge_sum *sum;
    (void)err;
    if (parent == NO_ENTRY)
        return keep_left(m, w, child) ? 0 : TOO_MUCH;
    if (w->service[parent] == w->service[child])
        return 0;
    sum = sum_of(m, w->service[parent], w->service[child]);
    if (sum && edge_add(sum, w->duration_ns[child], w->status[child] == STATUS_ERROR, 1))
        return 0;
    return TOO_MUCH;
}

/* ---- Packing ---- */

_Static_assert((int)SKETCH_BUCKETS <= (int)UINT16_MAX, "a bucket's number in 16 bits");

/* The buckets in use; one that has more than 65,535 comes several times. to: NULL = only count. */
static uint32_t pack_durations(const struct sketch *s, struct edge_durations *to)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->size; i++) {
        for (uint64_t left = s->counts[i]; left; n++) {
            uint16_t count = left < UINT16_MAX ? (uint16_t)left : UINT16_MAX;
            if (to)
                to[n] = (struct edge_durations){(uint16_t)(s->first + i), count};
            left -= count;
        }
    }
    return n;
}

static struct edge pack_edge(uint64_t pair, const struct edge_sum *sum,
                             struct edge_durations *durations)
{
    return (struct edge){.parent = (uint32_t)(pair >> 32),
                         .child = (uint32_t)pair,
                         .calls = sum->calls,
                         .errors = sum->errors,
                         .duration_ns = sum->duration_ns,
                         .durations = durations,
                         .durations_count = pack_durations(&sum->durations, durations)};
}

/* In one piece: an arena's chunks would leave as much free again. */
static bool pack(struct making *m)
{
    struct part_edges *e = m->edges;
    struct edge_durations *durations;
    size_t n = 0;
    for (size_t i = 0; i < m->count; i++)
        n += pack_durations(&m->sums[i].durations, NULL);
    e->left = arena_alloc(&e->arena, m->left_count * sizeof *e->left + m->count * sizeof *e->items +
                                         n * sizeof *durations);
    if (!e->left)
        return false;
    if (m->left_count)
        memcpy(e->left, m->left, m->left_count * sizeof *e->left);
    e->left_count = m->left_count;
    e->items = (struct edge *)(e->left + m->left_count);
    durations = (struct edge_durations *)(e->items + m->count);
    for (; e->count < m->count; e->count++) {
        e->items[e->count] = pack_edge(m->pairs.items[e->count], &m->sums[e->count], durations);
        durations += e->items[e->count].durations_count;
    }
    return true;
}

/* Sums are in r->hits, which joining does not touch. */
static int make(struct run *r, uint32_t source, struct part_edges *e, struct err *err)
{
    struct part *p = r->snap.sources[source].part;
    struct making m = {.edges = e, .arena = &r->hits};
    struct window w;
    int rc;
    arena_reset(&r->rows);
    arena_reset(&r->hits);
    pair_ids_init(&m.pairs, m.arena);
    TRY(window_of_part(r, source, 0, p->row_count, &r->rows, &w, err));
    rc = window_settle(r, &w, &r->rows, settled, &m, err);
    if (rc < 0)
        return rc;
    e->whole = rc == 0 && pack(&m);
    arena_release(&r->rows); /* a whole part: too much to be held on to */
    if (e->whole)
        e->bytes = e->arena.held_bytes;
    else
        arena_release(&e->arena);
    return 0;
}

int edges_of_part(struct run *r, uint32_t source, struct part_edges **ret, struct err *err)
{
    struct part *p = r->snap.sources[source].part;
    struct part_note *there = atomic_load(&p->note);
    struct part_edges *e;
    int rc;
    *ret = (struct part_edges *)there;
    if (there || edges_bytes() > EDGES_BYTES_IN_ALL)
        return 0;
    e = mem_calloc(1, sizeof *e);
    e->note.release = release;
    pthread_mutex_init(&e->lock, NULL);
    arena_init(&e->arena, EDGES_BYTES_MAX);
    rc = make(r, source, e, err);
    atomic_fetch_add(&bytes_in_all, e->bytes);
    if (rc < 0) {
        release(&e->note);
        return rc;
    }
    *ret = (struct part_edges *)part_keep_note(p, &e->note);
    return 0;
}
