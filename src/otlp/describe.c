/* describe.c - see describe.h. */
#define CAIRN_NO_INLINE
#include "otlp/describe.h"

#include <stdio.h>
#include <string.h>

enum { HOST_BYTES_MAX = 128, HTTP_PORT = 80, HTTPS_PORT = 443 };

static const char *type_of(const struct otlp_protocol *protocol)
{
    if (protocol->transport == CAIRN_OTLP_GRPC)
        return "otlp_grpc_span_exporter";
    return protocol->encoding == CAIRN_OTLP_JSON ? "otlp_http_json_span_exporter"
                                                 : "otlp_http_span_exporter";
}

/* scheme://[user@]host[:port][/...], where an IPv6 host stands in brackets. */
static void split_url(const char *url, char host[HOST_BYTES_MAX], uint32_t *port)
{
    const char *scheme_end = strstr(url, "://");
    const char *at = scheme_end ? scheme_end + 3 : url, *user;
    size_t n = strcspn(at, "/?#"), name;
    struct str digits = {NULL, 0};
    uint64_t given;
    *port = url_is_https(str_of(url)) ? HTTPS_PORT : HTTP_PORT;
    user = memchr(at, '@', n);
    if (user) {
        n -= (size_t)(user + 1 - at);
        at = user + 1;
    }
    if (n && *at == '[') {
        at++;
        n--;
        name = strcspn(at, "]");
    } else {
        name = strcspn(at, ":/?#");
    }
    if (name > n)
        name = n;
    for (size_t i = name; i < n; i++) {
        if (at[i] == ':')
            digits = str_make(at + i + 1, n - i - 1);
    }
    if (digits.n && str_to_u64(digits, &given) && given <= UINT16_MAX)
        *port = (uint32_t)given;
    snprintf(host, HOST_BYTES_MAX, "%.*s", (int)(name < HOST_BYTES_MAX ? name : HOST_BYTES_MAX - 1),
             at);
}

void describe_exporter(cairn_exporter *exporter, const struct otlp_settings *settings)
{
    char host[HOST_BYTES_MAX];
    struct cairn_exporter_info info = {
        .size = sizeof info, .component_type = type_of(settings->protocol), .server_address = host};
    split_url(settings->url, host, &info.server_port);
    cairn_exporter_describe(exporter, &info);
}

struct cairn_export_report describe_result(long http, int64_t rejected, cairn_status status,
                                           char type[ERROR_TYPE_TEXT_BYTES])
{
    struct cairn_export_report report = {.size = sizeof report, .http_status = (int32_t)http};
    if (rejected > 0)
        report.rejected_spans = (uint64_t)rejected;
    if (status != CAIRN_OK && http >= 400) {
        snprintf(type, ERROR_TYPE_TEXT_BYTES, "%ld", http);
        report.error_type = type;
    }
    return report;
}
