/* ingest.c - one request on its way from bytes to an answer, for all dialects of ingest.h. */
#include "api/ingest.h"

#include <stdio.h>

#include "wire/otlp_pb.h"

enum { RETRY_DELAY_MS = 1000 };

/* Lives in its exchange's memory. */
struct ingest_call {
    struct http_exchange *x;
    bool grpc;
    struct span_batch batch;
};

static void reply_grpc_error(struct http_exchange *x, int code, struct str text)
{
    struct buf details;
    buf_init(&details, 0);
    otlp_pb_encode_status(err_grpc_status(code), text,
                          err_http_status(code) == 503 ? RETRY_DELAY_MS : 0, &details);
    grpc_reply_error(x, err_grpc_status(code), text, buf_str(&details));
    buf_release(&details);
}

static void reply_error(struct http_exchange *x, bool grpc, int code, struct str text)
{
    static const struct http_header retry_after = {STR_INIT("retry-after"), STR_INIT("1")};
    int status = err_http_status(code);
    struct http_reply reply = {.status = status,
                               .content_type = "text/plain; charset=utf-8",
                               .headers = &retry_after,
                               .header_count = status == 503};
    if (grpc) {
        reply_grpc_error(x, code, text);
        return;
    }
    buf_init(&reply.body, 0);
    buf_put_str(&reply.body, text);
    buf_put_byte(&reply.body, '\n');
    http_reply(x, &reply);
}

static void reply_kept(struct http_exchange *x, bool grpc)
{
    struct http_reply reply = {.status = 202};
    buf_init(&reply.body, 0);
    if (grpc)
        grpc_reply(x, &reply.body);
    else
        http_reply(x, &reply);
}

/* From the engine's thread. */
static void kept(int result, const struct err *err, void *user)
{
    struct ingest_call *c = user;
    if (result == 0)
        reply_kept(c->x, c->grpc);
    else
        reply_error(c->x, c->grpc, result,
                    err && err->msg[0] ? str_of(err->msg) : str_of(err_text(result)));
}

static void reply_malformed(struct http_exchange *x, bool grpc, const char *name, int code,
                            const struct err *err)
{
    char text[ERR_MSG_BYTES + 64];
    if (code == ERR_INVALID)
        snprintf(text, sizeof text, "malformed %s at byte offset %zu: %s", name, err->offset,
                 err->msg);
    else
        snprintf(text, sizeof text, "%s", err->msg[0] ? err->msg : err_text(code));
    reply_error(x, grpc, code, str_of(text));
}

/* All spans are refused when none has ids: these dialects have no word for a part. */
static int check_rejected(const struct span_batch *batch, struct err *err)
{
    if (batch->span_count == 0 && batch->rejected_spans)
        return err_set(err, ERR_INVALID, "%s", batch->rejected_reason);
    return 0;
}

static void ingest(struct http_exchange *x, const struct http_request *req, struct api *api,
                   const struct ingest_encoding *encoding, bool grpc)
{
    struct arena *arena = http_exchange_arena(x);
    struct err err = {0};
    struct ingest_call *c = arena_calloc(arena, 1, sizeof *c);
    int code;
    if (!c) {
        reply_error(x, grpc, ERR_NOMEM, str_of(err_text(ERR_NOMEM)));
        return;
    }
    c->x = x;
    c->grpc = grpc;
    code = encoding->decode(req->body, arena, &c->batch, &err);
    if (code == ERR_NOMEM && arena_failed(arena)) /* nor would it fit the next time */
        code = err_set(&err, ERR_TOO_LARGE, "the spans take more memory than the server may use");
    if (code == 0) {
        atomic_fetch_add_explicit(&api->spans_rejected, c->batch.rejected_spans,
                                  memory_order_relaxed);
        code = check_rejected(&c->batch, &err);
    }
    if (code < 0) {
        reply_malformed(x, grpc, encoding->name, code, &err);
        return;
    }
    if (c->batch.span_count == 0) {
        reply_kept(x, grpc);
        return;
    }
    struct engine_append append = {.batch = &c->batch, .done = kept, .user = c};
    code = engine_append(api->engine, &append, &err);
    if (code < 0)
        reply_error(x, grpc, code, err.msg[0] ? str_of(err.msg) : str_of(err_text(code)));
}

void ingest_grpc(struct http_exchange *x, const struct http_request *req, struct api *api,
                 const struct ingest_encoding *encoding)
{
    ingest(x, req, api, encoding, true);
}

void ingest_http(struct http_exchange *x, const struct http_request *req, struct api *api,
                 const struct ingest_encoding *encodings)
{
    for (const struct ingest_encoding *e = encodings; e->decode; e++) {
        if (e->media_type.n == 0 || http_content_type_is(req, e->media_type)) {
            ingest(x, req, api, e, false);
            return;
        }
    }
    http_reply_text(x, 415, "415 unsupported media type");
}
