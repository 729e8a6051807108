/* waterfall.h - a trace as text: one line per span with its place in the tree and in time. */
#ifndef CLI_WATERFALL_H
#define CLI_WATERFALL_H

#include "base/arena.h"
#include "base/buf.h"
#include "trace/span.h"

struct waterfall_options {
    unsigned width; /* of the terminal, in cells; at least WATERFALL_WIDTH_MIN is used */
    bool colors;
    bool events;       /* a line per event */
    bool attributes;   /* lines with the attributes */
    uint32_t rows_max; /* spans shown; the rest is counted */
};

enum { WATERFALL_WIDTH_MIN = 60 };

/* Appends header and rows of one trace. arena is for scratch. ERR_NOMEM. */
int waterfall_write(const struct span *spans, uint32_t count,
                    const struct waterfall_options *options, struct arena *arena, struct buf *out);

#endif
