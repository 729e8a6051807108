/* app.c - the application of the lab: `/` greets and asks the echo server what it got, `/users` looks a user up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cairn/cairn.h>
#include <cairn/curl.h>
#include <cairn/otlp.h>
#include <cairn/semconv.h>

#include "../common/options.h"
#include "../common/server.h"
#include "lab.h"

struct app {
    cairn_tracer *tracer;
    const char *echo; /* the echo server's URL */
};

static void pause_ms(long ms)
{
    struct timespec time = {.tv_nsec = ms * 1000000};
    nanosleep(&time, NULL);
}

/* ---- The call to the echo server ---- */

struct body {
    char text[4096];
    size_t n;
};

static size_t on_data(char *data, size_t size, size_t count, void *user)
{
    struct body *body = user;
    size_t n = size * count;
    if (n >= sizeof body->text - body->n)
        return 0;
    memcpy(body->text + body->n, data, n);
    body->n += n;
    return n;
}

/* cairn_curl_perform makes the span of the request, a child of do_stuff's, and puts its context into the headers. */
static bool ask_echo(const struct app *app, struct body *body)
{
    CURL *curl = curl_easy_init();
    CURLcode code;
    if (!curl)
        return false;
    curl_easy_setopt(curl, CURLOPT_URL, app->echo);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 5L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    code = cairn_curl_perform(app->tracer, curl, NULL);
    if (code != CURLE_OK)
        fprintf(stderr, "app: %s: %s (is the echo server running?)\n", app->echo,
                curl_easy_strerror(code));
    curl_easy_cleanup(curl);
    return code == CURLE_OK;
}

static bool do_stuff(const struct app *app, struct body *body)
{
    CAIRN_SPAN(span, app->tracer, "do_stuff"); /* until the end of this function */
    pause_ms(50);
    cairn_span_add_event(span, "ready to ask", NULL);
    return ask_echo(app, body);
}

/* ---- GET / ---- */

static void index_page(const struct server_request *request, struct server_reply *reply)
{
    const struct app *app = request->user;
    struct body body = {.n = 0};
    char now[32];
    time_t seconds = time(NULL);
    struct tm utc;
    CAIRN_SPAN(span, app->tracer, "index");

    /* the names are the conventions': the same everywhere, and no typing error gets past the compiler */
    cairn_span_set(span, CAIRN_STR(CAIRN_ATTR_CODE_FUNCTION_NAME, "index_page"),
                   CAIRN_INT(CAIRN_ATTR_CODE_LINE_NUMBER, __LINE__));
    if (!do_stuff(app, &body)) {
        cairn_span_set_status(span, CAIRN_SPAN_ERROR, "the echo server does not answer");
        server_say(reply, MHD_HTTP_BAD_GATEWAY, "the echo server does not answer\n");
        return;
    }
    strftime(now, sizeof now, "%H:%M:%S", gmtime_r(&seconds, &utc));
    server_say(reply, MHD_HTTP_OK,
               "Hello, World! It is %s UTC. The echo server got these headers:\n%.*s", now,
               (int)body.n, body.text);
}

/* ---- GET /users?id=N ---- */

static const char *find_user(const struct app *app, long id)
{
    static const char *const users[] = {"Ada", "Grace", "Edsger"};
    CAIRN_SPAN(span, app->tracer, "find_user");
    cairn_span_set(span, CAIRN_STR(CAIRN_ATTR_DB_OPERATION_NAME, "SELECT"),
                   CAIRN_STR(CAIRN_ATTR_DB_COLLECTION_NAME, "users"), CAIRN_INT("user.number", id));
    pause_ms(20);
    if (id < 1 || id > 3) {
        cairn_span_add_event(span, "not found", CAIRN_ATTRS(CAIRN_INT("user.number", id)));
        return NULL;
    }
    return users[id - 1];
}

static void users_page(const struct server_request *request, struct server_reply *reply)
{
    const struct app *app = request->user;
    const char *text = server_parameter(request, "id"), *name;
    char *end = NULL;
    long id = text ? strtol(text, &end, 10) : 1;
    if (text && (*end || end == text)) {
        server_say(reply, MHD_HTTP_BAD_REQUEST, "id takes a number, not '%s'\n", text);
        return;
    }
    name = find_user(app, id);
    reply->content_type = "application/json";
    if (name)
        server_say(reply, MHD_HTTP_OK, "{\"id\": %ld, \"name\": \"%s\"}\n", id, name);
    else
        server_say(reply, MHD_HTTP_NOT_FOUND, "{\"error\": \"no user %ld\"}\n", id);
}

/* ---- Set-up ---- */

/* Spans go to standard output as they end, unless OTEL_TRACES_EXPORTER says something else. */
static cairn_sdk *start_tracing(void)
{
    cairn_resource *resource = lab_resource("lab-app", "0.1.0");
    struct cairn_sdk_options options = {.size = sizeof options, .resource = resource};
    const char *exporter = getenv("OTEL_TRACES_EXPORTER");
    cairn_processor *console = NULL;
    cairn_sdk *sdk;
    if (!exporter || !*exporter) {
        console = cairn_processor_simple(json_exporter_new());
        options.processors = &console;
        options.processor_count = 1;
    }
    sdk = cairn_otlp_start(&options);
    cairn_resource_unref(resource);
    return sdk;
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"port", "echo", NULL};
    static const struct server_route routes[] = {
        {"GET", "/", index_page}, {"GET", "/users", users_page}, {NULL, NULL, NULL}};
    struct app app = {
        .echo = option_text(argc, argv, names, "echo", "http://127.0.0.1:6000/"),
    };
    struct server server = {
        .name = "app",
        .port = option_port(argc, argv, names, 5000),
        .routes = routes,
        .user = &app,
    };
    cairn_sdk *sdk = start_tracing();
    int status;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    app.tracer = cairn_tracer_get_with(
        NULL, &(struct cairn_tracer_options){.size = sizeof(struct cairn_tracer_options),
                                             .name = "lab",
                                             .version = "0.1.0",
                                             .schema_url = CAIRN_SEMCONV_SCHEMA_URL});
    status = server_run(&server);
    cairn_sdk_stop(sdk, 5000); /* sends what is still waiting */
    curl_global_cleanup();
    return status;
}
