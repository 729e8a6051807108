/* term.h - text for a terminal: its width, its colours, and how many cells a text takes.
 *
 * Text from spans is never printed as it came: control and direction characters would let a span rewrite the
 * screen. term_put replaces them. */
#ifndef CLI_TERM_H
#define CLI_TERM_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/str.h"

enum term_color_mode { TERM_COLOR_AUTO, TERM_COLOR_ALWAYS, TERM_COLOR_NEVER };
extern const char *const term_color_choices[]; /* for OPTION_CHOICE */

/* auto: standard output is a terminal, TERM is not "dumb" and NO_COLOR is not set. */
bool term_colors(enum term_color_mode mode);

/* Columns of the terminal at standard output, else COLUMNS, else fallback. */
unsigned term_width(unsigned fallback);

/* Appends s, at most max_cells wide; what does not fit is cut with "…". Answers the cells used. */
unsigned term_put(struct buf *out, struct str s, unsigned max_cells);
/* The same, cut in front: "…the end". */
unsigned term_put_end(struct buf *out, struct str s, unsigned max_cells);
/* Cells that term_put would use without a maximum. */
unsigned term_cells(struct str s);
void term_pad(struct buf *out, unsigned cells);

/* An SGR sequence such as "1;31" ("" resets), or nothing when colours are off. */
void term_sgr(struct buf *out, bool colors, const char *sgr);

#endif
