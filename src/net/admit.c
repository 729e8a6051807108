/* admit.c - a request's headers are there: is it well-formed, whose is it, and may its body come? */
#include <stdio.h>

#include "net/conn.h"
#include "net/grpc.h"
#include "net/query.h"
#include "net/router.h"

/* "http://host/path" is the same as "/path"; "*" stays. */
static struct str origin_form(struct str target)
{
    static const struct str schemes[] = {STR_INIT("http://"), STR_INIT("https://")};
    for (size_t i = 0; i < 2; i++) {
        if (target.n >= schemes[i].n &&
            str_eq_nocase(str_make(target.p, schemes[i].n), schemes[i])) {
            struct str rest = str_from(target, schemes[i].n);
            ptrdiff_t slash = str_find(rest, '/');
            return slash < 0 ? STR("/") : str_from(rest, (size_t)slash);
        }
    }
    return target;
}

static bool index_fields(struct http_exchange *x)
{
    struct http_header *headers = arena_calloc(&x->arena, x->field_count, sizeof *headers);
    const char *text = (const char *)x->head.p;
    if (!headers)
        return false;
    for (uint32_t i = 0; i < x->field_count; i++) {
        const struct field *f = &x->fields[i];
        headers[i].name = str_make(text + f->name, f->name_bytes);
        headers[i].value = str_trim(str_make(text + f->value, f->value_bytes));
    }
    x->req.headers = headers;
    x->req.header_count = x->field_count;
    return true;
}

/* Path and query out of the target; *raw_path is what routes are compared with. */
static bool split_target(struct http_exchange *x, struct str *raw_path)
{
    struct str target = origin_form(str_make(x->head.p + x->target_at, x->target_bytes));
    str_cut(target, '#', &target, &(struct str){0});
    str_cut(target, '?', raw_path, &x->req.query);
    return (str_eq(*raw_path, STR("*")) || (raw_path->n && raw_path->p[0] == '/')) &&
           percent_decode_path(&x->arena, *raw_path, &x->req.path);
}

static void refuse_method(struct http_exchange *x, unsigned methods)
{
    struct str allow = route_methods_text(methods | HTTP_OPTIONS, &x->arena);
    if (x->req.method == HTTP_OPTIONS) {
        exchange_refuse(x, 204, "%s", "");
    } else {
        struct str supported = route_methods_text(methods, &x->arena);
        exchange_refuse(x, 405, "405 method not allowed, supported: [%.*s]", STR_ARG(supported));
    }
    exchange_reply_header(x, STR("allow"), allow);
}

static void find_route(struct http_exchange *x, struct str raw_path)
{
    const struct http_listener *listener = &x->conn->listener->options;
    struct route_match found;
    if (str_eq(raw_path, STR("*")) && x->req.method == HTTP_OPTIONS) {
        refuse_method(x, HTTP_GET | HTTP_HEAD | HTTP_POST);
        return;
    }
    route_find(listener->routes, listener->route_count, x->req.method, raw_path, &x->arena, &found);
    if (found.route) {
        x->route = found.route;
        memcpy(x->req.params, found.params, sizeof found.params);
    } else if (found.methods) {
        refuse_method(x, found.methods);
    } else if (x->req.grpc) {
        exchange_refuse_grpc(x, 12, "unknown method %.*s", STR_ARG(x->req.path));
    } else {
        exchange_refuse(x, 404, "404 page not found");
    }
}

/* How many bytes may come over the wire: a compressed body's own limit is checked while it is inflated. */
static void check_length(struct http_exchange *x)
{
    size_t limit = x->route->body_bytes_max, wire = x->loop->server->limits.wire_body_bytes_max;
    x->wire_max = wire;
    if (limit < wire && (limit == 0 || x->encoding == ENCODING_IDENTITY || x->req.grpc))
        x->wire_max = limit;
    if (x->req.grpc)
        x->wire_max += GRPC_PREFIX_BYTES;
    if (x->content_length != UINT64_MAX && x->content_length > x->wire_max)
        exchange_refuse(x, 413, "413 body over the limit of %zu bytes", x->wire_max);
}

static void check_encoding(struct http_exchange *x)
{
    x->encoding = encoding_parse(http_header_get(&x->req, STR("content-encoding")));
    if (x->encoding != ENCODING_UNKNOWN)
        return;
    exchange_refuse(x, 415, "415 unknown content-encoding, supported: [%s]", ENCODINGS_ACCEPTED);
    exchange_reply_header(x, STR("accept-encoding"), STR(ENCODINGS_ACCEPTED));
}

static void check_expect(struct http_exchange *x)
{
    struct str expect = http_header_get(&x->req, STR("expect"));
    if (!expect.n)
        return;
    if (str_eq_nocase(expect, STR("100-continue")))
        x->expects_continue = true;
    else
        exchange_refuse(x, 417, "417 only 100-continue can be expected");
}

static void check_memory(struct http_exchange *x)
{
    const struct http_server *server = x->loop->server;
    if (!x->body_expected || atomic_load_explicit(&server->memory_bytes, memory_order_relaxed) <
                                 server->limits.memory_bytes_max)
        return;
    counter_add(&x->loop->counters.memory_refused, 1);
    exchange_refuse(x, 503, "503 out of memory for request bodies, try again");
}

static void check(struct http_exchange *x)
{
    struct str raw_path;
    check_expect(x);
    if (x->refused)
        return;
    if (!split_target(x, &raw_path)) {
        exchange_refuse(x, 400, "400 malformed request target");
        return;
    }
    find_route(x, raw_path);
    if (x->refused)
        return;
    if (x->route->grpc)
        grpc_check_headers(x);
    else
        x->req.grpc = false; /* the content type is the handler's to judge */
    if (!x->req.grpc && !x->refused)
        check_encoding(x);
    if (!x->refused)
        check_length(x);
    if (!x->refused)
        check_memory(x);
}

void exchange_headers_done(struct http_exchange *x, enum http_method method)
{
    counter_add(&x->loop->counters.requests, 1);
    x->state = EXCHANGE_BODY;
    x->body_since_ms = net_loop_now_ms(x->loop);
    x->deadline_ms = x->body_since_ms + x->loop->server->limits.body_timeout_ms;
    x->req.method = method;
    x->req.peer = x->conn->peer;
    if (x->head_overflow) {
        exchange_refuse_head(x);
        return;
    }
    if (!index_fields(x)) {
        exchange_refuse(x, 503, "503 out of memory");
        return;
    }
    x->req.grpc = x->http2 && grpc_content_type(&x->req);
    x->accepts_gzip = encoding_accepts_gzip(http_header_get(&x->req, STR("accept-encoding")));
    check(x);
}
