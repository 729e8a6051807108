/* microhttpd.c - what libmicrohttpd knows of a request, handed to the HTTP core. */
#include <cairn/microhttpd.h>

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

struct cairn_microhttpd_request {
    struct cairn_http_exchange exchange;
    unsigned int status; /* 0: nothing was queued */
    const char *error_type;
};

/* ---- Headers: libmicrohttpd lists them, Cairn asks for one at a time ---- */

struct search {
    cairn_str name; /* empty: any, and the name is what is wanted */
    size_t left;    /* how many of those that match come before */
    bool found;
    cairn_str value;
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool same_name(cairn_str name, const char *other)
{
    for (size_t i = 0; i < name.n; i++) {
        if (lower(name.p[i]) != lower(other[i])) /* the NUL of a shorter one differs, too */
            return false;
    }
    return other[name.n] == '\0';
}

static enum MHD_Result on_header(void *user, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    struct search *search = user;
    (void)kind;
    if ((search->name.n && !same_name(search->name, name)) || search->left-- > 0)
        return MHD_YES;
    search->found = true;
    search->value = cairn_str_of(search->name.n ? value : name);
    return MHD_NO;
}

static bool get_header(void *connection, cairn_str name, size_t index, cairn_str *value)
{
    struct search search = {.name = name, .left = index};
    MHD_get_connection_values(connection, MHD_HEADER_KIND, on_header, &search);
    if (search.found)
        *value = search.value;
    return search.found;
}

static bool get_answer_header(void *response, cairn_str name, size_t index, cairn_str *value)
{
    struct search search = {.name = name, .left = index};
    MHD_get_response_headers(response, on_header, &search);
    if (search.found)
        *value = search.value;
    return search.found;
}

/* ---- The request target: libmicrohttpd has taken it apart and decoded it ---- */

enum { TARGET_MAX = 4096 };

struct target {
    char text[TARGET_MAX];
    size_t n, parameters;
};

static void put_byte(struct target *target, char c)
{
    if (target->n < TARGET_MAX)
        target->text[target->n++] = c;
}

/* What may stand in a URL as it is (RFC 3986, unreserved), and `also`. */
static void put_encoded(struct target *target, const char *text, const char *also)
{
    static const char digits[] = "0123456789ABCDEF";
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("-._~", c) || strchr(also, c);
        if (plain) {
            put_byte(target, (char)c);
        } else {
            put_byte(target, '%');
            put_byte(target, digits[c >> 4]);
            put_byte(target, digits[c & 15]);
        }
    }
}

static enum MHD_Result on_parameter(void *user, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    struct target *target = user;
    (void)kind;
    put_byte(target, target->parameters++ ? '&' : '?');
    put_encoded(target, name, "/:@!$'()*,;");
    if (value) {
        put_byte(target, '=');
        put_encoded(target, value, "/:@!$'()*,;");
    }
    return MHD_YES;
}

static cairn_str target_of(struct MHD_Connection *connection, const char *url,
                           struct target *target)
{
    put_encoded(target, url ? url : "", "/:@!$&'()*+,;=");
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, on_parameter, target);
    return cairn_str_make(target->text, target->n);
}

/* ---- The connection ---- */

static bool is_tls(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info && info->tls_session;
}

struct peer {
    char address[NI_MAXHOST], port[NI_MAXSERV];
};

static void peer_of(struct MHD_Connection *connection, struct cairn_http_request *request,
                    struct peer *peer)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    socklen_t size;
    if (!info || !info->client_addr)
        return;
    size = info->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                    : sizeof(struct sockaddr_in);
    if ((info->client_addr->sa_family != AF_INET && info->client_addr->sa_family != AF_INET6) ||
        getnameinfo(info->client_addr, size, peer->address, sizeof peer->address, peer->port,
                    sizeof peer->port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return;
    request->peer_address = cairn_str_of(peer->address);
    request->peer_port = (uint16_t)strtoul(peer->port, NULL, 10);
}

/* ---- The interface ---- */

static void start(cairn_microhttpd_request *started, cairn_tracer *tracer,
                  struct MHD_Connection *connection, struct cairn_http_request *request,
                  const char *url)
{
    struct target target;
    struct peer peer;
    int saved_errno = errno; /* looking up the peer may set it */
    target.n = target.parameters = 0;
    if (cairn_tracer_enabled(tracer)) {
        if (!request->target.n)
            request->target = target_of(connection, url, &target);
        peer_of(connection, request, &peer);
    }
    cairn_http_server_start(&started->exchange, tracer, request);
    errno = saved_errno;
}

cairn_microhttpd_request *cairn_microhttpd_begin(cairn_tracer *tracer,
                                                 struct MHD_Connection *connection,
                                                 const char *method, const char *url,
                                                 const char *version,
                                                 const struct cairn_microhttpd_options *options)
{
    struct cairn_microhttpd_options o = {0};
    cairn_microhttpd_request *started = calloc(1, sizeof *started);
    struct cairn_http_request request = {
        .size = sizeof request,
        .method = cairn_str_of(method),
        .version = cairn_str_of(version),
        .scheme = cairn_str_of(is_tls(connection) ? "https" : "http"),
        .get_header = get_header,
        .carrier = connection,
    };
    if (!started)
        return NULL;
    if (options)
        memcpy(&o, options, options->size < sizeof o ? options->size : sizeof o);
    request.target = cairn_str_of(o.target);
    request.route = cairn_str_of(o.route);
    request.options = o.http;
    start(started, tracer, connection, &request, url);
    return started;
}

cairn_span *cairn_microhttpd_span(cairn_microhttpd_request *request)
{
    return request ? request->exchange.span : NULL;
}

cairn_context *cairn_microhttpd_context(cairn_microhttpd_request *request)
{
    return request ? request->exchange.context : cairn_context_empty();
}

void cairn_microhttpd_route(cairn_microhttpd_request *request, const char *route)
{
    if (request)
        cairn_http_server_route(&request->exchange, cairn_str_of(route));
}

enum MHD_Result cairn_microhttpd_queue(cairn_microhttpd_request *request,
                                       struct MHD_Connection *connection, unsigned int status,
                                       struct MHD_Response *response)
{
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    if (request && queued == MHD_YES) {
        request->status = status;
        cairn_http_response_headers(&request->exchange, get_answer_header, response);
    }
    return queued;
}

void cairn_microhttpd_error(cairn_microhttpd_request *request, const char *error_type)
{
    if (request)
        request->error_type = error_type;
}

static const char *error_of(const cairn_microhttpd_request *request,
                            enum MHD_RequestTerminationCode why)
{
    if (request->error_type)
        return request->error_type;
    switch (why) {
    case MHD_REQUEST_TERMINATED_COMPLETED_OK: return request->status ? NULL : "no_response";
    case MHD_REQUEST_TERMINATED_TIMEOUT_REACHED: return "timeout";
    case MHD_REQUEST_TERMINATED_DAEMON_SHUTDOWN: return "server_shutdown";
    default: return "connection_lost";
    }
}

void cairn_microhttpd_end(cairn_microhttpd_request *request, enum MHD_RequestTerminationCode why)
{
    if (!request)
        return;
    cairn_http_server_end(&request->exchange, (int32_t)request->status, error_of(request, why));
    free(request);
}
