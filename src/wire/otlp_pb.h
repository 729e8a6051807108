/* otlp_pb.h - OTLP protobuf (opentelemetry-proto 1.11), bytes <-> struct span_batch. No I/O, no clock, no global state.
 *
 * The messages ExportTraceServiceRequest and TracesData have the same bytes on the wire, so one pair of functions
 * serves both. Unknown fields are skipped by wire type; singular messages that occur twice are merged. */
#ifndef WIRE_OTLP_PB_H
#define WIRE_OTLP_PB_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "trace/span.h"

/* What the decoder refuses, so that hostile input costs no more than its own size.
 * Zero-filled limits mean OTLP_LIMITS_DEFAULT's values field by field. */
struct otlp_limits {
    uint32_t spans_max;       /* of one request */
    uint32_t value_depth_max; /* AnyValue inside AnyValue */
};
#define OTLP_LIMITS_DEFAULT                         \
    {                                               \
        .spans_max = 1000000, .value_depth_max = 16 \
    }

/* Decodes a whole request. Strings borrow from bytes, everything else lives in the arena. Spans with zero or
 * wrong-length trace or span ids are left out and counted in ret->rejected_spans. Strings are checked to be UTF-8.
 * ERR_INVALID with err->offset at the first bad byte, ERR_TOO_LARGE for a limit, ERR_NOMEM for the arena. */
int otlp_pb_decode(struct str bytes, const struct otlp_limits *limits, struct arena *arena,
                   struct span_batch *ret, struct err *err);

/* Appends the batch as one ExportTraceServiceRequest. A failure is in out->failed. */
void otlp_pb_encode(const struct span *spans, size_t count, struct buf *out);

/* Appends one Span message's bytes (no tag, no length). */
void otlp_pb_encode_span(const struct span *span, struct buf *out);
/* The reverse; span->resource and span->scope are left as they are. */
int otlp_pb_decode_span(struct str bytes, struct arena *arena, struct span *ret, struct err *err);

/* Messages inside a Span, by themselves. */
int otlp_pb_decode_event(struct str bytes, struct arena *arena, struct span_event *ret,
                         struct err *err);
int otlp_pb_decode_link(struct str bytes, struct arena *arena, struct span_link *ret,
                        struct err *err);

/* What other signals have in the same form: KeyValues under a tag; resource and scope as field 1. */
void otlp_pb_put_attrs(struct buf *out, uint32_t tag, const struct attrs *attrs);
void otlp_pb_put_resource(struct buf *out, const struct resource *resource);
void otlp_pb_put_scope(struct buf *out, const struct scope *scope);

/* One AnyValue message's bytes, and the reverse: of a value as deep as a request's may be, or a list of such. */
void otlp_pb_encode_value(const struct value *value, struct buf *out);
int otlp_pb_decode_value(struct str bytes, struct arena *arena, struct value *ret, struct err *err);

/* Appends a ProcessContext (OTEP 4719): a resource and attributes beside it. A failure is in out->failed. */
void otlp_pb_encode_process_context(const struct resource *resource, const struct attr *attributes,
                                    uint32_t count, struct buf *out);

/* ExportTraceServiceResponse with partial_success when rejected != 0 or message is not empty; else no bytes. */
void otlp_pb_encode_response(uint64_t rejected_spans, struct str message, struct buf *out);

/* Reads a response (the exporter's side). ERR_INVALID when malformed. message borrows from bytes. */
int otlp_pb_decode_response(struct str bytes, int64_t *rejected_spans, struct str *message);

/* google.rpc.Status {code, message, details}; retry_delay_ms != 0 adds a google.rpc.RetryInfo detail. */
void otlp_pb_encode_status(int grpc_code, struct str message, uint32_t retry_delay_ms,
                           struct buf *out);

/* google.rpc.Status as the exporter reads it. */
struct otlp_status {
    int32_t code;
    struct str message;
    bool has_delay; /* there is a RetryInfo detail */
    uint64_t delay_ms;
};
/* ERR_INVALID when malformed. message borrows from bytes. */
int otlp_pb_decode_status(struct str bytes, struct otlp_status *ret);

#endif
