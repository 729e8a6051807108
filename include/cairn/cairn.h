/* cairn.h - all of libcairn's headers. Included by themselves: <cairn/otlp.h>, <cairn/http.h>, <cairn/curl.h> and
 * <cairn/microhttpd.h>, which belong to libraries of their own, and <cairn/semconv.h>, the names of the conventions.
 *
 * To instrument: trace.h, attribute.h. To carry a trace and baggage between processes: context.h, baggage.h,
 * propagation.h. To name the trace in log lines: log.h. To switch it on: sdk.h, resource.h, sampler.h, composable.h,
 * export.h, metrics.h. */
#ifndef CAIRN_CAIRN_H
#define CAIRN_CAIRN_H

#include <cairn/attribute.h>
#include <cairn/baggage.h>
#include <cairn/common.h>
#include <cairn/composable.h>
#include <cairn/context.h>
#include <cairn/export.h>
#include <cairn/log.h>
#include <cairn/metrics.h>
#include <cairn/propagation.h>
#include <cairn/resource.h>
#include <cairn/sampler.h>
#include <cairn/sdk.h>
#include <cairn/trace.h>

#endif
