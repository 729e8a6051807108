/* jaeger_v3.c - Jaeger's api_v3 over HTTP: the one its own UI searches with. Traces are OTLP/JSON.
 *
 * A search may leave out the service name: all services are searched. */
#include <stdlib.h>

#include "api/call.h"
#include "api/dialects.h"
#include "api/groups.h"
#include "api/jaeger_adjust.h"
#include "api/jaeger_v3.h"
#include "api/params.h"
#include "api/search.h"
#include "wire/otlp_json.h"

/* --- names --- */

static int services(struct call *c, struct err *err)
{
    struct str_list list;
    TRY(engine_services(c->api->engine, &c->query, &list, err));
    json_object_begin(&c->json);
    json_key(&c->json, STR("services"));
    json_array_begin(&c->json);
    for (size_t i = 0; i < list.count; i++)
        json_str(&c->json, list.items[i]);
    json_array_end(&c->json);
    json_object_end(&c->json);
    return 0;
}

struct str jaeger_v3_kind(enum span_kind kind)
{
    return str_of(span_kind_name(kind == SPAN_KIND_UNSPECIFIED ? SPAN_KIND_INTERNAL : kind));
}

bool jaeger_v3_lists(const struct operation_list *list, size_t i, struct str kind)
{
    const struct operation *o = &list->items[i], *last = i ? o - 1 : NULL;
    if (last && str_eq(last->name, o->name) &&
        str_eq(jaeger_v3_kind(last->kind), jaeger_v3_kind(o->kind)))
        return false;
    return kind.n == 0 || str_eq_nocase(kind, jaeger_v3_kind(o->kind));
}

static void write_operations(struct json_writer *w, const struct operation_list *list,
                             struct str kind)
{
    json_object_begin(w);
    json_key(w, STR("operations"));
    json_array_begin(w);
    for (size_t i = 0; i < list->count; i++) {
        const struct operation *o = &list->items[i];
        if (!jaeger_v3_lists(list, i, kind))
            continue;
        json_object_begin(w);
        json_key(w, STR("name"));
        json_str(w, o->name);
        json_key(w, STR("spanKind"));
        json_str(w, jaeger_v3_kind(o->kind));
        json_object_end(w);
    }
    json_array_end(w);
    json_object_end(w);
}

static int operations(struct call *c, struct err *err)
{
    struct str kind = call_param(c, STR("spanKind"));
    struct operation_list list;
    if (kind.n == 0)
        kind = call_param(c, STR("span_kind"));
    TRY(engine_operations(c->api->engine, &c->query, call_param(c, STR("service")), &list, err));
    write_operations(&c->json, &list, kind);
    return 0;
}

/* --- one trace --- */

int jaeger_v3_trace(struct call *c, struct engine_query *q, struct trace_id id, bool raw,
                    struct span_batch *ret, struct err *err)
{
    int code = engine_trace(c->api->engine, q, id, ret, err);
    if (code == ERR_NOT_FOUND)
        return err_set(err, code, "No traces found");
    TRY(code);
    if (!raw && !jaeger_adjust(ret->spans, ret->span_count, q->arena))
        return ERR_NOMEM;
    return groups_order(ret->spans, ret->span_count, q->arena) ? 0 : ERR_NOMEM;
}

static void write_result(struct call *c, const struct span *spans, size_t count)
{
    json_object_begin(&c->json);
    json_key(&c->json, STR("result"));
    otlp_json_write(&c->json, spans, count, OTLP_JSON_KEEP_EMPTY);
    json_object_end(&c->json);
}

/* A time that other stores take as a hint: checked, as a typing mistake should not pass. */
static int check_time(struct call *c, struct str name, struct str alias, struct err *err)
{
    struct str value = call_param(c, name);
    uint64_t ignored;
    if (value.n == 0)
        value = call_param(c, alias);
    return value.n ? param_rfc3339(name, value, &ignored, err) : 0;
}

static bool bool_param(struct call *c, struct str name, struct str alias)
{
    return call_param_bool(c, name) || call_param_bool(c, alias);
}

static int trace(struct call *c, struct err *err)
{
    struct trace_id id;
    struct span_batch batch;
    TRY(param_trace_id(c->req->params[0], &id, err));
    TRY(check_time(c, STR("startTime"), STR("start_time"), err));
    TRY(check_time(c, STR("endTime"), STR("end_time"), err));
    TRY(jaeger_v3_trace(c, &c->query, id, bool_param(c, STR("rawTraces"), STR("raw_traces")),
                        &batch, err));
    write_result(c, batch.spans, batch.span_count);
    return 0;
}

/* --- searches --- */

struct search_form {
    struct str service, operation, start, end, depth, min_duration, max_duration, attributes,
        filter;
};

static void read_form(struct call *c, struct search_form *form)
{
    const struct {
        struct str name, alias; /* behind "query." */
        struct str *value;
    } fields[] = {
        {STR("serviceName"), STR("service_name"), &form->service},
        {STR("operationName"), STR("operation_name"), &form->operation},
        {STR("startTimeMin"), STR("start_time_min"), &form->start},
        {STR("startTimeMax"), STR("start_time_max"), &form->end},
        {STR("searchDepth"), STR("search_depth"), &form->depth},
        {STR("numTraces"), STR("num_traces"), &form->depth},
        {STR("durationMin"), STR("duration_min"), &form->min_duration},
        {STR("durationMax"), STR("duration_max"), &form->max_duration},
        {STR("attributes"), STR("attributes"), &form->attributes},
        {STR("filter"), STR("filter"), &form->filter},
    };
    struct str name, value;
    size_t at = 0;
    while (http_query_next(c->req, &c->arena, &at, &name, &value)) {
        if (!str_starts(name, STR("query.")))
            continue;
        name = str_from(name, strlen("query."));
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
            if ((str_eq(name, fields[i].name) || str_eq(name, fields[i].alias)) &&
                fields[i].value->n == 0)
                *fields[i].value = value;
        }
    }
}

static int form_times(const struct search_form *form, struct trace_query *q, struct err *err)
{
    if (form->start.n == 0 || form->end.n == 0)
        return err_set(err, ERR_INVALID,
                       "parameters query.startTimeMin and query.startTimeMax are required");
    TRY(param_rfc3339(STR("query.startTimeMin"), form->start, &q->start_ns, err));
    TRY(param_rfc3339(STR("query.startTimeMax"), form->end, &q->end_ns, err));
    if (q->start_ns > q->end_ns)
        return err_set(err, ERR_INVALID,
                       "query.startTimeMin must not be later than query.startTimeMax");
    return 0;
}

static int form_query(struct call *c, const struct search_form *form, struct trace_query *q,
                      struct err *err)
{
    struct search_filter f = {.arena = &c->arena};
    uint64_t min_ns = 0, max_ns = UINT64_MAX;
    if (form->filter.n)
        return err_set(err, ERR_INVALID, "query.filter is not supported; use query.attributes");
    TRY(form_times(form, q, err));
    TRY(param_limit(STR("query.searchDepth"), form->depth, JAEGER_V3_SEARCH_DEPTH,
                    c->api->search_limit_max, &q->limit, err));
    if (form->min_duration.n)
        TRY(param_duration(STR("query.durationMin"), form->min_duration, &min_ns, err));
    if (form->max_duration.n)
        TRY(param_duration(STR("query.durationMax"), form->max_duration, &max_ns, err));
    if (max_ns < min_ns)
        return err_set(err, ERR_INVALID,
                       "query.durationMax must not be less than query.durationMin");
    if (form->service.n)
        search_service(&f, form->service);
    if (form->operation.n)
        search_operation(&f, form->operation);
    search_duration(&f, min_ns, max_ns);
    if (form->attributes.n)
        TRY(search_tags_json(&f, STR("query.attributes"), form->attributes, err));
    return search_done(&f, &q->filter, err);
}

static int run_search(struct call *c, struct trace_summary_list *found, struct err *err)
{
    struct search_form form = {0};
    struct trace_query query;
    read_form(c, &form);
    TRY(form_query(c, &form, &query, err));
    return engine_search(c->api->engine, &c->query, &query, found, err);
}

/* The spans of all traces found, one behind the other. */
static int traces(struct call *c, struct err *err)
{
    struct trace_summary_list found;
    struct span *spans = NULL;
    size_t count = 0, cap = 0;
    bool raw = bool_param(c, STR("query.rawTraces"), STR("query.raw_traces"));
    TRY(run_search(c, &found, err));
    for (size_t i = 0; i < found.count; i++) {
        struct span_batch batch;
        int code = jaeger_v3_trace(c, &c->query, found.items[i].trace_id, raw, &batch, err);
        if (code == ERR_NOT_FOUND)
            continue;
        TRY(code);
        spans = arena_grow(&c->arena, spans, count, &cap, count + batch.span_count, sizeof *spans);
        if (!spans)
            return ERR_NOMEM;
        memcpy(spans + count, batch.spans, batch.span_count * sizeof *spans);
        count += batch.span_count;
    }
    if (count == 0)
        return err_set(err, ERR_NOT_FOUND, "No traces found");
    write_result(c, spans, count);
    return 0;
}

static void write_service(struct json_writer *w, const struct service_summary *s)
{
    json_object_begin(w);
    json_key(w, STR("name"));
    json_str(w, s->name);
    json_key(w, STR("spanCount"));
    json_u64(w, s->span_count);
    json_key(w, STR("errorSpanCount"));
    json_u64(w, s->error_count);
    json_object_end(w);
}

static void write_summary(struct json_writer *w, const struct trace_summary *s)
{
    json_object_begin(w);
    json_key(w, STR("traceId"));
    json_hex(w, s->trace_id.bytes, sizeof s->trace_id.bytes);
    json_key(w, STR("rootServiceName"));
    json_str(w, s->root_service);
    json_key(w, STR("rootOperationName"));
    json_str(w, s->root_name);
    json_key(w, STR("minStartTimeUnixNano"));
    json_u64_str(w, s->start_ns);
    json_key(w, STR("maxEndTimeUnixNano"));
    json_u64_str(w, s->end_ns);
    json_key(w, STR("spanCount"));
    json_u64(w, s->span_count);
    json_key(w, STR("errorSpanCount"));
    json_u64(w, s->error_count);
    json_key(w, STR("orphanSpanCount"));
    json_u64(w, s->orphan_count);
    json_key(w, STR("services"));
    json_array_begin(w);
    for (uint32_t i = 0; i < s->service_count; i++)
        write_service(w, &s->services[i]);
    json_array_end(w);
    json_object_end(w);
}

static int trace_summaries(struct call *c, struct err *err)
{
    struct trace_summary_list found;
    TRY(run_search(c, &found, err));
    json_object_begin(&c->json);
    json_key(&c->json, STR("summaries"));
    json_array_begin(&c->json);
    for (size_t i = 0; i < found.count; i++)
        write_summary(&c->json, &found.items[i]);
    json_array_end(&c->json);
    json_object_end(&c->json);
    return 0;
}

/* --- routes --- */

const struct endpoint jaeger_v3_endpoints[] = {
    {"/api/v3/services", .run = services},
    {"/api/v3/operations", .run = operations},
    {"/api/v3/trace-summaries", .run = trace_summaries},
    {"/api/v3/traces", .run = traces},
    {"/api/v3/traces/{id}", .run = trace},
    {"/api/v3/{rest*}", .run = call_unknown},
    {0},
};
