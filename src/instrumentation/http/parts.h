/* parts.h - the pieces that a span of an HTTP request is put together from. All strings borrow, nothing allocates. */
#ifndef INSTRUMENTATION_HTTP_PARTS_H
#define INSTRUMENTATION_HTTP_PARTS_H

#include <cairn/http.h>

/* ---- text.c ---- */

bool text_eq(cairn_str a, const char *b);
bool text_eq_nocase(cairn_str a, const char *b);
/* Without white space at both ends. */
cairn_str text_trim(cairn_str s);
/* The place of the first of `chars` in s, s.n when there is none. */
size_t text_find(cairn_str s, const char *chars);
cairn_str text_from(cairn_str s, size_t at);
cairn_str text_first(cairn_str s, size_t n);
/* 1 to 65535, 0 for anything else. */
uint16_t text_port(cairn_str s);

/* Text in a buffer of the caller's; what does not fit is left out. */
struct text {
    char *p;
    size_t n, room;
};
void text_put(struct text *t, cairn_str s);

/* ---- url.c ---- */

struct url {
    cairn_str scheme;    /* empty when there is none */
    cairn_str user;      /* what stands before @ */
    cairn_str authority; /* host and port, without the user */
    cairn_str path;
    cairn_str query; /* behind ?, without it */
    bool has_query;
};

/* Splits an absolute URL, or what stands for one without a scheme ("host:80/path") when `relative` is false; with
 * `relative` text without a scheme is a path. Any text gives some split. */
struct url url_split(cairn_str text, bool relative);

/* "host", "host:80", "[::1]:80", "::1": the host without brackets, the port or 0. */
void url_host_port(cairn_str authority, cairn_str *host, uint16_t *port);

/* 80, 443 or 0. */
uint16_t url_default_port(cairn_str scheme);

/* The longest text that is redacted: what is behind is left out. */
enum { URL_REDACTED_MAX = 4096 };
/* query with the values of sensitive parameters replaced; query itself when there are none, else it borrows from room,
 * a buffer of URL_REDACTED_MAX bytes. */
cairn_str url_redact_query(cairn_str query, const struct cairn_http_options *options, char *room);
/* The same for a URL, credentials included. */
cairn_str url_redact(cairn_str url, const struct cairn_http_options *options, char *room);

/* ---- method.c ---- */

/* The method as the known list has it; empty when it is not known. */
cairn_str method_known(cairn_str method, const struct cairn_http_options *options);

/* ---- forwarded.c ---- */

/* What proxies say about the original request; empty members are not known. */
struct forwarded {
    cairn_str client, scheme, host;
    uint16_t port;
};
struct forwarded forwarded_read(cairn_get_fn *get_header, void *carrier);

/* ---- attributes.c ---- */

enum { HEADER_VALUES_MAX = 8, HEADER_NAME_MAX = 64 };

/* Headers to record, as attributes that borrow from here and from the carrier. */
struct headers {
    char keys[CAIRN_HTTP_HEADERS_MAX][sizeof "http.response.header." + HEADER_NAME_MAX];
    cairn_str values[CAIRN_HTTP_HEADERS_MAX][HEADER_VALUES_MAX];
};

enum { ATTRIBUTES_MAX = 20 + CAIRN_HTTP_HEADERS_MAX };
struct attributes {
    struct cairn_attr items[ATTRIBUTES_MAX];
    size_t count;
};

/* Nothing is added for an empty value or 0. */
void attributes_add(struct attributes *all, const char *key, cairn_str value);
void attributes_add_int(struct attributes *all, const char *key, int64_t value);
void attributes_add_method(struct attributes *all, cairn_str method, cairn_str known);
void attributes_add_version(struct attributes *all, cairn_str version);
/* `prefix` is http.request.header or http.response.header; wanted may be NULL. */
void attributes_add_headers(struct attributes *all, struct headers *room, const char *prefix,
                            const char *const *wanted, cairn_get_fn *get_header, void *carrier);

/* ---- exchange.c ---- */

/* The name of a span: "GET /users/{id}", "GET", "HTTP". */
enum { SPAN_NAME_MAX = 256 };
cairn_str span_name(char room[SPAN_NAME_MAX], cairn_str method, cairn_str target);

/* Starts the span and keeps its context; `parent` is taken over. */
void exchange_start(struct cairn_http_exchange *exchange, cairn_tracer *tracer, cairn_str name,
                    cairn_context *parent, struct cairn_span_options *options);
/* The name by exchange->method and a target that is known only now. */
void exchange_rename(struct cairn_http_exchange *exchange, cairn_str target);
void exchange_end(struct cairn_http_exchange *exchange, int32_t status, bool is_error,
                  const char *error_type, const char *message);

/* The caller's options in today's size: members that it does not know are zero. */
struct cairn_http_options options_of(const struct cairn_http_options *options);

#endif
