/* settings.c - the rules of OTEL_EXPORTER_OTLP_*: the signal's own variable before the general one before the default. */
#define CAIRN_NO_INLINE
#include "otlp/settings.h"

#include "otlp/diag.h"
#include "trace/pairs.h"

#define DEFAULT_URL "http://localhost:4318/v1/traces"

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

/* The path of a URL begins after the authority. */
static bool has_path(struct str url)
{
    struct str scheme, rest;
    if (!str_cut(url, ':', &scheme, &rest))
        return false;
    return str_find(str_from(rest, 2), '/') >= 0;
}

static bool is_http(struct str url)
{
    return str_eq_nocase((struct str){url.p, url.n < 7 ? url.n : 7}, STR("http://")) ||
           str_eq_nocase((struct str){url.p, url.n < 8 ? url.n : 8}, STR("https://"));
}

/* A URL of one's own is used as it is (an empty path is "/"); the general one gets v1/traces appended. */
static const char *url_of(const char *given, otlp_env_fn *env, struct arena *arena)
{
    struct str own = given && *given ? str_of(given)
                                     : str_trim(str_of(env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")));
    struct str general = str_trim(str_of(env("OTEL_EXPORTER_OTLP_ENDPOINT")));
    if (own.n)
        return arena_printf(arena, "%.*s%s", STR_ARG(own), has_path(own) ? "" : "/").p;
    if (general.n)
        return arena_printf(arena, "%.*s%sv1/traces", STR_ARG(general),
                            general.p[general.n - 1] == '/' ? "" : "/")
            .p;
    return DEFAULT_URL;
}

static int32_t encoding_of(int32_t given, otlp_env_fn *env, struct arena *arena)
{
    struct str v = both(env, arena, "PROTOCOL");
    if (given == CAIRN_OTLP_PROTOBUF || given == CAIRN_OTLP_JSON)
        return given;
    if (str_eq(v, STR("http/json")))
        return CAIRN_OTLP_JSON;
    if (v.n && !str_eq(v, STR("http/protobuf")))
        diag_warn("OTEL_EXPORTER_OTLP_PROTOCOL=%.*s is not supported, http/protobuf is used",
                  STR_ARG(v));
    return CAIRN_OTLP_PROTOBUF;
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

/* A header that would break the request is refused with all the others. */
static bool headers_are_safe(const struct attrs *headers)
{
    for (uint32_t i = 0; i < headers->count; i++) {
        struct str key = headers->items[i].key, value = headers->items[i].value.string;
        for (size_t j = 0; j < key.n; j++) {
            if (key.p[j] <= ' ' || key.p[j] == ':' || key.p[j] == 127)
                return false;
        }
        for (size_t j = 0; j < value.n; j++) {
            if (value.p[j] == '\r' || value.p[j] == '\n' || value.p[j] == '\0')
                return false;
        }
    }
    return true;
}

static struct attrs headers_of(const char *given, otlp_env_fn *env, struct arena *arena)
{
    struct str v = given && *given ? str_of(given) : both(env, arena, "HEADERS");
    struct attrs headers = {NULL, 0};
    if (pairs_parse(v, arena, &headers) == 0 && headers_are_safe(&headers))
        return headers;
    diag_warn("OTLP headers cannot be decoded and are ignored"); /* the text may hold secrets */
    return (struct attrs){NULL, 0};
}

cairn_status otlp_settings_make(const struct cairn_otlp_options *o, otlp_env_fn *env,
                                struct arena *arena, struct otlp_settings *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->url = url_of(o->endpoint, env, arena);
    ret->encoding = encoding_of(o->encoding, env, arena);
    ret->gzip = gzip_of(o->compression, env, arena);
    ret->headers = headers_of(o->headers, env, arena);
    ret->timeout_ms = timeout_of(o->timeout_ms, env, arena);
    ret->ca_file = file_of(o->certificate, env, arena, "CERTIFICATE");
    ret->client_cert_file = file_of(o->client_certificate, env, arena, "CLIENT_CERTIFICATE");
    ret->client_key_file = file_of(o->client_key, env, arena, "CLIENT_KEY");
    ret->user_agent = "OTel-OTLP-Exporter-C/" CAIRN_VERSION;
    if (arena_failed(arena))
        return CAIRN_ERROR_NO_MEMORY;
    if (!is_http(str_of(ret->url))) {
        diag_error("OTLP endpoint \"%s\" is not an http:// or https:// URL", ret->url);
        return CAIRN_ERROR_INVALID;
    }
    return CAIRN_OK;
}
