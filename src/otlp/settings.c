/* settings.c - the rules of OTEL_EXPORTER_OTLP_*: the signal's own variable before the general one before the default. */
#define CAIRN_NO_INLINE
#include "otlp/settings.h"

#include "otlp/diag.h"
#include "trace/pairs.h"

/* The variable for traces, else the general one; empty counts as unset. */
static struct str both(otlp_env_fn *env, struct arena *arena, const char *what)
{
    struct str own = arena_printf(arena, "OTEL_EXPORTER_OTLP_TRACES_%s", what);
    struct str general = arena_printf(arena, "OTEL_EXPORTER_OTLP_%s", what);
    struct str v = {NULL, 0};
    if (own.p)
        v = str_trim(str_of(env(own.p)));
    if (v.n == 0 && general.p)
        v = str_trim(str_of(env(general.p)));
    return v;
}

static const char *file_of(const char *given, otlp_env_fn *env, struct arena *arena,
                           const char *what)
{
    struct str v = given && *given ? str_of(given) : both(env, arena, what);
    return v.n ? arena_str(arena, v).p : NULL;
}

static const char *url_of(const struct cairn_otlp_options *o, const struct otlp_protocol *protocol,
                          otlp_env_fn *env, struct arena *arena)
{
    struct str general = str_trim(str_of(env("OTEL_EXPORTER_OTLP_ENDPOINT")));
    struct str own = o->endpoint && *o->endpoint
                         ? str_of(o->endpoint)
                         : str_trim(str_of(env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")));
    bool insecure = o->insecure || str_eq_nocase(both(env, arena, "INSECURE"), STR("true"));
    if (own.n)
        return protocol->url(arena, own, true, insecure).p;
    if (general.n == 0)
        general = str_of(protocol->default_endpoint);
    return protocol->url(arena, general, false, insecure).p;
}

/* NULL when the options ask for something that there is not; what the environment asks for is replaced. */
static const struct otlp_protocol *protocol_of(const struct cairn_otlp_options *o, otlp_env_fn *env,
                                               struct arena *arena)
{
    const struct otlp_protocol *p;
    struct str v = both(env, arena, "PROTOCOL");
    if (o->transport || o->encoding)
        return protocol_by_options(o->transport, o->encoding);
    p = protocol_by_name(v);
    if (p)
        return p;
    p = protocol_by_options(0, 0);
    if (v.n)
        diag_warn("OTEL_EXPORTER_OTLP_PROTOCOL=%.*s is not supported, %s is used", STR_ARG(v),
                  p->name);
    return p;
}

static bool gzip_of(const char *given, otlp_env_fn *env, struct arena *arena)
{
    struct str v = given && *given ? str_of(given) : both(env, arena, "COMPRESSION");
    if (v.n && !str_eq(v, STR("gzip")) && !str_eq(v, STR("none")))
        diag_warn("OTLP compression \"%.*s\" is not supported, none is used", STR_ARG(v));
    return str_eq(v, STR("gzip"));
}

static uint32_t timeout_of(uint32_t given, otlp_env_fn *env, struct arena *arena)
{
    struct str v = both(env, arena, "TIMEOUT");
    uint64_t ms = 10000;
    if (given)
        return given;
    if (v.n && (!str_to_u64(v, &ms) || ms >= UINT32_MAX)) {
        diag_warn("OTEL_EXPORTER_OTLP_TIMEOUT=%.*s is not a number of milliseconds, 10000 is used",
                  STR_ARG(v));
        ms = 10000;
    }
    return ms ? (uint32_t)ms : UINT32_MAX;
}

/* Of RFC 9110's tokens. */
static bool is_token(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!alnum && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return s.n > 0;
}

/* A header that would break the request is refused with all the others. */
static bool headers_are_safe(const struct attrs *headers)
{
    for (uint32_t i = 0; i < headers->count; i++) {
        struct str value = headers->items[i].value.string;
        if (!is_token(headers->items[i].key))
            return false;
        for (size_t j = 0; j < value.n; j++) {
            if (((unsigned char)value.p[j] < ' ' && value.p[j] != '\t') || value.p[j] == 127)
                return false;
        }
    }
    return true;
}

/* What belongs to the protocol is no header of the user's. */
static bool is_reserved(struct str key)
{
    static const struct str names[] = {
        STR_INIT("content-type"),      STR_INIT("content-encoding"), STR_INIT("content-length"),
        STR_INIT("transfer-encoding"), STR_INIT("connection"),       STR_INIT("te"),
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_eq_nocase(key, names[i]))
            return true;
    }
    return key.n >= 5 && str_eq_nocase(str_make(key.p, 5), STR("grpc-"));
}

static void drop_reserved(struct attrs *headers)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < headers->count; i++) {
        if (is_reserved(headers->items[i].key))
            diag_warn("OTLP header \"%.*s\" is the exporter's own and left out",
                      STR_ARG(headers->items[i].key));
        else
            headers->items[kept++] = headers->items[i];
    }
    headers->count = kept;
}

static struct attrs headers_of(const char *given, otlp_env_fn *env, struct arena *arena)
{
    struct str v = given && *given ? str_of(given) : both(env, arena, "HEADERS");
    struct attrs headers = {NULL, 0};
    if (pairs_parse(v, arena, &headers) == 0 && headers_are_safe(&headers)) {
        drop_reserved(&headers);
        return headers;
    }
    diag_warn("OTLP headers cannot be decoded and are ignored"); /* the text may hold secrets */
    return (struct attrs){NULL, 0};
}

static uint32_t concurrent_of(uint32_t given)
{
    if (given <= CAIRN_OTLP_CONCURRENT_MAX)
        return given ? given : 1;
    diag_warn("OTLP sends at most %d requests at once, not %u", CAIRN_OTLP_CONCURRENT_MAX, given);
    return CAIRN_OTLP_CONCURRENT_MAX;
}

cairn_status otlp_settings_make(const struct cairn_otlp_options *o, otlp_env_fn *env,
                                struct arena *arena, struct otlp_settings *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->protocol = protocol_of(o, env, arena);
    if (!ret->protocol) {
        diag_error("OTLP is sent as protobuf or JSON over HTTP or as protobuf over gRPC, not as "
                   "encoding %d over transport %d",
                   (int)o->encoding, (int)o->transport);
        return CAIRN_ERROR_INVALID;
    }
    ret->url = url_of(o, ret->protocol, env, arena);
    ret->gzip = gzip_of(o->compression, env, arena);
    ret->headers = headers_of(o->headers, env, arena);
    ret->timeout_ms = timeout_of(o->timeout_ms, env, arena);
    ret->ca_file = file_of(o->certificate, env, arena, "CERTIFICATE");
    ret->client_cert_file = file_of(o->client_certificate, env, arena, "CLIENT_CERTIFICATE");
    ret->client_key_file = file_of(o->client_key, env, arena, "CLIENT_KEY");
    ret->concurrent = concurrent_of(o->concurrent_requests);
    ret->user_agent = "OTel-OTLP-Exporter-C/" CAIRN_VERSION;
    if (arena_failed(arena))
        return CAIRN_ERROR_NO_MEMORY;
    if (!url_is_http(str_of(ret->url))) {
        diag_error("OTLP endpoint \"%s\" is not an http:// or https:// URL", ret->url);
        return CAIRN_ERROR_INVALID;
    }
    return CAIRN_OK;
}
