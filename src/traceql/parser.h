/* parser.h - what the parser's files share: where it stands, and how it complains.
 *
 * Two kinds of complaints. A syntax error ends the parse at once. What parses but does not fit (types, limits of
 * functions, what nobody runs) is noted, the first one counts, and parsing goes on: a syntax error further on is the
 * more useful answer. Functions return 0 or an error code; a noted complaint is no error until the end. */
#ifndef TRACEQL_PARSER_H
#define TRACEQL_PARSER_H

#include "traceql/lexer.h"
#include "traceql/pattern.h"
#include "traceql/traceql.h"

struct parser {
    struct lexer lexer;
    struct token token; /* the one looked at */
    uint32_t behind;    /* where the token before it ended */
    struct arena *arena;
    struct err *err;
    struct traceql_diag diag; /* of the error, or of what was noted; fault 0 = nothing yet */
    struct err noted;
    uint32_t depth; /* of parentheses and the like around the token */
    uint32_t node_count, filter_count;
    const char *wanted; /* what a field expression is for, when nothing is there */
};

/* Looks at the first token. */
int parser_start(struct parser *p, struct str text, struct arena *arena, struct err *err);
/* The error that was noted becomes the answer. */
int parser_finish(struct parser *p);

int parser_advance(struct parser *p);
static inline bool parser_at(const struct parser *p, enum token_kind kind)
{
    return p->token.kind == kind;
}
bool parser_at_word(const struct parser *p, struct str word);
/* Passes a token of the kind, or complains: "expected 'x' <where>, found ...". */
int parser_expect(struct parser *p, enum token_kind kind, const char *where);
int parser_expect_word(struct parser *p, struct str word, const char *where);

/* Around whatever nests: over TRACEQL_DEPTH_MAX is an error. */
int parser_enter(struct parser *p);
void parser_leave(struct parser *p);
/* Cleared memory for a node; NULL when there is none. */
void *parser_alloc(struct parser *p, size_t count, size_t size);
int parser_full(struct parser *p); /* the error for it */

/* Always ERR_INVALID. */
int syntax_error(struct parser *p, uint32_t at, uint32_t length, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* "expected <what>, found <token>" at the current token. */
int syntax_expected(struct parser *p, const char *what);
int too_large(struct parser *p, uint32_t at, uint32_t length, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void note(struct parser *p, enum traceql_fault fault, uint32_t at, uint32_t length, const char *fmt,
          ...) __attribute__((format(printf, 5, 6)));

/* ---- parse_expr.c: field expressions ---- */

/* A parsed expression with what its tree's user needs to know. */
struct term {
    const struct expr *expr;
    uint32_t depth; /* of the tree: 1 for a leaf */
    bool has_field;
};

/* The place of an expression in the text, for messages; cut to a handy length. */
struct str term_text(const struct parser *p, const struct expr *e);

/* what: "a condition" and the like, for the message when nothing is there. */
int parse_expr(struct parser *p, const char *what, struct term *ret);
/* One attribute or intrinsic. what: "select() takes attributes" and the like, for the message. */
int parse_field(struct parser *p, const char *what, const struct expr **ret);
/* One or more of them, separated by commas, and the parenthesis behind. */
int parse_fields(struct parser *p, const char *what, const struct expr *const **ret,
                 uint32_t *ret_count);
/* A literal of any type but nil. */
int parse_literal(struct parser *p, struct value *ret, enum expr_type *ret_type);

/* ---- parse_metrics.c: what stands behind the pipe of a metrics query ---- */

bool at_metric(const struct parser *p);
int parse_metric(struct parser *p, const struct metric **ret);
bool at_second(const struct parser *p); /* topk, bottomk */
struct str metric_name_at(size_t i);    /* their names; empty behind the last */
int parse_second(struct parser *p, struct metric_expr *of);
/* A comparison of the result: op and the number behind it. */
int add_comparison(struct parser *p, struct metric_expr *of, enum expr_op op, double literal,
                   uint32_t at, uint32_t length);

/* ---- parse_filter.c ---- */

int parse_filter(struct parser *p, const struct spanset_expr **ret);

/* ---- parse_hints.c: with(...) behind the query, as often as it stands there ---- */

int parse_hints(struct parser *p, struct traceql *q);

#endif
