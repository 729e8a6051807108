/* metrics.c - `cairn metrics QUERY`: counts spans over time, over Tempo's API, and draws the numbers. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/answer.h"
#include "cli/chart.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/query_text.h"
#include "cli/series_print.h"
#include "cli/when.h"

enum { PIPE_WIDTH = 100 };
enum format { FORMAT_CHART, FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON };
static const char *const format_choices[] = {"chart", "table", "csv", "json", NULL};

struct metrics_options {
    const char *server, *start, *end, *step;
    uint64_t since_ns, height, width;
    int format, color;
};

#define OFFSET(field) .offset = offsetof(struct metrics_options, field)

static const struct option options[] = {
    OPTION_SERVER,
    {.name = "since",
     .arg = "TIME",
     .type = OPTION_DURATION,
     OFFSET(since_ns),
     .fallback = "1h",
     .min = 1,
     .text = "look this far back, as in 30m, 12h or 7d"},
    {.name = "start",
     .arg = "TIME",
     .type = OPTION_STRING,
     OFFSET(start),
     .text = "from then on, instead of --since: an age, or a time as 2026-11-21T13:00:00Z"},
    {.name = "end",
     .arg = "TIME",
     .type = OPTION_STRING,
     OFFSET(end),
     .text = "up to then: an age, or a time; else now"},
    {.name = "step",
     .arg = "TIME",
     .type = OPTION_STRING,
     OFFSET(step),
     .text = "one number for each of these, as in 15s; else what suits the range"},
    {.name = "format",
     .arg = "FORMAT",
     .type = OPTION_CHOICE,
     OFFSET(format),
     .fallback = "chart",
     .choices = format_choices,
     .text = "chart; table, a line for each time; csv, one for each number; json, as the server "
             "sent it"},
    {.name = "height",
     .arg = "LINES",
     .type = OPTION_COUNT,
     OFFSET(height),
     .fallback = "12",
     .min = 3,
     .max = 100,
     .text = "of the chart's field"},
    OPTION_COLOR,
    OPTION_WIDTH,
    {0},
};

struct job {
    const struct metrics_options *o;
    const struct traceql *query;
    struct str text;
    uint64_t start_ns, end_ns;
    struct arena arena;
};

/* ---- What the numbers are ---- */

static bool is_duration(const struct metric *m)
{
    return m->operand && m->operand->type == TYPE_DURATION;
}

static enum axis_unit unit_of(const struct metric_expr *e)
{
    if (e->op == MATH_METRIC) {
        if (e->metric->kind == METRIC_RATE)
            return AXIS_RATE;
        if (e->metric->kind == METRIC_COUNT || e->metric->kind == METRIC_HISTOGRAM)
            return AXIS_COUNT;
        return is_duration(e->metric) ? AXIS_SECONDS : AXIS_COUNT;
    }
    if (e->op == MATH_SCALAR)
        return AXIS_COUNT;
    if (e->op == MATH_ADD || e->op == MATH_SUB)
        return e->left->op == MATH_SCALAR ? unit_of(e->right) : unit_of(e->left);
    return AXIS_COUNT; /* products and quotients: who knows */
}

static bool is_kind(const struct job *j, enum metric_kind kind)
{
    const struct metric_expr *e = j->query->metric;
    return e->op == MATH_METRIC && e->metric->kind == kind;
}

/* ---- Asking ---- */

static int read_range(struct job *j, struct err *err)
{
    uint64_t now_ns = clock_realtime_ns();
    j->end_ns = now_ns;
    if (j->o->end)
        TRY(when_parse("end", j->o->end, now_ns, &j->end_ns, err));
    j->start_ns = j->end_ns > j->o->since_ns ? j->end_ns - j->o->since_ns : 0;
    if (j->o->start)
        TRY(when_parse("start", j->o->start, now_ns, &j->start_ns, err));
    if (j->start_ns >= j->end_ns)
        return err_set(err, ERR_INVALID, "the start is not before the end");
    return 0;
}

static int ask(struct job *j, struct buf *body, struct err *err)
{
    struct buf path;
    int code;
    TRY(read_range(j, err));
    buf_init(&path, 0);
    buf_put_str(&path, STR("/api/metrics/query_range"));
    answer_param(&path, "q", j->text);
    answer_param_u64(&path, "start", j->start_ns, "");
    answer_param_u64(&path, "end", j->end_ns, "");
    answer_param(&path, "exemplars", STR("0"));
    if (j->o->step)
        answer_param(&path, "step", str_of(j->o->step));
    code = client_get(j->o->server, buf_str(&path), body, err);
    buf_release(&path);
    return code;
}

/* ---- Printing ---- */

static int compare_buckets(const void *a, const void *b)
{
    const struct answer_series *x = a, *y = b;
    double edges[2] = {0, 0};
    for (uint32_t i = 0; i < x->label_count && i < y->label_count; i++) {
        if (str_eq(x->labels[i].key, STR("__bucket"))) {
            str_to_double(x->labels[i].value, &edges[0]);
            str_to_double(y->labels[i].value, &edges[1]);
        }
    }
    return (edges[0] < edges[1]) - (edges[0] > edges[1]); /* the largest on top */
}

static void put_chart(const struct job *j, struct answer_series_list *list, unsigned width,
                      bool colors, struct buf *out)
{
    bool buckets = is_kind(j, METRIC_HISTOGRAM) && j->query->metric->metric->by_count == 0;
    struct chart c = {.series = list,
                      .unit = unit_of(j->query->metric),
                      .start_ms = (int64_t)(j->start_ns / 1000000),
                      .end_ms = (int64_t)(j->end_ns / 1000000),
                      .width = width,
                      .height = (unsigned)j->o->height,
                      .colors = colors,
                      .buckets = buckets,
                      .bucket_seconds = buckets && is_duration(j->query->metric->metric)};
    if (buckets)
        qsort(list->items, list->count, sizeof *list->items, compare_buckets);
    else
        series_answer_sort(list);
    chart_put(&c, out);
    if (chart_shown(&c) < list->count)
        fprintf(stderr, "the largest %zu of %zu series are shown; '| topk(10)' asks for less\n",
                chart_shown(&c), list->count);
}

static int print(struct job *j, struct str body, struct err *err)
{
    unsigned width = j->o->width ? (unsigned)j->o->width : term_width(PIPE_WIDTH);
    bool colors = term_colors((enum term_color_mode)j->o->color);
    struct answer_series_list list;
    struct buf out;
    int code;
    TRY(series_answer_read(body, &j->arena, &list, err));
    if (list.count == 0 && j->o->format != FORMAT_CSV) {
        fprintf(stderr, "no spans found; --since looks further back\n");
        return 0;
    }
    buf_init(&out, 0);
    if (j->o->format == FORMAT_CSV)
        series_print_csv(&list, &out);
    else if (is_kind(j, METRIC_COMPARE))
        series_print_comparison(&list, width, colors, &out);
    else if (j->o->format == FORMAT_TABLE)
        series_print_table(&list, unit_of(j->query->metric), width, colors, &out);
    else
        put_chart(j, &list, width, colors, &out);
    code = out.failed ? err_set(err, ERR_NOMEM, "out of memory") : 0;
    if (code == 0)
        fwrite(out.p, 1, out.n, stdout);
    buf_release(&out);
    return code;
}

static int ask_and_print(struct job *j, struct err *err)
{
    struct buf body;
    int code;
    buf_init(&body, 0);
    code = ask(j, &body, err);
    if (code == 0 && j->o->format == FORMAT_JSON)
        client_print(&body);
    else if (code == 0)
        code = print(j, buf_str(&body), err);
    buf_release(&body);
    return code;
}

static int run_query(struct job *j)
{
    struct err err = {0};
    j->query = query_text_parse("cairn metrics", j->text, &j->arena, stderr);
    if (!j->query)
        return EXIT_USAGE;
    if (!j->query->metric) {
        fprintf(stderr,
                "cairn metrics: this is a search, for 'cairn search'; a metrics query ends in "
                "a function, as in { … } | rate() by (resource.service.name)\n");
        return EXIT_USAGE;
    }
    if (ask_and_print(j, &err) < 0) {
        fprintf(stderr, "cairn metrics: %s\n", err.msg);
        return EXIT_ERROR;
    }
    return EXIT_OK;
}

static int run(int argc, char **argv)
{
    struct metrics_options o = {0};
    struct job j = {.o = &o};
    const char *text;
    int status;
    switch (options_parse(&command_metrics, argc, argv, &o, &text, stderr)) {
    case OPTIONS_HELP: return EXIT_OK;
    case OPTIONS_BAD: return EXIT_USAGE;
    case OPTIONS_OK: break;
    }
    j.text = str_of(text);
    arena_init(&j.arena, 0);
    status = run_query(&j);
    arena_release(&j.arena);
    return status;
}

const struct command command_metrics = {
    .name = "metrics",
    .summary = "count spans over time",
    .usage = "[OPTIONS] QUERY",
    .text = "Counts spans over time and draws the numbers. QUERY is TraceQL that ends in a metrics "
            "function, as in '{ status = error } | rate() by (resource.service.name)' or "
            "'{ kind = server } | quantile_over_time(duration, 0.5, 0.99)'.",
    .options = options,
    .operand = "QUERY",
    .run = run,
};
