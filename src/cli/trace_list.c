/* trace_list.c - lists of traces: one line for each on a wide terminal, three on a narrow one. */
#include "cli/trace_list.h"

#include "cli/term.h"
#include "cli/units.h"

enum { ONE_LINE_WIDTH = 100 };
enum { ID_CELLS = 32, AGE_CELLS = 11, DURATION_CELLS = 10, COUNT_CELLS = 8 };

static void put(struct trace_list *l, const char *text)
{
    buf_put_str(&l->out, str_of(text));
}

static void put_right(struct trace_list *l, const char *text, unsigned cells)
{
    unsigned used = term_cells(str_of(text));
    term_pad(&l->out, used < cells ? cells - used : 0);
    put(l, text);
}

static void put_errors(struct trace_list *l, uint64_t errors, const char *text, unsigned cells)
{
    term_sgr(&l->out, l->colors, errors ? "1;31" : "2");
    put_right(l, text, cells);
    term_sgr(&l->out, l->colors, "");
}

static void put_root(struct trace_list *l, const struct trace_row *r, unsigned cells)
{
    unsigned used;
    if (r->service.n == 0 && r->name.n == 0) {
        term_put(&l->out, STR("(no root yet)"), cells);
        return;
    }
    term_sgr(&l->out, l->colors, "36");
    used = term_put(&l->out, r->service, cells / 2);
    term_sgr(&l->out, l->colors, "");
    put(l, "  ");
    term_sgr(&l->out, l->colors, "1");
    term_put(&l->out, r->name, cells > used + 2 ? cells - used - 2 : 0);
    term_sgr(&l->out, l->colors, "");
}

static void put_one_line(struct trace_list *l, const struct trace_row *r)
{
    const unsigned before = ID_CELLS + 2 + AGE_CELLS + DURATION_CELLS + 2 * COUNT_CELLS + 2;
    char text[UNITS_BYTES];
    term_put(&l->out, r->id, ID_CELLS);
    put(l, "  ");
    format_age(text, r->start_ns, l->now_ns);
    put_right(l, text, AGE_CELLS);
    format_duration(text, r->duration_ns);
    put_right(l, text, DURATION_CELLS);
    format_count(text, r->spans);
    put_right(l, text, COUNT_CELLS);
    format_count(text, r->errors);
    put_errors(l, r->errors, r->errors ? text : "-", COUNT_CELLS);
    put(l, "  ");
    put_root(l, r, l->width - before);
    put(l, "\n");
}

static void put_two_lines(struct trace_list *l, const struct trace_row *r)
{
    char text[UNITS_BYTES];
    put_root(l, r, l->width);
    put(l, "\n  ");
    format_duration(text, r->duration_ns);
    put(l, text);
    format_plural(text, r->spans, "span", "spans");
    buf_printf(&l->out, ", %s", text);
    format_plural(text, r->services, "service", "services");
    buf_printf(&l->out, ", %s", text);
    if (r->errors) {
        put(l, ", ");
        format_plural(text, r->errors, "error", "errors");
        put_errors(l, r->errors, text, 0);
    }
    format_age(text, r->start_ns, l->now_ns);
    buf_printf(&l->out, ", %s\n  ", text);
    term_put(&l->out, r->id, ID_CELLS);
    put(l, "\n");
}

void trace_list_head(struct trace_list *l)
{
    if (l->width < ONE_LINE_WIDTH)
        return;
    term_sgr(&l->out, l->colors, "2");
    buf_printf(&l->out, "%-*s  %*s%*s%*s%*s  %s", ID_CELLS, "TRACE", AGE_CELLS, "STARTED",
               DURATION_CELLS, "DURATION", COUNT_CELLS, "SPANS", COUNT_CELLS, "ERRORS", "ROOT");
    term_sgr(&l->out, l->colors, "");
    put(l, "\n");
}

void trace_list_row(struct trace_list *l, const struct trace_row *r)
{
    if (l->width >= ONE_LINE_WIDTH)
        put_one_line(l, r);
    else
        put_two_lines(l, r);
}
