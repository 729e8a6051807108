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
 * the extraction. */
typedef bool cairn_get_fn(void *carrier, cairn_str name, size_t index, cairn_str *value);

/* With the global propagator. A context without valid span writes nothing. */
CAIRN_EXPORT void cairn_inject(cairn_context *context, cairn_set_fn *set, void *carrier);
/* `context` with what the carrier says; when that is nothing or damaged, another reference to `context` itself.
 * Owned: cairn_context_unref. */
CAIRN_EXPORT cairn_context *cairn_extract(cairn_context *context, cairn_get_fn *get, void *carrier);

/* The global propagator: does nothing until an SDK or the application sets one. Borrowed. */
CAIRN_EXPORT cairn_propagator *cairn_propagator_global(void);
/* Keeps a reference. NULL: the one that does nothing. Set it while no other thread injects or extracts. */
CAIRN_EXPORT void cairn_propagator_set_global(cairn_propagator *propagator);

/* W3C Trace Context Level 2: traceparent and tracestate. Borrowed, lives for ever. */
CAIRN_EXPORT cairn_propagator *cairn_propagator_tracecontext(void);
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

#ifdef __cplusplus
}
#endif

#endif
