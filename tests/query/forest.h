/* forest.h - random traces with odd trees, in a store and in one array, and random conditions about them.
 *
 * Orphans, several roots, spans that share an id, circles of parents, traces that lie in several parts and the head, spans
 * that were sent twice, deleted traces; attributes of all types in all places. CAIRN_TEST_SEED chooses another forest. */
#ifndef TESTS_QUERY_FOREST_H
#define TESTS_QUERY_FOREST_H

#include "fixture.h"
#include "traceql/traceql.h"

enum { FOREST_TRACES = 80, FOREST_SPANS_MAX = 3000, FOREST_TRACE_MAX = 120, FOREST_PATTERNS = 5 };

struct forest {
    struct arena arena;
    uint64_t seed;
    struct rng rng;
    struct span
        spans[FOREST_SPANS_MAX]; /* those of deleted traces are gone; by trace, then start */
    uint32_t count;
    const struct resource *resources[4];
    const struct scope *scopes[3];
    const struct pattern *patterns[FOREST_PATTERNS];
    struct store *store;
    char *dir;
};

int forest_setup(void **state); /* for cmocka: *state is a struct forest */
int forest_teardown(void **state);

/* In both forms; trace: with fields that need the whole trace. */
const struct expr *forest_condition(struct forest *f, struct arena *a, int depth, bool trace);
/* EXPR_FIELD. */
const struct expr *forest_field(struct forest *f, struct arena *a, bool trace);

#endif
