/* failure.c - see failure.h. One row for each failure that is known; all others are libcurl's words and final. */
#define CAIRN_NO_INLINE
#include "otlp/failure.h"

#include <stdio.h>

static const struct {
    CURLcode code;
    bool may_pass;
    const char *look_at; /* the setting to look at, NULL = none */
} failures[] = {
    {CURLE_COULDNT_RESOLVE_PROXY, true, NULL},
    {CURLE_COULDNT_RESOLVE_HOST, true, NULL},
    {CURLE_COULDNT_CONNECT, true, NULL},
    {CURLE_SEND_ERROR, true, NULL},
    {CURLE_RECV_ERROR, true, NULL},
    {CURLE_GOT_NOTHING, true, NULL},
    {CURLE_PARTIAL_FILE, true, NULL},
    {CURLE_OPERATION_TIMEDOUT, true, NULL},
    {CURLE_SSL_CONNECT_ERROR, true, NULL}, /* also a connection that breaks meanwhile */
    {CURLE_HTTP2, true, NULL},
    {CURLE_HTTP2_STREAM, true, NULL},
    {CURLE_PEER_FAILED_VERIFICATION, false, "CERTIFICATE"},
    {CURLE_SSL_CACERT_BADFILE, false, "CERTIFICATE"},
    {CURLE_SSL_CERTPROBLEM, false, "CLIENT_CERTIFICATE"},
    {CURLE_BAD_FUNCTION_ARGUMENT, false, NULL},
};

enum { FAILURE_COUNT = sizeof failures / sizeof *failures };

bool failure_may_pass(CURLcode code)
{
    for (int i = 0; i < FAILURE_COUNT; i++) {
        if (failures[i].code == code)
            return failures[i].may_pass;
    }
    return false;
}

static const char *look_at(CURLcode code)
{
    for (int i = 0; i < FAILURE_COUNT; i++) {
        if (failures[i].code == code)
            return failures[i].look_at;
    }
    return NULL;
}

void failure_text(CURLcode code, const struct otlp_settings *s, const char *detail, char *out,
                  size_t room)
{
    const char *what = look_at(code), *file = s->ca_file;
    char files[256] = "";
    if (!*detail)
        detail = curl_easy_strerror(code);
    if (!what) {
        snprintf(out, room, "%s", detail);
        return;
    }
    if (code == CURLE_SSL_CERTPROBLEM) {
        file = s->client_cert_file;
        if (s->client_key_file)
            snprintf(files, sizeof files, ", OTEL_EXPORTER_OTLP_CLIENT_KEY (%s)",
                     s->client_key_file);
    }
    snprintf(out, room, "see OTEL_EXPORTER_OTLP_%s (%s)%s: %s", what,
             file ? file : "not set, the system's", files, detail);
}
