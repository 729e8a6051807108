/* support.h - a server in the test's own process, with routes that show what arrived. */
#ifndef TESTS_NET_SUPPORT_H
#define TESTS_NET_SUPPORT_H

#include "net/http.h"

struct fixture {
    struct http_server *server;
    int port;
};

/* The limits that most tests use: the defaults, with bodies small enough to reach. */
struct http_limits test_limits(void);
/* loops 0 means one, so that a test's connections share a loop. */
struct fixture fixture_start(struct http_limits limits, unsigned loops);
void fixture_stop(struct fixture *f);
struct http_stats fixture_stats(const struct fixture *f);

enum { ECHO_MAX = 256 * 1024, GRPC_MAX = 64 * 1024 };

/* Routes (GET unless said otherwise):
 *   /hello                    "hello"
 *   /echo       POST PUT      the body, its content type; at most ECHO_MAX bytes
 *   /count      POST          "<length> <sum of bytes>"; at most 16 MiB
 *   /bodyless   POST          takes no body
 *   /items/{id}/parts/{part}  "id|part|query"
 *   /files/{rest*}            "rest"
 *   /big                      ?n=bytes of compressible text
 *   /stored                   a gzip body made beforehand, "stored " 200 times
 *   /header                   the value of x-probe
 *   /peer                     req.peer
 *   /later                    "later", from a query thread
 *   /gate                     "through", from a query thread, when gate_open was called
 *   /cancelled                waits until the client is gone, counts that in gate_cancelled
 *   /cairn.Test/Echo, /cairn.Test/Later, /cairn.Test/Fail, /cairn.Test/Empty: gRPC
 *   /cairn.Test/Many          gRPC: "3 100" is answered with three messages, of 100, 101 and 102 bytes */
void gate_close(void);
void gate_open(void);
unsigned gate_waiting(void);
unsigned gate_cancelled(void);

/* Polls until the condition holds; false after ten seconds. */
bool wait_until(bool (*condition)(void *user), void *user);

#endif
