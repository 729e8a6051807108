/* otlp_reply.h - what reading replies in protobuf and in JSON has in common. */
#ifndef WIRE_OTLP_REPLY_H
#define WIRE_OTLP_REPLY_H

#include "wire/otlp_pb.h"

#define RETRY_INFO "google.rpc.RetryInfo"

enum { DURATION_SECONDS_MAX = 86400 * 365 };

/* Is it the name of RetryInfo, behind the last slash of a type's URL? */
static inline bool otlp_is_retry_info(struct str type_url)
{
    struct str name = STR(RETRY_INFO);
    return type_url.n > name.n && type_url.p[type_url.n - name.n - 1] == '/' &&
           str_eq(str_from(type_url, type_url.n - name.n), name);
}

/* Milliseconds, rounded up; negative durations are 0, more than a year is a year. */
static inline uint64_t otlp_delay_ms(int64_t seconds, int64_t nanos)
{
    if (seconds < 0 || nanos < 0)
        return 0;
    if (seconds >= DURATION_SECONDS_MAX || nanos >= 1000000000)
        return (uint64_t)DURATION_SECONDS_MAX * 1000;
    return (uint64_t)seconds * 1000 + ((uint64_t)nanos + 999999) / 1000000;
}

#endif
