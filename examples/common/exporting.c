/* exporting.c - one environment variable, one processor. */
#include "exporting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/otlp.h>

cairn_processor *exporting_processor(const char *program)
{
    /* a person waits in front of the examples: spans go out sooner than the five seconds of production */
    struct cairn_batch_options soon = {.size = sizeof soon, .schedule_delay_ms = 200};
    const char *name = getenv("OTEL_TRACES_EXPORTER");
    if (!name || !*name || strcmp(name, "console") == 0)
        return cairn_processor_simple(cairn_exporter_console(CAIRN_CONSOLE_TEXT, 1));
    if (strcmp(name, "otlp") == 0)
        return cairn_processor_batch(cairn_otlp_exporter_new(NULL), &soon);
    if (strcmp(name, "none") == 0)
        return NULL;
    fprintf(stderr, "%s: OTEL_TRACES_EXPORTER is otlp, console or none, not '%s'\n", program, name);
    exit(2);
}
