/* cli.c - sends a flow to the executor and shows how it went.
 *
 *     flow --file checkout.json [--tenant NAME] [--request-id ID] [--url URL]
 *
 * Tenant and request id (a random one unless given) go into the baggage: they reach every span of the trace, in the
 * executor too. */
#define _GNU_SOURCE /* setlinebuf */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <cairn/cairn.h>
#include <cairn/curl.h>

#include "../common/exporting.h"
#include "../common/options.h"
#include "baggage.h"

enum { FLOW_BYTES_MAX = 64 * 1024 };

struct request {
    const char *url, *tenant, *id;
    char flow[FLOW_BYTES_MAX + 1];
};

/* False, and a line that says why, when the file cannot be read or is too large. */
static bool read_file(const char *path, char text[FLOW_BYTES_MAX + 1])
{
    FILE *file = fopen(path, "re");
    size_t n;
    if (!file) {
        perror(path);
        return false;
    }
    n = fread(text, 1, FLOW_BYTES_MAX + 1, file);
    fclose(file);
    if (n > FLOW_BYTES_MAX) {
        fprintf(stderr, "%s: more than %d bytes\n", path, FLOW_BYTES_MAX);
        return false;
    }
    text[n] = '\0';
    return true;
}

static struct curl_slist *headers_of(const struct request *request)
{
    char id[256];
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    snprintf(id, sizeof id, "X-Request-ID: %s", request->id);
    return curl_slist_append(headers, id);
}

/* The status of the answer, whose body goes to standard output; 0 when there was none. */
static long post(cairn_tracer *tracer, const struct request *request)
{
    struct curl_slist *headers = headers_of(request);
    struct cairn_curl_options options = {
        .size = sizeof options, .method = "POST", .headers = headers};
    CURL *curl = curl_easy_init();
    CURLcode code = CURLE_FAILED_INIT;
    long status = 0;
    if (curl && headers) {
        curl_easy_setopt(curl, CURLOPT_URL, request->url);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(curl, CURLOPT_USERAGENT, "flow-cli/1.0");
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->flow);
        curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
        code = cairn_curl_perform(tracer, curl, &options);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    }
    if (code != CURLE_OK)
        fprintf(stderr, "flow: %s: %s (is the executor running?)\n", request->url,
                curl_easy_strerror(code));
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return code == CURLE_OK ? status : 0;
}

static void print_trace(cairn_span *span)
{
    struct cairn_span_context context;
    char id[33];
    cairn_span_get_context(span, &context);
    cairn_trace_id_hex(context.trace_id, id);
    printf("trace %s\n", id);
}

/* The whole command is one span, the root of the trace. */
static bool run(const struct request *request)
{
    cairn_tracer *tracer = cairn_tracer_get("flow");
    CAIRN_SPAN(span, tracer, "flow run");
    long status;
    print_trace(span);
    status = post(tracer, request);
    if (status != 200)
        cairn_span_set_status(span, CAIRN_SPAN_ERROR, status ? "the flow failed" : "no answer");
    return status == 200;
}

/* The current context with the request's baggage; NULL when that cannot be. Owned. */
static cairn_context *with_baggage(const struct request *request)
{
    cairn_context *id =
        cairn_baggage_set(NULL, CAIRN_S(FLOW_REQUEST), cairn_str_of(request->id), CAIRN_S(""));
    cairn_context *both;
    if (!id || !request->tenant)
        return id;
    both = cairn_baggage_set(id, CAIRN_S(FLOW_TENANT), cairn_str_of(request->tenant), CAIRN_S(""));
    cairn_context_unref(id);
    return both;
}

static const char *random_id(void)
{
    static char text[17];
    unsigned char bytes[8] = {0};
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return "none";
    cairn_span_id_hex(bytes, text);
    return text;
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"file", "tenant", "request-id", "url", NULL};
    static struct request request;
    const char *path = option_text(argc, argv, names, "file", NULL);
    cairn_processor *processors[2];
    cairn_sdk *sdk;
    cairn_context *context;
    cairn_token token;
    bool ok;

    request.url = option_text(argc, argv, names, "url", "http://127.0.0.1:5001/execute-flow");
    request.tenant = option_text(argc, argv, names, "tenant", NULL);
    request.id = option_text(argc, argv, names, "request-id", random_id());
    setlinebuf(stdout); /* the exporter writes there too, past the buffer */
    if (!path) {
        fprintf(stderr, "flow: --file names the flow to execute\n");
        return 2;
    }
    if (!read_file(path, request.flow))
        return 1;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    processors[0] = baggage_processor();
    processors[1] = exporting_processor("flow");
    sdk = cairn_sdk_start(CAIRN_SDK(.service_name = "flow-cli", .service_version = "1.0.0",
                                    .processors = processors,
                                    .processor_count = processors[1] ? 2 : 1));
    context = with_baggage(&request);
    if (!context)
        fprintf(stderr, "flow: tenant or request id cannot be baggage: they take UTF-8\n");
    token = cairn_context_attach(context); /* NULL: the current one, as it is */
    ok = run(&request);
    cairn_context_detach(token);
    cairn_context_unref(context);
    cairn_sdk_stop(sdk, 5000);
    curl_global_cleanup();
    return ok ? 0 : 1;
}
