/* walk.c - three nested cursors over length-delimited fields. */
#include "store/walk.h"

#include "base/err.h"

/* Field numbers of trace.proto. */
enum { REQUEST_RESOURCE_SPANS = 1, RESOURCE_SPANS_SCOPE_SPANS = 2, SCOPE_SPANS_SPANS = 2 };
enum {
    SPAN_TRACE_ID = 1,
    SPAN_SPAN_ID = 2,
    SPAN_PARENT_SPAN_ID = 4,
    SPAN_NAME = 5,
    SPAN_KIND = 6,
    SPAN_START = 7,
    SPAN_END = 8,
    SPAN_STATUS = 15,
    STATUS_CODE = 3,
};
enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_GROUP = 3, WIRE_GROUP_END = 4, WIRE_FIXED32 = 5 };
enum { GROUP_DEPTH_MAX = 32 };

struct field_value {
    uint32_t number, type;
    uint64_t integer;   /* varint and fixed */
    struct str bytes;   /* length-delimited */
    const char *whole;  /* where the field's tag starts */
};

static bool read_varint(struct str *in, uint64_t *ret)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && in->n; shift += 7) {
        unsigned char c = (unsigned char)*in->p;
        in->p++;
        in->n--;
        v |= (uint64_t)(c & 0x7f) << shift;
        if (c < 0x80) {
            *ret = v;
            return true;
        }
    }
    return false;
}

static bool read_fixed(struct str *in, size_t n, uint64_t *ret)
{
    if (in->n < n)
        return false;
    *ret = 0;
    memcpy(ret, in->p, n);
    *in = str_from(*in, n);
    return true;
}

static bool read_bytes(struct str *in, struct str *ret)
{
    uint64_t n;
    if (!read_varint(in, &n) || n > in->n)
        return false;
    *ret = str_make(in->p, n);
    in->p += n;
    in->n -= n;
    return true;
}

static bool read_tag(struct str *in, struct field_value *f)
{
    uint64_t tag;
    f->whole = in->p;
    if (!read_varint(in, &tag) || tag > UINT32_MAX || tag >> 3 == 0)
        return false;
    f->number = (uint32_t)(tag >> 3);
    f->type = (uint32_t)(tag & 7);
    return true;
}

static bool read_scalar(struct str *in, struct field_value *f)
{
    switch (f->type) {
    case WIRE_VARINT: return read_varint(in, &f->integer);
    case WIRE_FIXED64: return read_fixed(in, 8, &f->integer);
    case WIRE_FIXED32: return read_fixed(in, 4, &f->integer);
    case WIRE_BYTES: return read_bytes(in, &f->bytes);
    default: return false;
    }
}

/* An unknown group: everything up to its end, groups inside it included. */
static bool skip_group(struct str *in, uint32_t number)
{
    uint32_t open[GROUP_DEPTH_MAX] = {number};
    unsigned depth = 1;
    struct field_value f = {0};
    while (depth) {
        if (!read_tag(in, &f))
            return false;
        if (f.type == WIRE_GROUP) {
            if (depth == GROUP_DEPTH_MAX)
                return false;
            open[depth++] = f.number;
        } else if (f.type == WIRE_GROUP_END) {
            if (open[--depth] != f.number)
                return false;
        } else if (!read_scalar(in, &f)) {
            return false;
        }
    }
    return true;
}

static bool read_field(struct str *in, struct field_value *f)
{
    if (!read_tag(in, f))
        return false;
    return f->type == WIRE_GROUP ? skip_group(in, f->number) : read_scalar(in, f);
}

void walk_init(struct walk *w, struct str request)
{
    memset(w, 0, sizeof *w);
    w->request = request;
    buf_init(&w->resource, 0);
    buf_init(&w->scope, 0);
}

void walk_release(struct walk *w)
{
    buf_release(&w->resource);
    buf_release(&w->scope);
}

/* Collects the fields of a message that are not `skip`, in their order: what the spans below it share. */
static int collect(struct str message, uint32_t skip, struct buf *out)
{
    struct field_value f;
    buf_clear(out);
    while (message.n) {
        if (!read_field(&message, &f))
            return ERR_INVALID;
        if (f.number != skip || f.type != WIRE_BYTES)
            buf_put(out, f.whole, (size_t)(message.p - f.whole));
    }
    return out->failed ? ERR_NOMEM : 0;
}

static int next_resource_spans(struct walk *w)
{
    struct field_value f;
    while (w->request.n) {
        if (!read_field(&w->request, &f))
            return ERR_INVALID;
        if (f.number != REQUEST_RESOURCE_SPANS || f.type != WIRE_BYTES)
            continue;
        w->resource_spans = f.bytes;
        w->resource_changed = true;
        TRY(collect(f.bytes, RESOURCE_SPANS_SCOPE_SPANS, &w->resource));
        return 1;
    }
    return 0;
}

static int next_scope_spans(struct walk *w)
{
    struct field_value f;
    while (w->resource_spans.n) {
        if (!read_field(&w->resource_spans, &f))
            return ERR_INVALID;
        if (f.number != RESOURCE_SPANS_SCOPE_SPANS || f.type != WIRE_BYTES)
            continue;
        w->scope_spans = f.bytes;
        w->scope_changed = true;
        TRY(collect(f.bytes, SCOPE_SPANS_SPANS, &w->scope));
        return 1;
    }
    return 0;
}

static int read_status(struct str message, uint64_t *code)
{
    struct field_value f;
    while (message.n) {
        if (!read_field(&message, &f))
            return ERR_INVALID;
        if (f.number == STATUS_CODE && f.type == WIRE_VARINT)
            *code = f.integer;
    }
    return 0;
}

static void read_id(struct str bytes, void *id, size_t n, bool *ok)
{
    *ok = bytes.n == n;
    if (*ok)
        memcpy(id, bytes.p, n);
}

/* The fields of a Span that rows are made of. *ok is false for a span that the decoder refuses. */
static int read_span(struct str message, struct walk_span *s, bool *ok)
{
    bool trace_ok = false, span_ok = false, parent_ok = true;
    struct field_value f;
    *s = (struct walk_span){.bytes = message};
    while (message.n) {
        if (!read_field(&message, &f))
            return ERR_INVALID;
        switch (f.number << 3 | f.type) {
        case SPAN_TRACE_ID << 3 | WIRE_BYTES:
            read_id(f.bytes, &s->trace_id, TRACE_ID_BYTES, &trace_ok);
            break;
        case SPAN_SPAN_ID << 3 | WIRE_BYTES:
            read_id(f.bytes, &s->span_id, SPAN_ID_BYTES, &span_ok);
            break;
        case SPAN_PARENT_SPAN_ID << 3 | WIRE_BYTES:
            s->parent_span_id = (struct span_id){{0}};
            read_id(f.bytes, &s->parent_span_id, SPAN_ID_BYTES, &parent_ok);
            break;
        case SPAN_NAME << 3 | WIRE_BYTES: s->name = f.bytes; break;
        case SPAN_KIND << 3 | WIRE_VARINT: s->kind = f.integer; break;
        case SPAN_START << 3 | WIRE_FIXED64: s->start_ns = f.integer; break;
        case SPAN_END << 3 | WIRE_FIXED64: s->end_ns = f.integer; break;
        case SPAN_STATUS << 3 | WIRE_BYTES: TRY(read_status(f.bytes, &s->status)); break;
        default: break;
        }
    }
    *ok = trace_ok && span_ok && !trace_id_is_zero(s->trace_id) && !span_id_is_zero(s->span_id);
    return 0;
}

/* 1 = *ret is a span, 0 = the current ScopeSpans has no more. */
static int next_span(struct walk *w, struct walk_span *ret)
{
    struct field_value f;
    bool ok;
    while (w->scope_spans.n) {
        if (!read_field(&w->scope_spans, &f))
            return ERR_INVALID;
        if (f.number != SCOPE_SPANS_SPANS || f.type != WIRE_BYTES)
            continue;
        TRY(read_span(f.bytes, ret, &ok));
        if (ok)
            return 1;
        w->rejected++;
    }
    return 0;
}

int walk_next(struct walk *w, struct walk_span *ret)
{
    int rc;
    for (;;) {
        rc = next_span(w, ret);
        if (rc)
            return rc;
        rc = next_scope_spans(w);
        if (rc < 0)
            return rc;
        if (rc)
            continue;
        rc = next_resource_spans(w);
        if (rc <= 0)
            return rc;
    }
}

static size_t varint_bytes(uint64_t v)
{
    size_t n = 1;
    while (v >= 0x80) {
        v >>= 7;
        n++;
    }
    return n;
}

static void put_varint(struct buf *out, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        buf_put_byte(out, (unsigned char)(v | 0x80));
    buf_put_byte(out, (unsigned char)v);
}

/* Tag and length of a sub-message; field numbers here are below 16. */
static void put_head(struct buf *out, uint32_t number, size_t n)
{
    buf_put_byte(out, (unsigned char)(number << 3 | WIRE_BYTES));
    put_varint(out, n);
}

void walk_wrap(struct str resource, struct str scope, struct str span, struct buf *out)
{
    static const char placeholder[] = "\x0a\x10"
                                      "0123456789abcdef"
                                      "\x12\x08"
                                      "01234567";
    size_t scope_spans, resource_spans;
    if (!span.n)
        span = str_make(placeholder, sizeof placeholder - 1);
    scope_spans = scope.n + 1 + varint_bytes(span.n) + span.n;
    resource_spans = resource.n + 1 + varint_bytes(scope_spans) + scope_spans;
    put_head(out, REQUEST_RESOURCE_SPANS, resource_spans);
    buf_put_str(out, resource);
    put_head(out, RESOURCE_SPANS_SCOPE_SPANS, scope_spans);
    buf_put_str(out, scope);
    put_head(out, SCOPE_SPANS_SPANS, span.n);
    buf_put_str(out, span);
}
