/* series_print.h - series as text: a table for people, CSV for programs. */
#ifndef CLI_SERIES_PRINT_H
#define CLI_SERIES_PRINT_H

#include "cli/axis.h"
#include "cli/series_answer.h"

/* A line for each time, a column for each series. */
void series_print_table(const struct answer_series_list *list, enum axis_unit unit, unsigned width,
                        bool colors, struct buf *out);
/* As in RFC 4180, but for the ends of lines: a head, then one line for each value: its time, its labels, the number. */
void series_print_csv(const struct answer_series_list *list, struct buf *out);
/* What compare() found: a line for each attribute and value, with its spans in the selection and in the rest. */
void series_print_comparison(const struct answer_series_list *list, unsigned width, bool colors,
                             struct buf *out);

#endif
