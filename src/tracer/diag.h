/* diag.h - what the library has to say about itself: one line, to the application's function or standard error. */
#ifndef TRACER_DIAG_H
#define TRACER_DIAG_H

#include <stdint.h>

#include "tracer/shared.h"
/* Formats a line (cut at 500 bytes) and hands it over. Keeps errno. */
void diag(int32_t severity, const char *fmt, ...) TRACER_SHARED(diag)
    __attribute__((format(printf, 2, 3)));

#define diag_error(...) diag(CAIRN_DIAGNOSTIC_ERROR, __VA_ARGS__)
#define diag_warn(...)  diag(CAIRN_DIAGNOSTIC_WARNING, __VA_ARGS__)

#endif
