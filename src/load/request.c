/* request.c - see request.h. */
#include "load/request.h"

#include <libdeflate.h>
#include <stdlib.h>

#include "wire/otlp_json.h"
#include "wire/otlp_pb.h"

enum { GZIP_LEVEL = 1, FRAME_BYTES = 5 };

void load_request_init(struct load_request *r)
{
    *r = (struct load_request){.spans = 0};
    buf_init(&r->body, 0);
}

void load_request_release(struct load_request *r)
{
    buf_release(&r->body);
    free(r->traces);
    r->traces = NULL;
}

int load_encoder_init(struct load_encoder *e, enum load_protocol protocol, bool gzip, bool framed,
                      bool traces)
{
    *e = (struct load_encoder){
        .protocol = protocol, .gzip = gzip, .framed = framed, .traces = traces};
    buf_init(&e->plain, 0);
    if (gzip)
        e->compressor = libdeflate_alloc_compressor(GZIP_LEVEL);
    return gzip && !e->compressor ? ERR_NOMEM : 0;
}

void load_encoder_release(struct load_encoder *e)
{
    if (e->compressor)
        libdeflate_free_compressor(e->compressor);
    buf_release(&e->plain);
}

static int by_id(const void *a, const void *b)
{
    const struct load_trace_count *x = a, *y = b;
    return memcmp(x->id.bytes, y->id.bytes, TRACE_ID_BYTES);
}

static int count_traces(const struct span *spans, size_t count, struct load_request *r)
{
    size_t n = 0;
    if (count > r->trace_cap) {
        struct load_trace_count *grown = realloc(r->traces, count * sizeof *grown);
        if (!grown)
            return ERR_NOMEM;
        r->traces = grown;
        r->trace_cap = count;
    }
    for (size_t i = 0; i < count; i++)
        r->traces[i] = (struct load_trace_count){spans[i].trace_id, 1};
    qsort(r->traces, count, sizeof *r->traces, by_id);
    for (size_t i = 0; i < count; i++) {
        if (n && trace_id_eq(r->traces[n - 1].id, r->traces[i].id))
            r->traces[n - 1].spans++;
        else
            r->traces[n++] = r->traces[i];
    }
    r->trace_count = n;
    return 0;
}

static void write_message(enum load_protocol protocol, const struct span *spans, size_t count,
                          struct buf *out)
{
    struct json_writer w;
    if (protocol != LOAD_HTTP_JSON) {
        otlp_pb_encode(spans, count, out);
        return;
    }
    json_init(&w, out, 0);
    otlp_json_write(&w, spans, count, 0);
}

static void compress(struct load_encoder *e, struct buf *out)
{
    size_t room = libdeflate_gzip_compress_bound(e->compressor, e->plain.n), n;
    void *p = buf_reserve(out, room);
    if (!p || e->plain.failed) {
        out->failed = true;
        return;
    }
    n = libdeflate_gzip_compress(e->compressor, e->plain.p, e->plain.n, p, room);
    out->failed = n == 0;
    out->n += n;
}

int load_encode(struct load_encoder *e, const struct span *spans, size_t count,
                struct load_request *ret)
{
    static const unsigned char no_frame[FRAME_BYTES];
    struct buf *body = &ret->body;
    buf_clear(body);
    ret->spans = count;
    if (e->framed)
        buf_put(body, no_frame, sizeof no_frame);
    if (e->gzip) {
        buf_clear(&e->plain);
        write_message(e->protocol, spans, count, &e->plain);
        compress(e, body);
    } else {
        write_message(e->protocol, spans, count, body);
    }
    if (body->failed || body->n > UINT32_MAX)
        return ERR_NOMEM;
    if (e->framed) {
        size_t n = body->n - FRAME_BYTES;
        body->p[0] = e->gzip;
        for (int i = 0; i < 4; i++)
            body->p[1 + i] = (unsigned char)(n >> (24 - 8 * i));
    }
    return e->traces ? count_traces(spans, count, ret) : 0;
}
