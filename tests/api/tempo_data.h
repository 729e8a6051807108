/* tempo_data.h - an engine's answers with everything in them that Tempo's API treats in a way of its own. */
#ifndef TESTS_API_TEMPO_DATA_H
#define TESTS_API_TEMPO_DATA_H

#include <math.h>

#include "fake_engine.h"
#include "spans.h"

#define T0 1795266841123456789ull /* 2026-11-21 13:14:01.123456789 UTC */
#define MS 1000000ull

/* --- two traces: one whole, with two sets; one without root --- */

static struct attr data_span_attrs[] = {
    {STR_INIT("http.status_code"), {.type = VALUE_INT, .integer = 500}},
    {STR_INIT("service.name"), {.type = VALUE_STRING, .string = STR_INIT("hub")}},
    {STR_INIT("flag"), {.type = VALUE_BOOL, .boolean = true}},
    {STR_INIT("ratio"), {.type = VALUE_DOUBLE, .number = 0.25}},
    {STR_INIT("missing"), {.type = VALUE_EMPTY}},
    {STR_INIT("status"), {.type = VALUE_INT, .integer = STATUS_ERROR}},
    {STR_INIT("kind"), {.type = VALUE_INT, .integer = SPAN_KIND_CLIENT}},
    {STR_INIT("nestedSetParent"), {.type = VALUE_INT, .integer = -1}},
    {STR_INIT("event:timeSinceStart"), {.type = VALUE_INT, .integer = 1500}},
    {STR_INIT("span:parentID"), {.type = VALUE_BYTES, .string = STR_INIT("\1\2\3\4\5\6\7\xa1")}},
};
static struct attr data_set_attrs[] = {
    {STR_INIT("by(status)"), {.type = VALUE_INT, .integer = STATUS_OK}},
    {STR_INIT("by(span.foo)"), {.type = VALUE_EMPTY}},
    {STR_INIT("count()"), {.type = VALUE_INT, .integer = 2}},
    {STR_INIT("avg(duration)"), {.type = VALUE_INT, .integer = 1500000}},
};
static struct spanset_span data_spans[] = {
    {.span_id = {{[7] = 0xa2}},
     .name = STR_INIT("call"),
     .start_ns = T0 + MS,
     .duration_ns = 5 * MS,
     .attrs = data_span_attrs,
     .attr_count = sizeof data_span_attrs / sizeof *data_span_attrs},
    {.span_id = {{[7] = 0xa3}}, .start_ns = T0 + 2 * MS},
};
static struct spanset data_sets[] = {
    {.spans = data_spans, .span_count = 2, .matched_count = 7},
    {.spans = data_spans + 1,
     .span_count = 1,
     .matched_count = 1,
     .attrs = data_set_attrs,
     .attr_count = sizeof data_set_attrs / sizeof *data_set_attrs},
};
static struct service_summary data_services[] = {{STR_INIT("hub"), 9, 1}, {STR_INIT("db"), 4, 0}};
static struct spanset_trace data_traces[] = {
    {.summary = {.trace_id = {{[2] = 0x0a, [15] = 0x1f}},
                 .root_service = STR_INIT("hub"),
                 .root_name = STR_INIT("GET /"),
                 .start_ns = T0,
                 .end_ns = T0 + 12 * MS + 999999,
                 .services = data_services,
                 .service_count = 2},
     .sets = data_sets,
     .set_count = 2},
    {.summary = {.trace_id = {{[15] = 1}},
                 .root_service = STR_INIT("db"),
                 .root_name = STR_INIT("earliest"),
                 .rootless = true,
                 .start_ns = T0,
                 .end_ns = T0 + 999},
     .sets = data_sets,
     .set_count = 1},
};
static const struct spanset_list data_found = {data_traces, 2};

/* --- series: labels of each kind, a 0, a gap, one without samples, exemplars --- */

static struct attr data_labels[][2] = {
    {{STR_INIT("resource.service.name"), {.type = VALUE_STRING, .string = STR_INIT("hub")}},
     {STR_INIT("status"), {.type = VALUE_INT, .integer = STATUS_ERROR}}},
    {{STR_INIT("resource.service.name"), {.type = VALUE_EMPTY}},
     {STR_INIT("p"), {.type = VALUE_DOUBLE, .number = 0.9}}},
    {{STR_INIT("__name__"), {.type = VALUE_STRING, .string = STR_INIT("rate")}}},
};
static double data_values[][3] = {
    {1.5, 0, 2}, {(double)NAN, 1e-9, (double)INFINITY}, {(double)NAN, (double)NAN, (double)NAN}};
static struct exemplar data_exemplars[] = {{.trace_id = {{[14] = 0x0a, [15] = 0xbc}},
                                            .span_id = {{[7] = 0xa2}},
                                            .time_ns = T0,
                                            .value = 0.005}};
static struct series data_series[] = {
    {data_labels[0], 2, data_values[0], data_exemplars, 1},
    {data_labels[1], 2, data_values[1], NULL, 0},
    {data_labels[2], 1, data_values[2], NULL, 0},
};
static const struct series_list data_series_found = {data_series, 3, 3, false};
static const struct series_list data_series_cut = {data_series, 1, 3, true};

/* --- tags --- */

static struct tag_key data_keys[] = {
    {STR_INIT("exception.type"), SCOPE_EVENT},  {STR_INIT("lib"), SCOPE_INSTRUMENTATION},
    {STR_INIT("because"), SCOPE_LINK},          {STR_INIT("host.name"), SCOPE_RESOURCE},
    {STR_INIT("service.name"), SCOPE_RESOURCE}, {STR_INIT("host.name"), SCOPE_SPAN},
    {STR_INIT("http.status_code"), SCOPE_SPAN},
};
static const struct tag_key_list data_keys_found = {data_keys, 7};
static struct tag_value data_tag_values[] = {
    {{.type = VALUE_STRING, .string = STR_INIT("GET /")}, 9},
    {{.type = VALUE_INT, .integer = 500}, 4},
    {{.type = VALUE_DOUBLE, .number = 0.5}, 2},
    {{.type = VALUE_BOOL, .boolean = true}, 1},
    {{.type = VALUE_EMPTY}, 1},
};
static const struct tag_value_list data_values_found = {data_tag_values, 5, false};

#endif
