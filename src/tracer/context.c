/* context.c - immutable contexts: a chain of nodes, newest first, each a value under a key or a span.
 *
 * The commonest context, a span on top of whatever its parent had, needs no node: it is the span's handle with the
 * lowest bit set, and the values below it hang on the span's slot (`base`). So starting a child, making a span current
 * and injecting it allocate nothing. */
#include "tracer/context.h"

#include <stdlib.h>
#include <string.h>

#include "tracer/diag.h"
#include "tracer/thread.h"

static _Atomic(struct cairn_context_key *) keys;

struct cairn_context {
    atomic_uint refs;
    cairn_context *below;         /* holds a reference; NULL = empty */
    const cairn_context_key *key; /* NULL: this node is a span */
    void *value;
    void (*free_value)(void *value);
    uintptr_t span; /* holds a reference */
};

cairn_context context_empty;

cairn_context *cairn_context_empty(void)
{
    return &context_empty;
}

cairn_context *cairn_context_current(void)
{
    return context_current();
}

cairn_context *cairn_context_ref(cairn_context *context)
{
    context = context_or_current(context);
    if (context_is_of_span(context))
        return slot_ref((uintptr_t)context) ? context : &context_empty;
    if (context != &context_empty)
        atomic_fetch_add_explicit(&context->refs, 1, memory_order_relaxed);
    return context;
}

/* A loop, not recursion: a chain may be as long as the application made it. */
void cairn_context_unref(cairn_context *context)
{
    while (context && context != &context_empty) {
        cairn_context *below;
        if (context_is_of_span(context)) {
            slot_unref((uintptr_t)context);
            return;
        }
        if (atomic_fetch_sub_explicit(&context->refs, 1, memory_order_acq_rel) != 1)
            return;
        below = context->below;
        if (context->free_value)
            context->free_value(context->value);
        if (context->span)
            slot_unref(context->span);
        free(context);
        context = below;
    }
}

const cairn_context_key *cairn_context_key_new(const char *name)
{
    cairn_context_key *key = malloc(sizeof *key);
    if (!key)
        return NULL;
    key->name = strdup(name ? name : "");
    key->next = atomic_load(&keys);
    while (!atomic_compare_exchange_weak(&keys, &key->next, key))
        continue;
    return key;
}

/* Takes no reference to `below`: the caller has one to give away. */
static cairn_context *node_new(cairn_context *below)
{
    cairn_context *node = calloc(1, sizeof *node);
    if (!node) {
        cairn_context_unref(below);
        return NULL;
    }
    atomic_init(&node->refs, 1);
    node->below = below == &context_empty ? NULL : below;
    return node;
}

cairn_context *cairn_context_with_value(cairn_context *context, const cairn_context_key *key,
                                        void *value, void (*free_value)(void *value))
{
    cairn_context *node = key ? node_new(cairn_context_ref(context)) : NULL;
    if (!node) {
        if (free_value)
            free_value(value);
        return NULL;
    }
    node->key = key;
    node->value = value;
    node->free_value = free_value;
    return node;
}

cairn_context *cairn_context_with_span(cairn_context *context, cairn_span *span)
{
    cairn_context *below = context_base(context_or_current(context)), *node;
    if (!slot_ref((uintptr_t)span))
        return below ? below : &context_empty;
    node = node_new(below);
    if (node)
        node->span = (uintptr_t)span;
    else
        slot_unref((uintptr_t)span);
    return node;
}

/* The base of the slot of a context handle, NULL when it is stale. Borrowed from the slot. */
static cairn_context *base_of_handle(cairn_context *context)
{
    struct slot *s = handle_slot_checked((uintptr_t)context);
    return s && handle_is_current((uintptr_t)context, s) ? s->base : NULL;
}

void *cairn_context_value(cairn_context *context, const cairn_context_key *key)
{
    context = context_or_current(context);
    while (key && context) {
        if (context_is_of_span(context)) {
            context = base_of_handle(context);
            continue;
        }
        if (context->key == key)
            return context->value;
        context = context->below;
    }
    return NULL;
}

uintptr_t context_span(cairn_context *context)
{
    for (; context; context = context->below) {
        if (context_is_of_span(context))
            return (uintptr_t)context & ~(uintptr_t)HANDLE_CONTEXT;
        if (context->span)
            return context->span;
    }
    return 0;
}

/* Spans are left out where they stand on top; below a value they do no harm, the new span is found first. */
cairn_context *context_base(cairn_context *context)
{
    while (context && context != &context_empty) {
        if (context_is_of_span(context))
            context = base_of_handle(context);
        else if (context->span)
            context = context->below;
        else
            return cairn_context_ref(context);
    }
    return NULL;
}

cairn_span *cairn_context_span(cairn_context *context)
{
    return (cairn_span *)context_span(context_or_current(context));
}

cairn_span *cairn_span_current(void)
{
    return (cairn_span *)context_span(cairn_context_current());
}

cairn_context *cairn_context_of(cairn_span *span)
{
    return span ? (cairn_context *)((uintptr_t)span | HANDLE_CONTEXT) : &context_empty;
}

/* A signal handler may look at the current context at any instruction: the old frames go when the new ones are there. */
static bool frames_grow(struct thread *t)
{
    uint32_t cap = t->frame_cap ? t->frame_cap * 2 : 16;
    cairn_context **old = t->frames;
    cairn_context **grown = cap <= ATTACH_FRAMES_MAX ? malloc(cap * sizeof(cairn_context *)) : NULL;
    if (!grown)
        return false;
    if (old)
        memcpy(grown, old, t->frame_count * sizeof(cairn_context *));
    atomic_signal_fence(memory_order_seq_cst);
    t->frames = grown;
    atomic_signal_fence(memory_order_seq_cst);
    t->frame_cap = cap;
    free(old);
    return true;
}

static __attribute__((noinline)) const struct span_head *head_below(cairn_context *context)
{
    uintptr_t span = context_span(context);
    return span ? &handle_slot(span)->head : NULL;
}

/* What is current goes where profilers look. The empty context and those of spans cost no call. */
static inline void publish(struct thread *t, cairn_context *current)
{
    const struct span_head *head = NULL;
    if (context_is_of_span(current))
        head = &handle_slot((uintptr_t)current)->head;
    else if (current != &context_empty)
        head = head_below(current);
    thread_context_set(t->published, (const struct thread_record *)head);
}

cairn_token cairn_context_attach(cairn_context *context)
{
    cairn_token token = {cairn_context_current(), 0};
    struct thread *t = thread_self();
    if (!t || (t->frame_count == t->frame_cap && !frames_grow(t)))
        return token;
    context = cairn_context_ref(context);
    t->frames[t->frame_count] = context;
    atomic_signal_fence(memory_order_release);
    token.mark = ++t->frame_count;
    publish(t, context);
    return token;
}

bool cairn_context_detach(cairn_token token)
{
    struct thread *t = thread_tls;
    bool in_order = t && token.mark == t->frame_count;
    if (token.mark == 0)
        return false;                      /* the attach had no memory: nothing to undo */
    if (t && t->frame_count >= token.mark) /* before the reference that keeps the record goes */
        publish(t, token.mark > 1 ? t->frames[token.mark - 2] : &context_empty);
    while (t && t->frame_count >= token.mark) {
        cairn_context *top = t->frames[--t->frame_count];
        atomic_signal_fence(memory_order_release);
        cairn_context_unref(top);
    }
    if (!in_order)
        diag(CAIRN_DIAGNOSTIC_WARNING, "contexts detached in the wrong order");
    return in_order;
}
