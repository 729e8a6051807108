/* edges.h - calls between services inside one part, added up once and kept with the part.
 *
 * Parts do not change, so what is settled inside one stays so: of each pair of services the calls, errors and how long they
 * took. Rows whose parent is not in the part are kept as a list; where the parent of one was found is remembered. Deleted
 * rows are among all that. */
#ifndef QUERY_EDGES_H
#define QUERY_EDGES_H

#include <pthread.h>

#include "base/sketch.h"
#include "query/labels.h"
#include "query/run.h"

enum {
    EDGES_BYTES_MAX = 4 << 20, /* of one part; one that needs more is joined anew each time */
    EDGES_BYTES_IN_ALL = 256 << 20,
};

struct edge_sum {
    uint64_t calls, errors, duration_ns;
    struct sketch durations;
};

/* n calls (or, to take them away, -n) of one duration. False when the arena is full. */
bool edge_add(struct edge_sum *sum, uint64_t duration_ns, bool error, uint64_t n);

/* So many calls in one bucket of a sketch. */
struct edge_durations {
    uint16_t bucket, count;
};

struct edge {
    uint32_t parent, child; /* the part's services */
    uint64_t calls, errors, duration_ns;
    const struct edge_durations *durations;
    uint32_t durations_count;
};
bool edge_merge(struct edge_sum *to, const struct edge *from);

/* A row whose parent is elsewhere. There may be many: what the part can tell of it again is not here. */
struct left_row {
    uint32_t row;
    uint32_t service;
    uint64_t duration_ns;
    uint8_t kind;
    bool error;
    /* what is known, guarded by the lock: it was found in part `number`, with that part's parent_service; else it is in no
     * part up to that number */
    bool found;
    uint32_t parent_service;
    uint64_t number;
};

struct part_edges {
    struct part_note note;
    struct arena arena;
    size_t bytes; /* of the arena, while it is counted */
    bool whole;   /* else it took too much: nothing is known */
    struct edge *items;
    size_t count;
    struct left_row *left; /* ascending */
    size_t left_count;
    pthread_mutex_t lock;
};

/* From the part, or made now and kept there; NULL when there is no room for them now. Uses r->rows and r->hits. */
int edges_of_part(struct run *r, uint32_t source, struct part_edges **ret, struct err *err);
/* What all parts' sums take. Any thread. */
size_t edges_bytes(void);

#endif
