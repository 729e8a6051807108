/* span.c - names of enums, comparison and deep copies of spans. */
#include "trace/span.h"

#include "base/err.h"

static const char *const kind_names[] = {"unspecified", "internal", "server",
                                         "client",      "producer", "consumer"};

const char *span_kind_name(enum span_kind kind)
{
    return (unsigned)kind < 6 ? kind_names[kind] : kind_names[0];
}

bool span_kind_parse(struct str name, enum span_kind *ret)
{
    for (int i = 0; i < 6; i++) {
        if (str_eq_nocase(name, str_of(kind_names[i]))) {
            *ret = (enum span_kind)i;
            return true;
        }
    }
    return false;
}

static bool events_eq(const struct span *a, const struct span *b)
{
    if (a->event_count != b->event_count)
        return false;
    for (uint32_t i = 0; i < a->event_count; i++) {
        const struct span_event *x = &a->events[i], *y = &b->events[i];
        if (x->time_ns != y->time_ns || !str_eq(x->name, y->name) ||
            !attrs_eq(&x->attrs, &y->attrs) ||
            x->dropped_attributes_count != y->dropped_attributes_count)
            return false;
    }
    return true;
}

static bool links_eq(const struct span *a, const struct span *b)
{
    if (a->link_count != b->link_count)
        return false;
    for (uint32_t i = 0; i < a->link_count; i++) {
        const struct span_link *x = &a->links[i], *y = &b->links[i];
        if (!trace_id_eq(x->trace_id, y->trace_id) || !span_id_eq(x->span_id, y->span_id) ||
            !str_eq(x->trace_state, y->trace_state) || !attrs_eq(&x->attrs, &y->attrs) ||
            x->dropped_attributes_count != y->dropped_attributes_count || x->flags != y->flags)
            return false;
    }
    return true;
}

static bool resource_eq(const struct resource *a, const struct resource *b)
{
    return a == b || (attrs_eq(&a->attrs, &b->attrs) && str_eq(a->schema_url, b->schema_url) &&
                      a->dropped_attributes_count == b->dropped_attributes_count);
}

static bool scope_eq(const struct scope *a, const struct scope *b)
{
    return a == b || (str_eq(a->name, b->name) && str_eq(a->version, b->version) &&
                      attrs_eq(&a->attrs, &b->attrs) && str_eq(a->schema_url, b->schema_url) &&
                      a->dropped_attributes_count == b->dropped_attributes_count);
}

bool span_eq(const struct span *a, const struct span *b)
{
    return trace_id_eq(a->trace_id, b->trace_id) && span_id_eq(a->span_id, b->span_id) &&
           span_id_eq(a->parent_span_id, b->parent_span_id) && a->kind == b->kind &&
           a->flags == b->flags && a->start_ns == b->start_ns && a->end_ns == b->end_ns &&
           a->status_code == b->status_code && str_eq(a->name, b->name) &&
           str_eq(a->trace_state, b->trace_state) && str_eq(a->status_message, b->status_message) &&
           a->dropped_attributes_count == b->dropped_attributes_count &&
           a->dropped_events_count == b->dropped_events_count &&
           a->dropped_links_count == b->dropped_links_count && attrs_eq(&a->attrs, &b->attrs) &&
           events_eq(a, b) && links_eq(a, b) && resource_eq(a->resource, b->resource) &&
           scope_eq(a->scope, b->scope);
}

static struct str copy_str(struct str s, struct arena *arena)
{
    return s.n ? arena_str(arena, s) : (struct str){NULL, 0};
}

static void copy_attrs(struct attrs *attrs, struct arena *arena);

void value_copy(struct value *v, struct arena *arena)
{
    struct value *items;
    switch (v->type) {
    case VALUE_STRING:
    case VALUE_BYTES: v->string = copy_str(v->string, arena); break;
    case VALUE_KVLIST: copy_attrs(&v->kvlist, arena); break;
    case VALUE_ARRAY:
        items = arena_calloc(arena, v->array.count, sizeof *items);
        for (uint32_t i = 0; items && i < v->array.count; i++) {
            items[i] = v->array.items[i];
            value_copy(&items[i], arena);
        }
        v->array.items = items;
        break;
    default: break;
    }
}

/* Replaces what *attrs points to by a copy; after a failure (arena->failed) it must not be read. */
static void copy_attrs(struct attrs *attrs, struct arena *arena)
{
    struct attr *items = arena_calloc(arena, attrs->count, sizeof *items);
    for (uint32_t i = 0; items && i < attrs->count; i++) {
        items[i].key = copy_str(attrs->items[i].key, arena);
        items[i].value = attrs->items[i].value;
        value_copy(&items[i].value, arena);
    }
    attrs->items = items;
}

static void copy_events(struct span *s, struct arena *arena)
{
    struct span_event *events = arena_calloc(arena, s->event_count, sizeof *events);
    for (uint32_t i = 0; events && i < s->event_count; i++) {
        events[i] = s->events[i];
        events[i].name = copy_str(events[i].name, arena);
        copy_attrs(&events[i].attrs, arena);
    }
    s->events = events;
}

static void copy_links(struct span *s, struct arena *arena)
{
    struct span_link *links = arena_calloc(arena, s->link_count, sizeof *links);
    for (uint32_t i = 0; links && i < s->link_count; i++) {
        links[i] = s->links[i];
        links[i].trace_state = copy_str(links[i].trace_state, arena);
        copy_attrs(&links[i].attrs, arena);
    }
    s->links = links;
}

static int copied(const struct arena *arena)
{
    return arena_failed(arena) ? ERR_NOMEM : 0;
}

int span_copy(struct span *dst, const struct span *src, struct arena *arena)
{
    *dst = *src;
    dst->trace_state = copy_str(src->trace_state, arena);
    dst->name = copy_str(src->name, arena);
    dst->status_message = copy_str(src->status_message, arena);
    copy_attrs(&dst->attrs, arena);
    copy_events(dst, arena);
    copy_links(dst, arena);
    return copied(arena);
}

int resource_copy(struct resource *dst, const struct resource *src, struct arena *arena)
{
    *dst = *src;
    copy_attrs(&dst->attrs, arena);
    dst->schema_url = copy_str(src->schema_url, arena);
    dst->service_name = copy_str(src->service_name, arena);
    return copied(arena);
}

int scope_copy(struct scope *dst, const struct scope *src, struct arena *arena)
{
    *dst = *src;
    dst->name = copy_str(src->name, arena);
    dst->version = copy_str(src->version, arena);
    copy_attrs(&dst->attrs, arena);
    dst->schema_url = copy_str(src->schema_url, arena);
    return copied(arena);
}
