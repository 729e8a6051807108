/* err.h - how errors travel: a negative code by return value, the words for a person in a struct err.
 *
 * Functions return 0 or one of the codes below. Those whose failure a person will read take a last parameter
 * `struct err *err` (may be NULL) and fill it on failure only. One table gives each code its name, the HTTP
 * status and the gRPC status that a server answers with. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

/* X(code, value, text, HTTP status, gRPC status) */
#define ERR_CODES(X)                                 \
    X(ERR_NONE, 0, "no error", 200, 0)               \
    X(ERR_NOMEM, -1, "out of memory", 503, 14)       \
    X(ERR_INVALID, -2, "invalid input", 400, 3)      \
    X(ERR_TOO_LARGE, -3, "over a limit", 413, 8)     \
    X(ERR_NOT_FOUND, -4, "not found", 404, 5)        \
    X(ERR_BUSY, -5, "too busy, try again", 503, 14)  \
    X(ERR_IO, -6, "input/output error", 503, 14)     \
    X(ERR_CORRUPT, -7, "damaged data", 500, 15)      \
    X(ERR_UNSUPPORTED, -8, "not supported", 501, 12) \
    X(ERR_CLOSED, -9, "shut down", 503, 14)          \
    X(ERR_TIMEOUT, -10, "took too long", 504, 4)     \
    X(ERR_INTERNAL, -11, "internal error", 500, 13)  \
    X(ERR_CANCELLED, -12, "cancelled", 499, 1)

#define X(code, value, text, http, grpc) code = value,
enum err_code { ERR_CODES(X) };
#undef X

enum { ERR_MSG_BYTES = 256 };

struct err {
    int code;      /* an enum err_code */
    size_t offset; /* byte of the input where it went wrong; 0 where that makes no sense */
    char msg[ERR_MSG_BYTES]; /* a sentence without a full stop; says what to do where that helps */
};

/* Fills *err (when not NULL) and returns code, so that `return err_set(err, ERR_IO, "...")` works. */
int err_set(struct err *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same with the place in the input. */
int err_at(struct err *err, int code, size_t offset, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

const char *err_text(int code); /* never NULL */
int err_http_status(int code);  /* 500 for an unknown code */
int err_grpc_status(int code);  /* 13 (INTERNAL) for an unknown code */

/* The only macro of the tree that changes the flow of control: passes a failure up. */
#define TRY(expr)               \
    do {                        \
        int try_code_ = (expr); \
        if (try_code_ < 0)      \
            return try_code_;   \
    } while (0)

#endif
