/* usage.c - what takes the bytes: the sizes of all streams, which stand in their headers, summed up by column. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#include "base/clock.h"
#include "query/query.h"
#include "store/bytes.h"
#include "store/codec.h"
#include "store/mem.h"

enum {
    READER_BYTES = 1 << 20,
    TRACES_EXACT_MAX = 4 << 20, /* ids in memory at once: 64 MiB */
    NAME_BYTES_MAX = 1 << 16,
};

struct usage {
    struct engine_query *q;
    struct engine_usage *ret;
    struct page_reader *reader;
    struct buf packed, raw;
    struct arena keys;
    struct dict columns; /* by table, scope, type and name */
    struct usage_column *items;
    size_t item_cap;
    struct dict services;
    uint64_t *service_spans;
    size_t service_cap;
    struct trace_id *ids;
    size_t id_count, id_cap;
};

static int check(struct usage *u, struct err *err)
{
    struct engine_query *q = u->q;
    if (atomic_load_explicit(&q->cancelled, memory_order_relaxed) ||
        (q->is_cancelled && q->is_cancelled(q->user)))
        return err_set(err, ERR_CANCELLED, "the query was cancelled");
    if (q->deadline_ns && clock_monotonic_ns() > q->deadline_ns)
        return err_set(err, ERR_TIMEOUT, "the query took too long");
    return 0;
}

/* ---- Columns ---- */

static struct str keep(struct str s, void *arena)
{
    struct str copy = arena_str(arena, s);
    return copy.p ? copy : STR("");
}

static struct usage_column *column_of(struct usage *u, const char *table, const char *scope,
                                      const char *type, struct str name)
{
    static const char end = '\0';
    struct buf key;
    uint32_t id, known = u->columns.count;
    buf_init(&key, NAME_BYTES_MAX * 2);
    buf_printf(&key, "%s %s %s", table, scope, type);
    buf_put(&key, &end, 1);
    buf_put_str(&key, name);
    id = dict_intern_kept(&u->columns, buf_str(&key), keep, &u->keys);
    buf_release(&key);
    if (id == DICT_NONE)
        return NULL;
    if (u->columns.count > known) {
        u->items = mem_grow(u->items, &u->item_cap, (size_t)id + 1, sizeof *u->items);
        u->items[id] = (struct usage_column){
            .table = table, .scope = scope, .type = type, .name = arena_str(u->q->arena, name)};
    }
    return &u->items[id];
}

static int add_stream(struct part *p, uint64_t offset, struct usage_column *c, struct err *err)
{
    char head[STREAM_HEADER_BYTES];
    if (!offset || !c)
        return 0;
    if (pread(p->fd, head, sizeof head, (off_t)offset) != sizeof head)
        return err_set(err, ERR_IO, "reading part %08llu: %s", (unsigned long long)p->number,
                       strerror(errno));
    c->stored_bytes += sizeof head + load_u32(head);
    c->raw_bytes += load_u32(head + 4);
    return 0;
}

static int add_column(struct usage *u, struct part *p, const struct part_column *from,
                      struct err *err)
{
    static const char *const tables[] = {"spans", "events", "links"};
    static const char *const types[] = {"", "string", "bool", "int", "double", "any"};
    bool member = from->key.scope % COLUMN_SCOPE_COUNT == COLUMN_MEMBER;
    struct usage_column *c = column_of(u, tables[from->key.table], member ? "field" : "attribute",
                                       types[from->key.type], from->key.name);
    if (!c)
        return err_set(err, ERR_NOMEM, "too many columns");
    c->values += from->count;
    c->entries += from->string_count;
    TRY(add_stream(p, from->strings, c, err));
    TRY(add_stream(p, from->rows, c, err));
    TRY(add_stream(p, from->bloom, c, err));
    for (uint32_t g = 0; g < (from->sparse ? 1 : p->group_count); g++)
        TRY(add_stream(p, from->pages[g], c, err));
    return 0;
}

static int add_fixed(struct usage *u, struct part *p, struct err *err)
{
    static const struct {
        const char *table;
        struct str name;
    } fixed[PART_FIXED_COUNT] = {
        {"spans", STR_INIT("start")},    {"spans", STR_INIT("duration")},
        {"spans", STR_INIT("span_id")},  {"spans", STR_INIT("parent_span_id")},
        {"spans", STR_INIT("name")},     {"spans", STR_INIT("resource")},
        {"spans", STR_INIT("template")}, {"events", STR_INIT("template")},
        {"links", STR_INIT("template")}};
    for (int k = 0; k < PART_FIXED_COUNT; k++) {
        struct usage_column *c = column_of(u, fixed[k].table, "row", "", fixed[k].name);
        if (!c)
            return err_set(err, ERR_NOMEM, "too many columns");
        c->values += k == PART_EVENT_TEMPLATE  ? p->table_rows[TABLE_EVENTS]
                     : k == PART_LINK_TEMPLATE ? p->table_rows[TABLE_LINKS]
                                               : p->row_count;
        for (uint32_t g = 0; g < p->group_count; g++)
            TRY(add_stream(p, p->groups[g].pages[k], c, err));
    }
    return 0;
}

static int add_indexes(struct usage *u, struct part *p, struct err *err)
{
    const struct {
        struct str name;
        uint64_t offset, entries;
    } all[] = {
        {STR("services"), p->table_offsets[PART_SERVICES], p->table_counts[PART_SERVICES]},
        {STR("names"), p->table_offsets[PART_NAMES], p->table_counts[PART_NAMES]},
        {STR("resources"), p->table_offsets[PART_RESOURCES], p->table_counts[PART_RESOURCES]},
        {STR("scopes"), p->table_offsets[PART_SCOPES], p->table_counts[PART_SCOPES]},
        {STR("traces"), p->traces_offset, p->trace_count},
        {STR("filter of traces"), p->bloom_offset, 0},
        {STR("directory"), p->directory_offset, 0},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct usage_column *c = column_of(u, "", "index", "", all[i].name);
        if (!c)
            return err_set(err, ERR_NOMEM, "too many columns");
        c->entries += all[i].entries;
        TRY(add_stream(p, all[i].offset, c, err));
    }
    return 0;
}

/* ---- Traces and services ---- */

static void add_ids(struct usage *u, const void *ids, size_t count)
{
    u->ret->traces += count;
    if (!u->ret->traces_exact || u->id_count + count > TRACES_EXACT_MAX) {
        u->ret->traces_exact = false;
        return;
    }
    u->ids = mem_grow(u->ids, &u->id_cap, u->id_count + count, sizeof *u->ids);
    memcpy(u->ids + u->id_count, ids, count * sizeof *u->ids);
    u->id_count += count;
}

/* The ids stand in front of the stream; the part's own list would stay in memory as long as the part. */
static int add_part_traces(struct usage *u, struct part *p, struct ZSTD_DCtx_s *zstd,
                           struct err *err)
{
    if (!p->trace_count)
        return 0;
    TRY(part_stream(p, p->traces_offset, zstd, &u->packed, &u->raw, err));
    if (u->raw.n / TRACE_ID_BYTES < p->trace_count)
        return part_damaged(p, "the list of its traces", err);
    add_ids(u, u->raw.p, p->trace_count);
    return 0;
}

static int id_cmp(const void *a, const void *b)
{
    return memcmp(a, b, TRACE_ID_BYTES);
}

static void count_traces(struct usage *u)
{
    if (!u->ret->traces_exact)
        return;
    if (u->id_count)
        qsort(u->ids, u->id_count, sizeof *u->ids, id_cmp);
    u->ret->traces = 0;
    for (size_t i = 0; i < u->id_count; i++)
        u->ret->traces += i == 0 || !trace_id_eq(u->ids[i], u->ids[i - 1]);
}

static void add_service(struct usage *u, struct str name, uint64_t spans)
{
    uint32_t known = u->services.count, id = dict_intern_kept(&u->services, name, keep, &u->keys);
    if (id == DICT_NONE || !spans)
        return;
    u->service_spans =
        mem_grow(u->service_spans, &u->service_cap, (size_t)id + 1, sizeof *u->service_spans);
    for (uint32_t i = known; i <= id; i++)
        u->service_spans[i] = 0;
    u->service_spans[id] += spans;
}

static int add_services(struct usage *u, const struct source *src, struct err *err)
{
    uint64_t *counts = mem_calloc(src->service_count, sizeof *counts);
    struct row_group g;
    int rc = source_need_table(src, SOURCE_SERVICES, err);
    for (uint32_t i = 0; i < source_group_count(src) && rc == 0; i++) {
        page_begin(u->reader);
        rc = source_group(src, u->reader, i, ROWS_RESOURCE, &g, err);
        for (uint32_t k = 0; rc == 0 && k < g.count; k++)
            counts[g.service[k]]++;
        if (rc == 0)
            rc = check(u, err);
    }
    for (uint32_t i = 0; i < src->service_count && rc == 0; i++) {
        if (counts[i])
            add_service(u, source_string(src, SOURCE_SERVICES, i), counts[i]);
    }
    free(counts);
    return rc;
}

/* ---- Together ---- */

static int add_part(struct usage *u, struct part *p, struct ZSTD_DCtx_s *zstd, struct err *err)
{
    u->ret->parts++;
    u->ret->part_bytes += p->bytes;
    u->ret->spans += p->row_count;
    u->ret->events += p->table_rows[TABLE_EVENTS];
    u->ret->links += p->table_rows[TABLE_LINKS];
    TRY(add_fixed(u, p, err));
    for (uint32_t i = 0; i < p->column_count; i++) {
        TRY(add_column(u, p, &p->columns[i], err));
        TRY(check(u, err));
    }
    TRY(add_indexes(u, p, err));
    return add_part_traces(u, p, zstd, err);
}

static void add_head(struct usage *u, const struct source *src)
{
    struct trace_id last = {{0}};
    u->ret->head_spans += src->row_count;
    for (uint32_t row = 0; row < src->row_count; row++) {
        struct trace_id id = head_chunk(src->head, row)->trace_id[row % HEAD_CHUNK_ROWS];
        if (row == 0 || !trace_id_eq(id, last))
            add_ids(u, &id, 1);
        last = id;
    }
}

static int column_cmp(const void *a, const void *b)
{
    const struct usage_column *x = a, *y = b;
    if (x->stored_bytes != y->stored_bytes)
        return x->stored_bytes > y->stored_bytes ? -1 : 1;
    int c = str_cmp(x->name, y->name);
    return c ? c : strcmp(x->table, y->table);
}

static int service_cmp(const void *a, const void *b)
{
    const struct usage_service *x = a, *y = b;
    if (x->spans != y->spans)
        return x->spans > y->spans ? -1 : 1;
    return str_cmp(x->name, y->name);
}

static int answer(struct usage *u, struct err *err)
{
    struct engine_usage *ret = u->ret;
    count_traces(u);
    ret->columns = arena_calloc(u->q->arena, u->columns.count, sizeof *ret->columns);
    ret->services = arena_calloc(u->q->arena, u->services.count, sizeof *ret->services);
    if (!ret->columns || !ret->services || arena_failed(u->q->arena) || arena_failed(&u->keys))
        return err_set(err, ERR_TOO_LARGE, "the query needs more memory than it may take");
    for (uint32_t i = 0; i < u->columns.count; i++) {
        if (u->items[i].stored_bytes)
            ret->columns[ret->column_count++] = u->items[i];
    }
    for (uint32_t i = 0; i < u->services.count; i++)
        ret->services[ret->service_count++] = (struct usage_service){
            arena_str(u->q->arena, dict_get(&u->services, i)), u->service_spans[i]};
    qsort(ret->columns, ret->column_count, sizeof *ret->columns, column_cmp);
    qsort(ret->services, ret->service_count, sizeof *ret->services, service_cmp);
    return 0;
}

int usage_of_sources(const struct source *sources, uint32_t count, struct engine_query *q,
                     struct engine_usage *ret, struct err *err)
{
    struct usage u = {.q = q, .ret = ret};
    ZSTD_DCtx *zstd = ZSTD_createDCtx();
    int rc = zstd ? 0 : err_set(err, ERR_NOMEM, "out of memory");
    *ret = (struct engine_usage){.traces_exact = true};
    buf_init(&u.packed, 0);
    buf_init(&u.raw, 0);
    arena_init(&u.keys, q->arena->max_bytes);
    u.reader = page_reader_new(READER_BYTES);
    for (uint32_t i = 0; i < count && rc == 0; i++) {
        if (sources[i].part)
            rc = add_part(&u, sources[i].part, zstd, err);
        else
            add_head(&u, &sources[i]);
        if (rc == 0)
            rc = add_services(&u, &sources[i], err);
        q->damaged |= rc == ERR_CORRUPT;
        rc = rc == ERR_CORRUPT ? 0 : rc; /* what could be read of it counts */
    }
    if (rc == 0)
        rc = answer(&u, err);
    ZSTD_freeDCtx(zstd);
    page_reader_free(u.reader);
    buf_release(&u.packed);
    buf_release(&u.raw);
    dict_release(&u.columns);
    dict_release(&u.services);
    arena_release(&u.keys);
    free(u.items);
    free(u.service_spans);
    free(u.ids);
    return rc;
}

int query_usage(struct store *s, struct engine_query *q, struct engine_usage *ret, struct err *err)
{
    struct engine_stats stats;
    struct snapshot snap;
    int rc;
    snapshot_take(s, &snap);
    q->damaged = snap.incomplete;
    rc = usage_of_sources(snap.sources, snap.count, q, ret, err);
    snapshot_release(&snap);
    store_stats(s, &stats);
    ret->log_bytes = stats.log_bytes;
    return rc;
}
