/* http.h - spans of HTTP requests by the stable semantic conventions, for servers and clients of any library. In
 * libcairn-http, which stands on libcairn alone.
 *
 *     struct cairn_http_exchange call;                                    // a server, for each request
 *     cairn_http_server_start(&call, tracer, &(struct cairn_http_request){
 *         .size = sizeof(struct cairn_http_request), .method = ..., .target = ..., .get_header = get, .carrier = request});
 *     cairn_token token = cairn_context_attach(call.context);
 *     ... work: its spans become children, the caller's baggage is there ...
 *     cairn_context_detach(token);
 *     cairn_http_server_end(&call, 200, NULL);
 *
 * For libmicrohttpd and libcurl <cairn/microhttpd.h> and <cairn/curl.h> do all of it. Without an SDK the functions pass
 * traces and baggage on and record nothing. Specification: semantic conventions, http/http-spans.md. */
#ifndef CAIRN_HTTP_H
#define CAIRN_HTTP_H

#include <cairn/common.h>
#include <cairn/context.h>
#include <cairn/propagation.h>
#include <cairn/trace.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What an instrumentation may be told: once for all requests ---- */

/* Lists end in NULL. Borrowed, with all they point to, until the last exchange that got them has ended. NULL members
 * take what stands in brackets. */
struct cairn_http_options {
    size_t size;
    /* Headers to record, as http.request.header.NAME and http.response.header.NAME [none]: any case, at most
     * CAIRN_HTTP_HEADERS_MAX of each. Choose with care, headers carry secrets. */
    const char *const *request_headers;
    const char *const *response_headers;
    /* Methods that are recorded as they are; all others become _OTHER. Case counts.
     * [OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS, a list with commas, read at the first request; else those of RFC 9110,
     * PATCH and QUERY] */
    const char *const *known_methods;
    /* Query parameters whose values are recorded as REDACTED. Case counts.
     * [X-Amz-Signature, X-Amz-Credential, X-Amz-Security-Token, X-Goog-Signature, sig] */
    const char *const *sensitive_parameters;
    /* Servers: take address and scheme from the connection and Host alone, not from Forwarded and X-Forwarded-*, which
     * anybody can send who reaches the server without a proxy. */
    bool ignore_forwarded;
};
#define CAIRN_HTTP_HEADERS_MAX 16

/* A request in flight. The memory is the caller's; start fills it, end gives back what it holds. Not for two threads
 * at once. */
struct cairn_http_exchange {
    cairn_span *span; /* may be NULL; lives until the end */
    /* Servers: what came with the request, with the span; clients: the given context with the span. Never NULL
     * between start and end, which owns it. */
    cairn_context *context;
    cairn_str method; /* as it stands in the span's name */
    const struct cairn_http_options *options;
    void *reserved;
};

/* ---- Servers ---- */

/* All strings are borrowed for the call, all may be empty save method and target. */
struct cairn_http_request {
    size_t size;
    cairn_str method;
    cairn_str target; /* as in the request line: "/path?query", "http://host/path", "*" */
    cairn_str
        route; /* the pattern that matched, "/users/{id}", when it is known already; never the path */
    cairn_str scheme;       /* of the connection [http] */
    cairn_str version;      /* "HTTP/1.1", "1.1", "2" */
    cairn_str peer_address; /* of the connection's other end */
    uint16_t peer_port;
    cairn_get_fn
        *get_header; /* reads the request's headers; NULL: nothing is read, the trace begins here */
    void *carrier;   /* for get_header */
    cairn_context *context; /* what the caller's context is added to; NULL = the current one */
    uint64_t start_ns;      /* 0 = now */
    const struct cairn_http_options *options; /* may be NULL */
};

/* Extracts the caller's context with the global propagator and starts a SERVER span in it. */
CAIRN_EXPORT void cairn_http_server_start(struct cairn_http_exchange *exchange,
                                          cairn_tracer *tracer,
                                          const struct cairn_http_request *request);

/* The pattern that matched, when it is known only now: http.route, and the span's name becomes "METHOD route". */
CAIRN_EXPORT void cairn_http_server_route(struct cairn_http_exchange *exchange, cairn_str route);

/* Ends the span. status is the one sent (0 = none was); from 500 on it makes the span an error. error_type (NULL =
 * none) says that the exchange failed whatever the status: a name of a kind of error, the same for all its cases. */
CAIRN_EXPORT void cairn_http_server_end(struct cairn_http_exchange *exchange, int32_t status,
                                        const char *error_type);

/* ---- Clients ---- */

struct cairn_http_call {
    size_t size;
    cairn_str method;
    cairn_str url;  /* absolute; credentials and sensitive parameters in it are not recorded */
    cairn_str host; /* empty = that of url */
    uint16_t port;  /* 0 = that of url, or of its scheme */
    cairn_str url_template; /* "/users/{id}": goes into the name; may be empty */
    uint32_t
        resend_count; /* the how manieth repetition of the same request this is; 0 = the first try */
    cairn_set_fn *set_header; /* gets the context's fields for the request to send; may be NULL */
    void *set_carrier;
    cairn_get_fn *get_header; /* reads the request's headers, for those to record; may be NULL */
    void *get_carrier;
    cairn_context *context;                   /* the parent; NULL = the current one */
    uint64_t start_ns;                        /* 0 = now */
    const struct cairn_http_options *options; /* may be NULL */
};

/* Starts a CLIENT span and injects its context with the global propagator. */
CAIRN_EXPORT void cairn_http_client_start(struct cairn_http_exchange *exchange,
                                          cairn_tracer *tracer, const struct cairn_http_call *call);

/* Ends the span. status is the one received (0 = none was); from 400 on it makes the span an error. error_type
 * (NULL = none) as above, message (may be NULL) is its text for people. A request that the caller gave up on purpose
 * has neither. */
CAIRN_EXPORT void cairn_http_client_end(struct cairn_http_exchange *exchange, int32_t status,
                                        const char *error_type, const char *message);

/* The method, when it is known only now: attributes and name change, url_template (may be empty) stays in the name. */
CAIRN_EXPORT void cairn_http_client_method(struct cairn_http_exchange *exchange, cairn_str method,
                                           cairn_str url_template);

/* ---- Both ---- */

/* Records the response's headers that options ask for; before the end. */
CAIRN_EXPORT void cairn_http_response_headers(struct cairn_http_exchange *exchange,
                                              cairn_get_fn *get_header, void *carrier);
/* The protocol's version, when it is known only now: "1.1", "HTTP/2". */
CAIRN_EXPORT void cairn_http_version(struct cairn_http_exchange *exchange, cairn_str version);
/* The address at the connection's other end, when it is known only now. */
CAIRN_EXPORT void cairn_http_peer(struct cairn_http_exchange *exchange, cairn_str address,
                                  uint16_t port);

#ifdef __cplusplus
}
#endif

#endif
