/* jaeger_v1.h - endpoints of Jaeger's legacy API that have files of their own. */
#ifndef API_JAEGER_V1_H
#define API_JAEGER_V1_H

#include "api/call.h"

/* /api/metrics/...: jaeger_metrics.c */
call_run_fn jaeger_metrics_latencies, jaeger_metrics_calls, jaeger_metrics_errors;

#endif
