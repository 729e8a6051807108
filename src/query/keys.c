/* keys.c - the keys of attributes, for completion: all there are, or those of the spans that pass a filter.
 *
 * Parts know their keys as names of columns; which of them a row has, its template says. Heads keep spans as they came: the
 * newest SAMPLE_SPANS that pass are decoded. */
#include <stdlib.h>

#include "query/query.h"
#include "query/rows.h"
#include "store/dict.h"
#include "store/mem.h"

enum { SAMPLE_SPANS = 20000, KEY_BYTES_MAX = 512 };

struct keys {
    struct run run;
    struct filter filter;
    bool open;        /* every span is asked for */
    struct dict seen; /* the scope's byte, then the key */
    uint32_t left;    /* spans of heads to be decoded */
    /* of the part at hand */
    uint32_t source;
    uint8_t *templates, *resources, *scopes; /* met: by id */
};

static struct str keep(struct str s, void *user)
{
    struct keys *k = user;
    return arena_str(k->run.q->arena, s);
}

static void add_key(struct keys *k, enum field_scope scope, struct str key)
{
    char text[KEY_BYTES_MAX];
    if (key.n > sizeof text - 1)
        return; /* nobody completes such a key */
    text[0] = (char)scope;
    memcpy(text + 1, key.p ? key.p : "", key.n);
    dict_intern_kept(&k->seen, str_make(text, key.n + 1), keep, k);
}

static void add_keys(struct keys *k, enum field_scope scope, const struct attrs *attrs)
{
    for (uint32_t i = 0; i < attrs->count; i++)
        add_key(k, scope, attrs->items[i].key);
}

static void span_keys(struct keys *k, const struct span *span)
{
    add_keys(k, SCOPE_SPAN, &span->attrs);
    add_keys(k, SCOPE_RESOURCE, &span->resource->attrs);
    add_keys(k, SCOPE_INSTRUMENTATION, &span->scope->attrs);
    for (uint32_t i = 0; i < span->event_count; i++)
        add_keys(k, SCOPE_EVENT, &span->events[i].attrs);
    for (uint32_t i = 0; i < span->link_count; i++)
        add_keys(k, SCOPE_LINK, &span->links[i].attrs);
}

/* ---- Parts ---- */

static const enum field_scope table_scopes[TABLE_COUNT] = {SCOPE_SPAN, SCOPE_EVENT, SCOPE_LINK};

static void column_key(struct keys *k, const struct part *p, uint32_t column)
{
    const struct part_column *c = &p->columns[column];
    if (c->key.scope == COLUMN_ATTRIBUTE)
        add_key(k, table_scopes[c->key.table], c->key.name);
}

/* met: by id; NULL = all of them. */
static int table_keys(struct keys *k, uint32_t source, const uint8_t *resources,
                      const uint8_t *scopes, struct err *err)
{
    const struct source *src = &k->run.snap.sources[source];
    for (uint32_t id = 0; id < src->resource_count; id++) {
        const struct resource *resource;
        if (resources && !resources[id])
            continue;
        TRY(run_resource(&k->run, source, id, &resource, err));
        add_keys(k, SCOPE_RESOURCE, &resource->attrs);
    }
    for (uint32_t id = 0; id < src->scope_count; id++) {
        const struct scope *scope;
        if (scopes && !scopes[id])
            continue;
        TRY(run_scope(&k->run, source, id, &scope, err));
        add_keys(k, SCOPE_INSTRUMENTATION, &scope->attrs);
    }
    return run_check(&k->run, err);
}

static int all_keys(struct keys *k, uint32_t source, struct err *err)
{
    const struct part *p = k->run.snap.sources[source].part;
    for (uint32_t i = 0; i < p->column_count; i++)
        column_key(k, p, i);
    return table_keys(k, source, NULL, NULL, err);
}

/* Keys of events and links, of a group that has rows which pass and have such: which of them is not asked. */
static void other_keys(struct keys *k, const struct part *p, uint32_t group)
{
    for (uint32_t i = 0; i < p->column_count; i++) {
        const struct part_column *c = &p->columns[i];
        if (c->key.table != TABLE_SPANS && (c->sparse || c->pages[group]))
            column_key(k, p, i);
    }
}

static int part_rows_keys(struct keys *k, const struct run_group *group, const struct bits *rows,
                          struct err *err)
{
    struct part *p = k->run.snap.sources[group->source].part;
    const struct part_rows *columns;
    uint32_t row;
    bool others = false;
    TRY(page_rows(k->run.scanner, p, group->group, ROWS_TEMPLATE | ROWS_RESOURCE, &columns, err));
    for (struct bits_walk w = bits_begin(rows); bits_next(&w, &row);) {
        k->templates[columns->template_id[row]] = 1;
        k->resources[columns->resource[row]] = 1;
        k->scopes[columns->scope[row]] = 1;
    }
    for (uint32_t t = 0; t < p->template_counts[TABLE_SPANS] && !others; t++) {
        const struct column_template *shape = &p->templates[TABLE_SPANS][t];
        for (uint32_t i = 0; k->templates[t] && i < shape->count; i++) {
            const struct column_key *key = &p->columns[shape->columns[i]].key;
            others |= key->scope == COLUMN_MEMBER && (str_eq(key->name, STR(MEMBER_EVENTS)) ||
                                                      str_eq(key->name, STR(MEMBER_LINKS)));
        }
    }
    if (others)
        other_keys(k, p, group->group);
    return 0;
}

static int met_keys(struct keys *k, uint32_t source, struct err *err)
{
    const struct part *p = k->run.snap.sources[source].part;
    for (uint32_t t = 0; t < p->template_counts[TABLE_SPANS]; t++) {
        const struct column_template *shape = &p->templates[TABLE_SPANS][t];
        for (uint32_t i = 0; k->templates[t] && i < shape->count; i++)
            column_key(k, p, shape->columns[i]);
    }
    return table_keys(k, source, k->resources, k->scopes, err);
}

static int filtered_part(struct keys *k, uint32_t source, struct err *err)
{
    struct run *r = &k->run;
    const struct source *src = &r->snap.sources[source];
    bool met = false;
    arena_reset(&r->rows);
    k->templates = arena_calloc(&r->rows, src->part->template_counts[TABLE_SPANS], 1);
    k->resources = arena_calloc(&r->rows, src->resource_count, 1);
    k->scopes = arena_calloc(&r->rows, src->scope_count, 1);
    if (!k->templates || !k->resources || !k->scopes)
        return run_out_of_memory(err);
    for (uint32_t g = 0; g < source_group_count(src); g++) {
        struct run_group group = {source_group_range(src, g), source, g};
        struct bits rows;
        bool any;
        TRY(rows_pass(r, &k->filter, &group, &rows, &any, err));
        if (any)
            TRY(part_rows_keys(k, &group, &rows, err));
        met |= any;
        TRY(run_check(r, err));
    }
    return met ? met_keys(k, source, err) : 0;
}

/* ---- Heads ---- */

static int head_keys(struct keys *k, uint32_t source, struct err *err)
{
    struct run *r = &k->run;
    const struct source *src = &r->snap.sources[source];
    for (uint32_t g = source_group_count(src); g-- > 0 && k->left;) {
        struct run_group group = {source_group_range(src, g), source, g};
        struct bits rows;
        uint32_t row;
        bool any;
        TRY(rows_pass(r, &k->filter, &group, &rows, &any, err));
        if (!any)
            continue;
        for (struct bits_walk w = bits_begin(&rows); k->left && bits_next(&w, &row); k->left--) {
            struct row_ref ref = {source, source_group_first(src, g) + row};
            struct span span;
            struct row columns;
            TRY(source_row(src, r->reader, ref.row, &columns, err));
            arena_reset(&r->scratch);
            TRY(run_span(r, ref, &columns, &r->scratch, false, &span, err));
            span_keys(k, &span);
            TRY(run_tick(r, err));
        }
    }
    return run_check(r, err);
}

/* ---- The answer ---- */

static int key_cmp(const void *a, const void *b)
{
    const struct tag_key *x = a, *y = b;
    if (x->scope != y->scope)
        return x->scope < y->scope ? -1 : 1;
    return str_cmp(x->key, y->key);
}

static int finish(const struct keys *k, uint32_t limit, struct tag_key_list *ret, struct err *err)
{
    struct arena *arena = k->run.q->arena;
    struct tag_key *items = arena_calloc(arena, k->seen.count, sizeof *items);
    if (!items || arena_failed(arena))
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < k->seen.count; i++) {
        struct str s = dict_get(&k->seen, i);
        items[i] = (struct tag_key){str_from(s, 1), (enum field_scope)s.p[0]};
    }
    if (k->seen.count)
        qsort(items, k->seen.count, sizeof *items, key_cmp);
    *ret = (struct tag_key_list){items, k->seen.count < limit ? k->seen.count : limit};
    return 0;
}

static int each_source(struct keys *k, struct err *err)
{
    for (uint32_t s = k->run.snap.count; s-- > 0;) {
        const struct source *src = &k->run.snap.sources[s];
        bool possible;
        int rc = filter_possible(&k->run, &k->filter, s, &possible, err);
        if (rc == 0 && possible)
            rc = src->head ? head_keys(k, s, err)
                 : k->open ? all_keys(k, s, err)
                           : filtered_part(k, s, err);
        if (rc < 0 && !run_skips(&k->run, rc))
            return rc;
    }
    return 0;
}

int query_keys(struct store *store, struct engine_query *q, const struct tag_query *query,
               struct tag_key_list *ret, struct err *err)
{
    struct trace_query filter = {query->filter, query->start_ns, query->end_ns, 0};
    struct keys *k = mem_calloc(1, sizeof *k);
    int rc = 0;
    k->left = SAMPLE_SPANS;
    k->open = !query->filter && query->start_ns == 0 && query->end_ns == UINT64_MAX;
    run_begin(&k->run, store, q, NULL);
    if (expr_needs_trace(query->filter))
        rc = err_set(err, ERR_INVALID, "only the whole trace tells a field of the filter");
    if (rc == 0)
        rc = run_check(&k->run, err);
    if (rc == 0)
        rc = filter_make(&k->run, &filter, &k->filter, err);
    if (rc == 0)
        rc = each_source(k, err);
    if (rc == 0)
        rc = finish(k, query->limit, ret, err);
    dict_release(&k->seen);
    run_end(&k->run);
    free(k);
    return rc;
}
