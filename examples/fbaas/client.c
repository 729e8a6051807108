/* client.c - the calling side: <cairn/curl.h> gives the request its span and puts the trace into its headers. */
#include "service.h"

#include <stdio.h>
#include <string.h>

#include <cairn/cairn.h>
#include <cairn/curl.h>

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

int service_ask(const char *url, long number, char *out, size_t room)
{
    struct answer answer = {.out = out, .room = room};
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    struct cairn_curl_options options = {
        .size = sizeof options, .method = "POST", .headers = headers};
    char question[64];
    CURL *curl = curl_easy_init();
    long status = 0;

    out[0] = '\0';
    snprintf(question, sizeof question, "{\"number\": %ld}", number);
    if (curl && headers) {
        curl_easy_setopt(curl, CURLOPT_URL, url);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, question);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
        curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        if (cairn_curl_perform(cairn_tracer_get("fbaas"), curl, &options) == CURLE_OK)
            curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return status == 200 ? 0 : -1;
}
