/* err.c - the table of error codes made into functions. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
    int code;
    const char *text;
    int http, grpc;
} table[] = {
#define X(code, value, text, http, grpc) {code, text, http, grpc},
    ERR_CODES(X)
#undef X
};

enum { TABLE_COUNT = sizeof table / sizeof *table };

__attribute__((format(printf, 4, 0))) static void fill(struct err *err, int code, size_t offset,
                                                       const char *fmt, va_list args)
{
    if (!err)
        return;
    err->code = code;
    err->offset = offset;
    vsnprintf(err->msg, sizeof err->msg, fmt, args);
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fill(err, code, 0, fmt, args);
    va_end(args);
    return code;
}

int err_at(struct err *err, int code, size_t offset, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fill(err, code, offset, fmt, args);
    va_end(args);
    return code;
}

const char *err_text(int code)
{
    for (int i = 0; i < TABLE_COUNT; i++) {
        if (table[i].code == code)
            return table[i].text;
    }
    return "unknown error";
}

int err_http_status(int code)
{
    for (int i = 0; i < TABLE_COUNT; i++) {
        if (table[i].code == code)
            return table[i].http;
    }
    return 500;
}

int err_grpc_status(int code)
{
    for (int i = 0; i < TABLE_COUNT; i++) {
        if (table[i].code == code)
            return table[i].grpc;
    }
    return 13;
}
