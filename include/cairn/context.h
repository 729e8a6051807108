/* context.h - the immutable context: the current span and values of yours, carried along a call path.
 *
 * Wherever a context is a parameter, NULL means the current context of the calling thread.
 * Specification: context/README.md. */
#ifndef CAIRN_CONTEXT_H
#define CAIRN_CONTEXT_H

#include <cairn/common.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cairn_context cairn_context;
typedef struct cairn_context_key cairn_context_key;

/* The context without span and values. Borrowed, lives for ever. */
CAIRN_EXPORT cairn_context *cairn_context_empty(void);

/* The calling thread's current context; the empty one when nothing is attached. Borrowed until it is detached:
 * take a reference to keep it or to hand it to another thread. */
CAIRN_EXPORT cairn_context *cairn_context_current(void);

/* One more reference to the same context. Owned: cairn_context_unref. */
CAIRN_EXPORT cairn_context *cairn_context_ref(cairn_context *context);
/* Gives a reference back. NULL is nothing here, not the current context. */
CAIRN_EXPORT void cairn_context_unref(cairn_context *context);

/* A new key, different from all others even of the same name (the name is for people). Lives for ever: make
 * keys once, at start. NULL when there is no memory. */
CAIRN_EXPORT const cairn_context_key *cairn_context_key_new(const char *name);

/* A context like `context` where key has value. free_value (may be NULL) is called with value when the last
 * reference goes, also when this call fails. Owned: cairn_context_unref. NULL when there is no memory. */
CAIRN_EXPORT cairn_context *cairn_context_with_value(cairn_context *context,
                                                     const cairn_context_key *key, void *value,
                                                     void (*free_value)(void *value));
/* The value of key, or NULL. Borrowed from the context. */
CAIRN_EXPORT void *cairn_context_value(cairn_context *context, const cairn_context_key *key);

/* What attach answers and detach wants back. Treat as opaque. */
typedef struct cairn_token {
    cairn_context *previous;
    uintptr_t mark;
} cairn_token;

/* Makes context the calling thread's current one and keeps a reference until it is detached. NULL attaches the
 * current context once more. */
CAIRN_EXPORT cairn_token cairn_context_attach(cairn_context *context);

/* Puts back what was current before the attach of this token, on the same thread. False (and a diagnostic) when
 * tokens come back in the wrong order; the context is restored all the same. */
CAIRN_EXPORT bool cairn_context_detach(cairn_token token);

#ifdef __cplusplus
}
#endif

#endif
