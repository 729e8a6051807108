/* fake_engine.h - an engine that keeps nothing and answers as told: for what a healthy engine never does. */
#ifndef TESTS_API_FAKE_ENGINE_H
#define TESTS_API_FAKE_ENGINE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "engine/engine.h"

extern struct fake_engine {
    int append_code;      /* what engine_append returns */
    int done_code;        /* what done is called with, when append_code is 0 */
    int query_code;       /* what every query returns */
    bool damaged;         /* what queries say of their answers */
    bool until_cancelled; /* engine_services runs until its client is gone */
    _Atomic bool was_cancelled;
    uint64_t appends, spans, bytes;
} fake_engine;

#endif
