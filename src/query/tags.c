/* tags.c - attribute keys and values for completion, the most frequent first.
 *
 * Parts know all their keys, and the values of columns that have a dictionary: these lists are whole. Of columns without
 * one, and of heads, it is the newest SAMPLE_SPANS values that count: where nearly every value is another one, nobody
 * completes more. */
#include <stdlib.h>

#include "query/filter_leaf.h"
#include "query/query.h"
#include "store/dict.h"
#include "store/mem.h"
#include "wire/otlp_pb.h"

enum { SAMPLE_SPANS = 20000 };

/* Strings with how often they occurred. */
struct tally {
    struct dict dict;
    uint32_t *counts;
    size_t counts_cap;
    struct arena *arena; /* keeps the strings */
    struct arena *text;  /* for values that are not strings */
};

static struct str keep(struct str s, void *user)
{
    struct tally *t = user;
    return arena_str(t->arena, s);
}

static void tally_add(struct tally *t, struct str s, uint32_t n)
{
    uint32_t known = t->dict.count, id = dict_intern_kept(&t->dict, s, keep, t);
    if (id == DICT_NONE)
        return;
    if (id == known) {
        t->counts = mem_grow(t->counts, &t->counts_cap, (size_t)id + 1, sizeof *t->counts);
        t->counts[id] = 0;
    }
    t->counts[id] += n;
}

static void tally_release(struct tally *t)
{
    dict_release(&t->dict);
    free(t->counts);
}

typedef void span_fn(const struct span *span, void *user);

static int sample_group(struct run *r, const struct run_group *item, uint32_t *left, span_fn *fn,
                        void *user, struct err *err)
{
    const struct source *src = &r->snap.sources[item->source];
    struct row_group g;
    TRY(source_group(src, r->scanner, item->group, 0, &g, err));
    for (uint32_t i = g.count; i-- > 0 && *left; --*left) {
        struct row_ref ref = {item->source, g.first_row + i};
        struct span span;
        struct row row;
        int rc = source_row(src, r->reader, ref.row, &row, err);
        arena_reset(&r->scratch);
        if (rc == 0)
            rc = run_span(r, ref, &row, &r->scratch, false, &span, err);
        if (rc < 0 && !run_skips(r, rc))
            return rc;
        if (rc == 0)
            fn(&span, user);
        r->q->spans_scanned++;
        TRY(run_tick(r, err));
    }
    return 0;
}

/* Calls fn for the newest spans; of heads only, or of all sources. */
static int sample(struct run *r, bool heads_only, span_fn *fn, void *user, struct err *err)
{
    struct run_groups groups;
    uint32_t left = SAMPLE_SPANS;
    TRY(run_groups(r, 0, UINT64_MAX, &r->own_tables, &groups, err));
    for (size_t i = 0; i < groups.count && left; i++) {
        int rc = 0;
        if (!heads_only || r->snap.sources[groups.items[i].source].head)
            rc = sample_group(r, &groups.items[i], &left, fn, user, err);
        if (rc < 0 && !run_skips(r, rc))
            return rc;
    }
    return run_check(r, err);
}

/* A key as one string: the scope's byte before the key. */
static void add_key(struct tally *t, enum field_scope scope, struct str key, uint32_t n)
{
    char text[512];
    if (key.n > sizeof text - 1)
        return; /* nobody completes such a key */
    text[0] = (char)scope;
    memcpy(text + 1, key.p ? key.p : "", key.n);
    tally_add(t, str_make(text, key.n + 1), n);
}

static void add_keys(struct tally *t, enum field_scope scope, const struct attrs *attrs)
{
    for (uint32_t i = 0; i < attrs->count; i++)
        add_key(t, scope, attrs->items[i].key, 1);
}

static void span_keys(const struct span *span, void *user)
{
    add_keys(user, SCOPE_SPAN, &span->attrs);
    add_keys(user, SCOPE_RESOURCE, &span->resource->attrs);
    add_keys(user, SCOPE_INSTRUMENTATION, &span->scope->attrs);
    for (uint32_t i = 0; i < span->event_count; i++)
        add_keys(user, SCOPE_EVENT, &span->events[i].attrs);
    for (uint32_t i = 0; i < span->link_count; i++)
        add_keys(user, SCOPE_LINK, &span->links[i].attrs);
}

static const enum field_scope table_scopes[TABLE_COUNT] = {SCOPE_SPAN, SCOPE_EVENT, SCOPE_LINK};

/* All keys of a part: they are the names of its columns, and what its few resources and scopes have. */
static int part_keys(struct run *r, uint32_t source, void *user, struct err *err)
{
    struct tally *t = user;
    const struct source *src = &r->snap.sources[source];
    for (uint32_t i = 0; i < src->part->column_count; i++) {
        const struct part_column *c = &src->part->columns[i];
        if (c->key.scope == COLUMN_ATTRIBUTE)
            add_key(t, table_scopes[c->key.table], c->key.name, c->count);
    }
    for (uint32_t id = 0; id < src->resource_count; id++) {
        const struct resource *resource;
        TRY(run_resource(r, source, id, &resource, err));
        add_keys(t, SCOPE_RESOURCE, &resource->attrs);
    }
    for (uint32_t id = 0; id < src->scope_count; id++) {
        const struct scope *scope;
        TRY(run_scope(r, source, id, &scope, err));
        add_keys(t, SCOPE_INSTRUMENTATION, &scope->attrs);
    }
    return run_check(r, err);
}

typedef int part_fn(struct run *r, uint32_t source, void *user, struct err *err);

/* Parts as a whole, heads by sample. */
static int each_source(struct run *r, part_fn *part, span_fn *span, void *user, struct err *err)
{
    for (uint32_t s = 0; s < r->snap.count; s++) {
        int rc = r->snap.sources[s].part ? part(r, s, user, err) : 0;
        if (rc < 0 && !run_skips(r, rc))
            return rc;
    }
    return sample(r, true, span, user, err);
}

static int key_cmp(const void *a, const void *b)
{
    const struct tag_key *x = a, *y = b;
    int c = str_cmp(x->key, y->key);
    return c ? c : (x->scope > y->scope) - (x->scope < y->scope);
}

static int finish_keys(const struct tally *t, struct tag_key_list *ret, struct err *err)
{
    struct tag_key *items = arena_calloc(t->arena, t->dict.count, sizeof *items);
    if (!items || arena_failed(t->arena))
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < t->dict.count; i++) {
        struct str s = dict_get(&t->dict, i);
        items[i] = (struct tag_key){str_from(s, 1), (enum field_scope)s.p[0]};
    }
    qsort(items, t->dict.count, sizeof *items, key_cmp);
    *ret = (struct tag_key_list){items, t->dict.count};
    return 0;
}

int query_tag_keys(struct store *store, struct engine_query *q, struct tag_key_list *ret,
                   struct err *err)
{
    struct tally tally = {.arena = q->arena};
    struct run r;
    int rc;
    run_begin(&r, store, q, NULL);
    rc = each_source(&r, part_keys, span_keys, &tally, err);
    if (rc == 0)
        rc = finish_keys(&tally, ret, err);
    tally_release(&tally);
    run_end(&r);
    return rc;
}

struct values {
    struct tally tally;
    struct field field;
    uint32_t left; /* of the sample of columns without a dictionary */
};

static void tally_text(struct values *v, struct str s, uint32_t n)
{
    if (s.n && n)
        tally_add(&v->tally, s, n);
}

static void add_text(struct values *v, struct str s)
{
    tally_text(v, s, 1);
}

static void add_attr(struct values *v, const struct attrs *attrs)
{
    const struct value *value = attrs_get(attrs, v->field.key);
    if (value)
        add_text(v, value_text(value, v->tally.text));
}

static void add_attribute(struct values *v, const struct span *span)
{
    enum field_scope scope = v->field.scope;
    if (scope == SCOPE_SPAN || scope == SCOPE_ANY)
        add_attr(v, &span->attrs);
    if (scope == SCOPE_RESOURCE || scope == SCOPE_ANY)
        add_attr(v, &span->resource->attrs);
    if (scope == SCOPE_INSTRUMENTATION || scope == SCOPE_ANY)
        add_attr(v, &span->scope->attrs);
    for (uint32_t i = 0; i < span->event_count && (scope == SCOPE_EVENT || scope == SCOPE_ANY); i++)
        add_attr(v, &span->events[i].attrs);
    for (uint32_t i = 0; i < span->link_count && (scope == SCOPE_LINK || scope == SCOPE_ANY); i++)
        add_attr(v, &span->links[i].attrs);
}

static const char *status_name(enum status_code code)
{
    static const char *const names[] = {"unset", "ok", "error"};
    return (unsigned)code < 3 ? names[code] : names[0];
}

/* Times and ids have no list of values worth offering. */
static void span_values(const struct span *span, void *user)
{
    struct values *v = user;
    switch (v->field.kind) {
    case FIELD_ATTRIBUTE: add_attribute(v, span); break;
    case FIELD_NAME: add_text(v, span->name); break;
    case FIELD_SERVICE: add_text(v, span->resource->service_name); break;
    case FIELD_KIND: add_text(v, str_of(span_kind_name(span->kind))); break;
    case FIELD_STATUS: add_text(v, str_of(status_name(span->status_code))); break;
    case FIELD_STATUS_MESSAGE: add_text(v, span->status_message); break;
    case FIELD_SCOPE_NAME: add_text(v, span->scope->name); break;
    case FIELD_SCOPE_VERSION: add_text(v, span->scope->version); break;
    case FIELD_EVENT_NAME:
        for (uint32_t i = 0; i < span->event_count; i++)
            add_text(v, span->events[i].name);
        break;
    default: break;
    }
}

/* How often each entry of a column's dictionary occurs. */
static int dictionary_values(struct run *r, struct part *p, uint32_t column, struct values *v,
                             struct err *err)
{
    const struct part_column *c = &p->columns[column];
    const struct part_strings *dictionary;
    struct value value = {.type = VALUE_STRING};
    uint32_t *counts;
    TRY(part_dictionary(p, column, &dictionary, err));
    arena_reset(&r->hits);
    counts = arena_calloc(&r->hits, c->string_count, sizeof *counts);
    if (!counts)
        return run_out_of_memory(err);
    for (uint32_t g = 0; g < (c->sparse ? 1 : p->group_count); g++) {
        struct page page;
        page_begin(r->scanner);
        TRY(page_column(r->scanner, p, column, g, &page, err));
        for (uint32_t i = 0; i < page.count; i++)
            counts[page.values[i]]++;
        TRY(run_check(r, err));
    }
    for (uint32_t id = 0; id < c->string_count; id++) {
        arena_reset(&r->scratch);
        value.string = dictionary->items[id];
        if (c->key.type == COLUMN_ANY)
            TRY(otlp_pb_decode_value(value.string, &r->scratch, &value, err));
        tally_text(v, value_text(&value, &r->scratch), counts[id]);
        value.type = VALUE_STRING;
    }
    return 0;
}

/* The newest values of a column without a dictionary. */
static int newest_values(struct run *r, struct part *p, uint32_t column, struct values *v,
                         struct err *err)
{
    const struct part_column *c = &p->columns[column];
    for (uint32_t g = c->sparse ? 1 : p->group_count; g-- > 0 && v->left;) {
        struct page page;
        page_begin(r->scanner);
        TRY(page_column(r->scanner, p, column, g, &page, err));
        for (uint32_t i = page.count; i-- > 0 && v->left; v->left--) {
            struct value value;
            arena_reset(&r->scratch);
            TRY(page_value(c, &page, i, &r->scratch, &value, err));
            tally_text(v, value_text(&value, &r->scratch), 1);
        }
        TRY(run_check(r, err));
    }
    return 0;
}

static int table_values(struct run *r, uint32_t source, struct values *v, struct err *err)
{
    const struct source *src = &r->snap.sources[source];
    enum field_scope scope = v->field.scope;
    for (uint32_t id = 0;
         id < src->resource_count && (scope == SCOPE_RESOURCE || scope == SCOPE_ANY); id++) {
        const struct resource *resource;
        TRY(run_resource(r, source, id, &resource, err));
        add_attr(v, &resource->attrs);
    }
    for (uint32_t id = 0;
         id < src->scope_count && (scope == SCOPE_INSTRUMENTATION || scope == SCOPE_ANY); id++) {
        const struct scope *s;
        TRY(run_scope(r, source, id, &s, err));
        add_attr(v, &s->attrs);
    }
    return 0;
}

static int part_values(struct run *r, uint32_t source, void *user, struct err *err)
{
    struct values *v = user;
    struct part *p = r->snap.sources[source].part;
    struct places places = places_of(&v->field);
    for (int t = 0; t < TABLE_COUNT; t++) {
        uint32_t first = 0, count = 0;
        if (places.tables[t])
            count = part_find_columns(p, t, places.scope, places.name, &first);
        for (uint32_t i = 0; i < count; i++)
            TRY(p->columns[first + i].string_count ? dictionary_values(r, p, first + i, v, err)
                                                   : newest_values(r, p, first + i, v, err));
    }
    return v->field.kind == FIELD_ATTRIBUTE ? table_values(r, source, v, err) : 0;
}

/* All services or names there are, counted as zero. */
static int add_table(struct run *r, struct values *v, struct err *err)
{
    bool service = v->field.kind == FIELD_SERVICE;
    enum source_table table = service ? SOURCE_SERVICES : SOURCE_NAMES;
    if (!service && v->field.kind != FIELD_NAME)
        return 0;
    for (uint32_t s = 0; s < r->snap.count; s++) {
        const struct source *src = &r->snap.sources[s];
        uint32_t count = service ? src->service_count : src->name_count;
        int rc = source_need_table(src, table, err);
        if (run_skips(r, rc))
            continue;
        TRY(rc);
        for (uint32_t id = 0; id < count; id++) {
            struct str text = source_string(src, table, id);
            if (text.n)
                tally_add(&v->tally, text, 0);
        }
        TRY(run_check(r, err));
    }
    return 0;
}

static int by_count(const void *a, const void *b, void *user)
{
    const struct tally *t = user;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (t->counts[x] != t->counts[y])
        return t->counts[x] > t->counts[y] ? -1 : 1;
    return str_cmp(dict_get(&t->dict, x), dict_get(&t->dict, y));
}

static int finish_values(struct tally *t, uint32_t limit, struct str_list *ret, struct err *err)
{
    uint32_t *order = arena_calloc(t->text, t->dict.count, sizeof *order);
    uint32_t count = limit < t->dict.count ? limit : t->dict.count;
    struct str *items = arena_calloc(t->arena, count, sizeof *items);
    if (!order || !items || arena_failed(t->arena))
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < t->dict.count; i++)
        order[i] = i;
    qsort_r(order, t->dict.count, sizeof *order, by_count, t);
    for (uint32_t i = 0; i < count; i++)
        items[i] = dict_get(&t->dict, order[i]);
    *ret = (struct str_list){items, count};
    return 0;
}

/* Does a part have the field's values in columns or tables of its own? */
static bool in_columns(const struct field *f)
{
    return f->kind == FIELD_ATTRIBUTE || f->kind == FIELD_STATUS_MESSAGE ||
           f->kind == FIELD_EVENT_NAME;
}

int query_tag_values(struct store *store, struct engine_query *q, struct field field,
                     uint32_t limit, struct str_list *ret, struct err *err)
{
    struct values v = {.tally.arena = q->arena, .field = field, .left = SAMPLE_SPANS};
    struct run r;
    int rc;
    run_begin(&r, store, q, NULL);
    v.tally.text = &r.scratch;
    rc = add_table(&r, &v, err);
    if (rc == 0 && in_columns(&field))
        rc = each_source(&r, part_values, span_values, &v, err);
    else if (rc == 0)
        rc = sample(&r, false, span_values, &v, err);
    if (rc == 0)
        rc = finish_values(&v.tally, limit, ret, err);
    tally_release(&v.tally);
    run_end(&r);
    return rc;
}
