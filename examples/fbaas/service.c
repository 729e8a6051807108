/* service.c - the server side: read the question, continue the caller's trace, answer. */
#include "service.h"

#include <errno.h>
#include <jansson.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/cairn.h>
#include <cairn/otlp.h>
#include <curl/curl.h>

enum { BODY_MAX = 1024 }; /* a question is {"number": x}; more is no question */

/* One request while its body arrives. */
struct request {
    char body[BODY_MAX];
    size_t length;
    bool too_long;
};

struct reply {
    unsigned status;
    char text[256];
    char traceresponse[64];
};

/* What cairn_extract asks for: header number `index` of this name. libmicrohttpd keeps one of each name at
 * hand; a repeated traceparent is an error by W3C's rules, so the first is all that is ever needed. */
static bool get_header(void *connection, cairn_str name, size_t index, cairn_str *value)
{
    char key[64];
    const char *found;
    if (index > 0 || name.n >= sizeof key)
        return false;
    memcpy(key, name.p, name.n);
    key[name.n] = '\0';
    found = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, key);
    if (!found)
        return false;
    *value = cairn_str_of(found);
    return true;
}

/* {"number": x} */
static bool read_number(const struct request *request, long *number)
{
    json_t *root = json_loadb(request->body, request->length, 0, NULL);
    json_t *value = json_object_get(root, "number");
    bool ok = json_is_integer(value);
    if (ok)
        *number = (long)json_integer_value(value);
    json_decref(root);
    return ok;
}

static void fail(cairn_span *span, struct reply *reply, unsigned status, const char *type)
{
    reply->status = status;
    cairn_span_set(span, CAIRN_STR("error.type", type));
    if (status >= 500)
        cairn_span_set_status(span, CAIRN_SPAN_ERROR, reply->text);
}

static void work_out(const struct service *service, const struct request *request, cairn_span *span,
                     struct reply *reply)
{
    long number = 0;
    reply->status = MHD_HTTP_OK;
    if (request->too_long || !read_number(request, &number)) {
        snprintf(reply->text, sizeof reply->text, "send {\"number\": x}");
        fail(span, reply, MHD_HTTP_BAD_REQUEST, "bad_request");
    } else if (service->answer(number, reply->text, sizeof reply->text, service->user) < 0) {
        fail(span, reply, MHD_HTTP_BAD_GATEWAY, "bad_gateway");
    }
    cairn_span_set(span, CAIRN_INT("http.response.status_code", reply->status));
}

/* The caller learns which trace its request was part of: W3C Trace Context's traceresponse. */
static void tell_trace(cairn_span *span, struct reply *reply)
{
    struct cairn_span_context context;
    char trace[33], id[17];
    cairn_span_get_context(span, &context);
    if (!cairn_span_context_is_valid(&context))
        return;
    cairn_trace_id_hex(context.trace_id, trace);
    cairn_span_id_hex(context.span_id, id);
    snprintf(reply->traceresponse, sizeof reply->traceresponse, "00-%s-%s-%02x", trace, id,
             context.flags);
}

static void handle_post(const struct service *service, struct MHD_Connection *connection,
                        const char *path, const struct request *request, struct reply *reply)
{
    cairn_context *caller = cairn_extract(NULL, get_header, connection);
    {
        CAIRN_SPAN(span, cairn_tracer_get("fbaas"), "POST /",
                   CAIRN_WITH(.kind = CAIRN_KIND_SERVER, .parent = caller,
                              .attributes = CAIRN_ATTRS(CAIRN_STR("http.request.method", "POST"),
                                                        CAIRN_STR("http.route", "/"),
                                                        CAIRN_STR("url.scheme", "http"),
                                                        CAIRN_STR("url.path", path),
                                                        CAIRN_INT("server.port", service->port))));
        work_out(service, request, span, reply);
        tell_trace(span, reply);
    }
    cairn_context_unref(caller);
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, const struct reply *reply)
{
    enum MHD_Result result;
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(reply->text), (void *)(uintptr_t)reply->text, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", "text/plain; charset=utf-8");
    if (reply->traceresponse[0])
        MHD_add_response_header(response, "traceresponse", reply->traceresponse);
    if (reply->status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, "Allow", "POST");
    result = MHD_queue_response(connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static void collect(struct request *request, const char *data, size_t n)
{
    if (n > sizeof request->body - request->length) {
        request->too_long = true;
        return;
    }
    memcpy(request->body + request->length, data, n);
    request->length += n;
}

/* libmicrohttpd calls this once for the headers, then for each piece of the body, then once more. */
static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_size, void **state)
{
    const struct service *service = user;
    struct request *request = *state;
    struct reply reply = {.status = MHD_HTTP_OK};
    (void)version;
    if (!request) {
        *state = calloc(1, sizeof *request);
        return *state ? MHD_YES : MHD_NO;
    }
    if (*data_size) {
        collect(request, data, *data_size);
        *data_size = 0;
        return MHD_YES;
    }
    if (strcmp(path, "/health") == 0) {
        snprintf(reply.text, sizeof reply.text, "ok");
    } else if (strcmp(path, "/") != 0) {
        snprintf(reply.text, sizeof reply.text, "ask at /");
        reply.status = MHD_HTTP_NOT_FOUND;
    } else if (strcmp(method, "POST") != 0) {
        snprintf(reply.text, sizeof reply.text, "POST {\"number\": x}");
        reply.status = MHD_HTTP_METHOD_NOT_ALLOWED;
    } else {
        handle_post(service, connection, path, request, &reply);
    }
    return send_reply(connection, &reply);
}

static void on_completed(void *user, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    (void)user, (void)connection, (void)why;
    free(*state);
    *state = NULL;
}

static struct MHD_Daemon *start_server(const struct service *service)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)service->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD,
                            (uint16_t)service->port, NULL, NULL, on_request,
                            (void *)(uintptr_t)service, MHD_OPTION_SOCK_ADDR, &address,
                            MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
                            MHD_OPTION_CONNECTION_TIMEOUT, 30u, MHD_OPTION_END);
}

int service_run(const struct service *service)
{
    struct MHD_Daemon *server;
    cairn_sdk *sdk;
    sigset_t stop;
    int signal_number, status = 0;

    /* before any thread starts, so that all of them leave the signals to sigwait */
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);

    curl_global_init(CURL_GLOBAL_DEFAULT);
    sdk = cairn_otlp_start(CAIRN_SDK(.service_name = service->name, .service_version = "1.0.0"));
    server = start_server(service);
    if (server) {
        fprintf(stderr, "%s: listening on http://127.0.0.1:%d\n", service->name, service->port);
        sigwait(&stop, &signal_number);
        MHD_stop_daemon(server);
    } else {
        fprintf(stderr, "%s: cannot listen on port %d: %s; choose another with --port\n",
                service->name, service->port, strerror(errno));
        status = 1;
    }
    cairn_sdk_stop(sdk, 5000);
    curl_global_cleanup();
    return status;
}
