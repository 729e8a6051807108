/* walk.h - a light walk over the bytes of an OTLP trace request: finds each span and the few fields that become
 * row columns, without decoding attributes, events and links.
 *
 * It meets the same spans as otlp_pb_decode, in the same order, and leaves out the same ones (zero or
 * wrong-length ids). Slices borrow from the request; resource and scope from the walk, until they change. */
#ifndef STORE_WALK_H
#define STORE_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "trace/span.h"

struct walk_span {
    struct str bytes; /* the Span message */
    struct trace_id trace_id;
    struct span_id span_id, parent_span_id;
    uint64_t start_ns, end_ns;
    struct str name;
    uint8_t kind, status; /* unknown numbers are 0, as for the decoder */
};

struct walk {
    struct str request, resource_spans, scope_spans; /* what is still to be read at each level */
    struct buf
        resource; /* fields of the current ResourceSpans without its spans: resource, schema_url */
    struct buf scope; /* fields of the current ScopeSpans without its spans: scope, schema_url */
    bool resource_changed, scope_changed; /* since the last span; for the caller to clear */
    uint64_t rejected;
};

void walk_init(struct walk *w, struct str request);
void walk_release(struct walk *w);

/* 1 = the next span, 0 = no more, ERR_INVALID on malformed bytes, ERR_NOMEM. */
int walk_next(struct walk *w, struct walk_span *ret);

/* A request around one span: what otlp_pb_decode needs to read resource and scope back. With an empty span, a
 * placeholder with valid ids stands in its place. A failure is in out->failed. */
void walk_wrap(struct str resource, struct str scope, struct str span, struct buf *out);

#endif
