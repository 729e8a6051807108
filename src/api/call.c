/* call.c - from a request to its reply on a query thread; the error shapes of the dialects. */
#include "api/call.h"

#include <malloc.h>

#include "base/clock.h"

enum { TRIM_BYTES_MIN = 64 << 20 };

static void write_v1_error(struct json_writer *w, int http_status, struct str message)
{
    json_object_begin(w);
    json_key(w, STR("data"));
    json_write_null(w);
    json_key(w, STR("total"));
    json_u64(w, 0);
    json_key(w, STR("limit"));
    json_u64(w, 0);
    json_key(w, STR("offset"));
    json_u64(w, 0);
    json_key(w, STR("errors"));
    json_array_begin(w);
    json_object_begin(w);
    json_key(w, STR("code"));
    json_i64(w, http_status);
    json_key(w, STR("msg"));
    json_str(w, message);
    json_object_end(w);
    json_array_end(w);
    json_object_end(w);
}

static void write_v3_error(struct json_writer *w, int http_status, struct str message)
{
    json_object_begin(w);
    json_key(w, STR("error"));
    json_object_begin(w);
    json_key(w, STR("httpCode"));
    json_i64(w, http_status);
    json_key(w, STR("message"));
    json_str(w, message);
    json_object_end(w);
    json_object_end(w);
}

static void write_text_error(struct json_writer *w, int http_status, struct str message)
{
    (void)http_status;
    buf_put_str(w->out, message);
}

/* Jaeger writes its errors' JSON as plain text; its clients parse it whatever the type says. */
const struct dialect dialect_jaeger_v1 = {"text/plain; charset=utf-8", write_v1_error};
const struct dialect dialect_jaeger_v3 = {"text/plain; charset=utf-8", write_v3_error};
const struct dialect dialect_native = {"application/json", write_v3_error};
const struct dialect dialect_zipkin = {"text/plain; charset=utf-8", write_text_error};
const struct dialect dialect_tempo = {"text/plain; charset=utf-8", write_text_error};

static void reply_error(struct http_exchange *x, const struct dialect *dialect, int code,
                        struct str message)
{
    static const struct http_header headers[] = {
        {STR_INIT("x-content-type-options"), STR_INIT("nosniff")},
        {STR_INIT("retry-after"), STR_INIT("1")},
    };
    int status = err_http_status(code);
    struct http_reply reply = {.status = status, .content_type = dialect->error_type};
    struct json_writer w;
    if (http_exchange_request(x)->grpc) {
        grpc_reply_error(x, err_grpc_status(code), message, STR(""));
        return;
    }
    buf_init(&reply.body, 0);
    json_init(&w, &reply.body, 0);
    dialect->write_error(&w, status, message);
    reply.headers = headers;
    reply.header_count = status == 503 ? 2 : 1;
    http_reply(x, &reply);
}

/* The run function's answer, or why there is none. */
static int run(struct call *c, struct err *err)
{
    size_t max = c->api->query_bytes_max;
    int code = c->run(c, err);
    if (code < 0 && code != ERR_NOMEM)
        return code;
    if (arena_failed(&c->arena))
        return err_set(err, ERR_TOO_LARGE, "the query needs more than %zu MiB of memory",
                       max >> 20);
    if (c->out.failed)
        return err_set(err, ERR_TOO_LARGE, "the answer is larger than %zu MiB; ask for less",
                       max >> 20);
    return code;
}

static bool client_is_gone(void *user)
{
    return http_exchange_cancelled(user);
}

/* The server's, or the client's when that is sooner. */
static uint64_t deadline_ns(const struct call *c)
{
    uint64_t ns = clock_monotonic_ns() + (uint64_t)c->api->query_timeout_ms * 1000000;
    return c->req->deadline_ns && c->req->deadline_ns < ns ? c->req->deadline_ns : ns;
}

static void reply_success(struct call *c)
{
    struct http_reply reply = {.status = c->status, .content_type = c->content_type};
    struct http_header warning = {STR("x-cairn-warning"), call_warning(c)};
    if (c->req->grpc) {
        if (warning.value.n)
            grpc_reply_header(c->x, warning.name, warning.value);
        grpc_reply_messages(c->x, &c->out);
        return;
    }
    if (warning.value.n) {
        reply.headers = &warning;
        reply.header_count = 1;
    }
    reply.body = c->out;
    http_reply(c->x, &reply);
}

static void work(struct http_exchange *x, void *user)
{
    struct call *c = user; /* in the exchange's memory: gone with the reply */
    const struct dialect *dialect = c->dialect;
    struct err err = {0};
    int code;
    arena_init(&c->arena, c->api->query_bytes_max);
    buf_init(&c->out, c->api->query_bytes_max);
    json_init(&c->json, &c->out, call_param_bool(c, STR("prettyPrint")) ? 4 : 0);
    c->query = (struct engine_query){.arena = &c->arena,
                                     .deadline_ns = deadline_ns(c),
                                     .is_cancelled = client_is_gone,
                                     .user = x};
    c->content_type = "application/json";
    c->status = 200;
    code = http_exchange_cancelled(x) ? err_set(&err, ERR_CANCELLED, "cancelled") : run(c, &err);
    call_arena_release(&c->arena);
    if (code < 0) {
        buf_release(&c->out);
        reply_error(x, dialect, code, err.msg[0] ? str_of(err.msg) : str_of(err_text(code)));
        return;
    }
    reply_success(c);
}

void call_start(struct http_exchange *x, struct api *api, const struct dialect *dialect,
                call_run_fn *run_fn)
{
    struct call *c = arena_calloc(http_exchange_arena(x), 1, sizeof *c);
    if (!c) {
        reply_error(x, dialect, ERR_NOMEM, STR("out of memory"));
        return;
    }
    c->api = api;
    c->x = x;
    c->req = http_exchange_request(x);
    c->dialect = dialect;
    c->run = run_fn;
    if (!http_offload(x, work, c))
        reply_error(x, dialect, ERR_BUSY, STR("too many queries are waiting, try again"));
}

struct str call_warning(const struct call *c)
{
    return c->query.damaged ? STR("a damaged part of the store was left out: spans may be missing")
                            : c->warning;
}

int call_unknown(struct call *c, struct err *err)
{
    (void)c;
    return err_set(err, ERR_NOT_FOUND, "no such endpoint");
}

struct str call_param(struct call *c, struct str name)
{
    struct str value = {NULL, 0};
    return http_query_get(c->req, &c->arena, name, &value) ? value : (struct str){NULL, 0};
}

bool call_param_bool(struct call *c, struct str name)
{
    struct str value = call_param(c, name);
    return str_eq_nocase(value, STR("true")) || str_eq(value, STR("1"));
}

struct engine_query call_subquery(const struct call *c, struct arena *scratch)
{
    return (struct engine_query){.arena = scratch,
                                 .deadline_ns = c->query.deadline_ns,
                                 .is_cancelled = c->query.is_cancelled,
                                 .user = c->query.user};
}

void call_arena_release(struct arena *arena)
{
    bool large = arena->held_bytes > TRIM_BYTES_MIN;
    arena_release(arena);
    if (large)
        malloc_trim(0);
}
