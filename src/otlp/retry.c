/* retry.c - see retry.h. */
#include "otlp/retry.h"

#include <stdio.h>
#include <time.h>

enum {
    FIRST_MS = 1000,
    MOST_MS = 30000,
    DOUBLINGS_MAX = 5,
    LEAST_MS = 50,
    LEAST_DOUBLINGS_MAX = 10
};

bool retry_status_allows(long http_status)
{
    return http_status == 429 || http_status == 502 || http_status == 503 || http_status == 504;
}

uint64_t retry_backoff_ms(unsigned attempt, uint64_t random)
{
    uint64_t ms = (uint64_t)FIRST_MS << (attempt < DOUBLINGS_MAX ? attempt : DOUBLINGS_MAX);
    if (ms > MOST_MS)
        ms = MOST_MS;
    return ms / 2 + random % (ms / 2 + 1);
}

uint64_t retry_told_ms(unsigned attempt, uint64_t told_ms)
{
    uint64_t least;
    if (attempt == 0)
        return told_ms;
    least = (uint64_t)LEAST_MS << (attempt < LEAST_DOUBLINGS_MAX ? attempt : LEAST_DOUBLINGS_MAX);
    if (least > MOST_MS)
        least = MOST_MS;
    return told_ms > least ? told_ms : least;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT", the one form that servers may send today. No locale. */
static bool date_parse(struct str value, time_t *ret)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char text[40], month[4];
    struct tm tm = {0};
    int end = 0;
    if (value.n >= sizeof text)
        return false;
    memcpy(text, value.p, value.n);
    text[value.n] = '\0';
    if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &tm.tm_mday, month,
               &tm.tm_year, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &end) != 6 ||
        (size_t)end != value.n)
        return false;
    for (tm.tm_mon = 0; tm.tm_mon < 12; tm.tm_mon++) {
        if (memcmp(months + 3 * tm.tm_mon, month, 3) == 0)
            break;
    }
    if (tm.tm_mon == 12 || tm.tm_mday < 1 || tm.tm_mday > 31)
        return false;
    tm.tm_year -= 1900;
    *ret = timegm(&tm);
    return true;
}

bool retry_after_parse(struct str value, uint64_t now_s, uint64_t *ret_ms)
{
    uint64_t seconds;
    time_t at;
    value = str_trim(value);
    if (str_to_u64(value, &seconds)) {
        *ret_ms = seconds < UINT64_MAX / 1000 ? seconds * 1000 : UINT64_MAX;
        return true;
    }
    if (value.n == 0 || !date_parse(value, &at))
        return false;
    *ret_ms = at > 0 && (uint64_t)at > now_s ? ((uint64_t)at - now_s) * 1000 : 0;
    return true;
}
