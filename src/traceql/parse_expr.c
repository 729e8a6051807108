/* parse_expr.c - field expressions: what stands between { and }, and what by() and aggregates are given.
 *
 * Operators from weak to strong, those of one line equally strong and, but for ^, from left to right:
 *     && ||    = != < <= > >= =~ !~    + -    !    * / %    ^
 * A minus sign in front is as weak as + and -. A chain of one and the same logical operator becomes a balanced tree,
 * whatever parentheses are in it, so that long lists of conditions stay flat. */
#include <stdio.h>

#include "traceql/check.h"
#include "traceql/fields.h"
#include "traceql/parser.h"

enum level {
    LEVEL_ALL,
    LEVEL_LOGIC,
    LEVEL_COMPARE,
    LEVEL_SUM,
    LEVEL_NOT,
    LEVEL_PRODUCT,
    LEVEL_POWER
};

struct binary {
    enum token_kind token;
    enum expr_op op;
    enum level level;
};

static const struct binary binaries[] = {
    {TOKEN_AND, EXPR_AND, LEVEL_LOGIC},       {TOKEN_OR, EXPR_OR, LEVEL_LOGIC},
    {TOKEN_EQ, EXPR_EQ, LEVEL_COMPARE},       {TOKEN_NE, EXPR_NE, LEVEL_COMPARE},
    {TOKEN_LT, EXPR_LT, LEVEL_COMPARE},       {TOKEN_LE, EXPR_LE, LEVEL_COMPARE},
    {TOKEN_GT, EXPR_GT, LEVEL_COMPARE},       {TOKEN_GE, EXPR_GE, LEVEL_COMPARE},
    {TOKEN_MATCH, EXPR_MATCH, LEVEL_COMPARE}, {TOKEN_NOT_MATCH, EXPR_NOT_MATCH, LEVEL_COMPARE},
    {TOKEN_ADD, EXPR_ADD, LEVEL_SUM},         {TOKEN_SUB, EXPR_SUB, LEVEL_SUM},
    {TOKEN_MUL, EXPR_MUL, LEVEL_PRODUCT},     {TOKEN_DIV, EXPR_DIV, LEVEL_PRODUCT},
    {TOKEN_MOD, EXPR_MOD, LEVEL_PRODUCT},     {TOKEN_POW, EXPR_POW, LEVEL_POWER},
};

static const struct binary *binary_at(const struct parser *p)
{
    for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++) {
        if (binaries[i].token == p->token.kind)
            return &binaries[i];
    }
    return NULL;
}

struct str term_text(const struct parser *p, const struct expr *e)
{
    struct str text = p->lexer.text;
    size_t n = e->length, most = 48;
    if (e->at + n > text.n)
        return (struct str){NULL, 0};
    if (n > most) { /* whole characters */
        n = most;
        while (n && ((unsigned char)text.p[e->at + n] & 0xc0) == 0x80)
            n--;
    }
    return str_make(text.p + e->at, n);
}

/* ---- Nodes ---- */

static int node(struct parser *p, enum expr_op op, uint32_t at, struct expr **ret)
{
    if (++p->node_count > TRACEQL_NODES_MAX)
        return too_large(p, at, 0, "more than %d operands and operators", TRACEQL_NODES_MAX);
    if (!(*ret = parser_alloc(p, 1, sizeof **ret)))
        return parser_full(p);
    (*ret)->op = op;
    (*ret)->at = at;
    (*ret)->length = p->behind - at;
    return 0;
}

static bool is_nil(const struct term *t)
{
    return t->expr->op == EXPR_LITERAL && t->expr->type == TYPE_NIL;
}

/* nil stands beside = and != only. */
static int no_nil(struct parser *p, const struct term *t)
{
    if (!is_nil(t))
        return 0;
    return syntax_error(p, t->expr->at, t->expr->length,
                        "nil stands only beside = and !=, as in .a != nil");
}

static int set_depth(struct parser *p, struct term *t, uint32_t left, uint32_t right)
{
    t->depth = 1 + (left > right ? left : right);
    if (t->depth > TRACEQL_DEPTH_MAX)
        return too_large(p, t->expr->at, t->expr->length, "nested deeper than %d levels",
                         TRACEQL_DEPTH_MAX);
    return 0;
}

static int pair(struct parser *p, enum expr_op op, const struct term *left,
                const struct term *right, enum expr_type type, struct term *ret)
{
    struct expr *e;
    TRY(node(p, op, left->expr->at, &e));
    e->length = right->expr->at + right->expr->length - e->at;
    e->type = type;
    e->left = left->expr;
    e->right = right->expr;
    ret->has_field = left->has_field || right->has_field;
    ret->expr = e;
    return set_depth(p, ret, left->depth, right->depth);
}

static int compile(struct parser *p, const struct term *t)
{
    struct expr *e = (struct expr *)(uintptr_t)t->expr; /* made here a moment ago */
    const struct expr *r = e->right;
    struct err inner;
    int code;
    if (r->op != EXPR_LITERAL || r->literal.type != VALUE_STRING)
        return 0;
    code = pattern_compile(r->literal.string, p->arena, &e->pattern, &inner);
    if (code == ERR_TOO_LARGE)
        return too_large(p, r->at, r->length, "%s", inner.msg);
    if (code < 0)
        note(p, TRACEQL_TYPE, r->at, r->length, "bad regular expression: %s", inner.msg);
    return 0;
}

static int join(struct parser *p, const struct binary *b, const struct term *left,
                const struct term *right, struct term *ret)
{
    enum expr_type type = TYPE_BOOL;
    struct term made;
    if (is_nil(left) || is_nil(right)) {
        if (b->op != EXPR_EQ && b->op != EXPR_NE) {
            TRY(no_nil(p, left));
            TRY(no_nil(p, right));
        }
        check_nil(p, b->op, is_nil(left) ? right : left);
    } else {
        type = check_binary(p, b->op, token_spelling(b->token), left, right);
    }
    TRY(pair(p, b->op, left, right, type, &made));
    if (b->op == EXPR_MATCH || b->op == EXPR_NOT_MATCH)
        TRY(compile(p, &made));
    *ret = made;
    return 0;
}

/* ---- Chains of && or || ---- */

struct chain {
    enum expr_op op;
    const struct expr **items;
    size_t count, cap;
    uint32_t depth; /* of the deepest item */
    bool has_field;
};

static int chain_put(struct parser *p, struct chain *c, const struct expr *e)
{
    if (e->op == c->op) { /* its own chain was balanced: no deeper than a logarithm */
        TRY(chain_put(p, c, e->left));
        return chain_put(p, c, e->right);
    }
    if (c->count == c->cap) {
        const struct expr **grown =
            arena_grow(p->arena, c->items, c->count, &c->cap, c->count + 1, sizeof(void *));
        if (!grown)
            return parser_full(p);
        c->items = grown;
    }
    c->items[c->count++] = e;
    return 0;
}

static int chain_add(struct parser *p, struct chain *c, const struct term *t)
{
    if (t->depth > c->depth)
        c->depth = t->depth;
    c->has_field = c->has_field || t->has_field;
    return chain_put(p, c, t->expr);
}

static int balance(struct parser *p, const struct chain *c, size_t from, size_t to,
                   const struct expr **ret)
{
    size_t middle = from + (to - from + 1) / 2;
    struct expr *e;
    if (to - from == 1) {
        *ret = c->items[from];
        return 0;
    }
    if (!(e = parser_alloc(p, 1, sizeof *e)))
        return parser_full(p);
    e->op = c->op;
    e->type = TYPE_BOOL;
    TRY(balance(p, c, from, middle, &e->left));
    TRY(balance(p, c, middle, to, &e->right));
    e->at = e->left->at;
    e->length = e->right->at + e->right->length - e->at;
    *ret = e;
    return 0;
}

static int chain_end(struct parser *p, const struct chain *c, struct term *ret)
{
    uint32_t levels = 0;
    TRY(balance(p, c, 0, c->count, &ret->expr));
    while ((size_t)1 << levels < c->count)
        levels++;
    ret->has_field = c->has_field;
    return set_depth(p, ret, c->depth + (levels ? levels - 1 : 0), 0);
}

static int parse_behind(struct parser *p, const char *behind, enum level least, struct term *ret);

/* left is parsed and an && or || comes: the chain of this operator, as long as it goes on. */
static int parse_chain(struct parser *p, struct term *left)
{
    const struct binary *b = binary_at(p);
    struct chain chain = {.op = b->op};
    TRY(no_nil(p, left));
    TRY(chain_add(p, &chain, left));
    while (p->token.kind == b->token) {
        struct term right;
        if (++p->node_count > TRACEQL_NODES_MAX)
            return too_large(p, p->token.at, p->token.length, "more than %d operands and operators",
                             TRACEQL_NODES_MAX);
        TRY(parser_advance(p));
        TRY(parse_behind(p, token_spelling(b->token), LEVEL_COMPARE, &right));
        TRY(no_nil(p, &right));
        check_binary(p, b->op, token_spelling(b->token), left, &right);
        TRY(chain_add(p, &chain, &right));
    }
    return chain_end(p, &chain, left);
}

/* ---- Operands ---- */

/* trace:kind: it is span:kind. childCount: span:childCount. */
static struct str same_in_other_scope(struct str word, const struct str *names, size_t count)
{
    struct str scope, local, other;
    if (!str_cut(word, ':', &scope, &local))
        local = word;
    for (size_t i = 0; i < count; i++) {
        if (str_cut(names[i], ':', &scope, &other) && str_eq(other, local))
            return names[i];
    }
    return (struct str){NULL, 0};
}

static int unknown_word(struct parser *p)
{
    struct str names[64], word = p->token.text, nearest,
                          shown = {word.p, word.n < 40 ? word.n : 40};
    const struct intrinsic *intrinsic;
    size_t n = 0;
    bool scoped = str_find(word, ':') >= 0;
    for (size_t i = 0; (intrinsic = intrinsic_at(i)) && n + 2 < sizeof names / sizeof *names; i++) {
        names[n++] = intrinsic->name;
        if (intrinsic->alias.n)
            names[n++] = intrinsic->alias;
    }
    nearest = same_in_other_scope(word, names, n);
    if (nearest.n == 0)
        nearest = nearest_name(word, names, n);
    if (nearest.n)
        return syntax_error(p, p->token.at, p->token.length,
                            "unknown %s '%.*s'; did you mean '%.*s'?",
                            scoped ? "intrinsic" : "name", STR_ARG(shown), STR_ARG(nearest));
    if (scoped)
        return syntax_error(p, p->token.at, p->token.length, "unknown intrinsic '%.*s'",
                            STR_ARG(shown));
    return syntax_error(p, p->token.at, p->token.length,
                        "unknown name '%.*s'; an attribute is written .%.*s or with its scope, "
                        "span.%.*s or resource.%.*s",
                        STR_ARG(shown), STR_ARG(shown), STR_ARG(shown), STR_ARG(shown));
}

/* A literal that is a word: true, nil, error, server ... */
static bool word_literal(struct str word, struct value *ret, enum expr_type *type)
{
    *ret = (struct value){.type = VALUE_INT};
    if (str_eq(word, STR("true")) || str_eq(word, STR("false"))) {
        *ret = (struct value){.type = VALUE_BOOL, .boolean = word.p[0] == 't'};
        *type = TYPE_BOOL;
    } else if (str_eq(word, STR("nil"))) {
        *ret = (struct value){.type = VALUE_EMPTY};
        *type = TYPE_NIL;
    } else if (str_eq(word, STR("minInt")) || str_eq(word, STR("maxInt"))) {
        ret->integer = word.p[1] == 'i' ? INT64_MIN : INT64_MAX;
        *type = TYPE_INT;
    } else if (status_of_name(word, &ret->integer)) {
        *type = TYPE_STATUS;
    } else if (kind_of_name(word, &ret->integer)) {
        *type = TYPE_KIND;
    } else {
        return false;
    }
    return true;
}

static bool token_literal(const struct token *t, struct value *ret, enum expr_type *type)
{
    *ret = t->value;
    switch (t->kind) {
    case TOKEN_STRING: *type = TYPE_STRING; return true;
    case TOKEN_INT: *type = TYPE_INT; return true;
    case TOKEN_FLOAT: *type = TYPE_FLOAT; return true;
    case TOKEN_DURATION: *type = TYPE_DURATION; return true;
    case TOKEN_WORD: return word_literal(t->text, ret, type);
    default: return false;
    }
}

int parse_literal(struct parser *p, struct value *ret, enum expr_type *ret_type)
{
    bool negative = parser_at(p, TOKEN_SUB);
    if (negative)
        TRY(parser_advance(p));
    if (!token_literal(&p->token, ret, ret_type) || *ret_type == TYPE_NIL ||
        (negative && !type_is_number(*ret_type)))
        return syntax_expected(p, negative ? "a number" : "a value");
    if (negative && ret->type == VALUE_INT && ret->integer != INT64_MIN)
        ret->integer = -ret->integer;
    else if (negative && ret->type == VALUE_DOUBLE)
        ret->number = -ret->number;
    return parser_advance(p);
}

/* The field that the token names. false: it names none. */
static bool token_field(const struct token *t, struct field *ret)
{
    const struct intrinsic *intrinsic;
    if (t->kind == TOKEN_ATTRIBUTE) {
        *ret = (struct field){FIELD_ATTRIBUTE, t->scope, t->text};
        return true;
    }
    intrinsic = t->kind == TOKEN_WORD ? intrinsic_of_name(t->text) : NULL;
    if (intrinsic)
        *ret = (struct field){.kind = intrinsic->kind};
    return intrinsic != NULL;
}

/* parent and parent.a: half a feature of the language that nobody runs. */
static bool note_parent(struct parser *p)
{
    if (!p->token.parent && !parser_at_word(p, STR("parent")))
        return false;
    note(p, TRACEQL_UNSUPPORTED, p->token.at, p->token.length,
         "'parent' is not supported; { … } > { … } relates a span to its parent");
    return true;
}

static int parse_field_node(struct parser *p, struct expr **ret)
{
    const struct token t = p->token;
    struct field field = {.kind = FIELD_ATTRIBUTE, .scope = SCOPE_FIRST, .key = t.text};
    if (!note_parent(p) && !token_field(&t, &field))
        return 1;
    TRY(parser_advance(p));
    TRY(node(p, EXPR_FIELD, t.at, ret));
    (*ret)->field = field;
    (*ret)->type = field_type(&field);
    return 0;
}

static int parse_operand(struct parser *p, const char *behind, struct term *ret)
{
    char what[64];
    struct value value;
    enum expr_type type;
    struct expr *e;
    int none;
    *ret = (struct term){.depth = 1};
    if (token_literal(&p->token, &value, &type)) {
        uint32_t at = p->token.at;
        TRY(parser_advance(p));
        TRY(node(p, EXPR_LITERAL, at, &e));
        e->literal = value;
        e->type = type;
        ret->expr = e;
        return 0;
    }
    TRY(none = parse_field_node(p, &e));
    if (!none) {
        ret->expr = e;
        ret->has_field = true;
        return 0;
    }
    if (parser_at(p, TOKEN_WORD))
        return unknown_word(p);
    if (parser_at(p, TOKEN_EQ) && strcmp(behind, "=") == 0)
        return syntax_error(p, p->token.at - 1, 2, "'==' is no operator; equality is '='");
    snprintf(what, sizeof what, "a %s behind '%s'",
             strcmp(behind, "&&") == 0 || strcmp(behind, "||") == 0 || strcmp(behind, "!") == 0
                 ? "condition"
                 : "value",
             behind);
    return syntax_expected(p, *behind ? what : p->wanted);
}

/* A minus before a number is part of it. */
static bool negate_literal(struct expr *e)
{
    if (e->op != EXPR_LITERAL || !type_is_number(e->type))
        return false;
    if (e->literal.type == VALUE_DOUBLE)
        e->literal.number = -e->literal.number;
    else if (e->literal.integer == INT64_MIN)
        return false;
    else
        e->literal.integer = -e->literal.integer;
    return true;
}

static int parse_prefix(struct parser *p, enum expr_op op, struct term *ret)
{
    uint32_t at = p->token.at;
    struct term operand;
    struct expr *e;
    TRY(parser_advance(p));
    TRY(parse_behind(p, op == EXPR_NOT ? "!" : "-", op == EXPR_NOT ? LEVEL_NOT + 1 : LEVEL_SUM + 1,
                     &operand));
    TRY(no_nil(p, &operand));
    *ret = operand;
    e = (struct expr *)(uintptr_t)operand.expr; /* made below this call, seen by nobody yet */
    if (op == EXPR_NEG && negate_literal(e)) {
        e->length += e->at - at;
        e->at = at;
        return 0;
    }
    TRY(node(p, op, at, &e));
    e->left = operand.expr;
    e->type = check_unary(p, op, &operand, at);
    ret->expr = e;
    return set_depth(p, ret, operand.depth, 0);
}

static int parse_parentheses(struct parser *p, struct term *ret)
{
    uint32_t at = p->token.at;
    struct expr *e;
    TRY(parser_advance(p));
    TRY(parse_behind(p, "(", LEVEL_LOGIC, ret));
    TRY(no_nil(p, ret));
    TRY(parser_expect(p, TOKEN_CLOSE, "or an operator"));
    e = (struct expr *)(uintptr_t)ret->expr; /* its place includes them */
    e->at = at;
    e->length = p->behind - at;
    return 0;
}

static int parse_unary(struct parser *p, const char *behind, struct term *ret)
{
    int code;
    if (!parser_at(p, TOKEN_NOT) && !parser_at(p, TOKEN_SUB) && !parser_at(p, TOKEN_OPEN))
        return parse_operand(p, behind, ret);
    TRY(parser_enter(p));
    if (parser_at(p, TOKEN_OPEN))
        code = parse_parentheses(p, ret);
    else
        code = parse_prefix(p, parser_at(p, TOKEN_NOT) ? EXPR_NOT : EXPR_NEG, ret);
    parser_leave(p);
    return code;
}

/* Operators that are at least so strong. */
static int parse_behind(struct parser *p, const char *behind, enum level least, struct term *ret)
{
    const struct binary *b;
    TRY(parse_unary(p, behind, ret));
    while ((b = binary_at(p)) && b->level >= least) {
        struct term right;
        if (b->level == LEVEL_LOGIC) {
            TRY(parse_chain(p, ret));
            continue;
        }
        TRY(parser_advance(p));
        TRY(parser_enter(p));
        TRY(parse_behind(p, token_spelling(b->token),
                         b->op == EXPR_POW ? LEVEL_POWER : b->level + 1, &right));
        parser_leave(p);
        TRY(join(p, b, ret, &right, ret));
    }
    return 0;
}

int parse_expr(struct parser *p, const char *what, struct term *ret)
{
    p->wanted = what;
    TRY(parse_behind(p, "", LEVEL_LOGIC, ret));
    return no_nil(p, ret);
}

/* ---- Lists of fields ---- */

int parse_field(struct parser *p, const char *what, const struct expr **ret)
{
    struct expr *e = NULL;
    int none;
    TRY(none = parse_field_node(p, &e));
    if (none) {
        struct value value;
        enum expr_type type;
        if (parser_at(p, TOKEN_WORD) && !token_literal(&p->token, &value, &type))
            return unknown_word(p);
        return syntax_expected(p, what);
    }
    *ret = e;
    return 0;
}

int parse_fields(struct parser *p, const char *what, const struct expr *const **ret,
                 uint32_t *ret_count)
{
    const struct expr **items = NULL;
    size_t count = 0, cap = 0;
    for (;;) {
        const struct expr **grown =
            arena_grow(p->arena, items, count, &cap, count + 1, sizeof(void *));
        if (!grown)
            return parser_full(p);
        items = grown;
        TRY(parse_field(p, what, &items[count]));
        count++;
        if (!parser_at(p, TOKEN_COMMA))
            break;
        TRY(parser_advance(p));
    }
    *ret = items;
    *ret_count = (uint32_t)count;
    return parser_expect(p, TOKEN_CLOSE, "or ','");
}
