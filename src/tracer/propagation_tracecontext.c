/* propagation_tracecontext.c - W3C Trace Context over the application's carriers. */
#define CAIRN_NO_INLINE
#include "base/buf.h"
#include "tracer/propagation.h"
#include "tracer/provider.h"
#include "wire/traceparent.h"

enum {
    STATE_BYTES_MAX = 20 * 1024
}; /* 32 members of 256 + 1 + 256, the commas, and some for spaces */

static void w3c_inject(void *user, cairn_context *context, cairn_set_fn *set, void *carrier)
{
    struct cairn_span_context sc;
    struct traceparent tp;
    char header[TRACEPARENT_BYTES + 1];
    (void)user;
    if (!propagation_span(context, &sc))
        return;
    memcpy(tp.trace_id.bytes, sc.trace_id, sizeof sc.trace_id);
    memcpy(tp.span_id.bytes, sc.span_id, sizeof sc.span_id);
    tp.flags = sc.flags & (CAIRN_FLAG_SAMPLED | CAIRN_FLAG_RANDOM);
    traceparent_format(header, &tp);
    set(carrier, CAIRN_S("traceparent"), (cairn_str){header, TRACEPARENT_BYTES});
    if (sc.trace_state.n)
        set(carrier, CAIRN_S("tracestate"), sc.trace_state);
}

/* All tracestate fields as one list, empty when they are not valid. Lies in `out`. */
static struct str read_state(cairn_get_fn *get, void *carrier, struct buf *out)
{
    struct tracestate_member members[TRACESTATE_MEMBERS_MAX];
    cairn_str part;
    int count;
    for (size_t i = 0; !out->failed && get(carrier, CAIRN_S("tracestate"), i, &part); i++) {
        if (i)
            buf_put_byte(out, ',');
        buf_put(out, part.p, part.n);
    }
    count = out->failed ? -1 : tracestate_parse(buf_str(out), members);
    return count > 0 ? str_make(out->p, tracestate_join((char *)out->p, members, count)) : STR("");
}

static cairn_context *w3c_extract(void *user, cairn_context *context, cairn_get_fn *get,
                                  void *carrier)
{
    struct cairn_span_context sc;
    struct traceparent tp;
    struct buf state;
    cairn_str header, second;
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
    sc.trace_state = str_out(read_state(get, carrier, &state));
    made = propagation_arrived(context, &sc, false);
    buf_release(&state);
    return made;
}

static cairn_str w3c_field(void *user, size_t index)
{
    (void)user;
    return index == 0   ? CAIRN_S("traceparent")
           : index == 1 ? CAIRN_S("tracestate")
                        : (cairn_str){NULL, 0};
}

static cairn_propagator w3c = {
    .lives_for_ever = true,
    .ops = {sizeof w3c.ops, w3c_inject, w3c_extract, w3c_field, NULL},
};

cairn_propagator *cairn_propagator_tracecontext(void)
{
    return &w3c;
}
