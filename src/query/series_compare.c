/* series_compare.c - compare(): which values of which attributes are more frequent in a selection than in the rest.
 *
 * Every attribute of span and resource and the span's name, kind, status and status message count: how many spans of the
 * selection, and how many others, have each value. Parts answer key by key from their columns; heads, and pipelines that need
 * whole traces, span by span. */
#include <stdlib.h>

#include "query/parallel.h"
#include "query/rows.h"
#include "query/series_inside.h"
#include "query/spansets.h"
#include "query/vector.h"

enum {
    KEYS_MAX = 1000,   /* more are left out */
    VALUES_MAX = 4096, /* of a key that are told apart: those met first */
    TOP_N_DEFAULT = 10,
};

enum side { BASELINE, SELECTION, SIDES };

/* One attribute. Counts are of each bucket. */
struct key {
    struct field field;
    struct vector_field *column;
    struct label_ids values;
    struct value_counts {
        uint64_t *sides[SIDES];
    } * counts; /* by value */
    size_t count, cap;
    uint64_t *totals[SIDES];
    bool many; /* more than VALUES_MAX */
};

struct key_list {
    uint32_t *items;
    size_t count, cap;
};

/* What a thread has. */
struct comparer {
    const struct series_plan *plan;
    struct run *run;
    struct arena *arena;
    struct filter all, chosen;
    struct key *keys;
    size_t key_count, key_cap;
    struct label_ids key_numbers; /* of a scope's letter and the key */
    struct key_list *of_source;   /* keys of each part; items NULL = not asked yet */
    struct bucket_cursor cursor;
    struct view_needs chosen_needs;
    uint32_t labels[SOURCE_GROUP_ROWS_MAX], buckets[SOURCE_GROUP_ROWS_MAX];
    uint8_t sides[SOURCE_GROUP_ROWS_MAX];
    bool truncated;
};

struct comparing {
    const struct series_plan *plan;
    const struct expr *all;
    struct comparer *comparers[PARALLEL_MAX];
};

static int full(struct err *err)
{
    return run_out_of_memory(err);
}

/* ---- Keys ---- */

/* LABEL_NONE: there are too many. */
static int key_number(struct comparer *c, const struct field *f, uint32_t *ret, struct err *err)
{
    struct str text = arena_printf(&c->run->hits, "%c%c%.*s", 'a' + (int)f->kind,
                                   'a' + (int)f->scope, STR_ARG(f->key));
    struct value name = {VALUE_STRING, {.string = text}};
    struct key *keys;
    *ret = label_ids_put(&c->key_numbers, &name);
    if (!text.p || arena_failed(c->arena))
        return full(err);
    c->truncated |= *ret == LABEL_NONE;
    if (*ret == LABEL_NONE || *ret < c->key_count)
        return 0;
    keys = arena_grow(c->arena, c->keys, c->key_count, &c->key_cap, c->key_count + 1, sizeof *keys);
    if (!keys)
        return full(err);
    c->keys = keys;
    keys[c->key_count] = (struct key){.field = *f};
    keys[c->key_count].field.key = arena_str(c->arena, f->key);
    label_ids_init(&keys[c->key_count].values, c->arena);
    keys[c->key_count].values.max = VALUES_MAX;
    c->key_count++;
    return arena_failed(c->arena) ? full(err) : 0;
}

static const struct field intrinsics[] = {{.kind = FIELD_NAME},
                                          {.kind = FIELD_KIND},
                                          {.kind = FIELD_STATUS},
                                          {.kind = FIELD_STATUS_MESSAGE}};
enum { INTRINSICS = sizeof intrinsics / sizeof *intrinsics };

static int list_key(struct comparer *c, struct key_list *list, const struct field *f,
                    struct err *err)
{
    uint32_t number, *items;
    TRY(key_number(c, f, &number, err));
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == number)
            return 0;
    }
    if (number == LABEL_NONE)
        return 0;
    items =
        arena_grow(c->arena, list->items, list->count, &list->cap, list->count + 1, sizeof *items);
    if (!items)
        return full(err);
    list->items = items;
    items[list->count++] = number;
    return 0;
}

/* What a part may have. */
static int list_keys(struct comparer *c, uint32_t source, struct key_list *list, struct err *err)
{
    const struct source *src = &c->run->snap.sources[source];
    arena_reset(&c->run->hits);
    for (int i = 0; i < INTRINSICS; i++)
        TRY(list_key(c, list, &intrinsics[i], err));
    for (uint32_t i = 0; i < src->part->column_count; i++) {
        const struct column_key *key = &src->part->columns[i].key;
        struct field f = {FIELD_ATTRIBUTE, SCOPE_SPAN, key->name};
        if (key->table == TABLE_SPANS && key->scope == COLUMN_ATTRIBUTE)
            TRY(list_key(c, list, &f, err));
    }
    for (uint32_t id = 0; id < src->resource_count; id++) {
        const struct resource *resource;
        TRY(run_resource(c->run, source, id, &resource, err));
        for (uint32_t i = 0; i < resource->attrs.count; i++) {
            struct field f = {FIELD_ATTRIBUTE, SCOPE_RESOURCE, resource->attrs.items[i].key};
            TRY(list_key(c, list, &f, err));
        }
        TRY(run_tick(c->run, err));
    }
    return 0;
}

/* ---- Counting ---- */

static uint64_t *buckets_of(struct comparer *c, uint64_t **array)
{
    if (!*array)
        *array = arena_calloc(c->arena, c->plan->bucket_count, sizeof **array);
    return *array;
}

static bool reach(struct comparer *c, struct key *key, uint32_t label)
{
    struct value_counts *counts;
    if (label < key->count)
        return true;
    counts =
        arena_grow(c->arena, key->counts, key->count, &key->cap, (size_t)label + 1, sizeof *counts);
    if (!counts)
        return false;
    memset(counts + key->count, 0, ((size_t)label + 1 - key->count) * sizeof *counts);
    key->counts = counts;
    key->count = (size_t)label + 1;
    return true;
}

static int count_value(struct comparer *c, struct key *key, uint32_t label, enum side side,
                       uint32_t bucket, uint64_t n, struct err *err)
{
    uint64_t *totals = buckets_of(c, &key->totals[side]), *counts;
    if (!totals)
        return full(err);
    totals[bucket] += n;
    key->many |= label == LABEL_NONE;
    if (label == LABEL_NONE)
        return 0;
    if (!reach(c, key, label) || !(counts = buckets_of(c, &key->counts[label].sides[side])))
        return full(err);
    counts[bucket] += n;
    return 0;
}

/* No value, or an empty status message. */
static bool is_nothing(const struct value *v)
{
    return v->type == VALUE_EMPTY || (v->type == VALUE_STRING && !v->string.n);
}

static int count_key(struct comparer *c, struct key *key, const struct run_group *group,
                     const struct bits *rows, uint32_t count, struct err *err)
{
    struct vector v;
    arena_reset(&c->run->rows);
    if (!key->column)
        TRY(vector_field_make(c->run, &key->field, &key->column, err));
    TRY(vector_read(c->run, key->column, group->source, group->group, rows, &c->run->rows, &v,
                    err));
    TRY(label_ids_read(&key->values, &v, count, c->labels, err));
    for (uint32_t i = 0; i < count; i++) {
        struct value one = vector_value(&v, i);
        if (!is_nothing(&one))
            TRY(count_value(c, key, c->labels[i], (enum side)c->sides[i], c->buckets[i], 1, err));
    }
    return 0;
}

static int count_part_group(struct comparer *c, const struct run_group *group,
                            const struct bits *rows, uint32_t count, struct err *err)
{
    struct key_list *list = &c->of_source[group->source];
    if (!list->items)
        TRY(list_keys(c, group->source, list, err));
    for (size_t i = 0; i < list->count; i++) {
        TRY(count_key(c, &c->keys[list->items[i]], group, rows, count, err));
        TRY(run_check(c->run, err));
    }
    return 0;
}

/* ---- Span by span ---- */

static int count_field(struct comparer *c, const struct field *f, const struct value *v,
                       enum side side, uint32_t bucket, struct err *err)
{
    uint32_t number;
    struct key *key;
    if (is_nothing(v))
        return 0;
    TRY(key_number(c, f, &number, err));
    if (number == LABEL_NONE)
        return 0;
    key = &c->keys[number];
    return count_value(c, key, label_ids_put(&key->values, v), side, bucket, 1, err);
}

/* Of a key that is there twice the first counts. */
static int count_attrs(struct comparer *c, const struct attrs *attrs, enum field_scope scope,
                       enum side side, uint32_t bucket, struct err *err)
{
    for (uint32_t i = 0; i < attrs->count; i++) {
        struct field f = {FIELD_ATTRIBUTE, scope, attrs->items[i].key};
        if (attrs_get(attrs, f.key) == &attrs->items[i].value)
            TRY(count_field(c, &f, &attrs->items[i].value, side, bucket, err));
    }
    return 0;
}

static int count_span(struct comparer *c, const struct span *span, enum side side, uint32_t bucket,
                      struct err *err)
{
    struct span_view view = {.span = span};
    arena_reset(&c->run->hits);
    for (int i = 0; i < INTRINSICS; i++) {
        struct value v = field_value(&intrinsics[i], &view);
        TRY(count_field(c, &intrinsics[i], &v, side, bucket, err));
    }
    TRY(count_attrs(c, &span->attrs, SCOPE_SPAN, side, bucket, err));
    TRY(count_attrs(c, &span->resource->attrs, SCOPE_RESOURCE, side, bucket, err));
    return run_tick(c->run, err);
}

static int count_head_group(struct comparer *c, const struct run_group *group,
                            const struct bits *rows, struct err *err)
{
    struct run *r = c->run;
    uint32_t row, i = 0;
    for (struct bits_walk w = bits_begin(rows); bits_next(&w, &row); i++) {
        struct row_ref ref = {
            group->source, source_group_first(&r->snap.sources[group->source], group->group) + row};
        struct span span;
        struct row columns;
        TRY(source_row(&r->snap.sources[group->source], r->reader, ref.row, &columns, err));
        arena_reset(&r->scratch);
        TRY(run_span(r, ref, &columns, &r->scratch, false, &span, err));
        TRY(count_span(c, &span, (enum side)c->sides[i], c->buckets[i], err));
    }
    return 0;
}

/* ---- Group by group ---- */

static int count_group(struct run *r, uint32_t thread, const struct run_group *group, void *user,
                       struct err *err)
{
    const struct comparing *comparing = user;
    struct comparer *c = comparing->comparers[thread];
    const struct source *src = &r->snap.sources[group->source];
    struct bits rows, chosen;
    struct row_group g;
    uint32_t row, count = 0;
    bool any;
    TRY(rows_pass(r, &c->all, group, &rows, &any, err));
    if (!any)
        return 0;
    TRY(filter_rows(r, &c->chosen, group->source, group->group, &rows, &chosen, err));
    page_begin(r->scanner);
    TRY(source_group(src, r->scanner, group->group, ROWS_START, &g, err));
    for (struct bits_walk w = bits_begin(&rows); bits_next(&w, &row); count++) {
        c->sides[count] = bits_has(&chosen, row) ? SELECTION : BASELINE;
        c->buckets[count] = bucket_of(c->plan, &c->cursor, g.start_ns[row]);
    }
    return src->head ? count_head_group(c, group, &rows, err)
                     : count_part_group(c, group, &rows, count, err);
}

/* The stretch that the selection is of. */
static void chosen_range(const struct series_plan *p, uint64_t *start_ns, uint64_t *end_ns)
{
    bool given = p->metric->start_ns || p->metric->end_ns;
    *start_ns = given ? p->metric->start_ns : 0;
    *end_ns = given ? p->metric->end_ns : UINT64_MAX;
}

static int make_comparer(struct run *r, const struct comparing *comparing, struct comparer **ret,
                         struct err *err)
{
    const struct series_plan *p = comparing->plan;
    struct trace_query all = {comparing->all, p->start_ns + 1, p->end_ns, 0};
    struct trace_query chosen = {.filter = p->metric->selection->condition};
    struct comparer *c = arena_calloc(&r->own_tables, 1, sizeof *c);
    if (!c)
        return full(err);
    c->plan = p;
    c->run = r;
    c->arena = &r->own_tables;
    label_ids_init(&c->key_numbers, c->arena);
    c->key_numbers.max = KEYS_MAX;
    c->of_source = arena_calloc(c->arena, r->snap.count, sizeof *c->of_source);
    if (!c->of_source)
        return full(err);
    chosen_range(p, &chosen.start_ns, &chosen.end_ns);
    *ret = c;
    TRY(filter_make(r, &all, &c->all, err));
    return expr_needs_trace(chosen.filter) ? 0 : filter_make(r, &chosen, &c->chosen, err);
}

static int merge(struct comparer *to, const struct comparer *from, struct err *err)
{
    to->truncated |= from->truncated;
    for (size_t i = 0; i < from->key_count; i++) {
        const struct key *key = &from->keys[i];
        struct key *own;
        uint32_t number;
        arena_reset(&to->run->hits);
        TRY(key_number(to, &key->field, &number, err));
        if (number == LABEL_NONE)
            continue;
        own = &to->keys[number];
        own->many |= key->many;
        for (int side = 0; side < SIDES; side++) {
            uint64_t *totals = key->totals[side] ? buckets_of(to, &own->totals[side]) : NULL;
            for (uint32_t b = 0; totals && b < to->plan->bucket_count; b++)
                totals[b] += key->totals[side][b];
        }
        for (size_t v = 0; v < key->count; v++) {
            uint32_t label = label_ids_put(&own->values, &key->values.items[v]);
            own->many |= label == LABEL_NONE;
            if (label != LABEL_NONE && !reach(to, own, label))
                return full(err);
            for (int side = 0; side < SIDES && label != LABEL_NONE; side++) {
                const uint64_t *more = key->counts[v].sides[side];
                uint64_t *counts = more ? buckets_of(to, &own->counts[label].sides[side]) : NULL;
                for (uint32_t b = 0; counts && b < to->plan->bucket_count; b++)
                    counts[b] += more[b];
            }
        }
    }
    return arena_failed(to->arena) ? full(err) : 0;
}

/* ---- Trace by trace ---- */

static int count_row(struct run *r, struct comparer *c, const struct trace_view *view, uint32_t row,
                     struct err *err)
{
    uint64_t start_ns = view->rows.items[row].row.start_ns, from, to;
    uint32_t bucket = bucket_of(c->plan, &c->cursor, start_ns);
    struct span_view seen;
    struct span span;
    bool chosen;
    if (bucket == BUCKET_NONE)
        return 0;
    chosen_range(c->plan, &from, &to);
    TRY(view_span(r, view, row, &c->chosen_needs, &span, &seen, err));
    chosen = start_ns >= from && start_ns <= to &&
             expr_holds_in(c->plan->metric->selection->condition, &seen, &r->scratch);
    return count_span(c, &span, chosen ? SELECTION : BASELINE, bucket, err);
}

static int count_trace(struct run *r, const struct trace_view *view, const struct view_sets *sets,
                       void *user, struct err *err)
{
    for (uint32_t i = 0; i < sets->count; i++) {
        for (uint32_t k = 0; k < sets->items[i].count; k++)
            TRY(count_row(r, user, view, sets->items[i].rows[k], err));
    }
    return 0;
}

static int count_traces(struct comparer *c, struct err *err)
{
    const struct series_plan *p = c->plan;
    if (p->metric->selection->condition)
        view_needs_of(p->metric->selection->condition, &c->chosen_needs);
    c->chosen_needs.span.message = true; /* all of it */
    return spansets_each(c->run, p->pipeline, p->filter_count, p->start_ns + 1, p->end_ns, NULL,
                         count_trace, c, err);
}

/* ---- The answer ---- */

struct answer {
    const struct comparer *c;
    struct arena *arena;
    struct series_list list;
    size_t cap;
};

static int put(struct answer *a, struct str type, const char *error, struct str name,
               const struct value *value, const uint64_t *counts, struct err *err)
{
    uint32_t buckets = a->c->plan->bucket_count, n = 0;
    struct series *items = arena_grow(a->arena, a->list.items, a->list.count, &a->cap,
                                      a->list.count + 1, sizeof *items);
    struct series s = {.labels = arena_calloc(a->arena, 3, sizeof *s.labels),
                       .values = arena_calloc(a->arena, buckets, sizeof *s.values)};
    if (!items || !s.labels || !s.values)
        return full(err);
    s.labels[n++] = (struct attr){STR_INIT("__meta_type"), {VALUE_STRING, {.string = type}}};
    if (error)
        s.labels[n++] =
            (struct attr){STR_INIT("__meta_error"), {VALUE_STRING, {.string = str_of(error)}}};
    s.labels[n].key = name;
    if (value)
        s.labels[n].value = *value;
    s.label_count = n + 1;
    for (uint32_t b = 0; counts && b < buckets; b++)
        s.values[b] = (double)counts[b];
    a->list.items = items;
    items[a->list.count++] = s;
    return 0;
}

struct ranked {
    uint64_t spans;
    uint32_t label;
};

static int ranked_cmp(const void *x, const void *y)
{
    const struct ranked *a = x, *b = y;
    if (a->spans != b->spans)
        return a->spans > b->spans ? -1 : 1;
    return (a->label > b->label) - (a->label < b->label);
}

static uint64_t sum(const uint64_t *counts, uint32_t n)
{
    uint64_t total = 0;
    for (uint32_t i = 0; counts && i < n; i++)
        total += counts[i];
    return total;
}

static int put_side(struct answer *a, const struct key *key, struct str name, enum side side,
                    struct err *err)
{
    static const struct str types[] = {STR_INIT("baseline"), STR_INIT("selection")},
                            totals[] = {STR_INIT("baseline_total"), STR_INIT("selection_total")};
    uint32_t top = a->c->plan->metric->top_n ? a->c->plan->metric->top_n : TOP_N_DEFAULT;
    struct ranked *ranked = arena_alloc(a->arena, key->count * sizeof *ranked + 1);
    size_t count = 0;
    if (!ranked)
        return full(err);
    if (!key->totals[side])
        return 0;
    for (uint32_t i = 0; i < key->count; i++) {
        ranked[count] =
            (struct ranked){sum(key->counts[i].sides[side], a->c->plan->bucket_count), i};
        count += ranked[count].spans != 0;
    }
    if (count)
        qsort(ranked, count, sizeof *ranked, ranked_cmp);
    for (size_t i = 0; i < count && i < top; i++) {
        struct value v = series_label_value(&key->field, key->values.items[ranked[i].label]);
        TRY(put(a, types[side], NULL, name, &v, key->counts[ranked[i].label].sides[side], err));
    }
    if (count > top || key->many)
        TRY(put(a, types[side], "__too_many_values__", name, NULL, NULL, err));
    return put(a, totals[side], NULL, name, NULL, key->totals[side], err);
}

static int answer(const struct comparer *c, struct arena *arena, struct series_list *ret,
                  struct err *err)
{
    struct answer a = {.c = c, .arena = arena};
    for (size_t i = 0; i < c->key_count; i++) {
        struct str name;
        TRY(series_field_text(&c->keys[i].field, arena, &name, err));
        TRY(put_side(&a, &c->keys[i], name, BASELINE, err));
        TRY(put_side(&a, &c->keys[i], name, SELECTION, err));
    }
    a.list.bucket_count = c->plan->bucket_count;
    a.list.truncated = c->truncated;
    series_sort(&a.list);
    *ret = a.list;
    return 0;
}

static int compare_groups(struct run *r, struct comparing *comparing, struct arena *arena,
                          struct series_list *ret, struct err *err)
{
    const struct series_plan *plan = comparing->plan;
    struct run_groups groups;
    struct parallel p;
    int rc = 0;
    TRY(run_groups(r, plan->start_ns + 1, plan->end_ns, &r->own_tables, &groups, err));
    parallel_begin(&p, r, groups.count);
    for (uint32_t i = 0; i < p.count && rc == 0; i++)
        rc = make_comparer(parallel_run(&p, i), comparing, &comparing->comparers[i], err);
    if (rc == 0)
        rc = parallel_groups(&p, &groups, count_group, comparing, err);
    for (uint32_t i = 1; i < p.count && rc == 0; i++)
        rc = merge(comparing->comparers[0], comparing->comparers[i], err);
    if (rc == 0)
        rc = answer(comparing->comparers[0], arena, ret, err);
    parallel_end(&p);
    return rc;
}

int series_compare(struct run *r, const struct series_plan *plan, struct arena *arena,
                   struct series_list *ret, struct err *err)
{
    struct comparing comparing = {.plan = plan};
    if (series_of_spans_alone(plan, &comparing.all) &&
        !expr_needs_trace(plan->metric->selection->condition))
        return compare_groups(r, &comparing, arena, ret, err);
    comparing.all = NULL;
    TRY(make_comparer(r, &comparing, &comparing.comparers[0], err));
    TRY(count_traces(comparing.comparers[0], err));
    return answer(comparing.comparers[0], arena, ret, err);
}
