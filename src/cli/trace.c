/* trace.c - `cairn trace ID`: fetches a trace through Jaeger's api_v3 and draws it. */
#include <string.h>

#include "api/params.h"
#include "base/hex.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/json_results.h"
#include "cli/waterfall.h"
#include "wire/otlp_json.h"
#include "wire/traceparent.h"

enum { ROWS_MAX = 500, PIPE_WIDTH = 100 };

struct trace_options {
    const char *server;
    int color;
    uint64_t width;
    bool json, events, attributes, all;
};

#define OFFSET(field) .offset = offsetof(struct trace_options, field)

static const struct option options[] = {
    OPTION_SERVER,
    {.name = "events", .type = OPTION_FLAG, OFFSET(events), .text = "show the events of spans"},
    {.name = "attributes",
     .type = OPTION_FLAG,
     OFFSET(attributes),
     .text = "show the attributes of spans (and of events, with --events)"},
    {.name = "all",
     .type = OPTION_FLAG,
     OFFSET(all),
     .text = "show every span of a large trace; else the first 500"},
    {.name = "json",
     .type = OPTION_FLAG,
     OFFSET(json),
     .text = "print the trace as OTLP/JSON, as the server sent it"},
    OPTION_COLOR,
    OPTION_WIDTH,
    {0},
};

/* A trace id, or a whole traceparent as found in a log or a header. */
static int read_id(const char *text, struct trace_id *ret, struct err *err)
{
    struct traceparent parent;
    if (traceparent_parse(str_of(text), &parent)) {
        *ret = parent.trace_id;
        return 0;
    }
    return param_trace_id(str_of(text), ret, err);
}

static int fetch(const struct trace_options *o, struct trace_id id, struct buf *body,
                 struct err *err)
{
    char hex[2 * TRACE_ID_BYTES], path[64];
    int code;
    hex_encode(hex, id.bytes, sizeof id.bytes);
    snprintf(path, sizeof path, "/api/v3/traces/%.32s", hex);
    code = client_get(o->server, str_of(path), body, err);
    if (code == ERR_NOT_FOUND)
        return err_set(err, code, "there is no trace %.32s at %s", hex, o->server);
    return code;
}

struct spans {
    struct span *items;
    size_t count, cap;
};

/* The spans of all chunks of the answer. */
static int decode(struct str body, struct arena *arena, struct spans *ret, struct err *err)
{
    struct str chunk;
    size_t at = 0;
    while (json_results_next(body, &at, &chunk)) {
        struct span_batch batch;
        if (otlp_json_decode(chunk, NULL, arena, &batch, err) < 0)
            return err_set(err, ERR_INVALID, "the server's answer is no OTLP/JSON");
        ret->items = arena_grow(arena, ret->items, ret->count, &ret->cap,
                                ret->count + batch.span_count, sizeof *ret->items);
        if (!ret->items)
            return err_set(err, ERR_NOMEM, "out of memory");
        memcpy(ret->items + ret->count, batch.spans, batch.span_count * sizeof *ret->items);
        ret->count += batch.span_count;
    }
    if (ret->count == 0 || ret->count > UINT32_MAX / 2)
        return err_set(err, ERR_INVALID, "the server's answer has no spans");
    return 0;
}

static int draw(const struct trace_options *o, struct str body, struct arena *arena,
                struct err *err)
{
    struct waterfall_options w = {.width = o->width ? (unsigned)o->width : term_width(PIPE_WIDTH),
                                  .colors = term_colors((enum term_color_mode)o->color),
                                  .events = o->events,
                                  .attributes = o->attributes,
                                  .rows_max = o->all ? UINT32_MAX : ROWS_MAX};
    struct spans spans = {0};
    struct buf out;
    TRY(decode(body, arena, &spans, err));
    buf_init(&out, 0);
    int code = waterfall_write(spans.items, (uint32_t)spans.count, &w, arena, &out);
    if (code < 0 || out.failed)
        code = err_set(err, ERR_NOMEM, "out of memory");
    else
        fwrite(out.p, 1, out.n, stdout);
    buf_release(&out);
    return code;
}

static int show(const struct trace_options *o, const char *text, struct err *err)
{
    struct trace_id id;
    struct buf body;
    struct arena arena;
    int code;
    TRY(read_id(text, &id, err));
    arena_init(&arena, 0);
    code = fetch(o, id, &body, err);
    if (code == 0 && o->json)
        client_print(&body);
    else if (code == 0)
        code = draw(o, buf_str(&body), &arena, err);
    arena_release(&arena);
    buf_release(&body);
    return code;
}

static int run(int argc, char **argv)
{
    struct trace_options o = {0};
    const char *id;
    struct err err = {0};
    switch (options_parse(&command_trace, argc, argv, &o, &id, stderr)) {
    case OPTIONS_HELP: return EXIT_OK;
    case OPTIONS_BAD: return EXIT_USAGE;
    case OPTIONS_OK: break;
    }
    if (show(&o, id, &err) < 0) {
        fprintf(stderr, "cairn trace: %s\n", err.msg);
        return EXIT_ERROR;
    }
    return EXIT_OK;
}

const struct command command_trace = {
    .name = "trace",
    .summary = "show one trace as a waterfall",
    .usage = "[OPTIONS] ID",
    .text =
        "Shows a trace: its spans as a tree, with bars that say when each ran. ID is a trace id "
        "in hexadecimal, or a whole traceparent.",
    .options = options,
    .operand = "ID",
    .run = run,
};
