/* pause.h - waiting between two tries, until it is time or somebody asks to stop. Survives fork(): no lock of it is
 * held by a thread that the child does not have. */
#ifndef OTLP_PAUSE_H
#define OTLP_PAUSE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct pause {
    pthread_mutex_t mutex;
    pthread_cond_t stopped;
    atomic_bool stop;
    struct pause *next; /* of all live ones */
};

void pause_init(struct pause *p);
void pause_release(struct pause *p);

/* False, without the wait, when the deadline would pass meanwhile; false when somebody asked to stop. */
bool pause_ms(struct pause *p, uint64_t ms, uint64_t deadline_ns);
/* For good; from any thread. */
void pause_stop(struct pause *p);
bool pause_is_stopped(const struct pause *p);

#endif
