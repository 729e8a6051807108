/* fixture.h - directories, spans and synchronous calls for the tests of store and query. */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include "base/arena.h"
#include "store/store.h"
#include "test.h"

/* A fresh directory under TMPDIR; removed with all it holds. */
char *temp_dir(void);
void temp_dir_remove(char *dir);
void copy_dir(const char *from, const char *to); /* recursively; `to` is created */
/* Of a directory that a store has open, as a crash would leave it: again, when its threads changed it meanwhile. */
void copy_live_dir(const char *from, const char *to);

/* A small deterministic generator. */
struct rng {
    uint64_t state;
};
uint64_t rng_next(struct rng *r);
uint32_t rng_below(struct rng *r, uint32_t n);

/* Options with short waits; ack = fsync. */
struct engine_options test_options(const char *dir);

/* A trace and a span of it: ids, times and some attributes follow from the numbers. In the arena. */
struct trace_id test_trace_id(uint64_t n);
void test_span(struct arena *arena, uint64_t trace, uint32_t span, struct span *ret);
extern const struct resource *const test_resources[3];
extern const struct scope *const test_scopes[2];

/* Appends and waits for the answer. */
int append_wait(struct store *s, const struct span *spans, size_t count);
/* Spans 0..count-1 of the trace. */
int append_trace(struct store *s, uint64_t trace, uint32_t count);

/* How many spans the trace has, or a negative code; checks that they are 0..count-1 of test_span. */
int check_trace(struct store *s, uint64_t trace);

uint64_t total_rows(struct store *s); /* of all sources, but for dead ones */

#endif
