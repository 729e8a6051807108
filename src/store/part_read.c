/* part_read.c - opening a part: reading its directory, and the tables that are kept once they were needed. */
#include <fcntl.h>
#include <stdlib.h>
#include <xxhash.h>
#include <zstd.h>

#include "store/bloom.h"
#include "store/bytes.h"
#include "store/codec.h"
#include "store/file.h"
#include "store/mem.h"
#include "store/part.h"
#include "store/part_format.h"

const char part_magic[8] = {'C', 'R', 'N', 'P', 'A', 'R', 'T', '\n'};

int part_damaged(struct part *p, const char *what, struct err *err)
{
    atomic_store_explicit(&p->damaged, 1, memory_order_relaxed);
    return err_set(err, ERR_CORRUPT, "part %08llu is damaged (%s)", (unsigned long long)p->number,
                   what);
}

/* ---- Bytes ---- */

static int read_at(struct part *p, uint64_t offset, char *out, size_t n, struct err *err)
{
    struct err cause;
    int rc;
    if (offset > p->bytes || n > p->bytes - offset)
        return part_damaged(p, "an offset behind its end", err);
    rc = file_read_at(p->fd, offset, out, n, &cause);
    if (rc == ERR_CORRUPT)
        return part_damaged(p, "cut short", err);
    return rc < 0 ? err_set(err, rc, "part %08llu: %s", (unsigned long long)p->number, cause.msg)
                  : 0;
}

int part_stream(struct part *p, uint64_t offset, struct ZSTD_DCtx_s *zstd, struct buf *packed,
                struct buf *out, struct err *err)
{
    char bytes[STREAM_HEADER_BYTES];
    struct stream_header header;
    TRY(read_at(p, offset, bytes, sizeof bytes, err));
    if (!stream_header_read(bytes, &header))
        return part_damaged(p, "the head of a stream", err);
    if (header.stored_bytes > p->bytes)
        return part_damaged(p, "the length of a stream", err);
    buf_clear(packed);
    buf_clear(out);
    if (!buf_reserve(packed, header.stored_bytes + 1) || !buf_reserve(out, header.raw_bytes + 1))
        return err_set(err, ERR_NOMEM, "out of memory for a page");
    TRY(read_at(p, offset + sizeof bytes, (char *)packed->p, header.stored_bytes, err));
    if (!stream_unpack(zstd, &header, offset, (char *)packed->p, (char *)out->p))
        return part_damaged(p, "a checksum", err);
    out->n = header.raw_bytes;
    return 0;
}

/* A stream with working memory of its own: for what is read once. */
static int stream_once(struct part *p, uint64_t offset, struct buf *out, struct err *err)
{
    ZSTD_DCtx *zstd = ZSTD_createDCtx();
    struct buf packed;
    int rc;
    buf_init(&packed, 0);
    rc = zstd ? part_stream(p, offset, zstd, &packed, out, err)
              : err_set(err, ERR_NOMEM, "out of memory for a page");
    ZSTD_freeDCtx(zstd);
    buf_release(&packed);
    return rc;
}

/* ---- The directory ---- */

struct directory {
    struct part *p;
    struct str in;
    bool bad;
};

static uint64_t get(struct directory *d, uint64_t max)
{
    uint64_t v = 0;
    d->bad |= !codec_get_varint(&d->in, &v) || v > max;
    return d->bad ? 0 : v;
}

static uint32_t get_u32(struct directory *d, uint64_t max)
{
    return (uint32_t)get(d, max);
}

static uint8_t get_byte(struct directory *d, uint8_t max)
{
    uint8_t v;
    if (d->in.n == 0) {
        d->bad = true;
        return 0;
    }
    v = (uint8_t)d->in.p[0];
    d->in = str_from(d->in, 1);
    d->bad |= v > max;
    return d->bad ? 0 : v;
}

/* Room for count things of which each takes at least a byte of what is still to be read. */
static void *room(struct directory *d, uint64_t count, size_t size)
{
    void *p = count <= d->in.n ? arena_calloc(&d->p->arena, (size_t)count, size) : NULL;
    d->bad |= !p;
    return p;
}

static void get_groups(struct directory *d)
{
    struct part *p = d->p;
    for (int t = 0; t < TABLE_COUNT; t++)
        p->table_rows[t] = get_u32(d, UINT32_MAX / 2);
    p->row_count = p->table_rows[TABLE_SPANS];
    p->group_count = get_u32(d, UINT32_MAX);
    d->bad |= p->group_count != (p->row_count + PART_GROUP_ROWS - 1) / PART_GROUP_ROWS;
    p->groups = d->bad ? NULL : room(d, p->group_count, sizeof *p->groups);
    p->start_min_ns = UINT64_MAX;
    for (uint32_t i = 0; i < p->group_count && !d->bad; i++) {
        struct part_group *g = &p->groups[i];
        g->start_min_ns = get(d, UINT64_MAX);
        g->start_max_ns = g->start_min_ns + get(d, UINT64_MAX - g->start_min_ns);
        g->duration_max_ns = get(d, UINT64_MAX);
        g->first_event = get_u32(d, p->table_rows[TABLE_EVENTS]);
        g->first_link = get_u32(d, p->table_rows[TABLE_LINKS]);
        d->bad |= i && (g->first_event < g[-1].first_event || g->first_link < g[-1].first_link);
        for (int k = 0; k < PART_FIXED_COUNT; k++)
            g->pages[k] = get(d, p->bytes);
        p->start_min_ns = g->start_min_ns < p->start_min_ns ? g->start_min_ns : p->start_min_ns;
        p->start_max_ns = g->start_max_ns > p->start_max_ns ? g->start_max_ns : p->start_max_ns;
    }
}

static void get_pages(struct directory *d, struct part_column *c)
{
    uint32_t count = c->sparse ? 1 : d->p->group_count;
    uint64_t *pages = room(d, count, sizeof *pages), last = 0;
    for (uint32_t i = 0; i < count && !d->bad; i++) {
        uint64_t step = get(d, d->p->bytes - last);
        last += step;
        pages[i] = step ? last : 0;
    }
    c->pages = pages;
}

static void get_column(struct directory *d, struct part_column *c)
{
    struct part *p = d->p;
    struct str name = {NULL, 0};
    c->key.table = get_byte(d, TABLE_COUNT - 1);
    c->key.scope = get_byte(d, UINT8_MAX);
    c->key.type = get_byte(d, COLUMN_TYPE_END - 1);
    c->sparse = get_byte(d, 1);
    d->bad |= !codec_get_bytes(&d->in, &name) || c->key.type == 0;
    c->key.name = arena_str(&p->arena, name);
    c->count = get_u32(d, p->table_rows[c->key.table]);
    c->string_count = get_u32(d, c->count);
    c->strings = get(d, p->bytes);
    c->rows = get(d, p->bytes);
    c->bloom = get(d, p->bytes);
    d->bad |= !c->key.name.p || (c->string_count && !column_has_strings(c->key.type));
    if (!d->bad)
        get_pages(d, c);
}

static void get_columns(struct directory *d)
{
    struct part *p = d->p;
    p->column_count = get_u32(d, UINT32_MAX);
    p->columns = d->bad ? NULL : room(d, p->column_count, sizeof *p->columns);
    for (uint32_t i = 0; i < p->column_count && !d->bad; i++) {
        get_column(d, &p->columns[i]);
        d->bad |= i && column_key_cmp(&p->columns[i - 1].key, &p->columns[i].key) >= 0;
    }
    p->dictionaries =
        d->bad ? NULL : arena_calloc(&p->arena, p->column_count, sizeof *p->dictionaries);
    d->bad |= !p->dictionaries;
}

static void get_templates(struct directory *d, enum column_table table)
{
    struct part *p = d->p;
    uint32_t count = get_u32(d, p->table_rows[table]);
    struct column_template *all = d->bad ? NULL : room(d, count, sizeof *all);
    for (uint32_t i = 0; i < count && !d->bad; i++) {
        uint32_t *columns;
        all[i].kind = get_byte(d, SPAN_KIND_CONSUMER);
        all[i].status = get_byte(d, STATUS_ERROR);
        all[i].scope = get_u32(d, UINT32_MAX);
        all[i].count = get_u32(d, p->column_count);
        columns = d->bad ? NULL : room(d, all[i].count, sizeof *columns);
        for (uint32_t k = 0; k < all[i].count && !d->bad; k++) {
            columns[k] = get_u32(d, p->column_count - 1);
            d->bad |= p->columns[columns[k]].key.table != table;
        }
        all[i].columns = columns;
    }
    p->templates[table] = all;
    p->template_counts[table] = count;
}

/* Which templates have which columns: how readers know the rows of a page. */
static void mark_shapes(struct directory *d)
{
    struct part *p = d->p;
    for (uint32_t i = 0; i < p->column_count && !d->bad; i++) {
        struct part_column *c = &p->columns[i];
        if (!c->sparse)
            c->shapes = arena_calloc(&p->arena, p->template_counts[c->key.table] / 8 + 1, 1);
        d->bad |= !c->sparse && !c->shapes;
    }
    for (int t = 0; t < TABLE_COUNT && !d->bad; t++) {
        for (uint32_t i = 0; i < p->template_counts[t]; i++) {
            const struct column_template *shape = &p->templates[t][i];
            for (uint32_t k = 0; k < shape->count; k++) {
                struct part_column *c = &p->columns[shape->columns[k]];
                if (c->shapes)
                    c->shapes[i / 8] |= (unsigned char)(1 << i % 8);
            }
        }
    }
}

static void get_tables(struct directory *d)
{
    struct part *p = d->p;
    uint32_t *services;
    for (int t = 0; t < PART_TABLE_COUNT; t++) {
        p->table_counts[t] = get_u32(d, p->row_count);
        p->table_offsets[t] = get(d, p->bytes);
    }
    services = d->bad ? NULL : room(d, p->table_counts[PART_RESOURCES], sizeof *services);
    for (uint32_t i = 0; i < p->table_counts[PART_RESOURCES] && !d->bad; i++)
        services[i] = get_u32(d, (uint64_t)p->table_counts[PART_SERVICES] - 1);
    p->resource_service = services;
    for (uint32_t i = 0; i < p->template_counts[TABLE_SPANS] && !d->bad; i++)
        d->bad |= p->templates[TABLE_SPANS][i].scope >= p->table_counts[PART_SCOPES];
}

static void get_operations(struct directory *d)
{
    struct part *p = d->p;
    p->operation_count = get_u32(d, p->row_count);
    p->operations = d->bad ? NULL : room(d, p->operation_count, sizeof *p->operations);
    for (uint32_t i = 0; i < p->operation_count && !d->bad; i++) {
        p->operations[i].service = get_u32(d, (uint64_t)p->table_counts[PART_SERVICES] - 1);
        p->operations[i].name = get_u32(d, (uint64_t)p->table_counts[PART_NAMES] - 1);
        p->operations[i].kind = get_u32(d, SPAN_KIND_CONSUMER);
    }
}

static int read_bloom(struct part *p, bool lenient, struct err *err)
{
    struct buf bytes;
    int rc;
    buf_init(&bytes, 0);
    rc = stream_once(p, p->bloom_offset, &bytes, err);
    if (rc == 0 && (bytes.n == 0 || bytes.n % BLOOM_BLOCK_BYTES))
        rc = part_damaged(p, "the filter of its traces", err);
    if (rc < 0 && lenient && (rc = buf_reserve(&bytes, BLOOM_BLOCK_BYTES) ? 0 : rc) == 0) {
        bytes.n = BLOOM_BLOCK_BYTES;
        memset(bytes.p, 0xff, bytes.n);
    }
    if (rc == 0)
        p->bloom = buf_take(&bytes, &p->bloom_bytes);
    buf_release(&bytes);
    return rc;
}

static int read_directory(struct part *p, struct str bytes, bool lenient, struct err *err)
{
    struct directory d = {.p = p, .in = bytes};
    get_groups(&d);
    get_columns(&d);
    for (int t = 0; t < TABLE_COUNT; t++)
        get_templates(&d, t);
    mark_shapes(&d);
    get_tables(&d);
    p->trace_count = get_u32(&d, p->row_count);
    p->traces_offset = get(&d, p->bytes);
    p->bloom_offset = get(&d, p->bytes);
    get_operations(&d);
    if (arena_failed(&p->arena))
        return err_set(err, ERR_NOMEM, "out of memory for the directory of a part");
    if (d.bad || d.in.n)
        return part_damaged(p, "its directory", err);
    return read_bloom(p, lenient, err);
}

/* ---- Opening ---- */

static int read_trailer(struct part *p, const struct manifest_part *want, struct buf *directory,
                        struct err *err)
{
    char header[PART_HEADER_BYTES], trailer[PART_TRAILER_BYTES];
    uint64_t offset, n;
    if (p->bytes < sizeof header + sizeof trailer)
        return part_damaged(p, "cut short", err);
    TRY(read_at(p, 0, header, sizeof header, err));
    TRY(read_at(p, p->bytes - sizeof trailer, trailer, sizeof trailer, err));
    if (memcmp(header, part_magic, sizeof part_magic) != 0)
        return part_damaged(p, "its first bytes", err);
    if (load_u32(header + 8) != PART_VERSION)
        return err_set(
            err, ERR_UNSUPPORTED,
            "part %08llu has version %u of the format, not %d; take its traces out with the "
            "Cairn that wrote it ('cairn export'), and into a new --data-dir with this one "
            "('cairn import')",
            (unsigned long long)p->number, load_u32(header + 8), PART_VERSION);
    if (memcmp(trailer + 24, part_magic, sizeof part_magic) != 0)
        return part_damaged(p, "its last bytes", err);
    offset = load_u64(trailer);
    n = load_u64(trailer + 8);
    p->identity = (struct manifest_part){
        .number = p->number, .bytes = p->bytes, .checksum = load_u64(trailer + 16)};
    p->directory_offset = offset;
    if (want && (want->bytes != p->bytes || want->checksum != p->identity.checksum))
        return part_damaged(p, "not the file that MANIFEST names", err);
    if (offset > p->bytes || n > p->bytes - offset)
        return part_damaged(p, "the place of its directory", err);
    if (!buf_reserve(directory, n + 1))
        return err_set(err, ERR_NOMEM, "out of memory for the directory of a part");
    TRY(read_at(p, offset, (char *)directory->p, n, err));
    directory->n = n;
    if (!checksum_is(p->identity.checksum, checksum_of(buf_str(directory))))
        return part_damaged(p, "the checksum of its directory", err);
    return stream_once(p, offset, directory, err);
}

/* The directory's place is written twice over: where it begins, and how long it is up to the trailer. Its stream has
 * a checksum of its own. */
static int read_trailer_leniently(struct part *p, struct buf *directory, struct err *err)
{
    char trailer[PART_TRAILER_BYTES];
    uint64_t end;
    if (p->bytes < PART_HEADER_BYTES + sizeof trailer)
        return part_damaged(p, "cut short", err);
    end = p->bytes - sizeof trailer;
    TRY(read_at(p, end, trailer, sizeof trailer, err));
    p->identity = (struct manifest_part){
        .number = p->number, .bytes = p->bytes, .checksum = load_u64(trailer + 16)};
    p->directory_offset = load_u64(trailer);
    if (stream_once(p, p->directory_offset, directory, err) == 0)
        return 0;
    p->directory_offset = end - load_u64(trailer + 8);
    return stream_once(p, p->directory_offset, directory, err);
}

static int part_load(struct part *p, const char *path, const struct manifest_part *want,
                     bool lenient, struct err *err)
{
    struct buf directory;
    int rc;
    TRY(file_open(path, O_RDONLY, &p->fd, err));
    TRY(file_size(p->fd, &p->bytes, err));
    buf_init(&directory, 0);
    rc = lenient ? read_trailer_leniently(p, &directory, err)
                 : read_trailer(p, want, &directory, err);
    if (rc == 0)
        rc = read_directory(p, buf_str(&directory), lenient, err);
    buf_release(&directory);
    return rc;
}

static int open_file(const char *path, uint64_t number, const struct manifest_part *want,
                     bool lenient, struct part **ret, struct err *err)
{
    struct part *p = mem_calloc(1, sizeof *p);
    int rc;
    atomic_init(&p->refs, 1);
    pthread_mutex_init(&p->lock, NULL);
    arena_init(&p->arena, 0);
    p->number = number;
    p->fd = -1;
    rc = part_load(p, path, want, lenient, err);
    if (rc < 0) {
        part_unref(p);
        return rc;
    }
    *ret = p;
    return 0;
}

int part_open(const char *path, uint64_t number, const struct manifest_part *want,
              struct part **ret, struct err *err)
{
    return open_file(path, number, want, false, ret, err);
}

int part_open_damaged(const char *path, uint64_t number, struct part **ret, struct err *err)
{
    return open_file(path, number, NULL, true, ret, err);
}

static void traces_free(struct part_traces *t);

struct part *part_ref(struct part *p)
{
    atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
    return p;
}

static void strings_free(struct part_strings *s)
{
    if (!s)
        return;
    free(s->items);
    free(s->bytes);
    free(s);
}

void part_unref(struct part *p)
{
    if (!p || atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (int t = 0; t < PART_TABLE_COUNT; t++)
        strings_free(atomic_load(&p->tables[t]));
    for (uint32_t i = 0; p->dictionaries && i < p->column_count; i++)
        strings_free(atomic_load(&p->dictionaries[i]));
    traces_free(atomic_load(&p->traces));
    if (atomic_load(&p->note))
        atomic_load(&p->note)->release(atomic_load(&p->note));
    file_close(p->fd);
    dead_rows_unref(p->dead);
    free(p->bloom);
    arena_release(&p->arena);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

struct part_note *part_keep_note(struct part *p, struct part_note *note)
{
    struct part_note *there = NULL;
    if (atomic_compare_exchange_strong(&p->note, &there, note))
        return note;
    note->release(note);
    return there;
}

/* ---- Read at first use ---- */

static int strings_load(struct part *p, uint64_t offset, uint32_t count, struct part_strings **ret,
                        struct err *err)
{
    struct part_strings *s = mem_calloc(1, sizeof *s);
    uint64_t *lengths = malloc(((size_t)count + 1) * sizeof *lengths);
    struct buf bytes;
    struct str in;
    int rc;
    buf_init(&bytes, 0);
    s->count = count;
    s->items = malloc(((size_t)count + 1) * sizeof *s->items);
    rc = lengths && s->items ? stream_once(p, offset, &bytes, err)
                             : err_set(err, ERR_NOMEM, "out of memory for a dictionary");
    in = buf_str(&bytes);
    if (rc == 0 && (!codec_get_strings(&in, count, lengths, s->items) || in.n))
        rc = part_damaged(p, "a list of strings", err);
    free(lengths);
    if (rc < 0) {
        buf_release(&bytes);
        strings_free(s);
        return rc;
    }
    s->bytes = (char *)buf_take(&bytes, &(size_t){0});
    *ret = s;
    return 0;
}

static int strings_at(struct part *p, _Atomic(struct part_strings *) *place, uint64_t offset,
                      uint32_t count, const struct part_strings **ret, struct err *err)
{
    struct part_strings *s = atomic_load_explicit(place, memory_order_acquire);
    int rc = 0;
    if (!s) {
        pthread_mutex_lock(&p->lock);
        s = atomic_load_explicit(place, memory_order_relaxed);
        if (!s) {
            rc = strings_load(p, offset, count, &s, err);
            if (rc == 0)
                atomic_store_explicit(place, s, memory_order_release);
        }
        pthread_mutex_unlock(&p->lock);
    }
    *ret = s;
    return rc;
}

int part_table(struct part *p, enum part_table table, const struct part_strings **ret,
               struct err *err)
{
    return strings_at(p, &p->tables[table], p->table_offsets[table], p->table_counts[table], ret,
                      err);
}

int part_dictionary(struct part *p, uint32_t column, const struct part_strings **ret,
                    struct err *err)
{
    const struct part_column *c = &p->columns[column];
    return strings_at(p, &p->dictionaries[column], c->strings, c->string_count, ret, err);
}

static uint32_t trace_slot(const struct part_traces *t, struct trace_id id)
{
    return (uint32_t)(XXH3_64bits(id.bytes, TRACE_ID_BYTES) >> 32) & t->mask;
}

static bool traces_index(struct part_traces *t, uint32_t count)
{
    uint32_t slots = 16;
    while (slots / 2 < count)
        slots *= 2;
    t->mask = slots - 1;
    t->slots = calloc(slots, sizeof *t->slots);
    for (uint32_t i = 0; i < count && t->slots; i++) {
        uint32_t at = trace_slot(t, t->ids[i]);
        while (t->slots[at])
            at = (at + 1) & t->mask;
        t->slots[at] = i + 1;
    }
    return t->slots != NULL;
}

static void traces_free(struct part_traces *t)
{
    if (!t)
        return;
    free(t->ids);
    free(t->first_rows);
    free(t->slots);
    free(t);
}

/* The stream of traces: ids, then where the rows of each begin. first_rows has a place more than there are traces. */
static int traces_read(struct part *p, struct trace_id *ids, uint32_t *first_rows, struct err *err)
{
    size_t n = p->trace_count, ids_bytes = n * TRACE_ID_BYTES;
    uint64_t *rows = malloc((n + 1) * sizeof *rows);
    struct buf bytes;
    struct str in;
    bool ok;
    int rc;
    buf_init(&bytes, 0);
    rc = rows ? stream_once(p, p->traces_offset, &bytes, err)
              : err_set(err, ERR_NOMEM, "out of memory for traces");
    if (rc == 0) {
        in = buf_str(&bytes);
        ok = in.n >= ids_bytes;
        if (ok) {
            if (ids)
                memcpy(ids, in.p, ids_bytes);
            in = str_from(in, ids_bytes);
            ok = codec_get_ints(&in, n, rows) && in.n == 0 && (n == 0 || rows[0] == 0);
        }
        for (size_t i = 0; i < n && ok; i++) {
            ok = rows[i] < p->row_count && (i == 0 || rows[i] > rows[i - 1]);
            first_rows[i] = (uint32_t)rows[i];
        }
        first_rows[n] = p->row_count;
        rc = ok ? 0 : part_damaged(p, "the list of its traces", err);
    }
    buf_release(&bytes);
    free(rows);
    return rc;
}

static int traces_load(struct part *p, struct part_traces *t, struct err *err)
{
    size_t n = p->trace_count;
    t->ids = malloc(n * TRACE_ID_BYTES + 1);
    t->first_rows = malloc((n + 1) * sizeof *t->first_rows);
    if (!t->ids || !t->first_rows)
        return err_set(err, ERR_NOMEM, "out of memory for traces");
    TRY(traces_read(p, t->ids, t->first_rows, err));
    return traces_index(t, p->trace_count) ? 0
                                           : err_set(err, ERR_NOMEM, "out of memory for traces");
}

int part_first_rows(struct part *p, struct arena *arena, const uint32_t **ret, struct err *err)
{
    const struct part_traces *t = atomic_load_explicit(&p->traces, memory_order_acquire);
    uint32_t *first_rows;
    if (t) {
        *ret = t->first_rows;
        return 0;
    }
    first_rows = arena_alloc(arena, ((size_t)p->trace_count + 1) * sizeof *first_rows);
    if (!first_rows)
        return err_set(err, ERR_TOO_LARGE, "the query needs more memory than it may take");
    *ret = first_rows;
    return traces_read(p, NULL, first_rows, err);
}

int part_traces(struct part *p, const struct part_traces **ret, struct err *err)
{
    struct part_traces *t = atomic_load_explicit(&p->traces, memory_order_acquire);
    int rc = 0;
    if (!t) {
        pthread_mutex_lock(&p->lock);
        t = atomic_load_explicit(&p->traces, memory_order_relaxed);
        if (!t) {
            t = mem_calloc(1, sizeof *t);
            rc = traces_load(p, t, err);
            if (rc == 0) {
                atomic_store_explicit(&p->traces, t, memory_order_release);
            } else {
                traces_free(t);
                t = NULL;
            }
        }
        pthread_mutex_unlock(&p->lock);
    }
    *ret = t;
    return rc;
}

/* ---- Finding ---- */

bool part_may_have_trace(const struct part *p, struct trace_id id)
{
    return bloom_may_have(p->bloom, p->bloom_bytes, XXH3_64bits(id.bytes, TRACE_ID_BYTES));
}

int part_trace_rows(struct part *p, struct trace_id id, uint32_t *first, uint32_t *end,
                    struct err *err)
{
    const struct part_traces *t;
    *first = *end = 0;
    if (!part_may_have_trace(p, id))
        return 0;
    TRY(part_traces(p, &t, err));
    for (uint32_t at = trace_slot(t, id); t->slots[at]; at = (at + 1) & t->mask) {
        uint32_t i = t->slots[at] - 1;
        if (trace_id_eq(t->ids[i], id)) {
            *first = t->first_rows[i];
            *end = t->first_rows[i + 1];
            break;
        }
    }
    return 0;
}

int part_trace_of_row(struct part *p, uint32_t row, struct trace_id *ret, struct err *err)
{
    const struct part_traces *t;
    uint32_t low = 0, high = p->trace_count;
    TRY(part_traces(p, &t, err));
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (t->first_rows[middle] <= row)
            low = middle;
        else
            high = middle;
    }
    *ret = t->ids[low];
    return 0;
}

uint32_t part_find_columns(const struct part *p, enum column_table table, enum column_scope scope,
                           struct str name, uint32_t *first)
{
    struct column_key key = {(uint8_t)table, (uint8_t)scope, 0, name};
    uint32_t low = 0, high = p->column_count, count = 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (column_key_cmp(&p->columns[middle].key, &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *first = low;
    while (low + count < p->column_count && p->columns[low + count].key.table == table &&
           p->columns[low + count].key.scope == scope &&
           str_eq(p->columns[low + count].key.name, name))
        count++;
    return count;
}

/* Filters for each page of a column that has neither dictionary nor list of rows: sizes in front, one for each group. */
static bool read_page_filters(const struct part *p, struct str bytes, uint64_t hash,
                              uint8_t *groups, bool *any)
{
    struct str sizes = bytes, filters;
    uint64_t n;
    for (uint32_t g = 0; g < p->group_count; g++) {
        if (!codec_get_varint(&bytes, &n))
            return false;
    }
    filters = bytes;
    for (uint32_t g = 0; g < p->group_count; g++) {
        codec_get_varint(&sizes, &n);
        if (n > filters.n || n % BLOOM_BLOCK_BYTES)
            return false;
        groups[g] = n && bloom_may_have((const unsigned char *)filters.p, n, hash);
        *any |= groups[g];
        filters = str_from(filters, n);
    }
    return filters.n == 0;
}

int part_string_groups(struct part *p, uint32_t column, struct str s, uint8_t *groups, bool *any,
                       struct err *err)
{
    const struct part_column *c = &p->columns[column];
    uint64_t hash = XXH3_64bits(s.p ? s.p : "", s.n);
    struct buf bytes;
    bool ok;
    int rc;
    memset(groups, 1, p->group_count);
    *any = true;
    if (!c->bloom)
        return 0;
    buf_init(&bytes, 0);
    rc = stream_once(p, c->bloom, &bytes, err);
    if (rc == 0) {
        *any = false;
        ok = c->string_count || c->sparse
                 ? bytes.n && bytes.n % BLOOM_BLOCK_BYTES == 0
                 : read_page_filters(p, buf_str(&bytes), hash, groups, any);
        if (ok && (c->string_count || c->sparse))
            *any = bloom_may_have(bytes.p, bytes.n, hash);
        rc = ok ? 0 : part_damaged(p, "the filter of a column", err);
    }
    buf_release(&bytes);
    return rc;
}
