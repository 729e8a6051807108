/* check_part.c - the streams of a part one by one, then their content against the directory. */
#include "care/check_part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "store/bloom.h"
#include "store/bytes.h"
#include "store/codec.h"
#include "store/file.h"
#include "store/mem.h"
#include "store/part_page.h"

enum { READER_BYTES = 64 << 20, WHAT_BYTES = 200, PROGRESS_ROWS = 4096 };

/* A stream that the directory names. */
struct place {
    uint64_t offset;
    char what[WHAT_BYTES];
};

struct check {
    struct part *p;
    const char *file;
    const struct care_watcher *w;
    part_progress_fn *progress;
    void *user;
    struct part_check *ret;
    struct place *places;
    size_t place_count, place_cap;
    struct page_reader *reader;
    struct arena arena;
};

static void report(struct check *c, uint64_t offset, bool has_offset, const char *what)
{
    struct care_problem p = {c->file, offset, has_offset, false, what};
    c->ret->problems++;
    if (c->w->problem)
        c->w->problem(&p, c->w->user);
}

/* Damage is reported and the work goes on; other failures end it. */
static int judge(struct check *c, int rc, struct err *err)
{
    if (rc == ERR_CORRUPT || rc == ERR_TOO_LARGE) {
        report(c, 0, false, err->msg);
        return 0;
    }
    return rc;
}

static int tick(struct check *c, uint64_t bytes, struct err *err)
{
    if (c->progress)
        c->progress(bytes, c->user);
    return care_stopped(c->w) ? err_set(err, ERR_CANCELLED, "interrupted") : 0;
}

/* ---- Streams ---- */

static void add_place(struct check *c, uint64_t offset, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void add_place(struct check *c, uint64_t offset, const char *fmt, ...)
{
    struct place *place;
    va_list args;
    if (!offset)
        return;
    c->places = mem_grow(c->places, &c->place_cap, c->place_count + 1, sizeof *c->places);
    place = &c->places[c->place_count++];
    place->offset = offset;
    va_start(args, fmt);
    vsnprintf(place->what, sizeof place->what, fmt, args);
    va_end(args);
}

static void add_column(struct check *c, const struct part_column *column)
{
    int n = column->key.name.n < 100 ? (int)column->key.name.n : 100;
    const char *name = column->key.name.p;
    uint32_t pages = column->sparse ? 1 : c->p->group_count;
    add_place(c, column->strings, "dictionary of %.*s", n, name);
    add_place(c, column->rows, "rows of %.*s", n, name);
    add_place(c, column->bloom, "filter of %.*s", n, name);
    for (uint32_t g = 0; g < pages; g++)
        add_place(c, column->pages[g], "%.*s, group %u", n, name, g);
}

static int place_cmp(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static void collect(struct check *c)
{
    static const char *const fixed[PART_FIXED_COUNT] = {
        "starts",    "durations",           "span ids",          "parents", "names", "resources",
        "templates", "templates of events", "templates of links"};
    static const char *const tables[PART_TABLE_COUNT] = {"table of services", "table of names",
                                                         "table of resources", "table of scopes"};
    const struct part *p = c->p;
    for (uint32_t g = 0; g < p->group_count; g++) {
        for (int k = 0; k < PART_FIXED_COUNT; k++)
            add_place(c, p->groups[g].pages[k], "%s, group %u", fixed[k], g);
    }
    for (uint32_t i = 0; i < p->column_count; i++)
        add_column(c, &p->columns[i]);
    for (int t = 0; t < PART_TABLE_COUNT; t++)
        add_place(c, p->table_offsets[t], "%s", tables[t]);
    add_place(c, p->traces_offset, "list of traces");
    add_place(c, p->bloom_offset, "filter of traces");
    add_place(c, p->directory_offset, "directory");
    if (c->place_count)
        qsort(c->places, c->place_count, sizeof *c->places, place_cmp);
}

static void gap(struct check *c, uint64_t from, uint64_t to)
{
    char what[WHAT_BYTES];
    snprintf(what, sizeof what, "%llu bytes that belong to nothing",
             (unsigned long long)(to - from));
    report(c, from, true, what);
}

static int check_streams(struct check *c, struct err *err)
{
    ZSTD_DCtx *zstd = ZSTD_createDCtx();
    struct buf packed, raw;
    uint64_t end = PART_HEADER_BYTES;
    int rc = zstd ? 0 : err_set(err, ERR_NOMEM, "out of memory");
    buf_init(&packed, 0);
    buf_init(&raw, 0);
    for (size_t i = 0; i < c->place_count && rc == 0; i++) {
        struct place *place = &c->places[i];
        if (i && place->offset == place[-1].offset)
            continue;
        rc = part_stream(c->p, place->offset, zstd, &packed, &raw, err);
        if (rc == ERR_CORRUPT || rc == ERR_NOMEM) {
            report(c, place->offset, true, place->what);
            end = i + 1 < c->place_count ? c->places[i + 1].offset : place->offset;
            rc = 0;
        } else if (rc == 0) {
            uint64_t stored;
            char head[STREAM_HEADER_BYTES];
            if (place->offset != end)
                gap(c, end < place->offset ? end : place->offset,
                    end < place->offset ? place->offset : end);
            if (pread(c->p->fd, head, sizeof head, (off_t)place->offset) != sizeof head)
                rc = err_set(err, ERR_IO, "%s: %s", c->file, strerror(errno));
            stored = load_u32(head);
            end = place->offset + sizeof head + stored;
        }
        c->ret->streams++;
        if (rc == 0)
            rc = tick(c, end, err);
    }
    if (rc == 0 && end != c->p->bytes - PART_TRAILER_BYTES && !c->ret->problems)
        gap(c, end, c->p->bytes - PART_TRAILER_BYTES);
    ZSTD_freeDCtx(zstd);
    buf_release(&packed);
    buf_release(&raw);
    return rc;
}

/* ---- Content ---- */

static int check_tables(struct check *c, struct err *err)
{
    const struct part_strings *strings;
    const struct part_traces *traces;
    for (int t = 0; t < PART_TABLE_COUNT; t++)
        TRY(part_table(c->p, t, &strings, err));
    TRY(part_traces(c->p, &traces, err));
    for (uint32_t i = 0; i < c->p->trace_count; i++) {
        uint32_t first, end;
        TRY(part_trace_rows(c->p, traces->ids[i], &first, &end, err));
        if (first != traces->first_rows[i] || end != traces->first_rows[i + 1])
            return part_damaged(c->p, "a trace that is listed twice, or that its filter lacks",
                                err);
    }
    return 0;
}

static int check_filter(struct check *c, uint64_t offset, const struct part_strings *strings,
                        struct err *err)
{
    ZSTD_DCtx *zstd = ZSTD_createDCtx();
    struct buf packed, raw;
    int rc;
    buf_init(&packed, 0);
    buf_init(&raw, 0);
    rc = zstd ? part_stream(c->p, offset, zstd, &packed, &raw, err)
              : err_set(err, ERR_NOMEM, "out of memory");
    if (rc == 0 && (raw.n == 0 || raw.n % BLOOM_BLOCK_BYTES))
        rc = part_damaged(c->p, "the filter of a column", err);
    for (uint32_t i = 0; i < strings->count && rc == 0; i++) {
        struct str s = strings->items[i];
        if (!bloom_may_have(raw.p, raw.n, XXH3_64bits(s.p ? s.p : "", s.n)))
            rc = part_damaged(c->p, "a filter that lacks a string of its column", err);
    }
    ZSTD_freeDCtx(zstd);
    buf_release(&packed);
    buf_release(&raw);
    return rc;
}

static int check_dictionary(struct check *c, uint32_t column, struct err *err)
{
    const struct part_column *p = &c->p->columns[column];
    const struct part_strings *strings;
    if (!p->string_count)
        return 0;
    TRY(part_dictionary(c->p, column, &strings, err));
    return p->bloom ? check_filter(c, p->bloom, strings, err) : 0;
}

static int check_column(struct check *c, uint32_t column, struct err *err)
{
    const struct part_column *p = &c->p->columns[column];
    uint64_t count = 0;
    TRY(check_dictionary(c, column, err));
    for (uint32_t g = 0; g < (p->sparse ? 1 : c->p->group_count); g++) {
        struct page page;
        page_begin(c->reader);
        TRY(page_column(c->reader, c->p, column, g, &page, err));
        count += page.count;
    }
    return count == p->count ? 0 : part_damaged(c->p, "the number of a column's values", err);
}

static int check_range(struct check *c, uint32_t group, const struct part_rows *rows,
                       struct err *err)
{
    const struct part_group *g = &c->p->groups[group];
    uint64_t low = UINT64_MAX, high = 0, longest = 0;
    for (uint32_t i = 0; i < rows->count; i++) {
        low = rows->start_ns[i] < low ? rows->start_ns[i] : low;
        high = rows->start_ns[i] > high ? rows->start_ns[i] : high;
        longest = rows->duration_ns[i] > longest ? rows->duration_ns[i] : longest;
    }
    if (low != g->start_min_ns || high != g->start_max_ns || longest != g->duration_max_ns)
        return part_damaged(c->p, "the times of a group differ from its rows", err);
    return 0;
}

static int check_rows(struct check *c, uint32_t group, struct err *err)
{
    const struct part_rows *rows;
    uint32_t first = group * PART_GROUP_ROWS, count;
    page_begin(c->reader);
    TRY(page_rows(c->reader, c->p, group, ROWS_ALL, &rows, err));
    TRY(check_range(c, group, rows, err));
    count = rows->count;
    for (uint32_t i = 0; i < count; i++) {
        struct span span = {.resource = NULL};
        arena_reset(&c->arena);
        TRY(page_span(c->reader, c->p, first + i, &c->arena, false, &span, err));
        c->ret->spans++;
        if (i % PROGRESS_ROWS == 0)
            TRY(tick(c, c->p->bytes + c->p->bytes * (first + i) / (c->p->row_count + 1), err));
    }
    return 0;
}

static int check_content(struct check *c, struct err *err)
{
    TRY(judge(c, check_tables(c, err), err));
    for (uint32_t i = 0; i < c->p->column_count; i++) {
        TRY(judge(c, check_column(c, i, err), err));
        TRY(tick(c, c->p->bytes, err));
    }
    for (uint32_t g = 0; g < c->p->group_count; g++)
        TRY(judge(c, check_rows(c, g, err), err));
    return 0;
}

/* ---- The file ---- */

/* Bytes that no checksum covers and no reader needs. */
static int check_header(struct check *c, struct err *err)
{
    char header[PART_HEADER_BYTES];
    if (pread(c->p->fd, header, sizeof header, 0) != sizeof header)
        return err_set(err, ERR_IO, "%s: %s", c->file, strerror(errno));
    if (load_u32(header + 12) != 0)
        report(c, 12, true, "bytes of the header that are zero");
    return 0;
}

/* What the strict reader refuses: where, as far as the lenient one can tell. */
static int open_lenient(struct check *c, const char *path, uint64_t number, const struct err *why,
                        struct err *err)
{
    struct err second = {0};
    int rc = part_open_damaged(path, number, &c->p, &second);
    if (rc < 0 && why->code == ERR_UNSUPPORTED) {
        if (err)
            *err = *why;
        return ERR_UNSUPPORTED; /* nothing in it is of this version: it may well be another's */
    }
    report(c, 0, false, why->msg);
    if (rc == ERR_CORRUPT || rc == 0)
        return 0;
    if (err)
        *err = second;
    return rc;
}

int check_part(const char *path, const char *file, uint64_t number,
               const struct manifest_part *want, const struct care_watcher *w,
               part_progress_fn *progress, void *user, struct part_check *ret, struct err *err)
{
    struct check c = {.file = file, .w = w, .progress = progress, .user = user, .ret = ret};
    struct err mine = {0}, *e = err ? err : &mine;
    int rc = part_open(path, number, want, &c.p, e);
    if (rc == ERR_CORRUPT || rc == ERR_UNSUPPORTED) {
        struct err why = *e;
        rc = open_lenient(&c, path, number, &why, e);
    }
    if (rc < 0 || !c.p)
        return rc;
    arena_init(&c.arena, (size_t)1 << 30);
    c.reader = page_reader_new(READER_BYTES);
    ret->bytes = c.p->bytes;
    collect(&c);
    rc = check_header(&c, e);
    if (rc == 0)
        rc = check_streams(&c, e);
    if (rc == 0 && !ret->problems)
        rc = check_content(&c, e);
    page_reader_free(c.reader);
    arena_release(&c.arena);
    free(c.places);
    part_unref(c.p);
    return rc;
}
