/* transfer.c - see transfer.h. Proxies, name resolution and TLS are libcurl's affair. */
#define CAIRN_NO_INLINE
#include "otlp/transfer.h"

#include <stdlib.h>
#include <unistd.h>

#include "otlp/descriptors.h"

enum {
    UPLOAD_BUFFER_BYTES = 512 * 1024
}; /* a usual batch goes out with one or two calls of send */

/* ---- libcurl's callbacks ---- */

static size_t on_body(char *p, size_t size, size_t n, void *user)
{
    struct transfer *t = user;
    buf_put(&t->body, p, size * n);
    return t->body.failed ? 0 : size * n; /* 0 ends the transfer */
}

static struct str without_newline(struct str line)
{
    while (line.n && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == '\n'))
        line.n--;
    return line;
}

static void forget_headers(struct transfer *t)
{
    for (size_t i = 0; i < ANSWER_HEADERS_MAX; i++)
        buf_clear(&t->answer_headers[i]);
}

/* Headers and trailers alike; an answer that is followed by another one (100 Continue, a proxy's) does not count. */
static size_t on_header(char *p, size_t size, size_t n, void *user)
{
    struct transfer *t = user;
    const char *const *wanted = t->settings->protocol->answer_headers;
    struct str line = without_newline(str_make(p, size * n)), name, value;
    if (str_starts(line, STR("HTTP/")))
        forget_headers(t);
    if (!str_cut(line, ':', &name, &value))
        return size * n;
    for (size_t i = 0; wanted[i]; i++) {
        if (str_eq_nocase(name, str_of(wanted[i]))) {
            buf_clear(&t->answer_headers[i]);
            buf_put_str(&t->answer_headers[i], str_trim(value));
        }
    }
    return size * n;
}

static int on_progress(void *user, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
                       curl_off_t ulnow)
{
    const struct transfer *t = user;
    (void)dltotal, (void)dlnow, (void)ultotal, (void)ulnow;
    return pause_is_stopped(t->pause); /* not 0 ends the transfer */
}

static curl_socket_t on_open(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *t = user;
    curl_socket_t s = descriptor_above_stdio(
        socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol));
    (void)purpose;
    for (size_t i = 0; s >= 0 && i < SOCKETS_MAX; i++) {
        if (t->sockets[i] < 0) {
            t->sockets[i] = s;
            break;
        }
    }
    return s < 0 ? CURL_SOCKET_BAD : s;
}

static int on_close(void *user, curl_socket_t s)
{
    struct transfer *t = user;
    for (size_t i = 0; i < SOCKETS_MAX; i++) {
        if (t->sockets[i] == s)
            t->sockets[i] = -1;
    }
    return close(s);
}

/* ---- Set-up ---- */

static bool add_header(struct transfer *t, const char *line)
{
    struct curl_slist *longer = curl_slist_append(t->headers, line);
    if (longer)
        t->headers = longer;
    return longer != NULL;
}

/* libcurl takes "name;" for a header without a value and "name:" for one that it shall leave out. */
static bool add_given_header(struct transfer *t, struct arena *arena, const struct attr *header)
{
    struct str value = header->value.string;
    struct str line = value.n
                          ? arena_printf(arena, "%.*s: %.*s", STR_ARG(header->key), STR_ARG(value))
                          : arena_printf(arena, "%.*s;", STR_ARG(header->key));
    return line.p && add_header(t, line.p);
}

static bool make_headers(struct transfer *t)
{
    const struct otlp_settings *s = t->settings;
    struct arena arena;
    bool ok = add_header(t, "Expect:"); /* no round trip before large bodies */
    arena_init(&arena, 0);
    for (size_t i = 0; s->protocol->request_headers[i] && ok; i++)
        ok = add_header(t, s->protocol->request_headers[i]);
    if (s->gzip)
        ok = ok && add_header(t, s->protocol->gzip_header);
    for (uint32_t i = 0; i < s->headers.count && ok; i++)
        ok = add_given_header(t, &arena, &s->headers.items[i]);
    arena_release(&arena);
    return ok;
}

static void set_tls(CURL *curl, const struct otlp_settings *s)
{
    if (s->ca_file) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, s->ca_file);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL); /* these authorities and no others */
    }
    if (s->client_cert_file)
        curl_easy_setopt(curl, CURLOPT_SSLCERT, s->client_cert_file);
    if (s->client_key_file)
        curl_easy_setopt(curl, CURLOPT_SSLKEY, s->client_key_file);
}

/* Before 8.0.0 the second request of a clear-text HTTP/2 connection fails with a framing error: one connection for
 * each request then (docs/decisions/0008-otlp-grpc.md). */
static bool h2_reuse_is_broken(void)
{
    return curl_version_info(CURLVERSION_NOW)->version_num < 0x080000;
}

static void set_h2(CURL *curl, const struct otlp_settings *s)
{
    bool tls = url_is_https(str_of(s->url));
    if (!s->protocol->needs_h2)
        return;
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
                     (long)(tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE));
    if (!tls && h2_reuse_is_broken())
        curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
}

static void set_callbacks(struct transfer *t)
{
    curl_easy_setopt(t->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(t->curl, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(t->curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(t->curl, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(t->curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(t->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(t->curl, CURLOPT_XFERINFODATA, t);
    curl_easy_setopt(t->curl, CURLOPT_OPENSOCKETFUNCTION, on_open);
    curl_easy_setopt(t->curl, CURLOPT_OPENSOCKETDATA, t);
    curl_easy_setopt(t->curl, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(t->curl, CURLOPT_CLOSESOCKETDATA, t);
    curl_easy_setopt(t->curl, CURLOPT_ERRORBUFFER, t->error);
}

/* A handle with the descriptors by which libcurl wakes itself: they come with the first transfer, even one without URL. */
static CURL *new_handle(void)
{
    unsigned reserved = stdio_reserve();
    CURL *curl = curl_easy_init();
    if (curl) {
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_perform(curl);
    }
    stdio_release(reserved);
    return curl;
}

static bool make_curl(struct transfer *t)
{
    t->curl = new_handle();
    if (!t->curl)
        return false;
    t->pid = getpid();
    for (size_t i = 0; i < SOCKETS_MAX; i++)
        t->sockets[i] = -1;
    buf_init(&t->body, RESPONSE_BYTES_MAX);
    for (size_t i = 0; i < ANSWER_HEADERS_MAX; i++)
        buf_init(&t->answer_headers[i], ANSWER_HEADER_BYTES_MAX);
    curl_easy_setopt(t->curl, CURLOPT_URL, t->settings->url);
    curl_easy_setopt(t->curl, CURLOPT_POST, 1L);
    curl_easy_setopt(t->curl, CURLOPT_USERAGENT, t->settings->user_agent);
    curl_easy_setopt(t->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(t->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(t->curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(t->curl, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER_BYTES);
    set_callbacks(t);
    set_tls(t->curl, t->settings);
    set_h2(t->curl, t->settings);
    return true;
}

/* The parent's connection must not be shut down from here, and its thread may have been anywhere in its buffers: all of
 * it is left as it is, only the sockets are closed. */
void transfer_after_fork(struct transfer *t)
{
    for (size_t i = 0; t->curl && i < SOCKETS_MAX; i++) {
        if (t->sockets[i] >= 0)
            close(t->sockets[i]);
    }
    t->curl = NULL;
}

static bool curl_of_this_process(struct transfer *t)
{
    if (t->curl && t->pid == getpid())
        return true;
    transfer_after_fork(t);
    return make_curl(t);
}

static void init_once(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

bool transfer_init(struct transfer *t, const struct otlp_settings *settings,
                   const struct pause *pause)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_once);
    *t = (struct transfer){.settings = settings, .pause = pause};
    return make_headers(t);
}

void transfer_release(struct transfer *t)
{
    if (t->curl && t->pid == getpid()) {
        curl_easy_cleanup(t->curl);
        buf_release(&t->body);
        for (size_t i = 0; i < ANSWER_HEADERS_MAX; i++)
            buf_release(&t->answer_headers[i]);
    }
    curl_slist_free_all(t->headers);
}

CURLcode transfer_post(struct transfer *t, const struct otlp_body *body, uint32_t left_ms,
                       struct otlp_answer *ret)
{
    const struct otlp_protocol *protocol = t->settings->protocol;
    char line[OTLP_EXTRA_BYTES];
    struct curl_slist extra = {.data = line, .next = t->headers};
    CURLcode code;
    if (!curl_of_this_process(t))
        return CURLE_OUT_OF_MEMORY;
    buf_clear(&t->body);
    forget_headers(t);
    t->error[0] = '\0';
    curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER,
                     protocol->try_header && protocol->try_header(line, left_ms) ? &extra
                                                                                 : t->headers);
    curl_easy_setopt(t->curl, CURLOPT_POSTFIELDS, body->bytes);
    curl_easy_setopt(t->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->n);
    curl_easy_setopt(t->curl, CURLOPT_TIMEOUT_MS, left_ms > INT32_MAX ? 0L : (long)left_ms);
    code = curl_easy_perform(t->curl);
    curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, t->headers); /* extra is gone */
    *ret = (struct otlp_answer){.body = buf_str(&t->body)};
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &ret->http);
    for (size_t i = 0; i < ANSWER_HEADERS_MAX; i++) {
        if (!t->answer_headers[i].failed)
            ret->headers[i] = buf_str(&t->answer_headers[i]);
    }
    return code;
}
