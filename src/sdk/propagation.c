/* propagation.c - W3C Trace Context over the application's carriers, composites, and the global propagator. */
#define CAIRN_NO_INLINE
#include <cairn/propagation.h>

#include <stdlib.h>

#include "base/buf.h"
#include "sdk/api.h"
#include "sdk/context.h"
#include "wire/traceparent.h"

struct cairn_propagator {
    atomic_uint refs; /* 0 for the static ones */
    struct cairn_propagator_ops ops;
    void *user;
};

/* ---- traceparent and tracestate ---- */

enum { STATE_BYTES_MAX = 16 * 1024 }; /* 32 members of 256 + 1 + 256 and commas, and some */

static void w3c_inject(void *user, cairn_context *context, cairn_set_fn *set, void *carrier)
{
    struct cairn_span_context sc;
    struct traceparent tp;
    char header[TRACEPARENT_BYTES + 1];
    (void)user;
    cairn_span_get_context(cairn_context_span(context), &sc);
    if (!cairn_span_context_is_valid(&sc))
        return;
    memcpy(tp.trace_id.bytes, sc.trace_id, sizeof sc.trace_id);
    memcpy(tp.span_id.bytes, sc.span_id, sizeof sc.span_id);
    tp.flags = sc.flags & (CAIRN_FLAG_SAMPLED | CAIRN_FLAG_RANDOM);
    traceparent_format(header, &tp);
    set(carrier, CAIRN_S("traceparent"), (cairn_str){header, TRACEPARENT_BYTES});
    if (sc.trace_state.n)
        set(carrier, CAIRN_S("tracestate"), sc.trace_state);
}

/* All tracestate fields as one list, empty when they are not valid. */
static void read_state(cairn_get_fn *get, void *carrier, struct buf *out)
{
    struct tracestate_member members[TRACESTATE_MEMBERS_MAX];
    cairn_str part;
    for (size_t i = 0; get(carrier, CAIRN_S("tracestate"), i, &part); i++) {
        if (i)
            buf_put_byte(out, ',');
        buf_put(out, part.p, part.n);
    }
    if (out->failed || tracestate_parse(buf_str(out), members) < 0)
        buf_clear(out);
}

static cairn_context *w3c_extract(void *user, cairn_context *context, cairn_get_fn *get,
                                  void *carrier)
{
    struct cairn_span_context sc;
    struct traceparent tp;
    struct buf state;
    cairn_str header, second;
    cairn_span *span;
    cairn_context *made;
    (void)user;
    if (!get(carrier, CAIRN_S("traceparent"), 0, &header) ||
        get(carrier, CAIRN_S("traceparent"), 1, &second) ||
        !traceparent_parse(str_trim(str_in(header)), &tp))
        return cairn_context_ref(context);
    memset(&sc, 0, sizeof sc);
    memcpy(sc.trace_id, tp.trace_id.bytes, sizeof sc.trace_id);
    memcpy(sc.span_id, tp.span_id.bytes, sizeof sc.span_id);
    sc.flags = tp.flags;
    sc.is_remote = true;
    buf_init(&state, STATE_BYTES_MAX);
    read_state(get, carrier, &state);
    sc.trace_state = str_out(buf_str(&state));
    span = span_carry(&sc);
    buf_release(&state);
    if (!span)
        return cairn_context_ref(context);
    made = cairn_context_with_span(context, span);
    cairn_span_end(span); /* the context keeps it */
    return made ? made : cairn_context_ref(context);
}

static cairn_str w3c_field(void *user, size_t index)
{
    (void)user;
    return index == 0   ? CAIRN_S("traceparent")
           : index == 1 ? CAIRN_S("tracestate")
                        : (cairn_str){NULL, 0};
}

static cairn_propagator w3c = {
    .ops = {sizeof w3c.ops, w3c_inject, w3c_extract, w3c_field, NULL},
};
static cairn_propagator none = {.ops = {.size = sizeof none.ops}};
static _Atomic(cairn_propagator *) global = &none;

cairn_propagator *cairn_propagator_tracecontext(void)
{
    return &w3c;
}

cairn_propagator *cairn_propagator_none(void)
{
    return &none;
}

/* ---- Composites ---- */

struct composite {
    size_t count;
    cairn_propagator *parts[];
};

static void composite_inject(void *user, cairn_context *context, cairn_set_fn *set, void *carrier)
{
    struct composite *c = user;
    for (size_t i = 0; i < c->count; i++)
        cairn_propagator_inject(c->parts[i], context, set, carrier);
}

static cairn_context *composite_extract(void *user, cairn_context *context, cairn_get_fn *get,
                                        void *carrier)
{
    struct composite *c = user;
    cairn_context *sum = cairn_context_ref(context), *next;
    for (size_t i = 0; i < c->count; i++) {
        next = cairn_propagator_extract(c->parts[i], sum, get, carrier);
        cairn_context_unref(sum);
        sum = next;
    }
    return sum;
}

static cairn_str composite_field(void *user, size_t index)
{
    struct composite *c = user;
    for (size_t i = 0; i < c->count; i++) {
        for (size_t j = 0;; j++) {
            cairn_str name = cairn_propagator_field(c->parts[i], j);
            if (name.n == 0)
                break;
            if (index-- == 0)
                return name;
        }
    }
    return (cairn_str){NULL, 0};
}

static void composite_free(void *user)
{
    struct composite *c = user;
    for (size_t i = 0; i < c->count; i++)
        cairn_propagator_unref(c->parts[i]);
    free(c);
}

static bool has_part(const struct composite *c, const cairn_propagator *part)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->parts[i] == part)
            return true;
    }
    return false;
}

cairn_propagator *cairn_propagator_composite(cairn_propagator *const *parts, size_t count)
{
    static const struct cairn_propagator_ops ops = {sizeof ops, composite_inject, composite_extract,
                                                    composite_field, composite_free};
    struct composite *c = calloc(1, sizeof *c + count * sizeof(cairn_propagator *));
    if (!c)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (parts[i] && !has_part(c, parts[i]))
            c->parts[c->count++] = cairn_propagator_ref(parts[i]);
    }
    return cairn_propagator_custom(&ops, c);
}

cairn_propagator *cairn_propagator_custom(const struct cairn_propagator_ops *ops, void *user)
{
    cairn_propagator *p = ops ? calloc(1, sizeof *p) : NULL;
    if (!p) {
        if (ops && ops->free_user)
            ops->free_user(user);
        return NULL;
    }
    atomic_init(&p->refs, 1);
    options_copy(&p->ops, sizeof p->ops, ops);
    p->user = user;
    return p;
}

/* ---- Handles ---- */

cairn_propagator *cairn_propagator_ref(cairn_propagator *p)
{
    if (p && p != &w3c && p != &none)
        atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
    return p;
}

void cairn_propagator_unref(cairn_propagator *p)
{
    if (!p || p == &w3c || p == &none ||
        atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (p->ops.free_user)
        p->ops.free_user(p->user);
    free(p);
}

cairn_propagator *cairn_propagator_global(void)
{
    return atomic_load_explicit(&global, memory_order_acquire);
}

void cairn_propagator_set_global(cairn_propagator *p)
{
    cairn_propagator_unref(atomic_exchange(&global, p ? cairn_propagator_ref(p) : &none));
}

void cairn_propagator_inject(cairn_propagator *p, cairn_context *context, cairn_set_fn *set,
                             void *carrier)
{
    if (p && p->ops.inject && set)
        p->ops.inject(p->user, context_or_current(context), set, carrier);
}

cairn_context *cairn_propagator_extract(cairn_propagator *p, cairn_context *context,
                                        cairn_get_fn *get, void *carrier)
{
    context = context_or_current(context);
    return p && p->ops.extract && get ? p->ops.extract(p->user, context, get, carrier)
                                      : cairn_context_ref(context);
}

cairn_str cairn_propagator_field(cairn_propagator *p, size_t index)
{
    return p && p->ops.field ? p->ops.field(p->user, index) : (cairn_str){NULL, 0};
}

void cairn_inject(cairn_context *context, cairn_set_fn *set, void *carrier)
{
    cairn_propagator_inject(cairn_propagator_global(), context, set, carrier);
}

cairn_context *cairn_extract(cairn_context *context, cairn_get_fn *get, void *carrier)
{
    return cairn_propagator_extract(cairn_propagator_global(), context, get, carrier);
}
