/* wheel.c - the ring of slots behind a loop's timeouts. */
#include "net/wheel.h"

#include <stddef.h>

static void list_init(struct wheel_timer *head)
{
    head->prev = head->next = head;
}

static void list_push(struct wheel_timer *head, struct wheel_timer *t)
{
    t->prev = head->prev;
    t->next = head;
    head->prev->next = t;
    head->prev = t;
}

void wheel_init(struct wheel *w, uint32_t tick_ms, uint64_t now_ms)
{
    for (unsigned i = 0; i < WHEEL_SLOTS; i++)
        list_init(&w->slots[i]);
    w->tick_ms = tick_ms;
    w->tick = now_ms / tick_ms;
}

void wheel_cancel(struct wheel_timer *t)
{
    if (!t->next)
        return;
    t->prev->next = t->next;
    t->next->prev = t->prev;
    t->prev = t->next = NULL;
}

void wheel_set(struct wheel *w, struct wheel_timer *t, uint64_t due_ms)
{
    uint64_t tick = due_ms / w->tick_ms + 1; /* the first tick at which it is surely due */
    wheel_cancel(t);
    if (tick <= w->tick)
        tick = w->tick + 1;
    if (tick > w->tick + WHEEL_SLOTS - 1)
        tick = w->tick + WHEEL_SLOTS - 1;
    t->due_ms = due_ms;
    list_push(&w->slots[tick % WHEEL_SLOTS], t);
}

static void run_slot(struct wheel *w, struct wheel_timer *slot, uint64_t now_ms,
                     void (*expired)(struct wheel_timer *, void *), void *user)
{
    struct wheel_timer due;
    list_init(&due);
    if (slot->next !=
        slot) { /* taken off as a whole: a callback may hang new ones into this slot */
        due.next = slot->next;
        due.prev = slot->prev;
        due.next->prev = &due;
        due.prev->next = &due;
        list_init(slot);
    }
    while (due.next != &due) {
        struct wheel_timer *t = due.next;
        wheel_cancel(t);
        if (t->due_ms <= now_ms)
            expired(t, user);
        else
            wheel_set(w, t, t->due_ms);
    }
}

void wheel_advance(struct wheel *w, uint64_t now_ms,
                   void (*expired)(struct wheel_timer *t, void *user), void *user)
{
    uint64_t target = now_ms / w->tick_ms;
    if (target > w->tick + WHEEL_SLOTS) /* slept longer than a round: once round is enough */
        w->tick = target - WHEEL_SLOTS;
    while (w->tick < target) {
        w->tick++;
        run_slot(w, &w->slots[w->tick % WHEEL_SLOTS], now_ms, expired, user);
    }
}
