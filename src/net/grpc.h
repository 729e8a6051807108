/* grpc.h - what gRPC adds to an HTTP/2 request: framing, message compression, status in trailers. */
#ifndef NET_GRPC_H
#define NET_GRPC_H

#include "net/exchange.h"

enum {
    GRPC_PREFIX_BYTES = 5, /* u8 compressed flag, u32 big-endian length */

    GRPC_OK = 0,
    GRPC_UNKNOWN = 2,
    GRPC_INVALID_ARGUMENT = 3,
    GRPC_DEADLINE_EXCEEDED = 4,
    GRPC_RESOURCE_EXHAUSTED = 8,
    GRPC_UNIMPLEMENTED = 12,
    GRPC_INTERNAL = 13,
    GRPC_UNAVAILABLE = 14,
};

#define GRPC_ENCODINGS_ACCEPTED "identity,gzip,deflate,zstd"

bool grpc_content_type(const struct http_request *req);
/* Of a request to a gRPC route: protocol, content type, grpc-encoding, grpc-timeout. May refuse. */
void grpc_check_headers(struct http_exchange *x);
/* The body's first bytes, a whole prefix at least, say how long it will be. */
void grpc_expect_length(struct http_exchange *x, const unsigned char *p);
/* While the body comes in: refuses as soon as the prefix says that the message is too large. */
void grpc_check_prefix(struct http_exchange *x);
/* The body is complete: *body becomes the message. True when it must be inflated. May refuse. */
bool grpc_unframe(struct http_exchange *x, struct str *body);

/* "100m" and the like (at most 8 digits) in nanoseconds. */
bool grpc_timeout_parse(struct str s, uint64_t *ret_ns);
/* grpc-message: everything but printable ASCII, and '%', as %XX. */
struct str grpc_percent_encode(struct arena *arena, struct str text);
/* Binary trailers: base64 without padding. */
struct str grpc_base64(struct arena *arena, struct str bytes);
/* The gRPC status that says what an HTTP status of ours says. */
int grpc_status_of_http(int status);

#endif
