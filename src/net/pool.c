/* pool.c - first fit over a handful of slots. */
#include "net/pool.h"

void pool_take(struct pool *pool, size_t want, struct buf *b)
{
    unsigned best = POOL_SLOTS;
    for (unsigned i = 0; i < pool->count; i++) {
        size_t cap = pool->slots[i].cap;
        if (cap >= want && cap / 8 <= want && (best == POOL_SLOTS || cap < pool->slots[best].cap))
            best = i;
    }
    if (best == POOL_SLOTS)
        return;
    *b = pool->slots[best];
    pool->bytes -= b->cap;
    pool->slots[best] = pool->slots[--pool->count];
    buf_clear(b);
}

void pool_give(struct pool *pool, struct buf *b)
{
    if (b->cap >= POOL_BUFFER_MIN && b->cap <= POOL_BUFFER_MAX && pool->count < POOL_SLOTS &&
        b->cap <= POOL_BYTES_MAX - pool->bytes) {
        pool->bytes += b->cap;
        pool->slots[pool->count++] = *b;
        buf_init(b, 0);
    }
    buf_release(b);
}

void pool_release(struct pool *pool)
{
    while (pool->count)
        buf_release(&pool->slots[--pool->count]);
    pool->bytes = 0;
}
