/* walk.c - three nested cursors over length-delimited fields. */
#include "store/walk.h"

#include "base/err.h"
#include "wire/pb.h"

/* Field numbers of trace.proto. */
enum {
    RESOURCE_SPANS = PB_TAG(1, PB_LEN), /* of the request */
    SCOPE_SPANS = PB_TAG(2, PB_LEN),    /* of ResourceSpans */
    SPANS = PB_TAG(2, PB_LEN),          /* of ScopeSpans */
};

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
    struct pb_reader r = pb_reader_of(message);
    const uint8_t *field = r.p;
    buf_clear(out);
    while (pb_next(&r)) {
        pb_skip(&r);
        if (r.tag != skip && !r.bad_at)
            buf_put(out, field, (size_t)(r.p - field));
        field = r.p;
    }
    if (r.bad_at)
        return ERR_INVALID;
    return out->failed ? ERR_NOMEM : 0;
}

/* The next field with this tag, cut off from *rest. 0 when there is none. */
static int next_message(struct str *rest, uint32_t tag, struct str *ret)
{
    struct pb_reader r = pb_reader_of(*rest);
    while (pb_next(&r)) {
        if (r.tag != tag) {
            pb_skip(&r);
            continue;
        }
        *ret = pb_bytes(&r);
        if (r.bad_at)
            return ERR_INVALID;
        *rest = str_make(r.p, (size_t)(r.end - r.p));
        return 1;
    }
    *rest = (struct str){NULL, 0};
    return r.bad_at ? ERR_INVALID : 0;
}

static int next_resource_spans(struct walk *w)
{
    int rc = next_message(&w->request, RESOURCE_SPANS, &w->resource_spans);
    if (rc <= 0)
        return rc;
    w->resource_changed = true;
    TRY(collect(w->resource_spans, SCOPE_SPANS, &w->resource));
    return 1;
}

static int next_scope_spans(struct walk *w)
{
    int rc = next_message(&w->resource_spans, SCOPE_SPANS, &w->scope_spans);
    if (rc <= 0)
        return rc;
    w->scope_changed = true;
    TRY(collect(w->scope_spans, SPANS, &w->scope));
    return 1;
}

static void read_status(struct str message, struct pb_reader *outer, uint8_t *code)
{
    struct pb_reader r = pb_reader_of(message);
    uint64_t n;
    while (pb_next(&r)) {
        if (r.tag != PB_TAG(3, PB_VARINT)) {
            pb_skip(&r);
            continue;
        }
        n = pb_varint(&r);
        *code = n <= STATUS_ERROR ? (uint8_t)n : STATUS_UNSET;
    }
    if (r.bad_at)
        pb_fail(outer, r.bad_at);
}

static bool read_id(struct str bytes, void *id, size_t n)
{
    memset(id, 0, n);
    if (bytes.n != n)
        return bytes.n == 0;
    memcpy(id, bytes.p, n);
    return true;
}

/* The fields of a Span that rows are made of. *ok is false for a span that the decoder refuses. */
static int read_span(struct str message, struct walk_span *s, bool *ok)
{
    struct pb_reader r = pb_reader_of(message);
    uint64_t kind;
    *s = (struct walk_span){.bytes = message};
    *ok = true;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): *ok &= read_id(pb_bytes(&r), &s->trace_id, TRACE_ID_BYTES); break;
        case PB_TAG(2, PB_LEN): *ok &= read_id(pb_bytes(&r), &s->span_id, SPAN_ID_BYTES); break;
        case PB_TAG(4, PB_LEN):
            *ok &= read_id(pb_bytes(&r), &s->parent_span_id, SPAN_ID_BYTES);
            break;
        case PB_TAG(5, PB_LEN): s->name = pb_bytes(&r); break;
        case PB_TAG(6, PB_VARINT):
            kind = pb_varint(&r);
            s->kind = kind <= SPAN_KIND_CONSUMER ? (uint8_t)kind : SPAN_KIND_UNSPECIFIED;
            break;
        case PB_TAG(7, PB_I64): s->start_ns = pb_fixed64(&r); break;
        case PB_TAG(8, PB_I64): s->end_ns = pb_fixed64(&r); break;
        case PB_TAG(9, PB_LEN): /* attributes: what most of a span is */
        case PB_TAG(11, PB_LEN): pb_bytes(&r); break;
        case PB_TAG(15, PB_LEN): read_status(pb_bytes(&r), &r, &s->status); break;
        default: pb_skip(&r); break;
        }
    }
    *ok &= !trace_id_is_zero(s->trace_id) && !span_id_is_zero(s->span_id);
    return r.bad_at ? ERR_INVALID : 0;
}

/* 1 = *ret is a span, 0 = the current ScopeSpans has no more. */
static int next_span(struct walk *w, struct walk_span *ret)
{
    struct str message;
    bool ok;
    int rc;
    while ((rc = next_message(&w->scope_spans, SPANS, &message)) > 0) {
        TRY(read_span(message, ret, &ok));
        if (ok)
            return 1;
        w->rejected++;
    }
    return rc;
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

void walk_wrap(struct str resource, struct str scope, struct str span, struct buf *out)
{
    static const char placeholder[] = "\x0a\x10"
                                      "0123456789abcdef"
                                      "\x12\x08"
                                      "01234567";
    size_t scope_spans, resource_spans;
    if (!span.n)
        span = str_make(placeholder, sizeof placeholder - 1);
    scope_spans = scope.n + 1 + pb_varint_size(span.n) + span.n;
    resource_spans = resource.n + 1 + pb_varint_size(scope_spans) + scope_spans;
    pb_put_varint(out, RESOURCE_SPANS, resource_spans);
    buf_put_str(out, resource);
    pb_put_varint(out, SCOPE_SPANS, scope_spans);
    buf_put_str(out, scope);
    pb_put_bytes(out, SPANS, span);
}
