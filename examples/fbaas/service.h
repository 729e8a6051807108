/* service.h - what hub, fizzer and buzzer have in common.
 *
 * A service answers POST {"number": x} with a line of text. The span of a request and the trace of its caller are the
 * work of ../common/server.c: whatever `answer` starts becomes the request's child without passing anything along. */
#ifndef FBAAS_SERVICE_H
#define FBAAS_SERVICE_H

#include <stddef.h>

/* Writes the answer to number, a NUL-terminated text, at out. 0, or -1 when it cannot be had (HTTP 502). */
typedef int service_answer(long number, char *out, size_t room, void *user);

struct service {
    const char *name; /* service.name of its spans, unless OTEL_SERVICE_NAME says otherwise */
    int port;
    service_answer *answer;
    void *user;
};

/* Starts tracing and the server and stays until SIGINT or SIGTERM. Returns the process's exit status. */
int service_run(const struct service *service);

/* POST {"number": number} to url with libcurl, inside a span of kind CLIENT whose context travels in the headers.
 * Writes the reply's body at out. 0, or -1 after a connection failure or a status that is not 200. */
int service_ask(const char *url, long number, char *out, size_t room);

#endif
