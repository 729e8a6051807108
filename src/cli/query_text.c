/* query_text.c - a TraceQL query from the command line, and what is wrong with it. */
#include "cli/query_text.h"

#include <stdlib.h>
#include <unistd.h>

#include "cli/term.h"

enum { INDENT = 2, PIPE_WIDTH = 100 };

/* The start of the line with the place, and its bytes. */
static struct str line_of(struct str text, uint32_t at)
{
    size_t start = at < text.n ? at : text.n, end;
    while (start && text.p[start - 1] != '\n')
        start--;
    for (end = start; end < text.n && text.p[end] != '\n';)
        end++;
    return str_make(text.p + start, end - start);
}

static bool inside_character(struct str s, size_t i)
{
    return i < s.n && ((unsigned char)s.p[i] & 0xc0) == 0x80;
}

void query_text_point(struct str text, const struct traceql_diag *place, unsigned width,
                      bool colors, struct buf *out)
{
    struct str line = line_of(text, place->at), before, marked;
    size_t at = text.p + place->at - line.p, length = place->length, skip = 0;
    unsigned room = width > INDENT + 20 ? width - INDENT : 20, cells;
    if (at > line.n)
        at = line.n;
    if (length > line.n - at)
        length = line.n - at;
    while (term_cells(str_make(line.p + skip, at - skip)) > room * 2 / 3 ||
           inside_character(line, skip))
        skip++; /* what is far in front is left out */
    before = str_make(line.p + skip, at - skip);
    marked = str_make(line.p + at, length);
    term_pad(out, INDENT);
    cells = skip ? term_put(out, STR("…"), 1) : 0;
    term_put(out, str_from(line, skip), room - cells);
    buf_put_byte(out, '\n');
    cells += term_cells(before);
    term_pad(out, INDENT + cells);
    term_sgr(out, colors, "1;31");
    buf_put_byte(out, '^');
    for (unsigned i = 1, n = term_cells(marked); i < n && cells + i < room; i++)
        buf_put_byte(out, '~');
    term_sgr(out, colors, "");
    buf_put_byte(out, '\n');
}

static bool colors_on_errors(void)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDERR_FILENO) && !(no_color && *no_color) &&
           !(term && strcmp(term, "dumb") == 0);
}

const struct traceql *query_text_parse(const char *command, struct str text, struct arena *arena,
                                       FILE *errors)
{
    struct traceql_diag place;
    const struct traceql *q;
    struct err err;
    struct buf out;
    if (traceql_parse(text, arena, &q, &place, &err) == 0)
        return q;
    buf_init(&out, 0);
    query_text_point(text, &place, term_width(PIPE_WIDTH), colors_on_errors(), &out);
    fprintf(errors, "%s: %s\n%.*s", command, err.msg, (int)out.n, (const char *)out.p);
    buf_release(&out);
    return NULL;
}
