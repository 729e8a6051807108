/* ingest.h - spans in, of any dialect but OTLP: decode, hand to the engine, answer when they are kept.
 *
 * A dialect is a table of its encodings; the reply is empty (202, or an empty gRPC message), errors are a line of text. */
#ifndef API_INGEST_H
#define API_INGEST_H

#include "api/api.h"

typedef int ingest_decode_fn(struct str bytes, struct arena *arena, struct span_batch *ret,
                             struct err *err);

struct ingest_encoding {
    struct str media_type; /* empty: any other one, and none */
    ingest_decode_fn *decode;
    const char *name; /* in messages: "Zipkin JSON" */
};

/* Replies to x, now or when the engine has answered. encodings ends with one without decode; a request of none of them is
 * answered 415. */
void ingest_http(struct http_exchange *x, const struct http_request *req, struct api *api,
                 const struct ingest_encoding *encodings);
void ingest_grpc(struct http_exchange *x, const struct http_request *req, struct api *api,
                 const struct ingest_encoding *encoding);

#endif
