/* describe.h - what the SDK's metrics tell of an OTLP exporter and of each of its requests. */
#ifndef OTLP_DESCRIBE_H
#define OTLP_DESCRIBE_H

#include "otlp/settings.h"

/* Type and server, from the settings. */
void describe_exporter(cairn_exporter *exporter, const struct otlp_settings *settings);

enum { ERROR_TYPE_TEXT_BYTES = 24 };

/* The last try's end: http 0 = no answer came. The report borrows from type. */
struct cairn_export_report describe_result(long http, int64_t rejected, cairn_status status,
                                           char type[ERROR_TYPE_TEXT_BYTES]);

#endif
