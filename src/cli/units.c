/* units.c - tables of units. */
#include "cli/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static const uint64_t SECOND_NS = 1000000000;

bool parse_size(struct str s, uint64_t *bytes)
{
    static const struct {
        struct str suffix;
        uint64_t factor;
    } units[] = {
        {STR_INIT("KiB"), 1ull << 10},
        {STR_INIT("MiB"), 1ull << 20},
        {STR_INIT("GiB"), 1ull << 30},
        {STR_INIT("TiB"), 1ull << 40},
        {STR_INIT("kB"), 1000},
        {STR_INIT("MB"), 1000000},
        {STR_INIT("GB"), 1000000000},
        {STR_INIT("TB"), 1000000000000},
        {STR_INIT("k"), 1ull << 10},
        {STR_INIT("M"), 1ull << 20},
        {STR_INIT("G"), 1ull << 30},
        {STR_INIT("T"), 1ull << 40},
        {STR_INIT("B"), 1},
    };
    uint64_t factor = 1, v;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct str suffix = units[i].suffix;
        if (s.n > suffix.n && str_eq_nocase(str_from(s, s.n - suffix.n), suffix)) {
            factor = units[i].factor;
            s.n -= suffix.n;
            break;
        }
    }
    if (!str_to_u64(str_trim(s), &v) || v > UINT64_MAX / factor)
        return false;
    *bytes = v * factor;
    return true;
}

bool parse_duration(struct str s, uint64_t *ns)
{
    const uint64_t day_ns = 24 * 3600 * SECOND_NS;
    uint64_t days;
    int64_t v;
    if (s.n && s.p[s.n - 1] == 'd') {
        if (!str_to_u64(str_make(s.p, s.n - 1), &days) || days > INT64_MAX / day_ns)
            return false;
        *ns = days * day_ns;
        return true;
    }
    if (!str_to_duration_ns(s, &v) || v < 0)
        return false;
    *ns = (uint64_t)v;
    return true;
}

/* v with three digits. */
static void three_digits(char out[UNITS_BYTES], double v, const char *unit)
{
    int decimals = v < 9.995 ? 2 : v < 99.95 ? 1 : 0;
    char number[32];
    snprintf(number, sizeof number, "%.*f", decimals, v);
    size_t n = strlen(number);
    while (decimals && number[n - 1] == '0')
        number[--n] = '\0';
    if (number[n - 1] == '.')
        number[--n] = '\0';
    snprintf(out, UNITS_BYTES, "%s %s", number, unit);
}

void format_duration(char out[UNITS_BYTES], uint64_t ns)
{
    double v = (double)ns;
    uint64_t seconds = (ns + SECOND_NS / 2) / SECOND_NS;
    if (ns < 1000)
        snprintf(out, UNITS_BYTES, "%" PRIu64 " ns", ns);
    else if (v < 999.5e3)
        three_digits(out, v / 1e3, "µs");
    else if (v < 999.5e6)
        three_digits(out, v / 1e6, "ms");
    else if (seconds < 60)
        three_digits(out, v / 1e9, "s");
    else if (seconds < 3600)
        snprintf(out, UNITS_BYTES, "%" PRIu64 "m %02" PRIu64 "s", seconds / 60, seconds % 60);
    else
        snprintf(out, UNITS_BYTES, "%" PRIu64 "h %02" PRIu64 "m", seconds / 3600,
                 seconds % 3600 / 60);
}

void format_bytes(char out[UNITS_BYTES], uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double v = (double)bytes;
    unsigned i = 0;
    for (; v >= 999.5 && i < 4; i++)
        v /= 1024;
    three_digits(out, v, units[i]);
}

void format_count(char out[UNITS_BYTES], uint64_t n)
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%" PRIu64, n), at = 0;
    for (int i = 0; i < count; i++) {
        if (i && (count - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
}

void format_plural(char out[UNITS_BYTES], uint64_t n, const char *one, const char *many)
{
    char count[UNITS_BYTES];
    format_count(count, n);
    snprintf(out, UNITS_BYTES, "%.27s %.18s", count, n == 1 ? one : many);
}

void format_time(char out[UNITS_BYTES], uint64_t unix_ns)
{
    time_t seconds = (time_t)(unix_ns / SECOND_NS);
    char day[24], zone[12];
    struct tm tm;
    localtime_r(&seconds, &tm);
    strftime(day, sizeof day, "%Y-%m-%d %H:%M:%S", &tm);
    strftime(zone, sizeof zone, "%Z", &tm);
    snprintf(out, UNITS_BYTES, "%s.%03u %s", day, (unsigned)(unix_ns % SECOND_NS / 1000000), zone);
}

void format_age(char out[UNITS_BYTES], uint64_t unix_ns, uint64_t now_ns)
{
    uint64_t s = now_ns > unix_ns ? (now_ns - unix_ns) / SECOND_NS : 0;
    if (s == 0)
        snprintf(out, UNITS_BYTES, "just now");
    else if (s < 120)
        snprintf(out, UNITS_BYTES, "%" PRIu64 " s ago", s);
    else if (s < 2 * 3600)
        snprintf(out, UNITS_BYTES, "%" PRIu64 " min ago", s / 60);
    else if (s < 48 * 3600)
        snprintf(out, UNITS_BYTES, "%" PRIu64 " h ago", s / 3600);
    else
        snprintf(out, UNITS_BYTES, "%" PRIu64 " days ago", s / 86400);
}
