/* service.c - the service that the W3C's validation harness for trace context drives: for every {url, arguments} of the
 * JSON array that it is sent it posts the arguments to the url, from inside a trace.
 *
 *     service [PORT]      127.0.0.1; 0 or nothing: a free port. Says where it listens, runs until standard input ends. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <curl/curl.h>
#include <jansson.h>
#include <microhttpd.h>

#include <cairn/cairn.h>

enum { BODY_BYTES_MAX = 1 << 20, HEADERS_MAX = 100, CALL_TIMEOUT_S = 10 };

static cairn_tracer *tracer;

/* ---- What came in ---- */

struct request {
    char *body;
    size_t body_n;
    bool too_large;
    size_t header_count;
    struct {
        cairn_str name, value;
    } headers[HEADERS_MAX]; /* borrowed from the connection */
};

static enum MHD_Result keep_header(void *user, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct request *r = user;
    (void)kind;
    if (r->header_count < HEADERS_MAX) {
        r->headers[r->header_count].name = cairn_str_of(name);
        r->headers[r->header_count++].value = cairn_str_of(value);
    }
    return MHD_YES;
}

static bool get_header(void *carrier, cairn_str name, size_t index, cairn_str *value)
{
    struct request *r = carrier;
    for (size_t i = 0; i < r->header_count; i++) {
        cairn_str own = r->headers[i].name;
        if (own.n == name.n && strncasecmp(own.p, name.p, name.n) == 0 && index-- == 0) {
            *value = r->headers[i].value;
            return true;
        }
    }
    return false;
}

/* ---- What goes out ---- */

static void add_header(void *carrier, cairn_str name, cairn_str value)
{
    struct curl_slist **list = carrier, *longer = NULL;
    char *line = NULL;
    if (asprintf(&line, "%.*s: %.*s", (int)name.n, name.p, (int)value.n, value.p) >= 0)
        longer = curl_slist_append(*list, line);
    if (longer)
        *list = longer;
    free(line);
}

static size_t ignore(char *bytes, size_t size, size_t n, void *user)
{
    (void)bytes, (void)user;
    return size * n;
}

static void post(const char *url, const char *body)
{
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    CAIRN_SPAN(span, tracer, "POST", CAIRN_WITH(.kind = CAIRN_KIND_CLIENT));
    if (!curl || !headers)
        goto done;
    cairn_inject(NULL, add_header, &headers);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)CALL_TIMEOUT_S);
    if (curl_easy_perform(curl) != CURLE_OK)
        cairn_span_set_status(span, CAIRN_SPAN_ERROR, "no answer");
done:
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
}

static bool post_all(const char *bytes, size_t n)
{
    json_t *calls = json_loadb(bytes, n, 0, NULL), *call;
    bool fine = json_is_array(calls);
    size_t i;
    json_array_foreach(calls, i, call)
    {
        const char *url = json_string_value(json_object_get(call, "url"));
        char *arguments = json_dumps(json_object_get(call, "arguments"), JSON_ENCODE_ANY);
        if (url && arguments)
            post(url, arguments);
        else
            fine = false;
        free(arguments);
    }
    json_decref(calls);
    return fine;
}

/* ---- Serving ---- */

static bool serve(struct request *r, struct MHD_Connection *connection)
{
    cairn_context *parent;
    bool fine;
    MHD_get_connection_values(connection, MHD_HEADER_KIND, keep_header, r);
    parent = cairn_extract(NULL, get_header, r);
    {
        CAIRN_SPAN(span, tracer, "POST /test",
                   CAIRN_WITH(.kind = CAIRN_KIND_SERVER, .parent = parent));
        fine = !r->too_large && post_all(r->body ? r->body : "", r->body_n);
    }
    cairn_context_unref(parent);
    return fine;
}

static void keep_body(struct request *r, const char *bytes, size_t n)
{
    char *longer = n <= BODY_BYTES_MAX - r->body_n ? realloc(r->body, r->body_n + n) : NULL;
    if (!longer) {
        r->too_large = true;
        return;
    }
    memcpy(longer + r->body_n, bytes, n);
    r->body = longer;
    r->body_n += n;
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *n, void **state)
{
    struct request *r = *state;
    static char answer[] = "{}";
    struct MHD_Response *reply;
    enum MHD_Result queued;
    (void)user, (void)url, (void)version;
    if (!r) {
        *state = calloc(1, sizeof *r);
        return *state && strcmp(method, "POST") == 0 ? MHD_YES : MHD_NO;
    }
    if (*n) {
        if (!r->too_large)
            keep_body(r, bytes, *n);
        *n = 0;
        return MHD_YES;
    }
    unsigned status = serve(r, connection) ? MHD_HTTP_OK : MHD_HTTP_BAD_REQUEST;
    reply = MHD_create_response_from_buffer(2, answer, MHD_RESPMEM_PERSISTENT);
    if (!reply)
        return MHD_NO;
    MHD_add_response_header(reply, "Content-Type", "application/json");
    queued = MHD_queue_response(connection, status, reply);
    MHD_destroy_response(reply);
    return queued;
}

static void on_done(void *user, struct MHD_Connection *connection, void **state,
                    enum MHD_RequestTerminationCode code)
{
    struct request *r = *state;
    (void)user, (void)connection, (void)code;
    if (r)
        free(r->body);
    free(r);
}

static struct MHD_Daemon *listen_on(uint16_t port)
{
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(port)};
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, port,
                            NULL, NULL, on_request, NULL, MHD_OPTION_SOCK_ADDR, &local,
                            MHD_OPTION_NOTIFY_COMPLETED, on_done, NULL, MHD_OPTION_END);
}

int main(int argc, char **argv)
{
    long wanted = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    cairn_processor *simple = cairn_processor_simple(cairn_exporter_memory(1));
    cairn_sdk *sdk = cairn_sdk_new(CAIRN_SDK(.processors = &simple, .processor_count = 1));
    struct MHD_Daemon *daemon;
    if (wanted < 0 || wanted > 65535 || argc > 2 || !sdk) {
        fprintf(stderr, "usage: service [PORT]\n");
        return 2;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    cairn_tracer_provider_set_global(cairn_sdk_tracer_provider(sdk));
    cairn_propagator_set_global(cairn_propagator_tracecontext());
    tracer = cairn_tracer_get("w3c");
    daemon = listen_on((uint16_t)wanted);
    if (!daemon) {
        perror("service: listen");
        return 1;
    }
    printf("http://127.0.0.1:%u/test\n",
           (unsigned)MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    while (getchar() != EOF)
        continue;
    MHD_stop_daemon(daemon);
    cairn_sdk_stop(sdk, 1000);
    curl_global_cleanup();
    return 0;
}
