/* provider.h - the seam between the interface and an SDK: one table of functions behind every provider.
 *
 * The interface (context.c, baggage.c, trace.c, tracer.c, propagation*.c, slot.c) knows no SDK. It reaches one only
 * through the provider that a tracer belongs to or that is registered for the process, and a span's calls through the span's own
 * provider. A library with the interface alone is these files. */
#ifndef TRACER_PROVIDER_H
#define TRACER_PROVIDER_H

#include <stdatomic.h>

#include <cairn/trace.h>

#include "trace/span.h"
#include "tracer/misuse.h"
#include "tracer/shared.h"
#include "tracer/slot.h"

enum { API_VERSION = 1 };

/* Functions that get a slot hold its lock; the interface has seen that it records. */
struct provider_ops {
    uint32_t version; /* API_VERSION */
    /* params are complete. */
    bool (*enabled)(cairn_tracer_provider *provider, cairn_tracer *tracer,
                    const struct cairn_enabled_params *params);
    /* options are complete (all members known); parent is the context to start in, never NULL. */
    cairn_span *(*start)(cairn_tracer_provider *provider, cairn_tracer *tracer, struct str name,
                         cairn_context *parent, const struct cairn_span_options *options);
    /* Records and hands over; unlocks and drops the handle's reference. */
    void (*end)(struct slot *slot, uint64_t end_ns);
    void (*set_attributes)(struct slot *slot, const struct cairn_attr *attributes, size_t count);
    /* Both lists may be NULL; in case of the same key `attributes` win over `first`. time_ns 0 = now. */
    void (*add_event)(struct slot *slot, struct str name, uint64_t time_ns,
                      const struct cairn_attrs *first, const struct cairn_attrs *attributes);
    void (*add_link)(struct slot *slot, const struct cairn_span_context *context,
                     const struct cairn_attrs *attributes);
    void (*set_status)(struct slot *slot, int32_t status, struct str message);
    void (*update_name)(struct slot *slot, struct str name);
};

struct cairn_tracer_provider {
    const struct provider_ops *ops;
};

struct cairn_tracer {
    cairn_tracer_provider *provider; /* NULL = whatever is global at the time */
    /* What the SDK's configurator said: its generation, then whether the tracer is enabled in the lowest bit. 0: nothing. */
    _Atomic uint64_t configured;
    struct scope scope; /* owns its strings */
    struct cairn_tracer *next;
};

/* The bits of cairn_live. */
enum { LIVE_SDK = 1, LIVE_CONTEXT = 2 };
void live_set(int32_t bit, bool on) TRACER_SHARED(live_set);

extern _Atomic(cairn_tracer_provider *) provider_global TRACER_SHARED(provider_global);

static inline struct str str_in(cairn_str s)
{
    return (struct str){s.p, s.p ? s.n : 0};
}

static inline cairn_str str_out(struct str s)
{
    return (cairn_str){s.p, s.n};
}

/* Copies as much of an options structure as the caller's version has; the rest is zero. */
static inline void options_copy(void *to, size_t to_size, const void *from)
{
    size_t size = 0;
    memset(to, 0, to_size);
    if (!from)
        return;
    memcpy(&size, from, sizeof size);
    if (size < sizeof size)
        misuse("options without their size");
    memcpy(to, from, size < to_size ? size : to_size);
}

/* Ids, flags and state of a slot; the caller knows that the handle is current. */
void slot_context(const struct slot *slot, struct cairn_span_context *ret);

/* What a start gives without an SDK: a non-recording span with the parent's identity, NULL without parent. */
cairn_span *span_pass_on(cairn_context *parent, bool root) TRACER_SHARED(span_pass_on);

/* A non-recording span; identity as given. Owned handle, NULL when there is no room. */
cairn_span *span_carry(const struct cairn_span_context *context);

#endif
