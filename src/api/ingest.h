/* ingest.h - spans in, of any dialect: decode, hand to the engine, answer when they are kept.
 *
 * A dialect is a table of its encodings. Those without words of their own reply with nothing (202, or an empty gRPC message),
 * and errors are a line of text. */
#ifndef API_INGEST_H
#define API_INGEST_H

#include "api/api.h"

typedef int ingest_decode_fn(struct str bytes, struct arena *arena, struct span_batch *ret,
                             struct err *err);

struct ingest_words {
    const char *content_type;
    /* The body of a 200, which may say that spans were rejected. */
    void (*put_success)(const struct span_batch *batch, struct buf *out);
    void (*put_error)(int code, struct str text, struct buf *out);
};

struct ingest_encoding {
    struct str media_type; /* empty: any other one, and none */
    ingest_decode_fn *decode;
    const char *name; /* in messages: "Zipkin JSON" */
    const struct ingest_words *words;
    bool verbatim; /* OTLP's protobuf: the engine may keep the bytes as they came */
};

/* Replies to x, now or when the engine has answered. encodings ends with one without decode; a request of none of them is
 * answered 415. */
void ingest_http(struct http_exchange *x, const struct http_request *req, struct api *api,
                 const struct ingest_encoding *encodings);
void ingest_grpc(struct http_exchange *x, const struct http_request *req, struct api *api,
                 const struct ingest_encoding *encoding);

/* The request's; NULL = none of them. */
const struct ingest_encoding *ingest_encoding_of(const struct http_request *req,
                                                 const struct ingest_encoding *encodings);
/* When the sender should try again; 0 = never. */
uint32_t ingest_retry_delay_ms(int code);

#endif
