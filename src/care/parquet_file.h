/* parquet_file.h - a Parquet file, column by column: flat tables of strings and 64-bit integers, zstd pages.
 *
 * Rows gather in memory, a row group at a time. Values are PLAIN; each column of a row group is one page. */
#ifndef CARE_PARQUET_FILE_H
#define CARE_PARQUET_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"

enum parquet_type { PARQUET_STRING, PARQUET_INT, PARQUET_TIME /* Unix ns, UTC */ };

struct parquet_column {
    const char *name;
    enum parquet_type type;
    bool optional;
};

struct parquet_file;

/* columns is borrowed. ERR_NOMEM, ERR_IO. */
int parquet_begin(FILE *out, const struct parquet_column *columns, size_t count,
                  struct parquet_file **ret, struct err *err);

/* A row is one call of these for each column, then parquet_end_row. null: of optional columns only. */
void parquet_put_string(struct parquet_file *f, size_t column, struct str s);
void parquet_put_int(struct parquet_file *f, size_t column, int64_t v);
void parquet_put_null(struct parquet_file *f, size_t column);
int parquet_end_row(struct parquet_file *f, struct err *err);

/* The last row group and the footer. */
int parquet_finish(struct parquet_file *f, uint64_t *ret_bytes, struct err *err);
void parquet_free(struct parquet_file *f); /* NULL is fine */

#endif
