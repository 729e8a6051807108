/* table.c - widths first, then lines. */
#include "cli/table.h"

#include <stdarg.h>

#include "cli/term.h"

enum { GAP = 2, SHRUNK_MIN = 8 };

void table_init(struct table *t)
{
    *t = (struct table){.column_count = 0};
    arena_init(&t->arena, 0);
}

void table_release(struct table *t)
{
    arena_release(&t->arena);
}

void table_column(struct table *t, struct str head, bool right, enum table_cut cut)
{
    if (t->column_count < TABLE_COLUMNS_MAX)
        t->columns[t->column_count++] =
            (struct table_column){arena_str(&t->arena, head), right, cut};
}

bool table_cell(struct table *t, struct str text, const char *sgr)
{
    struct table_cell *cells = arena_grow(&t->arena, t->cells, t->cell_count, &t->cell_cap,
                                          t->cell_count + 1, sizeof *cells);
    if (!cells)
        return false;
    t->cells = cells;
    cells[t->cell_count++] = (struct table_cell){arena_str(&t->arena, text), sgr};
    return !arena_failed(&t->arena);
}

bool table_cellf(struct table *t, const char *sgr, const char *fmt, ...)
{
    char text[512];
    va_list args;
    int n;
    va_start(args, fmt);
    n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n < 0)
        return false;
    return table_cell(t, str_make(text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1),
                      sgr);
}

/* Takes what is too much from the widest columns that may be cut. Answers how wide it all is then. */
static unsigned shrink(const struct table *t, unsigned widths[], unsigned width)
{
    for (;;) {
        unsigned total = 0, widest = 0;
        uint32_t at = 0;
        for (uint32_t i = 0; i < t->column_count; i++) {
            total += widths[i] + (i ? (unsigned)GAP : 0);
            if (t->columns[i].cut != TABLE_WHOLE && widths[i] > widest) {
                widest = widths[i];
                at = i;
            }
        }
        if (total <= width || widest <= SHRUNK_MIN)
            return total;
        widths[at]--;
    }
}

static unsigned measure(const struct table *t, unsigned widths[], unsigned width)
{
    for (uint32_t i = 0; i < t->column_count; i++)
        widths[i] = term_cells(t->columns[i].head);
    for (size_t i = 0; i < t->cell_count; i++) {
        unsigned cells = term_cells(t->cells[i].text);
        unsigned *w = &widths[i % t->column_count];
        *w = cells > *w ? cells : *w;
    }
    return shrink(t, widths, width);
}

static void put(const struct table *t, uint32_t column, const struct table_cell *cell,
                const unsigned widths[], bool colors, struct buf *out)
{
    unsigned cells = term_cells(cell->text), left;
    bool last = column + 1 == t->column_count;
    cells = cells < widths[column] ? cells : widths[column];
    left = widths[column] - cells;
    if (column)
        term_pad(out, GAP);
    if (t->columns[column].right)
        term_pad(out, left);
    if (cell->sgr)
        term_sgr(out, colors, cell->sgr);
    if (t->columns[column].cut == TABLE_CUT_FRONT)
        term_put_end(out, cell->text, widths[column]);
    else
        term_put(out, cell->text, widths[column]);
    if (cell->sgr)
        term_sgr(out, colors, "");
    if (!t->columns[column].right && !last)
        term_pad(out, left);
    if (last)
        buf_put_byte(out, '\n');
}

void table_print(const struct table *t, unsigned width, bool colors, struct buf *out)
{
    unsigned widths[TABLE_COLUMNS_MAX];
    if (!t->column_count)
        return;
    measure(t, widths, width);
    for (uint32_t i = 0; i < t->column_count; i++) {
        struct table_cell head = {t->columns[i].head, "2"};
        put(t, i, &head, widths, colors, out);
    }
    for (size_t i = 0; i < t->cell_count; i++)
        put(t, (uint32_t)(i % t->column_count), &t->cells[i], widths, colors, out);
}

bool table_fits(const struct table *t, unsigned width)
{
    unsigned widths[TABLE_COLUMNS_MAX];
    return measure(t, widths, width) <= width;
}

void table_print_records(const struct table *t, bool colors, struct buf *out)
{
    unsigned heads = 0;
    for (uint32_t i = 0; i < t->column_count; i++) {
        unsigned cells = term_cells(t->columns[i].head);
        heads = cells > heads ? cells : heads;
    }
    for (size_t i = 0; i < t->cell_count; i++) {
        const struct table_cell *cell = &t->cells[i];
        struct str head = t->columns[i % t->column_count].head;
        if (i && i % t->column_count == 0)
            buf_put_byte(out, '\n');
        term_sgr(out, colors, "2");
        term_pad(out, GAP + heads - term_put(out, head, heads));
        term_sgr(out, colors, cell->sgr ? cell->sgr : "");
        term_put(out, cell->text, UINT32_MAX);
        if (cell->sgr)
            term_sgr(out, colors, "");
        buf_put_byte(out, '\n');
    }
}
