/* search.c - `cairn search`: lists traces, newest first.
 *
 * Conditions from options are asked of Jaeger's api_v3 trace summaries, a query in TraceQL of Tempo's search. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "cli/answer.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/query_text.h"
#include "cli/search_query.h"
#include "cli/trace_list.h"

enum { PIPE_WIDTH = 10000 };
static const uint64_t HOUR_NS = 3600ull * 1000000000;

struct search_options {
    const char *server, *service, *operation, *min_duration, *max_duration;
    struct option_list tags;
    uint64_t since_ns, limit, spans, width;
    int color;
    bool json;
};

#define OFFSET(field) .offset = offsetof(struct search_options, field)

static const struct option options[] = {
    OPTION_SERVER,
    {.name = "service",
     .arg = "NAME",
     .type = OPTION_STRING,
     OFFSET(service),
     .text = "a span of this service"},
    {.name = "operation",
     .arg = "NAME",
     .type = OPTION_STRING,
     OFFSET(operation),
     .text = "with this name"},
    {.name = "tag",
     .arg = "KEY=VALUE",
     .type = OPTION_LIST,
     OFFSET(tags),
     .text = "with this attribute; may be given several times; error=true finds failed spans"},
    {.name = "min-duration",
     .arg = "TIME",
     .type = OPTION_STRING,
     OFFSET(min_duration),
     .text = "that took at least this long, as in 100ms"},
    {.name = "max-duration",
     .arg = "TIME",
     .type = OPTION_STRING,
     OFFSET(max_duration),
     .text = "that took at most this long"},
    {.name = "since",
     .arg = "TIME",
     .type = OPTION_DURATION,
     OFFSET(since_ns),
     .fallback = "1h",
     .min = 1,
     .text = "that started at most this long ago, as in 30m, 12h or 7d"},
    {.name = "limit",
     .arg = "COUNT",
     .type = OPTION_COUNT,
     OFFSET(limit),
     .fallback = "20",
     .min = 1,
     .max = 100000,
     .text = "list at most this many traces"},
    {.name = "spans",
     .arg = "COUNT",
     .type = OPTION_COUNT,
     OFFSET(spans),
     .fallback = "3",
     .min = 1,
     .max = 1000,
     .text = "of a query: show this many matching spans of each trace"},
    {.name = "json",
     .type = OPTION_FLAG,
     OFFSET(json),
     .text = "print the answer as JSON, as the server sent it"},
    OPTION_COLOR,
    OPTION_WIDTH,
    {0},
};

/* --- asking --- */

static void put_time(struct buf *path, const char *name, uint64_t unix_ns)
{
    char text[31];
    clock_format_rfc3339(text, unix_ns);
    answer_param(path, name, str_of(text));
}

static int put_tags(struct buf *path, const struct option_list *tags, struct err *err)
{
    struct json_writer w;
    struct buf json;
    int code = 0;
    if (tags->count == 0)
        return 0;
    buf_init(&json, 0);
    json_init(&w, &json, 0);
    json_object_begin(&w);
    for (uint32_t i = 0; i < tags->count; i++) {
        struct str key, value;
        if (!str_cut(str_of(tags->items[i]), '=', &key, &value) || key.n == 0) {
            code = err_set(err, ERR_INVALID, "--tag: \"%s\" is not KEY=VALUE", tags->items[i]);
            break;
        }
        json_key(&w, key);
        json_str(&w, value);
    }
    json_object_end(&w);
    answer_param(path, "query.attributes", buf_str(&json));
    buf_release(&json);
    return code;
}

static int put_query(struct buf *path, const struct search_options *o, uint64_t now_ns,
                     struct err *err)
{
    const struct {
        const char *name, *value;
    } texts[] = {{"query.serviceName", o->service},
                 {"query.operationName", o->operation},
                 {"query.durationMin", o->min_duration},
                 {"query.durationMax", o->max_duration}};
    buf_put_str(path, STR("/api/v3/trace-summaries"));
    put_time(path, "query.startTimeMin", now_ns > o->since_ns ? now_ns - o->since_ns : 0);
    /* clocks of other machines may be ahead of ours */
    put_time(path, "query.startTimeMax", now_ns + HOUR_NS);
    answer_param_u64(path, "query.searchDepth", o->limit, "");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].value)
            answer_param(path, texts[i].name, str_of(texts[i].value));
    }
    return put_tags(path, &o->tags, err);
}

/* --- listing --- */

static void list(struct trace_list *l, const json_t *summaries)
{
    const json_t *summary;
    size_t i;
    trace_list_head(l);
    json_array_foreach(summaries, i, summary)
    {
        uint64_t start = answer_u64(summary, "minStartTimeUnixNano");
        uint64_t end = answer_u64(summary, "maxEndTimeUnixNano");
        struct trace_row row = {.id = answer_text(summary, "traceId"),
                                .service = answer_text(summary, "rootServiceName"),
                                .name = answer_text(summary, "rootOperationName"),
                                .start_ns = start,
                                .duration_ns = end > start ? end - start : 0,
                                .spans = answer_u64(summary, "spanCount"),
                                .errors = answer_u64(summary, "errorSpanCount"),
                                .services = json_array_size(json_object_get(summary, "services"))};
        trace_list_row(l, &row);
    }
}

static int list_summaries(struct str body, struct trace_list *l, uint64_t *ret_count,
                          struct err *err)
{
    json_t *root;
    TRY(answer_parse(body, &root, err));
    list(l, json_object_get(root, "summaries"));
    *ret_count = json_array_size(json_object_get(root, "summaries"));
    json_decref(root);
    return 0;
}

static int print_list(const struct search_options *o, bool query, struct str body, uint64_t now_ns,
                      struct err *err)
{
    struct trace_list l = {.colors = term_colors((enum term_color_mode)o->color),
                           .width = o->width ? (unsigned)o->width : term_width(PIPE_WIDTH),
                           .now_ns = now_ns};
    uint64_t count;
    int code;
    buf_init(&l.out, 0);
    code = query ? search_query_list(body, &l, &count, err) : list_summaries(body, &l, &count, err);
    if (code == 0 && count == 0)
        fprintf(stderr, "no traces found; --since looks further back\n");
    else if (code == 0)
        fwrite(l.out.p, 1, l.out.n, stdout);
    if (code == 0 && count == o->limit)
        fprintf(stderr, "the newest %" PRIu64 " are shown; --limit shows more\n", o->limit);
    buf_release(&l.out);
    return code;
}

/* --- both ways --- */

static int ask_summaries(const struct search_options *o, uint64_t now_ns, struct buf *body,
                         struct err *err)
{
    struct buf path;
    int code;
    buf_init(&path, 0);
    code = put_query(&path, o, now_ns, err);
    if (code == 0)
        code = client_get(o->server, buf_str(&path), body, err);
    buf_release(&path);
    return code;
}

static int ask_query(const struct search_options *o, struct str text, uint64_t now_ns,
                     struct buf *body, struct err *err)
{
    struct search_query q = {.server = o->server,
                             .query = text,
                             .start_ns = now_ns > o->since_ns ? now_ns - o->since_ns : 0,
                             .end_ns = now_ns + HOUR_NS,
                             .limit = o->limit,
                             .spans = o->spans};
    return search_query_ask(&q, body, err);
}

/* text: a query, or NULL */
static int search(const struct search_options *o, const char *text, struct err *err)
{
    uint64_t now_ns = clock_realtime_ns();
    struct buf body;
    int code;
    buf_init(&body, 0);
    code = text ? ask_query(o, str_of(text), now_ns, &body, err)
                : ask_summaries(o, now_ns, &body, err);
    if (code == 0 && o->json)
        client_print(&body);
    else if (code == 0)
        code = print_list(o, text != NULL, buf_str(&body), now_ns, err);
    buf_release(&body);
    return code;
}

/* Is it a search, and nothing else beside it? Says what is wrong. */
static bool query_is_good(const struct search_options *o, const char *text)
{
    const struct traceql *q;
    struct arena arena;
    bool good;
    if (o->service || o->operation || o->min_duration || o->max_duration || o->tags.count) {
        fprintf(stderr, "cairn search: with a query there are no other conditions: write them "
                        "into it, as in { resource.service.name = \"shop\" && duration > 1s }\n");
        return false;
    }
    arena_init(&arena, 0);
    q = query_text_parse("cairn search", str_of(text), &arena, stderr);
    good = q && q->search;
    if (q && q->metric)
        fprintf(stderr, "cairn search: this counts spans over time; 'cairn metrics' shows it\n");
    arena_release(&arena);
    return good;
}

static int run(int argc, char **argv)
{
    struct search_options o = {0};
    const char *text;
    struct err err = {0};
    switch (options_parse(&command_search, argc, argv, &o, &text, stderr)) {
    case OPTIONS_HELP: return EXIT_OK;
    case OPTIONS_BAD: return EXIT_USAGE;
    case OPTIONS_OK: break;
    }
    if (text && !query_is_good(&o, text))
        return EXIT_USAGE;
    if (search(&o, text, &err) < 0) {
        fprintf(stderr, "cairn search: %s\n", err.msg);
        return EXIT_ERROR;
    }
    return EXIT_OK;
}

const struct command command_search = {
    .name = "search",
    .summary = "list traces that match, newest first",
    .usage = "[OPTIONS] [QUERY]",
    .text = "Lists the traces with a span that fulfils all conditions, newest first. QUERY is "
            "TraceQL, as in '{ status = error && duration > 1s }'; the spans that match are listed "
            "below their traces.",
    .options = options,
    .operand = "QUERY",
    .optional = true,
    .run = run,
};
