/* ingest.c - one request on its way from bytes to an answer, for all dialects of ingest.h.
 *
 * The body is decoded on the connection's loop into the exchange's memory and handed to the engine; the reply goes out when
 * the engine says that the spans are kept. A malformed request is never worth a retry (400, INVALID_ARGUMENT), a busy or
 * full server always is (503, UNAVAILABLE). */
#include "api/ingest.h"

#include <stdio.h>

#include "wire/otlp_pb.h"

/* Lives in its exchange's memory. */
struct ingest_call {
    struct http_exchange *x;
    const struct ingest_encoding *encoding;
    bool grpc;
    struct span_batch batch;
};

uint32_t ingest_retry_delay_ms(int code)
{
    return err_http_status(code) == 503 ? 1000 : 0;
}

static void reply_grpc_error(struct http_exchange *x, int code, struct str text)
{
    struct buf details;
    buf_init(&details, 0);
    otlp_pb_encode_status(err_grpc_status(code), text, ingest_retry_delay_ms(code), &details);
    grpc_reply_error(x, err_grpc_status(code), text, buf_str(&details));
    buf_release(&details);
}

static void reply_error(struct http_exchange *x, const struct ingest_encoding *encoding, bool grpc,
                        int code, struct str text)
{
    static const struct http_header retry_after = {STR_INIT("retry-after"), STR_INIT("1")};
    const struct ingest_words *words = encoding->words;
    struct http_reply reply = {.status = err_http_status(code),
                               .content_type = "text/plain; charset=utf-8",
                               .headers = &retry_after,
                               .header_count = ingest_retry_delay_ms(code) > 0};
    if (grpc) {
        reply_grpc_error(x, code, text);
        return;
    }
    buf_init(&reply.body, 0);
    if (words) {
        reply.content_type = words->content_type;
        words->put_error(code, text, &reply.body);
    } else {
        buf_put_str(&reply.body, text);
        buf_put_byte(&reply.body, '\n');
    }
    http_reply(x, &reply);
}

/* err may have no words. */
static void reply_failure(const struct ingest_call *c, int code, const struct err *err)
{
    reply_error(c->x, c->encoding, c->grpc, code,
                str_of(err && err->msg[0] ? err->msg : err_text(code)));
}

static void reply_kept(const struct ingest_call *c)
{
    const struct ingest_words *words = c->encoding->words;
    struct http_reply reply = {.status = 202};
    buf_init(&reply.body, 0);
    if (words) {
        reply.status = 200;
        reply.content_type = words->content_type;
        words->put_success(&c->batch, &reply.body);
    }
    if (c->grpc)
        grpc_reply(c->x, &reply.body);
    else
        http_reply(c->x, &reply);
}

/* From the engine's thread. */
static void kept(int result, const struct err *err, void *user)
{
    const struct ingest_call *c = user;
    if (result == 0)
        reply_kept(c);
    else
        reply_failure(c, result, err);
}

/* Bytes that are not what they should be: says what is wrong and where. */
static void reply_malformed(const struct ingest_call *c, int code, const struct err *err)
{
    char text[ERR_MSG_BYTES + 64];
    if (code != ERR_INVALID) {
        reply_failure(c, code, err);
        return;
    }
    snprintf(text, sizeof text, "malformed %s at byte offset %zu: %s", c->encoding->name,
             err->offset, err->msg);
    reply_error(c->x, c->encoding, c->grpc, code, str_of(text));
}

/* Spans without ids are left out. A dialect that has no word for a part of a request refuses one that has no others. */
static int decode(struct ingest_call *c, struct str bytes, struct api *api, struct err *err)
{
    struct arena *arena = http_exchange_arena(c->x);
    int code = c->encoding->decode(bytes, arena, &c->batch, err);
    if (code == ERR_NOMEM && arena_failed(arena)) /* nor would it fit the next time */
        return err_set(err, ERR_TOO_LARGE, "the spans take more memory than the server may use");
    TRY(code);
    atomic_fetch_add_explicit(&api->spans_rejected, c->batch.rejected_spans, memory_order_relaxed);
    if (!c->encoding->words && c->batch.span_count == 0 && c->batch.rejected_spans)
        return err_set(err, ERR_INVALID, "%s", c->batch.rejected_reason);
    return 0;
}

static void ingest(struct http_exchange *x, const struct http_request *req, struct api *api,
                   const struct ingest_encoding *encoding, bool grpc)
{
    struct ingest_call *c = arena_calloc(http_exchange_arena(x), 1, sizeof *c);
    struct err err = {0};
    bool whole;
    int code;
    if (!c) {
        reply_error(x, encoding, grpc, ERR_NOMEM, str_of(err_text(ERR_NOMEM)));
        return;
    }
    *c = (struct ingest_call){.x = x, .encoding = encoding, .grpc = grpc};
    code = decode(c, req->body, api, &err);
    if (code < 0) {
        reply_malformed(c, code, &err);
        return;
    }
    if (c->batch.span_count == 0) {
        reply_kept(c);
        return;
    }
    whole = encoding->verbatim && c->batch.rejected_spans == 0;
    struct engine_append append = {.bytes = whole ? req->body : (struct str){NULL, 0},
                                   .batch = &c->batch,
                                   .done = kept,
                                   .user = c};
    code = engine_append(api->engine, &append, &err);
    if (code < 0)
        reply_failure(c, code, &err);
}

void ingest_grpc(struct http_exchange *x, const struct http_request *req, struct api *api,
                 const struct ingest_encoding *encoding)
{
    ingest(x, req, api, encoding, true);
}

const struct ingest_encoding *ingest_encoding_of(const struct http_request *req,
                                                 const struct ingest_encoding *encodings)
{
    for (const struct ingest_encoding *e = encodings; e->decode; e++) {
        if (e->media_type.n == 0 || http_content_type_is(req, e->media_type))
            return e;
    }
    return NULL;
}

void ingest_http(struct http_exchange *x, const struct http_request *req, struct api *api,
                 const struct ingest_encoding *encodings)
{
    const struct ingest_encoding *encoding = ingest_encoding_of(req, encodings);
    char supported[256] = "";
    size_t n = 0;
    if (encoding) {
        ingest(x, req, api, encoding, false);
        return;
    }
    for (const struct ingest_encoding *e = encodings; e->decode && n < sizeof supported; e++)
        n += (size_t)snprintf(supported + n, sizeof supported - n, "%s%.*s", n ? ", " : "",
                              STR_ARG(e->media_type));
    http_reply_text(x, 415, "415 unsupported media type, supported: [%s]", supported);
}
