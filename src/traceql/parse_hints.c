/* parse_hints.c - with(name = value, ...) behind a query. */
#include "traceql/parser.h"

static int parse_hint(struct parser *p, struct hint *ret)
{
    if (!parser_at(p, TOKEN_WORD))
        return syntax_expected(p, "a hint, as in with(most_recent=true)");
    ret->name = p->token.text;
    TRY(parser_advance(p));
    TRY(parser_expect(p, TOKEN_EQ, "behind the hint's name"));
    return parse_literal(p, &ret->value, &ret->type);
}

static int parse_list(struct parser *p, struct hint **hints, size_t *count, size_t *cap)
{
    TRY(parser_advance(p));
    TRY(parser_expect(p, TOKEN_OPEN, "behind 'with'"));
    for (;;) {
        struct hint *grown = arena_grow(p->arena, *hints, *count, cap, *count + 1, sizeof *grown);
        if (!grown)
            return parser_full(p);
        *hints = grown;
        TRY(parse_hint(p, &grown[*count]));
        ++*count;
        if (!parser_at(p, TOKEN_COMMA))
            return parser_expect(p, TOKEN_CLOSE, "or ','");
        TRY(parser_advance(p));
    }
}

int parse_hints(struct parser *p, struct traceql *q)
{
    struct hint *hints = NULL;
    size_t count = 0, cap = 0;
    while (parser_at_word(p, STR("with")))
        TRY(parse_list(p, &hints, &count, &cap));
    q->hints = hints;
    q->hint_count = (uint32_t)count;
    return 0;
}
