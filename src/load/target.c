/* target.c - see target.h. */
#include "load/target.h"

#include <stdio.h>

struct parts {
    struct str scheme, host, port, path;
};

static bool copy(char *out, size_t size, struct str s)
{
    if (s.n >= size)
        return false;
    if (s.n)
        memcpy(out, s.p, s.n);
    out[s.n] = '\0';
    return true;
}

/* scheme://host:port/path, of which all but the host may be missing. */
static bool split(struct str text, struct parts *ret)
{
    struct str authority = text, rest;
    uint64_t port;
    const char *scheme_end = text.n ? memmem(text.p, text.n, "://", 3) : NULL;
    *ret = (struct parts){.scheme = {NULL, 0}};
    if (scheme_end) {
        ret->scheme = str_make(text.p, (size_t)(scheme_end - text.p));
        authority = str_from(text, ret->scheme.n + 3);
    }
    ptrdiff_t slash = str_find(authority, '/');
    if (slash >= 0) {
        ret->path = str_from(authority, (size_t)slash);
        authority.n = (size_t)slash;
    }
    if (authority.n && authority.p[0] == '[') {
        if (!str_cut(str_from(authority, 1), ']', &ret->host, &rest) ||
            (rest.n && rest.p[0] != ':'))
            return false;
        ret->port = str_from(rest, 1);
    } else {
        str_cut(authority, ':', &ret->host, &ret->port);
    }
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] <= ' ' || text.p[i] == 0x7f)
            return false;
    }
    return ret->host.n &&
           (ret->port.n == 0 || (str_to_u64(ret->port, &port) && port > 0 && port < 65536));
}

static int choose_protocol(struct str scheme, int wanted, enum load_protocol *ret, struct err *err)
{
    bool grpc = str_eq(scheme, STR("grpc")), https = str_eq(scheme, STR("https"));
    if (scheme.n && !grpc && !https && !str_eq(scheme, STR("http")))
        return err_set(err, ERR_INVALID, "\"%.*s\" is none of grpc, http, https",
                       scheme.n < 32 ? (int)scheme.n : 32, scheme.p);
    if (wanted == LOAD_ANY_PROTOCOL)
        wanted = scheme.n && !grpc ? LOAD_HTTP_PROTOBUF : LOAD_GRPC;
    if (grpc && wanted != LOAD_GRPC)
        return err_set(err, ERR_INVALID, "grpc:// does not go with OTLP over HTTP");
    if (https && wanted == LOAD_GRPC)
        return err_set(err, ERR_INVALID, "gRPC is sent without TLS only; http/protobuf has it");
    *ret = (enum load_protocol)wanted;
    return 0;
}

static bool write_url(struct load_target *t, const struct parts *p)
{
    bool six = strchr(t->host, ':') != NULL, root = p->path.n <= 1;
    int n = snprintf(t->url, sizeof t->url, "%s://%s%s%s:%s%.*s",
                     t->protocol == LOAD_GRPC          ? "grpc"
                     : str_eq(p->scheme, STR("https")) ? "https"
                                                       : "http",
                     six ? "[" : "", t->host, six ? "]" : "", t->port,
                     t->protocol == LOAD_GRPC ? 0
                     : root                   ? (int)strlen("/v1/traces")
                                              : (int)p->path.n,
                     root ? "/v1/traces" : p->path.p);
    return n > 0 && (size_t)n < sizeof t->url;
}

int load_target_parse(const char *text, int protocol, struct load_target *ret, struct err *err)
{
    struct parts p;
    struct str all = text && *text ? str_of(text) : STR("127.0.0.1");
    *ret = (struct load_target){.protocol = LOAD_GRPC};
    if (!split(all, &p))
        return err_set(err, ERR_INVALID,
                       "\"%.100s\" is no target, as in grpc://127.0.0.1:4317 or "
                       "http://127.0.0.1:4318",
                       text);
    TRY(choose_protocol(p.scheme, protocol, &ret->protocol, err));
    if (p.port.n == 0)
        p.port = ret->protocol == LOAD_GRPC ? STR("4317") : STR("4318");
    if (!copy(ret->host, sizeof ret->host, p.host) || !copy(ret->port, sizeof ret->port, p.port) ||
        !write_url(ret, &p))
        return err_set(err, ERR_INVALID, "the target is too long");
    return 0;
}
