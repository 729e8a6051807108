/* exporter.c - OTLP over HTTP with libcurl: one request per batch, tried again until its time is over.
 *
 * The batch is encoded (and compressed) once. The curl handle belongs to the exporting thread and keeps its connection;
 * in a forked child it is left behind with its socket closed, since the connection is the parent's. */
#define CAIRN_NO_INLINE
#include <cairn/otlp.h>

#include <curl/curl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/random.h"
#include "otlp/descriptors.h"
#include "otlp/diag.h"
#include "otlp/retry.h"
#include "otlp/settings.h"
#include "wire/otlp_pb.h"

enum {
    REQUEST_BYTES_MAX = 64 * 1024 * 1024,
    RESPONSE_BYTES_MAX = 4 * 1024 * 1024,
    SOCKETS_MAX = 8,         /* open at once, to close them in a forked child */
    REPORT_EVERY_MS = 30000, /* failures of one kind in a row give a line now and then */
};

struct otlp_exporter {
    struct arena arena; /* of the settings */
    struct otlp_settings settings;
    /* the exporting thread's */
    CURL *curl;
    struct curl_slist *headers;
    curl_socket_t sockets[SOCKETS_MAX];
    pid_t pid; /* that the curl handle belongs to */
    struct buf response;
    uint64_t retry_after_ms;
    bool has_retry_after;
    bool told_partial;
    uint64_t next_report_ns;
    /* waking a wait between two tries */
    pthread_mutex_t mutex;
    pthread_cond_t interrupted;
    atomic_bool stop;           /* interrupted or shut down */
    struct otlp_exporter *next; /* of all live ones */
};

/* One request on its way. */
struct request {
    unsigned char *bytes;
    size_t n;
    bool gzip;
    uint64_t deadline_ns; /* monotonic */
};

/* ---- fork(): no lock may be held by a thread that the child does not have ---- */

static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER; /* guards exporters */
static struct otlp_exporter *exporters;

static void before_fork(void)
{
    pthread_mutex_lock(&list_mutex);
    for (struct otlp_exporter *e = exporters; e; e = e->next)
        pthread_mutex_lock(&e->mutex);
}

static void after_fork(void)
{
    for (struct otlp_exporter *e = exporters; e; e = e->next)
        pthread_mutex_unlock(&e->mutex);
    pthread_mutex_unlock(&list_mutex);
}

static void after_fork_child(void)
{
    for (struct otlp_exporter *e = exporters; e; e = e->next)
        monotonic_cond_init(&e->interrupted); /* whoever waited is not here */
    after_fork();
}

static void list_add(struct otlp_exporter *e)
{
    pthread_mutex_lock(&list_mutex);
    e->next = exporters;
    exporters = e;
    pthread_mutex_unlock(&list_mutex);
}

static void list_remove(struct otlp_exporter *e)
{
    struct otlp_exporter **at = &exporters;
    pthread_mutex_lock(&list_mutex);
    while (*at && *at != e)
        at = &(*at)->next;
    if (*at)
        *at = e->next;
    pthread_mutex_unlock(&list_mutex);
}

/* ---- libcurl's callbacks ---- */

static size_t on_body(char *p, size_t size, size_t n, void *user)
{
    struct otlp_exporter *e = user;
    buf_put(&e->response, p, size * n);
    return e->response.failed ? 0 : size * n; /* 0 ends the transfer */
}

static size_t on_header(char *p, size_t size, size_t n, void *user)
{
    struct otlp_exporter *e = user;
    struct str name, value;
    if (str_cut(str_make(p, size * n), ':', &name, &value) &&
        str_eq_nocase(name, STR("retry-after"))) {
        while (value.n && (value.p[value.n - 1] == '\r' || value.p[value.n - 1] == '\n'))
            value.n--;
        e->has_retry_after =
            retry_after_parse(value, clock_realtime_ns() / 1000000000u, &e->retry_after_ms);
    }
    return size * n;
}

static int on_progress(void *user, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
                       curl_off_t ulnow)
{
    struct otlp_exporter *e = user;
    (void)dltotal, (void)dlnow, (void)ultotal, (void)ulnow;
    return atomic_load(&e->stop); /* not 0 ends the transfer */
}

static curl_socket_t on_open(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct otlp_exporter *e = user;
    curl_socket_t s = descriptor_above_stdio(
        socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol));
    (void)purpose;
    for (size_t i = 0; s >= 0 && i < SOCKETS_MAX; i++) {
        if (e->sockets[i] < 0) {
            e->sockets[i] = s;
            break;
        }
    }
    return s < 0 ? CURL_SOCKET_BAD : s;
}

static int on_close(void *user, curl_socket_t s)
{
    struct otlp_exporter *e = user;
    for (size_t i = 0; i < SOCKETS_MAX; i++) {
        if (e->sockets[i] == s)
            e->sockets[i] = -1;
    }
    return close(s);
}

/* ---- Set-up ---- */

static bool add_header(struct otlp_exporter *e, const char *line)
{
    struct curl_slist *longer = curl_slist_append(e->headers, line);
    if (longer)
        e->headers = longer;
    return longer != NULL;
}

static bool make_headers(struct otlp_exporter *e)
{
    const struct attrs *given = &e->settings.headers;
    bool ok = add_header(e, e->settings.encoding == CAIRN_OTLP_JSON
                                ? "Content-Type: application/json"
                                : "Content-Type: application/x-protobuf") &&
              add_header(e, "Expect:"); /* no round trip before large bodies */
    if (e->settings.gzip)
        ok = ok && add_header(e, "Content-Encoding: gzip");
    for (uint32_t i = 0; i < given->count && ok; i++) {
        struct str line = arena_printf(&e->arena, "%.*s: %.*s", STR_ARG(given->items[i].key),
                                       STR_ARG(given->items[i].value.string));
        ok = line.p && add_header(e, line.p);
    }
    return ok;
}

static void set_tls(struct otlp_exporter *e)
{
    const struct otlp_settings *s = &e->settings;
    if (s->ca_file)
        curl_easy_setopt(e->curl, CURLOPT_CAINFO, s->ca_file);
    if (s->client_cert_file)
        curl_easy_setopt(e->curl, CURLOPT_SSLCERT, s->client_cert_file);
    if (s->client_key_file)
        curl_easy_setopt(e->curl, CURLOPT_SSLKEY, s->client_key_file);
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

static bool make_curl(struct otlp_exporter *e)
{
    e->curl = new_handle();
    if (!e->curl)
        return false;
    e->pid = getpid();
    for (size_t i = 0; i < SOCKETS_MAX; i++)
        e->sockets[i] = -1;
    curl_easy_setopt(e->curl, CURLOPT_URL, e->settings.url);
    curl_easy_setopt(e->curl, CURLOPT_POST, 1L);
    curl_easy_setopt(e->curl, CURLOPT_HTTPHEADER, e->headers);
    curl_easy_setopt(e->curl, CURLOPT_USERAGENT, e->settings.user_agent);
    curl_easy_setopt(e->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e->curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(e->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(e->curl, CURLOPT_WRITEDATA, e);
    curl_easy_setopt(e->curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(e->curl, CURLOPT_HEADERDATA, e);
    curl_easy_setopt(e->curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(e->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(e->curl, CURLOPT_XFERINFODATA, e);
    curl_easy_setopt(e->curl, CURLOPT_OPENSOCKETFUNCTION, on_open);
    curl_easy_setopt(e->curl, CURLOPT_OPENSOCKETDATA, e);
    curl_easy_setopt(e->curl, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(e->curl, CURLOPT_CLOSESOCKETDATA, e);
    set_tls(e);
    return true;
}

/* The parent's connection must not be shut down from here: its handle is left, its sockets are only closed. */
static bool curl_of_this_process(struct otlp_exporter *e)
{
    if (e->curl && e->pid == getpid())
        return true;
    if (e->curl) {
        for (size_t i = 0; i < SOCKETS_MAX; i++) {
            if (e->sockets[i] >= 0)
                close(e->sockets[i]);
        }
    }
    return make_curl(e);
}

/* ---- Encoding ---- */

static bool compress_gzip(struct request *r)
{
    z_stream z = {0};
    unsigned char *out;
    size_t room;
    int done;
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    room = deflateBound(&z, r->n);
    out = malloc(room);
    if (!out) {
        deflateEnd(&z);
        return false;
    }
    z.next_in = r->bytes;
    z.avail_in = (uInt)r->n;
    z.next_out = out;
    z.avail_out = (uInt)room;
    done = deflate(&z, Z_FINISH);
    deflateEnd(&z);
    if (done != Z_STREAM_END) {
        free(out);
        return false;
    }
    cairn_bytes_free(r->bytes);
    r->bytes = out;
    r->n = room - z.avail_out;
    return true;
}

static cairn_status encode(struct otlp_exporter *e, const cairn_span_batch *batch,
                           struct request *r)
{
    cairn_status status = cairn_batch_encode(batch, e->settings.encoding, &r->bytes, &r->n);
    if (status != CAIRN_OK)
        return status;
    if (r->n > REQUEST_BYTES_MAX) {
        diag_warn("OTLP request of %zu bytes is over the limit of 64 MiB and is not sent", r->n);
        return CAIRN_ERROR_LIMIT;
    }
    if (e->settings.gzip && !compress_gzip(r))
        return CAIRN_ERROR_NO_MEMORY;
    return CAIRN_OK;
}

/* ---- Sending ---- */

/* Now and then, not for each batch: a collector that is away is away for a while. */
static void report(struct otlp_exporter *e, const char *what, const char *detail)
{
    uint64_t now = clock_monotonic_ns();
    if (now < e->next_report_ns)
        return;
    e->next_report_ns = now + (uint64_t)REPORT_EVERY_MS * 1000000u;
    diag_warn("OTLP export to %s failed: %s%s%s", e->settings.url, what, *detail ? ": " : "",
              detail);
}

/* 200 may still say that some spans were refused; that is told once and never tried again. */
static void read_success(struct otlp_exporter *e)
{
    int64_t rejected = 0;
    struct str message = {NULL, 0};
    if (e->settings.encoding != CAIRN_OTLP_PROTOBUF || e->told_partial)
        return;
    if (otlp_pb_decode_response(buf_str(&e->response), &rejected, &message) < 0 ||
        (rejected == 0 && message.n == 0))
        return;
    e->told_partial = true;
    diag_warn("the OTLP server refused %" PRId64 " spans: \"%.*s\" (told once)", rejected,
              (int)(message.n < 200 ? message.n : 200), message.p ? message.p : "");
}

enum outcome { SENT, TRY_AGAIN, GIVE_UP };

static enum outcome read_failure(struct otlp_exporter *e, CURLcode code, long http)
{
    char text[32];
    if (code == CURLE_OK) {
        snprintf(text, sizeof text, "HTTP status %ld", http);
        report(e, text, "");
        return retry_status_allows(http) ? TRY_AGAIN : GIVE_UP;
    }
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return GIVE_UP; /* asked to stop */
    report(e, "no answer", curl_easy_strerror(code));
    /* Certificates, URLs, answers that are too large do not get better by waiting. */
    return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
                   code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR ||
                   code == CURLE_GOT_NOTHING || code == CURLE_PARTIAL_FILE ||
                   code == CURLE_OPERATION_TIMEDOUT
               ? TRY_AGAIN
               : GIVE_UP;
}

static enum outcome send_once(struct otlp_exporter *e, const struct request *r)
{
    uint32_t left = deadline_left_ms(r->deadline_ns);
    long http = 0;
    CURLcode code;
    if (left == 0)
        return GIVE_UP;
    buf_clear(&e->response);
    e->has_retry_after = false;
    curl_easy_setopt(e->curl, CURLOPT_POSTFIELDS, r->bytes);
    curl_easy_setopt(e->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->n);
    curl_easy_setopt(e->curl, CURLOPT_TIMEOUT_MS, left == UINT32_MAX ? 0L : (long)left);
    code = curl_easy_perform(e->curl);
    curl_easy_getinfo(e->curl, CURLINFO_RESPONSE_CODE, &http);
    if (code == CURLE_OK && http >= 200 && http < 300) {
        read_success(e);
        e->next_report_ns = 0;
        return SENT;
    }
    return read_failure(e, code, http);
}

/* False when the deadline would pass meanwhile, or somebody asked to stop. */
static bool wait_ms(struct otlp_exporter *e, uint64_t ms, uint64_t deadline_ns)
{
    uint64_t until = clock_monotonic_ns() + ms * 1000000u;
    bool stopped;
    if (ms > UINT32_MAX || until >= deadline_ns)
        return false;
    pthread_mutex_lock(&e->mutex);
    while (!atomic_load(&e->stop) && deadline_left_ms(until) > 0)
        monotonic_cond_wait(&e->interrupted, &e->mutex, until);
    stopped = atomic_load(&e->stop);
    pthread_mutex_unlock(&e->mutex);
    return !stopped;
}

static cairn_status send_until_deadline(struct otlp_exporter *e, const struct request *r)
{
    for (unsigned attempt = 0;; attempt++) {
        enum outcome outcome = send_once(e, r);
        if (outcome == SENT)
            return CAIRN_OK;
        if (outcome == GIVE_UP || atomic_load(&e->stop) ||
            !wait_ms(
                e, e->has_retry_after ? e->retry_after_ms : retry_backoff_ms(attempt, random_u64()),
                r->deadline_ns))
            return CAIRN_ERROR_FAILED;
    }
}

static cairn_status otlp_export(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    struct otlp_exporter *e = user;
    uint32_t own = e->settings.timeout_ms;
    struct request r = {.deadline_ns = deadline_after_ms(own < timeout_ms ? own : timeout_ms)};
    cairn_status status;
    if (cairn_batch_count(batch) == 0)
        return CAIRN_OK;
    if (!curl_of_this_process(e))
        return CAIRN_ERROR_NO_MEMORY;
    status = encode(e, batch, &r);
    if (status == CAIRN_OK)
        status = send_until_deadline(e, &r);
    cairn_bytes_free(r.bytes);
    return status;
}

static void otlp_interrupt(void *user)
{
    struct otlp_exporter *e = user;
    pthread_mutex_lock(&e->mutex);
    atomic_store(&e->stop, true);
    pthread_cond_broadcast(&e->interrupted);
    pthread_mutex_unlock(&e->mutex);
}

static cairn_status otlp_shutdown(void *user, uint32_t timeout_ms)
{
    (void)timeout_ms; /* nothing is under way: exports are synchronous */
    otlp_interrupt(user);
    return CAIRN_OK;
}

static void otlp_free(void *user)
{
    struct otlp_exporter *e = user;
    if (!e)
        return;
    list_remove(e);
    if (e->curl && e->pid == getpid())
        curl_easy_cleanup(e->curl);
    curl_slist_free_all(e->headers);
    buf_release(&e->response);
    pthread_cond_destroy(&e->interrupted);
    pthread_mutex_destroy(&e->mutex);
    arena_release(&e->arena);
    free(e);
}

static const struct cairn_exporter_ops otlp_ops = {
    .size = sizeof otlp_ops,
    .export_spans = otlp_export,
    .shutdown = otlp_shutdown,
    .interrupt = otlp_interrupt,
    .free_user = otlp_free,
};

static void init_once(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    pthread_atfork(before_fork, after_fork, after_fork_child);
}

static const char *process_env(const char *name)
{
    return secure_getenv(name);
}

cairn_exporter *cairn_otlp_exporter_new(const struct cairn_otlp_options *options)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct cairn_otlp_options o = {.size = sizeof o};
    struct otlp_exporter *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    if (options)
        memcpy(&o, options, options->size < sizeof o ? options->size : sizeof o);
    pthread_once(&once, init_once);
    arena_init(&e->arena, 0);
    buf_init(&e->response, RESPONSE_BYTES_MAX);
    pthread_mutex_init(&e->mutex, NULL);
    monotonic_cond_init(&e->interrupted);
    if (otlp_settings_make(&o, process_env, &e->arena, &e->settings) != CAIRN_OK ||
        !make_headers(e)) {
        otlp_free(e);
        return NULL;
    }
    list_add(e);
    return cairn_exporter_custom(&otlp_ops, e);
}
