/* client.c - the calling side: a CLIENT span whose context goes out in the request's headers. */
#include "service.h"

#include <stdio.h>
#include <string.h>

#include <cairn/cairn.h>
#include <curl/curl.h>

struct answer {
    char *out;
    size_t room, length;
};

static size_t on_data(char *data, size_t size, size_t count, void *user)
{
    struct answer *answer = user;
    size_t n = size * count;
    if (n >= answer->room - answer->length)
        return 0; /* too long: curl gives up with an error */
    memcpy(answer->out + answer->length, data, n);
    answer->length += n;
    answer->out[answer->length] = '\0';
    return n;
}

/* What cairn_inject calls for traceparent and, if there is one, tracestate. */
static void set_header(void *carrier, cairn_str name, cairn_str value)
{
    struct curl_slist **headers = carrier;
    char line[1024];
    int n = snprintf(line, sizeof line, "%.*s: %.*s", (int)name.n, name.p, (int)value.n, value.p);
    if (n > 0 && (size_t)n < sizeof line)
        *headers = curl_slist_append(*headers, line);
}

static int failed(cairn_span *span, const char *type, const char *message)
{
    cairn_span_set(span, CAIRN_STR("error.type", type));
    cairn_span_set_status(span, CAIRN_SPAN_ERROR, message);
    return -1;
}

static int perform(CURL *curl, cairn_span *span)
{
    long status = 0;
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK)
        return failed(span, "connection", curl_easy_strerror(code));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    cairn_span_set(span, CAIRN_INT("http.response.status_code", status));
    return status == 200 ? 0 : failed(span, "status", NULL);
}

int service_ask(const char *url, long number, char *out, size_t room)
{
    CAIRN_SPAN(span, cairn_tracer_get("fbaas"), "POST",
               CAIRN_WITH(.kind = CAIRN_KIND_CLIENT,
                          .attributes = CAIRN_ATTRS(CAIRN_STR("http.request.method", "POST"),
                                                    CAIRN_STR("url.full", url))));
    struct answer answer = {.out = out, .room = room};
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    char question[64];
    CURL *curl = curl_easy_init();
    int result = -1;

    out[0] = '\0';
    cairn_inject(NULL, set_header, &headers); /* NULL: the current context, this span in it */
    snprintf(question, sizeof question, "{\"number\": %ld}", number);
    if (curl && headers) {
        curl_easy_setopt(curl, CURLOPT_URL, url);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, question);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
        curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        result = perform(curl, span);
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return result;
}
