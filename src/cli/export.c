/* export.c - `cairn export`: traces of a directory or a server, written in a format that others read. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/jaeger_model.h"
#include "api/params.h"
#include "base/clock.h"
#include "care/export.h"
#include "cli/commands.h"
#include "cli/export_server.h"
#include "cli/place.h"
#include "cli/progress.h"
#include "cli/units.h"
#include "cli/when.h"

static const char *const formats[] = {"otlp-json", "otlp-pb", "jaeger", "zipkin", "parquet", NULL};
enum { OTLP_JSON, OTLP_PB, JAEGER, ZIPKIN, PARQUET };

struct export_options {
    const char *output, *service, *since, *until;
    struct option_list ids;
    int format;
};

#define OFFSET(field) .offset = offsetof(struct export_options, field)

static const struct option options[] = {
    {.name = "format",
     .arg = "FORMAT",
     .type = OPTION_CHOICE,
     OFFSET(format),
     .fallback = "otlp-json",
     .choices = formats,
     .text =
         "otlp-json: OTLP/JSON, a line for each trace; otlp-pb: OTLP protobuf, each trace with its length in front; "
         "jaeger: as Jaeger's UI saves traces; zipkin: Zipkin's JSON v2; parquet: a table of spans"},
    {.name = "output",
     .arg = "FILE",
     .type = OPTION_STRING,
     OFFSET(output),
     .fallback = "-",
     .text = "where to; - is standard output"},
    {.name = "since",
     .arg = "TIME",
     .type = OPTION_STRING,
     OFFSET(since),
     .text =
         "traces with a span that started at this time or later: an age as in 12h or 7d, or as in 2026-11-21T13:00:00Z"},
    {.name = "until",
     .arg = "TIME",
     .type = OPTION_STRING,
     OFFSET(until),
     .text = "and at this time or earlier"},
    {.name = "service",
     .arg = "NAME",
     .type = OPTION_STRING,
     OFFSET(service),
     .text = "traces with a span of this service"},
    {.name = "trace",
     .arg = "ID",
     .type = OPTION_LIST,
     OFFSET(ids),
     .text = "this trace; may be given several times"},
    {0},
};

/* ---- Jaeger's model: its writer belongs to the API ---- */

static void jaeger_begin(struct buf *out)
{
    buf_put_str(out, STR("{\"data\":[\n"));
}

static void jaeger_trace(struct buf *out, const struct span_batch *batch, bool first,
                         struct arena *scratch)
{
    struct json_writer w;
    if (!first)
        buf_put_str(out, STR(",\n"));
    json_init(&w, out, 0);
    jaeger_write_trace(&w, batch->spans, batch->span_count, scratch);
}

static void jaeger_end(struct buf *out)
{
    buf_put_str(out, STR("\n],\"total\":0,\"limit\":0,\"offset\":0,\"errors\":null}\n"));
}

static const struct export_format export_jaeger = {jaeger_begin, jaeger_trace, jaeger_end};

/* ---- What is wanted ---- */

struct job {
    const struct export_options *o;
    struct trace_filter filter;
    struct trace_id ids[OPTION_LIST_MAX];
    struct care_watcher w;
    struct progress bar;
    FILE *out;
    struct export_counts counts;
};

static int read_filter(struct job *j, struct err *err)
{
    uint64_t now = clock_realtime_ns();
    if (j->o->since)
        TRY(when_parse("since", j->o->since, now, &j->filter.start_ns, err));
    if (j->o->until)
        TRY(when_parse("until", j->o->until, now, &j->filter.end_ns, err));
    j->filter.service = str_of(j->o->service);
    for (uint32_t i = 0; i < j->o->ids.count; i++)
        TRY(param_trace_id(str_of(j->o->ids.items[i]), &j->ids[i], err));
    j->filter.id_count = j->o->ids.count;
    j->filter.ids = j->o->ids.count ? j->ids : NULL;
    return 0;
}

/* ---- From where ---- */

static int write_all(struct job *j, const struct trace_list *list, export_read_fn *read, void *user,
                     struct err *err)
{
    static const struct export_format *const all[] = {&export_otlp_json, &export_otlp_pb,
                                                      &export_jaeger, &export_zipkin};
    progress_end(&j->bar);
    progress_begin(&j->bar, "exporting");
    if (j->o->format == PARQUET)
        return export_parquet(list, read, user, j->out, &j->w, &j->counts, err);
    return export_traces(list, read, user, all[j->o->format], j->out, &j->w, &j->counts, err);
}

/* The engine would make a directory that is missing; here it must be there. */
static int export_directory(struct job *j, const char *dir, struct err *err)
{
    struct engine_options engine = ENGINE_OPTIONS_DEFAULT;
    struct trace_list list;
    struct store *store;
    char path[4096];
    int rc;
    if (snprintf(path, sizeof path, "%s/MANIFEST", dir) >= (int)sizeof path ||
        access(path, F_OK) < 0)
        return err_set(err, ERR_NOT_FOUND, "%.150s is no data directory: it has no MANIFEST", dir);
    engine.data_dir = dir;
    rc = store_open(&engine, &store, err);
    if (rc == ERR_BUSY)
        return err_set(err, rc,
                       "%.150s is in use: ask its server, as in 'cairn export "
                       "http://127.0.0.1:16686'",
                       dir);
    TRY(rc);
    rc = trace_list_of_store(store, &j->filter, &j->w, &list, err);
    if (rc == 0) {
        struct trace_reader *reader = trace_reader_new(store);
        rc = write_all(j, &list, trace_reader_read, reader, err);
        trace_reader_free(reader);
        trace_list_release(&list);
    }
    store_close(store);
    return rc;
}

static int export_url(struct job *j, const char *url, struct err *err)
{
    struct trace_list list;
    int rc = export_server_list(url, &j->filter, &j->w, &list, err);
    if (rc == 0) {
        rc = write_all(j, &list, export_server_read, (void *)(uintptr_t)url, err);
        trace_list_release(&list);
    }
    return rc;
}

/* ---- To where ---- */

/* A file is written beside its name and renamed when it is whole. */
static int run_job(struct job *j, const char *place, struct err *err)
{
    bool is_file = strcmp(j->o->output, "-") != 0;
    char tmp[4096] = "";
    int rc;
    TRY(read_filter(j, err));
    j->out = stdout;
    if (is_file) {
        if (snprintf(tmp, sizeof tmp, "%s.partial", j->o->output) >= (int)sizeof tmp)
            return err_set(err, ERR_INVALID, "the file's name is too long");
        j->out = fopen(tmp, "we");
        if (!j->out)
            return err_set(err, ERR_IO, "cannot create %.150s: %s", tmp, strerror(errno));
    }
    rc = place_is_url(place) ? export_url(j, place, err) : export_directory(j, place, err);
    if (!is_file)
        return rc;
    if (fclose(j->out) != 0 && rc == 0)
        rc = err_set(err, ERR_IO, "cannot write %.150s: %s", tmp, strerror(errno));
    if (rc == 0 && rename(tmp, j->o->output) < 0)
        rc = err_set(err, ERR_IO, "cannot rename to %.150s: %s", j->o->output, strerror(errno));
    if (rc < 0)
        unlink(tmp);
    return rc;
}

static void on_progress(uint64_t done, uint64_t all, void *user)
{
    progress_show(user, done, all, "traces");
}

static int run(int argc, char **argv)
{
    struct export_options o = {0};
    static struct job j;
    const char *place;
    struct err err = {0};
    switch (options_parse(&command_export, argc, argv, &o, &place, stderr)) {
    case OPTIONS_HELP: return EXIT_OK;
    case OPTIONS_BAD: return EXIT_USAGE;
    case OPTIONS_OK: break;
    }
    if ((o.format == OTLP_PB || o.format == PARQUET) && strcmp(o.output, "-") == 0 &&
        isatty(STDOUT_FILENO)) {
        fprintf(stderr, "cairn export: this format is not for a terminal; name a file with "
                        "--output\n");
        return EXIT_USAGE;
    }
    j.o = &o;
    j.w = (struct care_watcher){.progress = on_progress, .user = &j.bar, .stop = interrupt_catch()};
    progress_begin(&j.bar, "looking for traces");
    int code = run_job(&j, place, &err);
    progress_end(&j.bar);
    if (code < 0) {
        fprintf(stderr, "cairn export: %s\n", err.msg);
        return code == ERR_CANCELLED ? EXIT_INTERRUPTED : EXIT_ERROR;
    }
    char traces[UNITS_BYTES], spans[UNITS_BYTES], bytes[UNITS_BYTES];
    format_plural(traces, j.counts.traces, "trace", "traces");
    format_plural(spans, j.counts.spans, "span", "spans");
    format_bytes(bytes, j.counts.bytes);
    fprintf(stderr, "exported %s, %s, %s\n", traces, spans, bytes);
    return EXIT_OK;
}

const struct command command_export = {
    .name = "export",
    .summary = "write traces to a file that others read",
    .usage = "[OPTIONS] DIR|URL",
    .text =
        "Writes traces, oldest first, each whole: those with a span that fulfils all conditions "
        "given. Reads a directory that no server has open, or asks a server.",
    .options = options,
    .operand = "DIR|URL",
    .run = run,
};
