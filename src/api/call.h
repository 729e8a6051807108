/* call.h - one query on its way: it runs on a query thread with a deadline and a memory budget, and answers in
 * its dialect.
 *
 * A handler names its dialect and a run function; call_start does the rest. run reads parameters, asks the
 * engine and writes the answer through c->json (or c->out), then returns 0; or it returns a code with *err
 * filled, and the dialect says so. Everything in c->arena lives until the reply is handed over.
 *
 * A gRPC method is a query as any other: its request is c->req->body, run puts its messages into c->out
 * (grpc_message_begin, grpc_message_end), and errors go out as gRPC's status. */
#ifndef API_CALL_H
#define API_CALL_H

#include "api/api.h"
#include "base/json_writer.h"

struct call;

typedef int call_run_fn(struct call *c, struct err *err);

/* How a family of endpoints words its errors. */
struct dialect {
    const char *error_type; /* content type */
    void (*write_error)(struct json_writer *w, int http_status, struct str message);
};

extern const struct dialect dialect_jaeger_v1; /* {"data":null,...,"errors":[{"code","msg"}]} */
extern const struct dialect dialect_jaeger_v3; /* {"error":{"httpCode","message"}} as text/plain */
extern const struct dialect dialect_native;    /* the same as application/json */
extern const struct dialect dialect_zipkin;    /* the message as plain text */
extern const struct dialect dialect_tempo;     /* the message as plain text */

struct call {
    struct api *api;
    struct http_exchange *x;
    const struct http_request *req;
    const struct dialect *dialect;
    call_run_fn *run;
    struct arena arena; /* parameters and results; its budget is the query's */
    struct engine_query query;
    struct buf out; /* the answer's body */
    struct json_writer json;
    const char *content_type; /* application/json unless run sets it */
    int status;               /* of HTTP; 200 unless run sets it */
    struct str warning;       /* what else is wrong with the answer; static text */
};

/* Queues the call on the query threads; a full queue is answered 503 at once. */
void call_start(struct http_exchange *x, struct api *api, const struct dialect *dialect,
                call_run_fn *run);

/* The query of a path that belongs to a dialect but leads nowhere: 404 in its shape. */
int call_unknown(struct call *c, struct err *err);

/* What is wrong with the answer, in words: every dialect sends them as the header x-cairn-warning, gRPC as metadata. Empty when nothing
 * is. */
struct str call_warning(const struct call *c);

/* First value of a query parameter; empty when absent or given without a value. */
struct str call_param(struct call *c, struct str name);
/* "true" or "1", any case; else false. */
bool call_param_bool(struct call *c, struct str name);

/* Memory for the results of one of many engine calls: a query whose arena is scratch, ended by what ends c's. */
struct engine_query call_subquery(const struct call *c, struct arena *scratch);

/* arena_release, and after a large query the memory goes back to the system: the allocator would keep it, per
 * thread, and the next such query may be days away. */
void call_arena_release(struct arena *arena);

#endif
