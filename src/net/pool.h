/* pool.h - large buffers that are used again instead of freed.
 *
 * A body of 350 kB fresh from malloc costs a page fault every 4 kB; one that was here before costs none. A loop
 * keeps a few, within POOL_BYTES_MAX; what does not fit is freed. One thread. */
#ifndef NET_POOL_H
#define NET_POOL_H

#include "base/buf.h"

enum {
    POOL_SLOTS = 16,
    POOL_BUFFER_MIN = 16 * 1024,
    POOL_BUFFER_MAX = 4 * 1024 * 1024,
    POOL_BYTES_MAX = 8 * 1024 * 1024,
};

struct pool {
    struct buf slots[POOL_SLOTS];
    unsigned count;
    size_t bytes;
};

/* The smallest kept buffer with room for want bytes but not for more than eight times as much; b, which must be
 * empty, stays empty when there is none. */
void pool_take(struct pool *pool, size_t want, struct buf *b);
/* Keeps or frees b's memory; b is empty afterwards. */
void pool_give(struct pool *pool, struct buf *b);
void pool_release(struct pool *pool);

#endif
