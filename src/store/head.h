/* head.h - the newest spans, in memory: an index over the bytes of the requests that the log holds.
 *
 * Rows are append-only columns in chunks that never move; row_count is published after the rows are complete, so
 * readers scan without a lock. Looking things up (a trace's rows, a dictionary) takes the lock for a moment.
 * One writer thread. A frozen head (being sealed) is one that nobody appends to any more. */
#ifndef STORE_HEAD_H
#define STORE_HEAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/dead.h"
#include "store/dict.h"
#include "store/walk.h"

enum {
    HEAD_CHUNK_ROWS = 16384,
    HEAD_CHUNKS_MAX = 512,
    HEAD_ROWS_MAX = HEAD_CHUNK_ROWS * HEAD_CHUNKS_MAX,
    HEAD_NO_ROW = UINT32_MAX,
};

/* The columns of HEAD_CHUNK_ROWS rows. */
struct head_chunk {
    uint64_t start_ns[HEAD_CHUNK_ROWS];
    uint64_t duration_ns[HEAD_CHUNK_ROWS];
    struct span_id span_id[HEAD_CHUNK_ROWS], parent_id[HEAD_CHUNK_ROWS];
    uint32_t service[HEAD_CHUNK_ROWS], name[HEAD_CHUNK_ROWS];
    uint32_t resource[HEAD_CHUNK_ROWS], scope[HEAD_CHUNK_ROWS];
    uint8_t kind[HEAD_CHUNK_ROWS], status[HEAD_CHUNK_ROWS];
    uint32_t bytes_n[HEAD_CHUNK_ROWS]; /* of the Span message */
    const char *bytes[HEAD_CHUNK_ROWS];
    struct trace_id trace_id[HEAD_CHUNK_ROWS];
    uint32_t trace[HEAD_CHUNK_ROWS];    /* index in the head's traces */
    uint32_t previous[HEAD_CHUNK_ROWS]; /* row of the same trace, or HEAD_NO_ROW */
};

struct head_trace {
    struct trace_id id;
    uint64_t start_ns; /* of its earliest span here */
    uint32_t last_row, row_count;
};

/* Memory of heads comes and goes in pieces of one size, which are kept for the next head: fresh pages from the
 * kernel cost more than filling them. Thread-safe. */
struct head_pool {
    pthread_mutex_t lock;
    struct head_slab *free;
    uint32_t free_count, free_max;
};

void head_pool_init(struct head_pool *p);
void head_pool_release(struct head_pool *p);
void head_pool_trim(struct head_pool *p); /* gives back what is kept */

struct head_slab;

struct head {
    struct head_pool *pool; /* outlives the head */
    _Atomic uint32_t refs;
    _Atomic uint32_t row_count; /* published */
    struct head_chunk *chunks[HEAD_CHUNKS_MAX];

    pthread_mutex_t lock; /* the index below; the writer changes it under the lock */
    struct dict services, names, resources, scopes;
    uint32_t *resource_service; /* service id of each resource */
    size_t resource_service_cap;
    struct head_trace *traces;
    size_t trace_count, trace_cap;
    uint32_t *trace_slots; /* index of traces + 1; 0 = free */
    uint32_t trace_mask;

    struct head_slab *slabs;              /* the copied bytes */
    _Atomic uint64_t bytes;               /* of payloads taken */
    uint64_t created_ns;                  /* monotonic, of the oldest batch; 0 = empty */
    uint64_t last_sequence, last_segment; /* of the log, that it covers */
    struct dead_rows *dead;               /* rows of deleted traces; guarded by the store's lock */
};

/* refs is 1. */
struct head *head_new(struct head_pool *pool);
struct head *head_ref(struct head *h);
void head_unref(struct head *h); /* NULL is fine */

/* Takes a copy of the request and indexes its spans; *ret_spans of them. Readers see all of them or none.
 * ERR_INVALID when the bytes are no request (the spans before the bad byte stay), ERR_TOO_LARGE when the head has
 * no room for so many rows (freeze it and take a new one), ERR_NOMEM. */
int head_insert(struct head *h, struct str request, uint32_t *ret_spans);

static inline const struct head_chunk *head_chunk(const struct head *h, uint32_t row)
{
    return h->chunks[row / HEAD_CHUNK_ROWS];
}

/* The newest row of the trace, or HEAD_NO_ROW; go on with `previous`. May be newer than a snapshot: compare. */
uint32_t head_trace_last_row(struct head *h, struct trace_id id);

#endif
