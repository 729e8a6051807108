/* part.h - an immutable file of spans: row columns used in place, span messages in compressed blocks.
 *
 * Rows are clustered by trace, traces ordered by their first start. docs/format.md has every byte. The file is
 * mapped; opening reads only the footer. A section's checksum and bounds are checked when it is first used, a
 * block's each time it is unpacked. Everything here may be called from several threads. */
#ifndef STORE_PART_H
#define STORE_PART_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/manifest.h"
#include "trace/span.h"

enum {
    PART_VERSION = 1,
    PART_HEADER_BYTES = 16,
    PART_ZONE_ROWS = 8192,
    PART_BLOCK_BYTES =
        256 * 1024, /* of span messages, before compression; one longer message has its own */
    PART_TRAILER_BYTES = 32,
};

/* X(name, bytes of an element, how many elements). r rows, t traces, z zones, b blocks; a table has its own
 * count: u32 offsets and the bytes they cut. */
#define PART_SECTIONS(X)          \
    X(START_NS, 8, ROWS)          \
    X(DURATION_NS, 8, ROWS)       \
    X(SPAN_ID, 8, ROWS)           \
    X(PARENT_ID, 8, ROWS)         \
    X(SERVICE, 4, ROWS)           \
    X(NAME, 4, ROWS)              \
    X(RESOURCE, 4, ROWS)          \
    X(SCOPE, 4, ROWS)             \
    X(KIND, 1, ROWS)              \
    X(STATUS, 1, ROWS)            \
    X(OFFSET, 4, ROWS)            \
    X(TRACE_ID, 16, TRACES)       \
    X(TRACE_FIRST_ROW, 4, TRACES) \
    X(LOOKUP_HASH, 8, TRACES)     \
    X(LOOKUP_TRACE, 4, TRACES)    \
    X(ZONES, 16, ZONES)           \
    X(BLOCKS, 32, BLOCKS)         \
    X(SERVICES, 1, TABLE)         \
    X(NAMES, 1, TABLE)            \
    X(RESOURCES, 1, TABLE)        \
    X(SCOPES, 1, TABLE)           \
    X(OPERATIONS, 12, LIST)

enum part_section {
#define X(name, size, count) PART_##name,
    PART_SECTIONS(X)
#undef X
        PART_SECTION_COUNT
};

/* One start-time zone of PART_ZONE_ROWS rows. */
struct part_zone {
    uint64_t start_min_ns, start_max_ns;
};

struct part_block {
    uint64_t offset; /* in the file */
    uint32_t stored_bytes, raw_bytes;
    uint32_t first_row;
    uint32_t reserved; /* 0 */
    uint64_t checksum; /* of the stored bytes */
};

/* A (service, name, kind) that occurs. */
struct part_operation {
    uint32_t service, name, kind;
};

/* Strings cut out of a table section; sorted in SERVICES and NAMES. */
struct part_table {
    const uint32_t *offsets; /* count + 1 */
    const char *bytes;
    uint32_t count;
};

struct part {
    _Atomic uint32_t refs;
    uint64_t number;
    struct str map;
    uint32_t row_count, trace_count, block_count, zone_count;
    uint32_t table_counts[4]; /* of SERVICES, NAMES, RESOURCES, SCOPES */
    uint64_t start_min_ns, start_max_ns;
    struct manifest_part identity;
    struct str sections[PART_SECTION_COUNT];
    uint64_t checksums[PART_SECTION_COUNT];
    _Atomic uint32_t verified; /* bit per section */
    _Atomic int damaged;       /* something in it was found bad since it was opened */
};

/* Reads and checks the footer. want, when not NULL, is what the manifest says of the file.
 * ERR_CORRUPT, ERR_UNSUPPORTED (newer version), ERR_IO. refs is 1. */
int part_open(const char *path, uint64_t number, const struct manifest_part *want,
              struct part **ret, struct err *err);
struct part *part_ref(struct part *p);
void part_unref(struct part *p); /* NULL is fine */

/* Sections by bit; each is checked at its first use. ERR_CORRUPT. */
int part_need(struct part *p, uint32_t section_bits, struct err *err);
#define PART_BIT(section) (1 << (section))
enum {
    PART_ROW_BITS = PART_BIT(PART_OFFSET) - 1, /* all columns before it */
    PART_TRACE_BITS = PART_BIT(PART_LOOKUP_HASH) | PART_BIT(PART_LOOKUP_TRACE) |
                      PART_BIT(PART_TRACE_ID) | PART_BIT(PART_TRACE_FIRST_ROW),
    PART_SPAN_BITS = PART_BIT(PART_OFFSET) | PART_BIT(PART_BLOCKS),
};

/* Below: after part_need of the section. */
#define PART_COLUMN(part, section, type) ((const type *)(const void *)(part)->sections[section].p)
struct part_table part_table(const struct part *p, enum part_section section);
static inline struct str part_table_get(const struct part_table *t, uint32_t id)
{
    return str_make(t->bytes + t->offsets[id], t->offsets[id + 1] - t->offsets[id]);
}
/* Binary search in a sorted table; UINT32_MAX when absent. */
uint32_t part_table_find(const struct part_table *t, struct str s);

uint32_t part_find_trace(const struct part *p, struct trace_id id); /* UINT32_MAX when absent */
uint32_t part_trace_of_row(const struct part *p, uint32_t row);
/* First row of the trace behind: the end of this one. */
uint32_t part_trace_end(const struct part *p, uint32_t trace);
uint32_t part_block_of_row(const struct part *p, uint32_t row);

/* Unpacks a block into out (raw_bytes of room). ERR_CORRUPT when damaged. */
struct ZSTD_DCtx_s;
int part_unpack(struct part *p, uint32_t block, struct ZSTD_DCtx_s *zstd, char *out,
                struct err *err);

#endif
