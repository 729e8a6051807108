/* tempo_value.c - what a field's values are called is known by its name in the query. */
#include "api/tempo_value.h"

#include <inttypes.h>
#include <math.h>

#include "base/hex.h"
#include "traceql/compare.h"
#include "traceql/fields.h"

static struct value text_value(struct str s)
{
    return (struct value){.type = VALUE_STRING, .string = s};
}

/* value / unit, which has that many zeros, with as many decimals as it takes. */
static struct str decimal(uint64_t value, uint64_t unit, int zeros, struct arena *arena)
{
    struct str s = arena_printf(arena, "%" PRIu64 ".%0*" PRIu64, value / unit, zeros, value % unit);
    while (s.n && s.p[s.n - 1] == '0')
        s.n--;
    if (s.n && s.p[s.n - 1] == '.')
        s.n--;
    return s;
}

static struct str seconds_text(uint64_t ns, struct arena *arena)
{
    const uint64_t second = 1000000000, minute = 60 * second, hour = 60 * minute;
    struct str s = decimal(ns % minute, second, 9, arena);
    if (ns >= hour)
        return arena_printf(arena, "%" PRIu64 "h%" PRIu64 "m%.*ss", ns / hour, ns % hour / minute,
                            STR_ARG(s));
    if (ns >= minute)
        return arena_printf(arena, "%" PRIu64 "m%.*ss", ns / minute, STR_ARG(s));
    return arena_printf(arena, "%.*ss", STR_ARG(s));
}

struct str tempo_duration_text(uint64_t ns, struct arena *arena)
{
    static const struct {
        uint64_t below, unit;
        int zeros;
        const char *name;
    } units[] = {
        {1000, 1, 0, "ns"}, {1000000, 1000, 3, "\xc2\xb5s"}, {1000000000, 1000000, 6, "ms"}};
    if (ns == 0)
        return STR("0s");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct str s;
        if (ns >= units[i].below)
            continue;
        s = decimal(ns, units[i].unit, units[i].zeros, arena);
        return arena_printf(arena, "%.*s%s", STR_ARG(s), units[i].name);
    }
    return seconds_text(ns, arena);
}

static struct value hex_text(struct str bytes, struct arena *arena)
{
    char *text = arena_alloc(arena, 2 * bytes.n + 1);
    if (!text)
        return text_value(STR(""));
    hex_encode(text, bytes.p, bytes.n);
    return text_value(str_make(text, 2 * bytes.n));
}

static struct value named(struct str name, const struct value *v)
{
    return name.n ? text_value(name) : *v;
}

/* A value of what is called name, in words if it has some. */
static struct value shown(struct str name, const struct value *v, struct arena *arena)
{
    const struct intrinsic *intrinsic = intrinsic_of_name(name);
    if (!intrinsic)
        return *v;
    if (v->type == VALUE_BYTES)
        return hex_text(v->string, arena);
    if (intrinsic->type == TYPE_DURATION && v->type == VALUE_DOUBLE && v->number >= 0)
        return text_value(tempo_duration_text((uint64_t)v->number, arena)); /* an average */
    if (v->type != VALUE_INT)
        return *v;
    switch (intrinsic->type) {
    case TYPE_STATUS: return named(status_name(v->integer), v);
    case TYPE_KIND: return named(kind_name(v->integer), v);
    case TYPE_DURATION:
        return v->integer < 0 ? *v : text_value(tempo_duration_text((uint64_t)v->integer, arena));
    default: return *v;
    }
}

bool tempo_span_attr(const struct attr *in, struct arena *arena, struct attr *ret)
{
    *ret = (struct attr){in->key, shown(in->key, &in->value, arena)};
    return in->value.type != VALUE_EMPTY;
}

/* What stands between the brackets of "by(name)" or "avg(duration)"; else all of it. */
static struct str operand(struct str key)
{
    ptrdiff_t open = str_find(key, '(');
    if (open < 0 || key.p[key.n - 1] != ')')
        return key;
    return str_make(key.p + open + 1, key.n - (size_t)open - 2);
}

struct attr tempo_label(const struct attr *in, struct arena *arena)
{
    if (in->value.type == VALUE_EMPTY)
        return (struct attr){in->key, text_value(STR("nil"))};
    return (struct attr){in->key, shown(operand(in->key), &in->value, arena)};
}

static bool is_id(enum field_kind kind)
{
    return kind == FIELD_TRACE_ID || kind == FIELD_SPAN_ID || kind == FIELD_PARENT_ID ||
           kind == FIELD_LINK_TRACE_ID || kind == FIELD_LINK_SPAN_ID;
}

enum tempo_value_kind tempo_value_kind(const struct field *f)
{
    if (f->kind == FIELD_ATTRIBUTE)
        return TEMPO_VALUE_ATTRIBUTE;
    switch (field_type(f)) {
    case TYPE_STATUS: return TEMPO_VALUE_STATUS;
    case TYPE_KIND: return TEMPO_VALUE_KIND;
    case TYPE_STRING: return is_id(f->kind) ? TEMPO_VALUE_NUMBERS : TEMPO_VALUE_ATTRIBUTE;
    default: return TEMPO_VALUE_NUMBERS;
    }
}

struct str tempo_trace_id_text(struct trace_id id, char out[TEMPO_TRACE_ID_BYTES])
{
    struct str text = str_make(out, 2 * TRACE_ID_BYTES);
    hex_encode(out, id.bytes, TRACE_ID_BYTES);
    while (text.n > 1 && text.p[0] == '0')
        text = str_from(text, 1);
    return text;
}

void tempo_span_id_text(struct span_id id, char out[2 * SPAN_ID_BYTES])
{
    hex_encode(out, id.bytes, SPAN_ID_BYTES);
}

uint32_t tempo_duration_ms(const struct trace_summary *s)
{
    uint64_t ms = s->end_ns > s->start_ns ? (s->end_ns - s->start_ns) / 1000000 : 0;
    return ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

uint64_t tempo_bucket_ms(const struct tempo_metrics *m, uint32_t bucket)
{
    return (m->start_ns + (bucket + 1ull) * m->step_ns) / 1000000;
}

bool tempo_series_has_samples(const struct series *s, uint32_t buckets)
{
    for (uint32_t i = 0; i < buckets; i++) {
        if (!isnan(s->values[i]))
            return true;
    }
    return false;
}

void tempo_exemplar_labels(const struct exemplar *e, struct tempo_exemplar_text *text,
                           struct attr ret[TEMPO_EXEMPLAR_LABELS])
{
    hex_encode(text->span_id, e->span_id.bytes, SPAN_ID_BYTES);
    ret[0] = (struct attr){STR("trace:id"),
                           text_value(tempo_trace_id_text(e->trace_id, text->trace_id))};
    ret[1] = (struct attr){STR("span:id"), text_value(str_make(text->span_id, 2 * SPAN_ID_BYTES))};
}
