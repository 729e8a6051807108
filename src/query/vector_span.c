/* vector_span.c - the value of a field on a span that is there as a whole. */
#include "query/vector_inside.h"

static const struct value none = {.type = VALUE_EMPTY};

static struct value string_value(struct str s)
{
    return (struct value){VALUE_STRING, {.string = s}};
}

static struct value int_value(int64_t n)
{
    return (struct value){VALUE_INT, {.integer = n}};
}

/* Times past the year 2262 and the durations they make count as the largest integer. */
static struct value time_value(uint64_t n)
{
    return int_value(n > INT64_MAX ? INT64_MAX : (int64_t)n);
}

static struct value id_value(const uint8_t *bytes, size_t n)
{
    return (struct value){VALUE_BYTES, {.string = str_make(bytes, n)}};
}

static bool take(const struct attrs *attrs, struct str key, bool *has, struct value *ret)
{
    const struct value *v = attrs_get(attrs, key);
    *has |= v != NULL;
    if (v)
        *ret = *v;
    return v && v->type != VALUE_EMPTY;
}

static bool take_event(const struct span *span, struct str key, bool *has, struct value *ret)
{
    for (uint32_t i = 0; i < span->event_count; i++) {
        if (take(&span->events[i].attrs, key, has, ret))
            return true;
    }
    return false;
}

static bool take_link(const struct span *span, struct str key, bool *has, struct value *ret)
{
    for (uint32_t i = 0; i < span->link_count; i++) {
        if (take(&span->links[i].attrs, key, has, ret))
            return true;
    }
    return false;
}

/* The first place that has the key, whatever its value, decides. */
static bool take_first(const struct span *s, struct str key, struct value *v)
{
    bool has = false;
    return take(&s->attrs, key, &has, v) || (!has && take(&s->resource->attrs, key, &has, v)) ||
           (!has && take_event(s, key, &has, v)) || (!has && take_link(s, key, &has, v)) ||
           (!has && take(&s->scope->attrs, key, &has, v));
}

static struct value attribute(const struct field *f, const struct span *span)
{
    struct value v = none;
    bool found = false, has = false;
    switch (f->scope) {
    case SCOPE_SPAN: found = take(&span->attrs, f->key, &has, &v); break;
    case SCOPE_RESOURCE: found = take(&span->resource->attrs, f->key, &has, &v); break;
    case SCOPE_INSTRUMENTATION: found = take(&span->scope->attrs, f->key, &has, &v); break;
    case SCOPE_EVENT: found = take_event(span, f->key, &has, &v); break;
    case SCOPE_LINK: found = take_link(span, f->key, &has, &v); break;
    case SCOPE_FIRST: found = take_first(span, f->key, &v); break;
    case SCOPE_ANY:
        found = take(&span->attrs, f->key, &has, &v) ||
                take(&span->resource->attrs, f->key, &has, &v) ||
                take(&span->scope->attrs, f->key, &has, &v) || take_event(span, f->key, &has, &v) ||
                take_link(span, f->key, &has, &v);
        break;
    }
    return found ? v : none;
}

struct value span_field(const struct field *f, const struct span *span)
{
    const struct span_event *event = span->event_count ? span->events : NULL;
    const struct span_link *link = span->link_count ? span->links : NULL;
    switch (f->kind) {
    case FIELD_ATTRIBUTE: return attribute(f, span);
    case FIELD_NAME: return string_value(span->name);
    case FIELD_SERVICE: return string_value(span->resource->service_name);
    case FIELD_KIND: return int_value((int64_t)span->kind);
    case FIELD_STATUS: return int_value((int64_t)span->status_code);
    case FIELD_STATUS_MESSAGE: return string_value(span->status_message);
    case FIELD_DURATION: return time_value(span_duration_ns(span));
    case FIELD_START: return time_value(span->start_ns);
    case FIELD_TRACE_ID: return id_value(span->trace_id.bytes, TRACE_ID_BYTES);
    case FIELD_SPAN_ID: return id_value(span->span_id.bytes, SPAN_ID_BYTES);
    case FIELD_PARENT_ID:
        if (span_id_is_zero(span->parent_span_id))
            return none;
        return id_value(span->parent_span_id.bytes, SPAN_ID_BYTES);
    case FIELD_SCOPE_NAME: return string_value(span->scope->name);
    case FIELD_SCOPE_VERSION: return string_value(span->scope->version);
    case FIELD_EVENT_NAME: return event ? string_value(event->name) : none;
    case FIELD_EVENT_TIME:
        return event ? int_value((int64_t)(event->time_ns - span->start_ns)) : none;
    case FIELD_LINK_TRACE_ID: return link ? id_value(link->trace_id.bytes, TRACE_ID_BYTES) : none;
    case FIELD_LINK_SPAN_ID: return link ? id_value(link->span_id.bytes, SPAN_ID_BYTES) : none;
    default: return none;
    }
}
