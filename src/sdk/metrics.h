/* metrics.h - the SDK's numbers about itself: per-thread counters of spans, atomic ones of processors and exporters,
 * gathered when somebody asks. */
#ifndef SDK_METRICS_H
#define SDK_METRICS_H

#include "sdk/sdk.h"

/* Sums the counters of the SDK's number over all threads. */
void counts_sum(const struct cairn_sdk *sdk, struct span_counts *ret);
/* Recording spans that started, and that ended. */
uint64_t counts_recording(const struct span_counts *c);
uint64_t counts_ended(const struct span_counts *c);

/* Gives processors and exporters their otel.component.name. */
void name_components(struct cairn_sdk *sdk);

#endif
