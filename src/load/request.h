/* request.h - a batch as the bytes of a request: protobuf or JSON, compressed, framed for gRPC. */
#ifndef LOAD_REQUEST_H
#define LOAD_REQUEST_H

#include "load/gen.h"

enum load_protocol { LOAD_GRPC, LOAD_HTTP_PROTOBUF, LOAD_HTTP_JSON };

/* Spans of one trace in a request. */
struct load_trace_count {
    struct trace_id id;
    uint64_t spans;
};

struct load_request {
    struct buf body;
    size_t spans;
    struct load_trace_count *traces; /* by id; NULL when nobody asked */
    size_t trace_count, trace_cap;
};

void load_request_init(struct load_request *r);
void load_request_release(struct load_request *r);

struct load_encoder {
    enum load_protocol protocol;
    bool gzip;   /* level 1: the generator shall be faster than the server */
    bool framed; /* LOAD_GRPC's five bytes in front */
    bool traces; /* fill load_request.traces */
    struct libdeflate_compressor *compressor;
    struct buf plain;
};

/* ERR_NOMEM. */
int load_encoder_init(struct load_encoder *e, enum load_protocol protocol, bool gzip, bool framed,
                      bool traces);
void load_encoder_release(struct load_encoder *e);

/* Replaces the request's content by the batch. ERR_NOMEM. */
int load_encode(struct load_encoder *e, const struct span *spans, size_t count,
                struct load_request *ret);

#endif
