/* h1.h - HTTP/1.0 and 1.1: one request after the other, pipelined ones wait in `pending`. */
#ifndef NET_H1_H
#define NET_H1_H

#include "base/buf.h"
#include "net/h1_parser.h"

enum {
    H1_DRAIN_MAX = 64 * 1024, /* a refused body of this size is read to keep the connection */
    H1_LINGER_MS = 2000, /* how long a closing connection still reads, so that the reply arrives */
};

struct h1 {
    struct h1_parser parser;
    struct http_exchange *x;  /* the request being read, run or answered */
    struct buf pending;       /* bytes behind it; charged to the server's budget */
    size_t pending_at;        /* how many of them are used up */
    uint32_t hosts;           /* Host fields seen */
    bool minor_1, keep_alive; /* of the present request */
    bool consuming;           /* inside consume() */
    bool ready;               /* x->reply waits to be written */
    bool written;             /* it is written, or about to be */
    bool lingering;           /* all said: reads on for a moment, then closes */
    bool peer_ended;
    uint64_t linger_until_ms;
};

#endif
