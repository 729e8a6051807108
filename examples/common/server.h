/* server.h - a small traced HTTP server on libmicrohttpd, for the examples.
 *
 * Every request gets a span of kind SERVER that continues the caller's trace. Its context is the current one while the
 * request is answered, so that whatever `answer` starts becomes its child without passing anything along. The answer's
 * header `traceresponse` names the trace. GET /health answers "ok" and is not traced. */
#ifndef EXAMPLES_SERVER_H
#define EXAMPLES_SERVER_H

#include <stddef.h>

#include <cairn/microhttpd.h>

struct server_request {
    struct MHD_Connection *connection;
    const char *method, *path;
    const char *body; /* ends in NUL */
    size_t body_length;
    cairn_microhttpd_request *trace; /* the request's span, through <cairn/microhttpd.h> */
    void *user;                      /* the server's */
};

struct server_reply {
    unsigned status;          /* 200 unless set */
    char *text;               /* from malloc; the server frees it */
    const char *content_type; /* "text/plain; charset=utf-8" unless set */
};

struct server_route {
    const char *method, *path;
    void (*answer)(const struct server_request *request, struct server_reply *reply);
};

struct server {
    const char *name; /* of the program, for what it says, and of its tracer */
    int port;
    const struct server_route *routes; /* the last has no path */
    void *user;
    const struct cairn_http_options *http; /* may be NULL */
};

/* Listens on 127.0.0.1 until SIGINT or SIGTERM. Returns the process's exit status. */
int server_run(const struct server *server);

/* The request's header of this name, or NULL; its query parameter of this name, or NULL. */
const char *server_header(const struct server_request *request, const char *name);
const char *server_parameter(const struct server_request *request, const char *name);

/* Fills the reply like printf. */
void server_say(struct server_reply *reply, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
