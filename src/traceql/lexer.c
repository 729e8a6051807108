/* lexer.c - a query's text cut into tokens. */
#include "traceql/lexer.h"

#include "traceql/fields.h"
#include "traceql/literal.h"

static const char *const spellings[TOKEN_KINDS] = {
    [TOKEN_OPEN_BRACE] = "{",
    [TOKEN_CLOSE_BRACE] = "}",
    [TOKEN_OPEN] = "(",
    [TOKEN_CLOSE] = ")",
    [TOKEN_COMMA] = ",",
    [TOKEN_PIPE] = "|",
    [TOKEN_AND] = "&&",
    [TOKEN_OR] = "||",
    [TOKEN_NOT] = "!",
    [TOKEN_EQ] = "=",
    [TOKEN_NE] = "!=",
    [TOKEN_LT] = "<",
    [TOKEN_LE] = "<=",
    [TOKEN_GT] = ">",
    [TOKEN_GE] = ">=",
    [TOKEN_MATCH] = "=~",
    [TOKEN_NOT_MATCH] = "!~",
    [TOKEN_ADD] = "+",
    [TOKEN_SUB] = "-",
    [TOKEN_MUL] = "*",
    [TOKEN_DIV] = "/",
    [TOKEN_MOD] = "%",
    [TOKEN_POW] = "^",
    [TOKEN_DESCENDANT] = ">>",
    [TOKEN_ANCESTOR] = "<<",
    [TOKEN_SIBLING] = "~",
    [TOKEN_NOT_CHILD] = "!>",
    [TOKEN_NOT_PARENT] = "!<",
    [TOKEN_NOT_DESCENDANT] = "!>>",
    [TOKEN_NOT_ANCESTOR] = "!<<",
    [TOKEN_UNION_CHILD] = "&>",
    [TOKEN_UNION_PARENT] = "&<",
    [TOKEN_UNION_DESCENDANT] = "&>>",
    [TOKEN_UNION_ANCESTOR] = "&<<",
    [TOKEN_UNION_SIBLING] = "&~",
};

const char *token_spelling(enum token_kind kind)
{
    return kind < TOKEN_KINDS && spellings[kind] ? spellings[kind] : "";
}

static struct str rest(const struct lexer *l)
{
    return str_from(l->text, l->at);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Letters beyond ASCII count as such: they are in no name, but an error shows them in one piece. */
static bool is_letter(char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || (c & 0x80);
}

static size_t word_bytes(struct str s)
{
    size_t n = 0;
    while (n < s.n && (is_letter(s.p[n]) || (n && is_digit(s.p[n]))))
        n++;
    return n;
}

/* ---- Between tokens ---- */

static int skip_comment(struct lexer *l, struct token *t, struct err *err)
{
    struct str s = rest(l);
    size_t n = 2;
    if (s.p[1] == '/') {
        while (n < s.n && s.p[n] != '\n')
            n++;
    } else {
        while (n < s.n && !str_starts(str_from(s, n), STR("*/")))
            n++;
        if (n == s.n) {
            t->length = 2;
            return err_set(err, ERR_INVALID, "this comment has no end");
        }
        n += 2;
    }
    l->at += (uint32_t)n;
    return 0;
}

static int skip_space(struct lexer *l, struct token *t, struct err *err)
{
    for (;;) {
        struct str s = rest(l);
        t->at = l->at;
        if (s.n && s.p[0] && strchr(" \t\r\n", s.p[0]))
            l->at++;
        else if (str_starts(s, STR("//")) || str_starts(s, STR("/*")))
            TRY(skip_comment(l, t, err));
        else
            return 0;
    }
}

/* ---- Strings ---- */

static int raw_string(struct lexer *l, struct token *t, struct err *err)
{
    struct str s = str_from(rest(l), 1);
    ptrdiff_t end = str_find(s, '`');
    size_t n = 0;
    char *out;
    if (end < 0)
        return err_set(err, ERR_INVALID, "this string has no end: a '`' is missing");
    t->length = (uint32_t)end + 2;
    s.n = (size_t)end;
    if (str_find(s, '\r') >= 0) { /* as in Go, carriage returns are not in it */
        if (!(out = arena_alloc(l->arena, s.n)))
            return err_set(err, ERR_TOO_LARGE, "no memory left for the query");
        for (size_t i = 0; i < s.n; i++) {
            if (s.p[i] != '\r')
                out[n++] = s.p[i];
        }
        s = str_make(out, n);
    }
    t->value = (struct value){.type = VALUE_STRING, .string = s};
    return 0;
}

static int quoted_string(struct lexer *l, struct token *t, struct err *err)
{
    struct str s = rest(l);
    struct err inner;
    size_t n = 1;
    while (n < s.n && s.p[n] != '"' && s.p[n] != '\n')
        n += s.p[n] == '\\' && n + 1 < s.n ? 2 : 1;
    if (n >= s.n || s.p[n] != '"') {
        t->length = (uint32_t)(n < s.n ? n : s.n);
        return err_set(err, ERR_INVALID, "this string has no end: a '\"' is missing");
    }
    t->length = (uint32_t)n + 1;
    t->value.type = VALUE_STRING;
    if (literal_unescape(str_make(s.p + 1, n - 1), l->arena, &t->value.string, &inner) < 0) {
        if (inner.code == ERR_INVALID) {
            t->at += 1 + (uint32_t)inner.offset;
            t->length = 2;
        }
        return err_set(err, inner.code, "%s", inner.msg);
    }
    return 0;
}

/* ---- Numbers ---- */

/* Digits, a point, digits, an exponent. */
static size_t number_bytes(struct str s, bool *whole)
{
    size_t n = 0, e;
    *whole = true;
    while (n < s.n && is_digit(s.p[n]))
        n++;
    if (n < s.n && s.p[n] == '.') {
        *whole = false;
        do
            n++;
        while (n < s.n && is_digit(s.p[n]));
    }
    e = n;
    if (e < s.n && (s.p[e] | 0x20) == 'e') {
        e++;
        if (e < s.n && (s.p[e] == '+' || s.p[e] == '-'))
            e++;
        if (e < s.n && is_digit(s.p[e])) {
            *whole = false;
            for (n = e; n < s.n && is_digit(s.p[n]);)
                n++;
        }
    }
    return n;
}

static int number(struct lexer *l, struct token *t, struct err *err)
{
    struct str s = rest(l), digits;
    bool whole;
    size_t n = number_bytes(s, &whole), end = n;
    while (end < s.n && (is_letter(s.p[end]) || is_digit(s.p[end]) || s.p[end] == '.'))
        end++;
    t->length = (uint32_t)end;
    digits = str_make(s.p, n);
    t->value.type = VALUE_INT;
    if (end > n) {
        t->kind = TOKEN_DURATION;
        if (literal_duration(str_make(s.p, end), &t->value.integer))
            return 0;
        return err_set(err, ERR_INVALID,
                       "'%.*s' is no number and no duration such as 1.5s or 1h30m (units: ns, us, "
                       "ms, s, m, h, d, w, y)",
                       (int)(end < 40 ? end : 40), s.p);
    }
    if (whole) {
        t->kind = TOKEN_INT;
        if (str_to_i64(digits, &t->value.integer))
            return 0;
        return err_set(err, ERR_INVALID, "this integer does not fit in 64 bits");
    }
    t->kind = TOKEN_FLOAT;
    t->value.type = VALUE_DOUBLE;
    if (str_to_double(digits, &t->value.number) && t->value.number - t->value.number == 0)
        return 0;
    return err_set(err, ERR_INVALID, "this number is too large");
}

/* ---- Attributes ---- */

/* A part in quotes: "a b" with \" and \\; writes what it stands for behind out[*n], when out is not NULL. Answers its
 * bytes, or 0 with err. */
static size_t quoted_part(struct str s, char *out, size_t *n, struct err *err)
{
    size_t i = 1;
    while (i < s.n && s.p[i] != '"') {
        if (s.p[i] == '\\') {
            i++;
            if (i >= s.n || (s.p[i] != '"' && s.p[i] != '\\')) {
                err_set(err, ERR_INVALID,
                        "in an attribute's quotes only \\\" and \\\\ are escapes");
                return 0;
            }
        }
        if (out)
            out[*n] = s.p[i];
        ++*n;
        i++;
    }
    if (i >= s.n) {
        err_set(err, ERR_INVALID, "this attribute's name has no end: a '\"' is missing");
        return 0;
    }
    return i + 1;
}

/* The same for the whole key; 0 with err unset is an empty one. */
static size_t key_bytes(struct str s, char *out, size_t *n, struct err *err)
{
    size_t i = 0;
    *n = 0;
    while (i < s.n && !attribute_end_bytes(str_from(s, i))) {
        size_t taken = 1;
        if (s.p[i] == '"')
            taken = quoted_part(str_from(s, i), out, n, err);
        else if (out)
            out[(*n)++] = s.p[i];
        else
            ++*n;
        if (!taken)
            return 0;
        i += taken;
    }
    return i;
}

/* The key behind the scope and its dot, which are prefix bytes. */
static int attribute(struct lexer *l, struct token *t, size_t prefix, struct err *err)
{
    struct str s = str_from(rest(l), prefix);
    struct err inner = {0};
    size_t n, bytes = key_bytes(s, NULL, &n, &inner);
    char *out;
    t->kind = TOKEN_ATTRIBUTE;
    t->text = str_make(s.p, bytes);
    t->length = (uint32_t)(prefix + bytes);
    if (inner.code) {
        t->length = (uint32_t)(l->text.n - t->at);
        return err_set(err, ERR_INVALID, "%s", inner.msg);
    }
    if (n == 0)
        return err_set(err, ERR_INVALID, "expected an attribute's name behind '%.*s'", (int)prefix,
                       l->text.p + t->at);
    if (n == bytes)
        return 0;
    if (!(out = arena_alloc(l->arena, n)))
        return err_set(err, ERR_TOO_LARGE, "no memory left for the query");
    key_bytes(s, out, &n, NULL);
    t->text = str_make(out, n);
    return 0;
}

/* "span." and the like at the start of s: its bytes, or 0. */
static size_t scope_bytes(struct str s, enum field_scope *scope)
{
    size_t n = word_bytes(s);
    return n < s.n && s.p[n] == '.' && scope_of_prefix(str_make(s.p, n), scope) ? n + 1 : 0;
}

/* A word, an intrinsic with its scope, or an attribute behind a scope. */
static int word(struct lexer *l, struct token *t, struct err *err)
{
    struct str s = rest(l);
    size_t n = word_bytes(s), prefix = scope_bytes(s, &t->scope);
    if (prefix)
        return attribute(l, t, prefix, err);
    if (str_starts(s, STR("parent."))) {
        t->parent = true;
        t->scope = SCOPE_FIRST;
        prefix = scope_bytes(str_from(s, 7), &t->scope);
        if (prefix && t->scope != SCOPE_SPAN && t->scope != SCOPE_RESOURCE)
            prefix = 0; /* a part of the key */
        return attribute(l, t, 7 + prefix, err);
    }
    if (n < s.n && s.p[n] == ':')
        n += 1 + word_bytes(str_from(s, n + 1));
    t->kind = TOKEN_WORD;
    t->length = (uint32_t)n;
    t->text = str_make(s.p, n);
    return 0;
}

/* ---- All of them ---- */

static int operator(struct lexer *l, struct token *t, struct err *err)
{
    struct str s = rest(l);
    for (int kind = TOKEN_OPEN_BRACE; kind < TOKEN_KINDS; kind++) {
        struct str spelling = str_of(token_spelling((enum token_kind)kind));
        if (spelling.n > t->length && str_starts(s, spelling)) {
            t->kind = (enum token_kind)kind;
            t->length = (uint32_t)spelling.n;
        }
    }
    if (t->length)
        return 0;
    t->length = 1;
    if (s.p[0] == '&')
        return err_set(err, ERR_INVALID, "'&' alone is no operator; did you mean '&&'?");
    if (s.p[0] == '\'')
        return err_set(err, ERR_INVALID, "a string is written \"…\" or `…`, not in single quotes");
    if (s.p[0] < 0x20 || s.p[0] == 0x7f)
        return err_set(err, ERR_INVALID, "unexpected character 0x%02x", (unsigned char)s.p[0]);
    return err_set(err, ERR_INVALID, "unexpected character '%c'", s.p[0]);
}

static int token(struct lexer *l, struct token *t, struct err *err)
{
    struct str s = rest(l);
    char c = s.n ? s.p[0] : '\0';
    if (s.n == 0)
        return 0;
    if (c == '"' || c == '`') {
        t->kind = TOKEN_STRING;
        t->length = 1;
        return c == '`' ? raw_string(l, t, err) : quoted_string(l, t, err);
    }
    if (is_digit(c) || (c == '.' && s.n > 1 && is_digit(s.p[1])))
        return number(l, t, err);
    if (c == '.') {
        t->scope = SCOPE_FIRST;
        t->length = 1;
        return attribute(l, t, 1, err);
    }
    if (is_letter(c))
        return word(l, t, err);
    return operator(l, t, err);
}

int lexer_next(struct lexer *l, struct token *ret, struct err *err)
{
    *ret = (struct token){.kind = TOKEN_END};
    TRY(skip_space(l, ret, err));
    TRY(token(l, ret, err));
    l->at = ret->at + ret->length;
    return 0;
}
