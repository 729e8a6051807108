/* ring.h - the way of ended spans from one thread to the drainer: a byte ring with one writer and one reader.
 *
 * The writer never blocks, allocates or fails loudly. A record is struct record, a span_head, then the span's items (or
 * a pointer to them when they outgrew the slot); records do not wrap: the rest of the buffer is skipped instead. The
 * memory is touched as far as it is used: a writer that finds the ring empty now and then starts at its begin again.
 * Owned by a thread's state, lent to one queue; never unmapped, since a writer may be in it at any time. */
#ifndef SDK_RING_H
#define SDK_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "tracer/slot.h"

struct queue;

enum record_kind { RECORD_SKIP, RECORD_INLINE, RECORD_HEAP };

struct record {
    uint32_t bytes; /* with this; a multiple of 8 */
    uint32_t kind;
};

struct ring {
    /* the writer's */
    _Alignas(64) uint64_t head, known_tail;
    uint32_t unpublished;    /* spans not yet added to the queue's counter */
    _Atomic uint64_t pushed; /* spans; the release store publishes a record */
    _Atomic uint64_t dropped;
    /* the reader's */
    _Alignas(64) _Atomic uint64_t tail;
    uint64_t popped, goal; /* spans */
    /* constant while lent */
    _Alignas(64) unsigned char *buf;
    uint64_t bytes;                /* a power of two */
    _Atomic(struct queue *) queue; /* NULL = not lent */
    struct ring *next;             /* of the queue's rings */
};

/* NULL when there is no memory. */
struct ring *ring_new(uint64_t bytes);
/* Empty again; nobody may use it meanwhile. */
void ring_reset(struct ring *ring);
/* Gives the pages back to the system; the content is lost. */
void ring_forget(struct ring *ring);

enum { RING_RESTART_EVERY = 64 * 1024 };

/* Writer. Copies head and items; takes over a reference of head.trace_state and items with memory of their own.
 * end_ns goes into the record alone: a store to the slot just before the copy would hold the copy up. False: full. */
bool ring_push(struct ring *ring, const struct slot *slot, uint64_t end_ns);

/* Reader. The next record, valid until ring_pop_done; there must be one (popped < pushed). */
const struct record *ring_peek(struct ring *ring);
void ring_pop_done(struct ring *ring, const struct record *record);

#endif
