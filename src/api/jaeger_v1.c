/* jaeger_v1.c - Jaeger's legacy JSON API under /api: the one that Grafana, Kiali and scripts use.
 *
 * Every answer is {"data","total","limit","offset","errors"}. Parameters that Jaeger does not know are ignored. */
#include <stdlib.h>

#include "api/call.h"
#include "api/dialects.h"
#include "api/jaeger_adjust.h"
#include "api/jaeger_model.h"
#include "api/jaeger_v1.h"
#include "api/params.h"
#include "api/search.h"
#include "base/clock.h"
#include "wire/otlp_json.h"

static const uint64_t NS_PER_US = 1000, NS_PER_MS = 1000000;
static const uint64_t SEARCH_SPAN_NS = 2ull * 24 * 3600 * 1000000000; /* when start is not given */
static const uint64_t LOOKBACK_MS = 24ull * 3600 * 1000;
enum { SEARCH_LIMIT = 100 };

/* --- the envelope --- */

static void begin_data(struct json_writer *w)
{
    json_object_begin(w);
    json_key(w, STR("data"));
}

static void end_counts(struct json_writer *w, size_t total)
{
    json_key(w, STR("total"));
    json_u64(w, total);
    json_key(w, STR("limit"));
    json_u64(w, 0);
    json_key(w, STR("offset"));
    json_u64(w, 0);
    json_key(w, STR("errors"));
}

static void end_data(struct json_writer *w, size_t total)
{
    end_counts(w, total);
    json_write_null(w);
    json_object_end(w);
}

/* --- names --- */

static int services(struct call *c, struct err *err)
{
    struct str_list list;
    TRY(engine_services(c->api->engine, &c->query, &list, err));
    begin_data(&c->json);
    json_array_begin(&c->json);
    for (size_t i = 0; i < list.count; i++)
        json_str(&c->json, list.items[i]);
    json_array_end(&c->json);
    end_data(&c->json, list.count);
    return 0;
}

static int service_operations(struct call *c, struct err *err)
{
    struct operation_list list;
    size_t total = 0;
    TRY(engine_operations(c->api->engine, &c->query, c->req->params[0], &list, err));
    begin_data(&c->json);
    json_array_begin(&c->json);
    for (size_t i = 0; i < list.count; i++) {
        /* ordered by name: one operation of several kinds stands together */
        if (i && str_eq(list.items[i].name, list.items[i - 1].name))
            continue;
        json_str(&c->json, list.items[i].name);
        total++;
    }
    json_array_end(&c->json);
    end_data(&c->json, total);
    return 0;
}

static struct str kind_text(enum span_kind kind)
{
    return kind == SPAN_KIND_UNSPECIFIED ? (struct str){NULL, 0} : str_of(span_kind_name(kind));
}

static int operations(struct call *c, struct err *err)
{
    struct str service = call_param(c, STR("service")), kind = call_param(c, STR("spanKind"));
    struct operation_list list;
    size_t total = 0;
    if (service.n == 0)
        return err_set(err, ERR_INVALID, "parameter 'service' is required");
    TRY(engine_operations(c->api->engine, &c->query, service, &list, err));
    begin_data(&c->json);
    json_array_begin(&c->json);
    for (size_t i = 0; i < list.count; i++) {
        if (kind.n && !str_eq_nocase(kind, kind_text(list.items[i].kind)))
            continue;
        json_object_begin(&c->json);
        json_key(&c->json, STR("name"));
        json_str(&c->json, list.items[i].name);
        json_key(&c->json, STR("spanKind"));
        json_str(&c->json, kind_text(list.items[i].kind));
        json_object_end(&c->json);
        total++;
    }
    json_array_end(&c->json);
    end_data(&c->json, total);
    return 0;
}

/* --- traces --- */

/* Writes one trace; its spans are gone from scratch afterwards. */
static int write_trace(struct call *c, struct trace_id id, struct arena *scratch, struct err *err)
{
    struct engine_query q = call_subquery(c, scratch);
    struct span_batch batch;
    int code = engine_trace(c->api->engine, &q, id, &batch, err);
    c->query.damaged |= q.damaged;
    if (code == 0) {
        if (!call_param_bool(c, STR("raw")))
            (void)jaeger_adjust(batch.spans, batch.span_count, scratch);
        jaeger_write_trace(&c->json, batch.spans, batch.span_count, scratch);
        if (arena_failed(scratch))
            code = err_set(err, ERR_TOO_LARGE, "a trace does not fit into the query's memory");
    }
    arena_reset(scratch);
    return code;
}

static int trace(struct call *c, struct err *err)
{
    struct trace_id id;
    struct str start = call_param(c, STR("start")), end = call_param(c, STR("end"));
    struct arena scratch;
    uint64_t ignored; /* hints for stores that need them */
    int code;
    TRY(param_trace_id(c->req->params[0], &id, err));
    if (start.n)
        TRY(param_unix_time(STR("start"), start, NS_PER_US, &ignored, err));
    if (end.n)
        TRY(param_unix_time(STR("end"), end, NS_PER_US, &ignored, err));
    arena_init(&scratch, c->api->query_bytes_max);
    begin_data(&c->json);
    json_array_begin(&c->json);
    code = write_trace(c, id, &scratch, err);
    json_array_end(&c->json);
    end_data(&c->json, 0);
    call_arena_release(&scratch);
    return code == ERR_NOT_FOUND ? err_set(err, code, "trace not found") : code;
}

struct trace_ids {
    struct trace_id *items;
    size_t count, cap;
};

static int add_id(struct call *c, struct trace_ids *ids, struct str text, struct err *err)
{
    struct trace_id id;
    TRY(param_trace_id(text, &id, err));
    if (ids->count >= c->api->search_limit_max)
        return err_set(err, ERR_INVALID, "more than %u trace ids", c->api->search_limit_max);
    ids->items = arena_grow(&c->arena, ids->items, ids->count, &ids->cap, ids->count + 1,
                            sizeof *ids->items);
    if (!ids->items)
        return ERR_NOMEM;
    ids->items[ids->count++] = id;
    return 0;
}

static void write_missing(struct json_writer *w, const struct trace_ids *missing)
{
    if (missing->count == 0) {
        json_write_null(w);
        return;
    }
    json_array_begin(w);
    for (size_t i = 0; i < missing->count; i++) {
        json_object_begin(w);
        json_key(w, STR("code"));
        json_i64(w, 404);
        json_key(w, STR("msg"));
        json_str(w, STR("trace not found"));
        json_key(w, STR("traceID"));
        jaeger_write_trace_id(w, missing->items[i]);
        json_object_end(w);
    }
    json_array_end(w);
}

/* Writes the traces, and those that are not there into the errors. */
static int write_traces(struct call *c, const struct trace_ids *ids, bool report_missing,
                        struct err *err)
{
    struct trace_ids missing = {0};
    struct arena scratch;
    int code = 0;
    missing.items = arena_calloc(&c->arena, ids->count, sizeof *missing.items);
    if (!missing.items)
        return ERR_NOMEM;
    arena_init(&scratch, c->api->query_bytes_max);
    begin_data(&c->json);
    json_array_begin(&c->json);
    for (size_t i = 0; i < ids->count && code == 0 && !c->out.failed; i++) {
        code = write_trace(c, ids->items[i], &scratch, err);
        if (code == ERR_NOT_FOUND) {
            missing.items[missing.count] = ids->items[i];
            missing.count += report_missing;
            code = 0;
        }
    }
    json_array_end(&c->json);
    end_counts(&c->json, 0);
    write_missing(&c->json, &missing);
    json_object_end(&c->json);
    call_arena_release(&scratch);
    return code;
}

struct search_form {
    struct str service, operation, start, end, limit, min_duration, max_duration;
    struct search_filter tags;
    struct trace_ids ids;
};

static int add_tag(struct search_filter *f, struct str tag, struct err *err)
{
    struct str key, value;
    if (!str_cut(tag, ':', &key, &value) || key.n == 0)
        return err_set(err, ERR_INVALID,
                       "malformed 'tag' parameter, expecting key:value, received: %.*s",
                       (int)(tag.n < 60 ? tag.n : 60), tag.n ? tag.p : "");
    search_tag(f, key, value);
    return 0;
}

static int read_form(struct call *c, struct search_form *form, struct err *err)
{
    const struct {
        struct str name;
        struct str *value;
    } fields[] = {
        {STR("service"), &form->service},
        {STR("operation"), &form->operation},
        {STR("start"), &form->start},
        {STR("end"), &form->end},
        {STR("limit"), &form->limit},
        {STR("minDuration"), &form->min_duration},
        {STR("maxDuration"), &form->max_duration},
    };
    struct str name, value;
    size_t at = 0;
    form->tags.arena = &c->arena;
    while (http_query_next(c->req, &c->arena, &at, &name, &value)) {
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
            if (str_eq(name, fields[i].name) && fields[i].value->n == 0)
                *fields[i].value = value;
        }
        if (str_eq(name, STR("traceID")))
            TRY(add_id(c, &form->ids, value, err));
        else if (str_eq(name, STR("tag")))
            TRY(add_tag(&form->tags, value, err));
        else if (str_eq(name, STR("tags")))
            TRY(search_tags_json(&form->tags, name, value, err));
    }
    return arena_failed(&c->arena) ? ERR_NOMEM : 0;
}

static int form_query(struct call *c, struct search_form *form, struct trace_query *q,
                      struct err *err)
{
    struct search_filter *f = &form->tags;
    uint64_t min_ns = 0, max_ns = UINT64_MAX;
    if (form->service.n == 0)
        return err_set(err, ERR_INVALID, "parameter 'service' is required");
    q->end_ns = clock_realtime_ns();
    if (form->end.n)
        TRY(param_unix_time(STR("end"), form->end, NS_PER_US, &q->end_ns, err));
    q->start_ns = q->end_ns > SEARCH_SPAN_NS ? q->end_ns - SEARCH_SPAN_NS : 0;
    if (form->start.n)
        TRY(param_unix_time(STR("start"), form->start, NS_PER_US, &q->start_ns, err));
    /* Jaeger's times are whole microseconds: the last one is meant whole */
    q->end_ns = q->end_ns > UINT64_MAX - 999 ? UINT64_MAX : q->end_ns + 999;
    TRY(param_limit(STR("limit"), form->limit, SEARCH_LIMIT, c->api->search_limit_max, &q->limit,
                    err));
    if (form->min_duration.n)
        TRY(param_duration(STR("minDuration"), form->min_duration, &min_ns, err));
    if (form->max_duration.n)
        TRY(param_duration(STR("maxDuration"), form->max_duration, &max_ns, err));
    if (max_ns < min_ns)
        return err_set(err, ERR_INVALID,
                       "'maxDuration' should be greater than or equal to 'minDuration'");
    search_service(f, form->service);
    if (form->operation.n)
        search_operation(f, form->operation);
    search_duration(f, min_ns, max_ns);
    return search_done(f, &q->filter, err);
}

static int search(struct call *c, struct err *err)
{
    struct search_form form = {0};
    struct trace_query query;
    struct trace_summary_list found;
    struct trace_ids ids = {0};
    TRY(read_form(c, &form, err));
    if (form.ids.count)
        return write_traces(c, &form.ids, true, err);
    TRY(form_query(c, &form, &query, err));
    TRY(engine_search(c->api->engine, &c->query, &query, &found, err));
    ids.items = arena_calloc(&c->arena, found.count, sizeof *ids.items);
    if (!ids.items)
        return ERR_NOMEM;
    for (; ids.count < found.count; ids.count++)
        ids.items[ids.count] = found.items[ids.count].trace_id;
    return write_traces(c, &ids, false, err);
}

/* --- dependencies --- */

static int dependencies(struct call *c, struct err *err)
{
    struct str end = call_param(c, STR("endTs")), lookback = call_param(c, STR("lookback"));
    struct str service = call_param(c, STR("service"));
    uint64_t end_ns = clock_realtime_ns(), lookback_ns = LOOKBACK_MS * NS_PER_MS;
    struct dependency_list list;
    if (end.n)
        TRY(param_unix_time(STR("endTs"), end, NS_PER_MS, &end_ns, err));
    if (lookback.n)
        TRY(param_unix_time(STR("lookback"), lookback, NS_PER_MS, &lookback_ns, err));
    TRY(engine_dependencies(c->api->engine, &c->query,
                            end_ns > lookback_ns ? end_ns - lookback_ns : 0, end_ns, &list, err));
    begin_data(&c->json);
    json_array_begin(&c->json);
    for (size_t i = 0; i < list.count; i++) {
        const struct dependency *d = &list.items[i];
        if (service.n && !str_eq(service, d->parent) && !str_eq(service, d->child))
            continue;
        json_object_begin(&c->json);
        json_key(&c->json, STR("parent"));
        json_str(&c->json, d->parent);
        json_key(&c->json, STR("child"));
        json_str(&c->json, d->child);
        json_key(&c->json, STR("callCount"));
        json_u64(&c->json, d->call_count);
        json_object_end(&c->json);
    }
    json_array_end(&c->json);
    end_data(&c->json, 0);
    return 0;
}

/* --- what the UI posts --- */

static int by_trace_and_start(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    int order = memcmp(x->trace_id.bytes, y->trace_id.bytes, TRACE_ID_BYTES);
    if (order == 0)
        order = (x->start_ns > y->start_ns) - (x->start_ns < y->start_ns);
    return order ? order : memcmp(x->span_id.bytes, y->span_id.bytes, SPAN_ID_BYTES);
}

/* An upload of OTLP/JSON, one request or one behind the other, as Jaeger's traces: nothing is kept. */
static int transform(struct call *c, struct err *err)
{
    static const struct otlp_limits limits = OTLP_LIMITS_DEFAULT;
    struct span_batch batch;
    size_t from = 0, total = 0;
    int code = otlp_json_decode(c->req->body, &limits, &c->arena, &batch, err);
    if (code == ERR_INVALID && err) {
        struct err why = *err;
        return err_set(err, code, "cannot unmarshal OTLP : at byte offset %zu: %.180s", why.offset,
                       why.msg);
    }
    TRY(code);
    qsort(batch.spans, batch.span_count, sizeof *batch.spans, by_trace_and_start);
    begin_data(&c->json);
    json_array_begin(&c->json);
    for (size_t i = 1; i <= batch.span_count; i++) {
        if (i < batch.span_count &&
            trace_id_eq(batch.spans[i].trace_id, batch.spans[from].trace_id))
            continue;
        (void)jaeger_adjust(batch.spans + from, i - from, &c->arena);
        jaeger_write_trace(&c->json, batch.spans + from, i - from, &c->arena);
        from = i;
        total++;
    }
    json_array_end(&c->json);
    end_data(&c->json, total);
    return arena_failed(&c->arena) ? ERR_NOMEM : 0;
}

/* There is one store, and what is in it stays as long as retention says: nothing to copy a trace to. The UI is told by
 * its capabilities not to offer it. */
static int archive(struct call *c, struct err *err)
{
    struct trace_id id;
    TRY(param_trace_id(c->req->params[0], &id, err));
    return err_set(err, ERR_UNSUPPORTED, "archive span storage was not configured");
}

/* --- routes --- */

const struct endpoint jaeger_v1_endpoints[] = {
    {"/api/services", .run = services},
    {"/api/services/{service}/operations", .run = service_operations},
    {"/api/operations", .run = operations},
    {"/api/traces", .run = search},
    {"/api/traces/{id}", .run = trace},
    {"/api/dependencies", .run = dependencies},
    {"/api/metrics/latencies", .run = jaeger_metrics_latencies},
    {"/api/metrics/calls", .run = jaeger_metrics_calls},
    {"/api/metrics/errors", .run = jaeger_metrics_errors},
    {"/api/transform", .run = transform, .methods = HTTP_POST, .body = true},
    {"/api/archive/{id}", .run = archive, .methods = HTTP_POST},
    {"/api/{rest*}", .run = call_unknown},
    {0},
};
