/* h1_parser.c - llhttp's callbacks. */
#include "net/h1_parser.h"

#include <assert.h>
#include <llhttp.h>

static_assert(sizeof(llhttp_t) <= sizeof((struct h1_parser){0}.state), "llhttp_t has grown");

static llhttp_t *llhttp_of(struct h1_parser *parser)
{
    return (llhttp_t *)(void *)parser->state;
}

/* Remembers that it was us who said no. */
static int verdict(struct h1_parser *parser, bool go_on)
{
    if (!go_on)
        parser->stopped = true;
    return go_on ? 0 : -1;
}

static int on_begin(llhttp_t *l)
{
    struct h1_parser *parser = l->data;
    parser->in_name = false;
    return verdict(parser, parser->events->begin(parser->user));
}

static int on_target(llhttp_t *l, const char *p, size_t n)
{
    struct h1_parser *parser = l->data;
    return verdict(parser, parser->events->target(parser->user, str_make(p, n)));
}

static int on_name(llhttp_t *l, const char *p, size_t n)
{
    struct h1_parser *parser = l->data;
    bool first = !parser->in_name;
    if (!parser->in_head) /* trailer fields of a chunked body: nobody wants them */
        return 0;
    parser->in_name = true;
    return verdict(parser, parser->events->name(parser->user, str_make(p, n), first));
}

static int on_value(llhttp_t *l, const char *p, size_t n)
{
    struct h1_parser *parser = l->data;
    if (!parser->in_head)
        return 0;
    parser->in_name = false;
    return verdict(parser, parser->events->value(parser->user, str_make(p, n)));
}

static int on_headers(llhttp_t *l)
{
    struct h1_parser *parser = l->data;
    bool chunked = l->flags & F_CHUNKED;
    uint64_t length = l->content_length < UINT64_MAX ? l->content_length : UINT64_MAX - 1;
    struct h1_head head = {
        .method = str_of(llhttp_method_name((llhttp_method_t)l->method)),
        .minor_1 = l->http_minor == 1,
        .keep_alive = llhttp_should_keep_alive(l),
        .chunked = chunked,
        .content_length = l->flags & F_CONTENT_LENGTH ? length : UINT64_MAX,
    };
    parser->in_head = false;
    if (l->http_major != 1 || l->http_minor > 1) {
        llhttp_set_error_reason(l, "unsupported HTTP version");
        return -1;
    }
    l->upgrade = 0; /* the answer comes in HTTP/1.1, as RFC 9110 allows */
    return verdict(parser, parser->events->headers(parser->user, &head));
}

static int on_body(llhttp_t *l, const char *p, size_t n)
{
    struct h1_parser *parser = l->data;
    return verdict(parser, parser->events->body(parser->user, str_make(p, n)));
}

static int on_complete(llhttp_t *l)
{
    struct h1_parser *parser = l->data;
    parser->complete = true;
    return HPE_PAUSED;
}

void h1_parser_init(struct h1_parser *parser, const struct h1_events *events, void *user)
{
    /* llhttp keeps the pointer: one for all parsers, never changed */
    static const llhttp_settings_t settings = {
        .on_message_begin = on_begin,
        .on_url = on_target,
        .on_header_field = on_name,
        .on_header_value = on_value,
        .on_headers_complete = on_headers,
        .on_body = on_body,
        .on_message_complete = on_complete,
    };
    *parser = (struct h1_parser){.events = events, .user = user, .in_head = true};
    llhttp_init(llhttp_of(parser), HTTP_REQUEST, &settings);
    llhttp_of(parser)->data = parser;
}

/* Looks at the raw bytes of the head, up to its empty line, for what llhttp takes without saying so: lines that
 * begin with a space and continue the one before (RFC 9112 has servers refuse them) and lines that end without a
 * carriage return. NULL = nothing found. */
static const char *find_fault(struct h1_parser *parser, struct str in)
{
    for (size_t i = 0; i < in.n; i++) {
        char c = in.p[i], last = parser->last;
        parser->last = c;
        if (c == '\n') {
            if (last != '\r')
                return "bare line feed";
            if (parser->in_request && !parser->in_line)
                return NULL; /* the head ends here */
            parser->in_line = false;
        } else if (c != '\r') {
            if (parser->in_request && !parser->in_line && (c == ' ' || c == '\t'))
                return "folded header line";
            parser->in_request = parser->in_line = true;
        }
    }
    return NULL;
}

enum h1_result h1_parse(struct h1_parser *parser, struct str in, size_t *used, const char **reason)
{
    llhttp_t *l = llhttp_of(parser);
    llhttp_errno_t rc;
    *used = 0;
    *reason = parser->in_head ? find_fault(parser, in) : NULL;
    if (*reason)
        return H1_MALFORMED;
    rc = llhttp_execute(l, in.p, in.n);
    if (rc == HPE_OK) {
        *used = in.n;
        return H1_MORE;
    }
    if (rc == HPE_PAUSED && parser->complete) {
        *used = (size_t)(llhttp_get_error_pos(l) - in.p);
        llhttp_resume(l);
        parser->complete = false;
        parser->in_head = true;
        parser->in_request = parser->in_line = false;
        parser->last = '\0';
        return H1_COMPLETE;
    }
    *reason = llhttp_get_error_reason(l);
    if (!*reason)
        *reason = "syntax error";
    return parser->stopped ? H1_STOPPED : H1_MALFORMED;
}
