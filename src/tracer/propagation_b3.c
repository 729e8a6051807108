/* propagation_b3.c - Zipkin's B3 over the application's carriers: two propagators that read alike and write apart. */
#define CAIRN_NO_INLINE
#include "tracer/propagation.h"
#include "tracer/provider.h"
#include "wire/b3.h"

static bool b3_of(cairn_context *context, struct b3 *ret)
{
    struct cairn_span_context sc;
    if (!propagation_span(context, &sc))
        return false;
    memcpy(ret->trace_id.bytes, sc.trace_id, sizeof sc.trace_id);
    memcpy(ret->span_id.bytes, sc.span_id, sizeof sc.span_id);
    ret->has_ids = true;
    ret->sampled = sc.flags & CAIRN_FLAG_SAMPLED;
    ret->debug = propagation_is_debug(context, &sc);
    return true;
}

static void inject_single(void *user, cairn_context *context, cairn_set_fn *set, void *carrier)
{
    struct b3 b3;
    char header[B3_SINGLE_BYTES + 1];
    (void)user;
    if (!b3_of(context, &b3))
        return;
    b3_format_single(header, &b3);
    set(carrier, CAIRN_S("b3"), (cairn_str){header, B3_SINGLE_BYTES});
}

static void inject_multi(void *user, cairn_context *context, cairn_set_fn *set, void *carrier)
{
    struct b3 b3;
    char trace[33], span[17];
    (void)user;
    if (!b3_of(context, &b3))
        return;
    cairn_trace_id_hex(b3.trace_id.bytes, trace);
    cairn_span_id_hex(b3.span_id.bytes, span);
    set(carrier, CAIRN_S("x-b3-traceid"), (cairn_str){trace, 32});
    set(carrier, CAIRN_S("x-b3-spanid"), (cairn_str){span, 16});
    if (b3.debug)
        set(carrier, CAIRN_S("x-b3-flags"), CAIRN_S("1")); /* says sampled too */
    else
        set(carrier, CAIRN_S("x-b3-sampled"), b3.sampled ? CAIRN_S("1") : CAIRN_S("0"));
}

static struct str first(cairn_get_fn *get, void *carrier, cairn_str name)
{
    cairn_str value;
    return get(carrier, name, 0, &value) ? str_in(value) : (struct str){NULL, 0};
}

static bool read_either(cairn_get_fn *get, void *carrier, struct b3 *ret)
{
    struct b3_fields fields;
    if (b3_parse_single(first(get, carrier, CAIRN_S("b3")), ret))
        return true;
    fields.trace_id = first(get, carrier, CAIRN_S("x-b3-traceid"));
    fields.span_id = first(get, carrier, CAIRN_S("x-b3-spanid"));
    fields.sampled = first(get, carrier, CAIRN_S("x-b3-sampled"));
    fields.flags = first(get, carrier, CAIRN_S("x-b3-flags"));
    return b3_parse_multi(&fields, ret);
}

static cairn_context *b3_extract(void *user, cairn_context *context, cairn_get_fn *get,
                                 void *carrier)
{
    struct cairn_span_context sc;
    struct b3 b3;
    (void)user;
    /* a decision without ids is about no trace that we could go on with */
    if (!read_either(get, carrier, &b3) || !b3.has_ids)
        return cairn_context_ref(context);
    memset(&sc, 0, sizeof sc);
    memcpy(sc.trace_id, b3.trace_id.bytes, sizeof sc.trace_id);
    memcpy(sc.span_id, b3.span_id.bytes, sizeof sc.span_id);
    sc.flags = b3.sampled ? CAIRN_FLAG_SAMPLED : 0;
    sc.is_remote = true;
    return propagation_arrived(context, &sc, b3.debug);
}

static cairn_str single_field(void *user, size_t index)
{
    (void)user;
    return index == 0 ? CAIRN_S("b3") : (cairn_str){NULL, 0};
}

static cairn_str multi_field(void *user, size_t index)
{
    static const char *const names[] = {"x-b3-traceid", "x-b3-spanid", "x-b3-sampled",
                                        "x-b3-flags"};
    (void)user;
    return cairn_str_of(index < sizeof names / sizeof *names ? names[index] : NULL);
}

static cairn_propagator single = {
    .lives_for_ever = true,
    .ops = {sizeof single.ops, inject_single, b3_extract, single_field, NULL},
};
static cairn_propagator multi = {
    .lives_for_ever = true,
    .ops = {sizeof multi.ops, inject_multi, b3_extract, multi_field, NULL},
};

cairn_propagator *cairn_propagator_b3(void)
{
    return &single;
}

cairn_propagator *cairn_propagator_b3_multi(void)
{
    return &multi;
}
