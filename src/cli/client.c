/* client.c - one request with libcurl. */
#include "cli/client.h"

#include <curl/curl.h>
#include <jansson.h>

enum { CONNECT_TIMEOUT_S = 5, TIMEOUT_S = 300 };
static const size_t ANSWER_BYTES_MAX = (size_t)2 << 30;

static size_t receive(char *p, size_t size, size_t n, void *user)
{
    struct buf *out = user;
    buf_put(out, p, size * n);
    return out->failed ? 0 : size * n;
}

/* The server's own words: Jaeger's two error shapes, or the first line of a text. */
static void read_message(const struct buf *body, long status, struct err *err, int code)
{
    struct str text = buf_str(body), line, rest;
    json_t *root = json_loadb(text.p ? text.p : "", text.n, 0, NULL);
    json_t *v3 = json_object_get(json_object_get(root, "error"), "message");
    json_t *v1 = json_object_get(json_array_get(json_object_get(root, "errors"), 0), "msg");
    const char *message = json_string_value(v3 ? v3 : v1);
    str_cut(text, '\n', &line, &rest);
    if (message)
        err_set(err, code, "%s (HTTP %ld)", message, status);
    else if (!root && line.n)
        err_set(err, code, "%.*s (HTTP %ld)", (int)(line.n < 120 ? line.n : 120), line.p, status);
    else
        err_set(err, code, "the server answered HTTP %ld", status);
    json_decref(root);
    /* words from elsewhere go to a terminal: nothing in them may command it */
    for (char *p = err->msg; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' ';
    }
}

static int explain(CURLcode result, const char *server, const char *detail, struct err *err)
{
    if (result == CURLE_COULDNT_CONNECT || result == CURLE_COULDNT_RESOLVE_HOST)
        return err_set(
            err, ERR_IO,
            "no server answers at %s; start one with 'cairn serve', or name another with "
            "--server",
            server);
    if (result == CURLE_WRITE_ERROR)
        return err_set(err, ERR_TOO_LARGE, "the answer is too large");
    return err_set(err, ERR_IO, "%s: %s", server, detail[0] ? detail : curl_easy_strerror(result));
}

static int perform(CURL *curl, const char *server, struct buf *out, struct err *err)
{
    char detail[CURL_ERROR_SIZE] = "";
    long status = 0;
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "cairn/" CAIRN_VERSION);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    CURLcode result = curl_easy_perform(curl);
    if (result != CURLE_OK)
        return explain(result, server, detail, err);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status == 200)
        return 0;
    int code = status == 404                    ? ERR_NOT_FOUND
               : status == 429 || status == 503 ? ERR_BUSY
               : status >= 500                  ? ERR_IO
                                                : ERR_INVALID;
    read_message(out, status, err, code);
    return code;
}

/* The whole URL, ended by a NUL. */
static void make_url(struct buf *url, const char *server, struct str path)
{
    struct str base = str_of(server);
    while (base.n && base.p[base.n - 1] == '/')
        base.n--;
    buf_init(url, 0);
    if (!strstr(server, "://"))
        buf_put_str(url, STR("http://"));
    buf_put_str(url, base);
    buf_put_str(url, path);
    buf_put_byte(url, '\0');
}

/* post: the body, or NULL. method: NULL for GET, with a body POST. */
static int request(const char *method, const char *server, struct str path, const struct str *post,
                   struct curl_slist *headers, struct buf *out, struct err *err)
{
    struct buf url;
    int code;
    make_url(&url, server, path);
    buf_init(out, ANSWER_BYTES_MAX);
    CURL *curl = curl_easy_init();
    if (!curl || url.failed) {
        code = err_set(err, ERR_NOMEM, "out of memory");
    } else {
        curl_easy_setopt(curl, CURLOPT_URL, (const char *)url.p);
        curl_easy_setopt(curl, CURLOPT_TIMEOUT, post ? 0L : (long)TIMEOUT_S);
        if (method)
            curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
        if (post) {
            curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
            curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post->n);
            curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post->p ? post->p : "");
        }
        code = perform(curl, server, out, err);
    }
    curl_easy_cleanup(curl);
    buf_release(&url);
    return code;
}

int client_get(const char *server, struct str path, struct buf *out, struct err *err)
{
    return request(NULL, server, path, NULL, NULL, out, err);
}

int client_delete(const char *server, struct str path, struct buf *out, struct err *err)
{
    return request("DELETE", server, path, NULL, NULL, out, err);
}

int client_post(const char *server, struct str path, const char *content_type, struct str body,
                struct buf *out, struct err *err)
{
    char type[128];
    snprintf(type, sizeof type, "Content-Type: %s", content_type);
    struct curl_slist *headers = curl_slist_append(NULL, type);
    int code = headers ? request(NULL, server, path, &body, headers, out, err)
                       : err_set(err, ERR_NOMEM, "out of memory");
    if (!headers)
        buf_init(out, 0);
    curl_slist_free_all(headers);
    return code;
}

void client_print(const struct buf *body)
{
    fwrite(body->p, 1, body->n, stdout);
    fputc('\n', stdout);
}

void client_put_encoded(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        if (plain)
            buf_put_byte(out, c);
        else
            buf_printf(out, "%%%02X", c);
    }
}
