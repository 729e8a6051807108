/* find.c - a plain scan; what many spans share is looked at once. */
#include "api/find.h"

#include "base/hex.h"

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool finder_init(struct finder *f, struct str needle, struct arena *arena, struct arena *scratch)
{
    char *folded = arena_alloc(arena, needle.n);
    *f = (struct finder){.scratch = scratch, .needle_is_hex = true};
    if (!folded)
        return false;
    for (size_t i = 0; i < needle.n; i++) {
        folded[i] = fold(needle.p[i]);
        f->needle_is_hex = f->needle_is_hex && strchr("0123456789abcdef", folded[i]) && folded[i];
    }
    f->needle = str_make(folded, needle.n);
    return true;
}

static bool matches_at(const struct finder *f, const char *p)
{
    for (size_t i = 1; i < f->needle.n; i++) {
        if (fold(p[i]) != f->needle.p[i])
            return false;
    }
    return true;
}

static bool occurs(const struct finder *f, struct str text)
{
    if (text.n < f->needle.n)
        return false;
    if (f->needle.n == 0)
        return true;
    for (const char *p = text.p, *last = text.p + (text.n - f->needle.n); p <= last; p++) {
        if (fold(*p) == f->needle.p[0] && matches_at(f, p))
            return true;
    }
    return false;
}

static bool in_attrs(struct finder *f, const struct attrs *attrs)
{
    for (uint32_t i = 0; i < attrs->count; i++) {
        const struct attr *a = &attrs->items[i];
        if (occurs(f, a->key) || occurs(f, value_text(&a->value, f->scratch)))
            return true;
    }
    return false;
}

static bool in_id(const struct finder *f, const void *id, size_t n)
{
    char text[2 * TRACE_ID_BYTES];
    hex_encode(text, id, n);
    return occurs(f, str_make(text, 2 * n));
}

static bool in_ids(const struct finder *f, const struct span *s)
{
    if (!f->needle_is_hex)
        return false;
    if (in_id(f, s->span_id.bytes, SPAN_ID_BYTES))
        return true;
    if (!span_id_is_zero(s->parent_span_id) && in_id(f, s->parent_span_id.bytes, SPAN_ID_BYTES))
        return true;
    for (uint32_t i = 0; i < s->link_count; i++) {
        if (in_id(f, s->links[i].trace_id.bytes, TRACE_ID_BYTES) ||
            in_id(f, s->links[i].span_id.bytes, SPAN_ID_BYTES))
            return true;
    }
    return false;
}

static bool in_resource(struct finder *f, const struct resource *r)
{
    if (f->resource != r) {
        f->resource = r;
        f->in_resource = in_attrs(f, &r->attrs);
    }
    return f->in_resource;
}

static bool in_scope(struct finder *f, const struct scope *s)
{
    if (f->scope != s) {
        f->scope = s;
        f->in_scope = occurs(f, s->name) || occurs(f, s->version) || in_attrs(f, &s->attrs);
    }
    return f->in_scope;
}

static bool in_events(struct finder *f, const struct span *s)
{
    for (uint32_t i = 0; i < s->event_count; i++) {
        if (occurs(f, s->events[i].name) || in_attrs(f, &s->events[i].attrs))
            return true;
    }
    return false;
}

static bool in_links(struct finder *f, const struct span *s)
{
    for (uint32_t i = 0; i < s->link_count; i++) {
        if (in_attrs(f, &s->links[i].attrs))
            return true;
    }
    return false;
}

bool finder_matches(struct finder *f, const struct span *s)
{
    arena_reset(f->scratch);
    return occurs(f, s->name) || occurs(f, s->status_message) || in_attrs(f, &s->attrs) ||
           in_events(f, s) || in_links(f, s) || in_resource(f, s->resource) ||
           in_scope(f, s->scope) || in_ids(f, s);
}
