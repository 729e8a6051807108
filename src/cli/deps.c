/* deps.c - `cairn deps`: which services call which, how often, how well, how fast. */
#include <stdlib.h>
#include <unistd.h>

#include "cli/answer.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/table.h"
#include "cli/units.h"

enum { PIPE_WIDTH = 10000 };

struct deps_options {
    const char *server, *service;
    uint64_t since_ns, width;
    int color, format;
};

enum { FORMAT_TABLE, FORMAT_DOT, FORMAT_JSON };
static const char *const formats[] = {"table", "dot", "json", NULL};

#define OFFSET(field) .offset = offsetof(struct deps_options, field)

static const struct option options[] = {
    OPTION_SERVER,
    {.name = "since",
     .arg = "TIME",
     .type = OPTION_DURATION,
     OFFSET(since_ns),
     .fallback = "24h",
     .min = 1,
     .text = "calls that started at most this long ago, as in 30m or 24h"},
    {.name = "service",
     .arg = "NAME",
     .type = OPTION_STRING,
     OFFSET(service),
     .text = "only calls of or to this service"},
    {.name = "format",
     .arg = "FORMAT",
     .type = OPTION_CHOICE,
     OFFSET(format),
     .fallback = "table",
     .choices = formats,
     .text = "table, dot (a graph for Graphviz) or json (as the server sent it)"},
    OPTION_COLOR,
    OPTION_WIDTH,
    {0},
};

static bool wanted(const struct deps_options *o, const json_t *edge)
{
    return !o->service || str_eq(answer_text(edge, "parent"), str_of(o->service)) ||
           str_eq(answer_text(edge, "child"), str_of(o->service));
}

static double error_percent(const json_t *edge)
{
    uint64_t calls = answer_u64(edge, "calls");
    return calls ? 100.0 * (double)answer_u64(edge, "errors") / (double)calls : 0;
}

/* ---- Table ---- */

static void put_duration(struct table *t, double ns)
{
    char text[UNITS_BYTES];
    format_duration(text, (uint64_t)ns);
    table_cell(t, str_of(text), NULL);
}

static void put_edge(struct table *t, const json_t *edge)
{
    char calls[UNITS_BYTES];
    double percent = error_percent(edge);
    format_count(calls, answer_u64(edge, "calls"));
    table_cell(t, answer_text(edge, "parent"), "36");
    table_cell(t, answer_text(edge, "child"), "36");
    table_cell(t, str_of(calls), NULL);
    table_cellf(t, NULL, "%.3g", answer_number(edge, "callsPerSecond"));
    table_cellf(t, percent > 0 ? "1;31" : "2", percent > 0 ? "%.2f" : "-", percent);
    put_duration(t, answer_number(edge, "meanNs"));
    put_duration(t, answer_number(edge, "p50Ns"));
    put_duration(t, answer_number(edge, "p95Ns"));
    put_duration(t, answer_number(edge, "p99Ns"));
}

static void put_table(const struct deps_options *o, const json_t *edges, struct buf *out)
{
    static const char *const heads[] = {"CALLER", "CALLED", "CALLS", "PER S", "ERRORS %",
                                        "MEAN",   "P50",    "P95",   "P99"};
    struct table t;
    const json_t *edge;
    size_t i;
    table_init(&t);
    for (size_t h = 0; h < sizeof heads / sizeof *heads; h++)
        table_column(&t, str_of(heads[h]), h > 1, h < 2 ? TABLE_CUT : TABLE_WHOLE);
    json_array_foreach(edges, i, edge)
    {
        if (wanted(o, edge))
            put_edge(&t, edge);
    }
    table_print(&t, o->width ? (unsigned)o->width : term_width(PIPE_WIDTH),
                term_colors((enum term_color_mode)o->color), out);
    table_release(&t);
}

/* ---- Graph ---- */

static void put_quoted(struct buf *out, struct str s)
{
    buf_put_byte(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            buf_put_byte(out, '\\');
        buf_put_byte(out, (unsigned char)s.p[i] < 0x20 ? ' ' : (unsigned char)s.p[i]);
    }
    buf_put_byte(out, '"');
}

static void put_graph(const struct deps_options *o, const json_t *edges, struct buf *out)
{
    const json_t *edge;
    size_t i;
    buf_put_str(out, STR("digraph services {\n    rankdir=LR;\n    node [shape=box];\n"));
    json_array_foreach(edges, i, edge)
    {
        char calls[UNITS_BYTES], p95[UNITS_BYTES];
        if (!wanted(o, edge))
            continue;
        format_count(calls, answer_u64(edge, "calls"));
        format_duration(p95, answer_u64(edge, "p95Ns"));
        buf_put_str(out, STR("    "));
        put_quoted(out, answer_text(edge, "parent"));
        buf_put_str(out, STR(" -> "));
        put_quoted(out, answer_text(edge, "child"));
        buf_printf(out, " [label=\"%s calls\\np95 %s\"%s];\n", calls, p95,
                   answer_u64(edge, "errors") ? ", color=red" : "");
    }
    buf_put_str(out, STR("}\n"));
}

static int print(const struct deps_options *o, struct str body, struct err *err)
{
    const json_t *edges;
    json_t *root;
    struct buf out;
    TRY(answer_parse(body, &root, err));
    edges = json_object_get(root, "dependencies");
    buf_init(&out, 0);
    if (o->format == FORMAT_DOT)
        put_graph(o, edges, &out);
    else if (json_array_size(edges))
        put_table(o, edges, &out);
    else
        fprintf(stderr, "no calls between services; --since looks further back\n");
    fwrite(out.p, 1, out.n, stdout);
    buf_release(&out);
    json_decref(root);
    return 0;
}

static int deps(const struct deps_options *o, struct err *err)
{
    struct buf path, body;
    int code;
    buf_init(&path, 0);
    buf_init(&body, 0);
    buf_put_str(&path, STR("/api/cairn/v1/dependencies"));
    answer_param_u64(&path, "since", o->since_ns, "ns");
    code = client_get(o->server, buf_str(&path), &body, err);
    if (code == 0 && o->format == FORMAT_JSON)
        client_print(&body);
    else if (code == 0)
        code = print(o, buf_str(&body), err);
    buf_release(&path);
    buf_release(&body);
    return code;
}

static int run(int argc, char **argv)
{
    struct deps_options o = {0};
    const char *operand;
    struct err err = {0};
    switch (options_parse(&command_deps, argc, argv, &o, &operand, stderr)) {
    case OPTIONS_HELP: return EXIT_OK;
    case OPTIONS_BAD: return EXIT_USAGE;
    case OPTIONS_OK: break;
    }
    if (deps(&o, &err) < 0) {
        fprintf(stderr, "cairn deps: %s\n", err.msg);
        return EXIT_ERROR;
    }
    return EXIT_OK;
}

const struct command command_deps = {
    .name = "deps",
    .summary = "say which services call which, how well and how fast",
    .usage = "[OPTIONS]",
    .text = "Lists calls between services with their rate, errors and latency, from the spans "
            "themselves.",
    .options = options,
    .run = run,
};
