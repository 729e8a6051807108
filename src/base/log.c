/* log.c - formats a whole line and writes it with one call, so that lines of several threads never mix. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

static const char *const names[] = {"error", "warn", "info", "debug"};
static _Atomic int current = LOG_INFO;

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&current, (int)level, memory_order_relaxed);
}

enum log_level log_level(void)
{
    return (enum log_level)atomic_load_explicit(&current, memory_order_relaxed);
}

bool log_level_parse(struct str name, enum log_level *ret)
{
    for (int i = 0; i < 4; i++) {
        if (str_eq_nocase(name, str_of(names[i]))) {
            *ret = (enum log_level)i;
            return true;
        }
    }
    return false;
}

void log_write(enum log_level level, const char *module, const char *msg, const char *fmt, ...)
{
    char line[2048], time[31];
    va_list args;
    size_t room = sizeof line - 1; /* one byte stays for the newline */
    int n, saved = errno;
    if (level > log_level())
        return;
    clock_format_rfc3339(time, clock_realtime_ns());
    n = snprintf(line, room, "ts=%s level=%s mod=%s msg=\"%s\"", time, names[level], module, msg);
    if (n > 0 && (size_t)n + 1 < room && fmt[0]) {
        line[n++] = ' ';
        va_start(args, fmt);
        n += vsnprintf(line + n, room - (size_t)n, fmt, args);
        va_end(args);
    }
    if (n < 0)
        return;
    if ((size_t)n >= room)
        n = (int)room - 1;
    line[n++] = '\n';
    if (write(STDERR_FILENO, line, (size_t)n) < 0) {
        /* nowhere left to say it */
    }
    errno = saved;
}

const char *log_quote(char out[512], struct str s)
{
    char *o = out;
    bool cut = s.n > 200;
    *o++ = '"';
    for (size_t i = 0; i < (cut ? 200 : s.n) && o < out + 500; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\') {
            *o++ = '\\';
            *o++ = (char)c;
        } else if (c < 0x20 || c == 0x7f) {
            o += snprintf(o, 5, "\\x%02x", c);
        } else {
            *o++ = (char)c;
        }
    }
    if (cut) {
        memcpy(o, "...", 3);
        o += 3;
    }
    *o++ = '"';
    *o = '\0';
    return out;
}
