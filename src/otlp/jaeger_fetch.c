/* jaeger_fetch.c - a GET with libcurl's multi interface, which can be woken. The handles live for one answer: it is asked
 * for once a minute, and a forked child finds nothing of them. */
#include "otlp/jaeger_fetch.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "otlp/stdio_reserve.h"

static size_t on_body(char *p, size_t size, size_t n, void *user)
{
    struct buf *body = user;
    buf_put(body, p, size * n);
    return body->failed ? 0 : size * n; /* 0 ends the transfer */
}

static curl_socket_t on_open(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct fetch *f = user;
    curl_socket_t s = descriptor_above_stdio(
        socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol));
    (void)purpose;
    for (size_t i = 0; s >= 0 && i < FETCH_SOCKETS_MAX; i++) {
        int none = 0;
        if (atomic_compare_exchange_strong(&f->sockets[i], &none, s + 1))
            break;
    }
    return s < 0 ? CURL_SOCKET_BAD : s;
}

static int on_close(void *user, curl_socket_t s)
{
    struct fetch *f = user;
    for (size_t i = 0; i < FETCH_SOCKETS_MAX; i++) {
        int this = s + 1;
        atomic_compare_exchange_strong(&f->sockets[i], &this, 0);
    }
    return close(s);
}

static CURL *easy_new(struct fetch *f, const char *url, uint32_t timeout_ms, struct buf *body)
{
    CURL *curl = curl_easy_init();
    if (!curl)
        return NULL;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "cairn/" CAIRN_VERSION);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_open);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, f);
    curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, f);
    return curl;
}

/* With the descriptors by which libcurl wakes itself. */
static CURLM *multi_new(void)
{
    CURLM *multi;
    stdio_reserve();
    multi = curl_multi_init();
    stdio_release();
    return multi;
}

/* False when it was asked to stop, or libcurl cannot go on. */
static bool run(struct fetch *f, CURLM *multi, CURLcode *ret)
{
    int running = 1, left;
    CURLMsg *msg;
    while (running) {
        if (atomic_load(&f->stop) || curl_multi_perform(multi, &running) != CURLM_OK)
            return false;
        if (running && curl_multi_poll(multi, NULL, 0, 1000, NULL) != CURLM_OK)
            return false;
    }
    msg = curl_multi_info_read(multi, &left);
    *ret = msg && msg->msg == CURLMSG_DONE ? msg->data.result : CURLE_FAILED_INIT;
    return true;
}

static bool judge(CURL *curl, CURLcode code, const struct buf *body, char why[FETCH_WHY_BYTES])
{
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (body->failed)
        snprintf(why, FETCH_WHY_BYTES, "the answer is too long");
    else if (code != CURLE_OK)
        snprintf(why, FETCH_WHY_BYTES, "no answer: %s", curl_easy_strerror(code));
    else if (status != 200)
        snprintf(why, FETCH_WHY_BYTES, "HTTP status %ld", status);
    else
        return true;
    return false;
}

static void set_multi(struct fetch *f, CURLM *multi)
{
    pthread_mutex_lock(f->mutex);
    f->multi = multi;
    pthread_mutex_unlock(f->mutex);
}

bool fetch_get(struct fetch *f, const char *url, uint32_t timeout_ms, struct buf *body,
               char why[FETCH_WHY_BYTES])
{
    CURL *curl = easy_new(f, url, timeout_ms, body);
    CURLM *multi = curl ? multi_new() : NULL;
    CURLcode code = CURLE_OK;
    bool ok = false;
    snprintf(why, FETCH_WHY_BYTES, "no memory");
    if (!multi || curl_multi_add_handle(multi, curl) != CURLM_OK)
        goto done;
    set_multi(f, multi);
    ok = run(f, multi, &code) && judge(curl, code, body, why);
    set_multi(f, NULL);
    curl_multi_remove_handle(multi, curl);
done:
    curl_easy_cleanup(curl);
    if (multi)
        curl_multi_cleanup(multi);
    return ok;
}

void fetch_interrupt(struct fetch *f)
{
    atomic_store(&f->stop, true);
    if (f->multi)
        curl_multi_wakeup(f->multi);
}

void fetch_after_fork(struct fetch *f)
{
    f->multi = NULL;
    for (size_t i = 0; i < FETCH_SOCKETS_MAX; i++) {
        int s = atomic_exchange(&f->sockets[i], 0);
        if (s)
            close(s - 1);
    }
}
