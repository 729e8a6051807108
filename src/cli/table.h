/* table.h - rows of texts in aligned columns, as wide as they need and no wider than the terminal.
 *
 * Cells are copied; control characters never reach the terminal (term_put). */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/arena.h"
#include "base/buf.h"

enum { TABLE_COLUMNS_MAX = 64 };

/* Where a cell is cut when the table is wider than it may be. */
enum table_cut { TABLE_WHOLE, TABLE_CUT, TABLE_CUT_FRONT };

struct table_column {
    struct str head;
    bool right; /* numbers */
    enum table_cut cut;
};

struct table_cell {
    struct str text;
    const char *sgr; /* its colour; NULL = none */
};

struct table {
    struct arena arena;
    struct table_column columns[TABLE_COLUMNS_MAX];
    uint32_t column_count;
    struct table_cell *cells; /* row by row */
    size_t cell_count, cell_cap;
};

void table_init(struct table *t);
void table_release(struct table *t);
/* At most TABLE_COLUMNS_MAX; more are left out. */
void table_column(struct table *t, struct str head, bool right, enum table_cut cut);
/* The next cell, row by row. sgr must outlive the table. False when memory is over. */
bool table_cell(struct table *t, struct str text, const char *sgr);
bool table_cellf(struct table *t, const char *sgr, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* With a line of heads; columns two cells apart. */
void table_print(const struct table *t, unsigned width, bool colors, struct buf *out);
/* Is it at most this wide, when everything that may be cut is? */
bool table_fits(const struct table *t, unsigned width);
/* The other way round: a line for each cell behind its head, an empty line between rows. Nothing is cut. */
void table_print_records(const struct table *t, bool colors, struct buf *out);

#endif
