/* params.c - strict readers: what they do not understand is an error that names the parameter and the text. */
#include "api/params.h"

#include <time.h>

#include "base/base64.h"
#include "base/hex.h"

enum { QUOTED_MAX = 60 }; /* of a bad text, in messages */

/* For "%.*s": the text as far as it makes sense to repeat it. */
static int shown(struct str s)
{
    return s.n > QUOTED_MAX ? QUOTED_MAX : (int)s.n;
}

int param_trace_id(struct str text, struct trace_id *ret, struct err *err)
{
    struct trace_id id = {{0}};
    char padded[2 * TRACE_ID_BYTES];
    bool ok = false;
    if (text.n >= 1 && text.n <= sizeof padded) {
        memset(padded, '0', sizeof padded);
        memcpy(padded + sizeof padded - text.n, text.p, text.n);
        ok = hex_decode(id.bytes, sizeof id.bytes, str_make(padded, sizeof padded));
    }
    if (!ok) {
        uint8_t bytes[TRACE_ID_BYTES];
        ptrdiff_t n = base64_decode(bytes, sizeof bytes, text);
        ok = n == 8 || n == TRACE_ID_BYTES;
        if (ok) {
            memset(id.bytes, 0, sizeof id.bytes);
            memcpy(id.bytes + sizeof id.bytes - n, bytes, (size_t)n);
        }
    }
    if (!ok)
        return err_set(err, ERR_INVALID,
                       "\"%.*s\" is not a trace id: it takes 1 to 32 hexadecimal "
                       "digits",
                       shown(text), text.n ? text.p : "");
    if (trace_id_is_zero(id))
        return err_set(err, ERR_INVALID, "the trace id of all zeros is not valid");
    *ret = id;
    return 0;
}

/* Exactly n digits at *at, a number within [min, max]. */
static bool take_number(struct str s, size_t *at, size_t n, int min, int max, int *ret)
{
    int v = 0;
    if (s.n < *at + n)
        return false;
    for (size_t i = *at; i < *at + n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        v = v * 10 + (s.p[i] - '0');
    }
    *at += n;
    *ret = v;
    return v >= min && v <= max;
}

static bool take_char(struct str s, size_t *at, const char *any_of)
{
    if (*at >= s.n || s.p[*at] == '\0' || !strchr(any_of, s.p[*at]))
        return false;
    ++*at;
    return true;
}

/* Digits behind the point; those past nanoseconds are dropped. */
static bool take_fraction(struct str s, size_t *at, uint64_t *ns)
{
    uint64_t unit = 100000000;
    size_t start = *at;
    for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; ++*at, unit /= 10)
        *ns += unit * (uint64_t)(s.p[*at] - '0');
    return *at > start;
}

static bool take_zone(struct str s, size_t *at, int64_t *offset_s)
{
    int hours, minutes;
    if (take_char(s, at, "Zz"))
        return true;
    char sign = *at < s.n ? s.p[*at] : 0;
    if (!take_char(s, at, "+- ") || !take_number(s, at, 2, 0, 23, &hours) ||
        !take_char(s, at, ":") || !take_number(s, at, 2, 0, 59, &minutes))
        return false;
    *offset_s = (hours * 60 + minutes) * 60 * (sign == '-' ? -1 : 1);
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool parse_rfc3339(struct str s, uint64_t *ret)
{
    struct tm tm = {0};
    int year, month;
    size_t at = 0;
    uint64_t ns = 0;
    int64_t zone_s = 0, seconds;
    if (!take_number(s, &at, 4, 1970, 2553, &year) || !take_char(s, &at, "-") ||
        !take_number(s, &at, 2, 1, 12, &month) || !take_char(s, &at, "-") ||
        !take_number(s, &at, 2, 1, 31, &tm.tm_mday) || !take_char(s, &at, "Tt") ||
        !take_number(s, &at, 2, 0, 23, &tm.tm_hour) || !take_char(s, &at, ":") ||
        !take_number(s, &at, 2, 0, 59, &tm.tm_min) || !take_char(s, &at, ":") ||
        !take_number(s, &at, 2, 0, 60, &tm.tm_sec))
        return false;
    if (take_char(s, &at, ".") && !take_fraction(s, &at, &ns))
        return false;
    if (!take_zone(s, &at, &zone_s) || at != s.n)
        return false;
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    if (tm.tm_mday > days_in_month(year, month))
        return false;
    seconds = (int64_t)timegm(&tm) - zone_s;
    if (seconds < 0)
        return false;
    *ret = (uint64_t)seconds * 1000000000 + ns;
    return true;
}

int param_rfc3339(struct str name, struct str text, uint64_t *ret, struct err *err)
{
    if (parse_rfc3339(text, ret))
        return 0;
    return err_set(err, ERR_INVALID,
                   "malformed parameter %.*s: \"%.*s\" is not an RFC 3339 time, as in "
                   "2026-01-31T12:00:00Z",
                   STR_ARG(name), shown(text), text.n ? text.p : "");
}

int param_unix_time(struct str name, struct str text, uint64_t unit_ns, uint64_t *ret,
                    struct err *err)
{
    uint64_t v;
    if (!str_to_u64(text, &v))
        return err_set(err, ERR_INVALID,
                       "unable to parse param '%.*s': \"%.*s\" is not a whole "
                       "number of %s since 1970",
                       STR_ARG(name), shown(text), text.n ? text.p : "",
                       unit_ns == 1000 ? "microseconds" : "milliseconds");
    *ret = v > UINT64_MAX / unit_ns ? UINT64_MAX : v * unit_ns;
    return 0;
}

int param_duration(struct str name, struct str text, uint64_t *ret, struct err *err)
{
    int64_t v;
    if (!str_to_duration_ns(text, &v) || v < 0)
        return err_set(err, ERR_INVALID,
                       "unable to parse param '%.*s': \"%.*s\" is not a duration, as in 1.5ms or "
                       "100us",
                       STR_ARG(name), shown(text), text.n ? text.p : "");
    *ret = (uint64_t)v;
    return 0;
}

int param_limit(struct str name, struct str text, uint32_t fallback, uint32_t max, uint32_t *ret,
                struct err *err)
{
    uint64_t v = 0;
    if (text.n && !str_to_u64(text, &v))
        return err_set(err, ERR_INVALID,
                       "unable to parse param '%.*s': \"%.*s\" is not a positive number",
                       STR_ARG(name), shown(text), text.p);
    if (v > max)
        return err_set(err, ERR_INVALID, "param '%.*s' is over this server's maximum of %u",
                       STR_ARG(name), max);
    *ret = v ? (uint32_t)v : fallback < max ? fallback : max;
    return 0;
}
