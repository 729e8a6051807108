/* search_query.c - a search in TraceQL: over Tempo's API, shown with the spans that match. */
#include "cli/search_query.h"

#include <stdio.h>

#include "cli/answer.h"
#include "cli/client.h"
#include "cli/term.h"
#include "cli/units.h"

int search_query_ask(const struct search_query *q, struct buf *out, struct err *err)
{
    struct buf path;
    int code;
    buf_init(&path, 0);
    buf_put_str(&path, STR("/api/search"));
    answer_param(&path, "q", q->query);
    answer_param_u64(&path, "start", q->start_ns / 1000000000, "");
    answer_param_u64(&path, "end", q->end_ns / 1000000000 + 1, "");
    answer_param_u64(&path, "limit", q->limit, "");
    answer_param_u64(&path, "spss", q->spans, "");
    code = client_get(q->server, buf_str(&path), out, err);
    buf_release(&path);
    return code;
}

/* ---- Values ---- */

/* An AnyValue as a query would write it, without the quotes; empty when it has none. */
static struct str value_text_of(const json_t *value, char *out, size_t cap)
{
    static const char *const numbers[] = {"intValue", "doubleValue"};
    struct str s = answer_text(value, "stringValue");
    json_t *v;
    if (json_object_get(value, "stringValue"))
        return s;
    for (size_t i = 0; i < 2; i++) {
        v = json_object_get(value, numbers[i]);
        if (json_is_string(v))
            return str_of(json_string_value(v));
        if (json_is_integer(v))
            return str_make(
                out, (size_t)snprintf(out, cap, "%" JSON_INTEGER_FORMAT, json_integer_value(v)));
        if (json_is_real(v))
            return str_make(out, (size_t)snprintf(out, cap, "%.6g", json_real_value(v)));
    }
    v = json_object_get(value, "boolValue");
    if (json_is_boolean(v))
        return json_is_true(v) ? STR("true") : STR("false");
    return (struct str){NULL, 0};
}

enum { CUT_CELLS = 12 };

/* key=value, each in its colour; answers the cells. */
static unsigned put_attributes(struct trace_list *l, const json_t *attributes, unsigned cells)
{
    const json_t *attribute;
    unsigned used = 0;
    size_t i;
    json_array_foreach(attributes, i, attribute)
    {
        char number[40];
        struct str key = answer_text(attribute, "key");
        struct str value =
            value_text_of(json_object_get(attribute, "value"), number, sizeof number);
        unsigned want = term_cells(key) + 1 + term_cells(value) + 2;
        if (used + want > cells && used + CUT_CELLS > cells) /* not even a cut one fits */
            return used + term_put(&l->out, STR("…"), cells - used);
        term_sgr(&l->out, l->colors, "2");
        used += term_put(&l->out, key, cells > used ? cells - used : 0);
        used += term_put(&l->out, STR("="), cells > used ? cells - used : 0);
        term_sgr(&l->out, l->colors, "");
        used += term_put(&l->out, value.p ? value : STR("nil"), cells > used ? cells - used : 0);
        if (i + 1 < json_array_size(attributes))
            used += term_put(&l->out, STR("  "), cells > used ? cells - used : 0);
    }
    return used;
}

/* ---- Sets of spans ---- */

enum { SPAN_INDENT = 2, OFFSET_CELLS = 11, SPAN_DURATION_CELLS = 10, NAME_CELLS = 32 };

static void put_cells_right(struct buf *out, const char *text, unsigned cells)
{
    unsigned used = term_cells(str_of(text));
    term_pad(out, used < cells ? cells - used : 0);
    buf_put_str(out, str_of(text));
}

/* When it started after the trace did, how long it took, its name and attributes. */
static void put_span(struct trace_list *l, const json_t *span, uint64_t trace_start_ns)
{
    uint64_t start = answer_u64(span, "startTimeUnixNano");
    unsigned before = SPAN_INDENT + OFFSET_CELLS + SPAN_DURATION_CELLS + 2, used;
    unsigned room = l->width > before + 10 ? l->width - before : 10;
    unsigned name = room / 2 < NAME_CELLS ? room / 2 : NAME_CELLS;
    char text[UNITS_BYTES], offset[UNITS_BYTES + 2];
    format_duration(text, start > trace_start_ns ? start - trace_start_ns : 0);
    snprintf(offset, sizeof offset, "+%s", text);
    term_pad(&l->out, SPAN_INDENT);
    term_sgr(&l->out, l->colors, "2");
    put_cells_right(&l->out, offset, OFFSET_CELLS);
    term_sgr(&l->out, l->colors, "");
    format_duration(text, answer_u64(span, "durationNanos"));
    put_cells_right(&l->out, text, SPAN_DURATION_CELLS);
    term_pad(&l->out, 2);
    used = term_put(&l->out, answer_text(span, "name"), name);
    if (json_array_size(json_object_get(span, "attributes"))) {
        term_pad(&l->out, name - used + 2);
        put_attributes(l, json_object_get(span, "attributes"), room - name - 2);
    }
    buf_put_byte(&l->out, '\n');
}

static void put_set(struct trace_list *l, const json_t *set, uint64_t trace_start_ns)
{
    const json_t *attributes = json_object_get(set, "attributes"), *span;
    const json_t *spans = json_object_get(set, "spans");
    uint64_t matched = answer_u64(set, "matched");
    size_t i, shown = json_array_size(spans);
    char text[UNITS_BYTES];
    if (json_array_size(attributes)) { /* what by() and aggregates say of the set */
        term_pad(&l->out, SPAN_INDENT);
        put_attributes(l, attributes, l->width > SPAN_INDENT + 10 ? l->width - SPAN_INDENT : 10);
        buf_put_byte(&l->out, '\n');
    }
    json_array_foreach(spans, i, span) put_span(l, span, trace_start_ns);
    if (matched > shown) {
        format_plural(text, matched - shown, "more span", "more spans");
        term_pad(&l->out, SPAN_INDENT);
        term_sgr(&l->out, l->colors, "2");
        term_pad(&l->out, OFFSET_CELLS + SPAN_DURATION_CELLS + 2);
        buf_printf(&l->out, "and %s", text);
        term_sgr(&l->out, l->colors, "");
        buf_put_byte(&l->out, '\n');
    }
}

/* ---- Traces ---- */

/* Tempo leaves zeros in front of an id away; others want all digits. */
static struct str full_id(struct str id, char out[32])
{
    if (id.n > 32)
        return id;
    memset(out, '0', 32);
    if (id.n)
        memcpy(out + 32 - id.n, id.p, id.n);
    return str_make(out, 32);
}

static void put_trace(struct trace_list *l, const json_t *trace)
{
    char id[32];
    const char *service;
    json_t *stats, *sets = json_object_get(trace, "spanSets"), *set;
    struct trace_row row = {.id = full_id(answer_text(trace, "traceID"), id),
                            .service = answer_text(trace, "rootServiceName"),
                            .name = answer_text(trace, "rootTraceName"),
                            .start_ns = answer_u64(trace, "startTimeUnixNano"),
                            .duration_ns = answer_u64(trace, "durationMs") * 1000000};
    size_t i;
    json_object_foreach(json_object_get(trace, "serviceStats"), service, stats)
    {
        row.spans += answer_u64(stats, "spanCount");
        row.errors += answer_u64(stats, "errorCount");
        row.services++;
    }
    trace_list_row(l, &row);
    json_array_foreach(sets, i, set) put_set(l, set, row.start_ns);
}

int search_query_list(struct str answer, struct trace_list *l, uint64_t *ret_count, struct err *err)
{
    json_t *root, *trace;
    size_t i;
    TRY(answer_parse(answer, &root, err));
    trace_list_head(l);
    json_array_foreach(json_object_get(root, "traces"), i, trace) put_trace(l, trace);
    *ret_count = json_array_size(json_object_get(root, "traces"));
    json_decref(root);
    return l->out.failed ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}
