/* body.h - a batch as the bytes of one request: encoded, framed and compressed once, however often it is sent. */
#ifndef OTLP_BODY_H
#define OTLP_BODY_H

#include <cairn/export.h>

#include "otlp/protocol.h"

/* opentelemetry-proto, "OTLP maximum message size": what an exporter must not send, before and after compression. */
enum { REQUEST_BYTES_MAX = 64 * 1024 * 1024 };

struct otlp_body {
    unsigned char *bytes; /* owned, from malloc */
    size_t n;
};

/* CAIRN_ERROR_LIMIT (with a diagnostic) when it is over REQUEST_BYTES_MAX, CAIRN_ERROR_NO_MEMORY. */
cairn_status body_make(const cairn_span_batch *batch, const struct otlp_protocol *protocol,
                       bool gzip, struct otlp_body *ret);
void body_release(struct otlp_body *body);

#endif
