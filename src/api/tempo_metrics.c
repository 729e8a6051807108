/* tempo_metrics.c - /api/metrics/query_range and /query, and their gRPC methods: numbers over time from spans. */
#include "api/tempo.h"
#include "api/tempo_json.h"
#include "api/tempo_params.h"
#include "api/tempo_pb.h"
#include "base/clock.h"

/* with(exemplars=false) or with(exemplars=10), within what the request asks for. */
static uint32_t exemplars(const struct traceql *q, uint32_t asked)
{
    for (uint32_t i = 0; i < q->hint_count; i++) {
        const struct value *v = &q->hints[i].value;
        if (!str_eq(q->hints[i].name, STR("exemplars")))
            continue;
        if (v->type == VALUE_BOOL && !v->boolean)
            return 0;
        if (v->type == VALUE_INT && v->integer >= 0 && v->integer < asked)
            return (uint32_t)v->integer;
    }
    return asked;
}

static int query(struct call *c, struct tempo_metrics *m, struct series_list *ret, struct err *err)
{
    struct series_query q;
    const struct traceql *text;
    TRY(tempo_traceql(m->query, &c->arena, &text, err));
    if (!text->metric)
        return err_set(err, ERR_INVALID,
                       "invalid TraceQL query: not a metrics query; it takes one that ends in "
                       "rate() or the like");
    TRY(tempo_metrics_align(m, err));
    q = (struct series_query){.query = text,
                              .start_ns = m->start_ns,
                              .end_ns = m->end_ns,
                              .step_ns = m->step_ns,
                              .exemplars_max = m->instant ? 0 : exemplars(text, m->exemplars_max),
                              .series_max = m->series_max};
    return engine_series(c->api->engine, &c->query, &q, ret, err);
}

static int http(struct call *c, bool instant, struct err *err)
{
    struct tempo_metrics m;
    struct series_list found;
    TRY(tempo_params_metrics(c->req, &c->arena, clock_realtime_ns(), &m, err));
    m.instant = instant;
    TRY(query(c, &m, &found, err));
    tempo_json_series(&c->json, &found, &m, &c->arena);
    return 0;
}

static int grpc(struct call *c, bool instant, struct err *err)
{
    struct tempo_metrics m;
    struct series_list found;
    TRY(tempo_pb_metrics_request(c->req->body, instant, clock_realtime_ns(), &m, err));
    TRY(query(c, &m, &found, err));
    tempo_pb_series(&c->out, &found, &m, c->query.spans_scanned, &c->arena);
    return 0;
}

int tempo_range_http(struct call *c, struct err *err)
{
    return http(c, false, err);
}

int tempo_instant_http(struct call *c, struct err *err)
{
    return http(c, true, err);
}

int tempo_range_grpc(struct call *c, struct err *err)
{
    return grpc(c, false, err);
}

int tempo_instant_grpc(struct call *c, struct err *err)
{
    return grpc(c, true, err);
}
