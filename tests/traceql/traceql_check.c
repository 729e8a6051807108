/* traceql_check - what the parser says of queries: one per record on standard input, records end with a NUL byte.
 *
 * For each a line: its class (valid, syntax, type, unsupported), a tab, and the error or the canonical text (line breaks
 * as spaces). A valid query whose text does not parse to the same text again is of the class "unstable". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traceql/traceql.h"

static const char *const classes[] = {
    [0] = "valid",
    [TRACEQL_SYNTAX] = "syntax",
    [TRACEQL_TYPE] = "type",
    [TRACEQL_UNSUPPORTED] = "unsupported",
};

static void answer(const char *class, struct str words)
{
    printf("%s\t", class);
    for (size_t i = 0; i < words.n; i++)
        putchar(words.p[i] == '\n' ? ' ' : words.p[i]);
    putchar('\n');
}

static bool same_again(struct str text, struct arena *arena)
{
    const struct traceql *q;
    struct buf out;
    bool same;
    buf_init(&out, 0);
    same = traceql_parse(text, arena, &q, NULL, NULL) == 0;
    if (same)
        traceql_print(q, &out);
    same = same && str_eq(buf_str(&out), text);
    buf_release(&out);
    return same;
}

static void check(struct str text, struct arena *arena)
{
    struct traceql_diag diag = {0};
    const struct traceql *q;
    struct err err;
    struct buf out;
    if (traceql_parse(text, arena, &q, &diag, &err) < 0) {
        answer(classes[diag.fault], str_of(err.msg));
        return;
    }
    buf_init(&out, 0);
    traceql_print(q, &out);
    answer(same_again(buf_str(&out), arena) ? "valid" : "unstable", buf_str(&out));
    buf_release(&out);
}

int main(void)
{
    struct arena arena;
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    arena_init(&arena, 64 << 20);
    while ((n = getdelim(&line, &cap, '\0', stdin)) > 0) {
        check(str_make(line, (size_t)n - (line[n - 1] == '\0')), &arena);
        arena_reset(&arena);
    }
    free(line);
    arena_release(&arena);
    return 0;
}
