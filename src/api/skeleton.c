/* skeleton.c - one pass over the rows per column; each is reserved in the answer and filled in place. */
#include "api/skeleton.h"

#include "api/intern.h"
#include "base/err.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the skeleton is written as it stands in memory");

struct header {
    char magic[4];
    uint16_t version, header_bytes;
    uint32_t rows, strings, string_bytes, events;
    uint64_t start_ns, end_ns;
    uint8_t trace_id[TRACE_ID_BYTES];
    uint32_t flags, spans;
};
_Static_assert(sizeof(struct header) == SKELETON_HEADER_BYTES, "64 bytes as documented");

struct skeleton {
    const struct span *spans;
    const struct tree *tree;
    struct buf *out;
    size_t start; /* of the skeleton in out: sections are aligned from here */
    uint64_t start_ns, end_ns;
    uint32_t events;
    struct intern strings;
    uint32_t *name, *service, *event_name; /* string numbers */
};

static const struct span *row_span(const struct skeleton *s, uint32_t row)
{
    return &s->spans[s->tree->span[row]];
}

/* Room for a section of n bytes at the next multiple of 8; NULL when the answer is full. */
static void *section(struct skeleton *s, size_t n)
{
    size_t pad = (8 - (s->out->n - s->start) % 8) % 8;
    unsigned char *at = buf_reserve(s->out, pad + n);
    if (!at)
        return NULL;
    memset(at, 0, pad);
    s->out->n += pad + n;
    return at + pad;
}

static void measure(struct skeleton *s)
{
    s->start_ns = UINT64_MAX;
    for (uint32_t row = 0; row < s->tree->count; row++) {
        const struct span *span = row_span(s, row);
        uint64_t end = span->end_ns > span->start_ns ? span->end_ns : span->start_ns;
        s->start_ns = span->start_ns < s->start_ns ? span->start_ns : s->start_ns;
        s->end_ns = end > s->end_ns ? end : s->end_ns;
        s->events += span->event_count;
    }
    if (s->tree->count == 0)
        s->start_ns = 0;
}

static bool intern_strings(struct skeleton *s, struct arena *arena)
{
    uint32_t event = 0;
    s->name = arena_alloc(arena, s->tree->count * sizeof *s->name);
    s->service = arena_alloc(arena, s->tree->count * sizeof *s->service);
    s->event_name = arena_alloc(arena, s->events * sizeof *s->event_name);
    if (!s->name || !s->service || !s->event_name)
        return false;
    intern_init(&s->strings, arena);
    for (uint32_t row = 0; row < s->tree->count; row++) {
        const struct span *span = row_span(s, row);
        s->name[row] = intern_add(&s->strings, span->name);
        s->service[row] = intern_add(&s->strings, span->resource->service_name);
        for (uint32_t i = 0; i < span->event_count; i++)
            s->event_name[event++] = intern_add(&s->strings, span->events[i].name);
    }
    return !arena_failed(arena) && s->strings.bytes <= UINT32_MAX;
}

static void write_header(struct skeleton *s)
{
    struct header h = {.magic = {'C', 'R', 'N', 'S'},
                       .version = SKELETON_VERSION,
                       .header_bytes = SKELETON_HEADER_BYTES,
                       .rows = s->tree->count,
                       .strings = s->strings.count,
                       .string_bytes = (uint32_t)s->strings.bytes,
                       .events = s->events,
                       .start_ns = s->start_ns,
                       .end_ns = s->end_ns,
                       .spans = s->tree->count};
    if (s->tree->count)
        memcpy(h.trace_id, s->spans[0].trace_id.bytes, sizeof h.trace_id);
    buf_put(s->out, &h, sizeof h);
}

static void write_strings(struct skeleton *s)
{
    uint32_t *offsets = section(s, ((size_t)s->strings.count + 1) * sizeof *offsets), at = 0;
    if (!offsets)
        return;
    for (uint32_t i = 0; i < s->strings.count; i++) {
        offsets[i] = at;
        at += (uint32_t)s->strings.strings[i].n;
    }
    offsets[s->strings.count] = at;
    char *bytes = section(s, at);
    for (uint32_t i = 0; bytes && i < s->strings.count; i++) {
        if (s->strings.strings[i].n)
            memcpy(bytes, s->strings.strings[i].p, s->strings.strings[i].n);
        bytes += s->strings.strings[i].n;
    }
}

static void write_times(struct skeleton *s)
{
    uint32_t n = s->tree->count;
    double *start = section(s, n * sizeof *start);
    for (uint32_t row = 0; start && row < n; row++)
        start[row] = (double)(row_span(s, row)->start_ns - s->start_ns);
    double *duration = section(s, n * sizeof *duration);
    for (uint32_t row = 0; duration && row < n; row++)
        duration[row] = (double)span_duration_ns(row_span(s, row));
}

static void write_column(struct skeleton *s, const uint32_t *column, uint32_t count)
{
    void *at = section(s, count * sizeof *column);
    if (at && count)
        memcpy(at, column, count * sizeof *column);
}

static uint16_t span_flags(const struct span *span)
{
    return (uint16_t)(((unsigned)span->kind & 7) | ((unsigned)span->status_code & 3) << 3 |
                      (span->link_count ? SKELETON_HAS_LINKS : 0) |
                      (span->attrs.count ? SKELETON_HAS_ATTRS : 0) |
                      (span->end_ns < span->start_ns ? SKELETON_END_BEFORE_START : 0));
}

static void write_flags_and_ids(struct skeleton *s)
{
    uint32_t n = s->tree->count;
    uint16_t *flags = section(s, n * sizeof *flags);
    for (uint32_t row = 0; flags && row < n; row++)
        flags[row] = span_flags(row_span(s, row));
    uint8_t *ids = section(s, (size_t)n * SPAN_ID_BYTES);
    for (uint32_t row = 0; ids && row < n; row++)
        memcpy(ids + (size_t)row * SPAN_ID_BYTES, row_span(s, row)->span_id.bytes, SPAN_ID_BYTES);
}

static void write_events(struct skeleton *s)
{
    uint32_t n = s->tree->count, event = 0;
    uint32_t *rows = section(s, s->events * sizeof *rows);
    for (uint32_t row = 0; rows && row < n; row++) {
        for (uint32_t i = 0; i < row_span(s, row)->event_count; i++)
            rows[event++] = row;
    }
    double *times = section(s, s->events * sizeof *times);
    event = 0;
    for (uint32_t row = 0; times && row < n; row++) {
        const struct span *span = row_span(s, row);
        /* an event may lie before the trace: the difference is signed */
        for (uint32_t i = 0; i < span->event_count; i++)
            times[event++] = (double)(int64_t)(span->events[i].time_ns - s->start_ns);
    }
    write_column(s, s->event_name, s->events);
}

int skeleton_write(const struct span *spans, const struct tree *tree, struct arena *arena,
                   struct buf *out)
{
    struct skeleton s = {.spans = spans, .tree = tree, .out = out, .start = out->n};
    measure(&s);
    if (!intern_strings(&s, arena))
        return ERR_NOMEM;
    write_header(&s);
    write_strings(&s);
    write_times(&s);
    write_column(&s, tree->parent, tree->count);
    write_column(&s, s.name, tree->count);
    write_column(&s, s.service, tree->count);
    write_flags_and_ids(&s);
    write_events(&s);
    return 0;
}
