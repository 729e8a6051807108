/* edges.h - calls between services inside one part, added up once and kept with the part.
 *
 * Parts do not change, so what is settled inside one stays so: by chunks of rows, which are stretches of time, the calls of each
 * pair of services. Rows whose parent is not in the part are kept as a list. Deleted rows are among all that. */
#ifndef QUERY_EDGES_H
#define QUERY_EDGES_H

#include "base/sketch.h"
#include "query/labels.h"
#include "query/run.h"

enum {
    EDGES_CHUNK_GROUPS = 16,       /* groups of rows in a chunk */
    EDGES_BYTES_MAX = 8 << 20,     /* of one part; one that needs more is joined anew each time */
    EDGES_BYTES_IN_ALL = 256 << 20 /* of all parts */
};

struct edge_sum {
    uint64_t calls, errors, duration_ns;
    struct sketch durations;
};

struct edge {
    uint32_t parent, child; /* the source's services */
    struct edge_sum sum;
};

struct edge_chunk {
    uint32_t first_row, end_row;
    uint64_t start_min_ns, start_max_ns; /* of all its rows */
    struct pair_ids pairs;               /* of services; its numbers are those of items */
    struct edge *items;
    size_t count, cap;
};

struct left_row {
    uint32_t row;
    uint64_t start_ns;
};

struct part_edges {
    struct part_note note;
    struct arena arena;
    bool whole; /* else it took more than EDGES_BYTES_MAX: nothing is known */
    struct edge_chunk *chunks;
    uint32_t chunk_count;
    struct edge_chunk total; /* of all chunks */
    struct left_row *left;   /* ascending */
    size_t left_count, left_cap;
};

/* From the part, or made now and kept there. Uses r->rows. */
int edges_of_part(struct run *r, uint32_t source, const struct part_edges **ret, struct err *err);

/* n calls (or, to take them away, -n) of one duration. False when the arena is full. */
bool edge_add(struct edge_sum *sum, uint64_t duration_ns, bool error, uint64_t n);
bool edge_merge(struct edge_sum *to, const struct edge_sum *from);

#endif
