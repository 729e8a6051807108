/* exporters.c - the exporters that processors name: OTLP over HTTP, gRPC and to files, and the console. */
#define CAIRN_NO_INLINE
#include <cairn/otlp.h>

#include "base/buf.h"
#include "config/component.h"

enum { HEADERS_BYTES_MAX = 65536 };

static cairn_status absolute(const cairn_config_node *tls, const char *key, const char **ret,
                             struct cairn_config_error *error)
{
    const cairn_config_node *node = cairn_config_get(tls, key);
    *ret = cairn_config_string(node, NULL);
    if (*ret && **ret != '/')
        return node_fail(node, error, "must be an absolute path, is \"%.100s\"", *ret);
    return CAIRN_OK;
}

static cairn_status read_tls(const cairn_config_node *tls, struct cairn_otlp_options *o,
                             struct cairn_config_error *error)
{
    if (absolute(tls, "ca_file", &o->certificate, error) != CAIRN_OK ||
        absolute(tls, "cert_file", &o->client_certificate, error) != CAIRN_OK ||
        absolute(tls, "key_file", &o->client_key, error) != CAIRN_OK)
        return CAIRN_ERROR_INVALID;
    if (!o->client_certificate != !o->client_key)
        return node_fail(tls, error, "needs both key_file and cert_file, or neither");
    return CAIRN_OK;
}

/* As OTEL_EXPORTER_OTLP_HEADERS wants keys and values: everything but letters, digits and a few signs escaped. */
static void put_escaped(struct buf *b, struct str s)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' ||
            c == '_' || c == '.') {
            buf_put_byte(b, c);
        } else {
            buf_put_byte(b, '%');
            buf_put_byte(b, (unsigned char)hex[c >> 4]);
            buf_put_byte(b, (unsigned char)hex[c & 15]);
        }
    }
}

/* headers_list first: the later value of a name wins. */
static cairn_status put_headers(const cairn_config_node *properties, struct buf *b,
                                struct cairn_config_error *error)
{
    const cairn_config_node *headers = cairn_config_get(properties, "headers");
    buf_put_str(b, str_of(cairn_config_string(cairn_config_get(properties, "headers_list"), "")));
    for (size_t i = 0; i < cairn_config_count(headers); i++) {
        const cairn_config_node *pair = cairn_config_at(headers, i);
        const char *value = cairn_config_string(cairn_config_get(pair, "value"), NULL);
        const char *name = cairn_config_string(cairn_config_get(pair, "name"), "");
        if (!*name)
            return node_fail(pair, error, "name must not be empty");
        if (!value)
            continue; /* null: the entry does not count */
        buf_put_byte(b, ',');
        put_escaped(b, str_of(name));
        buf_put_byte(b, '=');
        put_escaped(b, str_of(value));
    }
    buf_put_byte(b, '\0');
    return b->failed ? node_fail(properties, error, "headers of more than %d bytes, or no memory",
                                 HEADERS_BYTES_MAX)
                     : CAIRN_OK;
}

static cairn_status read_endpoint(const cairn_config_node *node, struct cairn_otlp_options *o,
                                  struct cairn_config_error *error)
{
    o->endpoint = cairn_config_string(node, o->endpoint);
    if (o->transport == CAIRN_OTLP_GRPC && !strstr(o->endpoint, "://"))
        return CAIRN_OK; /* HOST:PORT */
    return component_check_url(node, o->endpoint, error);
}

/* What both transports share; o->endpoint comes in as the default. */
static void *make_otlp(const cairn_config_node *p, struct cairn_otlp_options *o,
                       struct cairn_config_error *error)
{
    cairn_exporter *made = NULL;
    struct buf headers;
    int64_t timeout_ms = cairn_config_int(cairn_config_get(p, "timeout"), 10000);
    buf_init(&headers, HEADERS_BYTES_MAX);
    o->size = sizeof *o;
    o->no_environment = true;
    o->timeout_ms = timeout_ms ? (uint32_t)timeout_ms : CAIRN_FOREVER;
    o->compression = cairn_config_string(cairn_config_get(p, "compression"), "none");
    if (read_endpoint(cairn_config_get(p, "endpoint"), o, error) == CAIRN_OK &&
        read_tls(cairn_config_get(p, "tls"), o, error) == CAIRN_OK &&
        put_headers(p, &headers, error) == CAIRN_OK) {
        o->headers = (const char *)headers.p;
        made = cairn_otlp_exporter_new(o);
    }
    buf_release(&headers);
    return made;
}

static void *otlp_http(void *user, const cairn_config_node *properties,
                       struct cairn_config_error *error)
{
    const char *encoding = cairn_config_string(cairn_config_get(properties, "encoding"), "");
    struct cairn_otlp_options o = {.endpoint = "http://localhost:4318/v1/traces",
                                   .transport = CAIRN_OTLP_HTTP};
    (void)user;
    o.encoding = strcmp(encoding, "json") == 0 ? CAIRN_OTLP_JSON : CAIRN_OTLP_PROTOBUF;
    return make_otlp(properties, &o, error);
}

static void *otlp_grpc(void *user, const cairn_config_node *properties,
                       struct cairn_config_error *error)
{
    struct cairn_otlp_options o = {.endpoint = "http://localhost:4317",
                                   .transport = CAIRN_OTLP_GRPC};
    (void)user;
    o.insecure =
        cairn_config_bool(cairn_config_get(cairn_config_get(properties, "tls"), "insecure"), false);
    return make_otlp(properties, &o, error);
}

/* "stdout", or file:///absolute/path. */
static void *otlp_file(void *user, const cairn_config_node *properties,
                       struct cairn_config_error *error)
{
    const cairn_config_node *node = cairn_config_get(properties, "output_stream");
    const char *to = cairn_config_string(node, "stdout");
    cairn_exporter *made;
    (void)user;
    if (strcmp(to, "stdout") == 0)
        return cairn_exporter_otlp_file(NULL);
    if (!str_starts(str_of(to), STR("file:///"))) {
        node_fail(node, error, "must be stdout or file:///PATH, is \"%.100s\"", to);
        return NULL;
    }
    made = cairn_exporter_otlp_file(to + strlen("file://"));
    if (!made)
        node_fail(node, error,
                  "cannot be opened for writing; look at the path and its permissions");
    return made;
}

static void *console(void *user, const cairn_config_node *properties,
                     struct cairn_config_error *error)
{
    (void)user, (void)properties, (void)error;
    return cairn_exporter_console(CAIRN_CONSOLE_TEXT, 1);
}

/* ---- What they may say ---- */

static const struct shape text = {.types = IS_STRING};
static const struct shape text_or_null = {.types = IS_STRING | IS_NULL};
static const struct shape time_ms = {
    .types = IS_INT | IS_NULL, .min = 0, .max = CAIRN_LIMIT_ZERO - 1};

static const struct field pair_fields[] = {
    {"name", &text, true}, {"value", &text_or_null, true}, {0}};
static const struct shape pair = {.types = IS_MAP, .fields = pair_fields};
static const struct shape pairs = {.types = IS_LIST, .items = &pair};

static const struct field tls_fields[] = {{"ca_file", &text_or_null, false},
                                          {"key_file", &text_or_null, false},
                                          {"cert_file", &text_or_null, false},
                                          {0}};
static const struct shape tls = {.types = IS_MAP | IS_NULL, .fields = tls_fields};

static const struct shape boolean_or_null = {.types = IS_BOOL | IS_NULL};
static const struct field grpc_tls_fields[] = {{"ca_file", &text_or_null, false},
                                               {"key_file", &text_or_null, false},
                                               {"cert_file", &text_or_null, false},
                                               {"insecure", &boolean_or_null, false},
                                               {0}};
static const struct shape grpc_tls = {.types = IS_MAP | IS_NULL, .fields = grpc_tls_fields};

static const char *const compressions[] = {"gzip", "none", NULL};
static const struct shape compression = {.types = IS_STRING | IS_NULL, .words = compressions};
static const char *const encodings[] = {"protobuf", "json", NULL};
static const struct shape encoding = {.types = IS_STRING | IS_NULL, .words = encodings};

static const struct field http_fields[] = {
    {"endpoint", &text_or_null, false},   {"tls", &tls, false},
    {"headers", &pairs, false},           {"headers_list", &text_or_null, false},
    {"compression", &compression, false}, {"timeout", &time_ms, false},
    {"encoding", &encoding, false},       {0},
};
static const struct shape shape_otlp_http = {.types = IS_MAP | IS_NULL, .fields = http_fields};

static const struct field grpc_fields[] = {
    {"endpoint", &text_or_null, false},
    {"tls", &grpc_tls, false},
    {"headers", &pairs, false},
    {"headers_list", &text_or_null, false},
    {"compression", &compression, false},
    {"timeout", &time_ms, false},
    {0},
};
static const struct shape shape_otlp_grpc = {.types = IS_MAP | IS_NULL, .fields = grpc_fields};

static const struct field file_fields[] = {{"output_stream", &text_or_null, false}, {0}};
static const struct shape shape_otlp_file = {.types = IS_MAP | IS_NULL, .fields = file_fields};

const struct component exporter_components[] = {
    {CAIRN_CONFIG_EXPORTER, "otlp_http", &shape_otlp_http, otlp_http, NULL},
    {CAIRN_CONFIG_EXPORTER, "otlp_grpc", &shape_otlp_grpc, otlp_grpc, NULL},
    {CAIRN_CONFIG_EXPORTER, "otlp_file/development", &shape_otlp_file, otlp_file, NULL},
    {CAIRN_CONFIG_EXPORTER, "console", &shape_nothing, console, NULL},
    {CAIRN_CONFIG_EXPORTER, "zipkin", NULL, NULL,
     "zipkin is not supported, it has left the specification; use otlp_http, which Zipkin's "
     "successors and collectors take"},
    {0},
};
