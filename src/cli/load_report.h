/* load_report.h - what `cairn load` tells: progress while it runs, the result at the end. */
#ifndef CLI_LOAD_REPORT_H
#define CLI_LOAD_REPORT_H

#include <stdio.h>

#include "load/run.h"

/* For load_run_options.progress: redraws one line on the terminal at standard error. user is the load_run_options. */
void load_report_progress(const struct load_result *so_far, void *user);
/* Removes that line. */
void load_report_progress_end(void);

/* "name<tab>value<tab>unit" lines, or one JSON object {"results":[{"name","value","unit"},...]}. */
void load_report(const struct load_result *result, bool json, FILE *out);

#endif
