/* log.h - log lines that name their trace: the current span's ids for loggers of any kind.
 *
 * The field names are trace_id, span_id and trace_flags, in lower-case hexadecimal. A line of text and one of syslog:
 *
 *     char ids[CAIRN_LOG_ROOM];
 *     cairn_log_ids(ids, sizeof ids, CAIRN_LOG_TEXT);
 *     syslog(LOG_WARNING, "retry %d %s", tries, ids);         // retry 2 trace_id=4bf9... span_id=00f0... trace_flags=01
 *
 * A line of JSON. The members start with a comma, so that they follow another one and may be missing:
 *
 *     cairn_log_ids(ids, sizeof ids, CAIRN_LOG_JSON);
 *     printf("{\"body\":\"retry\",\"try\":%d%s}\n", tries, ids);
 *
 * All functions here that read ids are async-signal-safe (a crash handler may print the ids of the span it died in), take
 * no lock and no memory, and work without an SDK too: then the current span is the remote parent that was attached.
 * Specification: compatibility/logging_trace_context.md. */
#ifndef CAIRN_LOG_H
#define CAIRN_LOG_H

#include <cairn/attribute.h>
#include <cairn/common.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How cairn_log_ids writes. */
enum {
    CAIRN_LOG_TEXT = 0, /* trace_id=<32> span_id=<16> trace_flags=<2> */
    CAIRN_LOG_JSON = 1, /* ,"trace_id":"<32>","span_id":"<16>","trace_flags":"<2>" */
    CAIRN_LOG_SYSLOG =
        2, /* RFC 5424: [opentelemetry trace_id="<32>" span_id="<16>" trace_flags="<2>"] */
    CAIRN_LOG_LTSV = 3 /* as text, with colons, separated by tabs */
};

/* Enough room for every format. */
#define CAIRN_LOG_ROOM 128

/* The ids of the calling thread's current span as text, ending in NUL. Answers the length. Without a current span, for an
 * unknown format or when room is too small: "" (if there is room for that) and 0. Async-signal-safe. */
CAIRN_EXPORT size_t cairn_log_ids(char *out, size_t room, int32_t format);

/* The same as bytes. False, and nothing written, without a current span. Async-signal-safe. */
CAIRN_EXPORT bool cairn_log_current(uint8_t trace_id[16], uint8_t span_id[8], uint8_t *trace_flags);

/* As OpenTelemetry's SeverityNumber: the first of each range of four. */
enum {
    CAIRN_SEVERITY_TRACE = 1,
    CAIRN_SEVERITY_DEBUG = 5,
    CAIRN_SEVERITY_INFO = 9,
    CAIRN_SEVERITY_WARN = 13,
    CAIRN_SEVERITY_ERROR = 17,
    CAIRN_SEVERITY_FATAL = 21
};

/* A line of the application's log becomes an event "log" of the current span, with log.severity ("WARN"; left out for
 * numbers outside 1 to 24) and log.message. Nothing happens when the span does not record. Does not set the span's
 * status. Copies; not async-signal-safe. */
CAIRN_EXPORT void cairn_log_to_span(int32_t severity, cairn_str message);

#ifdef __cplusplus
}
#endif

#endif
