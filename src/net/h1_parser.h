/* h1_parser.h - HTTP/1.x requests out of bytes: llhttp, plus what it lets through and we do not.
 *
 * llhttp (in its strict form) refuses bare line feeds, spaces before colons, contradictory lengths and the like.
 * This adds: folded header lines, bare line feeds and versions other than 1.0 and 1.1 are malformed, Upgrade is ignored. The
 * parser stops at the end of each request, so that the caller decides when the next one is read. No I/O. */
#ifndef NET_H1_PARSER_H
#define NET_H1_PARSER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* What is known of a request when its headers end. */
struct h1_head {
    struct str method; /* "GET" */
    bool minor_1;      /* HTTP/1.1, not 1.0 */
    bool keep_alive;   /* the client's wish */
    bool chunked;
    uint64_t content_length; /* UINT64_MAX = not said */
};

/* Pieces come as the input is cut. A callback that answers false stops the parser for good. */
struct h1_events {
    bool (*begin)(void *user);
    bool (*target)(void *user, struct str part);
    bool (*name)(void *user, struct str part, bool first);
    bool (*value)(void *user, struct str part);
    bool (*headers)(void *user, const struct h1_head *head);
    bool (*body)(void *user, struct str part);
};

enum h1_result {
    H1_MORE,     /* all input is used up */
    H1_COMPLETE, /* a request ended at *used */
    H1_STOPPED,  /* by a callback */
    H1_MALFORMED,
};

struct h1_parser {
    _Alignas(16) unsigned char state[128]; /* llhttp_t; its header and ours share names */
    const struct h1_events *events;
    void *user;
    bool in_request, in_line; /* past leading empty lines; past a line's first byte */
    char last;                /* byte of the head */
    bool in_head, in_name, stopped, complete;
};

void h1_parser_init(struct h1_parser *parser, const struct h1_events *events, void *user);
/* *reason (for H1_MALFORMED): a few static words. Not again after H1_STOPPED or H1_MALFORMED. */
enum h1_result h1_parse(struct h1_parser *parser, struct str in, size_t *used, const char **reason);

#endif
