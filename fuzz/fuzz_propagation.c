/* The input is a message's header: lines of "name: value". What all propagators read from it, they write so that they
 * read the same again; and each codec formats what it parses to what it parses to the same. */
#include <stdlib.h>

#include <cairn/cairn.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "wire/b3.h"
#include "wire/baggage.h"
#include "wire/census_binary.h"
#include "wire/uber_trace_id.h"

enum { FIELDS_MAX = 80 };

struct fields {
    struct {
        struct str name, value;
        bool owned;
    } at[FIELDS_MAX];
    size_t count;
};

static struct str copy(cairn_str s)
{
    char *p = malloc(s.n ? s.n : 1);
    FUZZ_CHECK(p);
    if (s.n)
        memcpy(p, s.p, s.n);
    return str_make(p, s.n);
}

static void set(void *carrier, cairn_str name, cairn_str value)
{
    struct fields *f = carrier;
    FUZZ_CHECK(f->count < FIELDS_MAX && name.n > 0);
    f->at[f->count].name = copy(name);
    f->at[f->count].value = copy(value);
    f->at[f->count++].owned = true;
}

static bool get(void *carrier, cairn_str name, size_t index, cairn_str *value)
{
    struct fields *f = carrier;
    for (size_t i = 0; i < f->count; i++) {
        struct str found = name.n ? f->at[i].value : f->at[i].name;
        if ((name.n == 0 || str_eq_nocase(f->at[i].name, str_make(name.p, name.n))) &&
            index-- == 0) {
            *value = cairn_str_make(found.p, found.n);
            return true;
        }
    }
    return false;
}

static void release(struct fields *f)
{
    for (size_t i = 0; i < f->count; i++) {
        if (f->at[i].owned) {
            free((void *)(uintptr_t)f->at[i].name.p);
            free((void *)(uintptr_t)f->at[i].value.p);
        }
    }
}

static void read_fields(struct str input, struct fields *ret)
{
    while (input.n && ret->count < FIELDS_MAX) {
        struct str line;
        str_cut(input, '\n', &line, &input);
        str_cut(line, ':', &ret->at[ret->count].name, &ret->at[ret->count].value);
        ret->at[ret->count].value = str_trim(ret->at[ret->count].value);
        ret->count++;
    }
}

static void check_same(cairn_context *a, cairn_context *b, bool baggage)
{
    struct cairn_span_context x, y;
    struct cairn_baggage_entry e, f;
    cairn_span_get_context(cairn_context_span(a), &x);
    cairn_span_get_context(cairn_context_span(b), &y);
    FUZZ_CHECK(memcmp(x.trace_id, y.trace_id, 16) == 0 && memcmp(x.span_id, y.span_id, 8) == 0);
    FUZZ_CHECK((x.flags & CAIRN_FLAG_SAMPLED) == (y.flags & CAIRN_FLAG_SAMPLED));
    FUZZ_CHECK(str_eq(str_make(x.trace_state.p, x.trace_state.n),
                      str_make(y.trace_state.p, y.trace_state.n)));
    for (size_t i = 0; baggage && cairn_baggage_at(b, i, &f); i++) {
        FUZZ_CHECK(utf8_valid(str_make(f.value.p, f.value.n)));
        FUZZ_CHECK(cairn_baggage_get(a, f.name, &e));
        FUZZ_CHECK(str_eq(str_make(e.value.p, e.value.n), str_make(f.value.p, f.value.n)));
        FUZZ_CHECK(
            str_eq(str_make(e.metadata.p, e.metadata.n), str_make(f.metadata.p, f.metadata.n)));
    }
}

/* OpenTracing's format carries no more of a trace id. */
static void check_lower_half(cairn_context *a, cairn_context *b)
{
    struct cairn_span_context x, y;
    cairn_span_get_context(cairn_context_span(a), &x);
    cairn_span_get_context(cairn_context_span(b), &y);
    FUZZ_CHECK(memcmp(x.trace_id + 8, y.trace_id + 8, 8) == 0 &&
               memcmp(x.span_id, y.span_id, 8) == 0 && x.flags == y.flags);
}

static void round_trip(cairn_propagator *p, struct fields *in)
{
    struct fields out = {.count = 0};
    cairn_context *first = cairn_propagator_extract(p, cairn_context_empty(), get, in), *second;
    cairn_propagator_inject(p, first, set, &out);
    if (p == cairn_propagator_ot() && out.count == 0) { /* the id does not fit */
        cairn_context_unref(first);
        return;
    }
    second = cairn_propagator_extract(p, cairn_context_empty(), get, &out);
    for (size_t i = 0; i < out.count; i++)
        FUZZ_CHECK(out.at[i].value.n <= 20 * 1024);
    if (p == cairn_propagator_ot())
        check_lower_half(first, second);
    else
        check_same(first, second, p != cairn_propagator_jaeger()); /* names lose their case */
    cairn_context_unref(first);
    cairn_context_unref(second);
    release(&out);
}

static void check_codecs(struct str s)
{
    struct b3 b3, b3_again;
    struct uber_trace_id uber, uber_again;
    char text[64];
    if (b3_parse_single(s, &b3) && b3.has_ids) {
        b3_format_single(text, &b3);
        FUZZ_CHECK(b3_parse_single(str_of(text), &b3_again));
        FUZZ_CHECK(trace_id_eq(b3.trace_id, b3_again.trace_id) && b3.debug == b3_again.debug &&
                   b3.sampled == b3_again.sampled);
    }
    if (uber_trace_id_parse(s, &uber)) {
        uber_trace_id_format(text, &uber);
        FUZZ_CHECK(uber_trace_id_parse(str_of(text), &uber_again));
        FUZZ_CHECK(trace_id_eq(uber.trace_id, uber_again.trace_id) &&
                   uber.debug == uber_again.debug && uber.sampled == uber_again.sampled);
    }
}

/* The binary format of what was read names the same span. */
static void check_binary(struct str s)
{
    struct census_binary c, again;
    uint8_t bytes[CENSUS_BINARY_BYTES];
    if (!census_binary_parse(s, &c))
        return;
    census_binary_format(bytes, &c);
    FUZZ_CHECK(census_binary_parse(str_make(bytes, sizeof bytes), &again));
    FUZZ_CHECK(trace_id_eq(c.trace_id, again.trace_id) && c.sampled == again.sampled);
    FUZZ_CHECK(memcmp(c.span_id.bytes, again.span_id.bytes, SPAN_ID_BYTES) == 0);
}

/* Decoding gives UTF-8, and what it gives survives encoding and decoding. */
static void check_percent(struct str s)
{
    char *decoded = malloc(3 * s.n + 1), *encoded, *again;
    size_t n, m;
    FUZZ_CHECK(decoded);
    n = baggage_decode(s, decoded);
    FUZZ_CHECK(n <= 3 * s.n && utf8_valid(str_make(decoded, n)));
    encoded = malloc(3 * n + 1);
    again = malloc(3 * (3 * n) + 1);
    FUZZ_CHECK(encoded && again);
    m = baggage_encode(str_make(decoded, n), encoded);
    FUZZ_CHECK(m <= 3 * n);
    FUZZ_CHECK(baggage_decode(str_make(encoded, m), again) == n);
    FUZZ_CHECK(n == 0 || memcmp(decoded, again, n) == 0);
    free(decoded);
    free(encoded);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cairn_propagator *all[] = {
        cairn_propagator_tracecontext(),  cairn_propagator_baggage(), cairn_propagator_b3(),
        cairn_propagator_b3_multi(),      cairn_propagator_jaeger(),  cairn_propagator_ot(),
        cairn_propagator_grpc_trace_bin()};
    static struct fields in;
    memset(&in, 0, sizeof in);
    check_binary(str_make(data, size));
    read_fields(str_make(data, size), &in);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        round_trip(all[i], &in);
    for (size_t i = 0; i < in.count; i++) {
        check_codecs(in.at[i].value);
        check_percent(in.at[i].value);
    }
    return 0;
}
