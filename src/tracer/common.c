/* common.c - version, status texts and diagnostics. */
#define CAIRN_NO_INLINE
#include <cairn/common.h>

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tracer/diag.h"

/* Never freed, so that a thread may be inside fn while another one replaces it: no lock, no trouble in fork(). */
struct sink {
    cairn_diagnostic_fn *fn;
    void *user;
    struct sink *older;
};
static _Atomic(struct sink *) sink;
static _Atomic int32_t level = CAIRN_DIAGNOSTIC_INFO; /* the least serious that is said */

const char *cairn_version(void)
{
    return CAIRN_VERSION;
}

cairn_str cairn_str_make(const char *p, size_t n)
{
    return (cairn_str){p, n};
}

cairn_str cairn_str_of(const char *chars)
{
    return (cairn_str){chars, chars ? strlen(chars) : 0};
}

const char *cairn_status_text(cairn_status status)
{
    static const char *const texts[] = {
        "no error",
        "out of memory",
        "invalid argument or setting",
        "took too long",
        "shut down",
        "not delivered",
        "not supported",
        "a maximum is reached",
    };
    size_t i = status <= 0 ? (size_t) - (int64_t)status : sizeof texts;
    return i < sizeof texts / sizeof *texts ? texts[i] : "unknown status";
}

void cairn_set_diagnostics(cairn_diagnostic_fn *fn, void *user)
{
    struct sink *made = malloc(sizeof *made);
    if (!made)
        return;
    *made = (struct sink){fn, user, atomic_load(&sink)};
    while (!atomic_compare_exchange_weak(&sink, &made->older, made))
        continue;
}

static void to_stderr(const char *line, size_t n)
{
    char out[600];
    int bytes = snprintf(out, sizeof out, "cairn: %.*s\n", (int)n, line);
    if (bytes > 0 && write(STDERR_FILENO, out, (size_t)bytes) < 0)
        return; /* nobody is left to tell */
}

void cairn_set_diagnostic_level(int32_t severity)
{
    atomic_store(&level, severity);
}

void cairn_diagnose(int32_t severity, cairn_str line)
{
    int saved = errno;
    struct sink *to = atomic_load(&sink);
    if (severity > atomic_load(&level))
        return;
    if (to && to->fn)
        to->fn(to->user, severity, line);
    else
        to_stderr(line.p ? line.p : "", line.p ? line.n : 0);
    errno = saved;
}

void diag(int32_t severity, const char *fmt, ...)
{
    char line[501];
    int saved = errno, n;
    va_list args;
    va_start(args, fmt);
    n = vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    errno = saved;
    if (n >= 0)
        cairn_diagnose(severity,
                       (cairn_str){line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1});
}
