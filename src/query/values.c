/* values.c - the values of a field with how often they occur, for completion and facets.
 *
 * With a filter or a time range every span is looked at. Without, what is there is told by the dictionaries of the parts and
 * how frequent it is by the newest spans: an answer while somebody is typing. */
#include <stdlib.h>

#include "query/labels.h"
#include "query/parallel.h"
#include "query/places.h"
#include "query/query.h"
#include "query/rows.h"
#include "query/vector.h"

enum {
    SAMPLE_SPANS = 16384,      /* looked at for frequencies */
    SAMPLE_VALUES = 8192,      /* of each kind of column without a dictionary */
    DICTIONARY_VALUES = 50000, /* of dictionaries, the newest parts' first */
};

/* What a thread has. */
struct counter {
    struct filter filter;
    struct vector_field *field;
    struct label_ids labels;
    uint64_t *counts; /* by label */
    size_t count, cap;
    bool full; /* there were more values than LABELS_MAX */
    uint32_t ids[SOURCE_GROUP_ROWS_MAX];
};

struct counting {
    const struct tag_query *query;
    struct counter *counters[PARALLEL_MAX];
};

static int make_counter(struct run *r, const struct tag_query *query, struct counter **ret,
                        struct err *err)
{
    struct trace_query filter = {query->filter, query->start_ns, query->end_ns, 0};
    struct counter *c = arena_calloc(&r->own_tables, 1, sizeof *c);
    if (!c)
        return run_out_of_memory(err);
    label_ids_init(&c->labels, &r->own_tables);
    TRY(vector_field_make(r, &query->field, &c->field, err));
    TRY(filter_make(r, &filter, &c->filter, err));
    *ret = c;
    return 0;
}

static int count_label(struct counter *c, uint32_t id, uint64_t n, struct err *err)
{
    struct arena *arena = c->labels.arena;
    if (arena_failed(arena))
        return run_out_of_memory(err);
    c->full |= id == LABEL_NONE;
    if (id == LABEL_NONE)
        return 0;
    if (id >= c->count) {
        uint64_t *counts =
            arena_grow(arena, c->counts, c->count, &c->cap, (size_t)id + 1, sizeof *counts);
        if (!counts)
            return run_out_of_memory(err);
        memset(counts + c->count, 0, ((size_t)id + 1 - c->count) * sizeof *counts);
        c->counts = counts;
        c->count = (size_t)id + 1;
    }
    c->counts[id] += n;
    return 0;
}

/* Counts a group's rows that pass; *looked = how many these are. */
static int count_rows(struct run *r, struct counter *c, const struct run_group *group,
                      uint32_t *looked, struct err *err)
{
    struct vector v;
    struct bits rows;
    bool any;
    *looked = 0;
    TRY(rows_pass(r, &c->filter, group, &rows, &any, err));
    if (!any)
        return 0;
    *looked = bits_count(&rows);
    arena_reset(&r->rows);
    TRY(vector_read(r, c->field, group->source, group->group, &rows, &r->rows, &v, err));
    TRY(label_ids_read(&c->labels, &v, *looked, c->ids, err));
    for (uint32_t i = 0; i < *looked; i++)
        TRY(count_label(c, c->ids[i], 1, err));
    return 0;
}

static int count_group(struct run *r, uint32_t thread, const struct run_group *group, void *user,
                       struct err *err)
{
    const struct counting *counting = user;
    uint32_t looked;
    return count_rows(r, counting->counters[thread], group, &looked, err);
}

/* ---- Every span ---- */

static int merge(struct counter *to, const struct counter *from, struct err *err)
{
    to->full |= from->full;
    for (size_t i = 0; i < from->count; i++)
        TRY(count_label(to, label_ids_put(&to->labels, &from->labels.items[i]), from->counts[i],
                        err));
    return 0;
}

static int count_all(struct counting *counting, struct parallel *p, const struct run_groups *groups,
                     struct err *err)
{
    for (uint32_t i = 0; i < p->count; i++)
        TRY(make_counter(parallel_run(p, i), counting->query, &counting->counters[i], err));
    TRY(parallel_groups(p, groups, count_group, counting, err));
    for (uint32_t i = 1; i < p->count; i++)
        TRY(merge(counting->counters[0], counting->counters[i], err));
    return 0;
}

/* ---- Dictionaries, and the newest spans ---- */

static int put_value(struct run *r, struct counter *c, struct part *p, uint32_t column,
                     const struct page *page, uint32_t i, struct err *err)
{
    struct value v;
    arena_reset(&r->scratch);
    if (page_value(&p->columns[column], page, i, &r->scratch, &v, NULL) < 0)
        return part_damaged(p, "the value of an attribute", err);
    TRY(count_label(c, label_ids_put(&c->labels, &v), 0, err));
    return run_tick(r, err);
}

static int dictionary_values(struct run *r, struct counter *c, struct part *p, uint32_t column,
                             uint32_t *left, struct err *err)
{
    const struct part_strings *dictionary;
    TRY(part_dictionary(p, column, &dictionary, err));
    for (uint64_t id = 0; id < dictionary->count && *left; id++, --*left) {
        struct page one = {.count = 1, .values = &id, .strings = dictionary->items};
        TRY(put_value(r, c, p, column, &one, 0, err));
    }
    return 0;
}

/* The newest values of a column without a dictionary. */
static int newest_values(struct run *r, struct counter *c, struct part *p, uint32_t column,
                         uint32_t *left, struct err *err)
{
    for (uint32_t g = p->columns[column].sparse ? 1 : p->group_count; g-- > 0 && *left;) {
        struct page page;
        page_begin(r->scanner);
        TRY(page_column(r->scanner, p, column, g, &page, err));
        for (uint32_t i = page.count; i-- > 0 && *left; --*left)
            TRY(put_value(r, c, p, column, &page, i, err));
    }
    return 0;
}

struct lefts {
    uint32_t dictionary, plain;
};

static int part_values(struct run *r, struct counter *c, const struct field *f, struct part *p,
                       struct lefts *left, struct err *err)
{
    struct places places = places_of(f);
    if (field_is_id(f) || f->kind == FIELD_EVENT_TIME) /* nobody completes these */
        return 0;
    for (enum column_table t = TABLE_SPANS; t < TABLE_COUNT; t++) {
        uint32_t first = 0, count = 0;
        if (places.tables[t])
            count = part_find_columns(p, t, places.scope, places.name, &first);
        for (uint32_t i = first; i < first + count; i++)
            TRY(p->columns[i].string_count ? dictionary_values(r, c, p, i, &left->dictionary, err)
                                           : newest_values(r, c, p, i, &left->plain, err));
    }
    return 0;
}

/* Services, names, and what resources and scopes have. */
static int table_values(struct run *r, struct counter *c, const struct field *f, uint32_t source,
                        struct err *err)
{
    const struct source *src = &r->snap.sources[source];
    struct places places = places_of(f);
    bool service = f->kind == FIELD_SERVICE, name = f->kind == FIELD_NAME;
    enum source_table which = service ? SOURCE_SERVICES : SOURCE_NAMES;
    uint32_t n = service ? src->service_count : name ? src->name_count : 0;
    if (n)
        TRY(source_need_table(src, which, err));
    for (uint32_t id = 0; id < n; id++) {
        struct value v = {VALUE_STRING, {.string = source_string(src, which, id)}};
        TRY(count_label(c, label_ids_put(&c->labels, &v), 0, err));
    }
    for (uint32_t id = 0; id < src->resource_count && places.resource; id++) {
        const struct resource *resource;
        const struct value *v;
        TRY(run_resource(r, source, id, &resource, err));
        v = attrs_get(&resource->attrs, f->key);
        if (v)
            TRY(count_label(c, label_ids_put(&c->labels, v), 0, err));
    }
    for (uint32_t id = 0; id < src->scope_count && places.instrumentation; id++) {
        const struct scope *scope;
        const struct value *v;
        TRY(run_scope(r, source, id, &scope, err));
        v = attrs_get(&scope->attrs, f->key);
        if (v)
            TRY(count_label(c, label_ids_put(&c->labels, v), 0, err));
    }
    return run_check(r, err);
}

static int look_up(struct run *r, struct counter *c, const struct field *f, struct err *err)
{
    struct lefts left = {DICTIONARY_VALUES, SAMPLE_VALUES};
    for (uint32_t s = r->snap.count; s-- > 0;) { /* the newest come last */
        int rc = table_values(r, c, f, s, err);
        if (rc == 0 && r->snap.sources[s].part)
            rc = part_values(r, c, f, r->snap.sources[s].part, &left, err);
        if (rc < 0 && !run_skips(r, rc))
            return rc;
    }
    return 0;
}

static int sample(struct run *r, struct counter *c, const struct run_groups *groups,
                  bool *everything, struct err *err)
{
    uint32_t left = SAMPLE_SPANS, looked;
    size_t i = 0;
    for (; i < groups->count && left; i++) {
        int rc = count_rows(r, c, &groups->items[i], &looked, err);
        if (rc < 0 && !run_skips(r, rc))
            return rc;
        left -= looked < left ? looked : left;
        TRY(run_check(r, err));
    }
    *everything = i == groups->count;
    return 0;
}

/* ---- The answer ---- */

static bool is_nothing(const struct value *v)
{
    return v->type == VALUE_EMPTY || (v->type == VALUE_STRING && !v->string.n);
}

static int tag_value_cmp(const void *a, const void *b)
{
    const struct tag_value *x = a, *y = b;
    if (x->span_count != y->span_count)
        return x->span_count > y->span_count ? -1 : 1;
    return label_cmp(&x->value, &y->value);
}

static int finish(const struct counter *c, uint32_t limit, struct arena *scratch,
                  struct arena *arena, struct tag_value_list *ret, struct err *err)
{
    struct tag_value *all = arena_calloc(scratch, c->count, sizeof *all);
    size_t count = 0;
    if (!all)
        return run_out_of_memory(err);
    for (size_t i = 0; i < c->count; i++) {
        if (!is_nothing(&c->labels.items[i]))
            all[count++] = (struct tag_value){c->labels.items[i], c->counts[i]};
    }
    if (count)
        qsort(all, count, sizeof *all, tag_value_cmp);
    ret->count = count < limit ? count : limit;
    ret->items = arena_calloc(arena, ret->count, sizeof *ret->items);
    if (!ret->items)
        return run_out_of_memory(err);
    for (size_t i = 0; i < ret->count; i++) {
        ret->items[i] = all[i];
        value_copy(&ret->items[i].value, arena);
    }
    return arena_failed(arena) ? run_out_of_memory(err) : 0;
}

static bool is_open(const struct tag_query *q)
{
    return !q->filter && q->start_ns == 0 && q->end_ns == UINT64_MAX;
}

static int values(struct run *r, const struct tag_query *query, struct tag_value_list *ret,
                  struct err *err)
{
    struct counting counting = {.query = query};
    struct run_groups groups;
    struct parallel p;
    bool everything = true;
    int rc;
    if (expr_needs_trace(query->filter))
        return err_set(err, ERR_INVALID, "only the whole trace tells a field of the filter");
    TRY(run_groups(r, query->start_ns, query->end_ns, &r->own_tables, &groups, err));
    parallel_begin(&p, r, is_open(query) ? 1 : groups.count);
    if (is_open(query)) {
        rc = make_counter(r, query, &counting.counters[0], err);
        if (rc == 0)
            rc = look_up(r, counting.counters[0], &query->field, err);
        if (rc == 0)
            rc = sample(r, counting.counters[0], &groups, &everything, err);
    } else {
        rc = count_all(&counting, &p, &groups, err);
    }
    if (rc == 0)
        rc = finish(counting.counters[0], query->limit, &r->own_tables, r->q->arena, ret, err);
    if (rc == 0)
        ret->sampled = !everything || counting.counters[0]->full;
    parallel_end(&p);
    return rc;
}

int query_values(struct store *store, struct engine_query *q, const struct tag_query *query,
                 struct tag_value_list *ret, struct err *err)
{
    struct run r;
    int rc;
    run_begin(&r, store, q, NULL);
    rc = run_check(&r, err);
    if (rc == 0)
        rc = values(&r, query, ret, err);
    run_end(&r);
    return rc;
}
