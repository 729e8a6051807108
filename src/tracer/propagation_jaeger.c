/* propagation_jaeger.c - Jaeger's uber-trace-id and uberctx- baggage over the application's carriers. */
#define CAIRN_NO_INLINE
#include "tracer/baggage_fields.h"
#include "tracer/propagation.h"
#include "tracer/provider.h"
#include "wire/baggage.h"
#include "wire/uber_trace_id.h"

/* ---- Writing ---- */

static bool encode(struct str value, char *out, size_t *n)
{
    *n = baggage_encode(value, out);
    return true;
}

static const struct baggage_fields uberctx = {STR_INIT("uberctx-"), encode, baggage_decode};

static void inject_trace(cairn_context *context, cairn_set_fn *set, void *carrier)
{
    struct cairn_span_context sc;
    struct uber_trace_id id;
    char header[UBER_TRACE_ID_BYTES + 1];
    if (!propagation_span(context, &sc))
        return;
    memcpy(id.trace_id.bytes, sc.trace_id, sizeof sc.trace_id);
    memcpy(id.span_id.bytes, sc.span_id, sizeof sc.span_id);
    id.sampled = sc.flags & CAIRN_FLAG_SAMPLED;
    id.debug = propagation_is_debug(context, &sc);
    uber_trace_id_format(header, &id);
    set(carrier, CAIRN_S("uber-trace-id"), (cairn_str){header, UBER_TRACE_ID_BYTES});
}

static void jaeger_inject(void *user, cairn_context *context, cairn_set_fn *set, void *carrier)
{
    (void)user;
    inject_trace(context, set, carrier);
    baggage_fields_inject(&uberctx, context, set, carrier);
}

/* ---- Reading ---- */

static cairn_context *extract_trace(cairn_context *context, cairn_get_fn *get, void *carrier)
{
    struct cairn_span_context sc;
    struct uber_trace_id id;
    cairn_str header;
    if (!get(carrier, CAIRN_S("uber-trace-id"), 0, &header) ||
        !uber_trace_id_parse(str_in(header), &id))
        return cairn_context_ref(context);
    memset(&sc, 0, sizeof sc);
    memcpy(sc.trace_id, id.trace_id.bytes, sizeof sc.trace_id);
    memcpy(sc.span_id, id.span_id.bytes, sizeof sc.span_id);
    sc.flags = id.sampled ? CAIRN_FLAG_SAMPLED : 0;
    sc.is_remote = true;
    return propagation_arrived(context, &sc, id.debug);
}

static cairn_context *jaeger_extract(void *user, cairn_context *context, cairn_get_fn *get,
                                     void *carrier)
{
    cairn_context *first = extract_trace(context, get, carrier), *made;
    (void)user;
    made = baggage_fields_extract(&uberctx, first, get, carrier);
    cairn_context_unref(first);
    return made;
}

static cairn_str jaeger_field(void *user, size_t index)
{
    (void)user;
    return index == 0 ? CAIRN_S("uber-trace-id") : (cairn_str){NULL, 0};
}

static cairn_propagator jaeger = {
    .lives_for_ever = true,
    .ops = {sizeof jaeger.ops, jaeger_inject, jaeger_extract, jaeger_field, NULL},
};

cairn_propagator *cairn_propagator_jaeger(void)
{
    return &jaeger;
}
