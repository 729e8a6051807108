/* protocol.h - what differs between the ways of sending OTLP. A protocol is a file with a row of this structure; all else
 * (encoding once, compressing, trying again, reporting) is common. No I/O here. */
#ifndef OTLP_PROTOCOL_H
#define OTLP_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum { ANSWER_HEADERS_MAX = 4, OTLP_FRAME_BYTES_MAX = 5, OTLP_EXTRA_BYTES = 48 };

/* What a server answered; borrowed from the transfer until its next one. */
struct otlp_answer {
    long http; /* status */
    struct str
        headers[ANSWER_HEADERS_MAX]; /* values of the protocol's answer_headers; trailers too */
    struct str body;
};

enum otlp_outcome { OTLP_SENT, OTLP_TRY_AGAIN, OTLP_GIVE_UP };

/* What the answer means. */
struct otlp_verdict {
    enum otlp_outcome outcome;
    bool has_delay; /* the server says how long to wait */
    uint64_t delay_ms;
    int64_t rejected;   /* spans, of a batch that was taken in part */
    struct str message; /* the server's words, for any outcome; may be empty */
    char what[64];      /* for a failure, "HTTP status 503" */
};

struct otlp_protocol {
    const char *name;            /* in OTEL_EXPORTER_OTLP_PROTOCOL */
    int32_t transport, encoding; /* in struct cairn_otlp_options */
    const char *default_endpoint;
    bool needs_h2;                      /* HTTP/2 from the first byte, also without TLS */
    const char *const *request_headers; /* of every request; the last is NULL */
    const char *gzip_header;            /* of a compressed one */
    const char *const
        *answer_headers; /* lower case, at most ANSWER_HEADERS_MAX; the last is NULL */
    size_t frame_bytes;  /* that stand in front of the message */

    /* The URL of an endpoint: `own` when it was given for traces alone. insecure: an endpoint without a scheme wants
     * no TLS. In the arena; {NULL, 0} when there is no memory. What is no URL is passed on as it is. */
    struct str (*url)(struct arena *arena, struct str endpoint, bool own, bool insecure);
    /* Fills the frame in front of a message of n bytes. NULL when frame_bytes is 0. */
    void (*frame)(unsigned char *at, size_t n, bool gzip);
    /* One more header for a try that may take left_ms; false when there is none. NULL: never. */
    bool (*try_header)(char out[OTLP_EXTRA_BYTES], uint32_t left_ms);
    /* Reads an answer. Slices of ret borrow from the answer or live in the arena. */
    void (*judge)(const struct otlp_answer *answer, struct arena *arena, struct otlp_verdict *ret);
};

extern const struct otlp_protocol protocol_http_protobuf, protocol_http_json, protocol_grpc;

/* The row of a name of OTEL_EXPORTER_OTLP_PROTOCOL; NULL when there is none. */
const struct otlp_protocol *protocol_by_name(struct str name);
/* The first row with these members of struct cairn_otlp_options, 0 standing for any. NULL when there is none. */
const struct otlp_protocol *protocol_by_options(int32_t transport, int32_t encoding);

/* Does the URL begin with http:// or https://? */
bool url_is_http(struct str url);
bool url_is_https(struct str url);

#endif
