/* jaeger_settings.c - what the polling sampler is told: by options, or by OTEL_TRACES_SAMPLER_ARG. */
#define CAIRN_NO_INLINE
#include <stdlib.h>

#include <cairn/resource.h>

#include "base/buf.h"
#include "otlp/diag.h"
#include "otlp/jaeger_remote.h"

enum { URL_BYTES_MAX = 4096 };

/* As in a query: what is not unreserved in RFC 3986 is percent-encoded. */
static void put_encoded(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            c == '-' || c == '.' || c == '_' || c == '~')
            buf_put_byte(b, c);
        else
            buf_printf(b, "%%%02X", c);
    }
}

char *jaeger_url(struct str endpoint, struct str service)
{
    struct str scheme = str_starts(endpoint, STR("https://")) ? STR("https://") : STR("http://");
    struct str rest = endpoint, host, query;
    ptrdiff_t slash;
    struct buf b;
    if (str_starts(endpoint, scheme))
        rest = str_from(endpoint, scheme.n);
    for (size_t i = 0; i < rest.n; i++) {
        if (rest.p[i] <= ' ' || rest.p[i] == 0x7f)
            return NULL;
    }
    str_cut(rest, '?', &rest, &query);
    slash = str_find(rest, '/');
    host = slash < 0 ? rest : str_make(rest.p, (size_t)slash);
    /* "ftp://x" has the host "ftp:" */
    if (host.n == 0 || host.p[0] == ':' || host.p[host.n - 1] == ':')
        return NULL;
    buf_init(&b, URL_BYTES_MAX);
    buf_put_str(&b, scheme);
    buf_put_str(&b, rest);
    if (slash < 0 || (size_t)slash + 1 == rest.n)
        buf_put_str(&b, slash < 0 ? STR("/sampling") : STR("sampling"));
    buf_put_byte(&b, '?');
    buf_put_str(&b, query);
    buf_put_str(&b, query.n ? STR("&service=") : STR("service="));
    put_encoded(&b, service);
    buf_put_byte(&b, 0);
    if (b.failed) {
        buf_release(&b);
        return NULL;
    }
    return (char *)buf_take(&b, &(size_t){0});
}

/* What an SDK's resource would say. Borrows from *keep, owned. */
static struct str service_of_environment(cairn_resource **keep)
{
    cairn_resource *basis = cairn_resource_default(), *env = cairn_resource_from_env();
    struct cairn_attr a;
    struct str found = {NULL, 0};
    *keep = cairn_resource_merge(basis, env);
    cairn_resource_unref(basis);
    cairn_resource_unref(env);
    for (size_t i = 0; cairn_resource_attribute(*keep, i, &a); i++) {
        if (str_eq(str_make(a.key.p, a.key.n), STR("service.name")) &&
            a.value.type == CAIRN_TYPE_STRING)
            found = str_make(a.value.as.string.p, a.value.as.string.n);
    }
    return found;
}

/* options is complete; its endpoint and service are given as slices. */
static cairn_sampler *make(const struct cairn_jaeger_remote_options *options, struct str endpoint,
                           struct str service)
{
    cairn_resource *keep = NULL;
    cairn_sampler *s;
    char *url;
    if (endpoint.n == 0)
        endpoint = STR("http://localhost:5778");
    if (service.n == 0)
        service = service_of_environment(&keep);
    url = jaeger_url(endpoint, service);
    cairn_resource_unref(keep);
    if (!url) {
        diag_warn("the Jaeger sampler's endpoint \"%.*s\" is no URL of http or https",
                  STR_ARG(endpoint));
        return NULL;
    }
    s = jaeger_remote_new(options, url);
    return s;
}

cairn_sampler *cairn_sampler_jaeger_remote(const struct cairn_jaeger_remote_options *options)
{
    struct cairn_jaeger_remote_options o = {.size = sizeof o};
    size_t size = options ? options->size : 0;
    if (size)
        memcpy(&o, options, size < sizeof o ? size : sizeof o);
    return make(&o, str_of(o.endpoint), str_of(o.service_name));
}

/* ---- OTEL_TRACES_SAMPLER_ARG ---- */

static void read_interval(struct str value, uint32_t *ret)
{
    uint64_t n;
    if (str_to_u64(value, &n) && n > 0 && n <= UINT32_MAX)
        *ret = (uint32_t)n;
    else
        diag_warn("OTEL_TRACES_SAMPLER_ARG: pollingIntervalMs=%.*s is not a number from 1, 60000 "
                  "is used",
                  STR_ARG(value));
}

static void read_rate(struct str value, double *ret)
{
    double rate;
    if (str_to_double(value, &rate) && rate >= 0 && rate <= 1)
        *ret = rate;
    else
        diag_warn("OTEL_TRACES_SAMPLER_ARG: initialSamplingRate=%.*s is not a number from 0 to 1, "
                  "0.001 is used",
                  STR_ARG(value));
}

static cairn_sampler *from_arg(void *user, const struct cairn_sampler_args *args)
{
    struct cairn_jaeger_remote_options o = {.size = sizeof o};
    struct str list = str_make(args->arg.p, args->arg.n), part, key, value, endpoint = {NULL, 0};
    double rate = 0.001;
    cairn_sampler *s;
    (void)user;
    while (list.n) {
        str_cut(list, ',', &part, &list);
        str_cut(str_trim(part), '=', &key, &value);
        key = str_trim(key);
        value = str_trim(value);
        if (str_eq(key, STR("endpoint")))
            endpoint = value;
        else if (str_eq(key, STR("pollingIntervalMs")))
            read_interval(value, &o.polling_interval_ms);
        else if (str_eq(key, STR("initialSamplingRate")))
            read_rate(value, &rate);
        else if (key.n)
            diag_warn("OTEL_TRACES_SAMPLER_ARG: %.*s is not known, left out", STR_ARG(key));
    }
    o.initial_sampler = args->initial_sampler ? cairn_sampler_ref(args->initial_sampler)
                                              : cairn_sampler_ratio(rate);
    s = o.initial_sampler ? make(&o, endpoint, str_make(args->service_name.p, args->service_name.n))
                          : NULL;
    cairn_sampler_unref(o.initial_sampler);
    return s;
}

cairn_status jaeger_remote_register(void)
{
    return cairn_sampler_register("jaeger_remote", from_arg, NULL);
}
