/* export.c - the loop over traces, and the formats that need nothing from above. */
#include "care/export.h"

#include <errno.h>

#include "base/buf.h"
#include "wire/otlp_json.h"
#include "wire/otlp_pb.h"
#include "wire/zipkin_json.h"

static void nothing(struct buf *out)
{
    (void)out;
}

static void otlp_json_trace(struct buf *out, const struct span_batch *batch, bool first,
                            struct arena *scratch)
{
    struct json_writer w;
    (void)first, (void)scratch;
    json_init(&w, out, 0);
    otlp_json_write(&w, batch->spans, batch->span_count, 0);
    buf_put_byte(out, '\n');
}

static void otlp_pb_trace(struct buf *out, const struct span_batch *batch, bool first,
                          struct arena *scratch)
{
    size_t start = out->n, n;
    (void)first, (void)scratch;
    buf_put(out, "\0\0\0", 4);
    otlp_pb_encode(batch->spans, batch->span_count, out);
    if (out->failed)
        return;
    n = out->n - start - 4;
    for (int i = 0; i < 4; i++)
        out->p[start + i] = (unsigned char)(n >> (24 - 8 * i));
}

static void zipkin_begin(struct buf *out)
{
    buf_put_str(out, STR("[\n"));
}

static void zipkin_trace(struct buf *out, const struct span_batch *batch, bool first,
                         struct arena *scratch)
{
    struct json_writer w;
    for (size_t i = 0; i < batch->span_count; i++) {
        if (!first || i)
            buf_put_str(out, STR(",\n"));
        json_init(&w, out, 0);
        zipkin_json_write_span(&w, &batch->spans[i], 0, scratch);
    }
}

static void zipkin_end(struct buf *out)
{
    buf_put_str(out, STR("\n]\n"));
}

const struct export_format export_otlp_json = {nothing, otlp_json_trace, nothing};
const struct export_format export_otlp_pb = {nothing, otlp_pb_trace, nothing};
const struct export_format export_zipkin = {zipkin_begin, zipkin_trace, zipkin_end};

static int flush(struct buf *text, FILE *out, struct export_counts *counts, struct err *err)
{
    if (text->failed)
        return err_set(err, ERR_NOMEM, "out of memory for a trace");
    if (text->n && fwrite(text->p, 1, text->n, out) != text->n)
        return err_set(err, ERR_IO, "cannot write: %s", strerror(errno));
    counts->bytes += text->n;
    buf_clear(text);
    return 0;
}

int export_traces(const struct trace_list *list, export_read_fn *read, void *user,
                  const struct export_format *format, FILE *out, const struct care_watcher *w,
                  struct export_counts *ret, struct err *err)
{
    struct arena arena;
    struct buf text;
    int rc;
    *ret = (struct export_counts){0};
    arena_init(&arena, 0);
    buf_init(&text, 0);
    format->begin(&text);
    rc = flush(&text, out, ret, err);
    for (size_t i = 0; i < list->count && rc == 0; i++) {
        struct span_batch batch;
        if (care_stopped(w)) {
            rc = err_set(err, ERR_CANCELLED, "interrupted");
            break;
        }
        arena_reset(&arena);
        rc = read(user, list->items[i].id, &arena, &batch, err);
        if (rc == 0 && trace_canonical(&batch, &arena) < 0)
            rc = err_set(err, ERR_NOMEM, "out of memory for a trace");
        if (rc == 0) {
            format->trace(&text, &batch, ret->traces == 0, &arena);
            ret->traces++;
            ret->spans += batch.span_count;
            rc = flush(&text, out, ret, err);
        }
        if (rc == ERR_NOT_FOUND) /* it went while the export ran */
            rc = 0;
        if (w->progress)
            w->progress(i + 1, list->count, w->user);
    }
    if (rc == 0) {
        format->end(&text);
        rc = flush(&text, out, ret, err);
    }
    if (rc == 0 && fflush(out) != 0)
        rc = err_set(err, ERR_IO, "cannot write: %s", strerror(errno));
    buf_release(&text);
    arena_release(&arena);
    return rc;
}
