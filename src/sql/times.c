/* times.c - see times.h. */
#include "sql/times.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static const int64_t SECOND = 1000000000, DAY = 86400 * (int64_t)1000000000;

bool duration_parse(struct str s, int64_t *ret_ns)
{
    int64_t n, unit;
    char last = s.n ? s.p[s.n - 1] : '\0';
    if (last != 'd' && last != 'w')
        return str_to_duration_ns(s, ret_ns);
    unit = last == 'd' ? DAY : 7 * DAY;
    return str_to_i64(str_make(s.p, s.n - 1), &n) && !__builtin_mul_overflow(n, unit, ret_ns);
}

static bool relative(struct str s, uint64_t now_ns, int64_t *ret_ns)
{
    int64_t offset = 0;
    s = str_from(s, 3); /* "now" */
    if (s.n && s.p[0] != '+' && s.p[0] != '-')
        return false;
    if (s.n && (!duration_parse(str_from(s, 1), &offset) || offset < 0))
        return false;
    if (s.n && s.p[0] == '-')
        offset = -offset;
    return !__builtin_add_overflow((int64_t)now_ns, offset, ret_ns);
}

/* What is left of a text while it is read. */
static bool digits(struct str *s, size_t n, int min, int max, int *ret)
{
    int v = 0;
    if (s->n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        v = v * 10 + (s->p[i] - '0');
    }
    *s = str_from(*s, n);
    *ret = v;
    return v >= min && v <= max;
}

static bool sign(struct str *s, const char *any_of)
{
    if (!s->n || !s->p[0] || !strchr(any_of, s->p[0]))
        return false;
    *s = str_from(*s, 1);
    return true;
}

static int64_t fraction(struct str *s)
{
    int64_t ns = 0, unit = SECOND / 10;
    while (s->n && s->p[0] >= '0' && s->p[0] <= '9') {
        ns += unit * (s->p[0] - '0');
        unit /= 10;
        *s = str_from(*s, 1);
    }
    return ns;
}

static bool time_of_day(struct str *s, struct tm *tm, int64_t *ns)
{
    if (!digits(s, 2, 0, 23, &tm->tm_hour) || !sign(s, ":") || !digits(s, 2, 0, 59, &tm->tm_min))
        return false;
    if (!sign(s, ":"))
        return true;
    if (!digits(s, 2, 0, 60, &tm->tm_sec))
        return false;
    if (sign(s, "."))
        *ns = fraction(s);
    return true;
}

static bool zone(struct str *s, int64_t *offset_s)
{
    int hours, minutes, factor = s->n && s->p[0] == '-' ? -1 : 1;
    if (s->n == 0 || sign(s, "Zz"))
        return true;
    if (!sign(s, "+-") || !digits(s, 2, 0, 23, &hours) || !sign(s, ":") ||
        !digits(s, 2, 0, 59, &minutes))
        return false;
    *offset_s = factor * (hours * 3600 + minutes * 60);
    return true;
}

bool time_parse(struct str s, uint64_t now_ns, int64_t *ret_ns)
{
    struct tm tm = {0};
    int year, month, day;
    int64_t ns = 0, offset_s = 0;
    if (str_starts(s, STR("now")))
        return relative(s, now_ns, ret_ns);
    if (!digits(&s, 4, 1970, 2261, &year) || !sign(&s, "-") || !digits(&s, 2, 1, 12, &month) ||
        !sign(&s, "-") || !digits(&s, 2, 1, 31, &day))
        return false;
    if (s.n && (!sign(&s, "Tt ") || !time_of_day(&s, &tm, &ns) || !zone(&s, &offset_s)))
        return false;
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    tm.tm_mday = day;
    int64_t seconds = (int64_t)timegm(&tm);
    if (s.n || tm.tm_mday != day) /* timegm makes 1 March of 30 February */
        return false;
    *ret_ns = (seconds - offset_s) * SECOND + ns;
    return true;
}

void duration_format(char out[DURATION_TEXT_MAX], int64_t ns)
{
    static const struct {
        int64_t ns;
        const char *name;
    } units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};
    const char *minus = ns < 0 ? "-" : "";
    uint64_t n = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns, s = n / (uint64_t)SECOND;
    int i = 0;
    double v;
    if (s >= 3600) {
        snprintf(out, DURATION_TEXT_MAX, "%s%" PRIu64 "h%" PRIu64 "m", minus, s / 3600,
                 s / 60 % 60);
        return;
    }
    if (s >= 60) {
        snprintf(out, DURATION_TEXT_MAX, "%s%" PRIu64 "m%" PRIu64 "s", minus, s / 60, s % 60);
        return;
    }
    while (i < 3 && n < (uint64_t)units[i].ns)
        i++;
    v = (double)n / (double)units[i].ns;
    snprintf(out, DURATION_TEXT_MAX, "%s%.*f%s", minus,
             i == 3 || v >= 99.95 ? 0
             : v >= 9.995         ? 1
                                  : 2,
             v, units[i].name);
}
