/* server.h - the server as it runs, in the test's own process: an engine, the routes on free ports, an HTTP client. */
#ifndef TESTS_API_SERVER_H
#define TESTS_API_SERVER_H

#include "api/api.h"
#include "base/buf.h"
#include "trace/span.h"

struct test_server {
    char dir[64]; /* of the data; removed at the end */
    struct api api;
    struct http_server *server;
    struct http_route routes[4][API_ROUTES_MAX];
    int grpc_port, http_port, query_port, tempo_port;
};

void test_server_start(struct test_server *s);
void test_server_start_limited(struct test_server *s, struct http_limits limits);
void test_server_stop(struct test_server *s);

struct test_answer {
    long status;
    int grpc_status;        /* -1 = none */
    char content_type[128]; /* empty = none */
    char headers[4096];     /* all fields and trailers, as they came */
    struct buf body;        /* ends with a NUL that is not counted */
};

/* Any method; body NULL = none; headers is a NULL-terminated list of "Name: value". The answer's body is released
 * by test_answer_release. */
void test_request(int port, const char *method, const char *path, const char *const *headers,
                  const struct str *body, struct test_answer *ret);
void test_get(const struct test_server *s, const char *path, struct test_answer *ret);
/* A unary call: frames the message, and leaves the answer's message (without its frame) in body. */
void test_grpc(int port, const char *method, struct str message, struct test_answer *ret);
void test_answer_release(struct test_answer *a);

/* Value of a header of the answer, lower-case name; empty when absent. */
struct str test_header(const struct test_answer *a, const char *name);

/* Sends spans as OTLP/HTTP protobuf and waits for the acknowledgement. */
void test_send(const struct test_server *s, const struct span *spans, size_t count);

#endif
