/* recorder.c - the SDK behind the span calls: start, fill, end. The hot path.
 *
 * Times come from a clock that never goes back (span_clock.h) plus an offset that a trace takes over from its local
 * root, so that children stay inside their parents whatever happens to the system's time. */
#define CAIRN_NO_INLINE
#include "sdk/sdk.h"

#include "base/cancel.h"
#include "sdk/span_clock.h"
#include "tracer/context.h"

static inline uint64_t span_now(const struct slot *s)
{
    return span_clock_now() + (uint64_t)s->clock_offset_ns;
}

/* ---- Starting ---- */

/* What a child takes from its parent. */
struct parent {
    struct trace_id trace_id;
    struct span_id span_id;
    uint8_t flags;
    bool is_remote, is_valid;
    bool has_offset;
    int64_t clock_offset_ns;
    struct text *state; /* holds a reference */
};

static inline void parent_read(uintptr_t handle, struct parent *ret)
{
    struct slot *p = handle_slot_checked(handle);
    ret->state = NULL;
    ret->is_valid = ret->has_offset = ret->is_remote = false;
    ret->flags = 0;
    ret->clock_offset_ns = 0;
    ret->span_id = (struct span_id){{0}};
    if (!p)
        return;
    ret->trace_id = p->head.trace_id;
    ret->span_id = p->head.span_id;
    ret->flags = (uint8_t)p->head.flags;
    ret->is_remote = p->is_remote;
    ret->has_offset = p->clock_offset_ns != 0;
    ret->clock_offset_ns = p->clock_offset_ns;
    if (__builtin_expect(p->head.trace_state != NULL, 0) && slot_acquire(handle)) {
        ret->state = text_ref(p->head.trace_state);
        slot_unlock(p);
    }
    /* Last: a handle that went stale while it was read is no parent. */
    atomic_thread_fence(memory_order_acquire);
    ret->is_valid = handle_is_current(handle, p) && !trace_id_unset(&ret->trace_id) &&
                    !span_id_unset(&ret->span_id);
}

static void ids_from_application(struct cairn_sdk *sdk, struct slot *s, const struct parent *p)
{
    enum { TRIES = 4 };
    memset(&s->head.trace_id, 0, sizeof s->head.trace_id);
    memset(&s->head.span_id, 0, sizeof s->head.span_id);
    if (p->is_valid)
        s->head.trace_id = p->trace_id;
    for (int i = 0; i < TRIES && trace_id_unset(&s->head.trace_id); i++)
        sdk->ids.trace_id(sdk->ids.user, s->head.trace_id.bytes);
    for (int i = 0; i < TRIES && span_id_unset(&s->head.span_id); i++)
        sdk->ids.span_id(sdk->ids.user, s->head.span_id.bytes);
}

static inline void give_ids(struct cairn_sdk *sdk, struct thread *t, struct slot *s,
                            const struct parent *p)
{
    if (__builtin_expect(sdk->ids.trace_id != NULL, 0)) {
        ids_from_application(sdk, s, p);
        if (!trace_id_unset(&s->head.trace_id) && !span_id_unset(&s->head.span_id))
            return; /* else it had its chance */
    }
    if (p->is_valid)
        s->head.trace_id = p->trace_id;
    else
        id_new_trace(&t->rng, &s->head.trace_id);
    id_new_span(&t->rng, &s->head.span_id);
}

/* A trace state that a sampler made. The last one is kept at hand: most roots of a thread get the same. */
static struct text *sampled_state(struct thread *t, struct str state)
{
    if (state.n == 0)
        return NULL;
    if (!str_eq(text_str(t->sampling_state), state)) {
        text_unref(t->sampling_state);
        t->sampling_state = text_new(state);
    }
    return text_ref(t->sampling_state);
}

/* Asks a sampler that has to be. result->attributes are added by the caller. */
static __attribute__((noinline)) int
ask_sampler(struct cairn_sdk *sdk, struct thread *t, struct slot *s, struct str name,
            cairn_context *parent_context, const struct parent *p,
            const struct cairn_span_options *o, struct cairn_sampling_result *result)
{
    struct cairn_span_context parent;
    struct cairn_sampling_params params = {
        .size = sizeof params,
        .parent_context = parent_context,
        .parent = &parent,
        .trace_id = s->head.trace_id.bytes,
        .name = str_out(name),
        .kind = o->kind ? o->kind : CAIRN_KIND_INTERNAL,
        .attributes = o->attributes,
        .links = o->links,
        .link_count = o->link_count,
        .parent_threshold = CAIRN_NO_THRESHOLD,
    };
    struct text *old = s->head.trace_state;
    memset(&parent, 0, sizeof parent);
    parent.trace_state = str_out(text_str(old));
    if (p->is_valid) {
        memcpy(parent.trace_id, p->trace_id.bytes, sizeof parent.trace_id);
        memcpy(parent.span_id, p->span_id.bytes, sizeof parent.span_id);
        parent.flags = p->flags;
        parent.is_remote = p->is_remote;
    }
    *result = (struct cairn_sampling_result){
        .size = sizeof *result, .decision = CAIRN_DROP, .trace_state = parent.trace_state};
    cairn_sampler_should_sample(sdk->sampler, &params, result);
    if (!str_eq(str_in(result->trace_state), text_str(old))) {
        s->head.trace_state = sampled_state(t, str_in(result->trace_state));
        text_unref(old);
    }
    if (result->decision >= CAIRN_DROP && result->decision <= CAIRN_RECORD_AND_SAMPLE)
        return result->decision;
    misuse("a sampler's decision that does not exist");
    return CAIRN_DROP;
}

static inline uint32_t flags_for(const struct cairn_sdk *sdk, const struct parent *p, int decision)
{
    uint32_t flags = SPAN_FLAG_HAS_IS_REMOTE;
    if (p->is_valid)
        flags |= (p->flags & SPAN_FLAG_RANDOM) | (p->is_remote ? SPAN_FLAG_IS_REMOTE : 0u);
    else if (sdk->ids_are_random)
        flags |= SPAN_FLAG_RANDOM;
    if (decision == CAIRN_RECORD_AND_SAMPLE)
        flags |= SPAN_FLAG_SAMPLED;
    return flags;
}

/* Links, which are rare, and what is wrong about the options. */
static __attribute__((noinline)) void add_links(struct slot *s, const struct cairn_span_options *o,
                                                const struct span_limits *limits)
{
    size_t count = o->links && o->link_count <= ITEMS_MAX ? o->link_count : 0;
    if (o->kind < 0 || o->kind > CAIRN_KIND_CONSUMER)
        misuse("a kind that is none of CAIRN_KIND_...");
    if (count != o->link_count)
        misuse("links with a wrong count");
    for (size_t i = 0; i < count; i++)
        record_link(s, &o->links[i].context, o->links[i].attributes, limits);
}

enum { RECORDED_AT = offsetof(struct span_head, name_at) };
_Static_assert(RECORDED_AT % 8 == 0 && sizeof(struct span_head) % 8 == 0, "zeroed in words");

/* What is recorded of a span begins as zero: stores in a row, where memset would be a call. */
static inline void zero_words(char *at)
{
    typedef uint64_t pair __attribute__((vector_size(16), aligned(8), may_alias));
    enum { BYTES = sizeof(struct span_head) - RECORDED_AT };
#pragma GCC unroll 16
    for (size_t i = 0; i < BYTES / sizeof(pair); i++)
        ((pair *)(void *)at)[i] = (pair){0, 0};
    if (BYTES % sizeof(pair))
        *(uint64_t *)(void *)(at + BYTES - sizeof(uint64_t)) = 0;
}

static __attribute__((noinline)) void start_recording(struct cairn_sdk *sdk, struct slot *s,
                                                      struct str name, const struct parent *p,
                                                      const struct cairn_span_options *o)
{
    struct span_head *h = &s->head;
    uint64_t now = span_clock_now();
    zero_words((char *)h + RECORDED_AT);
    s->clock_offset_ns = p->has_offset ? p->clock_offset_ns : span_clock_offset(&now);
    if (p->is_valid)
        h->parent_id = p->span_id;
    h->start_ns = o->start_ns ? o->start_ns : now + (uint64_t)s->clock_offset_ns;
    h->kind = (uint8_t)(o->kind >= CAIRN_KIND_INTERNAL && o->kind <= CAIRN_KIND_CONSUMER
                            ? o->kind
                            : CAIRN_KIND_INTERNAL);
    record_init(s, name, &sdk->limits);
    if (o->attributes)
        record_attributes(s, o->attributes->items, o->attributes->count, &sdk->limits);
    if (__builtin_expect(o->link_count != 0 || o->kind < 0 || o->kind > CAIRN_KIND_CONSUMER, 0))
        add_links(s, o, &sdk->limits);
    atomic_store_explicit(&s->recording, SLOT_RECORDING, memory_order_relaxed);
}

static inline void slot_begin(struct slot *s, cairn_tracer_provider *provider)
{
    s->ended = false;
    s->is_remote = false;
    s->fork_generation = atomic_load_explicit(&fork_generation, memory_order_relaxed);
    s->provider = provider;
    s->clock_offset_ns = 0;
    s->base = NULL;
    s->data = s->inline_data;
}

/* The part of a start that follows the sampler's decision. */
static inline cairn_span *start_decided(struct cairn_sdk *sdk, struct thread *t,
                                        cairn_tracer *tracer, struct slot *s, struct str name,
                                        const struct parent *p, const struct cairn_span_options *o,
                                        int decision)
{
    unsigned origin = p->is_valid ? 1 + p->is_remote : 0;
    span_head_set_flags(&s->head, flags_for(sdk, p, decision), true);
    thread_count(&t->started[sdk->number][origin * 3 + (unsigned)decision]);
    if (decision == CAIRN_DROP)
        return (cairn_span *)handle_make_passive(s);
    start_recording(sdk, s, name, p, o);
    s->head.scope = &tracer->scope;
    return (cairn_span *)handle_of(s);
}

static void tell_processors(struct cairn_sdk *sdk, cairn_span *span, cairn_context *parent)
{
    int cancel;
    if (!sdk->calls_out || !sdk_enter(sdk))
        return;
    cancel = cancel_forbid();
    for (size_t i = 0; i < sdk->processor_count; i++) {
        cairn_processor *p = sdk->processors[i];
        if (p->kind == PROCESSOR_CUSTOM && p->ops.on_start)
            p->ops.on_start(p->user, span, parent);
    }
    sdk_leave(sdk);
    cancel_allow(cancel);
}

/* With a sampler that has to be asked, or with processors of the application. */
static __attribute__((noinline)) cairn_span *
start_calling_out(struct cairn_sdk *sdk, struct thread *t, cairn_tracer *tracer, struct slot *s,
                  struct str name, cairn_context *context, const struct parent *p,
                  const struct cairn_span_options *o)
{
    struct cairn_sampling_result result = {.attribute_count = 0};
    bool inside = sdk->sampler_calls_out && sdk_enter(sdk);
    int decision = CAIRN_DROP, cancel = 0; /* CAIRN_DROP: when it is shut down meanwhile */
    cairn_span *span;
    if (inside)
        cancel = cancel_forbid();
    if (sdk->sampler_asks) {
        if (inside || !sdk->sampler_calls_out)
            decision = ask_sampler(sdk, t, s, name, context, p, o, &result);
    } else {
        decision = sampler_decide(sdk->sampler, s->head.trace_id.bytes, p->is_valid, p->flags,
                                  p->is_remote);
    }
    span = start_decided(sdk, t, tracer, s, name, p, o, decision);
    if (decision != CAIRN_DROP)
        record_attributes(s, result.attributes, result.attribute_count, &sdk->limits);
    if (inside) {
        sdk_leave(sdk); /* not before: the attributes are the sampler's */
        cancel_allow(cancel);
    }
    if (decision != CAIRN_DROP)
        tell_processors(sdk, span, context);
    return span;
}

static inline bool tracer_is_on(struct cairn_sdk *sdk, cairn_tracer *tracer)
{
    uint64_t generation = atomic_load_explicit(&sdk->tracers.generation, memory_order_acquire);
    uint64_t known;
    if (__builtin_expect(generation == 0, 1))
        return true;
    known = atomic_load_explicit(&tracer->configured, memory_order_relaxed);
    return known >> 1 == generation ? known & 1
                                    : tracer_configs_ask(&sdk->tracers, tracer, generation);
}

static cairn_span *sdk_start(cairn_tracer_provider *provider, cairn_tracer *tracer, struct str name,
                             cairn_context *context, const struct cairn_span_options *o)
{
    struct cairn_sdk *sdk = (struct cairn_sdk *)provider;
    struct thread *t = thread_self();
    struct slot *s;
    struct parent p;
    int decision;
    if (__builtin_expect(atomic_load_explicit(&sdk->closed, memory_order_relaxed) ||
                             !tracer_is_on(sdk, tracer),
                         0))
        return span_pass_on(context, o->root);
    s = t ? slot_take(t) : NULL;
    if (__builtin_expect(!s, 0)) {
        atomic_fetch_add(&sdk->lost_memory, 1);
        return span_pass_on(context, o->root);
    }
    slot_begin(s, provider);
    parent_read(o->root ? 0 : context_span_inline(context), &p);
    s->head.trace_state = p.state;
    give_ids(sdk, t, s, &p);
    if (__builtin_expect(context_may_have_base(context), 0))
        s->base = context_base(context);
    if (__builtin_expect(sdk->calls_out || sdk->sampler_asks, 0))
        return start_calling_out(sdk, t, tracer, s, name, context, &p, o);
    decision =
        sampler_decide(sdk->sampler, s->head.trace_id.bytes, p.is_valid, p.flags, p.is_remote);
    return start_decided(sdk, t, tracer, s, name, &p, o, decision);
}

static bool sdk_enabled(cairn_tracer_provider *provider, cairn_tracer *tracer,
                        const struct cairn_enabled_params *params)
{
    struct cairn_sdk *sdk = (struct cairn_sdk *)provider;
    (void)params;
    return sdk->processor_count != 0 && !atomic_load_explicit(&sdk->closed, memory_order_relaxed) &&
           tracer_is_on(sdk, tracer);
}

/* ---- Filling ---- */

static inline const struct span_limits *limits_of(const struct slot *s)
{
    return &((const struct cairn_sdk *)s->provider)->limits;
}

static void sdk_set_attributes(struct slot *s, const struct cairn_attr *attributes, size_t count)
{
    record_attributes(s, attributes, count, limits_of(s));
}

static void sdk_add_event(struct slot *s, struct str name, uint64_t time_ns,
                          const struct cairn_attrs *first, const struct cairn_attrs *attributes)
{
    record_event(s, name, time_ns ? time_ns : span_now(s), first, attributes, limits_of(s));
}

static void sdk_add_link(struct slot *s, const struct cairn_span_context *context,
                         const struct cairn_attrs *attributes)
{
    record_link(s, context, attributes, limits_of(s));
}

static void sdk_set_status(struct slot *s, int32_t status, struct str message)
{
    if (s->head.status == CAIRN_SPAN_OK || (status != CAIRN_SPAN_OK && status != CAIRN_SPAN_ERROR))
        return;
    s->head.status = (uint8_t)status;
    record_message(s, status == CAIRN_SPAN_ERROR ? message : (struct str){NULL, 0}, limits_of(s));
}

static void sdk_update_name(struct slot *s, struct str name)
{
    record_name(s, name, limits_of(s));
}

/* ---- Ending ---- */

/* Processors that may take long get the span unlocked; nobody changes it any more. */
static void end_slowly(struct cairn_sdk *sdk, struct thread *t, struct slot *s)
{
    int cancel;
    s->refs++;
    slot_unlock(s);
    cancel = cancel_forbid();
    if (sdk_enter(sdk)) {
        for (size_t i = 0; i < sdk->processor_count; i++)
            processor_on_end(sdk->processors[i], sdk, t, s);
        sdk_leave(sdk);
    } else {
        atomic_fetch_add(&sdk->lost_shutdown, 1);
    }
    cancel_allow(cancel);
    slot_lock(s);
    s->refs--;
    slot_drop_locked(s);
}

/* The last changes, by processors: the slot is unlocked meanwhile, but this thread alone may change the span. */
static __attribute__((noinline)) void tell_ending(struct cairn_sdk *sdk, struct thread *t,
                                                  struct slot *s, uint64_t end_ns)
{
    cairn_span *span = (cairn_span *)handle_of(s);
    s->head.end_ns = end_ns;
    s->ender = t;
    atomic_store_explicit(&s->recording, SLOT_ENDING, memory_order_relaxed);
    s->refs++;
    slot_unlock(s);
    if (sdk_enter(sdk)) {
        for (size_t i = 0; i < sdk->processor_count; i++) {
            cairn_processor *p = sdk->processors[i];
            if (p->kind == PROCESSOR_CUSTOM && p->ops.on_ending)
                p->ops.on_ending(p->user, span);
        }
        sdk_leave(sdk);
    }
    slot_lock(s);
    s->refs--;
}

static void sdk_end(struct slot *s, uint64_t end_ns)
{
    struct cairn_sdk *sdk = (struct cairn_sdk *)s->provider;
    struct thread *t = thread_self();
    bool sampled = s->head.flags & SPAN_FLAG_SAMPLED;
    if (!end_ns) {
        end_ns = span_now(s);
        if (__builtin_expect(end_ns < s->head.start_ns, 0))
            end_ns = s->head.start_ns; /* the clock was exchanged meanwhile */
    }
    if (__builtin_expect(s->fork_generation !=
                             atomic_load_explicit(&fork_generation, memory_order_relaxed),
                         0)) {
        atomic_store_explicit(&s->recording, SLOT_NOT_RECORDING, memory_order_relaxed);
        slot_drop_locked(s); /* the parent process exports it */
        return;
    }
    if (__builtin_expect(sdk->tells_ending, 0))
        tell_ending(sdk, t, s, end_ns);
    atomic_store_explicit(&s->recording, SLOT_NOT_RECORDING, memory_order_relaxed);
    if (t)
        thread_count(&t->ended[sdk->number][sampled]);
    if (__builtin_expect(!sdk->only_queue, 0)) {
        s->head.end_ns = end_ns;
        end_slowly(sdk, t, s);
        return;
    }
    if (sampled)
        queue_push(sdk->only_queue, t, s, end_ns);
    slot_drop_locked(s);
}

const struct provider_ops sdk_provider_ops = {
    .version = API_VERSION,
    .enabled = sdk_enabled,
    .start = sdk_start,
    .end = sdk_end,
    .set_attributes = sdk_set_attributes,
    .add_event = sdk_add_event,
    .add_link = sdk_add_link,
    .set_status = sdk_set_status,
    .update_name = sdk_update_name,
};
