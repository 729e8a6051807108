/* protocol.c - the table of protocols. The first row is the default. */
#include "otlp/protocol.h"

static const struct otlp_protocol *const protocols[] = {
    &protocol_http_protobuf,
    &protocol_http_json,
    &protocol_grpc,
};

enum { PROTOCOL_COUNT = sizeof protocols / sizeof *protocols };

const struct otlp_protocol *protocol_by_name(struct str name)
{
    for (int i = 0; i < PROTOCOL_COUNT; i++) {
        if (str_eq(name, str_of(protocols[i]->name)))
            return protocols[i];
    }
    return NULL;
}

const struct otlp_protocol *protocol_by_options(int32_t transport, int32_t encoding)
{
    for (int i = 0; i < PROTOCOL_COUNT; i++) {
        const struct otlp_protocol *p = protocols[i];
        if ((!transport || transport == p->transport) && (!encoding || encoding == p->encoding))
            return p;
    }
    return NULL;
}

static bool begins_with(struct str url, struct str scheme)
{
    return url.n >= scheme.n && str_eq_nocase(str_make(url.p, scheme.n), scheme);
}

bool url_is_https(struct str url)
{
    return begins_with(url, STR("https://"));
}

bool url_is_http(struct str url)
{
    return begins_with(url, STR("http://")) || url_is_https(url);
}
