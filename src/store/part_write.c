/* part_write.c - building a part. Columns are collected in memory, blocks written as they fill. */
#include "store/part_write.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#include "base/buf.h"
#include "store/bytes.h"
#include "store/dict.h"
#include "store/file.h"
#include "store/mem.h"
#include "store/part_format.h"

struct part_writer {
    int fd;
    uint64_t file_bytes;
    ZSTD_CCtx *zstd;
    struct buf raw, packed; /* the block being filled; its compressed form */
    uint32_t block_first_row;
    uint32_t row_count, trace_count, block_count;
    uint64_t start_min_ns, start_max_ns;
    struct trace_id last_trace;
    struct buf columns[PART_SECTION_COUNT];
    struct dict dicts[PART_DICT_COUNT];
};

int part_writer_new(const char *path, int zstd_level, struct part_writer **ret, struct err *err)
{
    struct part_writer *w = mem_calloc(1, sizeof *w);
    char header[PART_HEADER_BYTES] = {0};
    int rc;
    w->fd = -1;
    w->start_min_ns = UINT64_MAX;
    w->zstd = ZSTD_createCCtx();
    rc = w->zstd ? file_open(path, O_RDWR | O_CREAT | O_TRUNC, &w->fd, err)
                 : err_set(err, ERR_NOMEM, "out of memory for compression");
    if (rc == 0) {
        ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, zstd_level);
        memcpy(header, part_magic, 8);
        store_u32(header + 8, PART_VERSION);
        rc = file_write(w->fd, header, sizeof header, err);
        w->file_bytes = sizeof header;
    }
    if (rc < 0) {
        part_writer_free(w);
        return rc;
    }
    *ret = w;
    return 0;
}

void part_writer_free(struct part_writer *w)
{
    if (!w)
        return;
    if (w->fd >= 0)
        close(w->fd);
    ZSTD_freeCCtx(w->zstd);
    buf_release(&w->raw);
    buf_release(&w->packed);
    for (int s = 0; s < PART_SECTION_COUNT; s++)
        buf_release(&w->columns[s]);
    for (int d = 0; d < PART_DICT_COUNT; d++)
        dict_release(&w->dicts[d]);
    free(w);
}

uint32_t part_writer_intern(struct part_writer *w, enum part_dict dict, struct str s)
{
    return dict_intern(&w->dicts[dict], s);
}

static int write_bytes(struct part_writer *w, struct str s, struct err *err)
{
    TRY(file_write(w->fd, s.p, s.n, err));
    w->file_bytes += s.n;
    return 0;
}

static int flush_block(struct part_writer *w, struct err *err)
{
    struct part_block block = {.offset = w->file_bytes, .first_row = w->block_first_row};
    size_t n;
    if (!w->raw.n)
        return 0;
    buf_clear(&w->packed);
    if (!buf_reserve(&w->packed, ZSTD_compressBound(w->raw.n)))
        return err_set(err, ERR_NOMEM, "out of memory for a block");
    n = ZSTD_compress2(w->zstd, w->packed.p, w->packed.cap, w->raw.p, w->raw.n);
    if (ZSTD_isError(n))
        return err_set(err, ERR_INTERNAL, "compression: %s", ZSTD_getErrorName(n));
    w->packed.n = n;
    block.stored_bytes = (uint32_t)n;
    block.raw_bytes = (uint32_t)w->raw.n;
    block.checksum = checksum_of(buf_str(&w->packed));
    buf_put(&w->columns[PART_BLOCKS], &block, sizeof block);
    w->block_count++;
    buf_clear(&w->raw);
    return write_bytes(w, buf_str(&w->packed), err);
}

static void put_u32(struct part_writer *w, enum part_section s, uint32_t v)
{
    buf_put(&w->columns[s], &v, sizeof v);
}

static void put_trace(struct part_writer *w, struct trace_id id)
{
    if (w->row_count && trace_id_eq(w->last_trace, id))
        return;
    w->last_trace = id;
    buf_put(&w->columns[PART_TRACE_ID], &id, sizeof id);
    put_u32(w, PART_TRACE_FIRST_ROW, w->row_count);
    w->trace_count++;
}

static void put_zone(struct part_writer *w, uint64_t start_ns)
{
    struct part_zone zone = {start_ns, start_ns}, *last;
    struct buf *zones = &w->columns[PART_ZONES];
    if (w->row_count % PART_ZONE_ROWS == 0) {
        buf_put(zones, &zone, sizeof zone);
        return;
    }
    if (zones->failed)
        return;
    last = (struct part_zone *)(void *)(zones->p + zones->n - sizeof zone);
    if (start_ns < last->start_min_ns)
        last->start_min_ns = start_ns;
    if (start_ns > last->start_max_ns)
        last->start_max_ns = start_ns;
}

int part_writer_add(struct part_writer *w, const struct part_row *row, struct str body,
                    struct err *err)
{
    if (w->raw.n && w->raw.n + body.n > PART_BLOCK_BYTES)
        TRY(flush_block(w, err));
    if (!w->raw.n)
        w->block_first_row = w->row_count;
    put_trace(w, row->trace_id);
    put_zone(w, row->start_ns);
    put_u32(w, PART_OFFSET, (uint32_t)w->raw.n);
    buf_put_str(&w->raw, body);
    buf_put(&w->columns[PART_START_NS], &row->start_ns, 8);
    buf_put(&w->columns[PART_DURATION_NS], &row->duration_ns, 8);
    buf_put(&w->columns[PART_SPAN_ID], &row->span_id, 8);
    buf_put(&w->columns[PART_PARENT_ID], &row->parent_id, 8);
    put_u32(w, PART_SERVICE, row->service);
    put_u32(w, PART_NAME, row->name);
    put_u32(w, PART_RESOURCE, row->resource);
    put_u32(w, PART_SCOPE, row->scope);
    buf_put_byte(&w->columns[PART_KIND], row->kind);
    buf_put_byte(&w->columns[PART_STATUS], row->status);
    if (row->start_ns < w->start_min_ns)
        w->start_min_ns = row->start_ns;
    if (row->start_ns > w->start_max_ns)
        w->start_max_ns = row->start_ns;
    w->row_count++;
    return w->raw.failed ? err_set(err, ERR_NOMEM, "out of memory for a part") : 0;
}

struct lookup {
    uint64_t hash;
    uint32_t trace;
};

static int lookup_cmp(const void *a, const void *b)
{
    const struct lookup *x = a, *y = b;
    return x->hash != y->hash ? (x->hash > y->hash) - (x->hash < y->hash)
                              : (x->trace > y->trace) - (x->trace < y->trace);
}

static void make_lookup(struct part_writer *w)
{
    const struct trace_id *ids = (const struct trace_id *)(const void *)w->columns[PART_TRACE_ID].p;
    struct lookup *all = mem_calloc(w->trace_count, sizeof *all);
    for (uint32_t i = 0; i < w->trace_count; i++)
        all[i] = (struct lookup){XXH3_64bits(ids[i].bytes, sizeof ids[i].bytes), i};
    qsort(all, w->trace_count, sizeof *all, lookup_cmp);
    for (uint32_t i = 0; i < w->trace_count; i++) {
        buf_put(&w->columns[PART_LOOKUP_HASH], &all[i].hash, 8);
        put_u32(w, PART_LOOKUP_TRACE, all[i].trace);
    }
    free(all);
}

static int str_of_dict_cmp(const void *a, const void *b, void *user)
{
    const struct dict *d = user;
    return str_cmp(dict_get(d, *(const uint32_t *)a), dict_get(d, *(const uint32_t *)b));
}

/* Writes the dictionary as a table, sorted when the ids in `column` are to follow the strings' order. */
static void make_table(struct part_writer *w, enum part_dict dict, enum part_section table,
                       enum part_section column, bool sorted)
{
    const struct dict *d = &w->dicts[dict];
    uint32_t *order = mem_calloc(d->count, sizeof *order),
             *place = mem_calloc(d->count, sizeof *place);
    uint32_t offset = 0;
    uint32_t *ids = (uint32_t *)(void *)w->columns[column].p;
    for (uint32_t i = 0; i < d->count; i++)
        order[i] = i;
    if (sorted)
        qsort_r(order, d->count, sizeof *order, str_of_dict_cmp, &w->dicts[dict]);
    put_u32(w, table, d->count);
    for (uint32_t i = 0; i < d->count; i++) {
        place[order[i]] = i;
        put_u32(w, table, offset);
        offset += (uint32_t)dict_get(d, order[i]).n;
    }
    put_u32(w, table, offset);
    for (uint32_t i = 0; i < d->count; i++)
        buf_put_str(&w->columns[table], dict_get(d, order[i]));
    for (uint32_t i = 0; i < w->row_count && !w->columns[column].failed; i++)
        ids[i] = place[ids[i]];
    free(order);
    free(place);
}

/* The distinct (service, name, kind): found through a dictionary of their bytes. */
static void make_operations(struct part_writer *w)
{
    const uint32_t *services = (const uint32_t *)(const void *)w->columns[PART_SERVICE].p;
    const uint32_t *names = (const uint32_t *)(const void *)w->columns[PART_NAME].p;
    struct part_operation *all = mem_calloc(w->row_count, sizeof *all);
    struct dict seen = {0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < w->row_count; i++) {
        all[count] = (struct part_operation){services[i], names[i], w->columns[PART_KIND].p[i]};
        if (dict_intern(&seen, str_make(&all[count], sizeof *all)) == count)
            count++;
    }
    buf_put(&w->columns[PART_OPERATIONS], all, count * sizeof *all);
    dict_release(&seen);
    free(all);
}

static int pad(struct part_writer *w, struct err *err)
{
    static const char zeros[8];
    size_t over = w->file_bytes % 8;
    return over ? write_bytes(w, str_make(zeros, 8 - over), err) : 0;
}

static int write_sections(struct part_writer *w, char footer[FOOTER_BYTES], struct err *err)
{
    for (int s = 0; s < PART_SECTION_COUNT; s++) {
        char *entry = footer + FOOTER_HEAD_BYTES + (size_t)s * FOOTER_SECTION_BYTES;
        struct str text = buf_str(&w->columns[s]);
        if (w->columns[s].failed)
            return err_set(err, ERR_NOMEM, "out of memory for a part");
        TRY(pad(w, err));
        store_u64(entry, w->file_bytes);
        store_u64(entry + 8, text.n);
        store_u64(entry + 16, checksum_of(text));
        TRY(write_bytes(w, text, err));
    }
    return pad(w, err);
}

static bool failed(const struct part_writer *w)
{
    bool bad = false;
    for (int s = 0; s < PART_SECTION_COUNT; s++)
        bad |= w->columns[s].failed;
    return bad;
}

int part_writer_finish(struct part_writer *w, struct manifest_part *ret_identity, struct err *err)
{
    char footer[FOOTER_BYTES] = {0}, trailer[PART_TRAILER_BYTES];
    TRY(flush_block(w, err));
    if (failed(w))
        return err_set(err, ERR_NOMEM, "out of memory for a part");
    make_lookup(w);
    make_table(w, PART_DICT_SERVICE, PART_SERVICES, PART_SERVICE, true);
    make_table(w, PART_DICT_NAME, PART_NAMES, PART_NAME, true);
    make_table(w, PART_DICT_RESOURCE, PART_RESOURCES, PART_RESOURCE, false);
    make_table(w, PART_DICT_SCOPE, PART_SCOPES, PART_SCOPE, false);
    make_operations(w);
    TRY(write_sections(w, footer, err));
    store_u32(footer, PART_VERSION);
    store_u32(footer + 4, PART_SECTION_COUNT);
    store_u32(footer + 8, w->row_count);
    store_u32(footer + 12, w->trace_count);
    store_u32(footer + 16, w->block_count);
    store_u64(footer + 24, w->start_min_ns);
    store_u64(footer + 32, w->start_max_ns);
    for (int d = 0; d < PART_DICT_COUNT; d++)
        store_u32(footer + 40 + 4 * d, w->dicts[d].count);
    store_u64(trailer, w->file_bytes);
    store_u64(trailer + 8, FOOTER_BYTES);
    store_u64(trailer + 16, checksum_of(str_make(footer, FOOTER_BYTES)));
    memcpy(trailer + 24, part_magic, 8);
    TRY(write_bytes(w, str_make(footer, sizeof footer), err));
    TRY(write_bytes(w, str_make(trailer, sizeof trailer), err));
    ret_identity->bytes = w->file_bytes;
    ret_identity->checksum = load_u64(trailer + 16);
    return file_sync(w->fd, err);
}
