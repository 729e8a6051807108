/* common.h - what every public header stands on: strings, status codes, version, diagnostics.
 *
 * Rules that hold for the whole interface, so that they are not repeated at each function:
 *   - Every handle may be NULL; NULL does nothing and answers zero, false or NULL.
 *   - A string or array that goes in is copied before the call returns, unless "borrows" is written there.
 *   - A handle that comes out is "owned" (the caller gives it back with the function named there) or "borrowed".
 *   - Functions may be called from any thread at any time, unless a line says otherwise.
 *   - Nothing here changes errno, raises a signal, aborts or throws.
 *   - A structure whose first member is `size` grows at its end in later versions: set size to its sizeof (the
 *     macros do); members that the caller's version does not know are taken as zero.
 *   - Times are nanoseconds since 1970-01-01 UTC (`_ns`), 0 meaning "now"; timeouts are milliseconds (`_ms`). */
#ifndef CAIRN_COMMON_H
#define CAIRN_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#    define CAIRN_EXPORT __attribute__((__visibility__("default")))
#    define CAIRN_UNUSED __attribute__((__unused__))
#else
#    define CAIRN_EXPORT
#    define CAIRN_UNUSED
#endif

/* Short functions are inlined where the compiler can, and are always in the library too, under the same name. */
#if defined(__GNUC__) && !defined(CAIRN_NO_INLINE)
#    define CAIRN_HAVE_INLINE   1
#    define CAIRN_INLINE        extern inline __attribute__((__gnu_inline__, __always_inline__))
#    define CAIRN_LIKELY(cond)  __builtin_expect(!!(cond), 1)
#    define CAIRN_STRLEN(chars) __builtin_strlen(chars)
#else
#    define CAIRN_HAVE_INLINE 0
#endif

/* Option structures are zero by themselves in C++, so that designated initialisers may leave members out. */
#ifdef __cplusplus
#    define CAIRN_ZERO        = {}
#    define CAIRN_SIZE_OF(of) = sizeof(of)
#else
#    define CAIRN_ZERO
#    define CAIRN_SIZE_OF(of)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of these headers. */
#define CAIRN_VERSION_MAJOR 0
#define CAIRN_VERSION_MINOR 1
#define CAIRN_VERSION_PATCH 0
#define CAIRN_VERSION_TEXT  "0.1.0"

/* The version of the library that runs, as "0.1.0". Static text. */
CAIRN_EXPORT const char *cairn_version(void);

/* A slice of bytes: need not end in NUL, may be {NULL, 0}. Text is UTF-8; bytes that are not are replaced by
 * U+FFFD when the span is exported. */
typedef struct cairn_str {
    const char *p;
    size_t n;
} cairn_str;

/* The slice of a C string; NULL gives the empty slice. Borrows. */
CAIRN_EXPORT cairn_str cairn_str_of(const char *chars);
/* The slice of n bytes. Borrows. */
CAIRN_EXPORT cairn_str cairn_str_make(const char *p, size_t n);

/* The slice of a string literal; its length is known at compile time. */
#define CAIRN_S(literal) cairn_str_make("" literal, sizeof(literal) - 1)

#if CAIRN_HAVE_INLINE
CAIRN_INLINE cairn_str cairn_str_make(const char *p, size_t n)
{
    cairn_str s;
    s.p = p;
    s.n = n;
    return s;
}

CAIRN_INLINE cairn_str cairn_str_of(const char *chars)
{
    return cairn_str_make(chars, chars ? CAIRN_STRLEN(chars) : 0);
}
#endif

/* What set-up calls answer; 0 is success. Span calls answer nothing: they cannot fail loudly. */
typedef int32_t cairn_status;

enum {
    CAIRN_OK = 0,
    CAIRN_ERROR_NO_MEMORY = -1,
    CAIRN_ERROR_INVALID = -2,     /* an argument or a setting makes no sense */
    CAIRN_ERROR_TIMEOUT = -3,     /* not finished within timeout_ms; it goes on in the background */
    CAIRN_ERROR_CLOSED = -4,      /* shut down already */
    CAIRN_ERROR_FAILED = -5,      /* the exporter could not deliver */
    CAIRN_ERROR_UNSUPPORTED = -6, /* not in this build, or not linked */
    CAIRN_ERROR_LIMIT = -7        /* a documented maximum is reached */
};

/* As a timeout_ms: wait as long as it takes. 0 does not wait at all. */
#define CAIRN_FOREVER UINT32_MAX

/* A few words for a person; static, never NULL. */
CAIRN_EXPORT const char *cairn_status_text(cairn_status status);

/* How serious a diagnostic is. */
enum { CAIRN_DIAGNOSTIC_ERROR = 1, CAIRN_DIAGNOSTIC_WARNING = 2, CAIRN_DIAGNOSTIC_INFO = 3 };

/* Gets one line without a newline, borrowed for the call. Called from any thread; must not call back into
 * Cairn's set-up functions. */
typedef void cairn_diagnostic_fn(void *user, int32_t severity, cairn_str line);

/* Sends what Cairn has to say about itself (bad settings, lost spans) to fn instead of standard error.
 * NULL restores standard error. Repeated losses are reported once in a while, not once each. */
CAIRN_EXPORT void cairn_set_diagnostics(cairn_diagnostic_fn *fn, void *user);

/* Leaves out what is less serious than this (0: everything); [CAIRN_DIAGNOSTIC_INFO] leaves out nothing. OTEL_LOG_LEVEL sets
 * it at the SDK's start. */
CAIRN_EXPORT void cairn_set_diagnostic_level(int32_t severity);

/* Says a line there: for exporters and processors of your own. */
CAIRN_EXPORT void cairn_diagnose(int32_t severity, cairn_str line);

#ifdef __cplusplus
}
#endif

#endif
