/* head.c - inserting requests into the head's columns and trace table. */
#include "store/head.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/err.h"
#include "store/bytes.h"
#include "store/mem.h"
#include "store/resource.h"

/* A piece of memory of HEAD_SLAB_BYTES (copied bytes or a chunk), or larger when one request is. */
struct head_slab {
    struct head_slab *next;
    size_t size, used;
    _Alignas(16) char bytes[];
};

enum { HUGE_PAGE_BYTES = 2 << 20, HEAD_SLAB_BYTES = HUGE_PAGE_BYTES - 64 };
_Static_assert(sizeof(struct head_slab) <= HUGE_PAGE_BYTES - HEAD_SLAB_BYTES,
               "a slab is one huge page");
_Static_assert(sizeof(struct head_chunk) <= HEAD_SLAB_BYTES, "a chunk is one slab");

enum {
    TRACE_SLOTS_MIN = 1024,
    SPAN_BYTES_MIN = 30, /* tag and length, the two ids with theirs: no valid span is shorter */
};

void head_pool_init(struct head_pool *p)
{
    *p = (struct head_pool){.free = NULL};
    pthread_mutex_init(&p->lock, NULL);
}

/* A huge page by itself, so that it goes back to the system when it is released; aligned by cutting. */
static struct head_slab *slab_map(void)
{
    const size_t size = HUGE_PAGE_BYTES;
    char *p = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t before;
    if (p == MAP_FAILED)
        return NULL;
    before = (size - (uintptr_t)p % size) % size;
    if (before)
        munmap(p, before);
    munmap(p + before + size, size - before);
    madvise(p + before, size, MADV_HUGEPAGE); /* one page fault instead of 512 */
    return (struct head_slab *)(void *)(p + before);
}

static void slab_free(struct head_slab *slab)
{
    if (slab->size == HEAD_SLAB_BYTES)
        munmap(slab, HUGE_PAGE_BYTES);
    else
        free(slab);
}

void head_pool_trim(struct head_pool *p)
{
    struct head_slab *list;
    pthread_mutex_lock(&p->lock);
    list = p->free;
    p->free = NULL;
    p->free_count = 0;
    pthread_mutex_unlock(&p->lock);
    for (struct head_slab *next; list; list = next) {
        next = list->next;
        slab_free(list);
    }
}

void head_pool_release(struct head_pool *p)
{
    head_pool_trim(p);
    pthread_mutex_destroy(&p->lock);
}

/* NULL when out of memory. */
static struct head_slab *slab_new(struct head_pool *p, size_t size)
{
    struct head_slab *slab = NULL;
    if (size <= HEAD_SLAB_BYTES) {
        size = HEAD_SLAB_BYTES;
        pthread_mutex_lock(&p->lock);
        slab = p->free;
        if (slab) {
            p->free = slab->next;
            p->free_count--;
        }
        pthread_mutex_unlock(&p->lock);
    }
    if (!slab)
        slab = size == HEAD_SLAB_BYTES ? slab_map() : malloc(sizeof *slab + size);
    if (slab)
        *slab = (struct head_slab){.size = size};
    return slab;
}

/* As many as the last head had are kept, or a part of what was kept before: memory goes back when the load does. */
static void slabs_free(struct head_pool *p, struct head_slab *list)
{
    uint32_t count = 0;
    for (struct head_slab *slab = list; slab; slab = slab->next)
        count++;
    pthread_mutex_lock(&p->lock);
    p->free_max = count > p->free_max / 4 * 3 ? count : p->free_max / 4 * 3;
    for (struct head_slab *slab = list, *next; slab; slab = next) {
        next = slab->next;
        if (slab->size != HEAD_SLAB_BYTES || p->free_count >= p->free_max) {
            slab_free(slab);
            continue;
        }
        slab->next = p->free;
        p->free = slab;
        p->free_count++;
    }
    while (p->free_count > p->free_max) {
        struct head_slab *slab = p->free;
        p->free = slab->next;
        p->free_count--;
        slab_free(slab);
    }
    pthread_mutex_unlock(&p->lock);
}

struct head *head_new(struct head_pool *pool)
{
    struct head *h = mem_calloc(1, sizeof *h);
    h->pool = pool;
    atomic_init(&h->refs, 1);
    pthread_mutex_init(&h->lock, NULL);
    h->trace_mask = TRACE_SLOTS_MIN - 1;
    h->trace_slots = mem_calloc(TRACE_SLOTS_MIN, sizeof *h->trace_slots);
    return h;
}

struct head *head_ref(struct head *h)
{
    atomic_fetch_add_explicit(&h->refs, 1, memory_order_relaxed);
    return h;
}

void head_unref(struct head *h)
{
    if (!h || atomic_fetch_sub_explicit(&h->refs, 1, memory_order_acq_rel) != 1)
        return;
    slabs_free(h->pool, h->slabs);
    dict_release(&h->services);
    dict_release(&h->names);
    dict_release(&h->resources);
    dict_release(&h->scopes);
    dead_rows_unref(h->dead);
    free(h->resource_service);
    free(h->traces);
    free(h->trace_slots);
    pthread_mutex_destroy(&h->lock);
    free(h);
}

/* A stable copy. Requests share slabs while they fit, so that many small ones cost no allocation each. */
static struct str slab_copy(struct head *h, struct str s)
{
    struct head_slab *slab = h->slabs;
    char *at;
    if (!slab || slab->size - slab->used < s.n) {
        slab = slab_new(h->pool, s.n);
        if (!slab)
            return (struct str){NULL, 0};
        slab->next = h->slabs;
        h->slabs = slab;
    }
    at = slab->bytes + slab->used;
    memcpy(at, s.p ? s.p : "", s.n);
    slab->used += s.n;
    return str_make(at, s.n);
}

/* A chunk is a slab of its own, filled from the start; it goes behind the one that is being filled with bytes. */
static struct head_chunk *chunk_new(struct head *h)
{
    struct head_slab *slab = slab_new(h->pool, sizeof(struct head_chunk));
    if (!slab)
        abort();
    slab->used = slab->size;
    if (h->slabs) {
        slab->next = h->slabs->next;
        h->slabs->next = slab;
    } else {
        h->slabs = slab;
    }
    return (struct head_chunk *)(void *)slab->bytes;
}

/* For dict_intern_kept: resources and scopes come from the walk's buffer. They are small: no failure allowed. */
static struct str keep_in_slab(struct str s, void *user)
{
    struct str copy = slab_copy(user, s);
    if (!copy.p)
        abort();
    return copy;
}

static uint64_t trace_hash(struct trace_id id)
{
    return XXH3_64bits(id.bytes, sizeof id.bytes);
}

static void traces_rehash(struct head *h)
{
    uint32_t slots = (h->trace_mask + 1) * 2;
    free(h->trace_slots);
    h->trace_slots = mem_calloc(slots, sizeof *h->trace_slots);
    h->trace_mask = slots - 1;
    for (size_t i = 0; i < h->trace_count; i++) {
        uint32_t at = (uint32_t)trace_hash(h->traces[i].id) & h->trace_mask;
        while (h->trace_slots[at])
            at = (at + 1) & h->trace_mask;
        h->trace_slots[at] = (uint32_t)i + 1;
    }
}

/* The slot of the trace, or the free one where it belongs. */
static uint32_t trace_probe(const struct head *h, struct trace_id id)
{
    uint32_t at = (uint32_t)trace_hash(id) & h->trace_mask;
    while (h->trace_slots[at] && !trace_id_eq(h->traces[h->trace_slots[at] - 1].id, id))
        at = (at + 1) & h->trace_mask;
    return at;
}

static struct head_trace *trace_of(struct head *h, struct trace_id id)
{
    uint32_t at = trace_probe(h, id);
    if (h->trace_slots[at])
        return &h->traces[h->trace_slots[at] - 1];
    if (h->trace_count >= (h->trace_mask + 1) / 2) {
        traces_rehash(h);
        at = trace_probe(h, id);
    }
    h->traces = mem_grow(h->traces, &h->trace_cap, h->trace_count + 1, sizeof *h->traces);
    h->traces[h->trace_count] =
        (struct head_trace){.id = id, .start_ns = UINT64_MAX, .last_row = HEAD_NO_ROW};
    h->trace_slots[at] = (uint32_t)++h->trace_count;
    return &h->traces[h->trace_count - 1];
}

uint32_t head_trace_last_row(struct head *h, struct trace_id id)
{
    uint32_t slot, row;
    pthread_mutex_lock(&h->lock);
    slot = h->trace_slots[trace_probe(h, id)];
    row = slot ? h->traces[slot - 1].last_row : HEAD_NO_ROW;
    pthread_mutex_unlock(&h->lock);
    return row;
}

/* The resource's id; a new one is decoded once for its service name. */
static uint32_t intern_resource(struct head *h, struct str fields)
{
    uint32_t known = h->resources.count;
    uint32_t id = dict_intern_kept(&h->resources, fields, keep_in_slab, h);
    struct str service;
    if (id != known)
        return id;
    service = keep_in_slab(resource_service_name(fields), h);
    h->resource_service =
        mem_grow(h->resource_service, &h->resource_service_cap, (size_t)id + 1, sizeof(uint32_t));
    h->resource_service[id] = dict_intern(&h->services, service);
    return id;
}

static void put_row(struct head *h, uint32_t row, const struct walk_span *s, uint32_t resource,
                    uint32_t scope)
{
    struct head_chunk *c = h->chunks[row / HEAD_CHUNK_ROWS];
    uint32_t i = row % HEAD_CHUNK_ROWS;
    struct head_trace *trace = trace_of(h, s->trace_id);
    c->start_ns[i] = s->start_ns;
    c->duration_ns[i] = s->end_ns > s->start_ns ? s->end_ns - s->start_ns : 0;
    c->span_id[i] = s->span_id;
    c->parent_id[i] = s->parent_span_id;
    c->service[i] = h->resource_service[resource];
    c->name[i] = dict_intern(&h->names, s->name);
    c->resource[i] = resource;
    c->scope[i] = scope;
    c->kind[i] = s->kind;
    c->status[i] = s->status;
    c->bytes[i] = s->bytes.p;
    c->bytes_n[i] = (uint32_t)s->bytes.n;
    c->trace_id[i] = s->trace_id;
    c->trace[i] = (uint32_t)(trace - h->traces);
    c->previous[i] = trace->last_row;
    trace->last_row = row;
    trace->row_count++;
    if (s->start_ns < trace->start_ns)
        trace->start_ns = s->start_ns;
}

static int insert_spans(struct head *h, struct str request, uint32_t first, uint32_t *ret)
{
    struct walk w;
    struct walk_span s;
    uint32_t row = first, resource = 0, scope = 0;
    int rc;
    walk_init(&w, request);
    while ((rc = walk_next(&w, &s)) > 0) {
        if (w.resource_changed)
            resource = intern_resource(h, buf_str(&w.resource));
        if (w.scope_changed)
            scope = dict_intern_kept(&h->scopes, buf_str(&w.scope), keep_in_slab, h);
        w.resource_changed = w.scope_changed = false;
        if (!h->chunks[row / HEAD_CHUNK_ROWS])
            h->chunks[row / HEAD_CHUNK_ROWS] = chunk_new(h);
        put_row(h, row++, &s, resource, scope);
    }
    walk_release(&w);
    *ret = row - first;
    return rc;
}

int head_insert(struct head *h, struct str request, uint32_t *ret_spans)
{
    uint32_t first = atomic_load_explicit(&h->row_count, memory_order_relaxed), count = 0;
    int rc;
    if (request.n / SPAN_BYTES_MIN > HEAD_ROWS_MAX - first)
        return ERR_TOO_LARGE;
    request = slab_copy(h, request);
    if (!request.p)
        return ERR_NOMEM;
    pthread_mutex_lock(&h->lock);
    rc = insert_spans(h, request, first, &count);
    pthread_mutex_unlock(&h->lock);
    atomic_fetch_add_explicit(&h->bytes, request.n, memory_order_relaxed);
    if (!h->created_ns && count)
        h->created_ns = clock_monotonic_ns();
    atomic_store_explicit(&h->row_count, first + count, memory_order_release);
    *ret_spans = count;
    return rc;
}
