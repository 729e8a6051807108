/* trace.c - the span calls of the interface: check the handle, then hand over to the span's SDK. */
#define CAIRN_NO_INLINE
#include <cairn/trace.h>

#include "base/hex.h"
#include "trace/semconv.h"
#include "tracer/context.h"
#include "tracer/misuse.h"
#include "tracer/provider.h"

bool cairn_span_context_is_valid(const struct cairn_span_context *context)
{
    struct trace_id trace_id;
    struct span_id span_id;
    if (!context)
        return false;
    memcpy(trace_id.bytes, context->trace_id, sizeof trace_id.bytes);
    memcpy(span_id.bytes, context->span_id, sizeof span_id.bytes);
    return !trace_id_is_zero(trace_id) && !span_id_is_zero(span_id);
}

static void hex(const uint8_t *id, size_t n, char *out)
{
    if (id)
        hex_encode(out, id, n);
    else
        n = 0;
    out[2 * n] = '\0';
}

void cairn_trace_id_hex(const uint8_t trace_id[16], char out[33])
{
    if (out)
        hex(trace_id, 16, out);
    else
        misuse("cairn_trace_id_hex without a place to write to");
}

void cairn_span_id_hex(const uint8_t span_id[8], char out[17])
{
    if (out)
        hex(span_id, 8, out);
    else
        misuse("cairn_span_id_hex without a place to write to");
}

void slot_context(const struct slot *slot, struct cairn_span_context *ret)
{
    memset(ret, 0, sizeof *ret);
    memcpy(ret->trace_id, slot->head.trace_id.bytes, sizeof ret->trace_id);
    memcpy(ret->span_id, slot->head.span_id.bytes, sizeof ret->span_id);
    ret->flags = (uint8_t)slot->head.flags;
    ret->is_remote = slot->is_remote;
    ret->trace_state = str_out(text_str(slot->head.trace_state));
}

void cairn_span_get_context(cairn_span *span, struct cairn_span_context *ret)
{
    struct slot *s = handle_slot_checked((uintptr_t)span);
    if (!ret)
        misuse("cairn_span_get_context without a place to write to");
    else if (s && handle_is_current((uintptr_t)span, s))
        slot_context(s, ret);
    else
        memset(ret, 0, sizeof *ret);
}

/* While a span ends, only the thread that ends it may change it, from within its processors. */
static inline bool slot_takes_changes(struct slot *s)
{
    uint8_t recording = atomic_load_explicit(&s->recording, memory_order_relaxed);
    return __builtin_expect(recording == SLOT_RECORDING, 1) ||
           (recording == SLOT_ENDING && s->ender == thread_tls);
}

bool cairn_span_is_recording(cairn_span *span)
{
    struct slot *s = handle_slot_checked((uintptr_t)span);
    bool yes;
    if (!s || !handle_is_current((uintptr_t)span, s))
        return false;
    if (atomic_load_explicit(&s->recording, memory_order_relaxed) != SLOT_ENDING)
        return atomic_load_explicit(&s->recording, memory_order_relaxed) == SLOT_RECORDING;
    s = slot_acquire((uintptr_t)span); /* one of its processors asks, or another thread */
    yes = s && slot_takes_changes(s);
    if (s)
        slot_unlock(s);
    return yes;
}

/* ---- Starting ---- */

cairn_span *span_carry(const struct cairn_span_context *context)
{
    struct thread *t = thread_self();
    struct slot *s = t ? slot_take(t) : NULL;
    if (!s)
        return NULL;
    memset(&s->head, 0, sizeof s->head);
    memcpy(s->head.trace_id.bytes, context->trace_id, sizeof context->trace_id);
    memcpy(s->head.span_id.bytes, context->span_id, sizeof context->span_id);
    span_head_set_flags(&s->head, context->flags, cairn_span_context_is_valid(context));
    s->head.trace_state = text_new(str_in(context->trace_state));
    s->is_remote = context->is_remote;
    s->ended = false;
    s->fork_generation = atomic_load_explicit(&fork_generation, memory_order_relaxed);
    s->base = NULL;
    s->provider = NULL;
    s->clock_offset_ns = 0;
    s->data = s->inline_data;
    live_set(LIVE_CONTEXT, true);
    return (cairn_span *)handle_make_passive(s);
}

cairn_span *cairn_span_wrap(const struct cairn_span_context *context)
{
    static const struct cairn_span_context zero;
    return span_carry(context ? context : &zero);
}

cairn_span *span_pass_on(cairn_context *parent, bool root)
{
    struct cairn_span_context context;
    cairn_span *span = root ? NULL : (cairn_span *)context_span(parent);
    cairn_context *base;
    if (!span)
        return NULL;
    cairn_span_get_context(span, &context);
    base = context_base(parent);
    span = cairn_span_context_is_valid(&context) ? span_carry(&context) : NULL;
    if (span)
        handle_slot((uintptr_t)span)->base = base;
    else if (base)
        cairn_context_unref(base);
    return span;
}

static inline cairn_span *start(cairn_tracer *tracer, cairn_str name,
                                const struct cairn_span_options *options)
{
    cairn_context *parent = context_or_current(options->parent);
    cairn_tracer_provider *p = tracer && tracer->provider
                                   ? tracer->provider
                                   : atomic_load_explicit(&provider_global, memory_order_acquire);
    if (__builtin_expect(!p || !tracer, 0))
        return span_pass_on(parent, options->root);
    return p->ops->start(p, tracer, str_in(name), parent, options);
}

/* Options of an application that knows fewer members, or more. */
static __attribute__((noinline)) cairn_span *
start_converted(cairn_tracer *tracer, cairn_str name, const struct cairn_span_options *options)
{
    struct cairn_span_options o;
    options_copy(&o, sizeof o, options);
    return start(tracer, name, &o);
}

cairn_span *cairn_span_start_str(cairn_tracer *tracer, cairn_str name,
                                 const struct cairn_span_options *options)
{
    static const struct cairn_span_options none = {.size = sizeof none};
    if (!options)
        options = &none;
    else if (__builtin_expect(options->size != sizeof none, 0))
        return start_converted(tracer, name, options);
    return start(tracer, name, options);
}

cairn_span *cairn_span_start(cairn_tracer *tracer, const char *name,
                             const struct cairn_span_options *options)
{
    return cairn_span_start_str(tracer, cairn_str_of(name), options);
}

/* ---- Ending ---- */

void cairn_span_end_at(cairn_span *span, uint64_t end_ns)
{
    struct slot *s = slot_acquire((uintptr_t)span);
    if (!s)
        return;
    if (__builtin_expect(s->ended, 0)) {
        slot_unlock(s);
        return;
    }
    s->ended = true;
    if (atomic_load_explicit(&s->recording, memory_order_relaxed))
        s->provider->ops->end(s, end_ns);
    else
        slot_drop_locked(s);
}

void cairn_span_end(cairn_span *span)
{
    cairn_span_end_at(span, 0);
}

cairn_span *cairn_span_ref(cairn_span *span)
{
    return slot_ref((uintptr_t)span) ? span : NULL;
}

void cairn_span_unref(cairn_span *span)
{
    slot_unref((uintptr_t)span);
}

/* ---- Filling ---- */

/* A span that does not record is left alone; one that ended, or never was one, is a mistake of the caller's. */
static __attribute__((cold, noinline)) struct slot *refuse(cairn_span *span)
{
    if (span && !((uintptr_t)span & CAIRN_SPAN_PASSIVE))
        misuse("a change of a span that has ended");
    return NULL;
}

/* Locks the span's slot when it records; most spans that do not are told apart without the lock. */
static inline struct slot *acquire_recording(cairn_span *span)
{
    struct slot *s = handle_slot_checked((uintptr_t)span);
    if (!s || !atomic_load_explicit(&s->recording, memory_order_relaxed))
        return refuse(span);
    if (!slot_acquire_at(s, (uintptr_t)span))
        return refuse(span);
    if (!slot_takes_changes(s)) {
        slot_unlock(s);
        return refuse(span);
    }
    return s;
}

void cairn_span_set_attributes(cairn_span *span, const struct cairn_attr *attributes, size_t count)
{
    struct slot *s = acquire_recording(span);
    if (!s)
        return;
    s->provider->ops->set_attributes(s, attributes, count);
    slot_unlock(s);
}

void cairn_span_set_string(cairn_span *span, const char *key, const char *value)
{
    struct cairn_attr a = CAIRN_STR(key, value);
    cairn_span_set_attributes(span, &a, 1);
}

void cairn_span_set_bool(cairn_span *span, const char *key, bool value)
{
    struct cairn_attr a = CAIRN_BOOL(key, value);
    cairn_span_set_attributes(span, &a, 1);
}

void cairn_span_set_int(cairn_span *span, const char *key, int64_t value)
{
    struct cairn_attr a = CAIRN_INT(key, value);
    cairn_span_set_attributes(span, &a, 1);
}

void cairn_span_set_double(cairn_span *span, const char *key, double value)
{
    struct cairn_attr a = CAIRN_DOUBLE(key, value);
    cairn_span_set_attributes(span, &a, 1);
}

void cairn_span_add_event_at(cairn_span *span, cairn_str name, uint64_t time_ns,
                             const struct cairn_attrs *attributes)
{
    struct slot *s = acquire_recording(span);
    if (!s)
        return;
    s->provider->ops->add_event(s, str_in(name), time_ns, NULL, attributes);
    slot_unlock(s);
}

void cairn_span_add_event(cairn_span *span, const char *name, const struct cairn_attrs *attributes)
{
    cairn_span_add_event_at(span, cairn_str_of(name), 0, attributes);
}

void cairn_span_add_link(cairn_span *span, const struct cairn_span_context *context,
                         const struct cairn_attrs *attributes)
{
    struct slot *s = context ? acquire_recording(span) : NULL;
    if (!context)
        misuse("a link to nothing");
    if (!s)
        return;
    s->provider->ops->add_link(s, context, attributes);
    slot_unlock(s);
}

void cairn_span_set_status(cairn_span *span, int32_t status, const char *description)
{
    struct slot *s = acquire_recording(span);
    if (status < CAIRN_SPAN_UNSET || status > CAIRN_SPAN_ERROR)
        misuse("a status that is none of CAIRN_SPAN_...");
    if (!s)
        return;
    s->provider->ops->set_status(s, status, str_of(description));
    slot_unlock(s);
}

void cairn_span_update_name(cairn_span *span, const char *name)
{
    struct slot *s = acquire_recording(span);
    if (!s)
        return;
    s->provider->ops->update_name(s, str_of(name));
    slot_unlock(s);
}

void cairn_span_record_error(cairn_span *span, const char *type, const char *message,
                             const char *stacktrace, const struct cairn_attrs *attributes)
{
    struct cairn_attr ours[3];
    struct cairn_attrs first = {ours, 0};
    struct slot *s = acquire_recording(span);
    if (!s)
        return;
    if (type)
        ours[first.count++] = CAIRN_STR(SEMCONV_EXCEPTION_TYPE, type);
    if (message)
        ours[first.count++] = CAIRN_STR(SEMCONV_EXCEPTION_MESSAGE, message);
    if (stacktrace)
        ours[first.count++] = CAIRN_STR(SEMCONV_EXCEPTION_STACKTRACE, stacktrace);
    s->provider->ops->add_event(s, STR(SEMCONV_EXCEPTION_EVENT), 0, &first, attributes);
    slot_unlock(s);
}

/* ---- Scopes ---- */

void cairn_scope_begin(struct cairn_scope *scope, cairn_tracer *tracer, const char *name,
                       const struct cairn_span_options *options)
{
    if (!scope) {
        misuse("cairn_scope_begin without a scope");
        return;
    }
    scope->span = cairn_span_start(tracer, name, options);
    scope->token = (cairn_token){NULL, 0};
    if (scope->span)
        scope->token = cairn_context_attach(cairn_context_of(scope->span));
}

void cairn_scope_end(struct cairn_scope *scope)
{
    if (!scope || !scope->span)
        return;
    cairn_context_detach(scope->token);
    cairn_span_end(scope->span);
    scope->span = NULL;
}
