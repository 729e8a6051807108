/* export.h - traces written to a stream in one of the formats that others read. */
#ifndef CARE_EXPORT_H
#define CARE_EXPORT_H

#include <stdio.h>

#include "care/traces.h"

/* A format: how a file begins, how a trace is put into it, how it ends. All append to out; first: no trace before it. */
struct export_format {
    void (*begin)(struct buf *out);
    void (*trace)(struct buf *out, const struct span_batch *batch, bool first,
                  struct arena *scratch);
    void (*end)(struct buf *out);
};

extern const struct export_format
    export_otlp_json; /* a line of {"resourceSpans":[...]} for each trace */
extern const struct export_format
    export_otlp_pb; /* u32 (big-endian) length and TracesData, for each trace */
extern const struct export_format export_zipkin; /* one array of spans */

/* Where traces are read from: all spans of one, in the arena. ERR_NOT_FOUND: it is gone, and is left out. */
typedef int export_read_fn(void *user, struct trace_id id, struct arena *arena,
                           struct span_batch *ret, struct err *err);

struct export_counts {
    uint64_t traces, spans, bytes;
};

/* Writes all traces of the list. ERR_IO when out cannot be written, ERR_CANCELLED, what read says. */
int export_traces(const struct trace_list *list, export_read_fn *read, void *user,
                  const struct export_format *format, FILE *out, const struct care_watcher *w,
                  struct export_counts *ret, struct err *err);

/* The same as a Parquet file, a row for each span. */
int export_parquet(const struct trace_list *list, export_read_fn *read, void *user, FILE *out,
                   const struct care_watcher *w, struct export_counts *ret, struct err *err);

#endif
