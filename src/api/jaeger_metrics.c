/* jaeger_metrics.c - /api/metrics/...: what Jaeger's Monitor tab shows, computed from the spans themselves.
 *
 * Calls and errors at a point count the `ratePer` before it; a latency is of the step that ends there. */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "api/call.h"
#include "api/jaeger_v1.h"
#include "api/params.h"
#include "base/clock.h"
#include "engine/series.h"

static const uint64_t NS_PER_MS = 1000000;

enum { SERIES_MAX = 10000, SERVICES_MAX = 64, KINDS_MAX = 8 };

/* One request. Times in Unix nanoseconds. */
struct metrics_form {
    struct str services[SERVICES_MAX];
    size_t service_count;
    enum span_kind kinds[KINDS_MAX];
    size_t kind_count;
    bool by_operation;
    double quantile; /* of latencies */
    uint64_t end_ns, lookback_ns, step_ns, rate_ns;
};

/* --- the form --- */

/* "server", and what Jaeger's first versions took: "SPAN_KIND_SERVER". */
static bool parse_kind(struct str text, enum span_kind *ret)
{
    if (str_starts(text, STR("SPAN_KIND_")))
        text = str_from(text, strlen("SPAN_KIND_"));
    return span_kind_parse(text, ret);
}

static int add_service(struct metrics_form *f, struct str value, struct err *err)
{
    if (f->service_count == SERVICES_MAX)
        return err_set(err, ERR_INVALID, "more than %d services", SERVICES_MAX);
    f->services[f->service_count++] = value;
    return 0;
}

static int add_kind(struct metrics_form *f, struct str value, struct err *err)
{
    if (f->kind_count == KINDS_MAX)
        return err_set(err, ERR_INVALID, "more than %d span kinds", KINDS_MAX);
    if (!parse_kind(value, &f->kinds[f->kind_count++]))
        return err_set(err, ERR_INVALID,
                       "unable to parse param 'spanKind': \"%.*s\" is none of unspecified, "
                       "internal, server, client, producer, consumer",
                       (int)(value.n < 40 ? value.n : 40), value.n ? value.p : "");
    return 0;
}

static int read_lists(struct call *c, struct metrics_form *f, struct err *err)
{
    struct str name, value;
    size_t at = 0;
    while (http_query_next(c->req, &c->arena, &at, &name, &value)) {
        if (str_eq(name, STR("service")) && value.n)
            TRY(add_service(f, value, err));
        else if (str_eq(name, STR("spanKind")) && value.n)
            TRY(add_kind(f, value, err));
    }
    if (f->service_count == 0)
        return err_set(err, ERR_INVALID,
                       "unable to parse param 'service': please provide at least one service name");
    if (f->kind_count == 0)
        f->kinds[f->kind_count++] = SPAN_KIND_SERVER;
    return 0;
}

static int read_times(struct call *c, struct metrics_form *f, struct err *err)
{
    const struct {
        struct str name;
        uint64_t *value, fallback_ms;
    } params[] = {{STR("endTs"), &f->end_ns, clock_realtime_ns() / NS_PER_MS},
                  {STR("lookback"), &f->lookback_ns, 3600 * 1000},
                  {STR("step"), &f->step_ns, 5 * 1000},
                  {STR("ratePer"), &f->rate_ns, 600 * 1000}};
    for (size_t i = 0; i < sizeof params / sizeof *params; i++) {
        struct str text = call_param(c, params[i].name);
        *params[i].value = params[i].fallback_ms * NS_PER_MS;
        if (text.n)
            TRY(param_unix_time(params[i].name, text, NS_PER_MS, params[i].value, err));
    }
    if (f->step_ns == 0 || f->lookback_ns == 0 || f->rate_ns == 0)
        return err_set(err, ERR_INVALID, "step, lookback and ratePer must be more than 0");
    if (f->lookback_ns / f->step_ns + f->rate_ns / f->step_ns >= SERIES_BUCKETS_MAX)
        return err_set(err, ERR_INVALID, "more than %d steps: take a longer one",
                       SERIES_BUCKETS_MAX);
    if (f->end_ns > INT64_MAX || f->lookback_ns > f->end_ns ||
        f->rate_ns > f->end_ns - f->lookback_ns)
        return err_set(err, ERR_INVALID, "endTs and lookback leave no time");
    return 0;
}

static int read_form(struct call *c, struct metrics_form *f, struct err *err)
{
    TRY(read_lists(c, f, err));
    TRY(read_times(c, f, err));
    f->by_operation = call_param_bool(c, STR("groupByOperation"));
    return arena_failed(&c->arena) ? ERR_NOMEM : 0;
}

/* --- the query --- */

static const struct expr *int_is(struct arena *a, enum field_kind field, int64_t v)
{
    return expr_compare(a, EXPR_EQ, (struct field){.kind = field},
                        (struct value){.type = VALUE_INT, .integer = v});
}

/* (service = a || ...) && (kind = k || ...) [&& status = error] */
static const struct expr *condition(struct arena *a, const struct metrics_form *f, bool errors)
{
    const struct expr *services = NULL, *kinds = NULL, *both;
    for (size_t i = 0; i < f->service_count; i++) {
        struct value name = {.type = VALUE_STRING, .string = f->services[i]};
        const struct expr *e =
            expr_compare(a, EXPR_EQ, (struct field){.kind = FIELD_SERVICE}, name);
        services = i ? expr_or(a, services, e) : e;
    }
    for (size_t i = 0; i < f->kind_count; i++) {
        const struct expr *e = int_is(a, FIELD_KIND, f->kinds[i]);
        kinds = i ? expr_or(a, kinds, e) : e;
    }
    both = expr_and(a, services, kinds);
    return errors ? expr_and(a, both, int_is(a, FIELD_STATUS, STATUS_ERROR)) : both;
}

static const struct expr service_field = {.op = EXPR_FIELD, .field = {.kind = FIELD_SERVICE}};
static const struct expr name_field = {.op = EXPR_FIELD, .field = {.kind = FIELD_NAME}};
static const struct expr duration_field = {.op = EXPR_FIELD, .field = {.kind = FIELD_DURATION}};

/* One function over the filtered spans, by service and perhaps operation, in the buckets of (start, end]. */
static int run_query(struct call *c, const struct metrics_form *f, enum metric_kind kind,
                     bool errors, uint64_t before_ns, struct series_list *ret, struct err *err)
{
    struct arena *a = &c->arena;
    const struct traceql *search = traceql_of(condition(a, f, errors), a);
    struct metric metric = {.kind = kind, .by = {&service_field, &name_field}};
    struct metric_expr expr = {.op = MATH_METRIC, .metric = &metric};
    struct traceql query = {.metric = &expr, .filter_count = 1};
    struct series_query q = {.query = &query,
                             .start_ns = f->end_ns - f->lookback_ns - before_ns,
                             .end_ns = f->end_ns,
                             .step_ns = f->step_ns,
                             .series_max = SERIES_MAX};
    if (!search || arena_failed(a))
        return ERR_NOMEM;
    metric.by_count = f->by_operation ? 2 : 1;
    if (kind == METRIC_QUANTILE) {
        metric.operand = &duration_field;
        metric.quantiles[0] = f->quantile;
        metric.quantile_count = 1;
    }
    expr.pipeline = search->search;
    return engine_series(c->api->engine, &c->query, &q, ret, err);
}

/* --- the answer --- */

static void write_label(struct json_writer *w, struct str name, struct str value)
{
    json_object_begin(w);
    json_key(w, STR("name"));
    json_str(w, name);
    json_key(w, STR("value"));
    json_str(w, value);
    json_object_end(w);
}

static struct str label_text(const struct series *s, uint32_t i)
{
    bool text = i < s->label_count && s->labels[i].value.type == VALUE_STRING;
    return text ? s->labels[i].value.string : (struct str){NULL, 0};
}

static void begin_series(struct json_writer *w, const struct metrics_form *f,
                         const struct series *s)
{
    json_object_begin(w);
    json_key(w, STR("labels"));
    json_array_begin(w);
    if (f->by_operation)
        write_label(w, STR("operation"), label_text(s, 1));
    write_label(w, STR("service_name"), label_text(s, 0));
    json_array_end(w);
    json_key(w, STR("metricPoints"));
    json_array_begin(w);
}

static void end_series(struct json_writer *w)
{
    json_array_end(w);
    json_object_end(w);
}

/* Without a value there is no point: the UI would drop it. */
static void write_point(struct call *c, uint64_t time_ns, double value)
{
    struct json_writer *w = &c->json;
    time_t seconds = (time_t)(time_ns / 1000000000);
    char text[40];
    struct tm tm;
    size_t n;
    if (isnan(value) || isinf(value) || !gmtime_r(&seconds, &tm))
        return;
    n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    json_object_begin(w);
    json_key(w, STR("gaugeValue"));
    json_object_begin(w);
    json_key(w, STR("doubleValue"));
    json_double(w, value);
    json_object_end(w);
    json_key(w, STR("timestamp"));
    json_str(w, arena_printf(&c->arena, "%.*s.%03uZ", (int)n, text,
                             (unsigned)(time_ns / NS_PER_MS % 1000)));
    json_object_end(w);
}

static void begin_family(struct json_writer *w, const struct metrics_form *f, const char *what,
                         const char *help)
{
    char name[64];
    int n = snprintf(name, sizeof name, "service_%s%s", f->by_operation ? "operation_" : "", what);
    json_object_begin(w);
    json_key(w, STR("name"));
    json_str(w, str_make(name, (size_t)n));
    json_key(w, STR("type"));
    json_str(w, STR("GAUGE"));
    json_key(w, STR("help"));
    json_str(w, str_of(help));
    json_key(w, STR("metrics"));
    json_array_begin(w);
}

static void end_family(struct json_writer *w)
{
    json_array_end(w);
    json_object_end(w);
}

/* --- latencies --- */

static int read_quantile(struct call *c, struct metrics_form *f, struct err *err)
{
    struct str text = call_param(c, STR("quantile"));
    if (!str_to_double(text, &f->quantile) || !(f->quantile >= 0 && f->quantile <= 1))
        return err_set(err, ERR_INVALID,
                       "unable to parse param 'quantile': it takes a number from 0 to 1");
    return 0;
}

int jaeger_metrics_latencies(struct call *c, struct err *err)
{
    struct metrics_form f = {.service_count = 0};
    struct series_list list;
    TRY(read_form(c, &f, err));
    TRY(read_quantile(c, &f, err));
    TRY(run_query(c, &f, METRIC_QUANTILE, false, 0, &list, err));
    begin_family(&c->json, &f, "latencies",
                 f.by_operation ? "quantile of latency, by service and operation"
                                : "quantile of latency, by service");
    for (size_t i = 0; i < list.count; i++) {
        begin_series(&c->json, &f, &list.items[i]);
        for (uint32_t k = 0; k < list.bucket_count; k++)
            write_point(c, f.end_ns - f.lookback_ns + (k + 1) * f.step_ns,
                        list.items[i].values[k] * 1000); /* seconds to milliseconds */
        end_series(&c->json);
    }
    end_family(&c->json);
    return 0;
}

/* --- calls and errors --- */

/* Counts of the window that ends with each bucket of the range, in place of those of the buckets; the first `before`
 * buckets only feed them. */
static void slide(struct series *s, uint32_t bucket_count, uint32_t window)
{
    double sum = 0;
    for (uint32_t k = bucket_count; k-- > 0;)
        s->values[k] = isnan(s->values[k]) ? 0 : s->values[k];
    for (uint32_t k = bucket_count < window ? 0 : bucket_count - window; k < bucket_count; k++)
        sum += s->values[k];
    for (uint32_t k = bucket_count; k-- > 0;) {
        double own = s->values[k];
        s->values[k] = sum;
        sum -= own;
        if (k >= window)
            sum += s->values[k - window];
    }
}

/* Buckets of one rate window. */
static uint32_t window_of(const struct metrics_form *f)
{
    uint64_t n = f->rate_ns / f->step_ns;
    return n ? (uint32_t)n : 1;
}

static int count_spans(struct call *c, const struct metrics_form *f, bool errors,
                       struct series_list *ret, struct err *err)
{
    uint32_t window = window_of(f);
    TRY(run_query(c, f, METRIC_COUNT, errors, window * f->step_ns, ret, err));
    for (size_t i = 0; i < ret->count; i++)
        slide(&ret->items[i], ret->bucket_count, window);
    return 0;
}

int jaeger_metrics_calls(struct call *c, struct err *err)
{
    struct metrics_form f = {.service_count = 0};
    struct series_list list;
    TRY(read_form(c, &f, err));
    TRY(count_spans(c, &f, false, &list, err));
    double window_s = (double)window_of(&f) * (double)f.step_ns / 1e9;
    begin_family(&c->json, &f, "call_rate",
                 f.by_operation ? "calls/sec, by service and operation" : "calls/sec, by service");
    for (size_t i = 0; i < list.count; i++) {
        begin_series(&c->json, &f, &list.items[i]);
        for (uint32_t k = window_of(&f); k < list.bucket_count; k++)
            write_point(c, f.end_ns - f.lookback_ns + (k + 1 - window_of(&f)) * f.step_ns,
                        list.items[i].values[k] / window_s);
        end_series(&c->json);
    }
    end_family(&c->json);
    return 0;
}

/* The series of the same labels, both lists being in their order; NULL when there is none. */
static const struct series *find_same(const struct series_list *list, size_t *at,
                                      const struct series *s, uint32_t labels)
{
    for (; *at < list->count; ++*at) {
        int order = 0;
        for (uint32_t i = 0; i < labels && order == 0; i++)
            order = str_cmp(label_text(&list->items[*at], i), label_text(s, i));
        if (order == 0)
            return &list->items[*at];
        if (order > 0)
            return NULL;
    }
    return NULL;
}

int jaeger_metrics_errors(struct call *c, struct err *err)
{
    struct metrics_form f = {.service_count = 0};
    struct series_list calls, errors;
    size_t at = 0;
    TRY(read_form(c, &f, err));
    TRY(count_spans(c, &f, false, &calls, err));
    TRY(count_spans(c, &f, true, &errors, err));
    begin_family(&c->json, &f, "error_rate",
                 f.by_operation
                     ? "error rate, computed as a fraction of errors/sec over calls/sec, "
                       "by service and operation"
                     : "error rate, computed as a fraction of errors/sec over calls/sec, "
                       "by service");
    for (size_t i = 0; i < calls.count; i++) {
        const struct series *failed =
            find_same(&errors, &at, &calls.items[i], f.by_operation ? 2 : 1);
        begin_series(&c->json, &f, &calls.items[i]);
        for (uint32_t k = window_of(&f); k < calls.bucket_count; k++) {
            double all = calls.items[i].values[k];
            write_point(c, f.end_ns - f.lookback_ns + (k + 1 - window_of(&f)) * f.step_ns,
                        all > 0 ? (failed ? failed->values[k] : 0) / all : (double)NAN);
        }
        end_series(&c->json);
    }
    end_family(&c->json);
    return 0;
}
