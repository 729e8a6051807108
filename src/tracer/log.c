/* log.c - the current ids for log lines.
 *
 * They are read from the record that the thread's context publishes (thread_context.h): one pointer that is changed last,
 * so that a signal handler between any two instructions of the library reads a whole record. */
#define CAIRN_NO_INLINE
#include <cairn/log.h>
#include <cairn/trace.h>

#include <string.h>

#include "base/hex.h"
#include "tracer/thread.h"

static const struct thread_record *current(void)
{
    const struct thread *t = thread_tls;
    const struct thread_record *r = t ? *t->published : NULL;
    return r && r->valid ? r : NULL;
}

bool cairn_log_current(uint8_t trace_id[16], uint8_t span_id[8], uint8_t *trace_flags)
{
    const struct thread_record *r = current();
    if (!r)
        return false;
    memcpy(trace_id, r->trace_id, sizeof r->trace_id);
    memcpy(span_id, r->span_id, sizeof r->span_id);
    *trace_flags = r->trace_flags;
    return true;
}

/* What stands before each of the three ids, and at the end. */
struct format {
    struct str before[3], end;
};

static const struct format formats[] = {
    [CAIRN_LOG_TEXT] = {{STR_INIT("trace_id="), STR_INIT(" span_id="), STR_INIT(" trace_flags=")},
                        STR_INIT("")},
    [CAIRN_LOG_JSON] = {{STR_INIT(",\"trace_id\":\""), STR_INIT("\",\"span_id\":\""),
                         STR_INIT("\",\"trace_flags\":\"")},
                        STR_INIT("\"")},
    [CAIRN_LOG_SYSLOG] = {{STR_INIT("[opentelemetry trace_id=\""), STR_INIT("\" span_id=\""),
                           STR_INIT("\" trace_flags=\"")},
                          STR_INIT("\"]")},
    [CAIRN_LOG_LTSV] = {{STR_INIT("trace_id:"), STR_INIT("\tspan_id:"), STR_INIT("\ttrace_flags:")},
                        STR_INIT("")},
};

enum { FORMATS = sizeof formats / sizeof *formats };

static char *put(char *at, struct str s)
{
    memcpy(at, s.p, s.n);
    return at + s.n;
}

static char *put_hex(char *at, const void *bytes, size_t n)
{
    hex_encode(at, bytes, n);
    return at + 2 * n;
}

size_t cairn_log_ids(char *out, size_t room, int32_t format)
{
    const struct thread_record *r = current();
    char text[CAIRN_LOG_ROOM], *at = text;
    const struct format *f;
    if (!out || room == 0)
        return 0;
    out[0] = '\0';
    if (!r || format < 0 || format >= FORMATS)
        return 0;
    f = &formats[format];
    at = put_hex(put(at, f->before[0]), r->trace_id, sizeof r->trace_id);
    at = put_hex(put(at, f->before[1]), r->span_id, sizeof r->span_id);
    at = put_hex(put(at, f->before[2]), &r->trace_flags, sizeof r->trace_flags);
    at = put(at, f->end);
    if ((size_t)(at - text) >= room)
        return 0;
    memcpy(out, text, (size_t)(at - text));
    out[at - text] = '\0';
    return (size_t)(at - text);
}

/* ---- Log lines as events ---- */

void cairn_log_to_span(int32_t severity, cairn_str message)
{
    static const char *const names[] = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};
    struct cairn_attr items[2];
    struct cairn_attrs attrs = {items, 0};
    if (severity >= CAIRN_SEVERITY_TRACE && severity < CAIRN_SEVERITY_FATAL + 4)
        items[attrs.count++] = CAIRN_STR("log.severity", names[(severity - 1) / 4]);
    items[attrs.count++] = CAIRN_STRN("log.message", message.p, message.p ? message.n : 0);
    cairn_span_add_event(cairn_span_current(), "log", &attrs);
}
