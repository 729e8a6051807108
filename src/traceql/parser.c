/* parser.c - where the parser stands, and how it complains. */
#include "traceql/parser.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"

enum { WORDS_BYTES = ERR_MSG_BYTES - 32 }; /* leaves room for the place */

/* ---- Complaints ---- */

/* Lines and columns count from 1; a column is a character. */
static void line_and_column(struct str text, uint32_t at, uint32_t *line, uint32_t *column)
{
    *line = *column = 1;
    for (uint32_t i = 0; i < at && i < text.n; i++) {
        if (text.p[i] == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char)text.p[i] & 0xc0) != 0x80) {
            ++*column;
        }
    }
}

/* One line of whole characters, whatever of the query is in it. */
static void tidy(char *words)
{
    struct str s = str_of(words);
    words[utf8_valid_prefix(s)] = '\0';
    for (char *c = words; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
    }
}

static int place_error(const struct parser *p, struct err *err, int code, uint32_t at, char *words)
{
    uint32_t line, column;
    tidy(words);
    line_and_column(p->lexer.text, at, &line, &column);
    return err_at(err, code, at, "%u:%u: %s", line, column, words);
}

static int fail(struct parser *p, int code, uint32_t at, uint32_t length, char *words)
{
    p->diag =
        (struct traceql_diag){code == ERR_INVALID ? TRACEQL_SYNTAX : TRACEQL_TYPE, at, length};
    return place_error(p, p->err, code, at, words);
}

int syntax_error(struct parser *p, uint32_t at, uint32_t length, const char *fmt, ...)
{
    char words[WORDS_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    return fail(p, ERR_INVALID, at, length, words);
}

int too_large(struct parser *p, uint32_t at, uint32_t length, const char *fmt, ...)
{
    char words[WORDS_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    return fail(p, ERR_TOO_LARGE, at, length, words);
}

void note(struct parser *p, enum traceql_fault fault, uint32_t at, uint32_t length, const char *fmt,
          ...)
{
    char words[WORDS_BYTES];
    va_list args;
    if (p->diag.fault)
        return; /* the first one counts */
    va_start(args, fmt);
    vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    p->diag = (struct traceql_diag){fault, at, length};
    place_error(p, &p->noted, ERR_INVALID, at, words);
}

int parser_full(struct parser *p)
{
    return too_large(p, 0, 0, "the query needs more memory than it may have");
}

/* A token as messages show it. */
static void describe(const struct parser *p, char *out, size_t cap)
{
    const struct token *t = &p->token;
    struct str s = str_make(p->lexer.text.p + t->at, t->length);
    if (t->kind == TOKEN_END)
        snprintf(out, cap, "the end");
    else if (s.n <= 40)
        snprintf(out, cap, "%s%.*s%s", t->kind == TOKEN_STRING ? "" : "'", STR_ARG(s),
                 t->kind == TOKEN_STRING ? "" : "'");
    else
        snprintf(out, cap, "%s", t->kind == TOKEN_STRING ? "a string" : "a long name");
}

int syntax_expected(struct parser *p, const char *what)
{
    static const struct {
        const char *word, *meant;
    } others[] = {{"and", "&&"}, {"AND", "&&"}, {"or", "||"}, {"OR", "||"}, {"like", "=~"}};
    char found[64];
    describe(p, found, sizeof found);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (parser_at_word(p, str_of(others[i].word)))
            return syntax_error(p, p->token.at, p->token.length,
                                "expected %s, found %s; did you mean '%s'?", what, found,
                                others[i].meant);
    }
    return syntax_error(p, p->token.at, p->token.length, "expected %s, found %s", what, found);
}

/* ---- Tokens ---- */

int parser_advance(struct parser *p)
{
    struct err inner;
    int code;
    p->behind = p->token.at + p->token.length;
    code = lexer_next(&p->lexer, &p->token, &inner);
    return code < 0 ? fail(p, code, p->token.at, p->token.length, inner.msg) : 0;
}

int parser_start(struct parser *p, struct str text, struct arena *arena, struct err *err)
{
    *p = (struct parser){.lexer = {.text = text, .arena = arena}, .arena = arena, .err = err};
    return parser_advance(p);
}

int parser_finish(struct parser *p)
{
    if (!p->diag.fault)
        return 0;
    if (p->err)
        *p->err = p->noted;
    return p->noted.code;
}

bool parser_at_word(const struct parser *p, struct str word)
{
    return p->token.kind == TOKEN_WORD && str_eq(p->token.text, word);
}

int parser_expect(struct parser *p, enum token_kind kind, const char *where)
{
    char what[80];
    if (parser_at(p, kind))
        return parser_advance(p);
    snprintf(what, sizeof what, "'%s' %s", token_spelling(kind), where);
    return syntax_expected(p, what);
}

/* ---- Limits ---- */

int parser_enter(struct parser *p)
{
    if (++p->depth > TRACEQL_DEPTH_MAX)
        return too_large(p, p->token.at, p->token.length, "nested deeper than %d levels",
                         TRACEQL_DEPTH_MAX);
    return 0;
}

void parser_leave(struct parser *p)
{
    p->depth--;
}

void *parser_alloc(struct parser *p, size_t count, size_t size)
{
    return arena_calloc(p->arena, count, size);
}
