/* chart.c - series as a picture in the terminal. */
#include "cli/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/table.h"
#include "cli/term.h"

static const char *const colors[CHART_COLORS] = {"36", "33", "35", "32", "34", "31", "96", "93"};

static bool is_dots(const struct chart *c)
{
    return !c->buckets &&
           (c->series->count == 1 || (c->colors && c->series->count <= CHART_COLORS));
}

size_t chart_shown(const struct chart *c)
{
    return c->series->count < CHART_LINES_MAX ? c->series->count : CHART_LINES_MAX;
}

/* The least and the greatest of what is drawn; from 0, unless something is below. */
static void find_range(const struct chart *c, double *low, double *high)
{
    *low = 0;
    *high = 0;
    for (size_t i = 0; i < chart_shown(c); i++) {
        const struct answer_series *s = &c->series->items[i];
        if (s->count && s->min < *low && isfinite(s->min))
            *low = s->min;
        if (s->count && s->max > *high && isfinite(s->max))
            *high = s->max;
    }
    if (*high <= *low)
        *high = *low + 1;
}

/* ---- Dots ---- */

struct canvas {
    unsigned cells, rows;
    unsigned char *dots;  /* of each cell: the bits of U+2800 */
    unsigned char *color; /* of the series drawn last */
};

static void dot(struct canvas *v, unsigned x, unsigned y, unsigned char color)
{
    static const unsigned char bits[4][2] = {
        {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    size_t at = (size_t)(y / 4) * v->cells + x / 2;
    if (x >= 2 * v->cells || y >= 4 * v->rows)
        return;
    v->dots[at] |= bits[y % 4][x % 2];
    v->color[at] = color;
}

static void line(struct canvas *v, int x0, int y0, int x1, int y1, unsigned char color)
{
    int dx = abs(x1 - x0), dy = -abs(y1 - y0), step = dx + dy;
    for (;;) {
        int twice = 2 * step;
        dot(v, (unsigned)x0, (unsigned)y0, color);
        if (x0 == x1 && y0 == y1)
            return;
        if (twice >= dy) {
            step += dy;
            x0 += x0 < x1 ? 1 : -1;
        }
        if (twice <= dx) {
            step += dx;
            y0 += y0 < y1 ? 1 : -1;
        }
    }
}

static int column_of(const struct chart *c, const struct canvas *v, int64_t time_ms)
{
    int64_t range = c->end_ms > c->start_ms ? c->end_ms - c->start_ms : 1, at;
    at = (time_ms - c->start_ms) * (int64_t)(2 * v->cells - 1) / range;
    return at < 0 ? 0 : at >= (int64_t)(2 * v->cells) ? (int)(2 * v->cells - 1) : (int)at;
}

static int row_of(const struct canvas *v, double value, double low, double high)
{
    double most = 4 * v->rows - 1, at = most - (value - low) / (high - low) * most;
    return (int)lround(at < 0 ? 0 : at > most ? most : at);
}

static void draw_series(const struct chart *c, struct canvas *v, size_t index, double low,
                        double high)
{
    const struct answer_series *s = &c->series->items[index];
    int x0 = 0, y0 = 0;
    bool joined = false; /* to the value before it */
    for (size_t i = 0; i < c->series->time_count; i++) {
        int x, y;
        if (!isfinite(s->values[i])) {
            joined = false;
            continue;
        }
        x = column_of(c, v, c->series->times_ms[i]);
        y = row_of(v, s->values[i], low, high);
        if (joined)
            line(v, x0, y0, x, y, (unsigned char)index);
        else
            dot(v, (unsigned)x, (unsigned)y, (unsigned char)index);
        x0 = x;
        y0 = y;
        joined = true;
    }
}

/* One character of U+2800 to U+28FF. */
static void put_braille(struct buf *out, unsigned char bits)
{
    buf_put_byte(out, 0xe2);
    buf_put_byte(out, (unsigned char)(0xa0 | bits >> 6));
    buf_put_byte(out, (unsigned char)(0x80 | (bits & 0x3f)));
}

static void put_row(const struct chart *c, const struct canvas *v, unsigned row, struct buf *out)
{
    int color = -1;
    unsigned spaces = 0; /* none at the end of a line */
    for (unsigned i = 0; i < v->cells; i++) {
        size_t at = (size_t)row * v->cells + i;
        if (!v->dots[at]) {
            spaces++;
            continue;
        }
        term_pad(out, spaces);
        spaces = 0;
        if (color != v->color[at]) {
            color = v->color[at];
            term_sgr(out, c->colors, colors[color % CHART_COLORS]);
        }
        put_braille(out, v->dots[at]);
    }
    term_sgr(out, c->colors, "");
    buf_put_byte(out, '\n');
}

/* ---- The value axis ---- */

struct ticks {
    double low, high, step;
    unsigned cells; /* of the widest label */
};

static struct ticks make_ticks(const struct chart *c)
{
    struct ticks t;
    double low, high;
    char text[UNITS_BYTES];
    find_range(c, &low, &high);
    t.step = axis_step(high - low, c->height < 8 ? 2 : c->height < 16 ? 4 : 6);
    t.low = floor(low / t.step) * t.step;
    t.high = ceil(high / t.step - 1e-9) * t.step;
    t.cells = 0;
    for (double v = t.low; v <= t.high + t.step / 2; v += t.step) {
        unsigned cells;
        axis_format(text, fabs(v) < t.step / 1e6 ? 0 : v, c->unit);
        cells = term_cells(str_of(text));
        t.cells = cells > t.cells ? cells : t.cells;
    }
    return t;
}

/* The label of the tick that lies in this row, if one does. */
static void put_label(const struct chart *c, const struct canvas *v, const struct ticks *t,
                      unsigned row, struct buf *out)
{
    char text[UNITS_BYTES] = "";
    unsigned cells;
    for (double value = t->low; value <= t->high + t->step / 2; value += t->step) {
        if ((unsigned)row_of(v, value, t->low, t->high) / 4 == row)
            axis_format(text, fabs(value) < t->step / 1e6 ? 0 : value, c->unit);
    }
    cells = term_cells(str_of(text));
    term_sgr(out, c->colors, "2");
    term_pad(out, t->cells - cells);
    buf_put_str(out, str_of(text));
    buf_put_str(out, *text ? STR(" ┤") : STR(" │"));
    term_sgr(out, c->colors, "");
}

static void put_dots(const struct chart *c, struct buf *out)
{
    struct ticks t = make_ticks(c);
    struct canvas v = {.rows = c->height};
    v.cells = c->width > t.cells + 2 + 10 ? c->width - t.cells - 2 : 10;
    v.dots = calloc((size_t)v.cells * v.rows, 2);
    if (!v.dots) {
        out->failed = true;
        return;
    }
    v.color = v.dots + (size_t)v.cells * v.rows;
    for (size_t i = chart_shown(c); i-- > 0;) /* the largest on top */
        draw_series(c, &v, i, t.low, t.high);
    for (unsigned row = 0; row < v.rows; row++) {
        put_label(c, &v, &t, row, out);
        put_row(c, &v, row, out);
    }
    axis_put_times(out, c->start_ms, c->end_ms, t.cells + 2, STR("└"), v.cells, c->colors);
    free(v.dots);
}

/* ---- The legend ---- */

static void put_legend(const struct chart *c, struct buf *out)
{
    struct table t;
    table_init(&t);
    if (c->colors && c->series->count > 1)
        table_column(&t, STR(""), false, TABLE_WHOLE);
    table_column(&t, c->series->keys.n ? c->series->keys : STR("SERIES"), false, TABLE_CUT);
    table_column(&t, STR("MIN"), true, TABLE_WHOLE);
    table_column(&t, STR("AVG"), true, TABLE_WHOLE);
    table_column(&t, STR("MAX"), true, TABLE_WHOLE);
    table_column(&t, STR("LAST"), true, TABLE_WHOLE);
    for (size_t i = 0; i < chart_shown(c); i++) {
        const struct answer_series *s = &c->series->items[i];
        const double shown[] = {s->min, s->avg, s->max, s->last};
        char text[UNITS_BYTES];
        if (c->colors && c->series->count > 1)
            table_cell(&t, STR("━━"), colors[i % CHART_COLORS]);
        table_cell(&t, s->name, NULL);
        for (size_t n = 0; n < sizeof shown / sizeof *shown; n++) {
            axis_format(text, shown[n], c->unit);
            table_cell(&t, str_of(text), NULL);
        }
    }
    table_print(&t, c->width, c->colors, out);
    table_release(&t);
}

/* ---- Lines of blocks ---- */

/* The greatest value whose step overlaps the cell; NaN when there is none. A value belongs to the step that ends at its
 * time. */
static double cell_value(const struct chart *c, const struct answer_series *s, unsigned cell,
                         unsigned cells)
{
    const int64_t *times = c->series->times_ms;
    int64_t range = c->end_ms - c->start_ms;
    int64_t from = c->start_ms + range * cell / cells,
            to = c->start_ms + range * (cell + 1) / cells;
    int64_t step = c->series->time_count > 1 ? times[1] - times[0] : range;
    double most = (double)NAN;
    for (size_t i = 0; i < c->series->time_count; i++) {
        if (times[i] <= from || times[i] - step >= to || isnan(s->values[i]))
            continue;
        if (isnan(most) || s->values[i] > most)
            most = s->values[i];
    }
    return most;
}

static void put_blocks(const struct chart *c, const struct answer_series *s, unsigned cells,
                       double low, double high, struct buf *out)
{
    static const struct str bars[] = {STR_INIT("▁"), STR_INIT("▂"), STR_INIT("▃"), STR_INIT("▄"),
                                      STR_INIT("▅"), STR_INIT("▆"), STR_INIT("▇"), STR_INIT("█")};
    static const struct str shades[] = {STR_INIT("░"), STR_INIT("▒"), STR_INIT("▓"), STR_INIT("█")};
    const struct str *blocks = c->buckets ? shades : bars;
    int count = c->buckets ? 4 : 8;
    for (unsigned i = 0; i < cells; i++) {
        double v = cell_value(c, s, i, cells), part = (v - low) / (high - low);
        int at = (int)ceil(part * count) - 1;
        if (isnan(v) || (c->buckets && v <= 0))
            buf_put_byte(out, ' ');
        else
            buf_put_str(out, blocks[at < 0 ? 0 : at >= count ? count - 1 : at]);
    }
}

static void line_name(const struct chart *c, const struct answer_series *s, char out[256])
{
    for (uint32_t i = 0; c->buckets && i < s->label_count; i++) {
        char text[UNITS_BYTES];
        double edge;
        if (!str_eq(s->labels[i].key, STR("__bucket")) || !str_to_double(s->labels[i].value, &edge))
            continue;
        axis_format(text, edge, c->bucket_seconds ? AXIS_SECONDS : AXIS_COUNT);
        snprintf(out, 256, "≤ %s", text);
        return;
    }
    snprintf(out, 256, "%.*s", STR_ARG(s->name));
}

enum { NUMBER_CELLS = 10 };

static void put_number(struct buf *out, double v, enum axis_unit unit)
{
    char text[UNITS_BYTES];
    unsigned cells;
    axis_format(text, v, unit);
    cells = term_cells(str_of(text));
    term_pad(out, cells < NUMBER_CELLS ? NUMBER_CELLS - cells : 1);
    buf_put_str(out, str_of(text));
}

static unsigned names_cells(const struct chart *c)
{
    unsigned most = 8;
    for (size_t i = 0; i < chart_shown(c); i++) {
        char name[256];
        unsigned cells;
        line_name(c, &c->series->items[i], name);
        cells = term_cells(str_of(name));
        most = cells > most ? cells : most;
    }
    return most < c->width / 4 ? most : c->width / 4;
}

static void put_lines_head(const struct chart *c, unsigned names, unsigned cells, struct buf *out)
{
    unsigned used;
    term_sgr(out, c->colors, "2");
    used = term_put(out, c->buckets ? STR("BUCKET") : c->series->keys, names + cells);
    term_pad(out, names + 1 + cells - used);
    if (c->buckets)
        buf_printf(out, "%*s", 2 * NUMBER_CELLS, "SPANS");
    else
        buf_printf(out, "%*s%*s%*s", NUMBER_CELLS, "AVG", NUMBER_CELLS, "MAX", NUMBER_CELLS,
                   "LAST");
    term_sgr(out, c->colors, "");
    buf_put_byte(out, '\n');
}

static void put_lines(const struct chart *c, struct buf *out)
{
    unsigned names = names_cells(c), used, numbers = 3 * NUMBER_CELLS;
    unsigned cells = c->width > names + 1 + numbers + 10 ? c->width - names - 1 - numbers : 10;
    double low, high;
    find_range(c, &low, &high);
    put_lines_head(c, names, cells, out);
    for (size_t i = 0; i < chart_shown(c); i++) {
        const struct answer_series *s = &c->series->items[i];
        char name[256];
        line_name(c, s, name);
        used = term_put(out, str_of(name), names);
        term_pad(out, names - used + 1);
        term_sgr(out, c->colors, colors[c->buckets ? 0 : i % CHART_COLORS]);
        put_blocks(c, s, cells, low, high, out);
        term_sgr(out, c->colors, "");
        if (c->buckets) {
            term_pad(out, NUMBER_CELLS);
            put_number(out, s->sum, AXIS_COUNT);
        } else {
            put_number(out, s->avg, c->unit);
            put_number(out, s->max, c->unit);
            put_number(out, s->last, c->unit);
        }
        buf_put_byte(out, '\n');
    }
    axis_put_times(out, c->start_ms, c->end_ms, names + 1, STR(" "), cells, c->colors);
}

void chart_put(const struct chart *c, struct buf *out)
{
    if (!is_dots(c)) {
        put_lines(c, out);
        return;
    }
    put_dots(c, out);
    put_legend(c, out);
}
