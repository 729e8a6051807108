/* sampler.h - samplers inside: the plain ones are a switch, without calls through pointers; all others are asked.
 *
 * A sampler that is asked embeds struct cairn_sampler as its first member and lives in a file of its own. */
#ifndef SDK_SAMPLER_H
#define SDK_SAMPLER_H

#include <cairn/sampler.h>

#include <stdatomic.h>

#include "base/str.h"
#include "wire/ot_trace_state.h"

enum sampler_kind {
    SAMPLER_ON,
    SAMPLER_OFF,
    SAMPLER_RATIO,
    SAMPLER_PARENT_BASED,
    SAMPLER_RECORD, /* what PART_ROOT says, but at least recorded */
    SAMPLER_ASKED,
};

/* Which of a parent-based sampler's parts is asked: bit 0 = sampled, bit 1 = remote; without parent the root. */
enum { PART_LOCAL_NOT, PART_LOCAL, PART_REMOTE_NOT, PART_REMOTE, PART_ROOT, PART_COUNT };

struct cairn_sampler {
    enum sampler_kind kind;
    bool calls_out;   /* ASKED: reaches functions of the application */
    atomic_uint refs; /* not used by the static ones */
    uint64_t bound;   /* RATIO: sampled below it */
    cairn_sampler *parts[PART_COUNT];
    char *description;
    /* ASKED */
    void (*ask)(cairn_sampler *s, const struct cairn_sampling_params *params,
                struct cairn_sampling_result *result);
    void (*release)(cairn_sampler *s); /* what the embedding structure holds; may be NULL */
};

/* Zeroed memory of a sampler that is asked, with one reference; `bytes` of the embedding structure. */
void *sampler_new_asked(size_t bytes,
                        void (*ask)(cairn_sampler *s, const struct cairn_sampling_params *params,
                                    struct cairn_sampling_result *result));

/* "Name{0.25}" with the shortest form of the number. Owned; NULL without memory. */
char *sampler_describe_number(const char *name, double number);

/* Does it or a part of it call functions of the application? */
bool sampler_calls_out(const cairn_sampler *s);
/* Can it answer -1 below? */
bool sampler_asks(const cairn_sampler *s);

/* ---- Trace states, and attributes from several places: valid until the calling thread's next call ---- */

/* state (W3C tracestate text) where the member `ot` is `ot` with another threshold (OT_ABSENT: none). Answers `state` itself
 * when it is that already; empty without memory. */
cairn_str sampler_trace_state(struct str state, const struct ot_entry *ot, uint64_t threshold);

/* Room for SAMPLER_ATTRIBUTES_MAX attributes; NULL without memory. */
enum { SAMPLER_ATTRIBUTES_MAX = 128 };
struct cairn_attr *sampler_attributes(void);

/* ---- Things that are said once ---- */

enum {
    SAMPLER_TOLD_RATIO = 1,      /* TraceIdRatioBased decides for a child */
    SAMPLER_TOLD_RANDOM = 2,     /* a parent without the random flag */
    SAMPLER_TOLD_OVERFLOW = 4,   /* no room for a threshold */
    SAMPLER_TOLD_OPERATIONS = 8, /* more operations than are kept apart */
};
extern _Atomic unsigned sampler_told __attribute__((visibility("hidden")));

void sampler_tell_once(unsigned what);

static inline void sampler_tell(unsigned what)
{
    if (__builtin_expect(!(atomic_load_explicit(&sampler_told, memory_order_relaxed) & what), 0))
        sampler_tell_once(what);
}

/* ---- The hot path ---- */

/* The decision of a sampler that needs neither names nor attributes: -1 when it has to be asked. */
static inline int sampler_decide(const cairn_sampler *s, const uint8_t trace_id[16],
                                 bool has_parent, uint8_t parent_flags, bool parent_remote)
{
    int drop = CAIRN_DROP;
    for (;;) {
        switch (s->kind) {
        case SAMPLER_ON: return CAIRN_RECORD_AND_SAMPLE;
        case SAMPLER_OFF: return drop;
        case SAMPLER_RATIO: {
            uint64_t x;
            if (has_parent)
                sampler_tell(SAMPLER_TOLD_RATIO);
            __builtin_memcpy(&x, trace_id + 8, sizeof x);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            x = __builtin_bswap64(x);
#endif
            return x >> 1 < s->bound ? CAIRN_RECORD_AND_SAMPLE : drop;
        }
        case SAMPLER_PARENT_BASED:
            s = s->parts[has_parent ? (parent_flags & 1) + (parent_remote ? 2 : 0) : PART_ROOT];
            continue;
        case SAMPLER_RECORD:
            drop = CAIRN_RECORD_ONLY;
            s = s->parts[PART_ROOT];
            continue;
        case SAMPLER_ASKED: return -1;
        }
        return drop;
    }
}

#endif
