/* tempo_trace.c - a trace by its id, as Tempo answers it: protobuf when the client asks for it, else JSON. */
#include "api/groups.h"
#include "api/params.h"
#include "api/tempo.h"
#include "api/tempo_params.h"
#include "wire/otlp_json.h"
#include "wire/otlp_pb.h"
#include "wire/pb.h"

static const char PROTOBUF[] = "application/protobuf";

/* One of the types that Accept lists, whatever its weight. */
static bool wants_protobuf(const struct http_request *req)
{
    struct str rest = http_header_get(req, STR("accept")), type, params;
    while (rest.n) {
        str_cut(rest, ',', &type, &rest);
        str_cut(type, ';', &type, &params);
        if (str_eq_nocase(str_trim(type), str_of(PROTOBUF)))
            return true;
    }
    return false;
}

/* Grouped by resource and scope. No spans when there is no such trace. start and end, by which Tempo finds its blocks,
 * are read to refuse what makes no sense; the whole trace is the answer anyway. */
static int find(struct call *c, struct span_batch *ret, struct err *err)
{
    struct tempo_tags range = {0};
    struct trace_id id;
    int code;
    TRY(param_trace_id(c->req->params[0], &id, err));
    TRY(tempo_params_range(c->req, &c->arena, &range.start_ns, &range.end_ns, err));
    code = engine_trace(c->api->engine, &c->query, id, ret, err);
    if (code == ERR_NOT_FOUND) {
        *ret = (struct span_batch){0};
        return 0;
    }
    TRY(code);
    return groups_order(ret->spans, ret->span_count, &c->arena) ? 0 : ERR_NOMEM;
}

int tempo_trace_v1(struct call *c, struct err *err)
{
    struct span_batch trace;
    TRY(find(c, &trace, err));
    if (trace.span_count == 0) {
        c->status = 404; /* with nothing in it */
        c->content_type = NULL;
    } else if (wants_protobuf(c->req)) {
        c->content_type = PROTOBUF;
        otlp_pb_encode(trace.spans, trace.span_count, &c->out); /* Trace has the same bytes */
    } else {
        json_object_begin(&c->json);
        json_key(&c->json, STR("batches"));
        otlp_json_write_resource_spans(&c->json, trace.spans, trace.span_count, OTLP_JSON_PROTO3);
        json_object_end(&c->json);
    }
    return 0;
}

/* TraceByIDResponse: 1 trace, 2 metrics. A damaged store is a partial answer (3 status, 4 message). */
static void write_v2_pb(struct call *c, const struct span_batch *trace)
{
    size_t begin = pb_begin_guess(&c->out, PB_TAG(1, PB_LEN), 4);
    otlp_pb_encode(trace->spans, trace->span_count, &c->out);
    pb_end_guess(&c->out, begin, 4);
    pb_put_bytes(&c->out, PB_TAG(2, PB_LEN), STR(""));
    if (call_warning(c).n) {
        pb_put_varint(&c->out, PB_TAG(3, PB_VARINT), 1);
        pb_put_bytes(&c->out, PB_TAG(4, PB_LEN), call_warning(c));
    }
}

static void write_v2_json(struct call *c, const struct span_batch *trace)
{
    struct json_writer *w = &c->json;
    json_object_begin(w);
    json_key(w, STR("trace"));
    if (trace->span_count) {
        json_object_begin(w);
        json_key(w, STR("resourceSpans"));
        otlp_json_write_resource_spans(w, trace->spans, trace->span_count, OTLP_JSON_PROTO3);
        json_object_end(w);
    } else {
        json_object_begin(w);
        json_object_end(w);
    }
    json_key(w, STR("metrics"));
    json_object_begin(w);
    json_object_end(w);
    if (call_warning(c).n) {
        json_key(w, STR("status"));
        json_str(w, STR("PARTIAL"));
        json_key(w, STR("message"));
        json_str(w, call_warning(c));
    }
    json_object_end(w);
}

int tempo_trace_v2(struct call *c, struct err *err)
{
    struct span_batch trace;
    TRY(find(c, &trace, err));
    if (wants_protobuf(c->req)) {
        c->content_type = PROTOBUF;
        write_v2_pb(c, &trace);
    } else {
        write_v2_json(c, &trace);
    }
    return 0;
}
