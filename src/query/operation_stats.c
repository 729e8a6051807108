/* operation_stats.c - how often, how well and how long: spans counted by service, name and kind. */
#include <stdlib.h>

#include "base/sketch.h"
#include "query/labels.h"
#include "query/parallel.h"
#include "query/rows.h"
#include "query/series.h"
#include "query/vector.h"

enum { SERVICE, NAME, KIND, STATUS, DURATION, FIELDS };

struct tally {
    uint64_t span_count, error_count, duration_max_ns, duration_sum_ns;
    struct sketch durations;
};

/* What a thread has. */
struct counter {
    struct filter filter;
    struct vector_field *fields[FIELDS];
    struct label_ids services, names;
    struct pair_ids pairs, kinds; /* service and name; that and the kind */
    struct tally *items;          /* by number in kinds */
    size_t count, cap;
    uint32_t services_of[SOURCE_GROUP_ROWS_MAX], names_of[SOURCE_GROUP_ROWS_MAX];
};

struct counting {
    const struct trace_query *query;
    struct counter *counters[PARALLEL_MAX];
};

static int make_counter(struct run *r, const struct trace_query *query, struct counter **ret,
                        struct err *err)
{
    static const struct field fields[FIELDS] = {[SERVICE] = {.kind = FIELD_SERVICE},
                                                [NAME] = {.kind = FIELD_NAME},
                                                [KIND] = {.kind = FIELD_KIND},
                                                [STATUS] = {.kind = FIELD_STATUS},
                                                [DURATION] = {.kind = FIELD_DURATION}};
    struct counter *c = arena_calloc(&r->own_tables, 1, sizeof *c);
    if (!c)
        return run_out_of_memory(err);
    label_ids_init(&c->services, &r->own_tables);
    label_ids_init(&c->names, &r->own_tables);
    pair_ids_init(&c->pairs, &r->own_tables);
    pair_ids_init(&c->kinds, &r->own_tables);
    for (int i = 0; i < FIELDS; i++)
        TRY(vector_field_make(r, &fields[i], &c->fields[i], err));
    *ret = c;
    return filter_make(r, query, &c->filter, err);
}

/* NULL: too many operations, or no memory (run_check tells). */
static struct tally *tally_of(struct counter *c, struct arena *arena, uint32_t id)
{
    struct tally *items;
    if (id == LABEL_NONE)
        return NULL;
    if (id < c->count)
        return &c->items[id];
    items = arena_grow(arena, c->items, c->count, &c->cap, (size_t)id + 1, sizeof *items);
    if (!items)
        return NULL;
    c->items = items;
    for (; c->count <= id; c->count++) {
        items[c->count] = (struct tally){.span_count = 0};
        sketch_init(&items[c->count].durations, arena);
    }
    return &items[id];
}

static int refused(const struct arena *arena, struct err *err)
{
    if (arena_failed(arena))
        return run_out_of_memory(err);
    return err_set(err, ERR_TOO_LARGE, "more than %d operations", LABELS_MAX);
}

static int count_rows(struct run *r, struct counter *c, const struct vector *v, uint32_t count,
                      struct err *err)
{
    uint32_t last[3] = {LABEL_NONE, LABEL_NONE, LABEL_NONE};
    struct tally *t = NULL;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t id[3] = {c->services_of[i], c->names_of[i], (uint32_t)v[KIND].ints[i]};
        uint64_t ns = (uint64_t)v[DURATION].ints[i];
        if (!t || memcmp(id, last, sizeof id) != 0) {
            uint32_t pair = pair_ids_put(&c->pairs, id[0], id[1]);
            t = tally_of(c, &r->own_tables, pair_ids_put(&c->kinds, pair, id[2]));
            memcpy(last, id, sizeof id);
        }
        if (!t || !sketch_add(&t->durations, ns))
            return refused(&r->own_tables, err);
        t->span_count++;
        t->error_count += v[STATUS].ints[i] == STATUS_ERROR;
        t->duration_sum_ns += ns;
        t->duration_max_ns = ns > t->duration_max_ns ? ns : t->duration_max_ns;
    }
    return 0;
}

static int count_group(struct run *r, uint32_t thread, const struct run_group *group, void *user,
                       struct err *err)
{
    struct counting *counting = user;
    struct counter *c = counting->counters[thread];
    struct vector vectors[FIELDS];
    struct bits rows;
    uint32_t count;
    bool any;
    TRY(rows_pass(r, &c->filter, group, &rows, &any, err));
    if (!any)
        return 0;
    count = bits_count(&rows);
    arena_reset(&r->rows);
    TRY(vectors_read(r, c->fields, FIELDS, group->source, group->group, &rows, &r->rows, vectors,
                     err));
    TRY(label_ids_read(&c->services, &vectors[SERVICE], count, c->services_of, err));
    TRY(label_ids_read(&c->names, &vectors[NAME], count, c->names_of, err));
    return count_rows(r, c, vectors, count, err);
}

/* The parts of a number of `kinds`. */
static void parts_of(const struct counter *c, uint32_t id, struct str *service, struct str *name,
                     uint32_t *kind)
{
    uint64_t kinds = c->kinds.items[id], pair = c->pairs.items[kinds >> 32];
    *service = c->services.items[pair >> 32].string;
    *name = c->names.items[(uint32_t)pair].string;
    *kind = (uint32_t)kinds;
}

static int merge(struct counter *to, const struct counter *from, struct arena *arena,
                 struct err *err)
{
    for (uint32_t i = 0; i < from->count; i++) {
        const struct tally *t = &from->items[i];
        struct value service = {.type = VALUE_STRING}, name = {.type = VALUE_STRING};
        struct tally *own;
        uint32_t kind, pair;
        parts_of(from, i, &service.string, &name.string, &kind);
        pair = pair_ids_put(&to->pairs, label_ids_put(&to->services, &service),
                            label_ids_put(&to->names, &name));
        own = tally_of(to, arena, pair_ids_put(&to->kinds, pair, kind));
        if (!own || !sketch_merge(&own->durations, &t->durations))
            return refused(arena, err);
        own->span_count += t->span_count;
        own->error_count += t->error_count;
        own->duration_sum_ns += t->duration_sum_ns;
        if (t->duration_max_ns > own->duration_max_ns)
            own->duration_max_ns = t->duration_max_ns;
    }
    return 0;
}

static int stats_cmp(const void *a, const void *b)
{
    const struct operation_stats *x = a, *y = b;
    int c = str_cmp(x->service, y->service);
    if (!c)
        c = str_cmp(x->name, y->name);
    return c ? c : (x->kind > y->kind) - (x->kind < y->kind);
}

static int finish(const struct counter *c, struct arena *arena, struct operation_stats_list *ret,
                  struct err *err)
{
    struct operation_stats *items = arena_calloc(arena, c->count, sizeof *items);
    if (!items)
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < c->count; i++) {
        const struct tally *t = &c->items[i];
        struct operation_stats *o = &items[i];
        uint32_t kind;
        parts_of(c, i, &o->service, &o->name, &kind);
        o->service = arena_str(arena, o->service);
        o->name = arena_str(arena, o->name);
        o->kind = (enum span_kind)kind;
        o->span_count = t->span_count;
        o->error_count = t->error_count;
        o->duration_sum_ns = t->duration_sum_ns;
        o->duration_max_ns = t->duration_max_ns;
        o->p50_ns = sketch_quantile(&t->durations, .5);
        o->p75_ns = sketch_quantile(&t->durations, .75);
        o->p90_ns = sketch_quantile(&t->durations, .9);
        o->p95_ns = sketch_quantile(&t->durations, .95);
        o->p99_ns = sketch_quantile(&t->durations, .99);
    }
    if (arena_failed(arena))
        return run_out_of_memory(err);
    if (c->count)
        qsort(items, c->count, sizeof *items, stats_cmp);
    *ret = (struct operation_stats_list){items, c->count};
    return 0;
}

static int count_all(struct run *r, struct counting *counting, struct operation_stats_list *ret,
                     struct err *err)
{
    const struct trace_query *query = counting->query;
    struct run_groups groups;
    struct parallel p;
    int rc = 0;
    TRY(run_groups(r, query->start_ns, query->end_ns, &r->own_tables, &groups, err));
    parallel_begin(&p, r, groups.count);
    for (uint32_t i = 0; i < p.count && rc == 0; i++)
        rc = make_counter(parallel_run(&p, i), query, &counting->counters[i], err);
    if (rc == 0)
        rc = parallel_groups(&p, &groups, count_group, counting, err);
    for (uint32_t i = 1; i < p.count && rc == 0; i++)
        rc = merge(counting->counters[0], counting->counters[i], &r->own_tables, err);
    if (rc == 0)
        rc = finish(counting->counters[0], r->q->arena, ret, err);
    parallel_end(&p);
    return rc;
}

int query_operation_stats(struct store *store, struct engine_query *q, struct str service,
                          uint64_t start_ns, uint64_t end_ns, struct operation_stats_list *ret,
                          struct err *err)
{
    struct expr is_service = {.op = EXPR_EQ,
                              .field = {.kind = FIELD_SERVICE},
                              .literal = {VALUE_STRING, {.string = service}}};
    struct trace_query query = {service.n ? &is_service : NULL, start_ns, end_ns, 0};
    struct counting counting = {.query = &query};
    struct run r;
    int rc;
    run_begin(&r, store, q, NULL);
    rc = run_check(&r, err);
    if (rc == 0)
        rc = count_all(&r, &counting, ret, err);
    run_end(&r);
    return rc;
}
