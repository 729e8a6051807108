/* propagation_binary.c - OpenCensus's binary trace context, as bytes and as the field grpc-trace-bin. */
#define CAIRN_NO_INLINE
#include "base/base64.h"
#include "tracer/context.h"
#include "tracer/propagation.h"
#include "tracer/provider.h"
#include "wire/census_binary.h"

/* Of a text that is looked at: fields that are unknown may follow ours. */
enum { READ_BYTES_MAX = 1024 };

_Static_assert((int)CAIRN_BINARY_BYTES == (int)CENSUS_BINARY_BYTES, "one format");

size_t cairn_binary_inject(cairn_context *context, uint8_t *out, size_t room)
{
    struct cairn_span_context sc;
    struct census_binary c;
    if (!out || room < CENSUS_BINARY_BYTES || !propagation_span(context_or_current(context), &sc))
        return 0;
    memcpy(c.trace_id.bytes, sc.trace_id, sizeof sc.trace_id);
    memcpy(c.span_id.bytes, sc.span_id, sizeof sc.span_id);
    c.sampled = sc.flags & CAIRN_FLAG_SAMPLED;
    census_binary_format(out, &c);
    return CENSUS_BINARY_BYTES;
}

cairn_context *cairn_binary_extract(cairn_context *context, const uint8_t *bytes, size_t n)
{
    struct cairn_span_context sc;
    struct census_binary c;
    context = context_or_current(context);
    if (!bytes || !census_binary_parse(str_make(bytes, n), &c))
        return cairn_context_ref(context);
    memset(&sc, 0, sizeof sc);
    memcpy(sc.trace_id, c.trace_id.bytes, sizeof sc.trace_id);
    memcpy(sc.span_id, c.span_id.bytes, sizeof sc.span_id);
    sc.flags = c.sampled ? CAIRN_FLAG_SAMPLED : 0;
    sc.is_remote = true;
    return propagation_arrived(context, &sc, false);
}

/* ---- The field ---- */

static void bin_inject(void *user, cairn_context *context, cairn_set_fn *set, void *carrier)
{
    uint8_t bytes[CENSUS_BINARY_BYTES];
    char text[BASE64_TEXT_BYTES(CENSUS_BINARY_BYTES)];
    (void)user;
    if (cairn_binary_inject(context, bytes, sizeof bytes))
        set(carrier, CAIRN_S("grpc-trace-bin"),
            (cairn_str){text, base64_encode(text, bytes, sizeof bytes)});
}

static cairn_context *bin_extract(void *user, cairn_context *context, cairn_get_fn *get,
                                  void *carrier)
{
    unsigned char bytes[READ_BYTES_MAX];
    ptrdiff_t n = -1;
    cairn_str text;
    (void)user;
    if (get(carrier, CAIRN_S("grpc-trace-bin"), 0, &text))
        n = base64_decode(bytes, sizeof bytes, str_trim(str_in(text)));
    return n < 0 ? cairn_context_ref(context) : cairn_binary_extract(context, bytes, (size_t)n);
}

static cairn_str bin_field(void *user, size_t index)
{
    (void)user;
    return index == 0 ? CAIRN_S("grpc-trace-bin") : (cairn_str){NULL, 0};
}

static cairn_propagator grpc_trace_bin = {
    .lives_for_ever = true,
    .ops = {sizeof grpc_trace_bin.ops, bin_inject, bin_extract, bin_field, NULL},
};

cairn_propagator *cairn_propagator_grpc_trace_bin(void)
{
    return &grpc_trace_bin;
}
