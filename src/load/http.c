/* http.c - OTLP over HTTP with libcurl's multi interface. A request takes a connection for itself until its answer is
 * there, so no more of them are under way than there may be connections. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#include "load/sender.h"

enum { REPLY_BYTES_MAX = 1 << 20 };

struct exchange {
    CURL *curl;
    struct load_call *call; /* NULL = free */
    struct buf reply;
    char detail[CURL_ERROR_SIZE];
};

struct http_sender {
    struct load_sender sender; /* first: the callers' view */
    struct load_sender_options o;
    CURLM *multi;
    struct curl_slist *headers;
    struct exchange *exchanges; /* one a slot of the caller */
};

static size_t receive(char *p, size_t size, size_t n, void *user)
{
    struct exchange *x = user;
    buf_put(&x->reply, p, size * n);
    return size * n; /* what is over the maximum is not looked at */
}

static bool add_header(struct http_sender *s, const char *text)
{
    struct curl_slist *longer = curl_slist_append(s->headers, text);
    if (longer)
        s->headers = longer;
    return longer != NULL;
}

static bool make_headers(struct http_sender *s)
{
    bool ok = add_header(s, s->o.target->protocol == LOAD_HTTP_JSON
                                ? "Content-Type: application/json"
                                : "Content-Type: application/x-protobuf");
    ok = ok && add_header(s, "Expect:"); /* a round trip before each body else */
    ok = ok && (!s->o.gzip || add_header(s, "Content-Encoding: gzip"));
    for (unsigned i = 0; ok && i < s->o.header_count; i++) {
        struct str name, value;
        char line[1024];
        if (!load_header_split(s->o.headers[i], &name, &value))
            continue;
        snprintf(line, sizeof line, "%.*s: %.*s", STR_ARG(name), STR_ARG(value));
        ok = add_header(s, line);
    }
    return ok;
}

static bool make_exchange(struct http_sender *s, struct exchange *x)
{
    buf_init(&x->reply, REPLY_BYTES_MAX);
    x->curl = curl_easy_init();
    if (!x->curl)
        return false;
    curl_easy_setopt(x->curl, CURLOPT_URL, s->o.target->url);
    curl_easy_setopt(x->curl, CURLOPT_POST, 1L);
    curl_easy_setopt(x->curl, CURLOPT_HTTPHEADER, s->headers);
    curl_easy_setopt(x->curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(x->curl, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(x->curl, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(x->curl, CURLOPT_ERRORBUFFER, x->detail);
    curl_easy_setopt(x->curl, CURLOPT_TIMEOUT_MS, (long)s->o.timeout_ms);
    curl_easy_setopt(x->curl, CURLOPT_USERAGENT, "cairn-load/" CAIRN_VERSION);
    curl_easy_setopt(x->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(x->curl, CURLOPT_UPLOAD_BUFFERSIZE, 512l << 10);
    curl_easy_setopt(x->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(x->curl, CURLOPT_PRIVATE, x);
    return true;
}

static int submit(struct load_sender *sender, struct load_call *call)
{
    struct http_sender *s = (struct http_sender *)sender;
    struct exchange *x = &s->exchanges[call->slot];
    x->call = call;
    x->detail[0] = '\0';
    buf_clear(&x->reply);
    curl_easy_setopt(x->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->request.body.n);
    curl_easy_setopt(x->curl, CURLOPT_POSTFIELDS, (const char *)call->request.body.p);
    return curl_multi_add_handle(s->multi, x->curl) == CURLM_OK ? 0 : ERR_NOMEM;
}

static void finish(struct http_sender *s, CURL *curl, CURLcode result)
{
    struct exchange *x;
    struct load_answer answer = {.outcome = LOAD_UNREACHED, .delay_ms = -1};
    struct load_call *call;
    curl_off_t retry_after = 0;
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_PRIVATE, (char **)&x);
    call = x->call;
    if (result == CURLE_OK) {
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after);
        load_answer_http(status, (uint64_t)retry_after, buf_str(&x->reply),
                         s->o.target->protocol == LOAD_HTTP_JSON, &answer);
    } else {
        snprintf(answer.msg, sizeof answer.msg, "%.190s",
                 x->detail[0] ? x->detail : curl_easy_strerror(result));
    }
    curl_multi_remove_handle(s->multi, curl);
    x->call = NULL;
    s->o.answered(s->o.user, call, &answer);
}

static int step(struct load_sender *sender, int timeout_ms)
{
    struct http_sender *s = (struct http_sender *)sender;
    struct CURLMsg *message;
    int running, left;
    if (curl_multi_perform(s->multi, &running) != CURLM_OK)
        return ERR_NOMEM;
    message = curl_multi_info_read(s->multi, &left);
    if (!message) {
        curl_multi_poll(s->multi, NULL, 0, timeout_ms, NULL);
        if (curl_multi_perform(s->multi, &running) != CURLM_OK)
            return ERR_NOMEM;
        message = curl_multi_info_read(s->multi, &left);
    }
    for (; message; message = curl_multi_info_read(s->multi, &left)) {
        if (message->msg == CURLMSG_DONE)
            finish(s, message->easy_handle, message->data.result);
    }
    return 0;
}

static void free_sender(struct load_sender *sender)
{
    struct http_sender *s = (struct http_sender *)sender;
    for (unsigned i = 0; s->exchanges && i < s->sender.in_flight_max; i++) {
        struct exchange *x = &s->exchanges[i];
        if (x->call)
            curl_multi_remove_handle(s->multi, x->curl);
        curl_easy_cleanup(x->curl);
        buf_release(&x->reply);
    }
    free(s->exchanges);
    curl_multi_cleanup(s->multi);
    curl_slist_free_all(s->headers);
    free(s);
}

struct load_sender *load_http_new(const struct load_sender_options *o)
{
    struct http_sender *s = calloc(1, sizeof *s);
    bool ok;
    if (!s)
        return NULL;
    s->sender = (struct load_sender){submit, step, free_sender,
                                     o->in_flight < o->connections ? o->in_flight : o->connections};
    s->o = *o;
    s->multi = curl_multi_init();
    s->exchanges = calloc(s->sender.in_flight_max, sizeof *s->exchanges);
    ok = s->multi && s->exchanges && make_headers(s);
    for (unsigned i = 0; ok && i < s->sender.in_flight_max; i++)
        ok = make_exchange(s, &s->exchanges[i]);
    if (!ok) {
        free_sender(&s->sender);
        return NULL;
    }
    curl_multi_setopt(s->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)o->connections);
    curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, (long)o->connections);
    return &s->sender;
}
