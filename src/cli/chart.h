/* chart.h - series as a picture in the terminal.
 *
 * Few series share one chart of braille dots, each in its colour; without colours, or with many series, each has a line
 * of blocks on a common scale. A histogram over time is shown as shades, one line for each bucket. */
#ifndef CLI_CHART_H
#define CLI_CHART_H

#include "cli/axis.h"
#include "cli/series_answer.h"

struct chart {
    const struct answer_series_list *series; /* the first are drawn when there are too many */
    enum axis_unit unit;
    int64_t start_ms, end_ms;
    unsigned width, height; /* of the whole, of the field of dots */
    bool colors;
    bool buckets; /* a histogram: labels __bucket */
    bool bucket_seconds;
};

enum { CHART_COLORS = 8, CHART_LINES_MAX = 40 };

/* Series that are drawn. */
size_t chart_shown(const struct chart *c);
void chart_put(const struct chart *c, struct buf *out);

#endif
