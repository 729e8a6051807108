/* Appending, sealing, merging and querying at the same time. Run it under ThreadSanitizer. */
#include <pthread.h>
#include <stdatomic.h>

#include "fixture.h"
#include "query/query.h"

enum { WRITERS = 3, READERS = 2, TRACES_PER_WRITER = 150 };

struct shared {
    struct store *store;
    _Atomic uint32_t acked[WRITERS]; /* traces below are acknowledged */
    _Atomic int failures;
    _Atomic int writers_left;
};

struct worker {
    struct shared *shared;
    uint32_t number;
};

static uint64_t trace_number(uint32_t writer, uint32_t i)
{
    return (uint64_t)writer * 100000 + i;
}

static void *write_traces(void *user)
{
    struct worker *w = user;
    for (uint32_t i = 0; i < TRACES_PER_WRITER; i++) {
        int rc;
        while ((rc = append_trace(w->shared->store, trace_number(w->number, i), i % 4 + 1)) ==
               ERR_BUSY)
            usleep(1000);
        if (rc < 0)
            atomic_fetch_add(&w->shared->failures, 1);
        atomic_store(&w->shared->acked[w->number], i + 1);
    }
    atomic_fetch_sub(&w->shared->writers_left, 1);
    return NULL;
}

static void look_for_one(struct shared *s, struct rng *rng)
{
    uint32_t writer = rng_below(rng, WRITERS), acked = atomic_load(&s->acked[writer]), i;
    if (!acked)
        return;
    i = rng_below(rng, acked);
    if (check_trace(s->store, trace_number(writer, i)) != (int)(i % 4 + 1))
        atomic_fetch_add(&s->failures, 1);
}

/* What was acknowledged before a search began is in its answer. */
static void search_all(struct shared *s)
{
    struct trace_query query = {NULL, 0, UINT64_MAX, 100000};
    struct engine_query q = {0};
    struct trace_summary_list list;
    struct arena arena;
    uint32_t before = 0;
    for (int w = 0; w < WRITERS; w++)
        before += atomic_load(&s->acked[w]);
    arena_init(&arena, 0);
    q.arena = &arena;
    if (query_search(s->store, &q, &query, &list, NULL) < 0 || list.count < before)
        atomic_fetch_add(&s->failures, 1);
    arena_release(&arena);
}

static void *read_traces(void *user)
{
    struct worker *w = user;
    struct rng rng = {w->number};
    while (atomic_load(&w->shared->writers_left)) {
        look_for_one(w->shared, &rng);
        if (rng_below(&rng, 8) == 0)
            search_all(w->shared);
    }
    search_all(w->shared);
    return NULL;
}

static void test_all_at_once(void **state)
{
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct shared shared = {.writers_left = WRITERS};
    struct worker workers[WRITERS + READERS];
    pthread_t threads[WRITERS + READERS];
    struct engine_stats stats;
    (void)state;
    options.head_bytes_max = 8 << 10;
    assert_int_equal(store_open(&options, &shared.store, NULL), 0);
    for (uint32_t i = 0; i < WRITERS + READERS; i++) {
        workers[i] = (struct worker){&shared, i};
        assert_int_equal(pthread_create(&threads[i], NULL, i < WRITERS ? write_traces : read_traces,
                                        &workers[i]),
                         0);
    }
    for (uint32_t i = 0; i < WRITERS + READERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&shared.failures), 0);
    for (uint32_t w = 0; w < WRITERS; w++) {
        for (uint32_t i = 0; i < TRACES_PER_WRITER; i++)
            assert_int_equal(check_trace(shared.store, trace_number(w, i)), i % 4 + 1);
    }
    store_stats(shared.store, &stats);
    assert_int_equal(stats.batches_appended, WRITERS * TRACES_PER_WRITER);
    store_close(shared.store);
    temp_dir_remove(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_at_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
