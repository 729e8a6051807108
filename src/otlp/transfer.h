/* transfer.h - one POST at a time over a connection that is kept, with libcurl. Belongs to the thread that exports; in a
 * forked child a new one is made and the parent's connection is left alone. */
#ifndef OTLP_TRANSFER_H
#define OTLP_TRANSFER_H

#include <curl/curl.h>
#include <sys/types.h>

#include "base/buf.h"
#include "otlp/body.h"
#include "otlp/pause.h"
#include "otlp/settings.h"

enum {
    RESPONSE_BYTES_MAX = 4 * 1024 * 1024, /* opentelemetry-proto, "OTLP maximum message size" */
    ANSWER_HEADER_BYTES_MAX = 16 * 1024,  /* of each header that is kept */
    SOCKETS_MAX = 8,                      /* open at once, to close them in a forked child */
};

struct transfer {
    const struct otlp_settings *settings; /* borrowed */
    const struct pause *pause;            /* borrowed; stopping it ends a running transfer */
    struct curl_slist *headers;
    CURL *curl;
    pid_t pid; /* that curl belongs to */
    curl_socket_t sockets[SOCKETS_MAX];
    struct buf body, answer_headers[ANSWER_HEADERS_MAX];
    char error[CURL_ERROR_SIZE];
};

/* Borrows settings and pause until the release. False: no memory. */
bool transfer_init(struct transfer *t, const struct otlp_settings *settings,
                   const struct pause *pause);
void transfer_release(struct transfer *t);

/* In a forked child, when another thread of the parent had it: closes the sockets, leaves the rest as it is. */
void transfer_after_fork(struct transfer *t);

/* Sends and waits for the whole answer, left_ms at most (UINT32_MAX: as long as it takes). CURLE_OK with the answer,
 * which borrows from t; else t->error has libcurl's words. */
CURLcode transfer_post(struct transfer *t, const struct otlp_body *body, uint32_t left_ms,
                       struct otlp_answer *ret);

#endif
