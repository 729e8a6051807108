/* client.c - the span of a request that goes out. */
#include "instrumentation/http/parts.h"

#include <string.h>

/* url.template is not stable yet, but it is what the convention names a span after */
#define CAIRN_SEMCONV_DEVELOPMENT
#include <cairn/semconv.h>

static void collect(struct attributes *all, const struct cairn_http_call *call,
                    const struct cairn_http_options *options, cairn_str known, char *url_room)
{
    struct url url = url_split(call->url, false);
    cairn_str host;
    uint16_t port;
    url_host_port(url.authority, &host, &port);
    if (call->host.n)
        host = call->host;
    if (call->port)
        port = call->port;
    attributes_add_method(all, call->method, known);
    attributes_add(all, CAIRN_ATTR_URL_FULL, url_redact(call->url, options, url_room));
    attributes_add(all, CAIRN_ATTR_URL_TEMPLATE, call->url_template);
    attributes_add(all, CAIRN_ATTR_SERVER_ADDRESS, host);
    if (host.n)
        attributes_add_int(all, CAIRN_ATTR_SERVER_PORT, port ? port : url_default_port(url.scheme));
    attributes_add_int(all, CAIRN_ATTR_HTTP_REQUEST_RESEND_COUNT, call->resend_count);
}

void cairn_http_client_start(struct cairn_http_exchange *exchange, cairn_tracer *tracer,
                             const struct cairn_http_call *given)
{
    struct cairn_http_call call = {0};
    struct cairn_http_options options;
    struct attributes all;
    struct headers room;
    char name[SPAN_NAME_MAX], url[URL_REDACTED_MAX];
    struct cairn_span_options start = {.kind = CAIRN_KIND_CLIENT};
    cairn_str known;

    memcpy(&call, given, given->size < sizeof call ? given->size : sizeof call);
    options = options_of(call.options);
    known = method_known(call.method, &options);
    *exchange = (struct cairn_http_exchange){.method = known.n ? known : cairn_str_of("HTTP"),
                                             .options = call.options};
    all.count = 0;
    if (cairn_tracer_enabled(tracer)) {
        collect(&all, &call, &options, known, url);
        attributes_add_headers(&all, &room, CAIRN_ATTR_HTTP_REQUEST_HEADER, options.request_headers,
                               call.get_header, call.get_carrier);
    }
    start.start_ns = call.start_ns;
    start.attributes = &(struct cairn_attrs){all.items, all.count};
    exchange_start(exchange, tracer, span_name(name, exchange->method, call.url_template),
                   cairn_context_ref(call.context ? call.context : cairn_context_current()),
                   &start);
    if (call.set_header)
        cairn_inject(exchange->context, call.set_header, call.set_carrier);
}

void cairn_http_client_method(struct cairn_http_exchange *exchange, cairn_str method,
                              cairn_str url_template)
{
    struct cairn_http_options options = options_of(exchange->options);
    cairn_str known = method_known(method, &options);
    struct attributes all = {.count = 0};
    if (!method.n || !cairn_span_is_recording(exchange->span))
        return;
    attributes_add_method(&all, method, known);
    cairn_span_set_attributes(exchange->span, all.items, all.count);
    exchange->method = known.n ? known : cairn_str_of("HTTP");
    exchange_rename(exchange, url_template);
}

/* A code outside of 100 to 599 is one that nobody knows how to read. */
void cairn_http_client_end(struct cairn_http_exchange *exchange, int32_t status,
                           const char *error_type, const char *message)
{
    bool is_error = status != 0 && (status < 100 || status >= 400);
    exchange_end(exchange, status, is_error, error_type, message);
}
