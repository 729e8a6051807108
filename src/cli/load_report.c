/* load_report.c - see load_report.h. */
#include "cli/load_report.h"

#include <inttypes.h>

#include "base/json_writer.h"
#include "cli/units.h"

enum { BAR_CELLS = 24, FIGURES_MAX = 32 };

struct figure {
    const char *name;
    char value[32]; /* JSON's grammar of numbers too */
    const char *unit;
};

struct figures {
    struct figure all[FIGURES_MAX];
    size_t count;
};

static double per_second(uint64_t n, uint64_t ns)
{
    return ns ? (double)n * 1e9 / (double)ns : 0;
}

/* ---- progress ---- */

/* How much of the run is behind us, 0 to 1; negative when nobody knows. */
static double part_done(const struct load_result *r, const struct load_run_options *o)
{
    double by_spans = o->gen.spans
                          ? (double)(r->acknowledged_spans + r->rejected_spans + r->failed_spans) /
                                (double)o->gen.spans
                          : -1;
    double by_time = o->duration_ns ? (double)r->elapsed_ns / (double)o->duration_ns : -1;
    double part = by_spans > by_time ? by_spans : by_time;
    return part > 1 ? 1 : part;
}

void load_report_progress(const struct load_result *r, void *user)
{
    char sent[UNITS_BYTES], rate[UNITS_BYTES], bar[BAR_CELLS + 1];
    double part = part_done(r, user);
    format_plural(sent, r->acknowledged_spans, "span", "spans");
    format_count(rate, (uint64_t)per_second(r->acknowledged_spans, r->elapsed_ns));
    fputs("\r\x1b[K", stderr);
    if (part >= 0) {
        for (int i = 0; i < BAR_CELLS; i++)
            bar[i] = i < (int)(part * BAR_CELLS) ? '#' : '.';
        bar[BAR_CELLS] = '\0';
        fprintf(stderr, "[%s] %3d %%  ", bar, (int)(part * 100));
    }
    fprintf(stderr, "%s acknowledged, %s/s", sent, rate);
    if (r->retried_requests)
        fprintf(stderr, ", %" PRIu64 " requests sent again", r->retried_requests);
    if (r->failed_spans)
        fprintf(stderr, ", %" PRIu64 " spans failed", r->failed_spans);
}

void load_report_progress_end(void)
{
    fputs("\r\x1b[K", stderr);
}

/* ---- the result ---- */

static struct figure *add(struct figures *f, const char *name, const char *unit)
{
    struct figure *figure = &f->all[f->count++];
    figure->name = name;
    figure->unit = unit;
    return figure;
}

static void add_count(struct figures *f, const char *name, uint64_t v, const char *unit)
{
    struct figure *figure = add(f, name, unit);
    snprintf(figure->value, sizeof figure->value, "%" PRIu64, v);
}

static void add_number(struct figures *f, const char *name, double v, int digits, const char *unit)
{
    struct figure *figure = add(f, name, unit);
    snprintf(figure->value, sizeof figure->value, "%.*f", digits, v);
}

static void collect(const struct load_result *r, struct figures *f)
{
    static const struct {
        const char *name;
        double fraction;
    } percentiles[] = {{"latency.p50", 0.5},
                       {"latency.p90", 0.9},
                       {"latency.p99", 0.99},
                       {"latency.p99.9", 0.999},
                       {"latency.max", 1}};
    add_count(f, "spans.sent", r->sent_spans, "spans");
    add_count(f, "spans.acknowledged", r->acknowledged_spans, "spans");
    add_count(f, "spans.rejected", r->rejected_spans, "spans");
    add_count(f, "spans.failed", r->failed_spans, "spans");
    add_count(f, "spans.retried", r->retried_spans, "spans");
    add_count(f, "requests.sent", r->sent_requests, "requests");
    add_count(f, "requests.acknowledged", r->acknowledged_requests, "requests");
    add_count(f, "requests.failed", r->failed_requests, "requests");
    add_count(f, "requests.retried", r->retried_requests, "requests");
    add_count(f, "bytes.sent", r->sent_bytes, "B");
    add_count(f, "seed", r->seed, "");
    add_number(f, "time", (double)r->elapsed_ns / 1e9, 3, "s");
    add_number(f, "rate", per_second(r->acknowledged_spans, r->elapsed_ns), 0, "spans/s");
    for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; i++)
        add_number(f, percentiles[i].name,
                   (double)load_latency_at(&r->latency, percentiles[i].fraction) / 1e6, 3, "ms");
    add_number(f, "load.cpu", r->own_cpu_s, 3, "CPU-s");
    if (r->server_cpu_s < 0)
        return;
    add_number(f, "server.cpu", r->server_cpu_s, 2, "CPU-s");
    if (r->server_cpu_s > 0)
        add_number(f, "server.rate", (double)r->acknowledged_spans / r->server_cpu_s, 0,
                   "spans/CPU-s");
}

static void write_json(const struct figures *f, FILE *out)
{
    struct json_writer w;
    struct buf text;
    buf_init(&text, 0);
    json_init(&w, &text, 0);
    json_object_begin(&w);
    json_key(&w, STR("results"));
    json_array_begin(&w);
    for (size_t i = 0; i < f->count; i++) {
        json_object_begin(&w);
        json_key(&w, STR("name"));
        json_str(&w, str_of(f->all[i].name));
        json_key(&w, STR("value"));
        json_raw(&w, str_of(f->all[i].value));
        json_key(&w, STR("unit"));
        json_str(&w, str_of(f->all[i].unit));
        json_object_end(&w);
    }
    json_array_end(&w);
    json_object_end(&w);
    fprintf(out, "%.*s\n", STR_ARG(buf_str(&text)));
    buf_release(&text);
}

void load_report(const struct load_result *result, bool json, FILE *out)
{
    struct figures f = {.count = 0};
    collect(result, &f);
    if (json)
        write_json(&f, out);
    for (size_t i = 0; !json && i < f.count; i++)
        fprintf(out, "%s\t%s\t%s\n", f.all[i].name, f.all[i].value, f.all[i].unit);
    fflush(out);
}
