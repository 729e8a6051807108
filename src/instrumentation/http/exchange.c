/* exchange.c - what servers and clients have in common: the span's name, its start, its end, what is known late. */
#include "instrumentation/http/parts.h"

#include <stdio.h>
#include <string.h>

#include <cairn/semconv.h>

cairn_str span_name(char room[SPAN_NAME_MAX], cairn_str method, cairn_str target)
{
    struct text name = {room, 0, SPAN_NAME_MAX};
    if (!target.n)
        return method;
    text_put(&name, method);
    text_put(&name, cairn_str_of(" "));
    text_put(&name, target);
    return cairn_str_make(room, name.n);
}

void exchange_start(struct cairn_http_exchange *exchange, cairn_tracer *tracer, cairn_str name,
                    cairn_context *parent, struct cairn_span_options *options)
{
    options->size = sizeof *options;
    options->parent = parent;
    exchange->span = cairn_span_start_str(tracer, name, options);
    exchange->context = parent;
    if (exchange->span) {
        exchange->context = cairn_context_ref(cairn_context_of(exchange->span));
        cairn_context_unref(parent);
    }
}

void exchange_rename(struct cairn_http_exchange *exchange, cairn_str target)
{
    char room[SPAN_NAME_MAX], name[SPAN_NAME_MAX + 1];
    cairn_str text = span_name(room, exchange->method, target);
    snprintf(name, sizeof name, "%.*s", (int)text.n, text.p);
    cairn_span_update_name(exchange->span, name);
}

void exchange_end(struct cairn_http_exchange *exchange, int32_t status, bool is_error,
                  const char *error_type, const char *message)
{
    char text[12];
    if (status > 0)
        cairn_span_set(exchange->span, CAIRN_INT(CAIRN_ATTR_HTTP_RESPONSE_STATUS_CODE, status));
    if (error_type || is_error) {
        snprintf(text, sizeof text, "%d", (int)status);
        cairn_span_set(exchange->span,
                       CAIRN_STR(CAIRN_ATTR_ERROR_TYPE, error_type ? error_type : text));
        cairn_span_set_status(exchange->span, CAIRN_SPAN_ERROR, message);
    }
    cairn_span_end(exchange->span);
    cairn_context_unref(exchange->context);
    memset(exchange, 0, sizeof *exchange);
}

struct cairn_http_options options_of(const struct cairn_http_options *options)
{
    struct cairn_http_options known = {0};
    if (options)
        memcpy(&known, options, options->size < sizeof known ? options->size : sizeof known);
    return known;
}

void cairn_http_response_headers(struct cairn_http_exchange *exchange, cairn_get_fn *get_header,
                                 void *carrier)
{
    struct cairn_http_options options;
    struct attributes all = {.count = 0};
    struct headers room;
    if (!exchange->options || !cairn_span_is_recording(exchange->span))
        return;
    options = options_of(exchange->options);
    attributes_add_headers(&all, &room, CAIRN_ATTR_HTTP_RESPONSE_HEADER, options.response_headers,
                           get_header, carrier);
    cairn_span_set_attributes(exchange->span, all.items, all.count);
}

void cairn_http_version(struct cairn_http_exchange *exchange, cairn_str version)
{
    struct attributes all = {.count = 0};
    attributes_add_version(&all, version);
    cairn_span_set_attributes(exchange->span, all.items, all.count);
}

void cairn_http_peer(struct cairn_http_exchange *exchange, cairn_str address, uint16_t port)
{
    struct attributes all = {.count = 0};
    attributes_add(&all, CAIRN_ATTR_NETWORK_PEER_ADDRESS, address);
    if (address.n)
        attributes_add_int(&all, CAIRN_ATTR_NETWORK_PEER_PORT, port);
    cairn_span_set_attributes(exchange->span, all.items, all.count);
}
