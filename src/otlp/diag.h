/* diag.h - the exporter's words for a person, through the SDK's diagnostics. */
#ifndef OTLP_DIAG_H
#define OTLP_DIAG_H

#include <cairn/common.h>

#include <stdarg.h>
#include <stdio.h>

static inline __attribute__((format(printf, 2, 3))) void otlp_diag(int32_t severity,
                                                                   const char *fmt, ...)
{
    char line[501];
    int n;
    va_list args;
    va_start(args, fmt);
    n = vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    if (n >= 0)
        cairn_diagnose(severity,
                       cairn_str_make(line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1));
}

#define diag_error(...) otlp_diag(CAIRN_DIAGNOSTIC_ERROR, __VA_ARGS__)
#define diag_warn(...)  otlp_diag(CAIRN_DIAGNOSTIC_WARNING, __VA_ARGS__)

#endif
