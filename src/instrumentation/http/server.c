/* server.c - the span of a request that came in. */
#include "instrumentation/http/parts.h"

#include <string.h>

#include <cairn/semconv.h>

/* Who was asked, and by whom, behind all proxies. */
struct origin {
    cairn_str scheme, host, client;
    uint16_t port;
};

static cairn_str header(const struct cairn_http_request *request, const char *name)
{
    cairn_str value = {NULL, 0};
    if (!request->get_header ||
        !request->get_header(request->carrier, cairn_str_of(name), 0, &value))
        return cairn_str_make(NULL, 0);
    return value;
}

/* A target of CONNECT is an authority; one with a scheme (to a proxy) has one inside. */
static struct url target_of(const struct cairn_http_request *request)
{
    if (text_eq(request->method, "CONNECT"))
        return url_split(request->target, false);
    return url_split(request->target, true);
}

/* The order is the convention's: what proxies say, then the request target, then Host. */
static struct origin origin_of(const struct cairn_http_request *request, const struct url *target,
                               bool ignore_forwarded)
{
    struct forwarded f = {0};
    struct origin o = {.scheme = request->scheme, .client = request->peer_address};
    if (request->get_header && !ignore_forwarded)
        f = forwarded_read(request->get_header, request->carrier);
    if (f.scheme.n)
        o.scheme = f.scheme;
    else if (target->scheme.n)
        o.scheme = target->scheme;
    if (!o.scheme.n)
        o.scheme = cairn_str_of("http");
    if (f.client.n)
        o.client = f.client;
    if (f.host.n) {
        o.host = f.host;
        o.port = f.port;
    } else {
        cairn_str authority = target->authority.n ? target->authority : header(request, "host");
        url_host_port(text_trim(authority), &o.host, &o.port);
    }
    if (!o.port)
        o.port = url_default_port(o.scheme);
    return o;
}

static void collect(struct attributes *all, const struct cairn_http_request *request,
                    const struct cairn_http_options *options, cairn_str known, char *query_room)
{
    struct url target = target_of(request);
    struct origin origin = origin_of(request, &target, options->ignore_forwarded);
    attributes_add_method(all, request->method, known);
    attributes_add(all, CAIRN_ATTR_URL_SCHEME, origin.scheme);
    attributes_add(all, CAIRN_ATTR_URL_PATH,
                   target.path.n || target.authority.n == 0 || text_eq(known, "CONNECT")
                       ? target.path
                       : cairn_str_of("/"));
    attributes_add(all, CAIRN_ATTR_URL_QUERY, url_redact_query(target.query, options, query_room));
    attributes_add(all, CAIRN_ATTR_HTTP_ROUTE, request->route);
    attributes_add(all, CAIRN_ATTR_SERVER_ADDRESS, origin.host);
    if (origin.host.n)
        attributes_add_int(all, CAIRN_ATTR_SERVER_PORT, origin.port);
    attributes_add(all, CAIRN_ATTR_CLIENT_ADDRESS, origin.client);
    attributes_add(all, CAIRN_ATTR_NETWORK_PEER_ADDRESS, request->peer_address);
    if (request->peer_address.n)
        attributes_add_int(all, CAIRN_ATTR_NETWORK_PEER_PORT, request->peer_port);
    attributes_add_version(all, request->version);
    attributes_add(all, CAIRN_ATTR_USER_AGENT_ORIGINAL, header(request, "user-agent"));
}

static cairn_context *caller_of(const struct cairn_http_request *request)
{
    cairn_context *context = request->context ? request->context : cairn_context_current();
    return request->get_header ? cairn_extract(context, request->get_header, request->carrier)
                               : cairn_context_ref(context);
}

void cairn_http_server_start(struct cairn_http_exchange *exchange, cairn_tracer *tracer,
                             const struct cairn_http_request *given)
{
    struct cairn_http_request request = {0};
    struct cairn_http_options options;
    struct attributes all;
    struct headers room;
    char name[SPAN_NAME_MAX], query[URL_REDACTED_MAX];
    struct cairn_span_options start = {.kind = CAIRN_KIND_SERVER};
    cairn_str known;

    memcpy(&request, given, given->size < sizeof request ? given->size : sizeof request);
    options = options_of(request.options);
    known = method_known(request.method, &options);
    *exchange = (struct cairn_http_exchange){.method = known.n ? known : cairn_str_of("HTTP"),
                                             .options = request.options};
    all.count = 0;
    if (cairn_tracer_enabled(tracer)) {
        collect(&all, &request, &options, known, query);
        attributes_add_headers(&all, &room, CAIRN_ATTR_HTTP_REQUEST_HEADER, options.request_headers,
                               request.get_header, request.carrier);
    }
    start.start_ns = request.start_ns;
    start.attributes = &(struct cairn_attrs){all.items, all.count};
    exchange_start(exchange, tracer, span_name(name, exchange->method, request.route),
                   caller_of(&request), &start);
}

void cairn_http_server_route(struct cairn_http_exchange *exchange, cairn_str route)
{
    if (!route.n || !cairn_span_is_recording(exchange->span))
        return;
    exchange_rename(exchange, route);
    cairn_span_set(exchange->span, CAIRN_STRN(CAIRN_ATTR_HTTP_ROUTE, route.p, route.n));
}

void cairn_http_server_end(struct cairn_http_exchange *exchange, int32_t status,
                           const char *error_type)
{
    exchange_end(exchange, status, status >= 500, error_type, NULL);
}
