/* world.h - random spans in a store and the same in one array: what the executor's answers are compared with.
 *
 * Spread over several parts and the head; keys with several types, events, links, deleted traces, traces that lie in
 * several parts. Each span is stored once. CAIRN_TEST_SEED chooses another world. */
#ifndef TESTS_QUERY_WORLD_H
#define TESTS_QUERY_WORLD_H

#include "fixture.h"
#include "traceql/traceql.h"

enum { WORLD_TRACES = 150, WORLD_SPANS_MAX = 3000, WORLD_SERVICES = 5 };

struct world {
    struct arena arena;
    struct span spans[WORLD_SPANS_MAX]; /* those of deleted traces are gone; by trace */
    size_t count;
    uint64_t start_ns, end_ns; /* all start inside */
    struct store *store;
    char *dir;
    struct rng rng;
};

int world_setup(void **state); /* for cmocka: *state is a struct world */
int world_teardown(void **state);

/* Fields of every kind that needs no trace, often such as have values. */
struct field world_field(struct world *w);
/* In leaf form, up to `depth` deep. */
const struct expr *world_filter(struct world *w, struct arena *a, int depth);

/* The field's value by the syntax tree's own meaning. */
struct value world_value(const struct field *f, const struct span *span, struct arena *scratch);

#endif
