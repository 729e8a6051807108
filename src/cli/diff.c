/* diff.c - `cairn diff A B`: what is slower or otherwise different in B, by call path or by attribute. */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/answer.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/table.h"
#include "cli/units.h"

enum { PIPE_WIDTH = 10000 };

struct diff_options {
    const char *server;
    uint64_t since_ns, limit, top, width;
    int color, by;
    bool json;
};

enum { BY_PATH, BY_ATTRIBUTE };
static const char *const bys[] = {"path", "attribute", NULL};

#define OFFSET(field) .offset = offsetof(struct diff_options, field)

static const struct option options[] = {
    OPTION_SERVER,
    {.name = "by",
     .arg = "WHAT",
     .type = OPTION_CHOICE,
     OFFSET(by),
     .fallback = "path",
     .choices = bys,
     .text = "path compares call paths, attribute the attributes of the spans that A and B find"},
    {.name = "since",
     .arg = "TIME",
     .type = OPTION_DURATION,
     OFFSET(since_ns),
     .fallback = "1h",
     .min = 1,
     .text = "searches look at traces that started at most this long ago"},
    {.name = "limit",
     .arg = "COUNT",
     .type = OPTION_COUNT,
     OFFSET(limit),
     .fallback = "1000",
     .min = 1,
     .max = 100000,
     .text = "compare at most this many traces of each search"},
    {.name = "top",
     .arg = "COUNT",
     .type = OPTION_COUNT,
     OFFSET(top),
     .fallback = "20",
     .min = 1,
     .text = "print the largest differences, this many"},
    {.name = "json",
     .type = OPTION_FLAG,
     OFFSET(json),
     .text = "print everything as JSON, as the server sent it"},
    OPTION_COLOR,
    OPTION_WIDTH,
    {0},
};

/* ---- Asking ---- */

static int put_query(struct buf *path, const struct diff_options *o, const char *const sides[2],
                     struct err *err)
{
    if (o->by == BY_ATTRIBUTE) {
        struct buf both;
        if (sides[0][0] != '{' && sides[0][0] != '(')
            return err_set(err, ERR_INVALID,
                           "--by attribute compares two TraceQL searches, as in "
                           "'{status=ok}' '{status=error}'");
        buf_init(&both, 0);
        buf_printf(&both, "(%s) || (%s)", sides[0], sides[1]);
        buf_put_str(path, STR("/api/cairn/v1/compare/attributes"));
        answer_param(path, "q", buf_str(&both));
        answer_param(path, "selection", str_of(sides[1]));
        buf_release(&both);
    } else {
        buf_put_str(path, STR("/api/cairn/v1/compare/paths"));
        answer_param(path, "a", str_of(sides[0]));
        answer_param(path, "b", str_of(sides[1]));
        answer_param_u64(path, "limit", o->limit, "");
    }
    answer_param_u64(path, "since", o->since_ns, "ns");
    return 0;
}

/* ---- Paths ---- */

static void put_signed_duration(struct table *t, double ns)
{
    char text[UNITS_BYTES];
    format_duration(text, (uint64_t)fabs(ns));
    table_cellf(t, ns > 0 ? "1;31" : "32", "%s%s", ns > 0 ? "+" : ns < 0 ? "-" : "", text);
}

static void put_duration(struct table *t, double ns)
{
    char text[UNITS_BYTES];
    format_duration(text, (uint64_t)ns);
    table_cell(t, ns > 0 ? str_of(text) : STR("-"), NULL);
}

/* "frontend GET /cart > cart Get > redis HGET": the service where it changes. */
static void put_path(struct table *t, const json_t *path)
{
    struct str last = {NULL, 0};
    struct buf text;
    const json_t *step;
    size_t i;
    buf_init(&text, 0);
    json_array_foreach(path, i, step)
    {
        struct str service = answer_text(step, "service");
        if (i)
            buf_put_str(&text, STR(" > "));
        if (!str_eq(service, last)) {
            buf_put_str(&text, service);
            buf_put_byte(&text, ' ');
        }
        buf_put_str(&text, answer_text(step, "name"));
        last = service;
    }
    table_cell(t, buf_str(&text), NULL);
    buf_release(&text);
}

static void put_paths(const struct diff_options *o, const json_t *root, struct table *t)
{
    static const char *const heads[] = {"EFFECT",  "OWN TIME A", "OWN TIME B",
                                        "SPANS A", "SPANS B",    "PATH"};
    const json_t *d;
    size_t i;
    for (size_t h = 0; h < sizeof heads / sizeof *heads; h++)
        table_column(t, str_of(heads[h]), h < 5, h == 5 ? TABLE_CUT_FRONT : TABLE_WHOLE);
    json_array_foreach(json_object_get(root, "paths"), i, d)
    {
        if (i == o->top)
            break;
        put_signed_duration(t, answer_number(d, "effectNs"));
        put_duration(t, answer_number(d, "aSelfNs"));
        put_duration(t, answer_number(d, "bSelfNs"));
        table_cellf(t, NULL, "%.3g", answer_number(d, "aSpansPerTrace"));
        table_cellf(t, NULL, "%.3g", answer_number(d, "bSpansPerTrace"));
        put_path(t, json_object_get(d, "path"));
    }
}

/* ---- Attributes ---- */

static void put_value(struct table *t, const json_t *v)
{
    char *text;
    if (json_is_string(v)) {
        table_cell(t, str_make(json_string_value(v), json_string_length(v)), NULL);
        return;
    }
    if (json_is_null(v)) {
        table_cell(t, STR("(none)"), "2");
        return;
    }
    text = json_dumps(v, JSON_ENCODE_ANY);
    table_cell(t, text ? str_of(text) : STR(""), NULL);
    free(text);
}

static void put_attributes(const struct diff_options *o, const json_t *root, struct table *t)
{
    static const char *const heads[] = {"EFFECT", "IN A", "IN B", "ATTRIBUTE", "VALUE"};
    const json_t *d;
    size_t i;
    for (size_t h = 0; h < sizeof heads / sizeof *heads; h++)
        table_column(t, str_of(heads[h]), h < 3, h < 3 ? TABLE_WHOLE : TABLE_CUT);
    json_array_foreach(json_object_get(root, "attributes"), i, d)
    {
        double effect = answer_number(d, "effect");
        if (i == o->top || effect == 0)
            break;
        table_cellf(t, effect > 0 ? "1;31" : "32", "%+.1f %%", 100 * effect);
        table_cellf(t, NULL, "%.1f %%", 100 * answer_number(d, "baselineShare"));
        table_cellf(t, NULL, "%.1f %%", 100 * answer_number(d, "selectionShare"));
        table_cell(t, answer_text(d, "key"), "36");
        put_value(t, json_object_get(d, "value"));
    }
}

/* The side that found nothing to compare; NULL when both did. */
static const char *empty_side(const struct diff_options *o, const json_t *root)
{
    uint64_t a = answer_u64(root, "aTraces"), b = answer_u64(root, "bTraces");
    const json_t *d;
    size_t i;
    if (o->by == BY_ATTRIBUTE) {
        a = b = 0;
        json_array_foreach(json_object_get(root, "attributes"), i, d)
        {
            a += answer_u64(d, "baseline");
            b += answer_u64(d, "selection");
        }
    }
    return !a ? "A" : !b ? "B" : NULL;
}

static int print(const struct diff_options *o, struct str body, struct err *err)
{
    const char *empty;
    struct table t;
    struct buf out;
    json_t *root;
    TRY(answer_parse(body, &root, err));
    table_init(&t);
    buf_init(&out, 0);
    if (o->by == BY_PATH)
        put_paths(o, root, &t);
    else
        put_attributes(o, root, &t);
    empty = empty_side(o, root);
    if (empty)
        fprintf(stderr, "no traces found for %s; --since looks further back\n", empty);
    else
        table_print(&t, o->width ? (unsigned)o->width : term_width(PIPE_WIDTH),
                    term_colors((enum term_color_mode)o->color), &out);
    fwrite(out.p, 1, out.n, stdout);
    buf_release(&out);
    table_release(&t);
    json_decref(root);
    return 0;
}

static int diff(const struct diff_options *o, const char *const sides[2], struct err *err)
{
    struct buf path, body;
    int code;
    buf_init(&path, 0);
    buf_init(&body, 0);
    code = put_query(&path, o, sides, err);
    if (code == 0)
        code = client_get(o->server, buf_str(&path), &body, err);
    if (code == 0 && o->json)
        client_print(&body);
    else if (code == 0)
        code = print(o, buf_str(&body), err);
    buf_release(&path);
    buf_release(&body);
    return code;
}

static int run(int argc, char **argv)
{
    struct diff_options o = {0};
    const char *sides[2];
    struct err err = {0};
    switch (options_parse(&command_diff, argc, argv, &o, sides, stderr)) {
    case OPTIONS_HELP: return EXIT_OK;
    case OPTIONS_BAD: return EXIT_USAGE;
    case OPTIONS_OK: break;
    }
    if (diff(&o, sides, &err) < 0) {
        fprintf(stderr, "cairn diff: %s\n", err.msg);
        return EXIT_ERROR;
    }
    return EXIT_OK;
}

const struct command command_diff = {
    .name = "diff",
    .summary = "say what is different in traces B, by call path or attribute",
    .usage = "[OPTIONS] A B",
    .text =
        "Compares two traces (by their ids) or two sets of traces (each a TraceQL search, as in "
        "'{duration < 100ms}'). A is what is normal, B what is to be explained. The largest "
        "differences come first.",
    .options = options,
    .operand = "A",
    .second = "B",
    .run = run,
};
