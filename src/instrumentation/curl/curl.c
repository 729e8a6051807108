/* curl.c - what libcurl knows of a transfer, handed to the HTTP core. */
#include <cairn/curl.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/semconv.h>

struct cairn_curl_transfer {
    struct cairn_http_exchange exchange;
    CURL *easy;
    bool method_guessed;
    const char *url_template;
    struct curl_slist *headers;  /* the trace's, then the application's */
    struct curl_slist *last_own; /* the last of the trace's; NULL when there is none */
    struct curl_slist *applications;
};

/* ---- Headers ---- */

/* What cairn_inject calls. The new entry stands before the application's: those are not copied. */
static void set_header(void *user, cairn_str name, cairn_str value)
{
    cairn_curl_transfer *transfer = user;
    size_t room = name.n + value.n + 3;
    char *line = malloc(room);
    struct curl_slist *entry = NULL;
    if (line) {
        snprintf(line, room, "%.*s:%.*s", (int)name.n, name.p, (int)value.n, value.p);
        entry = curl_slist_append(NULL, line);
    }
    free(line);
    if (!entry)
        return;
    if (!transfer->last_own)
        transfer->last_own = entry;
    entry->next = transfer->headers;
    transfer->headers = entry;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* The value in "Name: value", when it is the header of this name. */
static bool read_line(const char *line, cairn_str name, cairn_str *value)
{
    size_t i;
    for (i = 0; i < name.n; i++) {
        if (lower(line[i]) != lower(name.p[i]))
            return false;
    }
    if (line[i] != ':')
        return false;
    line += i + 1;
    *value = cairn_str_of(line + strspn(line, " \t"));
    return true;
}

static bool get_request_header(void *user, cairn_str name, size_t index, cairn_str *value)
{
    const struct curl_slist *at = user;
    if (!name.n)
        return false;
    for (; at; at = at->next) {
        if (read_line(at->data, name, value) && index-- == 0)
            return true;
    }
    return false;
}

static bool get_response_header(void *easy, cairn_str name, size_t index, cairn_str *value)
{
#if LIBCURL_VERSION_NUM >= 0x075400 /* 7.84.0 */
    struct curl_header *header;
    char text[128];
    if (!name.n || name.n >= sizeof text)
        return false;
    memcpy(text, name.p, name.n);
    text[name.n] = '\0';
    if (curl_easy_header(easy, text, index, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return false;
    *value = cairn_str_of(header->value);
    return true;
#else
    (void)easy, (void)name, (void)index, (void)value;
    return false;
#endif
}

/* ---- The request ---- */

/* The URL as libcurl will read it: "localhost:8080" has a scheme then. */
struct parsed {
    char *url, *host, *port;
};

static void parse(struct parsed *parsed, const char *url)
{
    CURLU *handle = curl_url();
    if (handle && curl_url_set(handle, CURLUPART_URL, url,
                               CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK) {
        curl_url_get(handle, CURLUPART_URL, &parsed->url, 0);
        curl_url_get(handle, CURLUPART_HOST, &parsed->host, 0);
        curl_url_get(handle, CURLUPART_PORT, &parsed->port, CURLU_DEFAULT_PORT);
    }
    curl_url_cleanup(handle);
}

static void fill(struct cairn_http_call *call, const struct parsed *parsed)
{
    size_t n = parsed->host ? strlen(parsed->host) : 0;
    if (parsed->url)
        call->url = cairn_str_of(parsed->url);
    call->host = cairn_str_of(parsed->host);
    if (n > 2 && parsed->host[0] == '[') /* IPv6: an address goes without brackets */
        call->host = cairn_str_make(parsed->host + 1, n - 2);
    if (parsed->port)
        call->port = (uint16_t)strtoul(parsed->port, NULL, 10);
}

static void start(cairn_curl_transfer *transfer, cairn_tracer *tracer,
                  const struct cairn_curl_options *o)
{
    struct parsed parsed = {NULL, NULL, NULL};
    const char *url = o->url, *effective = NULL;
    struct cairn_http_call call = {
        .size = sizeof call,
        .method = cairn_str_of(o->method ? o->method : CAIRN_VALUE_HTTP_REQUEST_METHOD_GET),
        .url_template = cairn_str_of(o->url_template),
        .resend_count = o->resend_count,
        .set_header = set_header,
        .set_carrier = transfer,
        .get_header = get_request_header,
        .get_carrier = o->headers,
        .context = o->context,
        .options = o->http,
    };
    if (!url && curl_easy_getinfo(transfer->easy, CURLINFO_EFFECTIVE_URL, &effective) == CURLE_OK)
        url = effective;
    call.url = cairn_str_of(url);
    if (url && cairn_tracer_enabled(tracer)) {
        parse(&parsed, url);
        fill(&call, &parsed);
    }
    cairn_http_client_start(&transfer->exchange, tracer, &call);
    curl_free(parsed.url);
    curl_free(parsed.host);
    curl_free(parsed.port);
}

cairn_curl_transfer *cairn_curl_begin(cairn_tracer *tracer, CURL *easy,
                                      const struct cairn_curl_options *options)
{
    struct cairn_curl_options o = {0};
    int saved_errno = errno;
    cairn_curl_transfer *transfer = calloc(1, sizeof *transfer);
    errno = saved_errno;
    if (!transfer)
        return NULL;
    if (options)
        memcpy(&o, options, options->size < sizeof o ? options->size : sizeof o);
    transfer->easy = easy;
    transfer->method_guessed = !o.method;
    transfer->url_template = o.url_template;
    transfer->headers = transfer->applications = o.headers;
    start(transfer, tracer, &o);
    if (transfer->last_own)
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    errno = saved_errno;
    return transfer;
}

cairn_span *cairn_curl_span(cairn_curl_transfer *transfer)
{
    return transfer ? transfer->exchange.span : NULL;
}

/* ---- The end ---- */

static const char *error_of(CURLcode result, char room[16])
{
    switch (result) {
    case CURLE_OK:
    case CURLE_ABORTED_BY_CALLBACK: return NULL;
    case CURLE_OPERATION_TIMEDOUT: return "timeout";
    case CURLE_COULDNT_RESOLVE_HOST: return "host_not_found";
    case CURLE_COULDNT_RESOLVE_PROXY: return "proxy_not_found";
    case CURLE_COULDNT_CONNECT: return "connection_failed";
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING: return "connection_lost";
    case CURLE_PEER_FAILED_VERIFICATION: return "server_certificate_invalid";
    case CURLE_SSL_CONNECT_ERROR: return "tls_failed";
    case CURLE_PARTIAL_FILE: return "response_incomplete";
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING: return "response_invalid";
    case CURLE_TOO_MANY_REDIRECTS: return "too_many_redirects";
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return "url_invalid";
    default: snprintf(room, 16, "curl_%d", (int)result); return room;
    }
}

static const char *version_of(CURL *easy)
{
    long version = 0;
    curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
    switch (version) {
    case CURL_HTTP_VERSION_1_0: return "1.0";
    case CURL_HTTP_VERSION_1_1: return "1.1";
    case CURL_HTTP_VERSION_2_0: return "2";
    case CURL_HTTP_VERSION_3: return "3";
    default: return NULL;
    }
}

/* libcurl says only after the transfer which method it used; after a redirect it may be another one. */
static void correct_method(cairn_curl_transfer *transfer)
{
    char *method = NULL;
    long redirects = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_EFFECTIVE_METHOD, &method);
    curl_easy_getinfo(transfer->easy, CURLINFO_REDIRECT_COUNT, &redirects);
    if (!transfer->method_guessed || redirects || !method)
        return;
    cairn_http_client_method(&transfer->exchange, cairn_str_of(method),
                             cairn_str_of(transfer->url_template));
}

static void tell_connection(cairn_curl_transfer *transfer)
{
    char *address = NULL;
    long port = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_PRIMARY_IP, &address);
    curl_easy_getinfo(transfer->easy, CURLINFO_PRIMARY_PORT, &port);
    cairn_http_peer(&transfer->exchange, cairn_str_of(address), (uint16_t)port);
    cairn_http_version(&transfer->exchange, cairn_str_of(version_of(transfer->easy)));
}

void cairn_curl_end(cairn_curl_transfer *transfer, CURLcode result)
{
    char room[16];
    long status = 0;
    const char *error_type = error_of(result, room);
    int saved_errno = errno;
    if (!transfer)
        return;
    if (cairn_span_is_recording(transfer->exchange.span)) {
        correct_method(transfer);
        tell_connection(transfer);
        cairn_http_response_headers(&transfer->exchange, get_response_header, transfer->easy);
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    }
    cairn_http_client_end(&transfer->exchange, (int32_t)status, error_type,
                          error_type ? curl_easy_strerror(result) : NULL);
    if (transfer->last_own) {
        curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->applications);
        transfer->last_own->next = NULL;
        curl_slist_free_all(transfer->headers);
    }
    free(transfer);
    errno = saved_errno;
}

CURLcode cairn_curl_perform(cairn_tracer *tracer, CURL *easy,
                            const struct cairn_curl_options *options)
{
    cairn_curl_transfer *transfer = cairn_curl_begin(tracer, easy, options);
    cairn_token token;
    CURLcode result;
    if (!transfer)
        return curl_easy_perform(easy);
    token = cairn_context_attach(transfer->exchange.context);
    result = curl_easy_perform(easy);
    cairn_context_detach(token);
    cairn_curl_end(transfer, result);
    return result;
}
