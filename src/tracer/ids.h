/* ids.h - random trace and span ids from a generator that belongs to one thread (xoshiro256++).
 *
 * Seeded from the system once per thread and once more in a forked child: no system call per id. */
#ifndef TRACER_IDS_H
#define TRACER_IDS_H

#include <stdint.h>
#include <string.h>

#include "base/random.h"
#include "trace/span.h"

struct id_rng {
    uint64_t s[4];
};

static inline void id_rng_seed(struct id_rng *rng)
{
    random_bytes(rng->s, sizeof rng->s);
    rng->s[0] |= 1; /* the all-zero state is the one that never leaves zero */
}

static inline uint64_t id_rotl(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

static inline uint64_t id_rng_next(struct id_rng *rng)
{
    uint64_t *s = rng->s;
    uint64_t result = id_rotl(s[0] + s[3], 23) + s[0];
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = id_rotl(s[3], 45);
    return result;
}

static inline bool trace_id_unset(const struct trace_id *id)
{
    uint64_t v[2];
    memcpy(v, id->bytes, sizeof v);
    return (v[0] | v[1]) == 0;
}

static inline bool span_id_unset(const struct span_id *id)
{
    uint64_t v;
    memcpy(&v, id->bytes, sizeof v);
    return v == 0;
}

static inline void id_new_span(struct id_rng *rng, struct span_id *ret)
{
    uint64_t v;
    do
        v = id_rng_next(rng);
    while (v == 0);
    memcpy(ret->bytes, &v, sizeof v);
}

static inline void id_new_trace(struct id_rng *rng, struct trace_id *ret)
{
    uint64_t high, low;
    do {
        high = id_rng_next(rng);
        low = id_rng_next(rng);
    } while ((high | low) == 0);
    memcpy(ret->bytes, &high, sizeof high);
    memcpy(ret->bytes + sizeof high, &low, sizeof low);
}

#endif
