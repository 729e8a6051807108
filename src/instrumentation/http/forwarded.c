/* forwarded.c - what proxies tell about the original request: Forwarded (RFC 7239), else X-Forwarded-For, -Proto and
 * -Host. Of several proxies the first entry counts: it is the one nearest to the client. */
#include "instrumentation/http/parts.h"

#include <string.h>

static cairn_str header(cairn_get_fn *get_header, void *carrier, const char *name)
{
    cairn_str value = {NULL, 0};
    if (!get_header(carrier, cairn_str_of(name), 0, &value))
        return cairn_str_make(NULL, 0);
    return value;
}

/* The end of the first piece of s that `separators` end; those inside quotes do not count. */
static size_t piece_end(cairn_str s, const char *separators)
{
    bool quoted = false;
    for (size_t i = 0; i < s.n; i++) {
        if (quoted && s.p[i] == '\\')
            i++;
        else if (s.p[i] == '"')
            quoted = !quoted;
        else if (!quoted && s.p[i] && strchr(separators, s.p[i]))
            return i;
    }
    return s.n;
}

/* Without its quotes. A value with escapes is none that an address, a name or a scheme needs. */
static cairn_str unquote(cairn_str s)
{
    if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
        s = cairn_str_make(s.p + 1, s.n - 2);
    return text_find(s, "\\\"") < s.n ? cairn_str_make(NULL, 0) : s;
}

/* Proxies that hide an address write `unknown` or a name that begins with an underscore. */
static cairn_str client_of(cairn_str node)
{
    cairn_str address;
    uint16_t port;
    url_host_port(node, &address, &port);
    if (text_eq_nocase(address, "unknown") || (address.n && address.p[0] == '_'))
        return cairn_str_make(NULL, 0);
    return address;
}

/* Letters only; the two that there are in lower case, as they are recorded. */
static cairn_str scheme_of(cairn_str value)
{
    if (text_eq_nocase(value, "http"))
        return cairn_str_of("http");
    if (text_eq_nocase(value, "https"))
        return cairn_str_of("https");
    for (size_t i = 0; i < value.n; i++) {
        char c = (char)(value.p[i] | 0x20);
        if (c < 'a' || c > 'z')
            return cairn_str_make(NULL, 0);
    }
    return value;
}

static void read_pair(struct forwarded *f, cairn_str pair)
{
    size_t at = text_find(pair, "=");
    cairn_str name = text_trim(text_first(pair, at));
    cairn_str value = unquote(text_trim(text_from(pair, at + 1)));
    if (text_eq_nocase(name, "for"))
        f->client = client_of(value);
    else if (text_eq_nocase(name, "proto"))
        f->scheme = scheme_of(value);
    else if (text_eq_nocase(name, "host"))
        url_host_port(value, &f->host, &f->port);
}

static void read_forwarded(struct forwarded *f, cairn_str value)
{
    value = text_first(value, piece_end(value, ","));
    while (value.n) {
        size_t end = piece_end(value, ";");
        read_pair(f, text_first(value, end));
        value = text_from(value, end + 1);
    }
}

static cairn_str first_of(cairn_get_fn *get_header, void *carrier, const char *name)
{
    cairn_str value = header(get_header, carrier, name);
    return unquote(text_trim(text_first(value, text_find(value, ","))));
}

struct forwarded forwarded_read(cairn_get_fn *get_header, void *carrier)
{
    struct forwarded f = {0};
    read_forwarded(&f, header(get_header, carrier, "forwarded"));
    if (!f.client.n)
        f.client = client_of(first_of(get_header, carrier, "x-forwarded-for"));
    if (!f.scheme.n)
        f.scheme = scheme_of(first_of(get_header, carrier, "x-forwarded-proto"));
    if (!f.host.n)
        url_host_port(first_of(get_header, carrier, "x-forwarded-host"), &f.host, &f.port);
    return f;
}
