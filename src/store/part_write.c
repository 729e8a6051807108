/* part_write.c - columns made into a part's file: column after column, page after page, then the directory. */
#include "store/part_write.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include "store/bloom.h"
#include "store/bytes.h"
#include "store/codec.h"
#include "store/file.h"
#include "store/mem.h"
#include "store/part.h"
#include "store/part_format.h"

enum {
    WRITE_BYTES = 1 << 20,
    SPARSE_VALUES = 128, /* fewer in a group on average: one page and a list of rows */
    BLOOM_STRINGS = 256, /* fewer different strings: looking through them is as quick */
    DICTIONARY_PAYS = 2, /* values for each string */
};

struct writer {
    const struct columns *c;
    int fd;
    uint64_t offset; /* where `out` will be */
    ZSTD_CCtx *zstd;
    struct buf raw, packed, out, directory;
    uint32_t group_count;
    uint32_t *bounds[TABLE_COUNT]; /* first row of each group, and the end */
    uint64_t *values;              /* scratch of a page */
    const _Atomic int *stop;
    int rc;
    struct err *err;
};

static void fail(struct writer *w, int code, const char *why)
{
    if (w->rc == 0)
        w->rc = err_set(w->err, code, "%s", why);
}

static void flush(struct writer *w)
{
    if (w->rc == 0 && w->out.n)
        w->rc = file_write(w->fd, w->out.p, w->out.n, w->err);
    w->offset += w->out.n;
    buf_clear(&w->out);
}

/* Writes w->raw as a stream and empties it. plane as stream_pack's. Returns its offset. */
static uint64_t put_planes(struct writer *w, size_t plane)
{
    uint64_t offset = w->offset + w->out.n;
    if (w->rc == 0 && w->stop && atomic_load_explicit(w->stop, memory_order_relaxed))
        fail(w, ERR_CANCELLED, "stopping");
    if (w->rc == 0 && (w->raw.failed ||
                       !stream_pack(w->zstd, buf_str(&w->raw), plane, offset, &w->packed, &w->out)))
        fail(w, ERR_NOMEM, "out of memory for a part");
    buf_clear(&w->raw);
    if (w->out.n >= WRITE_BYTES)
        flush(w);
    return offset;
}

static uint64_t put_stream(struct writer *w)
{
    return put_planes(w, 0);
}

/* ---- What every row has ---- */

static const uint64_t *widen(struct writer *w, const uint32_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        w->values[i] = values[i];
    return w->values;
}

/* How many rows back, in the same trace and group, the parent is: 0 = no parent, PARENT_ELSEWHERE = not in reach, its id
 * follows behind the codes. */
static void put_parents(struct writer *w, uint32_t first, uint32_t end, size_t *trace)
{
    const struct columns *c = w->c;
    size_t codes = w->raw.n;
    unsigned char *at = buf_reserve(&w->raw, (size_t)(end - first) * (1 + SPAN_ID_BYTES));
    if (!at)
        return;
    w->raw.n += end - first;
    for (uint32_t row = first; row < end; row++) {
        struct span_id parent = c->parent_id[row];
        uint32_t back = 0, reach;
        while (*trace + 1 < c->trace_count && c->traces[*trace + 1].first_row <= row)
            ++*trace;
        reach = row - (c->traces[*trace].first_row > first ? c->traces[*trace].first_row : first);
        if (!span_id_is_zero(parent)) {
            for (back = 1; back <= reach && back < PARENT_ELSEWHERE; back++) {
                if (span_id_eq(c->span_id[row - back], parent))
                    break;
            }
            if (back > reach || back >= PARENT_ELSEWHERE) {
                back = PARENT_ELSEWHERE;
                buf_put(&w->raw, &parent, sizeof parent);
            }
        }
        w->raw.p[codes + row - first] = (unsigned char)back;
    }
}

static void put_page(struct writer *w, struct part_group *g, enum part_fixed column, size_t plane)
{
    g->pages[column] = put_planes(w, plane);
}

static void put_u32s(struct writer *w, struct part_group *g, enum part_fixed column,
                     const uint32_t *values, size_t count)
{
    if (!count)
        return;
    codec_put_ints(&w->raw, widen(w, values, count), count);
    put_page(w, g, column, count);
}

static void measure_group(const struct columns *c, uint32_t first, uint32_t end,
                          struct part_group *g)
{
    g->start_min_ns = UINT64_MAX;
    for (uint32_t row = first; row < end; row++) {
        g->start_min_ns = c->start_ns[row] < g->start_min_ns ? c->start_ns[row] : g->start_min_ns;
        g->start_max_ns = c->start_ns[row] > g->start_max_ns ? c->start_ns[row] : g->start_max_ns;
        if (c->duration_ns[row] > g->duration_max_ns)
            g->duration_max_ns = c->duration_ns[row];
    }
}

static void put_group(struct writer *w, uint32_t number, size_t *trace)
{
    const struct columns *c = w->c;
    struct part_group g = {.first_event = w->bounds[TABLE_EVENTS][number],
                           .first_link = w->bounds[TABLE_LINKS][number]};
    uint32_t first = w->bounds[TABLE_SPANS][number], end = w->bounds[TABLE_SPANS][number + 1];
    measure_group(c, first, end, &g);
    codec_put_steps(&w->raw, c->start_ns + first, end - first);
    put_page(w, &g, PART_START, end - first);
    codec_put_ints(&w->raw, c->duration_ns + first, end - first);
    put_page(w, &g, PART_DURATION, end - first);
    buf_put(&w->raw, c->span_id + first, (size_t)(end - first) * SPAN_ID_BYTES);
    put_page(w, &g, PART_SPAN_ID, 0);
    put_parents(w, first, end, trace);
    put_page(w, &g, PART_PARENT, 0);
    put_u32s(w, &g, PART_NAME, c->name + first, end - first);
    put_u32s(w, &g, PART_RESOURCE, c->resource + first, end - first);
    put_u32s(w, &g, PART_TEMPLATE, c->templates[TABLE_SPANS] + first, end - first);
    put_u32s(w, &g, PART_EVENT_TEMPLATE, c->templates[TABLE_EVENTS] + g.first_event,
             w->bounds[TABLE_EVENTS][number + 1] - g.first_event);
    put_u32s(w, &g, PART_LINK_TEMPLATE, c->templates[TABLE_LINKS] + g.first_link,
             w->bounds[TABLE_LINKS][number + 1] - g.first_link);
    codec_put_varint(&w->directory, g.start_min_ns);
    codec_put_varint(&w->directory, g.start_max_ns - g.start_min_ns);
    codec_put_varint(&w->directory, g.duration_max_ns);
    codec_put_varint(&w->directory, g.first_event);
    codec_put_varint(&w->directory, g.first_link);
    for (int i = 0; i < PART_FIXED_COUNT; i++)
        codec_put_varint(&w->directory, g.pages[i]);
}

/* ---- Columns ---- */

struct layout {
    bool strings, dictionary, sparse;
};

static struct layout layout_of(const struct writer *w, const struct column *col)
{
    struct layout l = {.strings = column_has_strings(col->key.type)};
    l.dictionary =
        l.strings && !col->strings.plain && col->strings.count * DICTIONARY_PAYS <= col->count;
    l.sparse = col->count < (size_t)w->group_count * SPARSE_VALUES;
    return l;
}

static void put_strings_of(struct writer *w, const struct column *col, size_t from, size_t count)
{
    struct str *strings = mem_alloc(count * sizeof *strings);
    for (size_t i = 0; i < count; i++)
        strings[i] = col->strings.items[col->values[from + i]];
    codec_put_strings(&w->raw, strings, count);
    free(strings);
}

static uint64_t put_values(struct writer *w, const struct column *col, struct layout l, size_t from,
                           size_t count)
{
    codec_put_varint(&w->raw, count);
    if (l.strings && !l.dictionary)
        put_strings_of(w, col, from, count);
    else if (col->key.type == COLUMN_DOUBLE)
        codec_put_doubles(&w->raw, col->values + from, count);
    else
        codec_put_ints(&w->raw, col->values + from, count);
    return put_planes(w, l.strings && !l.dictionary ? 0 : count);
}

/* The offsets of the pages, after each other; 0 where there is none. */
static void put_pages(struct writer *w, const struct column *col, struct layout l)
{
    const uint32_t *bounds = w->bounds[col->key.table];
    size_t at = 0;
    uint64_t last = 0;
    if (l.sparse) {
        codec_put_varint(&w->directory, put_values(w, col, l, 0, col->count));
        return;
    }
    for (uint32_t g = 0; g < w->group_count; g++) {
        size_t from = at;
        uint64_t offset = 0;
        while (at < col->count && col->rows[at] < bounds[g + 1])
            at++;
        if (at > from)
            offset = put_values(w, col, l, from, at - from);
        codec_put_varint(&w->directory, offset ? offset - last : 0);
        last = offset ? offset : last;
    }
}

static uint64_t put_rows(struct writer *w, const struct column *col)
{
    uint64_t *rows = mem_alloc(col->count * sizeof *rows);
    for (size_t i = 0; i < col->count; i++)
        rows[i] = col->rows[i];
    codec_put_steps(&w->raw, rows, col->count);
    free(rows);
    return put_stream(w);
}

/* Appends a filter of count hashes: the first ones, or those that ids number (a page's). */
static void put_filter(struct buf *out, const uint64_t *hashes, const uint64_t *ids, size_t count)
{
    size_t bytes = bloom_bytes_at(count, ids ? BLOOM_PAGE_KEY_BITS : BLOOM_KEY_BITS);
    unsigned char *filter = mem_calloc(1, bytes);
    for (size_t i = 0; i < count; i++)
        bloom_add(filter, bytes, hashes[ids ? ids[i] : i]);
    buf_put(out, filter, bytes);
    free(filter);
}

/* Where most strings are different, a filter for each page: one for all would say "maybe" to whatever is anywhere. The
 * sizes stand in front. */
static void put_page_filters(struct writer *w, const struct column *col)
{
    const uint32_t *bounds = w->bounds[col->key.table];
    struct buf filters;
    size_t at = 0;
    buf_init(&filters, 0);
    for (uint32_t g = 0; g < w->group_count; g++) {
        size_t from = at, before = filters.n;
        while (at < col->count && col->rows[at] < bounds[g + 1])
            at++;
        if (at > from)
            put_filter(&filters, col->strings.hashes, col->values + from, at - from);
        codec_put_varint(&w->raw, filters.n - before);
    }
    buf_put_str(&w->raw, buf_str(&filters));
    w->raw.failed |= filters.failed;
    buf_release(&filters);
}

static uint64_t put_bloom(struct writer *w, const struct column *col, struct layout l)
{
    if (l.dictionary || l.sparse)
        put_filter(&w->raw, col->strings.hashes, NULL, col->strings.count);
    else
        put_page_filters(w, col);
    return put_stream(w);
}

static void put_column(struct writer *w, const struct column *col)
{
    struct layout l = layout_of(w, col);
    uint64_t strings = 0, rows = 0, bloom = 0;
    if (l.dictionary) {
        codec_put_strings(&w->raw, col->strings.items, col->strings.count);
        strings = put_stream(w);
    }
    if (l.sparse)
        rows = put_rows(w, col);
    if (col->key.type == COLUMN_STRING && col->key.scope == COLUMN_ATTRIBUTE &&
        col->strings.count >= BLOOM_STRINGS)
        bloom = put_bloom(w, col, l);
    buf_put_byte(&w->directory, col->key.table);
    buf_put_byte(&w->directory, col->key.scope);
    buf_put_byte(&w->directory, col->key.type);
    buf_put_byte(&w->directory, l.sparse);
    codec_put_bytes(&w->directory, col->key.name);
    codec_put_varint(&w->directory, col->count);
    codec_put_varint(&w->directory, l.dictionary ? col->strings.count : 0);
    codec_put_varint(&w->directory, strings);
    codec_put_varint(&w->directory, rows);
    codec_put_varint(&w->directory, bloom);
    put_pages(w, col, l);
}

static int by_key(const void *a, const void *b, void *columns)
{
    const struct columns *c = columns;
    return column_key_cmp(&c->items[*(const uint32_t *)a].key, &c->items[*(const uint32_t *)b].key);
}

/* In the order of their keys, so that readers search; new_ids[old] is where a column went. */
static uint32_t *sort_columns(const struct columns *c, uint32_t *new_ids)
{
    uint32_t *order = mem_alloc(c->count * sizeof *order);
    for (uint32_t i = 0; i < c->count; i++)
        order[i] = i;
    qsort_r(order, c->count, sizeof *order, by_key, (void *)(uintptr_t)c);
    for (uint32_t i = 0; i < c->count; i++)
        new_ids[order[i]] = i;
    return order;
}

/* ---- The rest of the directory ---- */

static void put_templates(struct writer *w, enum column_table table, const uint32_t *new_ids)
{
    size_t count = w->c->shapes[table].count;
    codec_put_varint(&w->directory, count);
    for (uint32_t i = 0; i < count; i++) {
        struct column_template t = columns_template(w->c, table, i);
        buf_put_byte(&w->directory, t.kind);
        buf_put_byte(&w->directory, t.status);
        codec_put_varint(&w->directory, t.scope);
        codec_put_varint(&w->directory, t.count);
        for (uint32_t k = 0; k < t.count; k++)
            codec_put_varint(&w->directory, new_ids[t.columns[k]]);
    }
}

static void put_table(struct writer *w, const struct str *strings, size_t count)
{
    codec_put_strings(&w->raw, strings, count);
    codec_put_varint(&w->directory, count);
    codec_put_varint(&w->directory, put_stream(w));
}

static void put_traces(struct writer *w)
{
    const struct columns *c = w->c;
    uint64_t *first = mem_alloc(c->trace_count * sizeof *first);
    size_t bytes = bloom_bytes(c->trace_count);
    unsigned char *filter = mem_calloc(1, bytes);
    for (size_t i = 0; i < c->trace_count; i++) {
        first[i] = c->traces[i].first_row;
        buf_put(&w->raw, c->traces[i].id.bytes, TRACE_ID_BYTES);
        bloom_add(filter, bytes, XXH3_64bits(c->traces[i].id.bytes, TRACE_ID_BYTES));
    }
    codec_put_steps(&w->raw, first, c->trace_count);
    codec_put_varint(&w->directory, c->trace_count);
    codec_put_varint(&w->directory, put_stream(w));
    buf_put(&w->raw, filter, bytes);
    codec_put_varint(&w->directory, put_stream(w));
    free(first);
    free(filter);
}

/* Which service has which operations: the distinct rows of (service, name, kind). */
static void put_operations(struct writer *w, const struct part_strings_in *in)
{
    const struct columns *c = w->c;
    struct dict seen = {0};
    struct part_operation *all = mem_alloc((size_t)c->rows[TABLE_SPANS] * sizeof *all);
    uint32_t count = 0;
    for (uint32_t row = 0; row < c->rows[TABLE_SPANS]; row++) {
        all[count] = (struct part_operation){
            in->resource_service[c->resource[row]], c->name[row],
            columns_template(c, TABLE_SPANS, c->templates[TABLE_SPANS][row]).kind};
        count += dict_intern(&seen, str_make(&all[count], sizeof *all)) == count;
    }
    codec_put_varint(&w->directory, count);
    for (uint32_t i = 0; i < count; i++) {
        codec_put_varint(&w->directory, all[i].service);
        codec_put_varint(&w->directory, all[i].name);
        codec_put_varint(&w->directory, all[i].kind);
    }
    dict_release(&seen);
    free(all);
}

/* ---- The file ---- */

static void put_header(struct writer *w)
{
    char header[PART_HEADER_BYTES] = {0};
    memcpy(header, part_magic, sizeof part_magic);
    store_u32(header + 8, PART_VERSION);
    buf_put(&w->out, header, sizeof header);
}

static void put_content(struct writer *w, const struct part_strings_in *in)
{
    const struct columns *c = w->c;
    uint32_t *new_ids = mem_alloc(c->count * sizeof *new_ids), *order = sort_columns(c, new_ids);
    size_t trace = 0;
    for (int t = 0; t < TABLE_COUNT; t++)
        codec_put_varint(&w->directory, c->rows[t]);
    codec_put_varint(&w->directory, w->group_count);
    for (uint32_t g = 0; g < w->group_count; g++)
        put_group(w, g, &trace);
    codec_put_varint(&w->directory, c->count);
    for (uint32_t i = 0; i < c->count; i++)
        put_column(w, &c->items[order[i]]);
    for (int t = 0; t < TABLE_COUNT; t++)
        put_templates(w, t, new_ids);
    put_table(w, in->services, in->service_count);
    put_table(w, c->names.items, c->names.count);
    put_table(w, in->resources, in->resource_count);
    put_table(w, in->scopes, in->scope_count);
    for (uint32_t i = 0; i < in->resource_count; i++)
        codec_put_varint(&w->directory, in->resource_service[i]);
    put_traces(w);
    put_operations(w, in);
    free(order);
    free(new_ids);
}

static void put_directory(struct writer *w, struct manifest_part *ret)
{
    char trailer[PART_TRAILER_BYTES];
    uint64_t offset;
    flush(w);
    offset = w->offset;
    if (w->rc == 0 && (w->directory.failed || !stream_pack(w->zstd, buf_str(&w->directory), 0,
                                                           offset, &w->packed, &w->out)))
        fail(w, ERR_NOMEM, "out of memory for a part's directory");
    if (w->rc)
        return;
    ret->checksum = checksum_of(buf_str(&w->out));
    store_u64(trailer, offset);
    store_u64(trailer + 8, w->out.n);
    store_u64(trailer + 16, ret->checksum);
    memcpy(trailer + 24, part_magic, sizeof part_magic);
    buf_put(&w->out, trailer, sizeof trailer);
    flush(w);
    ret->bytes = w->offset;
}

/* The groups' first rows in each table: those of the spans, and what belongs to them in the others. */
static void make_bounds(struct writer *w)
{
    const struct columns *c = w->c;
    uint32_t rows = c->rows[TABLE_SPANS];
    w->group_count = (rows + PART_GROUP_ROWS - 1) / PART_GROUP_ROWS;
    for (int t = 0; t < TABLE_COUNT; t++)
        w->bounds[t] = mem_alloc(((size_t)w->group_count + 1) * sizeof *w->bounds[t]);
    for (uint32_t g = 0; g < w->group_count; g++) {
        uint32_t row = g * PART_GROUP_ROWS;
        w->bounds[TABLE_SPANS][g] = row;
        w->bounds[TABLE_EVENTS][g] = c->first_event[row];
        w->bounds[TABLE_LINKS][g] = c->first_link[row];
    }
    for (int t = 0; t < TABLE_COUNT; t++)
        w->bounds[t][w->group_count] = c->rows[t];
}

/* The largest page of numbers that is widened: a group of spans, or all events of one. */
static size_t page_rows_max(const struct writer *w)
{
    size_t most = 0;
    for (int t = 0; t < TABLE_COUNT; t++) {
        for (uint32_t g = 0; g < w->group_count; g++) {
            size_t rows = w->bounds[t][g + 1] - w->bounds[t][g];
            most = rows > most ? rows : most;
        }
    }
    return most;
}

int part_write(const struct columns *c, const struct part_strings_in *strings, const char *path,
               int zstd_level, const _Atomic int *stop, struct manifest_part *ret_identity,
               struct err *err)
{
    struct writer w = {.c = c, .fd = -1, .stop = stop, .err = err};
    w.zstd = ZSTD_createCCtx();
    if (!w.zstd || c->failed)
        fail(&w, ERR_NOMEM, "out of memory for a part");
    else
        w.rc = file_open(path, O_RDWR | O_CREAT | O_TRUNC, &w.fd, err);
    if (w.rc == 0) {
        ZSTD_CCtx_setParameter(w.zstd, ZSTD_c_compressionLevel, zstd_level);
        make_bounds(&w);
        w.values = mem_alloc(page_rows_max(&w) * sizeof *w.values);
        put_header(&w);
        put_content(&w, strings);
        put_directory(&w, ret_identity);
    }
    if (w.rc == 0)
        w.rc = file_sync(w.fd, err);
    if (w.fd >= 0)
        file_close(w.fd);
    ZSTD_freeCCtx(w.zstd);
    buf_release(&w.raw);
    buf_release(&w.packed);
    buf_release(&w.out);
    buf_release(&w.directory);
    for (int t = 0; t < TABLE_COUNT; t++)
        free(w.bounds[t]);
    free(w.values);
    return w.rc;
}
