/* lexer.h - a query's text cut into tokens.
 *
 * White space and comments (to the end of the line behind two slashes, or between slash-star and star-slash) separate
 * tokens. An attribute with its scope is one token, and so is an intrinsic: span."a b", span:name. */
#ifndef TRACEQL_LEXER_H
#define TRACEQL_LEXER_H

#include "base/err.h"
#include "traceql/ast.h"

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,      /* text: a keyword, an intrinsic, or unknown */
    TOKEN_ATTRIBUTE, /* scope, text (its key), parent */
    TOKEN_STRING,    /* literals: value */
    TOKEN_INT,
    TOKEN_FLOAT,
    TOKEN_DURATION,
    TOKEN_OPEN_BRACE,
    TOKEN_CLOSE_BRACE,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_COMMA,
    TOKEN_PIPE,
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_NOT,
    TOKEN_EQ,
    TOKEN_NE,
    TOKEN_LT,
    TOKEN_LE,
    TOKEN_GT,
    TOKEN_GE,
    TOKEN_MATCH,
    TOKEN_NOT_MATCH, /* between sets of spans: no sibling */
    TOKEN_ADD,
    TOKEN_SUB,
    TOKEN_MUL,
    TOKEN_DIV,
    TOKEN_MOD,
    TOKEN_POW,
    TOKEN_DESCENDANT,
    TOKEN_ANCESTOR,
    TOKEN_SIBLING,
    TOKEN_NOT_CHILD,
    TOKEN_NOT_PARENT,
    TOKEN_NOT_DESCENDANT,
    TOKEN_NOT_ANCESTOR,
    TOKEN_UNION_CHILD,
    TOKEN_UNION_PARENT,
    TOKEN_UNION_DESCENDANT,
    TOKEN_UNION_ANCESTOR,
    TOKEN_UNION_SIBLING,
    TOKEN_KINDS,
};

struct token {
    enum token_kind kind;
    uint32_t at, length; /* in bytes; after an error where it is */
    enum field_scope scope;
    bool parent; /* parent.span.a: parses, is not run */
    struct str text;
    struct value value;
};

struct lexer {
    struct str text; /* at most 4 GiB */
    uint32_t at;
    struct arena *arena; /* for strings that are not in the text as they are */
};

/* Behind the last token comes TOKEN_END, again and again. ERR_INVALID: err says what is wrong, without the place. */
int lexer_next(struct lexer *l, struct token *ret, struct err *err);

/* How an operator or a bracket is written; "" for the others. */
const char *token_spelling(enum token_kind kind);

#endif
