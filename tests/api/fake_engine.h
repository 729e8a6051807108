/* fake_engine.h - an engine that keeps nothing and answers as told: for what a healthy engine never does. */
#ifndef TESTS_API_FAKE_ENGINE_H
#define TESTS_API_FAKE_ENGINE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "engine/series.h"
#include "engine/spansets.h"
#include "engine/tags.h"
#include "engine/traces.h"

extern struct fake_engine {
    int append_code;      /* what engine_append returns */
    int done_code;        /* what done is called with, when append_code is 0 */
    int query_code;       /* what every query returns */
    bool damaged;         /* what queries say of their answers */
    bool until_cancelled; /* engine_services runs until its client is gone */
    _Atomic bool was_cancelled;
    uint64_t appends, spans, bytes;
    uint64_t deadline_ns; /* of the last query */
    /* what the queries answer (NULL = nothing), and what the last one of each kind asked for: what its pointers point to is
     * gone */
    const struct span_batch *trace;
    const struct spanset_list *spansets;
    const struct series_list *series;
    const struct tag_value_list *values;
    const struct tag_key_list *keys;
    struct spansets_query spansets_query;
    struct series_query series_query;
    struct tag_query tag_query;
} fake_engine;

/* Where the key that engine_values is asked for is copied to; NULL = nowhere. */
void fake_engine_keep_key(char *key, size_t bytes);

#endif
