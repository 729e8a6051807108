/* exporting.h - for examples that put their processors together themselves: the exporter that OTEL_TRACES_EXPORTER names,
 * in the processor that suits it. */
#ifndef EXAMPLES_EXPORTING_H
#define EXAMPLES_EXPORTING_H

#include <cairn/cairn.h>

/* otlp in a batch processor; console (also when the variable is not set) in a simple one; none: NULL. Ends the program
 * with a line that says why when the variable names something else. Owned: the SDK that gets it takes it over. */
cairn_processor *exporting_processor(const char *program);

#endif
