/* echo.c - answers every GET / with the headers that it got, as JSON. It knows nothing of tracing: without an SDK the
 * server's spans cost nothing. */
#include <jansson.h>
#include <stdlib.h>

#include "../common/options.h"
#include "../common/server.h"

static enum MHD_Result add_header(void *user, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    (void)kind;
    json_object_set_new(user, name, json_string(value));
    return MHD_YES;
}

static void echo(const struct server_request *request, struct server_reply *reply)
{
    json_t *headers = json_object();
    char *text;
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, add_header, headers);
    text = json_dumps(headers, JSON_INDENT(4));
    server_say(reply, MHD_HTTP_OK, "%s\n", text ? text : "{}");
    reply->content_type = "application/json";
    free(text);
    json_decref(headers);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"port", NULL};
    static const struct server_route routes[] = {{"GET", "/", echo}, {NULL, NULL, NULL}};
    struct server server = {
        .name = "echo",
        .port = option_port(argc, argv, names, 6000),
        .routes = routes,
    };
    return server_run(&server);
}
