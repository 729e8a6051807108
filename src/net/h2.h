/* h2.h - HTTP/2 on nghttp2, which does the framing; many exchanges at once. */
#ifndef NET_H2_H
#define NET_H2_H

#include <nghttp2/nghttp2.h>
#include <stdbool.h>

enum {
    H2_STREAM_WINDOW = 8 * 1024 * 1024,
    H2_CONNECTION_WINDOW = 64 * 1024 * 1024,
    H2_DRAIN_MAX = H2_STREAM_WINDOW, /* of a refused body: libcurl loses the reply when reset */
    H2_HELD_MAX = 64 * 1024,         /* a refusal waits for the end of a body of this size */
    H2_QUEUED_FRAMES_MAX = 4096,
    H2_RESETS_BURST = 20000, /* cancelled or failed requests a connection may have at once ... */
    H2_RESETS_PER_S = 2000,  /* ... and in the long run */
};

struct chunk;

struct h2 {
    nghttp2_session *session;
    struct chunk *chunk; /* frames on their way to the socket; NULL when none */
    const uint8_t *rest; /* what nghttp2 gave and did not fit into the chunk; until its next send */
    size_t rest_bytes;
    uint32_t resets_left;
    uint64_t resets_ms; /* when resets_left was last filled up */
    uint64_t check_ms;  /* no exchange's deadline is before this */
    bool going_away;
};

#endif
