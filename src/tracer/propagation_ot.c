/* propagation_ot.c - OpenTracing's ot-tracer- fields and ot-baggage- over the application's carriers.
 *
 * There is no written specification; where the known implementations differ, whatever one of them writes is read: ids
 * without their leading zeros, the decision as true and false or as 1 and 0. */
#define CAIRN_NO_INLINE
#include "base/hex.h"
#include "base/utf8.h"
#include "trace/span.h"
#include "tracer/baggage_fields.h"
#include "tracer/propagation.h"
#include "tracer/provider.h"
#include "wire/hex_id.h"

enum { WRITTEN_ID_BYTES = 8 }; /* of a trace id: those who read this format know no more */

/* ---- Baggage: values stand there as they are ---- */

/* What is not ASCII reads differently everywhere. */
static bool copy_plain(struct str value, char *out, size_t *n)
{
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if ((c < ' ' && c != '\t') || c > '~')
            return false;
    }
    if (value.n)
        memcpy(out, value.p, value.n);
    *n = value.n;
    return true;
}

static size_t copy_repaired(struct str value, char *out)
{
    size_t n = 0;
    while (value.n) {
        size_t good = utf8_valid_prefix(value);
        if (good)
            memcpy(out + n, value.p, good);
        n += good;
        value = str_from(value, good);
        if (value.n == 0)
            break;
        memcpy(out + n, "\xef\xbf\xbd", 3);
        n += 3;
        value = str_from(value, 1);
    }
    return n;
}

static const struct baggage_fields ot_baggage = {STR_INIT("ot-baggage-"), copy_plain,
                                                 copy_repaired};

/* ---- Writing ---- */

static void ot_inject(void *user, cairn_context *context, cairn_set_fn *set, void *carrier)
{
    static const uint8_t zeros[WRITTEN_ID_BYTES];
    struct cairn_span_context sc;
    const uint8_t *low = sc.trace_id + sizeof sc.trace_id - WRITTEN_ID_BYTES;
    char trace[2 * WRITTEN_ID_BYTES], span[2 * SPAN_ID_BYTES];
    (void)user;
    if (!propagation_span(context, &sc) || memcmp(low, zeros, sizeof zeros) == 0)
        return;
    hex_encode(trace, low, WRITTEN_ID_BYTES);
    hex_encode(span, sc.span_id, sizeof sc.span_id);
    set(carrier, CAIRN_S("ot-tracer-traceid"), (cairn_str){trace, sizeof trace});
    set(carrier, CAIRN_S("ot-tracer-spanid"), (cairn_str){span, sizeof span});
    set(carrier, CAIRN_S("ot-tracer-sampled"),
        sc.flags & CAIRN_FLAG_SAMPLED ? CAIRN_S("true") : CAIRN_S("false"));
    baggage_fields_inject(&ot_baggage, context, set, carrier);
}

/* ---- Reading ---- */

static bool read_id(cairn_get_fn *get, void *carrier, cairn_str name, uint8_t *out, size_t n)
{
    uint8_t any = 0;
    cairn_str text;
    if (!get(carrier, name, 0, &text) || !hex_id_read(str_trim(str_in(text)), out, n))
        return false;
    for (size_t i = 0; i < n; i++)
        any |= out[i];
    return any != 0;
}

static bool read_sampled(cairn_get_fn *get, void *carrier)
{
    cairn_str text;
    struct str word;
    if (!get(carrier, CAIRN_S("ot-tracer-sampled"), 0, &text))
        return false;
    word = str_trim(str_in(text));
    return str_eq_nocase(word, STR("true")) || str_eq(word, STR("1"));
}

static cairn_context *ot_extract(void *user, cairn_context *context, cairn_get_fn *get,
                                 void *carrier)
{
    struct cairn_span_context sc;
    cairn_context *first, *made;
    (void)user;
    memset(&sc, 0, sizeof sc);
    if (!read_id(get, carrier, CAIRN_S("ot-tracer-traceid"), sc.trace_id, sizeof sc.trace_id) ||
        !read_id(get, carrier, CAIRN_S("ot-tracer-spanid"), sc.span_id, sizeof sc.span_id))
        return cairn_context_ref(context);
    sc.flags = read_sampled(get, carrier) ? CAIRN_FLAG_SAMPLED : 0;
    sc.is_remote = true;
    first = propagation_arrived(context, &sc, false);
    made = baggage_fields_extract(&ot_baggage, first, get, carrier);
    cairn_context_unref(first);
    return made;
}

static cairn_str ot_field(void *user, size_t index)
{
    (void)user;
    switch (index) {
    case 0: return CAIRN_S("ot-tracer-traceid");
    case 1: return CAIRN_S("ot-tracer-spanid");
    case 2: return CAIRN_S("ot-tracer-sampled");
    default: return (cairn_str){NULL, 0};
    }
}

static cairn_propagator ot = {
    .lives_for_ever = true,
    .ops = {sizeof ot.ops, ot_inject, ot_extract, ot_field, NULL},
};

cairn_propagator *cairn_propagator_ot(void)
{
    return &ot;
}
