/* trace.h - the tracing interface: tracers, spans and the current span.
 *
 * A library that instruments itself needs this header and no SDK: without one every call is a no-op of about a
 * nanosecond that still passes an existing trace on. Specification: trace/api.md. */
#ifndef CAIRN_TRACE_H
#define CAIRN_TRACE_H

#include <cairn/attribute.h>
#include <cairn/common.h>
#include <cairn/context.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cairn_tracer_provider cairn_tracer_provider;
typedef struct cairn_tracer cairn_tracer;
/* A span handle is a checked number, not an address: a call on a span that is gone does nothing. The bit
 * CAIRN_SPAN_PASSIVE is set in it when the span does not record but only passes a trace on. */
typedef struct cairn_span cairn_span;
enum { CAIRN_SPAN_PASSIVE = 2 };

/* ---- Tracers ---- */

/* The instrumentation scope that spans carry. */
struct cairn_tracer_options {
    size_t size;
    const char *name;       /* the instrumented library or module; should not be empty */
    const char *version;    /* of that library; NULL = none */
    const char *schema_url; /* NULL = none */
    const struct cairn_attrs *attributes; /* of the scope; NULL = none */
};
#define CAIRN_TRACER_OPTIONS_INIT                                   \
    {                                                               \
        sizeof(struct cairn_tracer_options), NULL, NULL, NULL, NULL \
    }

/* The tracer of this name on the global provider: a no-op until there is one, live from then on. The same name
 * gives the same tracer; it lives for ever. NULL (a valid no-op) when there is no memory. */
CAIRN_EXPORT cairn_tracer *cairn_tracer_get(const char *name);
/* The same with version, schema and attributes, and on a provider of your own (NULL = the global one). */
CAIRN_EXPORT cairn_tracer *cairn_tracer_get_with(cairn_tracer_provider *provider,
                                                 const struct cairn_tracer_options *options);

/* Would a span started now do any work? Ask before every span whose attributes are dear to compute. */
CAIRN_EXPORT bool cairn_tracer_enabled(cairn_tracer *tracer);

/* The same, with what the answer may depend on; params may be NULL. False without an SDK, when it is shut down or has no
 * processors, and when its configurator switched the tracer off. May change at any time. */
struct cairn_enabled_params {
    size_t size CAIRN_SIZE_OF(cairn_enabled_params);
    cairn_context *context
        CAIRN_ZERO; /* that the span would be started in; NULL = the current one */
};
CAIRN_EXPORT bool cairn_tracer_enabled_with(cairn_tracer *tracer,
                                            const struct cairn_enabled_params *params);

/* The process-wide provider; NULL until an SDK registers one. Borrowed. */
CAIRN_EXPORT cairn_tracer_provider *cairn_tracer_provider_global(void);
CAIRN_EXPORT void cairn_tracer_provider_set_global(cairn_tracer_provider *provider);

/* ---- Span contexts: the part of a span that travels ---- */

enum { CAIRN_FLAG_SAMPLED = 0x01, CAIRN_FLAG_RANDOM = 0x02 };

struct cairn_span_context {
    uint8_t trace_id[16];
    uint8_t span_id[8];
    uint8_t flags;  /* CAIRN_FLAG_... */
    bool is_remote; /* came from another process */
    uint8_t reserved[6];
    cairn_str trace_state; /* W3C tracestate text; empty = none */
};

/* Are both ids non-zero? */
CAIRN_EXPORT bool cairn_span_context_is_valid(const struct cairn_span_context *context);

/* Lower-case hexadecimal and a NUL. */
CAIRN_EXPORT void cairn_trace_id_hex(const uint8_t trace_id[16], char out[33]);
CAIRN_EXPORT void cairn_span_id_hex(const uint8_t span_id[8], char out[17]);

/* The value of key in tracestate text; empty when it is not there. Borrows from state. */
CAIRN_EXPORT cairn_str cairn_trace_state_get(cairn_str state, cairn_str key);
/* Writes at out (room for `room` bytes with the NUL) the state where key has value and stands first; an empty
 * value takes the key away. Returns the length like snprintf, whether it fitted or not, or -1 (and an empty
 * text) when state, key or value break the W3C rules. state may not overlap out. A list of 32 loses its last member
 * to a new one. The key `ot` belongs to samplers. */
CAIRN_EXPORT int32_t cairn_trace_state_set(cairn_str state, cairn_str key, cairn_str value,
                                           char *out, size_t room);

/* ---- Starting spans ---- */

/* OTLP's numbers. */
enum {
    CAIRN_KIND_INTERNAL = 1,
    CAIRN_KIND_SERVER = 2,
    CAIRN_KIND_CLIENT = 3,
    CAIRN_KIND_PRODUCER = 4,
    CAIRN_KIND_CONSUMER = 5
};

struct cairn_link {
    struct cairn_span_context context;
    const struct cairn_attrs *attributes; /* NULL = none */
};

/* All members may be zero. Attributes and links given here are better than those added later: samplers see them. */
struct cairn_span_options {
    size_t size CAIRN_SIZE_OF(cairn_span_options);
    cairn_context *parent CAIRN_ZERO; /* NULL = the current context */
    bool root CAIRN_ZERO;             /* ignore the parent, begin a new trace */
    int32_t kind CAIRN_ZERO;          /* CAIRN_KIND_...; 0 = INTERNAL */
    uint64_t start_ns CAIRN_ZERO;     /* 0 = now */
    const struct cairn_attrs *attributes CAIRN_ZERO;
    const struct cairn_link *links CAIRN_ZERO;
    size_t link_count CAIRN_ZERO;
};

/* Options in place: cairn_span_start(tracer, "GET", CAIRN_WITH(.kind = CAIRN_KIND_SERVER, .parent = context)).
 * In C++ this needs designated initialisers (C++20); older C++ fills the members of a variable. */
#ifdef __cplusplus
#    define CAIRN_WITH(...) cairn_span_options_at(cairn_span_options{__VA_ARGS__})
static inline const struct cairn_span_options *
cairn_span_options_at(const struct cairn_span_options &options)
{
    return &options;
}
#else
#    define CAIRN_WITH(...) \
        (&(const struct cairn_span_options){.size = sizeof(struct cairn_span_options), __VA_ARGS__})
#endif

/* Starts a span, child of the parent context's span. It does not become current. Give the handle back with
 * cairn_span_end. options may be NULL. Answers NULL when there is nothing to record nor to pass on. */
CAIRN_EXPORT cairn_span *cairn_span_start(cairn_tracer *tracer, const char *name,
                                          const struct cairn_span_options *options);
/* The same with a name that need not end in NUL. */
CAIRN_EXPORT cairn_span *cairn_span_start_str(cairn_tracer *tracer, cairn_str name,
                                              const struct cairn_span_options *options);

/* A non-recording span that carries this span context (a remote parent, for instance). Owned: cairn_span_end. */
CAIRN_EXPORT cairn_span *cairn_span_wrap(const struct cairn_span_context *context);

/* ---- Ending spans ---- */

/* Ends the span and gives the handle back. Children are not touched, contexts that hold the span still do, and
 * the span may go on as a parent through them. Whoever wants to ask the handle itself after the end keeps a
 * reference. A second end does nothing. Never blocks on I/O (unless a simple processor was chosen). */
CAIRN_EXPORT void cairn_span_end(cairn_span *span);
CAIRN_EXPORT void cairn_span_end_at(cairn_span *span, uint64_t end_ns); /* 0 = now */

/* Keeps the handle valid beyond the end. Returns span. Owned: cairn_span_unref. */
CAIRN_EXPORT cairn_span *cairn_span_ref(cairn_span *span);
CAIRN_EXPORT void cairn_span_unref(cairn_span *span);

/* ---- What a span tells ---- */

/* Ids, flags and state; all zero for NULL. ret->trace_state borrows from the span. Never changes, valid after
 * the end for a span that is referenced. */
CAIRN_EXPORT void cairn_span_get_context(cairn_span *span, struct cairn_span_context *ret);
/* Do attributes and events go anywhere? False after the end. */
CAIRN_EXPORT bool cairn_span_is_recording(cairn_span *span);

/* ---- Filling spans: ignored when the span does not record or has ended ---- */

/* Sets count attributes at once. */
CAIRN_EXPORT void cairn_span_set_attributes(cairn_span *span, const struct cairn_attr *attributes,
                                            size_t count);
/* One at a time, for callers without macros. */
CAIRN_EXPORT void cairn_span_set_string(cairn_span *span, const char *key, const char *value);
CAIRN_EXPORT void cairn_span_set_bool(cairn_span *span, const char *key, bool value);
CAIRN_EXPORT void cairn_span_set_int(cairn_span *span, const char *key, int64_t value);
CAIRN_EXPORT void cairn_span_set_double(cairn_span *span, const char *key, double value);

/* An event now; attributes may be NULL: cairn_span_add_event(span, "retry", CAIRN_ATTRS(CAIRN_INT("try", 2))). */
CAIRN_EXPORT void cairn_span_add_event(cairn_span *span, const char *name,
                                       const struct cairn_attrs *attributes);
CAIRN_EXPORT void cairn_span_add_event_at(cairn_span *span, cairn_str name, uint64_t time_ns,
                                          const struct cairn_attrs *attributes);

/* A link to another span. Zero ids are kept only with attributes or a trace state. */
CAIRN_EXPORT void cairn_span_add_link(cairn_span *span, const struct cairn_span_context *context,
                                      const struct cairn_attrs *attributes);

/* OTLP's numbers. */
enum { CAIRN_SPAN_UNSET = 0, CAIRN_SPAN_OK = 1, CAIRN_SPAN_ERROR = 2 };

/* OK is final, ERROR beats UNSET, UNSET is ignored. The description (may be NULL) counts for ERROR only. */
CAIRN_EXPORT void cairn_span_set_status(cairn_span *span, int32_t status, const char *description);

/* An "exception" event with exception.type, exception.message and exception.stacktrace (each may be NULL);
 * attributes of the same key win. Does not set the status. */
CAIRN_EXPORT void cairn_span_record_error(cairn_span *span, const char *type, const char *message,
                                          const char *stacktrace,
                                          const struct cairn_attrs *attributes);

CAIRN_EXPORT void cairn_span_update_name(cairn_span *span, const char *name);

/* Attributes in one statement: cairn_span_set(span, CAIRN_STR("k", v), CAIRN_INT("n", 3));
 * They are not even evaluated when the span does not record. */
#define cairn_span_set(span, ...)                                                  \
    do {                                                                           \
        cairn_span *cairn_span_ = (span);                                          \
        if (cairn_span_ && !((uintptr_t)cairn_span_ & CAIRN_SPAN_PASSIVE)) {       \
            const struct cairn_attr cairn_attrs_[] = {__VA_ARGS__};                \
            cairn_span_set_attributes(cairn_span_, cairn_attrs_,                   \
                                      sizeof cairn_attrs_ / sizeof *cairn_attrs_); \
        }                                                                          \
    } while (0)

/* ---- Spans and contexts ---- */

/* The context that the span was started in, with the span as its span. Borrowed from the span: no allocation.
 * Keep it with cairn_context_ref. The empty context for NULL. */
CAIRN_EXPORT cairn_context *cairn_context_of(cairn_span *span);
/* context with another span. Owned: cairn_context_unref. NULL when there is no memory. */
CAIRN_EXPORT cairn_context *cairn_context_with_span(cairn_context *context, cairn_span *span);
/* The context's span or NULL. Borrowed. */
CAIRN_EXPORT cairn_span *cairn_context_span(cairn_context *context);
/* The calling thread's current span or NULL. Borrowed. Async-signal-safe, as are cairn_span_get_context and
 * cairn_span_is_recording for it. */
CAIRN_EXPORT cairn_span *cairn_span_current(void);

/* A span that is current from begin to end. */
struct cairn_scope {
    cairn_span *span;
    cairn_token token;
};

/* Starts a span and makes it current; options may be NULL. scope->span is the span, maybe NULL. */
CAIRN_EXPORT void cairn_scope_begin(struct cairn_scope *scope, cairn_tracer *tracer,
                                    const char *name, const struct cairn_span_options *options);
/* Ends the span and puts back the context that was current before. On the thread of the begin. */
CAIRN_EXPORT void cairn_scope_end(struct cairn_scope *scope);

/* Should instrumentation bother at all? 0: no SDK and no context to pass on. */
CAIRN_EXPORT extern int32_t cairn_live;

#if CAIRN_HAVE_INLINE
CAIRN_INLINE cairn_span *cairn_span_start(cairn_tracer *tracer, const char *name,
                                          const struct cairn_span_options *options)
{
    if (CAIRN_LIKELY(!__atomic_load_n(&cairn_live, __ATOMIC_RELAXED)))
        return NULL;
    return cairn_span_start_str(tracer, cairn_str_of(name), options);
}

CAIRN_INLINE void cairn_span_end(cairn_span *span)
{
    if (span)
        cairn_span_end_at(span, 0);
}
#endif

/* How many calls of this process had arguments that make no sense and were ignored in whole or in part: changes of a span
 * that has ended, counts without pointers, keys that are empty, types, kinds and states that do not exist, text that is
 * not UTF-8, options without their size. One of them is named in a diagnostic now and then. */
CAIRN_EXPORT uint64_t cairn_invalid_arguments(void);

#ifdef __cplusplus
}
#endif

/* CAIRN_SPAN(span, tracer, "name"); declares `span`, starts it, makes it current, and ends it where the block is
 * left. CAIRN_SPAN(span, tracer, "name", CAIRN_WITH(...)); with options. gcc and clang. */
#if defined(__cplusplus)
struct cairn_span_scope : cairn_scope {
    cairn_span_scope(cairn_tracer *tracer, const char *name,
                     const cairn_span_options *options = NULL)
    {
        cairn_scope_begin(this, tracer, name, options);
    }
    ~cairn_span_scope()
    {
        cairn_scope_end(this);
    }

  private:
    cairn_span_scope(const cairn_span_scope &);
    cairn_span_scope &operator=(const cairn_span_scope &);
};
#    define CAIRN_SPAN(var, tracer, ...)                      \
        cairn_span_scope var##_scope_((tracer), __VA_ARGS__); \
        cairn_span *const var CAIRN_UNUSED = var##_scope_.span
#elif defined(__GNUC__)
struct cairn_scope_args {
    const char *name;
    const struct cairn_span_options *options;
};
static inline struct cairn_scope cairn_scope_open(cairn_tracer *tracer,
                                                  struct cairn_scope_args args)
{
    struct cairn_scope scope = {NULL, {NULL, 0}};
    if (__atomic_load_n(&cairn_live, __ATOMIC_RELAXED))
        cairn_scope_begin(&scope, tracer, args.name, args.options);
    return scope;
}
static inline void cairn_scope_close(struct cairn_scope *scope)
{
    if (scope->span)
        cairn_scope_end(scope);
}
#    define CAIRN_SPAN(var, tracer, ...)                                                  \
        struct cairn_scope var##_scope_ __attribute__((__cleanup__(cairn_scope_close))) = \
            cairn_scope_open((tracer), (struct cairn_scope_args){.name = __VA_ARGS__});   \
        cairn_span *const var CAIRN_UNUSED = var##_scope_.span
#endif

#endif
