/* search.c - `cairn search`: lists traces, newest first, from Jaeger's api_v3 trace summaries. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/term.h"
#include "cli/units.h"

enum { ONE_LINE_WIDTH = 100, PIPE_WIDTH = 10000 };

struct search_options {
    const char *server, *service, *operation, *min_duration, *max_duration;
    struct option_list tags;
    uint64_t since_ns, limit, width;
    int color;
    bool json;
};

#define OFFSET(field) .offset = offsetof(struct search_options, field)

static const struct option options[] = {
    {.name = "server",
     .arg = "URL",
     .type = OPTION_STRING,
     OFFSET(server),
     .env = true,
     .fallback = "http://127.0.0.1:16686",
     .text = "where the server answers queries"},
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
    {.name = "json",
     .type = OPTION_FLAG,
     OFFSET(json),
     .text = "print the summaries as JSON, as the server sent them"},
    {.name = "color",
     .arg = "WHEN",
     .type = OPTION_CHOICE,
     OFFSET(color),
     .fallback = "auto",
     .choices = term_color_choices,
     .text = "auto, always or never; auto is a terminal without NO_COLOR"},
    {.name = "width",
     .arg = "CELLS",
     .type = OPTION_COUNT,
     OFFSET(width),
     .max = 10000,
     .text = "list this wide; else as wide as the terminal"},
    {0},
};

/* --- asking --- */

static void put_param(struct buf *path, const char *name, struct str value)
{
    buf_printf(path, "%cquery.%s=", memchr(path->p, '?', path->n) ? '&' : '?', name);
    client_put_encoded(path, value);
}

static void put_time(struct buf *path, const char *name, uint64_t unix_ns)
{
    char text[31];
    clock_format_rfc3339(text, unix_ns);
    put_param(path, name, str_of(text));
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
    put_param(path, "attributes", buf_str(&json));
    buf_release(&json);
    return code;
}

static int put_query(struct buf *path, const struct search_options *o, uint64_t now_ns,
                     struct err *err)
{
    const struct {
        const char *name, *value;
    } texts[] = {{"serviceName", o->service},
                 {"operationName", o->operation},
                 {"durationMin", o->min_duration},
                 {"durationMax", o->max_duration}};
    char limit[24];
    buf_put_str(path, STR("/api/v3/trace-summaries"));
    put_time(path, "startTimeMin", now_ns > o->since_ns ? now_ns - o->since_ns : 0);
    /* clocks of other machines may be ahead of ours */
    put_time(path, "startTimeMax", now_ns + 3600ull * 1000000000);
    snprintf(limit, sizeof limit, "%" PRIu64, o->limit);
    put_param(path, "searchDepth", str_of(limit));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].value)
            put_param(path, texts[i].name, str_of(texts[i].value));
    }
    return put_tags(path, &o->tags, err);
}

/* --- listing --- */

/* One trace as the list shows it. */
struct row {
    struct str id, service, name;
    char started[UNITS_BYTES], age[UNITS_BYTES], duration[UNITS_BYTES];
    uint64_t spans, errors, services;
};

struct listing {
    bool colors;
    unsigned width;
    uint64_t now_ns;
    struct buf out;
};

static struct str text_of(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return json_is_string(v) ? str_make(json_string_value(v), json_string_length(v))
                             : (struct str){NULL, 0};
}

/* A 64-bit number, as OTLP writes them (a string) or plain. */
static uint64_t number_of(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    uint64_t n = 0;
    if (json_is_integer(v))
        return json_integer_value(v) < 0 ? 0 : (uint64_t)json_integer_value(v);
    return str_to_u64(text_of(object, key), &n) ? n : 0;
}

static struct row read_row(const json_t *summary, uint64_t now_ns)
{
    uint64_t start = number_of(summary, "minStartTimeUnixNano");
    uint64_t end = number_of(summary, "maxEndTimeUnixNano");
    struct row r = {.id = text_of(summary, "traceId"),
                    .service = text_of(summary, "rootServiceName"),
                    .name = text_of(summary, "rootOperationName"),
                    .spans = number_of(summary, "spanCount"),
                    .errors = number_of(summary, "errorSpanCount"),
                    .services = json_array_size(json_object_get(summary, "services"))};
    format_time(r.started, start);
    format_age(r.age, start, now_ns);
    format_duration(r.duration, end > start ? end - start : 0);
    return r;
}

static void put(struct listing *l, const char *text)
{
    buf_put_str(&l->out, str_of(text));
}

static void put_right(struct listing *l, const char *text, unsigned cells)
{
    unsigned used = term_cells(str_of(text));
    term_pad(&l->out, used < cells ? cells - used : 0);
    put(l, text);
}

static void put_errors(struct listing *l, uint64_t errors, const char *text, unsigned cells)
{
    term_sgr(&l->out, l->colors, errors ? "1;31" : "2");
    put_right(l, text, cells);
    term_sgr(&l->out, l->colors, "");
}

static void put_root(struct listing *l, const struct row *r, unsigned cells)
{
    unsigned used;
    term_sgr(&l->out, l->colors, "36");
    used = term_put(&l->out, r->service, cells / 2);
    term_sgr(&l->out, l->colors, "");
    put(l, "  ");
    term_sgr(&l->out, l->colors, "1");
    term_put(&l->out, r->name, cells > used + 2 ? cells - used - 2 : 0);
    term_sgr(&l->out, l->colors, "");
}

enum { ID_CELLS = 32, AGE_CELLS = 11, DURATION_CELLS = 10, COUNT_CELLS = 8 };

static void put_one_line(struct listing *l, const struct row *r)
{
    const unsigned before = ID_CELLS + 2 + AGE_CELLS + DURATION_CELLS + 2 * COUNT_CELLS + 2;
    char count[UNITS_BYTES];
    term_put(&l->out, r->id, ID_CELLS);
    put(l, "  ");
    put_right(l, r->age, AGE_CELLS);
    put_right(l, r->duration, DURATION_CELLS);
    format_count(count, r->spans);
    put_right(l, count, COUNT_CELLS);
    format_count(count, r->errors);
    put_errors(l, r->errors, r->errors ? count : "-", COUNT_CELLS);
    put(l, "  ");
    put_root(l, r, l->width - before);
    put(l, "\n");
}

static void put_two_lines(struct listing *l, const struct row *r)
{
    char count[UNITS_BYTES];
    put_root(l, r, l->width);
    put(l, "\n  ");
    put(l, r->duration);
    format_plural(count, r->spans, "span", "spans");
    buf_printf(&l->out, ", %s", count);
    format_plural(count, r->services, "service", "services");
    buf_printf(&l->out, ", %s", count);
    if (r->errors) {
        put(l, ", ");
        format_plural(count, r->errors, "error", "errors");
        put_errors(l, r->errors, count, 0);
    }
    buf_printf(&l->out, ", %s\n  ", r->age);
    term_put(&l->out, r->id, ID_CELLS);
    put(l, "\n");
}

static void put_head(struct listing *l)
{
    term_sgr(&l->out, l->colors, "2");
    buf_printf(&l->out, "%-*s  %*s%*s%*s%*s  %s", ID_CELLS, "TRACE", AGE_CELLS, "STARTED",
               DURATION_CELLS, "DURATION", COUNT_CELLS, "SPANS", COUNT_CELLS, "ERRORS", "ROOT");
    term_sgr(&l->out, l->colors, "");
    put(l, "\n");
}

static void list(struct listing *l, const json_t *summaries)
{
    const json_t *summary;
    size_t i;
    if (l->width >= ONE_LINE_WIDTH)
        put_head(l);
    json_array_foreach(summaries, i, summary)
    {
        struct row r = read_row(summary, l->now_ns);
        if (l->width >= ONE_LINE_WIDTH)
            put_one_line(l, &r);
        else
            put_two_lines(l, &r);
    }
}

static int print_list(const struct search_options *o, struct str body, uint64_t now_ns,
                      struct err *err)
{
    struct listing l = {.colors = term_colors((enum term_color_mode)o->color),
                        .width = o->width ? (unsigned)o->width : term_width(PIPE_WIDTH),
                        .now_ns = now_ns};
    json_t *root = json_loadb(body.p ? body.p : "", body.n, 0, NULL);
    json_t *summaries = json_object_get(root, "summaries");
    if (!json_is_object(root)) {
        json_decref(root);
        return err_set(err, ERR_INVALID, "the server's answer is no JSON");
    }
    buf_init(&l.out, 0);
    list(&l, summaries);
    if (json_array_size(summaries) == 0)
        fprintf(stderr, "no traces found; --since looks further back\n");
    else
        fwrite(l.out.p, 1, l.out.n, stdout);
    if (json_array_size(summaries) == o->limit)
        fprintf(stderr, "the newest %" PRIu64 " are shown; --limit shows more\n", o->limit);
    buf_release(&l.out);
    json_decref(root);
    return 0;
}

static int search(const struct search_options *o, struct err *err)
{
    uint64_t now_ns = clock_realtime_ns();
    struct buf path, body;
    int code;
    buf_init(&path, 0);
    buf_init(&body, 0);
    code = put_query(&path, o, now_ns, err);
    if (code == 0)
        code = client_get(o->server, buf_str(&path), &body, err);
    if (code == 0 && o->json)
        client_print(&body);
    else if (code == 0)
        code = print_list(o, buf_str(&body), now_ns, err);
    buf_release(&path);
    buf_release(&body);
    return code;
}

static int run(int argc, char **argv)
{
    struct search_options o = {0};
    const char *operand;
    struct err err = {0};
    switch (options_parse(&command_search, argc, argv, &o, &operand, stderr)) {
    case OPTIONS_HELP: return EXIT_OK;
    case OPTIONS_BAD: return EXIT_USAGE;
    case OPTIONS_OK: break;
    }
    if (search(&o, &err) < 0) {
        fprintf(stderr, "cairn search: %s\n", err.msg);
        return EXIT_ERROR;
    }
    return EXIT_OK;
}

const struct command command_search = {
    .name = "search",
    .summary = "list traces that match, newest first",
    .usage = "[OPTIONS]",
    .text = "Lists the traces with a span that fulfils all conditions, newest first.",
    .options = options,
    .run = run,
};
