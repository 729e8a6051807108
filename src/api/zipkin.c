/* zipkin.c - Zipkin's API, version 2: what its UI, Grafana and scripts ask. Traces are lists of Zipkin's spans.
 *
 * Names are as they were sent: Zipkin's own stores make them lower case. */
#include <stdlib.h>

#include "api/call.h"
#include "api/dialects.h"
#include "api/params.h"
#include "api/search.h"
#include "api/zipkin_search.h"
#include "engine/tags.h"
#include "wire/zipkin_json.h"

enum { VALUES_MAX = 1000, KEYS_MAX = 10000 };

/* --- names --- */

static void write_names(struct json_writer *w, const struct str *names, size_t count)
{
    json_array_begin(w);
    for (size_t i = 0; i < count; i++) {
        if (names[i].n)
            json_str(w, names[i]);
    }
    json_array_end(w);
}

static int str_order(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static int services(struct call *c, struct err *err)
{
    struct str_list list;
    TRY(engine_services(c->api->engine, &c->query, &list, err));
    write_names(&c->json, list.items, list.count);
    return 0;
}

static int service_param(struct call *c, struct str *ret, struct err *err)
{
    *ret = call_param(c, STR("serviceName"));
    return ret->n ? 0 : err_set(err, ERR_INVALID, "parameter 'serviceName' is required");
}

static int span_names(struct call *c, struct err *err)
{
    struct str service, last = {NULL, 0};
    struct operation_list list;
    TRY(service_param(c, &service, err));
    TRY(engine_operations(c->api->engine, &c->query, service, &list, err));
    json_array_begin(&c->json);
    for (size_t i = 0; i < list.count; i++) {
        /* ordered by name: one operation of several kinds stands together */
        if (list.items[i].name.n && !str_eq(list.items[i].name, last))
            json_str(&c->json, list.items[i].name);
        last = list.items[i].name;
    }
    json_array_end(&c->json);
    return 0;
}

/* The values of an attribute as texts, in order. filter may be NULL. */
static int write_values(struct call *c, struct field field, const struct expr *filter,
                        struct err *err)
{
    struct tag_query q = {
        .field = field, .filter = filter, .end_ns = UINT64_MAX, .limit = VALUES_MAX};
    struct tag_value_list list;
    struct str *names;
    TRY(engine_values(c->api->engine, &c->query, &q, &list, err));
    names = arena_calloc(&c->arena, list.count, sizeof *names);
    if (!names)
        return ERR_NOMEM;
    for (size_t i = 0; i < list.count; i++)
        names[i] = value_text(&list.items[i].value, &c->arena);
    qsort(names, list.count, sizeof *names, str_order);
    write_names(&c->json, names, list.count);
    return 0;
}

static int remote_services(struct call *c, struct err *err)
{
    struct field peer = {.kind = FIELD_ATTRIBUTE, .scope = SCOPE_SPAN, .key = STR("peer.service")};
    struct search_filter f = {.arena = &c->arena};
    struct str service;
    TRY(service_param(c, &service, err));
    search_service(&f, service);
    return write_values(c, peer, f.expr, err);
}

static int tag_values(struct call *c, struct err *err)
{
    struct field field = {
        .kind = FIELD_ATTRIBUTE, .scope = SCOPE_FIRST, .key = call_param(c, STR("key"))};
    if (field.key.n == 0)
        return err_set(err, ERR_INVALID, "parameter 'key' is required");
    return write_values(c, field, NULL, err);
}

static int tag_keys(struct call *c, struct err *err)
{
    struct tag_query q = {.end_ns = UINT64_MAX, .limit = KEYS_MAX};
    struct tag_key_list list;
    struct str *names, last = {NULL, 0};
    size_t count = 0;
    TRY(engine_keys(c->api->engine, &c->query, &q, &list, err));
    names = arena_calloc(&c->arena, list.count, sizeof *names);
    if (!names)
        return ERR_NOMEM;
    for (size_t i = 0; i < list.count; i++) {
        if (list.items[i].scope == SCOPE_SPAN || list.items[i].scope == SCOPE_RESOURCE)
            names[count++] = list.items[i].key;
    }
    qsort(names, count, sizeof *names, str_order);
    json_array_begin(&c->json);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !str_eq(names[i], last))
            json_str(&c->json, names[i]);
        last = names[i];
    }
    json_array_end(&c->json);
    return 0;
}

/* --- traces --- */

static int by_span_id(const void *a, const void *b)
{
    const struct span *const *x = a, *const *y = b;
    int order = memcmp((*x)->span_id.bytes, (*y)->span_id.bytes, SPAN_ID_BYTES);
    /* the client's half before the server's */
    return order ? order : ((*x)->kind == SPAN_KIND_SERVER) - ((*y)->kind == SPAN_KIND_SERVER);
}

/* Which spans are the server's half of an id that they share with their client. NULL when the arena is full. */
static const bool *find_shared(const struct span_batch *batch, struct arena *arena)
{
    const struct span **sorted = arena_alloc(arena, batch->span_count * sizeof *sorted);
    bool *shared = arena_calloc(arena, batch->span_count, sizeof *shared);
    if (!sorted || !shared)
        return NULL;
    for (size_t i = 0; i < batch->span_count; i++)
        sorted[i] = &batch->spans[i];
    qsort(sorted, batch->span_count, sizeof *sorted, by_span_id);
    for (size_t i = 1; i < batch->span_count; i++)
        shared[sorted[i] - batch->spans] = sorted[i]->kind == SPAN_KIND_SERVER &&
                                           sorted[i - 1]->kind != SPAN_KIND_SERVER &&
                                           span_id_eq(sorted[i]->span_id, sorted[i - 1]->span_id);
    return shared;
}

/* Writes one trace; its spans are gone from scratch afterwards. */
static int write_trace(struct call *c, struct trace_id id, struct arena *scratch, struct err *err)
{
    struct engine_query q = call_subquery(c, scratch);
    struct span_batch batch;
    const bool *shared = NULL;
    int code = engine_trace(c->api->engine, &q, id, &batch, err);
    c->query.damaged |= q.damaged;
    if (code == 0 && (shared = find_shared(&batch, scratch))) {
        json_array_begin(&c->json);
        for (size_t i = 0; i < batch.span_count; i++)
            zipkin_json_write_span(&c->json, &batch.spans[i],
                                   shared[i] ? (unsigned)ZIPKIN_JSON_SHARED : 0, scratch);
        json_array_end(&c->json);
    }
    if (code == 0 && arena_failed(scratch))
        code = err_set(err, ERR_TOO_LARGE, "a trace does not fit into the query's memory");
    arena_reset(scratch);
    return code;
}

static int trace(struct call *c, struct err *err)
{
    struct str text = c->req->params[0];
    struct trace_id id;
    struct arena scratch;
    int code;
    TRY(param_trace_id(text, &id, err));
    arena_init(&scratch, c->api->query_bytes_max);
    code = write_trace(c, id, &scratch, err);
    call_arena_release(&scratch);
    if (code == ERR_NOT_FOUND)
        return err_set(err, code, "%.*s not found", (int)(text.n < 40 ? text.n : 40), text.p);
    return code;
}

/* Writes those that are there. */
static int write_traces(struct call *c, const struct trace_id *ids, size_t count, struct err *err)
{
    struct arena scratch;
    int code = 0;
    arena_init(&scratch, c->api->query_bytes_max);
    json_array_begin(&c->json);
    for (size_t i = 0; i < count && code == 0 && !c->out.failed; i++) {
        code = write_trace(c, ids[i], &scratch, err);
        if (code == ERR_NOT_FOUND)
            code = 0;
    }
    json_array_end(&c->json);
    call_arena_release(&scratch);
    return code;
}

static int id_cmp(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct trace_id));
}

/* Two ids at least, all different, as Zipkin has it. */
static int trace_many(struct call *c, struct err *err)
{
    struct str rest = call_param(c, STR("traceIds")), text;
    struct trace_id *ids = NULL, *sorted;
    size_t count = 0, cap = 0;
    if (rest.n == 0)
        return err_set(err, ERR_INVALID, "traceIds parameter is empty");
    for (bool more = true; more;) {
        more = str_cut(rest, ',', &text, &rest);
        if (count >= c->api->search_limit_max)
            return err_set(err, ERR_INVALID, "more than %u trace ids", c->api->search_limit_max);
        ids = arena_grow(&c->arena, ids, count, &cap, count + 1, sizeof *ids);
        if (!ids)
            return ERR_NOMEM;
        TRY(param_trace_id(str_trim(text), &ids[count++], err));
    }
    if (count == 1)
        return err_set(err, ERR_INVALID, "use /api/v2/trace/{traceId} for a single trace");
    sorted = arena_alloc(&c->arena, count * sizeof *sorted);
    if (!sorted)
        return ERR_NOMEM;
    memcpy(sorted, ids, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, id_cmp);
    for (size_t i = 1; i < count; i++) {
        if (trace_id_eq(sorted[i - 1], sorted[i]))
            return err_set(err, ERR_INVALID, "redundant trace id in traceIds");
    }
    return write_traces(c, ids, count, err);
}

static int traces(struct call *c, struct err *err)
{
    struct spansets_query query;
    struct spanset_list found;
    struct trace_id *ids;
    TRY(zipkin_search_form(c, &query, err));
    TRY(engine_spansets(c->api->engine, &c->query, &query, &found, err));
    ids = arena_calloc(&c->arena, found.count, sizeof *ids);
    if (!ids)
        return ERR_NOMEM;
    for (size_t i = 0; i < found.count; i++)
        ids[i] = found.items[i].summary.trace_id;
    return write_traces(c, ids, found.count, err);
}

/* --- dependencies --- */

static int dependencies(struct call *c, struct err *err)
{
    uint64_t start_ns, end_ns;
    struct dependency_list list;
    TRY(zipkin_range(c, true, &start_ns, &end_ns, err));
    TRY(engine_dependencies(c->api->engine, &c->query, start_ns, end_ns, &list, err));
    json_array_begin(&c->json);
    for (size_t i = 0; i < list.count; i++) {
        const struct dependency *d = &list.items[i];
        json_object_begin(&c->json);
        json_key(&c->json, STR("parent"));
        json_str(&c->json, d->parent);
        json_key(&c->json, STR("child"));
        json_str(&c->json, d->child);
        json_key(&c->json, STR("callCount"));
        json_u64(&c->json, d->call_count);
        if (d->error_count) {
            json_key(&c->json, STR("errorCount"));
            json_u64(&c->json, d->error_count);
        }
        json_object_end(&c->json);
    }
    json_array_end(&c->json);
    return 0;
}

/* --- the server itself: on the loop --- */

static void health(struct http_exchange *x, const struct http_request *req, void *user)
{
    struct api *api = user;
    bool stopping = atomic_load(&api->stopping);
    struct http_reply reply = {.status = stopping ? 503 : 200, .content_type = "application/json"};
    (void)req;
    reply.static_body = stopping ? STR("{\"status\":\"DOWN\",\"zipkin\":{\"status\":\"DOWN\"}}")
                                 : STR("{\"status\":\"UP\",\"zipkin\":{\"status\":\"UP\"}}");
    http_reply(x, &reply);
}

static void info(struct http_exchange *x, const struct http_request *req, void *user)
{
    struct api *api = user;
    struct http_reply reply = {.status = 200, .content_type = "application/json"};
    struct json_writer w;
    (void)req;
    buf_init(&reply.body, 0);
    json_init(&w, &reply.body, 0);
    json_object_begin(&w);
    json_key(&w, STR("zipkin"));
    json_object_begin(&w);
    json_key(&w, STR("version"));
    json_str(&w, str_of(api->version));
    json_object_end(&w);
    json_object_end(&w);
    http_reply(x, &reply);
}

/* What Zipkin's UI asks first: nothing is switched off. */
static void ui_config(struct http_exchange *x, const struct http_request *req, void *user)
{
    struct http_reply reply = {.status = 200, .content_type = "application/json"};
    (void)req, (void)user;
    reply.static_body =
        STR("{\"environment\":\"\",\"queryLimit\":10,\"defaultLookback\":900000,"
            "\"searchEnabled\":true,\"suggestLang\":false,\"logsUrl\":\"\",\"supportUrl\":\"\","
            "\"archivePostUrl\":\"\",\"archiveUrl\":\"\",\"dependency\":{\"enabled\":true,"
            "\"lowErrorRate\":0.5,\"highErrorRate\":0.75}}");
    http_reply(x, &reply);
}

/* --- routes --- */

#define QUERIES(prefix)                                                                        \
    {prefix "/api/v2/services", .run = services}, {prefix "/api/v2/spans", .run = span_names}, \
        {prefix "/api/v2/remoteServices", .run = remote_services},                             \
        {prefix "/api/v2/traces", .run = traces}, {prefix "/api/v2/trace/{id}", .run = trace}, \
        {prefix "/api/v2/traceMany", .run = trace_many},                                       \
        {prefix "/api/v2/dependencies", .run = dependencies},                                  \
        {prefix "/api/v2/autocompleteKeys", .run = tag_keys},                                  \
        {prefix "/api/v2/autocompleteValues", .run = tag_values},                              \
    {                                                                                          \
        prefix "/api/{rest*}", .run = call_unknown                                             \
    }

const struct endpoint zipkin_endpoints[] = {
    QUERIES(""),
    QUERIES("/zipkin"),
    {"/zipkin/config.json", .handler = ui_config},
    {"/config.json", .handler = ui_config},
    {"/health", .handler = health},
    {"/info", .handler = info},
    {0},
};
