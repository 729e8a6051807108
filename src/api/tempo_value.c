/* tempo_value.c - what a field's values are called is known by its name in the query. */
#include "api/tempo_value.h"

#include <math.h>
#include <stdio.h>

#include "base/hex.h"

enum { DURATION_BYTES = 40 };

static const char *const statuses[] = {"unset", "ok", "error"};

static struct value text_value(struct str s)
{
    return (struct value){.type = VALUE_STRING, .string = s};
}

/* value / unit with up to `digits` decimals, without zeros at the end. */
static size_t put_decimal(char *out, uint64_t value, uint64_t unit, const char *name)
{
    uint64_t fraction = value % unit;
    size_t n = (size_t)sprintf(out, "%llu", (unsigned long long)(value / unit));
    if (fraction) {
        out[n++] = '.';
        for (unit /= 10; fraction; unit /= 10) {
            out[n++] = (char)('0' + fraction / unit);
            fraction %= unit;
        }
    }
    return n + (size_t)sprintf(out + n, "%s", name);
}

struct str tempo_duration_text(uint64_t ns, struct arena *arena)
{
    const uint64_t second = 1000000000, minute = 60 * second, hour = 60 * minute;
    char text[DURATION_BYTES];
    size_t n = 0;
    if (ns == 0)
        return STR("0s");
    if (ns < 1000)
        n = put_decimal(text, ns, 1, "ns");
    else if (ns < 1000000)
        n = put_decimal(text, ns, 1000, "\xc2\xb5s");
    else if (ns < second)
        n = put_decimal(text, ns, 1000000, "ms");
    if (n)
        return arena_str(arena, str_make(text, n));
    if (ns >= hour)
        n += (size_t)sprintf(text + n, "%lluh", (unsigned long long)(ns / hour));
    if (ns >= minute)
        n += (size_t)sprintf(text + n, "%llum", (unsigned long long)(ns % hour / minute));
    n += put_decimal(text + n, ns % minute, second, "s");
    return arena_str(arena, str_make(text, n));
}

/* A value of this field in words, where it has some. */
static struct value shown(const struct field *f, const struct value *v, struct arena *arena)
{
    if (v->type != VALUE_INT || v->integer < 0)
        return *v;
    switch (f->kind) {
    case FIELD_STATUS:
        return v->integer <= STATUS_ERROR ? text_value(str_of(statuses[v->integer])) : *v;
    case FIELD_KIND:
        return v->integer <= SPAN_KIND_CONSUMER
                   ? text_value(str_of(span_kind_name((enum span_kind)v->integer)))
                   : *v;
    case FIELD_DURATION:
    case FIELD_TRACE_DURATION:
    case FIELD_EVENT_TIME: return text_value(tempo_duration_text((uint64_t)v->integer, arena));
    default: return *v;
    }
}

static bool says_the_span_itself(enum field_kind kind)
{
    switch (kind) {
    case FIELD_NAME:
    case FIELD_DURATION:
    case FIELD_START:
    case FIELD_TRACE_ID:
    case FIELD_SPAN_ID:
    case FIELD_TRACE_DURATION:
    case FIELD_ROOT_NAME:
    case FIELD_ROOT_SERVICE: return true;
    default: return false;
    }
}

/* Intrinsics have one name, however the query wrote them. */
static struct str intrinsic_name(const struct field *f, struct arena *arena)
{
    struct buf text;
    struct str name;
    buf_init(&text, 256);
    traceql_print_field(f, &text);
    name = arena_str(arena, buf_str(&text));
    buf_release(&text);
    return name;
}

bool tempo_span_attr(const struct attr *in, struct arena *arena, struct attr *ret)
{
    struct field f;
    *ret = *in;
    if (in->value.type == VALUE_EMPTY)
        return false;
    if (traceql_parse_field(in->key, &f, arena, NULL) < 0)
        return true;
    if (says_the_span_itself(f.kind))
        return false;
    ret->value = shown(&f, &in->value, arena);
    if (f.kind == FIELD_ATTRIBUTE)
        ret->key = f.key;
    else if (f.kind == FIELD_SERVICE)
        ret->key = STR("service.name");
    else
        ret->key = intrinsic_name(&f, arena);
    return true;
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
    struct attr label = *in;
    struct field f;
    if (label.value.type == VALUE_EMPTY)
        label.value = text_value(STR("nil"));
    else if (traceql_parse_field(operand(in->key), &f, arena, NULL) == 0)
        label.value = shown(&f, &in->value, arena);
    return label;
}

enum tempo_value_kind tempo_value_kind(const struct field *f)
{
    switch (f->kind) {
    case FIELD_STATUS: return TEMPO_VALUE_STATUS;
    case FIELD_KIND: return TEMPO_VALUE_KIND;
    case FIELD_DURATION:
    case FIELD_START:
    case FIELD_TRACE_ID:
    case FIELD_SPAN_ID:
    case FIELD_PARENT_ID:
    case FIELD_EVENT_TIME:
    case FIELD_LINK_TRACE_ID:
    case FIELD_LINK_SPAN_ID:
    case FIELD_CHILD_COUNT:
    case FIELD_TRACE_DURATION:
    case FIELD_NESTED_LEFT:
    case FIELD_NESTED_RIGHT:
    case FIELD_NESTED_PARENT: return TEMPO_VALUE_NUMBERS;
    default: return TEMPO_VALUE_ATTRIBUTE;
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
