/* aggregates.c - quantile(x, p), percentile(x, P), p50(x) to p99(x), histogram(x, n).
 *
 * NULL and what is no number are left out; of nothing the answer is NULL. */
#include <math.h>

#include "base/json_writer.h"
#include "sql/functions.h"
#include "sql/sample.h"

enum { HISTOGRAM_BUCKETS_MAX = 1000 };

/* What an aggregate is registered with. */
struct kind {
    const char *name;
    int args;
    double scale;    /* of the second argument; 0: there is none, */
    double quantile; /* but this */
};

struct state {
    struct sample sample;
    double argument; /* the second one */
    bool bad, failed, seen;
};

static const char *const bad_texts[] = {"the quantile must be from 0 to 1",
                                        "the percentile must be from 0 to 100",
                                        "histogram takes from 1 to 1000 buckets"};

static void add(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    struct state *s = sqlite3_aggregate_context(ctx, sizeof *s);
    double v;
    if (!s || s->failed)
        return;
    if (argc > 1 && !s->seen)
        s->argument = sqlite3_value_double(argv[1]);
    if (argc > 1 && s->seen && sqlite3_value_double(argv[1]) != s->argument)
        s->bad = true;
    s->seen = true;
    switch (sqlite3_value_numeric_type(argv[0])) {
    case SQLITE_INTEGER:
    case SQLITE_FLOAT: break;
    default: return;
    }
    v = sqlite3_value_double(argv[0]);
    if (v == v && !sample_add(&s->sample, v)) {
        s->failed = true;
        sqlite3_result_error_nomem(ctx); /* ends the statement now */
    }
}

/* The state with something in it, or NULL after the answer was given. */
static struct state *finish(sqlite3_context *ctx)
{
    struct state *s = sqlite3_aggregate_context(ctx, 0);
    if (s && s->failed)
        sqlite3_result_error_nomem(ctx);
    else if (s && s->bad)
        sqlite3_result_error(ctx, "the second argument must be the same for all rows", -1);
    else if (s && s->sample.count)
        return s;
    if (s)
        sample_release(&s->sample);
    return NULL;
}

static void quantile(sqlite3_context *ctx)
{
    const struct kind *kind = sqlite3_user_data(ctx);
    struct state *s = finish(ctx);
    double p, v;
    if (!s)
        return;
    p = kind->scale > 0 ? s->argument / kind->scale : kind->quantile;
    if (!(p >= 0 && p <= 1)) {
        sqlite3_result_error(ctx, bad_texts[kind->scale > 1], -1);
    } else {
        v = sample_quantile(&s->sample, p);
        if (v == floor(v) && fabs(v) < 9007199254740992.0)
            sqlite3_result_int64(ctx, (sqlite3_int64)v);
        else
            sqlite3_result_double(ctx, v);
    }
    sample_release(&s->sample);
}

/* ---- histogram ---- */

struct histogram {
    double low, step; /* or their logarithms */
    bool logarithmic;
    uint32_t count;
    uint64_t counts[HISTOGRAM_BUCKETS_MAX];
};

static void put_value(double v, uint64_t count, void *user)
{
    struct histogram *h = user;
    double at = h->step > 0 ? ((h->logarithmic ? log(v) : v) - h->low) / h->step : 0;
    uint32_t i = at >= h->count ? h->count - 1 : at > 0 ? (uint32_t)at : 0;
    h->counts[i] += count;
}

static double bound(const struct histogram *h, const struct sample *s, uint32_t i)
{
    double v = h->low + h->step * i;
    if (i == 0)
        return s->min;
    if (i == h->count)
        return s->max;
    return h->logarithmic ? exp(v) : v;
}

static void write_histogram(sqlite3_context *ctx, const struct histogram *h, const struct sample *s)
{
    struct json_writer w;
    struct buf out;
    buf_init(&out, SQL_CELL_BYTES_MAX);
    json_init(&w, &out, 0);
    json_array_begin(&w);
    for (uint32_t i = 0; i < h->count; i++) {
        json_object_begin(&w);
        json_key(&w, STR("from"));
        json_double(&w, bound(h, s, i));
        json_key(&w, STR("to"));
        json_double(&w, bound(h, s, i + 1));
        json_key(&w, STR("count"));
        json_u64(&w, h->counts[i]);
        json_object_end(&w);
    }
    json_array_end(&w);
    if (out.failed)
        sqlite3_result_error_nomem(ctx);
    else
        sqlite3_result_text64(ctx, (const char *)out.p, out.n, SQLITE_TRANSIENT, SQLITE_UTF8);
    buf_release(&out);
}

/* Buckets of equal ratios when all values are above 0 (durations spread over decades), else of equal width. */
static void histogram(sqlite3_context *ctx)
{
    struct state *s = finish(ctx);
    struct histogram h = {.count = 0};
    if (!s)
        return;
    if (!(s->argument >= 1 && s->argument <= HISTOGRAM_BUCKETS_MAX)) {
        sqlite3_result_error(ctx, bad_texts[2], -1);
    } else {
        h.count = (uint32_t)s->argument;
        h.logarithmic = s->sample.min > 0;
        h.low = h.logarithmic ? log(s->sample.min) : s->sample.min;
        h.step = ((h.logarithmic ? log(s->sample.max) : s->sample.max) - h.low) / h.count;
        sample_each(&s->sample, put_value, &h);
        write_histogram(ctx, &h, &s->sample);
    }
    sample_release(&s->sample);
}

int aggregates_register(sqlite3 *db)
{
    static struct kind kinds[] = {
        {"quantile", 2, 1, 0}, {"percentile", 2, 100, 0}, {"p50", 1, 0, 0.5},
        {"p75", 1, 0, 0.75},   {"p90", 1, 0, 0.9},        {"p95", 1, 0, 0.95},
        {"p99", 1, 0, 0.99},   {"p999", 1, 0, 0.999},     {"median", 1, 0, 0.5}};
    int code = sqlite3_create_function_v2(db, "histogram", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                          NULL, NULL, add, histogram, NULL);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && code == SQLITE_OK; i++)
        code = sqlite3_create_function_v2(db, kinds[i].name, kinds[i].args,
                                          SQLITE_UTF8 | SQLITE_DETERMINISTIC, &kinds[i], NULL, add,
                                          quantile, NULL);
    return code;
}
