/* skeleton.c - the answer is sized first, its columns are laid out in it, then one pass over the spans fills them:
 * a span is a few cache lines, and reading each once is what counts. */
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

/* Places in the answer. */
struct columns {
    double *start, *duration;
    uint32_t *parent, *name, *service;
    uint16_t *flags;
    uint8_t *id;
    uint32_t *event_row, *event_name;
    double *event_time;
};

struct skeleton {
    const struct span *spans;
    const struct tree *tree;
    struct buf *out;
    size_t start; /* of the skeleton in out: sections are aligned from here */
    uint64_t start_ns, end_ns;
    uint32_t events;
    struct intern strings;
    uint32_t *name, *service, *event_name; /* string numbers, in the order of rows */
    struct columns columns;
};

static const struct span *row_span(const struct skeleton *s, uint32_t row)
{
    return &s->spans[s->tree->span[row]];
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

/* The next n bytes of the answer, from a multiple of 8 on. The room is there. */
static void *section(struct skeleton *s, size_t n)
{
    size_t pad = (8 - (s->out->n - s->start) % 8) % 8;
    unsigned char *at = s->out->p + s->out->n;
    memset(at, 0, pad);
    s->out->n += pad + n;
    return at + pad;
}

static bool make_room(struct skeleton *s)
{
    const size_t row_bytes =
        2 * sizeof(double) + 3 * sizeof(uint32_t) + sizeof(uint16_t) + SPAN_ID_BYTES;
    const size_t event_bytes = sizeof(double) + 2 * sizeof(uint32_t);
    size_t n = SKELETON_HEADER_BYTES + s->strings.bytes + s->tree->count * row_bytes +
               s->events * event_bytes + ((size_t)s->strings.count + 1) * sizeof(uint32_t);
    return buf_reserve(s->out, n + 12 * 8) != NULL; /* each section may need padding */
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
    char *bytes = section(s, s->strings.bytes);
    for (uint32_t i = 0; i < s->strings.count; i++) {
        struct str string = s->strings.strings[i];
        offsets[i] = at;
        if (string.n)
            memcpy(bytes + at, string.p, string.n);
        at += (uint32_t)string.n;
    }
    offsets[s->strings.count] = at;
}

/* In the order in which they are documented. */
static void lay_out(struct skeleton *s)
{
    struct columns *c = &s->columns;
    size_t n = s->tree->count, e = s->events;
    c->start = section(s, n * sizeof *c->start);
    c->duration = section(s, n * sizeof *c->duration);
    c->parent = section(s, n * sizeof *c->parent);
    c->name = section(s, n * sizeof *c->name);
    c->service = section(s, n * sizeof *c->service);
    c->flags = section(s, n * sizeof *c->flags);
    c->id = section(s, n * SPAN_ID_BYTES);
    c->event_row = section(s, e * sizeof *c->event_row);
    c->event_time = section(s, e * sizeof *c->event_time);
    c->event_name = section(s, e * sizeof *c->event_name);
}

static uint16_t span_flags(const struct span *span)
{
    return (uint16_t)(((unsigned)span->kind & 7) | ((unsigned)span->status_code & 3) << 3 |
                      (span->link_count ? SKELETON_HAS_LINKS : 0) |
                      (span->attrs.count ? SKELETON_HAS_ATTRS : 0) |
                      (span->end_ns < span->start_ns ? SKELETON_END_BEFORE_START : 0));
}

static void fill(struct skeleton *s)
{
    const struct columns *c = &s->columns;
    uint32_t event = 0;
    for (uint32_t row = 0; row < s->tree->count; row++) {
        const struct span *span = row_span(s, row);
        c->start[row] = (double)(span->start_ns - s->start_ns);
        c->duration[row] = (double)span_duration_ns(span);
        c->flags[row] = span_flags(span);
        memcpy(c->id + (size_t)row * SPAN_ID_BYTES, span->span_id.bytes, SPAN_ID_BYTES);
        for (uint32_t i = 0; i < span->event_count; i++, event++) {
            c->event_row[event] = row;
            /* an event may lie before the trace: the difference is signed */
            c->event_time[event] = (double)(int64_t)(span->events[i].time_ns - s->start_ns);
        }
    }
}

static void copy(uint32_t *to, const uint32_t *from, size_t count)
{
    if (count)
        memcpy(to, from, count * sizeof *to);
}

int skeleton_write(const struct span *spans, const struct tree *tree, struct arena *arena,
                   struct buf *out)
{
    struct skeleton s = {.spans = spans, .tree = tree, .out = out, .start = out->n};
    measure(&s);
    if (!intern_strings(&s, arena) || !make_room(&s))
        return ERR_NOMEM;
    write_header(&s);
    write_strings(&s);
    lay_out(&s);
    fill(&s);
    copy(s.columns.parent, tree->parent, tree->count);
    copy(s.columns.name, s.name, tree->count);
    copy(s.columns.service, s.service, tree->count);
    copy(s.columns.event_name, s.event_name, s.events);
    return 0;
}
