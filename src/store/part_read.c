/* part_read.c - opening a part, checking its sections, finding rows. */
#include <stdlib.h>
#include <zstd.h>

#include "store/bytes.h"
#include "store/file.h"
#include "store/mem.h"
#include "store/part.h"
#include "store/part_format.h"

const char part_magic[8] = {'C', 'R', 'N', 'P', 'A', 'R', 'T', '\n'};

enum count_kind { ROWS, TRACES, ZONES, BLOCKS, TABLE, LIST };

static const struct {
    const char *name;
    uint32_t element_bytes;
    enum count_kind count;
} section_info[PART_SECTION_COUNT] = {
#define X(name, size, count) {#name, size, count},
    PART_SECTIONS(X)
#undef X
};

static int damaged(struct err *err, uint64_t number, const char *what)
{
    return err_set(err, ERR_CORRUPT, "part %08llu is damaged (%s)", (unsigned long long)number,
                   what);
}

/* The trailer points at the footer; both must lie inside the file and agree. */
static int find_footer(const struct part *p, struct str *ret, uint64_t *checksum, struct err *err)
{
    const char *trailer;
    uint64_t offset, bytes;
    if (p->map.n < PART_HEADER_BYTES + FOOTER_BYTES + PART_TRAILER_BYTES)
        return damaged(err, p->number, "too short");
    trailer = p->map.p + p->map.n - PART_TRAILER_BYTES;
    if (memcmp(p->map.p, part_magic, 8) != 0 || memcmp(trailer + 24, part_magic, 8) != 0)
        return damaged(err, p->number, "no header or no trailer");
    offset = load_u64(trailer);
    bytes = load_u64(trailer + 8);
    *checksum = load_u64(trailer + 16);
    if (bytes > p->map.n || offset > p->map.n - bytes)
        return damaged(err, p->number, "footer outside the file");
    *ret = str_make(p->map.p + offset, bytes);
    if (checksum_of(*ret) != *checksum)
        return damaged(err, p->number, "footer checksum");
    return 0;
}

static uint64_t elements(const struct part *p, enum part_section s)
{
    switch (section_info[s].count) {
    case ROWS: return p->row_count;
    case TRACES: return p->trace_count;
    case ZONES: return p->zone_count;
    case BLOCKS: return p->block_count;
    default: return 0;
    }
}

static bool size_fits(const struct part *p, enum part_section s)
{
    uint64_t n = p->sections[s].n;
    switch (section_info[s].count) {
    case TABLE: return n >= 8;
    case LIST: return n % section_info[s].element_bytes == 0;
    default: return n == elements(p, s) * section_info[s].element_bytes;
    }
}

static int read_footer(struct part *p, struct str footer, struct err *err)
{
    const char *f = footer.p;
    if (footer.n < 4)
        return damaged(err, p->number, "footer length");
    if (load_u32(f) != PART_VERSION)
        return err_set(err, ERR_UNSUPPORTED,
                       "part %08llu has format version %u; this program knows %d",
                       (unsigned long long)p->number, load_u32(f), PART_VERSION);
    if (footer.n != FOOTER_BYTES || load_u32(f + 4) != PART_SECTION_COUNT)
        return damaged(err, p->number, "footer length");
    p->row_count = load_u32(f + 8);
    p->trace_count = load_u32(f + 12);
    p->block_count = load_u32(f + 16);
    p->zone_count = (uint32_t)((p->row_count + (uint64_t)PART_ZONE_ROWS - 1) / PART_ZONE_ROWS);
    p->start_min_ns = load_u64(f + 24);
    p->start_max_ns = load_u64(f + 32);
    for (int t = 0; t < 4; t++)
        p->table_counts[t] = load_u32(f + 40 + 4 * t);
    for (int s = 0; s < PART_SECTION_COUNT; s++) {
        const char *entry = f + FOOTER_HEAD_BYTES + (size_t)s * FOOTER_SECTION_BYTES;
        uint64_t offset = load_u64(entry), n = load_u64(entry + 8);
        if (n > p->map.n || offset > p->map.n - n || offset % 8)
            return damaged(err, p->number, section_info[s].name);
        p->sections[s] = str_make(p->map.p + offset, n);
        p->checksums[s] = load_u64(entry + 16);
        if (!size_fits(p, (enum part_section)s))
            return damaged(err, p->number, section_info[s].name);
    }
    return 0;
}

int part_open(const char *path, uint64_t number, const struct manifest_part *want,
              struct part **ret, struct err *err)
{
    struct part *p = mem_calloc(1, sizeof *p);
    struct str footer = {NULL, 0};
    uint64_t checksum = 0;
    int rc;
    atomic_init(&p->refs, 1);
    p->number = number;
    rc = file_map(path, &p->map, err);
    if (rc == 0)
        rc = find_footer(p, &footer, &checksum, err);
    if (rc == 0 && want && (want->bytes != p->map.n || want->checksum != checksum))
        rc = damaged(err, number, "not the file that MANIFEST names");
    if (rc == 0)
        rc = read_footer(p, footer, err);
    if (rc < 0) {
        part_unref(p);
        return rc;
    }
    p->identity = (struct manifest_part){number, p->map.n, checksum};
    *ret = p;
    return 0;
}

struct part *part_ref(struct part *p)
{
    atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
    return p;
}

void part_unref(struct part *p)
{
    if (!p || atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
        return;
    file_unmap(p->map);
    free(p);
}

static uint32_t table_count(const struct part *p, enum part_section table)
{
    return p->table_counts[table - PART_SERVICES];
}

static bool table_ok(struct str section, uint32_t want)
{
    uint32_t count = load_u32(section.p);
    const uint32_t *offsets = (const uint32_t *)(const void *)(section.p + 4);
    uint64_t head = 4 + ((uint64_t)count + 1) * 4;
    if (count != want || head > section.n || offsets[0] != 0 || offsets[count] != section.n - head)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (offsets[i] > offsets[i + 1])
            return false;
    }
    return true;
}

static bool below(const struct part *p, enum part_section s, uint32_t limit)
{
    const uint32_t *v = PART_COLUMN(p, s, uint32_t);
    size_t n = p->sections[s].n / 4;
    bool ok = true;
    for (size_t i = 0; i < n; i++)
        ok &= v[i] < limit;
    return ok;
}

static bool ascending_rows(const struct part *p)
{
    const uint32_t *v = PART_COLUMN(p, PART_TRACE_FIRST_ROW, uint32_t);
    for (uint32_t i = 0; i < p->trace_count; i++) {
        if (v[i] >= p->row_count || (i ? v[i] <= v[i - 1] : v[i] != 0))
            return false;
    }
    return true;
}

static bool blocks_ok(const struct part *p)
{
    const struct part_block *b = PART_COLUMN(p, PART_BLOCKS, struct part_block);
    for (uint32_t i = 0; i < p->block_count; i++) {
        if (b[i].stored_bytes > p->map.n || b[i].offset > p->map.n - b[i].stored_bytes ||
            b[i].first_row >= p->row_count ||
            (i ? b[i].first_row <= b[i - 1].first_row : b[i].first_row != 0))
            return false;
    }
    return true;
}

static bool operations_ok(const struct part *p)
{
    const struct part_operation *o = PART_COLUMN(p, PART_OPERATIONS, struct part_operation);
    size_t n = p->sections[PART_OPERATIONS].n / sizeof *o;
    for (size_t i = 0; i < n; i++) {
        if (o[i].service >= table_count(p, PART_SERVICES) ||
            o[i].name >= table_count(p, PART_NAMES))
            return false;
    }
    return true;
}

/* Are the numbers in it inside what they point into? A good checksum says who wrote it, not that it is right. */
static bool section_ok(const struct part *p, enum part_section s)
{
    switch (s) {
    case PART_SERVICES:
    case PART_NAMES:
    case PART_RESOURCES:
    case PART_SCOPES: return table_ok(p->sections[s], table_count(p, s));
    case PART_SERVICE: return below(p, s, table_count(p, PART_SERVICES));
    case PART_NAME: return below(p, s, table_count(p, PART_NAMES));
    case PART_RESOURCE: return below(p, s, table_count(p, PART_RESOURCES));
    case PART_SCOPE: return below(p, s, table_count(p, PART_SCOPES));
    case PART_LOOKUP_TRACE: return below(p, s, p->trace_count);
    case PART_TRACE_FIRST_ROW: return ascending_rows(p);
    case PART_BLOCKS: return blocks_ok(p);
    case PART_OPERATIONS: return operations_ok(p);
    default: return true;
    }
}

int part_need(struct part *p, uint32_t section_bits, struct err *err)
{
    uint32_t missing = section_bits & ~atomic_load_explicit(&p->verified, memory_order_relaxed);
    while (missing) {
        enum part_section s = (enum part_section)__builtin_ctz(missing);
        if (checksum_of(p->sections[s]) != p->checksums[s] || !section_ok(p, s)) {
            atomic_store_explicit(&p->damaged, 1, memory_order_relaxed);
            return damaged(err, p->number, section_info[s].name);
        }
        /* relaxed: the bytes never change, a second check by another thread does no harm */
        atomic_fetch_or_explicit(&p->verified, 1u << s, memory_order_relaxed);
        missing &= missing - 1;
    }
    return 0;
}

struct part_table part_table(const struct part *p, enum part_section section)
{
    const char *at = p->sections[section].p;
    struct part_table t = {.count = load_u32(at)};
    t.offsets = (const uint32_t *)(const void *)(at + 4);
    t.bytes = at + 4 + ((size_t)t.count + 1) * 4;
    return t;
}

uint32_t part_table_find(const struct part_table *t, struct str s)
{
    uint32_t low = 0, high = t->count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        int c = str_cmp(part_table_get(t, mid), s);
        if (c == 0)
            return mid;
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return UINT32_MAX;
}

uint32_t part_find_trace(const struct part *p, struct trace_id id)
{
    const uint64_t *hashes = PART_COLUMN(p, PART_LOOKUP_HASH, uint64_t);
    const uint32_t *traces = PART_COLUMN(p, PART_LOOKUP_TRACE, uint32_t);
    const struct trace_id *ids = PART_COLUMN(p, PART_TRACE_ID, struct trace_id);
    uint64_t hash = XXH3_64bits(id.bytes, sizeof id.bytes);
    uint32_t low = 0, high = p->trace_count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (hashes[mid] < hash)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < p->trace_count && hashes[low] == hash; low++) {
        if (trace_id_eq(ids[traces[low]], id))
            return traces[low];
    }
    return UINT32_MAX;
}

/* The last index whose value is <= row; values ascend and the first is 0. */
static uint32_t last_not_above(const void *first, size_t stride, uint32_t count, uint32_t row)
{
    uint32_t low = 0, high = count;
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (load_u32((const char *)first + (size_t)mid * stride) <= row)
            low = mid;
        else
            high = mid;
    }
    return low;
}

uint32_t part_trace_of_row(const struct part *p, uint32_t row)
{
    return last_not_above(p->sections[PART_TRACE_FIRST_ROW].p, 4, p->trace_count, row);
}

uint32_t part_trace_end(const struct part *p, uint32_t trace)
{
    const uint32_t *first = PART_COLUMN(p, PART_TRACE_FIRST_ROW, uint32_t);
    return trace + 1 < p->trace_count ? first[trace + 1] : p->row_count;
}

uint32_t part_block_of_row(const struct part *p, uint32_t row)
{
    const struct part_block *b = PART_COLUMN(p, PART_BLOCKS, struct part_block);
    return last_not_above(&b->first_row, sizeof *b, p->block_count, row);
}

int part_unpack(struct part *p, uint32_t block, struct ZSTD_DCtx_s *zstd, char *out,
                struct err *err)
{
    const struct part_block *b = &PART_COLUMN(p, PART_BLOCKS, struct part_block)[block];
    struct str stored = str_make(p->map.p + b->offset, b->stored_bytes);
    size_t n;
    if (checksum_of(stored) == b->checksum) {
        n = ZSTD_decompressDCtx(zstd, out, b->raw_bytes, stored.p, stored.n);
        if (!ZSTD_isError(n) && n == b->raw_bytes)
            return 0;
    }
    atomic_store_explicit(&p->damaged, 1, memory_order_relaxed);
    return damaged(err, p->number, "span block");
}
