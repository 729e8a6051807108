/* wheel.h - one coarse clock for all connections of a loop.
 *
 * A ring of slots, one per tick; a timer hangs in the slot of the tick after its due time, so setting, moving and
 * cancelling are a few pointer writes and an expiry is late by at most one tick. A timer due after the ring's end
 * hangs in the last slot and moves on when that comes round. One thread. */
#ifndef NET_WHEEL_H
#define NET_WHEEL_H

#include <stdint.h>

enum { WHEEL_SLOTS = 256 };

struct wheel_timer {
    struct wheel_timer *prev, *next; /* NULL when not set */
    uint64_t due_ms;
};

struct wheel {
    struct wheel_timer slots[WHEEL_SLOTS]; /* heads of circular lists */
    uint64_t tick;                         /* the last one done */
    uint32_t tick_ms;
};

void wheel_init(struct wheel *w, uint32_t tick_ms, uint64_t now_ms);
/* Sets or moves. */
void wheel_set(struct wheel *w, struct wheel_timer *t, uint64_t due_ms);
void wheel_cancel(struct wheel_timer *t);
/* Calls expired for every timer due at now_ms, after taking it off; it may set any timer again. */
void wheel_advance(struct wheel *w, uint64_t now_ms,
                   void (*expired)(struct wheel_timer *t, void *user), void *user);

#endif
