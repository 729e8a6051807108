/* axis.c - the axes of a chart: round numbers and times, and how they are written. */
#include "cli/axis.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#include "cli/term.h"

/* ---- Numbers ---- */

static void format_plain(char out[UNITS_BYTES], double value, const char *unit)
{
    static const char *const prefixes[] = {"", "k", "M", "G", "T", "P"};
    double shown = fabs(value);
    size_t prefix = 0;
    while (shown >= 999.5 && prefix + 1 < sizeof prefixes / sizeof *prefixes) {
        shown /= 1000;
        prefix++;
    }
    snprintf(out, UNITS_BYTES, "%s%.3g%s%s", value < 0 ? "-" : "", shown, prefixes[prefix], unit);
}

void axis_format(char out[UNITS_BYTES], double value, enum axis_unit unit)
{
    if (isnan(value)) {
        snprintf(out, UNITS_BYTES, "-");
    } else if (unit == AXIS_SECONDS && value == 0) {
        snprintf(out, UNITS_BYTES, "0 s");
    } else if (unit == AXIS_SECONDS && value >= 0 && value < 9e9) {
        format_duration(out, (uint64_t)llround(value * 1e9));
    } else {
        format_plain(out, value, unit == AXIS_RATE ? "/s" : unit == AXIS_SECONDS ? " s" : "");
    }
}

double axis_step(double range, unsigned most)
{
    double least = range / most, power, digit;
    if (!(least > 0))
        return 1;
    power = pow(10, floor(log10(least)));
    digit = least / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

/* ---- Times ---- */

static const int64_t steps_s[] = {1,     2,     5,     10,    15,     30,    60,
                                  120,   300,   600,   900,   1800,   3600,  7200,
                                  10800, 21600, 43200, 86400, 172800, 604800};

enum { DAY_S = 86400, LABEL_CELLS = 8 };

static int64_t time_step(int64_t range_s, unsigned most)
{
    size_t i = 0;
    while (i + 1 < sizeof steps_s / sizeof *steps_s && range_s / steps_s[i] >= (int64_t)most)
        i++;
    return steps_s[i];
}

static void format_tick(char out[UNITS_BYTES], int64_t unix_s, int64_t step_s)
{
    time_t t = (time_t)unix_s;
    struct tm tm;
    localtime_r(&t, &tm);
    if (step_s >= DAY_S || (tm.tm_hour == 0 && tm.tm_min == 0 && step_s >= 3600))
        strftime(out, UNITS_BYTES, "%d %b", &tm);
    else
        strftime(out, UNITS_BYTES, step_s < 60 ? "%H:%M:%S" : "%H:%M", &tm);
}

/* Seconds that local time is ahead of UTC. */
static int64_t zone_s(int64_t unix_s)
{
    time_t t = (time_t)unix_s;
    struct tm tm;
    return localtime_r(&t, &tm) ? tm.tm_gmtoff : 0;
}

void axis_put_times(struct buf *out, int64_t start_ms, int64_t end_ms, unsigned indent,
                    struct str corner, unsigned cells, bool colors)
{
    int64_t range_ms = end_ms > start_ms ? end_ms - start_ms : 1;
    int64_t step = time_step(range_ms / 1000, cells / (LABEL_CELLS + 4) + 1), zone, tick;
    unsigned line = 0, label = 0;
    struct buf labels;
    char text[UNITS_BYTES];
    buf_init(&labels, 0);
    zone = zone_s(start_ms / 1000);
    tick = ((start_ms + 999) / 1000 + zone + step - 1) / step * step - zone;
    term_sgr(out, colors, "2");
    term_pad(out, indent - 1);
    buf_put_str(out, corner);
    for (; tick * 1000 <= end_ms; tick += step) {
        unsigned at = (unsigned)((tick * 1000 - start_ms) * (int64_t)(cells - 1) / range_ms), n;
        format_tick(text, tick, step);
        n = (unsigned)strlen(text);
        if (label && at < label + 2)
            continue;
        for (; line < at; line++)
            buf_put_str(out, STR("─"));
        buf_put_str(out, STR("┬"));
        line++;
        if (at + n > cells) /* would stand out of the chart */
            at = cells > n ? cells - n : 0;
        if (at < label)
            continue;
        term_pad(&labels, at - label);
        buf_put_str(&labels, str_of(text));
        label = at + n;
    }
    for (; line < cells; line++)
        buf_put_str(out, STR("─"));
    buf_put_byte(out, '\n');
    term_pad(out, indent);
    buf_put_str(out, buf_str(&labels));
    term_sgr(out, colors, "");
    buf_put_byte(out, '\n');
    buf_release(&labels);
}
