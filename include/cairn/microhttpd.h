/* microhttpd.h - spans of the requests that a libmicrohttpd server answers. In libcairn-microhttpd, which stands on
 * libcairn-http and libmicrohttpd.
 *
 *     on_request:   first call:   state->trace = cairn_microhttpd_begin(tracer, connection, method, url, version, NULL);
 *                   the work:     cairn_token token = cairn_context_attach(cairn_microhttpd_context(state->trace));
 *                                 ... spans started here are children of the request's ...
 *                                 cairn_context_detach(token);
 *                   the answer:   return cairn_microhttpd_queue(state->trace, connection, status, response);
 *     on_completed:               cairn_microhttpd_end(state->trace, why);
 *
 * The span lasts until the answer is sent. When that failed, error.type says why: timeout, connection_lost,
 * server_shutdown, or no_response when none was queued. */
#ifndef CAIRN_MICROHTTPD_H
#define CAIRN_MICROHTTPD_H

#include <microhttpd.h>

#include <cairn/http.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cairn_microhttpd_request cairn_microhttpd_request;

/* May be NULL, as every member. */
struct cairn_microhttpd_options {
    size_t size;
    const char *route; /* the pattern that matched, when it is known already: "/users/{id}" */
    /* The request target as it came, from MHD_OPTION_URI_LOG_CALLBACK. Without it the target is put together from what
     * libmicrohttpd has decoded: the same path and parameters, perhaps encoded in another way. */
    const char *target;
    const struct cairn_http_options *http; /* borrowed until the end */
};

/* Extracts the caller's context from the headers and starts the request's span; strings as the access handler has
 * them. Owned: cairn_microhttpd_end. NULL (which all functions here take) when there is no memory. */
CAIRN_EXPORT cairn_microhttpd_request *
cairn_microhttpd_begin(cairn_tracer *tracer, struct MHD_Connection *connection, const char *method,
                       const char *url, const char *version,
                       const struct cairn_microhttpd_options *options);

/* The request's span; may be NULL. Borrowed until the end. */
CAIRN_EXPORT cairn_span *cairn_microhttpd_span(cairn_microhttpd_request *request);
/* What came with the request, with its span: for cairn_context_attach, or as a parent. Borrowed until the end. */
CAIRN_EXPORT cairn_context *cairn_microhttpd_context(cairn_microhttpd_request *request);
/* The pattern that matched, when it is known only now. */
CAIRN_EXPORT void cairn_microhttpd_route(cairn_microhttpd_request *request, const char *route);

/* MHD_queue_response, and the span remembers status and headers of the answer. */
CAIRN_EXPORT enum MHD_Result cairn_microhttpd_queue(cairn_microhttpd_request *request,
                                                    struct MHD_Connection *connection,
                                                    unsigned int status,
                                                    struct MHD_Response *response);

/* Says what went wrong, for an error that the status does not tell: error.type, the same for all its cases. Static
 * text or alive until the end. */
CAIRN_EXPORT void cairn_microhttpd_error(cairn_microhttpd_request *request, const char *error_type);

/* Ends the span: from the callback of MHD_OPTION_NOTIFY_COMPLETED. */
CAIRN_EXPORT void cairn_microhttpd_end(cairn_microhttpd_request *request,
                                       enum MHD_RequestTerminationCode why);

#ifdef __cplusplus
}
#endif

#endif
