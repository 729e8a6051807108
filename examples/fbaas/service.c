/* service.c - the server side: read the question, answer it, with tracing switched on around. */
#include "service.h"

#include <jansson.h>

#include "../common/server.h"
#include <cairn/cairn.h>
#include <cairn/otlp.h>
#include <curl/curl.h>

/* {"number": x} */
static bool read_number(const struct server_request *request, long *number)
{
    json_t *root = json_loadb(request->body, request->body_length, 0, NULL);
    json_t *value = json_object_get(root, "number");
    bool ok = json_is_integer(value);
    if (ok)
        *number = (long)json_integer_value(value);
    json_decref(root);
    return ok;
}

static void on_question(const struct server_request *request, struct server_reply *reply)
{
    const struct service *service = request->user;
    char text[256];
    long number = 0;
    if (!read_number(request, &number))
        server_say(reply, MHD_HTTP_BAD_REQUEST, "send {\"number\": x}");
    else if (service->answer(number, text, sizeof text, service->user) < 0)
        server_say(reply, MHD_HTTP_BAD_GATEWAY, "%s", text);
    else
        server_say(reply, MHD_HTTP_OK, "%s", text);
}

int service_run(const struct service *service)
{
    static const struct server_route routes[] = {{"POST", "/", on_question}, {NULL, NULL, NULL}};
    struct server server = {.name = service->name,
                            .port = service->port,
                            .routes = routes,
                            .user = (void *)(uintptr_t)service};
    cairn_sdk *sdk;
    int status;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    sdk = cairn_otlp_start(CAIRN_SDK(.service_name = service->name, .service_version = "1.0.0"));
    status = server_run(&server);
    cairn_sdk_stop(sdk, 5000);
    curl_global_cleanup();
    return status;
}
