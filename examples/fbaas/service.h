/* service.h - what hub, fizzer and buzzer have in common: a small traced HTTP server on libmicrohttpd.
 *
 * A service answers POST {"number": x} with a line of text. Each request gets a span of kind SERVER that continues
 * the caller's trace (W3C traceparent) and is the current span while the answer is worked out, so that whatever
 * `answer` starts becomes its child without passing anything along. */
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

/* The value of --NAME in argv, or fallback. Ends the program with a usage line for an option not in names
 * (a NULL-terminated list). */
const char *service_option(int argc, char **argv, const char *const *names, const char *name,
                           const char *fallback);

/* The port that --port names, or fallback; ends the program when it is none. */
int service_port(int argc, char **argv, const char *const *names, int fallback);

/* POST {"number": number} to url with libcurl, inside a span of kind CLIENT whose context travels in the headers.
 * Writes the reply's body at out. 0, or -1 after a connection failure or a status that is not 200. */
int service_ask(const char *url, long number, char *out, size_t room);

#endif
