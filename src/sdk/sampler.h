/* sampler.h - samplers inside: the built-in ones are a switch, without calls through pointers. */
#ifndef SDK_SAMPLER_H
#define SDK_SAMPLER_H

#include <cairn/sampler.h>

#include <stdatomic.h>

enum sampler_kind {
    SAMPLER_ON,
    SAMPLER_OFF,
    SAMPLER_RATIO,
    SAMPLER_PARENT_BASED,
    SAMPLER_CUSTOM,
};

/* Which of a parent-based sampler's parts is asked: bit 0 = sampled, bit 1 = remote; without parent the root. */
enum { PART_LOCAL_NOT, PART_LOCAL, PART_REMOTE_NOT, PART_REMOTE, PART_ROOT, PART_COUNT };

struct cairn_sampler {
    enum sampler_kind kind;
    atomic_uint refs; /* not used by the static ones */
    uint64_t bound;   /* RATIO: sampled below it */
    cairn_sampler *parts[PART_COUNT];
    struct cairn_sampler_ops ops;
    void *user;
    char *description;
};

/* Does it or a part of it call functions of the application? */
static inline bool sampler_calls_out(const cairn_sampler *s)
{
    for (int i = 0; s->kind == SAMPLER_PARENT_BASED && i < PART_COUNT; i++) {
        if (sampler_calls_out(s->parts[i]))
            return true;
    }
    return s->kind == SAMPLER_CUSTOM;
}

/* The decision of a sampler that needs neither names nor attributes: -1 when a custom one has to be asked. */
static inline int sampler_decide(const cairn_sampler *s, const uint8_t trace_id[16],
                                 bool has_parent, uint8_t parent_flags, bool parent_remote)
{
    for (;;) {
        switch (s->kind) {
        case SAMPLER_ON: return CAIRN_RECORD_AND_SAMPLE;
        case SAMPLER_OFF: return CAIRN_DROP;
        case SAMPLER_RATIO: {
            uint64_t x;
            __builtin_memcpy(&x, trace_id + 8, sizeof x);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            x = __builtin_bswap64(x);
#endif
            return x >> 1 < s->bound ? CAIRN_RECORD_AND_SAMPLE : CAIRN_DROP;
        }
        case SAMPLER_PARENT_BASED:
            s = s->parts[has_parent ? (parent_flags & 1) + (parent_remote ? 2 : 0) : PART_ROOT];
            continue;
        case SAMPLER_CUSTOM: return -1;
        }
        return CAIRN_DROP;
    }
}

#endif
