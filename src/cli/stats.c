/* stats.c - `cairn stats`: what is kept, and what takes the bytes.
 *
 * A directory is read into the same JSON that a server answers, so that both are printed by one function. */
#include <inttypes.h>
#include <stdlib.h>

#include "api/usage.h"
#include "care/view.h"
#include "cli/answer.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/place.h"
#include "cli/progress.h"

struct stats_options {
    uint64_t top;
    bool json;
};

static const struct option options[] = {
    {.name = "json",
     .type = OPTION_FLAG,
     .offset = offsetof(struct stats_options, json),
     .text = "print JSON, as the server's /api/cairn/v1/stats"},
    {.name = "top",
     .arg = "COUNT",
     .type = OPTION_COUNT,
     .offset = offsetof(struct stats_options, top),
     .fallback = "0",
     .text = "print this many services, keys and columns at most; 0 prints all"},
    {0},
};

/* ---- Where it comes from ---- */

static bool asked_to_stop(void *user)
{
    (void)user;
    return interrupted();
}

static int read_directory(const char *dir, struct buf *out, struct err *err)
{
    struct engine_query q = {.is_cancelled = asked_to_stop};
    struct engine_usage usage;
    struct json_writer w;
    struct care_view view;
    struct arena arena;
    int code;
    TRY(care_view_open(dir, &view, err));
    arena_init(&arena, 0);
    q.arena = &arena;
    code = care_view_usage(&view, &q, &usage, err);
    if (code == 0) {
        json_init(&w, out, 0);
        usage_write_json(&w, &usage);
        if (view.damaged || q.damaged)
            fprintf(stderr, "cairn stats: damaged files are left out; see 'cairn check %s'\n", dir);
    }
    arena_release(&arena);
    care_view_close(&view);
    return code;
}

/* ---- Printing ---- */

/* A field of a line: no tab, no line break, nothing that commands a terminal. */
static void put_field(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 || c == 0x7f || c == '\\')
            buf_printf(out, "\\x%02x", c);
        else
            buf_put_byte(out, c);
    }
}

static void put_totals(struct buf *out, const json_t *root)
{
    static const struct {
        const char *name, *key;
    } totals[] = {{"spans", "spans"},          {"spans_in_log", "headSpans"},
                  {"traces", "traces"},        {"events", "events"},
                  {"links", "links"},          {"parts", "parts"},
                  {"part_bytes", "partBytes"}, {"log_bytes", "logBytes"}};
    for (size_t i = 0; i < sizeof totals / sizeof *totals; i++)
        buf_printf(out, "total\t%s\t%" PRIu64 "\n", totals[i].name,
                   answer_u64(root, totals[i].key));
    buf_printf(out, "total\tbytes_per_span\t%.1f\n",
               json_number_value(json_object_get(root, "bytesPerSpan")));
    if (!json_is_true(json_object_get(root, "tracesExact")))
        buf_printf(out, "total\ttraces_are\tcounted once for each part they lie in\n");
}

static void put_services(struct buf *out, const json_t *root, uint64_t top)
{
    const json_t *list = json_object_get(root, "services");
    for (size_t i = 0; i < json_array_size(list) && (!top || i < top); i++) {
        const json_t *s = json_array_get(list, i);
        buf_put_str(out, STR("service\t"));
        put_field(out, answer_text(s, "name"));
        buf_printf(out, "\t%" PRIu64 "\n", answer_u64(s, "spans"));
    }
}

static void put_columns(struct buf *out, const json_t *root, uint64_t top)
{
    const json_t *list = json_object_get(root, "columns");
    for (size_t i = 0; i < json_array_size(list) && (!top || i < top); i++) {
        const json_t *c = json_array_get(list, i);
        struct str table = answer_text(c, "table"), type = answer_text(c, "type");
        buf_printf(out, "column\t%.*s\t%.*s\t", STR_ARG(table.n ? table : STR("-")),
                   STR_ARG(answer_text(c, "scope")));
        put_field(out, answer_text(c, "name"));
        buf_printf(out, "\t%.*s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n",
                   STR_ARG(type.n ? type : STR("-")), answer_u64(c, "values"),
                   answer_u64(c, "entries"), answer_u64(c, "storedBytes"),
                   answer_u64(c, "rawBytes"));
    }
}

/* An attribute, whatever it is on and whatever its types. */
struct key {
    struct str name;
    uint64_t stored, raw, values;
};

static int key_name_cmp(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    return str_cmp(x->name, y->name);
}

static int key_size_cmp(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    if (x->stored != y->stored)
        return x->stored > y->stored ? -1 : 1;
    return str_cmp(x->name, y->name);
}

static void put_keys(struct buf *out, const json_t *root, uint64_t top)
{
    const json_t *list = json_object_get(root, "columns");
    size_t n = json_array_size(list), count = 0, kept = 0;
    struct key *keys = calloc(n + 1, sizeof *keys);
    for (size_t i = 0; keys && i < n; i++) {
        const json_t *c = json_array_get(list, i);
        if (str_eq(answer_text(c, "scope"), STR("attribute")))
            keys[count++] = (struct key){answer_text(c, "name"), answer_u64(c, "storedBytes"),
                                         answer_u64(c, "rawBytes"), answer_u64(c, "values")};
    }
    if (count)
        qsort(keys, count, sizeof *keys, key_name_cmp);
    for (size_t i = 0; i < count; i++) {
        if (kept && str_eq(keys[kept - 1].name, keys[i].name)) {
            keys[kept - 1].stored += keys[i].stored;
            keys[kept - 1].raw += keys[i].raw;
            keys[kept - 1].values += keys[i].values;
        } else {
            keys[kept++] = keys[i];
        }
    }
    if (kept)
        qsort(keys, kept, sizeof *keys, key_size_cmp);
    for (size_t i = 0; i < kept && (!top || i < top); i++) {
        buf_put_str(out, STR("key\t"));
        put_field(out, keys[i].name);
        buf_printf(out, "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n", keys[i].values, keys[i].stored,
                   keys[i].raw);
    }
    free(keys);
}

static int print_lines(const struct buf *body, uint64_t top, struct err *err)
{
    struct buf out;
    json_t *root;
    TRY(answer_parse(buf_str(body), &root, err));
    buf_init(&out, 0);
    put_totals(&out, root);
    put_services(&out, root, top);
    put_keys(&out, root, top);
    put_columns(&out, root, top);
    fwrite(out.p, 1, out.n, stdout);
    buf_release(&out);
    json_decref(root);
    return 0;
}

static int run(int argc, char **argv)
{
    struct stats_options o = {0};
    const char *place;
    struct err err = {0};
    struct buf body;
    int code;
    switch (options_parse(&command_stats, argc, argv, &o, &place, stderr)) {
    case OPTIONS_HELP: return EXIT_OK;
    case OPTIONS_BAD: return EXIT_USAGE;
    case OPTIONS_OK: break;
    }
    interrupt_catch();
    buf_init(&body, 0);
    code = place_is_url(place) ? client_get(place, STR("/api/cairn/v1/stats"), &body, &err)
                               : read_directory(place, &body, &err);
    if (code == 0 && o.json)
        client_print(&body);
    else if (code == 0)
        code = print_lines(&body, o.top, &err);
    buf_release(&body);
    if (code < 0)
        fprintf(stderr, "cairn stats: %s\n", err.msg);
    return code == 0 ? EXIT_OK : code == ERR_CANCELLED ? EXIT_INTERRUPTED : EXIT_ERROR;
}

const struct command command_stats = {
    .name = "stats",
    .summary = "count spans, and say what takes the bytes",
    .usage = "[OPTIONS] DIR|URL",
    .text = "Counts spans, traces, events and links, and says how many bytes each column and key "
            "takes on disk. Reads a directory that no server has open, without changing it, or "
            "asks the server that has it open.",
    .options = options,
    .operand = "DIR|URL",
    .run = run,
};
