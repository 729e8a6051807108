/* baggage.c - the grammar of W3C Baggage, sections 3.3.1 and 3.3.2. */
#include "wire/baggage.h"

#include "base/utf8.h"

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* HTTP's tchar. */
static bool is_token_char(char c)
{
    return is_alnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* baggage-octet: visible ASCII without " , ; and the backslash. */
static bool is_octet(char c)
{
    return c > 0x20 && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\';
}

bool baggage_name_valid(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        if (!is_token_char(name.p[i]))
            return false;
    }
    return name.n > 0;
}

static bool is_value(struct str value)
{
    for (size_t i = 0; i < value.n; i++) {
        if (!is_octet(value.p[i]))
            return false;
    }
    return true;
}

/* Properties: token or token = value, between semicolons. */
bool baggage_metadata_valid(struct str metadata)
{
    while (metadata.n) {
        struct str property, name, value;
        str_cut(metadata, ';', &property, &metadata);
        str_cut(property, '=', &name, &value);
        if (!baggage_name_valid(str_trim(name)) || !is_value(str_trim(value)))
            return false;
    }
    return true;
}

static bool parse_member(struct str text, struct baggage_member *ret)
{
    struct str pair;
    ret->bytes = text.n;
    str_cut(text, ';', &pair, &ret->metadata);
    ret->metadata = str_trim(ret->metadata);
    if (!str_cut(pair, '=', &ret->name, &ret->value))
        return false;
    ret->name = str_trim(ret->name);
    ret->value = str_trim(ret->value);
    return baggage_name_valid(ret->name) && is_value(ret->value) &&
           baggage_metadata_valid(ret->metadata);
}

bool baggage_next(struct str *list, struct baggage_member *ret)
{
    while (list->n) {
        struct str text;
        str_cut(*list, ',', &text, list);
        if (parse_member(str_trim(text), ret))
            return true;
    }
    return false;
}

/* ---- Percent-encoding ---- */

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that stands at *at; steps over it. */
static unsigned char take_byte(struct str s, size_t *at)
{
    char c = s.p[(*at)++];
    if (c == '%' && s.n - *at >= 2) {
        int high = digit_of(s.p[*at]), low = digit_of(s.p[*at + 1]);
        if (high >= 0 && low >= 0) {
            *at += 2;
            return (unsigned char)(high << 4 | low);
        }
    }
    return (unsigned char)c;
}

/* How many bytes the character that begins with this one has; 1 for what begins none. */
static size_t character_bytes(unsigned char first)
{
    return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
}

size_t baggage_decode(struct str s, char *out)
{
    size_t at = 0, n = 0;
    while (at < s.n) {
        unsigned char bytes[4];
        size_t have = 1, after, want;
        bytes[0] = take_byte(s, &at);
        want = character_bytes(bytes[0]);
        for (after = at; have < want && after < s.n; have++)
            bytes[have] = take_byte(s, &after);
        if (utf8_valid_prefix(str_make(bytes, have)) == have) {
            memcpy(out + n, bytes, have);
            n += have;
            at = after;
        } else {
            memcpy(out + n, "\xef\xbf\xbd", 3);
            n += 3;
        }
    }
    return n;
}

size_t baggage_encode(struct str s, char *out)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (is_octet(s.p[i]) && c != '%') {
            out[n++] = s.p[i];
            continue;
        }
        out[n++] = '%';
        out[n++] = digits[c >> 4];
        out[n++] = digits[c & 15];
    }
    return n;
}

static size_t encoded_bytes(struct str s)
{
    size_t n = s.n;
    for (size_t i = 0; i < s.n; i++)
        n += is_octet(s.p[i]) && s.p[i] != '%' ? 0 : 2;
    return n;
}

size_t baggage_format(struct str name, struct str value, struct str metadata, char *out,
                      size_t room)
{
    size_t n = name.n;
    if (!baggage_name_valid(name) || !baggage_metadata_valid(metadata) || name.n >= room ||
        value.n >= room || metadata.n >= room ||
        name.n + 1 + encoded_bytes(value) + (metadata.n ? metadata.n + 1 : 0) > room)
        return 0;
    memcpy(out, name.p, name.n);
    out[n++] = '=';
    n += baggage_encode(value, out + n);
    if (metadata.n) {
        out[n++] = ';';
        memcpy(out + n, metadata.p, metadata.n);
        n += metadata.n;
    }
    return n;
}
