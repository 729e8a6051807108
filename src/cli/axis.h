/* axis.h - the axes of a chart: round numbers and times, and how they are written. */
#ifndef CLI_AXIS_H
#define CLI_AXIS_H

#include "base/buf.h"
#include "cli/units.h"

enum axis_unit { AXIS_COUNT, AXIS_RATE, AXIS_SECONDS };

/* "1.2k", "3.4/s", "250 ms" */
void axis_format(char out[UNITS_BYTES], double value, enum axis_unit unit);

/* A round step so that at most `most` of them cover the range: 1, 2 or 5 times a power of ten. */
double axis_step(double range, unsigned most);

/* Below a chart whose `cells` columns span [start_ms, end_ms]: a line with ticks and one with their times, both behind
 * `indent` cells, the last of which is the corner. In the zone of TZ. */
void axis_put_times(struct buf *out, int64_t start_ms, int64_t end_ms, unsigned indent,
                    struct str corner, unsigned cells, bool colors);

#endif
