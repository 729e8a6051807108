/* propagation.h - carrying the context to and from other processes in header-like fields.
 *
 *     static void set_header(void *request, cairn_str name, cairn_str value) { ... }
 *     cairn_inject(NULL, set_header, request);                       // the caller, before it sends
 *
 *     static bool get_header(void *request, cairn_str name, size_t index, cairn_str *value) { ... }
 *     cairn_context *context = cairn_extract(NULL, get_header, request);      // the callee
 *
 * Specification: context/api-propagators.md. */
#ifndef CAIRN_PROPAGATION_H
#define CAIRN_PROPAGATION_H

#include <cairn/common.h>
#include <cairn/context.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cairn_propagator cairn_propagator;

/* Sets field `name` (lower case; borrowed for the call) of the carrier to value. */
typedef void cairn_set_fn(void *carrier, cairn_str name, cairn_str value);

/* Answers the value of field `name` that stands at place `index` among those of that name (0 = first; headers
 * may be repeated), false when there is none. Names compare without case for HTTP. *value must stay valid for
 * the extraction. An empty name asks for the name of field number `index` of all: carriers that cannot list their
 * fields answer false, and only baggage in Jaeger's and OpenTracing's way, whose fields have names of any kind, is then
 * not found. */
typedef bool cairn_get_fn(void *carrier, cairn_str name, size_t index, cairn_str *value);

/* With the global propagator. A context without valid span and baggage writes nothing. */
CAIRN_EXPORT void cairn_inject(cairn_context *context, cairn_set_fn *set, void *carrier);
/* `context` with what the carrier says; when that is nothing or damaged, another reference to `context` itself.
 * Owned: cairn_context_unref. */
CAIRN_EXPORT cairn_context *cairn_extract(cairn_context *context, cairn_get_fn *get, void *carrier);

/* The global propagator: does nothing until an SDK or the application sets one. Borrowed. */
CAIRN_EXPORT cairn_propagator *cairn_propagator_global(void);
/* Keeps a reference. NULL: the one that does nothing. Set it while no other thread injects or extracts. */
CAIRN_EXPORT void cairn_propagator_set_global(cairn_propagator *propagator);

/* W3C Trace Context Level 2: traceparent and tracestate. A traceparent that comes twice is none. Of two members of the
 * state with one key the first stays; a state that breaks the grammar or has more than 32 members is dropped, the trace
 * is not. Borrowed, lives for ever. */
CAIRN_EXPORT cairn_propagator *cairn_propagator_tracecontext(void);
/* W3C Baggage: baggage. Writes at most 64 entries and 8192 bytes, whole entries only, and reads no more. What it reads
 * replaces the context's baggage. Borrowed, lives for ever. */
CAIRN_EXPORT cairn_propagator *cairn_propagator_baggage(void);
/* Zipkin's B3, written as one header b3 or as x-b3-traceid and its sisters. Both read both: b3 wins. Debug is kept
 * through the trace and means sampled; no decision means not sampled. Borrowed, live for ever. */
CAIRN_EXPORT cairn_propagator *cairn_propagator_b3(void);
CAIRN_EXPORT cairn_propagator *cairn_propagator_b3_multi(void);
/* Jaeger: uber-trace-id, and baggage as uberctx-NAME, which is added to the context's. Names that HTTP does not allow
 * are left out, upper case becomes lower. Limits as for W3C Baggage. Borrowed, lives for ever. */
CAIRN_EXPORT cairn_propagator *cairn_propagator_jaeger(void);
/* OpenTracing's basic tracers (OTEL_PROPAGATORS=ottrace), deprecated in the specification: ot-tracer-traceid, of which the
 * lower 64 bits are written and up to 128 read (nothing is written when the lower ones are zero), ot-tracer-spanid,
 * ot-tracer-sampled (no decision, or another word than true and 1, means not sampled), and baggage as ot-baggage-NAME, only
 * along with a trace; it is added to the context's. Values stand there as they are: those that are not visible ASCII,
 * spaces and tabs are left out. Names and limits as for Jaeger. Borrowed, lives for ever. */
CAIRN_EXPORT cairn_propagator *cairn_propagator_ot(void);
/* OpenCensus: the bytes of cairn_binary_inject in base64 as the field grpc-trace-bin, as it stands in HTTP/2 headers. For
 * carriers that are gRPC metadata, whose values are bytes, use the functions below. No baggage. Borrowed, lives for ever. */
CAIRN_EXPORT cairn_propagator *cairn_propagator_grpc_trace_bin(void);
/* Does nothing. Borrowed, lives for ever. */
CAIRN_EXPORT cairn_propagator *cairn_propagator_none(void);

/* All of them in order, each once. Keeps references. Owned: cairn_propagator_unref. */
CAIRN_EXPORT cairn_propagator *cairn_propagator_composite(cairn_propagator *const *parts,
                                                          size_t count);

/* A propagator of your own. Functions may be called from several threads at once. */
struct cairn_propagator_ops {
    size_t size;
    void (*inject)(void *user, cairn_context *context, cairn_set_fn *set, void *carrier);
    /* Owned result, as cairn_extract. */
    cairn_context *(*extract)(void *user, cairn_context *context, cairn_get_fn *get, void *carrier);
    /* Field name number `index` that inject may set, or an empty slice past the last; may be NULL. */
    cairn_str (*field)(void *user, size_t index);
    void (*free_user)(void *user); /* may be NULL */
};
CAIRN_EXPORT cairn_propagator *cairn_propagator_custom(const struct cairn_propagator_ops *ops,
                                                       void *user);

CAIRN_EXPORT cairn_propagator *cairn_propagator_ref(cairn_propagator *propagator);
CAIRN_EXPORT void cairn_propagator_unref(cairn_propagator *propagator);

/* One propagator by hand. */
CAIRN_EXPORT void cairn_propagator_inject(cairn_propagator *propagator, cairn_context *context,
                                          cairn_set_fn *set, void *carrier);
CAIRN_EXPORT cairn_context *cairn_propagator_extract(cairn_propagator *propagator,
                                                     cairn_context *context, cairn_get_fn *get,
                                                     void *carrier);
/* Field name number `index` that inject may set; empty past the last. Static or as long as the propagator. */
CAIRN_EXPORT cairn_str cairn_propagator_field(cairn_propagator *propagator, size_t index);

/* ---- OpenCensus's binary format: the value of gRPC's metadata grpc-trace-bin ----
 *
 * Trace id, span id and whether it is sampled; no trace state, no baggage. Specification: opencensus-specs,
 * encodings/BinaryEncoding.md, version 0. */

enum { CAIRN_BINARY_BYTES = 29 };

/* Writes CAIRN_BINARY_BYTES bytes at out and answers how many: 0, and nothing written, when the context (NULL: the current
 * one) has no valid span or `room` is too small. */
CAIRN_EXPORT size_t cairn_binary_inject(cairn_context *context, uint8_t *out, size_t room);
/* `context` (NULL: the current one) with the span that the n bytes name; when they are damaged, of another version or lack
 * an id, another reference to `context` itself. Bytes are borrowed for the call. Owned: cairn_context_unref. */
CAIRN_EXPORT cairn_context *cairn_binary_extract(cairn_context *context, const uint8_t *bytes,
                                                 size_t n);

/* ---- Environment variables as carrier: to and from child processes ----
 *
 *     cairn_context *parent = cairn_extract(NULL, cairn_environ_get, NULL);      // the child, at its start
 *
 *     char bytes[4096], *list[64] = {"PATH=/bin"};                               // the parent
 *     struct cairn_environ env = {sizeof env, bytes, sizeof bytes, 0, list, 64, 1, 0};
 *     cairn_inject(NULL, cairn_environ_set, &env);
 *     execve(program, arguments, env.list);
 *
 * Take the parent's context at the start, before anything changes the environment, and give each child a list of its own.
 * Everybody who may look at a process sees its environment: no secrets in baggage. Cairn starts no processes and changes
 * nobody's environment. Specification: context/env-carriers.md. */

/* The variable of a field: upper case, everything but letters, digits and _ becomes _, a digit in front gets one, an
 * empty name is _. Writes at out (room for `room` bytes with the NUL), answers the length like snprintf. */
CAIRN_EXPORT size_t cairn_environ_name(cairn_str field, char *out, size_t room);

/* A cairn_get_fn. The carrier is a list of NAME=VALUE as a char **, NULL at its end; no carrier means the process's
 * own environment: nobody may change that during the extraction. */
CAIRN_EXPORT bool cairn_environ_get(void *carrier, cairn_str name, size_t index, cairn_str *value);

/* Where cairn_environ_set writes; all memory is the caller's. */
struct cairn_environ {
    size_t size;
    char *bytes; /* the texts of new variables go here */
    size_t room;
    size_t used;
    char **
        list; /* NULL behind the last, once something was set; may hold the caller's own variables at first */
    size_t list_room; /* entries, with the NULL */
    size_t list_count;
    size_t lost; /* variables that did not fit, or had a NUL in the value */
};

/* A cairn_set_fn with a struct cairn_environ as carrier: adds NAME=VALUE, or puts it in the place of the variable of
 * that name. */
CAIRN_EXPORT void cairn_environ_set(void *carrier, cairn_str name, cairn_str value);

#ifdef __cplusplus
}
#endif

#endif
