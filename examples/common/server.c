/* server.c - libmicrohttpd's callbacks: collect the body, find the route, answer inside the request's context. */
#define _GNU_SOURCE /* vasprintf */
#include "server.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/cairn.h>

enum { BODY_MAX = 64 * 1024 };

/* One request from its first header to its last byte. */
struct exchange {
    cairn_microhttpd_request *trace;
    const struct server_route *route; /* NULL: there is none */
    const char *allow;                /* the method that the path is for, when it is not this one */
    bool too_long;
    size_t length;
    char body[BODY_MAX + 1];
};

void server_say(struct server_reply *reply, unsigned status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    free(reply->text);
    reply->status = status;
    if (vasprintf(&reply->text, format, args) < 0)
        reply->text = NULL;
    va_end(args);
}

const char *server_header(const struct server_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *server_parameter(const struct server_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

static void find_route(struct exchange *exchange, const struct server_route *routes,
                       const char *method, const char *path)
{
    for (; routes->path; routes++) {
        if (strcmp(routes->path, path) != 0)
            continue;
        if (strcmp(routes->method, method) == 0)
            exchange->route = routes;
        else
            exchange->allow = routes->method;
    }
}

/* The caller learns which trace its request was part of. */
static void tell_trace(cairn_span *span, struct MHD_Response *response)
{
    struct cairn_span_context context;
    char trace[33], id[17], text[64];
    cairn_span_get_context(span, &context);
    if (!cairn_span_context_is_valid(&context))
        return;
    cairn_trace_id_hex(context.trace_id, trace);
    cairn_span_id_hex(context.span_id, id);
    snprintf(text, sizeof text, "00-%s-%s-%02x", trace, id, context.flags);
    MHD_add_response_header(response, "traceresponse", text);
}

static enum MHD_Result send_reply(struct exchange *exchange, struct MHD_Connection *connection,
                                  struct server_reply *reply)
{
    struct MHD_Response *response;
    enum MHD_Result result;
    if (!reply->text)
        server_say(reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
    if (!reply->text)
        return MHD_NO;
    response =
        MHD_create_response_from_buffer(strlen(reply->text), reply->text, MHD_RESPMEM_MUST_FREE);
    if (!response) {
        free(reply->text);
        return MHD_NO;
    }
    MHD_add_response_header(response, "Content-Type",
                            reply->content_type ? reply->content_type
                                                : "text/plain; charset=utf-8");
    if (exchange->allow && !exchange->route)
        MHD_add_response_header(response, "Allow", exchange->allow);
    tell_trace(cairn_microhttpd_span(exchange->trace), response);
    result = cairn_microhttpd_queue(exchange->trace, connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer(const struct server *server, struct exchange *exchange,
                              struct server_request *request)
{
    struct server_reply reply = {.status = MHD_HTTP_OK};
    cairn_token token = cairn_context_attach(cairn_microhttpd_context(exchange->trace));
    if (strcmp(request->path, "/health") == 0)
        server_say(&reply, MHD_HTTP_OK, "ok");
    else if (exchange->too_long)
        server_say(&reply, 413, "more than %d bytes\n", BODY_MAX);
    else if (exchange->route)
        exchange->route->answer(request, &reply);
    else if (exchange->allow)
        server_say(&reply, MHD_HTTP_METHOD_NOT_ALLOWED, "%s is for %s\n", request->path,
                   exchange->allow);
    else
        server_say(&reply, MHD_HTTP_NOT_FOUND, "%s knows no %s\n", server->name, request->path);
    cairn_context_detach(token);
    return send_reply(exchange, request->connection, &reply);
}

static void collect(struct exchange *exchange, const char *data, size_t n)
{
    if (n > BODY_MAX - exchange->length) {
        exchange->too_long = true;
        return;
    }
    memcpy(exchange->body + exchange->length, data, n);
    exchange->length += n;
    exchange->body[exchange->length] = '\0';
}

/* libmicrohttpd calls this once for the headers, then for each piece of the body, then once more. */
static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_size, void **state)
{
    const struct server *server = user;
    struct exchange *exchange = *state;
    struct server_request request = {connection, method, path, NULL, 0, NULL, server->user};
    if (!exchange) {
        struct cairn_microhttpd_options options = {.size = sizeof options, .http = server->http};
        *state = exchange = calloc(1, sizeof *exchange);
        if (!exchange)
            return MHD_NO;
        find_route(exchange, server->routes, method, path);
        options.route = exchange->route ? exchange->route->path : NULL;
        if (strcmp(path, "/health") != 0)
            exchange->trace = cairn_microhttpd_begin(cairn_tracer_get(server->name), connection,
                                                     method, path, version, &options);
        return MHD_YES;
    }
    if (*data_size) {
        collect(exchange, data, *data_size);
        *data_size = 0;
        return MHD_YES;
    }
    request.body = exchange->body;
    request.body_length = exchange->length;
    request.trace = exchange->trace;
    return answer(server, exchange, &request);
}

static void on_completed(void *user, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    struct exchange *exchange = *state;
    (void)user, (void)connection;
    if (!exchange)
        return;
    cairn_microhttpd_end(exchange->trace, why);
    free(exchange);
    *state = NULL;
}

static struct MHD_Daemon *listen_on(const struct server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD,
                            (uint16_t)server->port, NULL, NULL, on_request,
                            (void *)(uintptr_t)server, MHD_OPTION_SOCK_ADDR, &address,
                            MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
                            MHD_OPTION_CONNECTION_TIMEOUT, 30u, MHD_OPTION_END);
}

int server_run(const struct server *server)
{
    struct MHD_Daemon *daemon;
    sigset_t stop;
    int signal_number;
    /* before the server's threads start, so that all of them leave the signals to sigwait */
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    daemon = listen_on(server);
    if (!daemon) {
        fprintf(stderr, "%s: cannot listen on port %d: %s; choose another with --port\n",
                server->name, server->port, strerror(errno));
        return 1;
    }
    fprintf(stderr, "%s: listening on http://127.0.0.1:%d\n", server->name, server->port);
    sigwait(&stop, &signal_number);
    MHD_stop_daemon(daemon);
    return 0;
}
