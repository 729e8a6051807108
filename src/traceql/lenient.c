/* lenient.c - what can be made of a query that somebody is still typing.
 *
 * The text between the first { and its end is cut at the && that stand in no parentheses; pieces that parse on their own
 * are the complete conditions. An || among the pieces makes alternatives of them, which half a query does not tell: then
 * only a complete filter counts. */
#include "base/utf8.h"
#include "traceql/lower.h"
#include "traceql/parser.h"

struct piece {
    uint32_t start, end;
};

/* Is all of s one condition, with types that fit? */
static bool complete(struct str s, struct arena *arena, const struct expr **ret)
{
    struct parser p;
    struct term t;
    if (parser_start(&p, s, arena, NULL) < 0 || parse_expr(&p, "a condition", &t) < 0 ||
        !parser_at(&p, TOKEN_END) || p.diag.fault ||
        (t.expr->type != TYPE_ANY && t.expr->type != TYPE_BOOL))
        return false;
    *ret = lower_condition(arena, t.expr);
    return *ret != NULL;
}

/* Passes tokens up to the end of a piece: a && or || outside of parentheses, the closing brace, or what cannot be read. */
static enum token_kind next_piece(struct lexer *l, struct piece *ret)
{
    struct token t;
    int open = 0;
    ret->start = l->at;
    for (;;) {
        int code = lexer_next(l, &t, NULL);
        ret->end = t.at;
        if (code < 0) {
            ret->end = ret->start; /* what is before it belongs to it */
            return TOKEN_END;
        }
        if (t.kind == TOKEN_OPEN)
            open++;
        if (t.kind == TOKEN_CLOSE)
            open--;
        if (t.kind == TOKEN_END || t.kind == TOKEN_CLOSE_BRACE)
            return t.kind;
        if (open <= 0 && (t.kind == TOKEN_AND || t.kind == TOKEN_OR))
            return t.kind;
    }
}

static const struct expr *conjunction(struct lexer l, struct arena *arena)
{
    const struct expr *all = NULL, *one;
    uint32_t start = l.at, count = 0;
    enum token_kind kind;
    bool alternatives = false;
    struct piece piece;
    do {
        kind = next_piece(&l, &piece);
        alternatives = alternatives || kind == TOKEN_OR;
        if (complete(str_make(l.text.p + piece.start, piece.end - piece.start), arena, &one))
            all = ++count > TRACEQL_DEPTH_MAX ? all : expr_and(arena, all, one);
    } while (kind == TOKEN_AND || kind == TOKEN_OR);
    if (!alternatives)
        return all;
    if (kind == TOKEN_CLOSE_BRACE &&
        complete(str_make(l.text.p + start, piece.end - start), arena, &one))
        return one;
    return NULL;
}

int traceql_parse_lenient(struct str text, struct arena *arena, const struct expr **ret,
                          struct err *err)
{
    struct lexer l = {.text = text, .arena = arena};
    struct token t;
    *ret = NULL;
    if (text.n > TRACEQL_BYTES_MAX)
        return err_set(err, ERR_TOO_LARGE, "the query is longer than %d bytes", TRACEQL_BYTES_MAX);
    if (!utf8_valid(text))
        return 0;
    do {
        if (lexer_next(&l, &t, NULL) < 0 || t.kind == TOKEN_END)
            return 0;
    } while (t.kind != TOKEN_OPEN_BRACE);
    *ret = conjunction(l, arena);
    if (arena_failed(arena))
        return err_set(err, ERR_TOO_LARGE, "no memory left for the query");
    if (*ret && (*ret)->op == EXPR_LITERAL && (*ret)->literal.boolean)
        *ret = NULL;
    return 0;
}
