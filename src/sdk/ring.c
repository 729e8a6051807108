/* ring.c - see ring.h. */
#include "sdk/ring.h"

#include <stdlib.h>
#include <sys/mman.h>

struct ring *ring_new(uint64_t bytes)
{
    struct ring *r = aligned_alloc(64, sizeof *r);
    if (!r)
        return NULL;
    memset(r, 0, sizeof *r);
    r->bytes = bytes;
    r->buf = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                  -1, 0);
    if (r->buf == MAP_FAILED) {
        free(r);
        return NULL;
    }
    return r;
}

void ring_reset(struct ring *r)
{
    r->head = r->known_tail = 0;
    r->unpublished = 0;
    r->popped = r->goal = 0;
    atomic_store(&r->tail, 0);
    atomic_store(&r->dropped, 0);
    atomic_store(&r->pushed, 0);
}

void ring_forget(struct ring *r)
{
    madvise(r->buf, r->bytes, MADV_DONTNEED);
}

static inline struct record *record_at(const struct ring *r, uint64_t at)
{
    return (struct record *)(void *)(r->buf + (at & (r->bytes - 1)));
}

/* Bytes from head to the end of the buffer. */
static inline uint64_t until_end(const struct ring *r)
{
    return r->bytes - (r->head & (r->bytes - 1));
}

static inline bool has_room(struct ring *r, uint64_t n)
{
    if (__builtin_expect(r->head + n - r->known_tail <= r->bytes, 1))
        return true;
    r->known_tail = atomic_load_explicit(&r->tail, memory_order_acquire);
    return r->head + n - r->known_tail <= r->bytes;
}

static inline void skip_to_begin(struct ring *r)
{
    struct record *skip = record_at(r, r->head);
    skip->bytes = (uint32_t)until_end(r);
    skip->kind = RECORD_SKIP;
    r->head += skip->bytes;
}

/* Every 64 KiB: if the reader has caught up, go back to the warm begin instead of on into untouched memory. The reader
 * does not look at an empty ring's tail before the next record is published, so that it may be moved here. */
static inline void restart_if_empty(struct ring *r, uint64_t n)
{
    uint64_t at = r->head & (r->bytes - 1);
    if (__builtin_expect(at / RING_RESTART_EVERY == (at + n) / RING_RESTART_EVERY, 1))
        return;
    r->known_tail = atomic_load_explicit(&r->tail, memory_order_acquire);
    if (r->known_tail != r->head || at == 0)
        return;
    r->head += until_end(r);
    r->known_tail = r->head;
    atomic_store_explicit(&r->tail, r->head, memory_order_release);
}

bool ring_push(struct ring *r, const struct slot *slot, uint64_t end_ns)
{
    bool heap = slot->data != slot->inline_data;
    uint64_t items_n = heap ? sizeof slot->data : slot->head.data_n;
    uint64_t n = sizeof(struct record) + sizeof(struct span_head) + items_n;
    struct record *rec;
    unsigned char *at;
    restart_if_empty(r, n);
    if (__builtin_expect(until_end(r) < n, 0)) {
        if (!has_room(r, until_end(r) + n))
            return false;
        skip_to_begin(r);
    }
    if (!has_room(r, n))
        return false;
    rec = record_at(r, r->head);
    rec->bytes = (uint32_t)n;
    rec->kind = heap ? RECORD_HEAP : RECORD_INLINE;
    at = (unsigned char *)(rec + 1);
    memcpy(at, &slot->head, sizeof slot->head);
    memcpy(at + offsetof(struct span_head, end_ns), &end_ns, sizeof end_ns);
    at += sizeof slot->head;
    if (heap)
        memcpy(at, &slot->data, sizeof slot->data);
    else
        memcpy(at, slot->inline_data, items_n);
    r->head += n;
    atomic_store_explicit(&r->pushed, atomic_load_explicit(&r->pushed, memory_order_relaxed) + 1,
                          memory_order_release);
    return true;
}

const struct record *ring_peek(struct ring *r)
{
    uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    const struct record *rec = record_at(r, tail);
    if (rec->kind == RECORD_SKIP) {
        tail += rec->bytes;
        atomic_store_explicit(&r->tail, tail, memory_order_release);
        rec = record_at(r, tail);
    }
    return rec;
}

void ring_pop_done(struct ring *r, const struct record *rec)
{
    uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    r->popped++;
    atomic_store_explicit(&r->tail, tail + rec->bytes, memory_order_release);
}
