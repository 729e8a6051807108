/* parquet_file.c - pages, row groups and the footer, in Thrift's compact protocol. */
#include "care/parquet_file.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

enum {
    GROUP_ROWS = 128 << 10,
    GROUP_BYTES = 256 << 20, /* of values in memory */
    ZSTD_LEVEL = 3,
};

/* Parquet's numbers. */
enum { TYPE_INT64 = 2, TYPE_BYTE_ARRAY = 6, CODEC_ZSTD = 6, ENCODING_PLAIN = 0, ENCODING_RLE = 3 };
enum {
    COMPACT_TRUE = 1,
    COMPACT_I32 = 5,
    COMPACT_I64 = 6,
    COMPACT_BINARY = 8,
    COMPACT_LIST = 9,
    COMPACT_STRUCT = 12
};

struct gathering {
    struct buf values;
    struct buf levels; /* runs of the definition level */
    uint64_t run;      /* of run_level so far */
    bool run_level;
};

struct parquet_file {
    FILE *out;
    const struct parquet_column *columns;
    size_t column_count;
    struct gathering *gathering;
    uint64_t rows, group_rows, group_bytes, at;
    uint32_t groups;
    struct buf group_meta; /* RowGroups of the footer */
    struct buf page, packed;
    ZSTD_CCtx *zstd;
};

/* ---- Thrift, compact ---- */

static void put_varint(struct buf *b, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        buf_put_byte(b, (unsigned char)(v | 0x80));
    buf_put_byte(b, (unsigned char)v);
}

/* step: how much the field's number is above that of the one before. */
static void put_field(struct buf *b, unsigned step, unsigned type)
{
    buf_put_byte(b, (unsigned char)(step << 4 | type));
}

static void put_number(struct buf *b, unsigned step, unsigned type, int64_t v)
{
    put_field(b, step, type);
    put_varint(b, (uint64_t)v << 1 ^ (uint64_t)(v >> 63));
}

static void put_text(struct buf *b, struct str s)
{
    put_varint(b, s.n);
    buf_put_str(b, s);
}

static void put_list(struct buf *b, size_t count, unsigned type)
{
    if (count < 15) {
        buf_put_byte(b, (unsigned char)(count << 4 | type));
    } else {
        buf_put_byte(b, (unsigned char)(0xf0 | type));
        put_varint(b, count);
    }
}

static void put_stop(struct buf *b)
{
    buf_put_byte(b, 0);
}

/* ---- Pages ---- */

static int write_out(struct parquet_file *f, const struct buf *b, struct err *err)
{
    if (b->failed)
        return err_set(err, ERR_NOMEM, "out of memory for a row group");
    if (b->n && fwrite(b->p, 1, b->n, f->out) != b->n)
        return err_set(err, ERR_IO, "cannot write: %s", strerror(errno));
    f->at += b->n;
    return 0;
}

static void end_run(struct gathering *g)
{
    if (g->run) {
        put_varint(&g->levels, g->run << 1);
        buf_put_byte(&g->levels, g->run_level);
    }
    g->run = 0;
}

static void put_level(struct gathering *g, bool there)
{
    if (g->run && g->run_level != there)
        end_run(g);
    g->run_level = there;
    g->run++;
}

static void make_page(struct parquet_file *f, size_t i)
{
    struct gathering *g = &f->gathering[i];
    buf_clear(&f->page);
    if (f->columns[i].optional) {
        uint32_t n;
        end_run(g);
        n = (uint32_t)g->levels.n;
        buf_put(&f->page, &n, sizeof n);
        buf_put_str(&f->page, buf_str(&g->levels));
    }
    buf_put_str(&f->page, buf_str(&g->values));
    f->page.failed |= g->values.failed || g->levels.failed;
}

static void put_page_header(struct parquet_file *f, struct buf *b, size_t packed)
{
    put_number(b, 1, COMPACT_I32, 0); /* a data page */
    put_number(b, 1, COMPACT_I32, (int64_t)f->page.n);
    put_number(b, 1, COMPACT_I32, (int64_t)packed);
    put_field(b, 2, COMPACT_STRUCT);
    put_number(b, 1, COMPACT_I32, (int64_t)f->group_rows);
    put_number(b, 1, COMPACT_I32, ENCODING_PLAIN);
    put_number(b, 1, COMPACT_I32, ENCODING_RLE);
    put_number(b, 1, COMPACT_I32, ENCODING_RLE);
    put_stop(b);
    put_stop(b);
}

static void put_column_meta(struct parquet_file *f, size_t i, uint64_t offset, uint64_t raw,
                            uint64_t stored)
{
    struct buf *b = &f->group_meta;
    put_number(b, 2, COMPACT_I64, (int64_t)offset);
    put_field(b, 1, COMPACT_STRUCT);
    put_number(b, 1, COMPACT_I32,
               f->columns[i].type == PARQUET_STRING ? TYPE_BYTE_ARRAY : TYPE_INT64);
    put_field(b, 1, COMPACT_LIST);
    put_list(b, 2, COMPACT_I32);
    put_varint(b, ENCODING_PLAIN << 1);
    put_varint(b, ENCODING_RLE << 1);
    put_field(b, 1, COMPACT_LIST);
    put_list(b, 1, COMPACT_BINARY);
    put_text(b, str_of(f->columns[i].name));
    put_number(b, 1, COMPACT_I32, CODEC_ZSTD);
    put_number(b, 1, COMPACT_I64, (int64_t)f->group_rows);
    put_number(b, 1, COMPACT_I64, (int64_t)raw);
    put_number(b, 1, COMPACT_I64, (int64_t)stored);
    put_number(b, 2, COMPACT_I64, (int64_t)offset);
    put_stop(b);
    put_stop(b);
}

static int write_column(struct parquet_file *f, size_t i, uint64_t *raw, struct err *err)
{
    struct buf header;
    uint64_t offset = f->at, header_bytes;
    size_t n;
    int rc;
    make_page(f, i);
    buf_clear(&f->packed);
    if (f->page.failed || !buf_reserve(&f->packed, ZSTD_compressBound(f->page.n)))
        return err_set(err, ERR_NOMEM, "out of memory for a row group");
    n = ZSTD_compressCCtx(f->zstd, f->packed.p, f->packed.cap, f->page.p, f->page.n, ZSTD_LEVEL);
    if (ZSTD_isError(n))
        return err_set(err, ERR_INTERNAL, "zstd: %s", ZSTD_getErrorName(n));
    f->packed.n = n;
    buf_init(&header, 0);
    put_page_header(f, &header, n);
    header_bytes = header.n;
    rc = write_out(f, &header, err);
    buf_release(&header);
    TRY(rc);
    TRY(write_out(f, &f->packed, err));
    put_column_meta(f, i, offset, header_bytes + f->page.n, header_bytes + n);
    *raw += header_bytes + f->page.n;
    buf_clear(&f->gathering[i].values);
    buf_clear(&f->gathering[i].levels);
    return 0;
}

static int end_group(struct parquet_file *f, struct err *err)
{
    uint64_t raw = 0;
    if (!f->group_rows)
        return 0;
    put_field(&f->group_meta, 1, COMPACT_LIST);
    put_list(&f->group_meta, f->column_count, COMPACT_STRUCT);
    for (size_t i = 0; i < f->column_count; i++)
        TRY(write_column(f, i, &raw, err));
    put_number(&f->group_meta, 1, COMPACT_I64, (int64_t)raw);
    put_number(&f->group_meta, 1, COMPACT_I64, (int64_t)f->group_rows);
    put_stop(&f->group_meta);
    f->groups++;
    f->rows += f->group_rows;
    f->group_rows = f->group_bytes = 0;
    return 0;
}

/* ---- Rows ---- */

void parquet_put_string(struct parquet_file *f, size_t column, struct str s)
{
    struct gathering *g = &f->gathering[column];
    uint32_t n = (uint32_t)s.n;
    put_level(g, true);
    buf_put(&g->values, &n, sizeof n);
    buf_put_str(&g->values, s);
    f->group_bytes += sizeof n + s.n;
}

void parquet_put_int(struct parquet_file *f, size_t column, int64_t v)
{
    put_level(&f->gathering[column], true);
    buf_put(&f->gathering[column].values, &v, sizeof v);
    f->group_bytes += sizeof v;
}

void parquet_put_null(struct parquet_file *f, size_t column)
{
    put_level(&f->gathering[column], false);
}

int parquet_end_row(struct parquet_file *f, struct err *err)
{
    f->group_rows++;
    return f->group_rows == GROUP_ROWS || f->group_bytes >= GROUP_BYTES ? end_group(f, err) : 0;
}

int parquet_begin(FILE *out, const struct parquet_column *columns, size_t count,
                  struct parquet_file **ret, struct err *err)
{
    struct parquet_file *f = calloc(1, sizeof *f);
    struct buf magic;
    int rc;
    if (f) {
        f->out = out;
        f->columns = columns;
        f->column_count = count;
        f->gathering = calloc(count, sizeof *f->gathering);
        f->zstd = ZSTD_createCCtx();
    }
    if (!f || !f->gathering || !f->zstd) {
        parquet_free(f);
        return err_set(err, ERR_NOMEM, "out of memory");
    }
    buf_init(&magic, 0);
    buf_put_str(&magic, STR("PAR1"));
    rc = write_out(f, &magic, err);
    buf_release(&magic);
    if (rc < 0) {
        parquet_free(f);
        return rc;
    }
    *ret = f;
    return 0;
}

static void put_schema_column(struct buf *b, const struct parquet_column *c)
{
    put_number(b, 1, COMPACT_I32, c->type == PARQUET_STRING ? TYPE_BYTE_ARRAY : TYPE_INT64);
    put_number(b, 2, COMPACT_I32, c->optional);
    put_field(b, 1, COMPACT_BINARY);
    put_text(b, str_of(c->name));
    if (c->type == PARQUET_STRING) {
        put_number(b, 2, COMPACT_I32, 0); /* UTF8 */
        put_field(b, 4, COMPACT_STRUCT);
        put_field(b, 1, COMPACT_STRUCT); /* STRING {} */
        put_stop(b);
        put_stop(b);
    } else if (c->type == PARQUET_TIME) {
        put_field(b, 6, COMPACT_STRUCT);
        put_field(b, 8, COMPACT_STRUCT); /* TIMESTAMP {adjusted to UTC, NANOS {}} */
        put_field(b, 1, COMPACT_TRUE);
        put_field(b, 1, COMPACT_STRUCT);
        put_field(b, 3, COMPACT_STRUCT);
        put_stop(b);
        put_stop(b);
        put_stop(b);
        put_stop(b);
    }
    put_stop(b);
}

static void put_footer(struct parquet_file *f, struct buf *b)
{
    uint32_t n;
    put_number(b, 1, COMPACT_I32, 1);
    put_field(b, 1, COMPACT_LIST);
    put_list(b, f->column_count + 1, COMPACT_STRUCT);
    put_field(b, 4, COMPACT_BINARY); /* the root */
    put_text(b, STR("spans"));
    put_number(b, 1, COMPACT_I32, (int64_t)f->column_count);
    put_stop(b);
    for (size_t i = 0; i < f->column_count; i++)
        put_schema_column(b, &f->columns[i]);
    put_number(b, 1, COMPACT_I64, (int64_t)f->rows);
    put_field(b, 1, COMPACT_LIST);
    put_list(b, f->groups, COMPACT_STRUCT);
    buf_put_str(b, buf_str(&f->group_meta));
    put_field(b, 2, COMPACT_BINARY);
    put_text(b, STR("cairn " CAIRN_VERSION));
    put_stop(b);
    n = (uint32_t)b->n;
    buf_put(b, &n, sizeof n);
    buf_put_str(b, STR("PAR1"));
    b->failed |= f->group_meta.failed;
}

int parquet_finish(struct parquet_file *f, uint64_t *ret_bytes, struct err *err)
{
    struct buf footer;
    int rc;
    TRY(end_group(f, err));
    buf_init(&footer, 0);
    put_footer(f, &footer);
    rc = write_out(f, &footer, err);
    buf_release(&footer);
    if (rc == 0 && fflush(f->out) != 0)
        rc = err_set(err, ERR_IO, "cannot write: %s", strerror(errno));
    *ret_bytes = f->at;
    return rc;
}

void parquet_free(struct parquet_file *f)
{
    if (!f)
        return;
    for (size_t i = 0; f->gathering && i < f->column_count; i++) {
        buf_release(&f->gathering[i].values);
        buf_release(&f->gathering[i].levels);
    }
    free(f->gathering);
    buf_release(&f->group_meta);
    buf_release(&f->page);
    buf_release(&f->packed);
    ZSTD_freeCCtx(f->zstd);
    free(f);
}
