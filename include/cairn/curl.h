/* curl.h - spans of the requests that libcurl sends. In libcairn-curl, which stands on libcairn-http and libcurl.
 *
 *     curl_easy_setopt(easy, CURLOPT_URL, "http://shop/items");
 *     code = cairn_curl_perform(tracer, easy, NULL);                      // in place of curl_easy_perform
 *
 * With headers or a method of your own, or with the multi interface:
 *
 *     struct cairn_curl_options options = {.size = sizeof options, .method = "PUT", .headers = list};
 *     cairn_curl_transfer *transfer = cairn_curl_begin(tracer, easy, &options);
 *     curl_multi_add_handle(multi, easy);                                 // then, when CURLMSG_DONE comes:
 *     cairn_curl_end(transfer, message->data.result);
 *
 * One span is one transfer: redirects that libcurl follows are inside, url.full is the URL that was asked for. It ends
 * with the transfer, the body read. error.type is the status from 400 on, or one of timeout, host_not_found,
 * proxy_not_found, connection_failed, connection_lost, server_certificate_invalid, tls_failed, response_incomplete,
 * response_invalid, too_many_redirects, url_invalid, curl_NUMBER (of the CURLcode). A transfer that a callback of yours
 * aborted is no error. */
#ifndef CAIRN_CURL_H
#define CAIRN_CURL_H

#include <curl/curl.h>

#include <cairn/http.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cairn_curl_transfer cairn_curl_transfer;

/* May be NULL, as every member. */
struct cairn_curl_options {
    size_t size;
    const char *url; /* NULL = what CURLOPT_URL says */
    const char
        *method; /* NULL = the one that libcurl uses, known after the transfer: samplers see GET */
    /* What CURLOPT_HTTPHEADER says: the trace's headers come on top of it for the time of the transfer. Without it the
     * easy handle's own list would be replaced. Borrowed until the end. */
    struct curl_slist *headers;
    const char *url_template; /* "/users/{id}": names the span; borrowed until the end */
    uint32_t resend_count;    /* 0 = the first try */
    cairn_context *context;   /* the parent; NULL = the current one */
    const struct cairn_http_options *http; /* borrowed until the end */
};

/* curl_easy_perform inside a span. The span is current meanwhile. */
CAIRN_EXPORT CURLcode cairn_curl_perform(cairn_tracer *tracer, CURL *easy,
                                         const struct cairn_curl_options *options);

/* Starts the span and sets CURLOPT_HTTPHEADER, after all other options of easy are set. Owned: cairn_curl_end, before
 * easy is used again or cleaned up. NULL (which end takes) when there is no memory. */
CAIRN_EXPORT cairn_curl_transfer *cairn_curl_begin(cairn_tracer *tracer, CURL *easy,
                                                   const struct cairn_curl_options *options);

/* The transfer's span; may be NULL. Borrowed until the end. */
CAIRN_EXPORT cairn_span *cairn_curl_span(cairn_curl_transfer *transfer);

/* Ends the span with what the transfer came to, and gives CURLOPT_HTTPHEADER back. */
CAIRN_EXPORT void cairn_curl_end(cairn_curl_transfer *transfer, CURLcode result);

#ifdef __cplusplus
}
#endif

#endif
