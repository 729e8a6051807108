/* metrics.h - whether and how often the SDK's own metrics are sent. */
#ifndef OTLP_METRICS_H
#define OTLP_METRICS_H

#include <cairn/sdk.h>

/* Does the application want it, or OTEL_C_SELF_METRICS, whose value is `env`? options may be NULL. */
bool otlp_metrics_wanted(const struct cairn_sdk_options *options, const char *env);

/* OTEL_METRIC_EXPORT_INTERVAL's value (NULL: unset) in milliseconds. */
uint32_t otlp_metrics_interval_ms(const char *text);

#endif
