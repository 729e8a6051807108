/* analyses.c - Cairn's own endpoints for questions about many traces: docs/api-native.md is their contract.
 *
 * The counting is in src/analysis and the engine; here are parameters and JSON. */
#include "analysis/attributes.h"
#include "analysis/call_paths.h"
#include "analysis/critical_path.h"
#include "api/call.h"
#include "api/dialects.h"
#include "api/params.h"
#include "api/range.h"
#include "engine/series.h"
#include "engine/traces.h"

enum {
    TRACES_DEFAULT = 1000,
    TRACES_MAX = 100000,
    VALUES_DEFAULT = 20, /* of each attribute, when sets are compared */
    VALUES_MAX = 1000,
    SERIES_MAX = 100000,
};

#define HOUR_NS (UINT64_C(3600) * 1000000000)

static void u64(struct call *c, const char *key, uint64_t v)
{
    json_key(&c->json, str_of(key));
    json_u64(&c->json, v);
}

static void number(struct call *c, const char *key, double v)
{
    json_key(&c->json, str_of(key));
    json_double(&c->json, v);
}

static void string(struct call *c, const char *key, struct str s)
{
    json_key(&c->json, str_of(key));
    json_str(&c->json, s);
}

static void array(struct call *c, const char *key)
{
    json_key(&c->json, str_of(key));
    json_array_begin(&c->json);
}

static void operation(struct call *c, struct str service, struct str name, uint8_t kind)
{
    string(c, "service", service);
    string(c, "name", name);
    string(c, "kind", str_of(span_kind_name((enum span_kind)kind)));
}

/* Closes the answer's object. */
static int finish(struct call *c)
{
    if (c->query.damaged) {
        array(c, "warnings");
        json_str(&c->json, call_warning(c));
        json_array_end(&c->json);
    }
    json_object_end(&c->json);
    return 0;
}

static void rate_and_mean(struct call *c, const char *rate_key, uint64_t count,
                          uint64_t duration_sum_ns, const struct time_range *range)
{
    double seconds = (double)(range->end_ns - range->start_ns) / 1e9;
    number(c, rate_key, (double)count / (seconds + 1e-9)); /* the range may be one moment */
    number(c, "meanNs", count ? (double)duration_sum_ns / (double)count : 0);
}

/* --- calls between services --- */

static int dependencies(struct call *c, struct err *err)
{
    struct dependency_list list;
    struct time_range range;
    TRY(range_read(c, 24 * HOUR_NS, &range, err));
    TRY(engine_dependencies(c->api->engine, &c->query, range.start_ns, range.end_ns, &list, err));
    json_object_begin(&c->json);
    array(c, "dependencies");
    for (size_t i = 0; i < list.count; i++) {
        const struct dependency *d = &list.items[i];
        json_object_begin(&c->json);
        string(c, "parent", d->parent);
        string(c, "child", d->child);
        u64(c, "calls", d->call_count);
        u64(c, "errors", d->error_count);
        rate_and_mean(c, "callsPerSecond", d->call_count, d->duration_sum_ns, &range);
        u64(c, "p50Ns", d->p50_ns);
        u64(c, "p95Ns", d->p95_ns);
        u64(c, "p99Ns", d->p99_ns);
        json_object_end(&c->json);
    }
    json_array_end(&c->json);
    return finish(c);
}

/* --- what is normal for an operation --- */

static int operations(struct call *c, struct err *err)
{
    struct operation_stats_list list;
    struct time_range range;
    TRY(range_read(c, HOUR_NS, &range, err));
    TRY(engine_operation_stats(c->api->engine, &c->query, call_param(c, STR("service")),
                               range.start_ns, range.end_ns, &list, err));
    json_object_begin(&c->json);
    array(c, "operations");
    for (size_t i = 0; i < list.count; i++) {
        const struct operation_stats *o = &list.items[i];
        json_object_begin(&c->json);
        operation(c, o->service, o->name, (uint8_t)o->kind);
        u64(c, "spans", o->span_count);
        u64(c, "errors", o->error_count);
        rate_and_mean(c, "spansPerSecond", o->span_count, o->duration_sum_ns, &range);
        u64(c, "p50Ns", o->p50_ns);
        u64(c, "p75Ns", o->p75_ns);
        u64(c, "p90Ns", o->p90_ns);
        u64(c, "p95Ns", o->p95_ns);
        u64(c, "p99Ns", o->p99_ns);
        u64(c, "maxNs", o->duration_max_ns);
        json_object_end(&c->json);
    }
    json_array_end(&c->json);
    return finish(c);
}

/* --- one trace --- */

/* What is measured of one trace, written while it is there. */
static void write_segments(struct call *c, const struct light_trace *trace,
                           const struct critical_path *path)
{
    array(c, "segments");
    for (uint32_t i = 0; i < path->segment_count; i++) {
        const struct path_segment *s = &path->segments[i];
        json_object_begin(&c->json);
        json_key(&c->json, STR("spanId"));
        json_hex(&c->json, trace->spans[s->span].span_id.bytes, SPAN_ID_BYTES);
        json_key(&c->json, STR("startTimeUnixNano"));
        json_u64_str(&c->json, s->start_ns);
        u64(c, "durationNs", s->end_ns - s->start_ns);
        json_object_end(&c->json);
    }
    json_array_end(&c->json);
}

static int write_critical_path(const struct light_trace *trace, void *user, struct err *err)
{
    struct call *c = user;
    struct light_tree tree;
    struct critical_path path;
    const struct light_span *root;
    TRY(light_tree_make(trace, &c->arena, &tree, err));
    TRY(critical_path_find(&tree, &c->arena, &path, err));
    root = &trace->spans[tree.root];
    json_key(&c->json, STR("rootSpanId"));
    json_hex(&c->json, root->span_id.bytes, SPAN_ID_BYTES);
    u64(c, "durationNs", root->duration_ns);
    write_segments(c, trace, &path);
    array(c, "spans");
    for (uint32_t i = 0; i < trace->span_count; i++) {
        if (!path.span_ns[i])
            continue;
        json_object_begin(&c->json);
        json_key(&c->json, STR("spanId"));
        json_hex(&c->json, trace->spans[i].span_id.bytes, SPAN_ID_BYTES);
        operation(c, trace->spans[i].service, trace->spans[i].name, trace->spans[i].kind);
        u64(c, "criticalNs", path.span_ns[i]);
        json_object_end(&c->json);
    }
    json_array_end(&c->json);
    return 0;
}

static int write_self_times(const struct light_trace *trace, void *user, struct err *err)
{
    struct call *c = user;
    struct light_tree tree;
    uint64_t *self_ns;
    TRY(light_tree_make(trace, &c->arena, &tree, err));
    TRY(self_time_find(&tree, &c->arena, &self_ns, err));
    array(c, "spans");
    for (uint32_t i = 0; i < trace->span_count; i++) {
        json_object_begin(&c->json);
        json_key(&c->json, STR("spanId"));
        json_hex(&c->json, trace->spans[i].span_id.bytes, SPAN_ID_BYTES);
        u64(c, "durationNs", trace->spans[i].duration_ns);
        u64(c, "selfNs", self_ns[i]);
        json_object_end(&c->json);
    }
    json_array_end(&c->json);
    return 0;
}

static int one_trace(struct call *c, engine_traces_fn *fn, struct err *err)
{
    struct trace_id id;
    int code;
    TRY(param_trace_id(c->req->params[0], &id, err));
    json_object_begin(&c->json);
    code = engine_light_trace(c->api->engine, &c->query, id, fn, c, err);
    if (code == ERR_NOT_FOUND)
        return err_set(err, code, "trace not found");
    TRY(code);
    return finish(c);
}

static int trace_critical_path(struct call *c, struct err *err)
{
    return one_trace(c, write_critical_path, err);
}

static int trace_self_time(struct call *c, struct err *err)
{
    return one_trace(c, write_self_times, err);
}

/* --- many traces --- */

/* The traces of a TraceQL search, or the one with an id, merged. name is the parameter: "q", "a", "b". */
static int merge(struct call *c, struct str name, const struct time_range *range,
                 struct call_paths *ret, struct err *err)
{
    struct str text = call_param(c, name);
    struct traces_query query = {.start_ns = range->start_ns, .end_ns = range->end_ns};
    struct trace_id id;
    if (param_trace_id(text, &id, NULL) == 0) { /* no search looks like one */
        int code = engine_light_trace(c->api->engine, &c->query, id, call_paths_add, ret, err);
        return code == ERR_NOT_FOUND ? err_set(err, code, "trace not found") : code;
    }
    TRY(param_limit(STR("limit"), call_param(c, STR("limit")), TRACES_DEFAULT, TRACES_MAX,
                    &query.limit, err));
    if (text.n)
        TRY(traceql_parse(text, &c->arena, &query.query, NULL, err));
    return engine_traces(c->api->engine, &c->query, &query, call_paths_add, ret, err);
}

/* One set of traces, and what to write of it. */
static int with_paths(struct call *c, void (*write)(struct call *c, const struct call_paths *p),
                      struct err *err)
{
    struct time_range range;
    struct call_paths paths;
    int code;
    TRY(range_read(c, HOUR_NS, &range, err));
    call_paths_init(&paths, &c->arena, c->api->query_bytes_max);
    code = merge(c, STR("q"), &range, &paths, err);
    if (code == 0) {
        json_object_begin(&c->json);
        u64(c, "traces", paths.trace_count);
        u64(c, "spans", paths.span_count);
        u64(c, "droppedSpans", paths.dropped_spans);
        u64(c, "durationNs", paths.duration_ns);
        write(c, &paths);
        code = finish(c);
    }
    call_paths_release(&paths);
    return code;
}

static void write_paths(struct call *c, const struct call_paths *paths)
{
    array(c, "paths");
    for (uint32_t i = 0; i < paths->count; i++) {
        const struct call_path *p = &paths->items[i];
        json_object_begin(&c->json);
        json_key(&c->json, STR("parent"));
        if (p->parent == NO_PARENT)
            json_write_null(&c->json);
        else
            json_u64(&c->json, p->parent);
        operation(c, p->service, p->name, p->kind);
        u64(c, "spans", p->span_count);
        u64(c, "errors", p->error_count);
        u64(c, "traces", p->trace_count);
        u64(c, "totalNs", p->total_ns);
        u64(c, "selfNs", p->self_ns);
        u64(c, "criticalNs", p->critical_ns);
        u64(c, "p50Ns", sketch_quantile(&p->durations, 0.5));
        u64(c, "p90Ns", sketch_quantile(&p->durations, 0.9));
        u64(c, "p99Ns", sketch_quantile(&p->durations, 0.99));
        json_object_end(&c->json);
    }
    json_array_end(&c->json);
}

static int paths(struct call *c, struct err *err)
{
    return with_paths(c, write_paths, err);
}

static void write_critical_operations(struct call *c, const struct call_paths *paths)
{
    const struct call_path_operation *items;
    uint32_t count;
    array(c, "operations");
    if (!call_paths_by_operation(paths, &c->arena, &items, &count)) {
        c->out.failed = true;
        count = 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct call_path_operation *o = &items[i];
        json_object_begin(&c->json);
        operation(c, o->service, o->name, o->kind);
        u64(c, "spans", o->span_count);
        u64(c, "totalNs", o->total_ns);
        u64(c, "selfNs", o->self_ns);
        u64(c, "criticalNs", o->critical_ns);
        number(c, "criticalShare",
               paths->duration_ns ? (double)o->critical_ns / (double)paths->duration_ns : 0);
        json_object_end(&c->json);
    }
    json_array_end(&c->json);
}

static int critical_operations(struct call *c, struct err *err)
{
    return with_paths(c, write_critical_operations, err);
}

/* --- two sets --- */

/* chain has room for the deepest path. */
static void write_path_names(struct call *c, const struct call_paths *p, uint32_t at,
                             const struct call_path **chain)
{
    uint32_t depth = p->items[at].depth;
    for (uint32_t i = depth + 1; i-- > 0; at = p->items[at].parent)
        chain[i] = &p->items[at];
    array(c, "path");
    for (uint32_t i = 0; i <= depth; i++) {
        json_object_begin(&c->json);
        operation(c, chain[i]->service, chain[i]->name, chain[i]->kind);
        json_object_end(&c->json);
    }
    json_array_end(&c->json);
}

static void write_differences(struct call *c, const struct call_paths sets[2],
                              const struct path_differences *diff)
{
    uint32_t deepest = sets[0].count > sets[1].count ? sets[0].count : sets[1].count;
    const struct call_path **chain = arena_calloc(&c->arena, deepest, sizeof *chain);
    if (!chain) {
        c->out.failed = true;
        return;
    }
    json_object_begin(&c->json);
    u64(c, "aTraces", sets[0].trace_count);
    u64(c, "bTraces", sets[1].trace_count);
    array(c, "paths");
    for (uint32_t i = 0; i < diff->count && !c->out.failed; i++) {
        const struct path_difference *d = &diff->items[i];
        json_object_begin(&c->json);
        write_path_names(c, d->a == NO_PARENT ? &sets[1] : &sets[0],
                         d->a == NO_PARENT ? d->b : d->a, chain);
        number(c, "aSpansPerTrace", d->a_count);
        number(c, "bSpansPerTrace", d->b_count);
        number(c, "aSelfNs", d->a_self_ns);
        number(c, "bSelfNs", d->b_self_ns);
        number(c, "aCriticalNs", d->a_critical_ns);
        number(c, "bCriticalNs", d->b_critical_ns);
        number(c, "effectNs", d->effect_ns);
        json_object_end(&c->json);
    }
    json_array_end(&c->json);
}

static int compare_sets(struct call *c, struct call_paths sets[2], struct err *err)
{
    struct path_differences diff;
    struct time_range range;
    TRY(range_read(c, HOUR_NS, &range, err));
    TRY(merge(c, STR("a"), &range, &sets[0], err));
    TRY(merge(c, STR("b"), &range, &sets[1], err));
    TRY(call_paths_compare(&sets[0], &sets[1], &c->arena, &diff, err));
    write_differences(c, sets, &diff);
    return finish(c);
}

static int compare_paths(struct call *c, struct err *err)
{
    struct call_paths sets[2];
    int code;
    if (!call_param(c, STR("a")).n || !call_param(c, STR("b")).n)
        return err_set(err, ERR_INVALID,
                       "parameters a and b are required: each a trace id or a TraceQL search");
    for (int i = 0; i < 2; i++)
        call_paths_init(&sets[i], &c->arena, c->api->query_bytes_max);
    code = compare_sets(c, sets, err);
    for (int i = 0; i < 2; i++)
        call_paths_release(&sets[i]);
    return code;
}

static void write_value(struct call *c, const struct value *v)
{
    json_key(&c->json, STR("value"));
    switch (v->type) {
    case VALUE_EMPTY: json_write_null(&c->json); break;
    case VALUE_BOOL: json_bool(&c->json, v->boolean); break;
    case VALUE_INT: json_i64(&c->json, v->integer); break;
    case VALUE_DOUBLE: json_double(&c->json, v->number); break;
    default: json_str(&c->json, value_text(v, &c->arena)); break;
    }
}

static int write_shares(struct call *c, const struct series_list *list, struct err *err)
{
    struct attribute_shares shares;
    TRY(attribute_shares_rank(list, &c->arena, &shares, err));
    json_object_begin(&c->json);
    array(c, "attributes");
    for (size_t i = 0; i < shares.count; i++) {
        const struct attribute_share *s = &shares.items[i];
        json_object_begin(&c->json);
        string(c, "key", s->key);
        write_value(c, &s->value);
        u64(c, "baseline", s->baseline_count);
        u64(c, "selection", s->selection_count);
        number(c, "baselineShare", s->baseline_share);
        number(c, "selectionShare", s->selection_share);
        number(c, "effect", s->effect);
        json_object_end(&c->json);
    }
    json_array_end(&c->json);
    array(c, "cutKeys");
    for (size_t i = 0; i < shares.cut_count; i++)
        json_str(&c->json, shares.cut[i]);
    json_array_end(&c->json);
    return finish(c);
}

/* A compare() of TraceQL: its text is put together from two searches that are right by themselves. */
static int compare_attributes(struct call *c, struct err *err)
{
    struct str q = call_param(c, STR("q")), selection = call_param(c, STR("selection")), text;
    struct series_query query = {.series_max = SERIES_MAX};
    const struct traceql *ignored;
    struct series_list list;
    struct time_range range;
    uint32_t values;
    if (!selection.n)
        return err_set(err, ERR_INVALID,
                       "parameter selection is required, as in selection={status=error}");
    TRY(range_read(c, HOUR_NS, &range, err));
    TRY(param_limit(STR("values"), call_param(c, STR("values")), VALUES_DEFAULT, VALUES_MAX,
                    &values, err));
    if (!q.n)
        q = STR("{}");
    TRY(traceql_parse(q, &c->arena, &ignored, NULL, err));
    TRY(traceql_parse(selection, &c->arena, &ignored, NULL, err));
    /* each may end in a comment, which the line ends */
    text = arena_printf(&c->arena, "%.*s\n| compare(%.*s\n, %u)", STR_ARG(q), STR_ARG(selection),
                        values);
    TRY(traceql_parse(text, &c->arena, &query.query, NULL, err));
    query.start_ns = range.start_ns ? range.start_ns - 1 : 0;
    query.end_ns = range.end_ns;
    query.step_ns = query.end_ns - query.start_ns;
    TRY(engine_series(c->api->engine, &c->query, &query, &list, err));
    return write_shares(c, &list, err);
}

const struct endpoint analyses_endpoints[] = {
    {"/api/cairn/v1/dependencies", .run = dependencies},
    {"/api/cairn/v1/operations", .run = operations},
    {"/api/cairn/v1/traces/{id}/critical-path", .run = trace_critical_path},
    {"/api/cairn/v1/traces/{id}/self-time", .run = trace_self_time},
    {"/api/cairn/v1/critical-path", .run = critical_operations},
    {"/api/cairn/v1/paths", .run = paths},
    {"/api/cairn/v1/compare/paths", .run = compare_paths},
    {"/api/cairn/v1/compare/attributes", .run = compare_attributes},
    {0},
};
