/* jaeger_grpc.c - jaeger.api_v3.QueryService: the same questions as over HTTP, traces as streams of OTLP. */
#include "api/call.h"
#include "api/dialects.h"
#include "api/jaeger_v3.h"
#include "api/params.h"
#include "api/search.h"
#include "base/clock.h"
#include "base/hex.h"
#include "wire/otlp_pb.h"
#include "wire/pb_text.h"

static const uint64_t LOOKBACK_NS = 24ull * 3600 * 1000000000;

enum {
    MESSAGE_BYTES_MAX = 3 << 20, /* clients take 4 MiB unless told otherwise */
    MESSAGE_SPANS = 512,
    SUMMARIES_PER_MESSAGE = 100,
};

/* --- requests --- */

static int malformed(struct err *err)
{
    return err_set(err, ERR_INVALID, "malformed protobuf");
}

/* What is below nothing fails the reader. */
static uint64_t read_time(struct pb_reader *r)
{
    uint64_t ns;
    if (!pb_time(r, &ns))
        pb_fail(r, r->p);
    return ns;
}

/* TraceQueryParameters on their way to a search. */
struct form {
    struct str service, operation;
    uint64_t start_ns, end_ns, min_ns, max_ns;
    bool has_start, has_end, has_max, has_filter, raw;
    int64_t depth;
    struct search_filter filter;
};

static void read_attribute(struct pb_reader *outer, struct form *f)
{
    struct pb_reader r = pb_reader_of(pb_bytes(outer));
    struct str key = {NULL, 0}, value = {NULL, 0};
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): key = pb_text(&r); break;
        case PB_TAG(2, PB_LEN): value = pb_text(&r); break;
        default: pb_skip(&r); break;
        }
    }
    pb_leave(outer, &r);
    search_tag(&f->filter, key, value);
}

static void read_parameters(struct pb_reader *outer, struct form *f)
{
    struct pb_reader r = pb_reader_of(pb_bytes(outer));
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): f->service = pb_text(&r); break;
        case PB_TAG(2, PB_LEN): f->operation = pb_text(&r); break;
        case PB_TAG(3, PB_LEN): read_attribute(&r, f); break;
        case PB_TAG(4, PB_LEN):
            f->start_ns = read_time(&r);
            f->has_start = true;
            break;
        case PB_TAG(5, PB_LEN):
            f->end_ns = read_time(&r);
            f->has_end = true;
            break;
        case PB_TAG(6, PB_LEN): f->min_ns = read_time(&r); break;
        case PB_TAG(7, PB_LEN):
            f->max_ns = read_time(&r);
            f->has_max = f->max_ns > 0;
            break;
        case PB_TAG(8, PB_VARINT): f->depth = (int64_t)pb_varint(&r); break;
        case PB_TAG(9, PB_VARINT): f->raw = pb_varint(&r) != 0; break;
        case PB_TAG(10, PB_LEN):
            pb_skip(&r);
            f->has_filter = true;
            break;
        default: pb_skip(&r); break;
        }
    }
    pb_leave(outer, &r);
}

static int check_form(struct call *c, const struct form *f, struct err *err)
{
    if (f->has_filter)
        return err_set(err, ERR_INVALID, "filter is not supported; use attributes");
    if (!f->has_start || !f->has_end)
        return err_set(err, ERR_INVALID, "start_time_min and start_time_max are required");
    if (f->start_ns > f->end_ns)
        return err_set(err, ERR_INVALID, "start_time_min must not be later than start_time_max");
    if (f->has_max && f->max_ns < f->min_ns)
        return err_set(err, ERR_INVALID, "duration_max must not be less than duration_min");
    if (f->depth < 0 || f->depth > (int64_t)c->api->search_limit_max)
        return err_set(err, ERR_INVALID, "search_depth must be from 0 to %u",
                       c->api->search_limit_max);
    return 0;
}

/* FindTracesRequest and FindTraceSummariesRequest: {1 query}. */
static int run_search(struct call *c, struct trace_summary_list *found, bool *raw, struct err *err)
{
    struct pb_reader r = pb_reader_of(c->req->body);
    struct form f = {.filter = {.arena = &c->arena}};
    struct trace_query query;
    while (pb_next(&r)) {
        if (r.tag == PB_TAG(1, PB_LEN))
            read_parameters(&r, &f);
        else
            pb_skip(&r);
    }
    if (r.bad_at)
        return malformed(err);
    TRY(check_form(c, &f, err));
    if (f.service.n)
        search_service(&f.filter, f.service);
    if (f.operation.n)
        search_operation(&f.filter, f.operation);
    search_duration(&f.filter, f.min_ns, f.has_max ? f.max_ns : UINT64_MAX);
    query = (struct trace_query){.start_ns = f.start_ns, .end_ns = f.end_ns};
    TRY(search_done(&f.filter, &query.filter, err));
    query.limit = f.depth ? (uint32_t)f.depth : JAEGER_V3_SEARCH_DEPTH;
    if (query.limit > c->api->search_limit_max)
        query.limit = c->api->search_limit_max;
    *raw = f.raw;
    return engine_search(c->api->engine, &c->query, &query, found, err);
}

/* --- traces --- */

/* TracesData messages of a size that clients take. */
static void put_trace(struct buf *out, const struct span_batch *batch)
{
    size_t n = MESSAGE_SPANS;
    for (size_t i = 0; i < batch->span_count && !out->failed;) {
        size_t count = batch->span_count - i < n ? batch->span_count - i : n;
        size_t start = out->n, at = grpc_message_begin(out);
        otlp_pb_encode(batch->spans + i, count, out);
        if (!out->failed && out->n - at > MESSAGE_BYTES_MAX && count > 1) {
            out->n = start;
            n = count / 2;
            continue;
        }
        grpc_message_end(out, at);
        i += count;
    }
}

static int get_trace(struct call *c, struct err *err)
{
    struct pb_reader r = pb_reader_of(c->req->body);
    struct str text = {NULL, 0};
    struct span_batch batch;
    struct trace_id id;
    bool raw = false;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): text = pb_text(&r); break;
        case PB_TAG(4, PB_VARINT): raw = pb_varint(&r) != 0; break;
        default: pb_skip(&r); break; /* times are hints for stores that need them */
        }
    }
    if (r.bad_at)
        return malformed(err);
    TRY(param_trace_id(text, &id, err));
    TRY(jaeger_v3_trace(c, &c->query, id, raw, &batch, err));
    put_trace(&c->out, &batch);
    return 0;
}

static int find_traces(struct call *c, struct err *err)
{
    struct trace_summary_list found;
    struct arena scratch;
    bool raw;
    int code = 0;
    TRY(run_search(c, &found, &raw, err));
    arena_init(&scratch, c->api->query_bytes_max);
    for (size_t i = 0; i < found.count && code == 0 && !c->out.failed; i++) {
        struct engine_query q = call_subquery(c, &scratch);
        struct span_batch batch;
        code = jaeger_v3_trace(c, &q, found.items[i].trace_id, raw, &batch, err);
        c->query.damaged |= q.damaged;
        if (code == 0)
            put_trace(&c->out, &batch);
        else if (code == ERR_NOT_FOUND)
            code = 0;
        arena_reset(&scratch);
    }
    call_arena_release(&scratch);
    return code;
}

static void put_text(struct buf *out, uint32_t field, struct str s)
{
    if (s.n)
        pb_put_bytes(out, PB_TAG(field, PB_LEN), s);
}

static void put_count(struct buf *out, uint32_t field, uint64_t n)
{
    if (n)
        pb_put_varint(out, PB_TAG(field, PB_VARINT), n);
}

static void put_summary(struct buf *out, const struct trace_summary *s)
{
    char id[2 * TRACE_ID_BYTES];
    size_t at = pb_begin(out, PB_TAG(1, PB_LEN));
    hex_encode(id, s->trace_id.bytes, TRACE_ID_BYTES);
    put_text(out, 1, str_make(id, sizeof id));
    put_text(out, 2, s->root_service);
    put_text(out, 3, s->root_name);
    pb_put_fixed64(out, PB_TAG(4, PB_I64), s->start_ns);
    pb_put_fixed64(out, PB_TAG(5, PB_I64), s->end_ns);
    put_count(out, 6, s->span_count);
    put_count(out, 7, s->error_count);
    put_count(out, 8, s->orphan_count);
    for (uint32_t i = 0; i < s->service_count; i++) {
        size_t service = pb_begin(out, PB_TAG(9, PB_LEN));
        put_text(out, 1, s->services[i].name);
        put_count(out, 2, s->services[i].span_count);
        put_count(out, 3, s->services[i].error_count);
        pb_end(out, service);
    }
    pb_end(out, at);
}

static int find_trace_summaries(struct call *c, struct err *err)
{
    struct trace_summary_list found;
    bool raw;
    TRY(run_search(c, &found, &raw, err));
    for (size_t i = 0; i < found.count;) {
        size_t at = grpc_message_begin(&c->out);
        for (size_t n = 0; n < SUMMARIES_PER_MESSAGE && i < found.count; n++)
            put_summary(&c->out, &found.items[i++]);
        grpc_message_end(&c->out, at);
    }
    return 0;
}

/* --- names and dependencies: one message --- */

static int get_services(struct call *c, struct err *err)
{
    struct str_list list;
    size_t at;
    TRY(engine_services(c->api->engine, &c->query, &list, err));
    at = grpc_message_begin(&c->out);
    for (size_t i = 0; i < list.count; i++)
        pb_put_bytes(&c->out, PB_TAG(1, PB_LEN), list.items[i]);
    grpc_message_end(&c->out, at);
    return 0;
}

static int get_operations(struct call *c, struct err *err)
{
    struct pb_reader r = pb_reader_of(c->req->body);
    struct str service = {NULL, 0}, kind = {NULL, 0};
    struct operation_list list;
    size_t at;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): service = pb_text(&r); break;
        case PB_TAG(2, PB_LEN): kind = pb_text(&r); break;
        default: pb_skip(&r); break;
        }
    }
    if (r.bad_at)
        return malformed(err);
    TRY(engine_operations(c->api->engine, &c->query, service, &list, err));
    at = grpc_message_begin(&c->out);
    for (size_t i = 0; i < list.count; i++) {
        if (!jaeger_v3_lists(&list, i, kind))
            continue;
        size_t operation = pb_begin(&c->out, PB_TAG(1, PB_LEN));
        put_text(&c->out, 1, list.items[i].name);
        put_text(&c->out, 2, jaeger_v3_kind(list.items[i].kind));
        pb_end(&c->out, operation);
    }
    grpc_message_end(&c->out, at);
    return 0;
}

static int get_dependencies(struct call *c, struct err *err)
{
    struct pb_reader r = pb_reader_of(c->req->body);
    uint64_t start_ns = 0, end_ns = clock_realtime_ns();
    bool has_start = false;
    struct dependency_list list;
    size_t at;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN):
            start_ns = read_time(&r);
            has_start = true;
            break;
        case PB_TAG(2, PB_LEN): end_ns = read_time(&r); break;
        default: pb_skip(&r); break;
        }
    }
    if (r.bad_at)
        return malformed(err);
    if (!has_start)
        start_ns = end_ns > LOOKBACK_NS ? end_ns - LOOKBACK_NS : 0;
    TRY(engine_dependencies(c->api->engine, &c->query, start_ns, end_ns, &list, err));
    at = grpc_message_begin(&c->out);
    for (size_t i = 0; i < list.count; i++) {
        size_t dependency = pb_begin(&c->out, PB_TAG(1, PB_LEN));
        put_text(&c->out, 1, list.items[i].parent);
        put_text(&c->out, 2, list.items[i].child);
        put_count(&c->out, 3, list.items[i].call_count);
        pb_end(&c->out, dependency);
    }
    grpc_message_end(&c->out, at);
    return 0;
}

/* --- routes --- */

#define METHOD(name) "/jaeger.api_v3.QueryService/" name

const struct endpoint jaeger_grpc_endpoints[] = {
    {METHOD("GetTrace"), .run = get_trace, .grpc = true},
    {METHOD("FindTraces"), .run = find_traces, .grpc = true},
    {METHOD("FindTraceSummaries"), .run = find_trace_summaries, .grpc = true},
    {METHOD("GetServices"), .run = get_services, .grpc = true},
    {METHOD("GetOperations"), .run = get_operations, .grpc = true},
    {METHOD("GetDependencies"), .run = get_dependencies, .grpc = true},
    {0},
};
