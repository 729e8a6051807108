/* describe.h - what the SDK's metrics tell of an OTLP exporter and of each of its requests. */
#ifndef OTLP_DESCRIBE_H
#define OTLP_DESCRIBE_H

#include "otlp/settings.h"

/* Type and server, from the settings. */
void describe_exporter(cairn_exporter *exporter, const struct otlp_settings *settings);

/* The last try's end: http 0 = no answer came; error_type NULL = after the status. */
void describe_batch(const cairn_span_batch *batch, long http, int64_t rejected,
                    cairn_status status);

#endif
