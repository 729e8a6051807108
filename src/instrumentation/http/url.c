/* url.c - taking URLs apart, and taking out of them what must not be recorded.
 *
 * Lenient on purpose: a URL that the real client or server refuses still gets a span, and whatever could be a
 * credential is taken for one. */
#include "instrumentation/http/parts.h"

#include <string.h>

static cairn_str scheme_of(cairn_str text)
{
    size_t colon = text_find(text, ":/?#@[");
    if (colon == 0 || colon + 2 >= text.n || memcmp(text.p + colon, "://", 3) != 0)
        return text_first(text, 0);
    return text_first(text, colon);
}

/* The user ends at the last @ before the path. */
static void split_user(struct url *url)
{
    for (size_t i = url->authority.n; i-- > 0;) {
        if (url->authority.p[i] == '@') {
            url->user = text_first(url->authority, i);
            url->authority = text_from(url->authority, i + 1);
            return;
        }
    }
}

struct url url_split(cairn_str text, bool relative)
{
    struct url url = {.scheme = scheme_of(text)};
    text = text_first(text, text_find(text, "#"));
    if (url.scheme.n || !relative) {
        text = text_from(text, url.scheme.n ? url.scheme.n + 3 : 0);
        url.authority = text_first(text, text_find(text, "/?"));
        text = text_from(text, url.authority.n);
        split_user(&url);
    }
    url.path = text_first(text, text_find(text, "?"));
    url.has_query = url.path.n < text.n;
    url.query = text_from(text, url.path.n + 1);
    return url;
}

void url_host_port(cairn_str authority, cairn_str *host, uint16_t *port)
{
    size_t colon = text_find(authority, ":");
    *port = 0;
    if (authority.n && authority.p[0] == '[') {
        size_t end = text_find(authority, "]");
        *host = text_from(text_first(authority, end), 1);
        authority = text_from(authority, end + 1);
        if (authority.n && authority.p[0] == ':')
            *port = text_port(text_from(authority, 1));
    } else if (text_find(text_from(authority, colon + 1), ":") + colon + 1 < authority.n) {
        *host = authority; /* two colons: an IPv6 address without brackets */
    } else {
        *host = text_first(authority, colon);
        *port = text_port(text_from(authority, colon + 1));
    }
}

uint16_t url_default_port(cairn_str scheme)
{
    if (text_eq_nocase(scheme, "https"))
        return 443;
    return text_eq_nocase(scheme, "http") ? 80 : 0;
}

static bool is_sensitive(cairn_str name, const struct cairn_http_options *options)
{
    static const char *const by_convention[] = {"X-Amz-Signature",
                                                "X-Amz-Credential",
                                                "X-Amz-Security-Token",
                                                "X-Goog-Signature",
                                                "sig",
                                                NULL};
    const char *const *list =
        options->sensitive_parameters ? options->sensitive_parameters : by_convention;
    for (; *list; list++) {
        if (text_eq(name, *list))
            return true;
    }
    return false;
}

/* Copies query to out with the values of sensitive parameters replaced; false when there was none. */
static bool redact_query(cairn_str query, const struct cairn_http_options *options,
                         struct text *out)
{
    bool found = false;
    while (query.n) {
        cairn_str pair = text_first(query, text_find(query, "&"));
        cairn_str name = text_first(pair, text_find(pair, "="));
        bool secret = pair.n > name.n && is_sensitive(name, options);
        found |= secret;
        text_put(out, secret ? text_first(pair, name.n + 1) : pair);
        if (secret)
            text_put(out, cairn_str_of("REDACTED"));
        if (query.n > pair.n)
            text_put(out, cairn_str_of("&"));
        query = text_from(query, pair.n + 1);
    }
    return found;
}

cairn_str url_redact_query(cairn_str query, const struct cairn_http_options *options, char *room)
{
    struct text out = {room, 0, URL_REDACTED_MAX};
    return redact_query(query, options, &out) ? cairn_str_make(room, out.n) : query;
}

cairn_str url_redact(cairn_str text, const struct cairn_http_options *options, char *room)
{
    struct url url = url_split(text, false);
    struct text out = {room, 0, URL_REDACTED_MAX};
    bool found = url.user.p != NULL;
    if (url.scheme.n) {
        text_put(&out, url.scheme);
        text_put(&out, cairn_str_of("://"));
    }
    if (url.user.p) {
        bool password = text_find(url.user, ":") < url.user.n;
        text_put(&out, cairn_str_of(password ? "REDACTED:REDACTED@" : "REDACTED@"));
    }
    text_put(&out, url.authority);
    text_put(&out, url.path);
    if (url.has_query)
        text_put(&out, cairn_str_of("?"));
    found |= redact_query(url.query, options, &out);
    text_put(&out, text_from(text, text_find(text, "#")));
    return found ? cairn_str_make(room, out.n) : text;
}
