/* tempo.h - Tempo's API between its forms: requests as plain structs, whether they came as a URL or as protobuf.
 *
 *     URL       tempo_params.h  \                        /  tempo_json.h  HTTP
 *     protobuf  tempo_pb.h      -  struct tempo_... - run  -  tempo_pb.h    gRPC
 *
 * Each family of endpoints is one file with a run function for HTTP and one for gRPC; both ask the engine in the same
 * way. */
#ifndef API_TEMPO_H
#define API_TEMPO_H

#include "api/call.h"
#include "engine/series.h"
#include "engine/spansets.h"
#include "engine/tags.h"

enum {
    TEMPO_SEARCH_LIMIT = 20,
    TEMPO_SPANS_PER_SET = 3,
    TEMPO_TAGS_MAX = 64,       /* of one search by tags */
    TEMPO_VALUES_LIMIT = 1000, /* of tag values; keys have no limit unless asked for */
    TEMPO_SERIES_LIMIT = 1000,
    TEMPO_EXEMPLARS_LIMIT = 100,
    TEMPO_PACKET_BYTES =
        768 << 10, /* a message of a stream is ended past this size; clients take 1 MiB or more */
};

/* Times are Unix nanoseconds; a range that is not given is 0, UINT64_MAX. Strings borrow from the request. */
struct tempo_search {
    struct str query;  /* TraceQL; empty = tags and durations */
    struct attr *tags; /* strings */
    uint32_t tag_count;
    uint64_t min_duration_ns, max_duration_ns; /* of the trace; 0, UINT64_MAX = any */
    uint32_t limit;
    uint32_t spans_per_set; /* UINT32_MAX = all */
    uint64_t start_ns, end_ns;
};

enum tempo_scope {
    TEMPO_SCOPE_NONE, /* all of them */
    TEMPO_SCOPE_EVENT,
    TEMPO_SCOPE_INSTRUMENTATION,
    TEMPO_SCOPE_INTRINSIC,
    TEMPO_SCOPE_LINK,
    TEMPO_SCOPE_RESOURCE,
    TEMPO_SCOPE_SPAN,
    TEMPO_SCOPES,
};

const char *tempo_scope_name(enum tempo_scope scope);
/* ERR_INVALID; empty and "all" are none. */
int tempo_scope_parse(struct str name, enum tempo_scope *ret, struct err *err);

/* Names of tags, or the values of one. */
struct tempo_tags {
    enum tempo_scope scope;
    struct str tag;   /* whose values */
    struct str query; /* may be unfinished */
    uint64_t start_ns, end_ns;
    uint32_t limit; /* 0 = as many as there are */
};

struct tempo_tag_names {
    struct str *items;
    size_t count, cap;
};

struct tempo_tag_value {
    const char *type; /* string, int, float, bool, keyword */
    struct str text;
};

struct tempo_tag_values {
    struct tempo_tag_value *items;
    size_t count;
};

struct tempo_metrics {
    struct str query;
    uint64_t start_ns, end_ns;
    uint64_t step_ns; /* 0 = as fits the range */
    uint32_t exemplars_max, series_max;
    bool instant; /* one number for the range */
};

/* What is the same for every form of a request; ERR_INVALID names the parameter. */
int tempo_range_check(uint64_t start_ns, uint64_t end_ns, struct err *err);
/* Fills in the step, aligns the range to it, and checks the size. */
int tempo_metrics_align(struct tempo_metrics *m, struct err *err);

/* Parses a query; what is wrong with it is said as Tempo does: "invalid TraceQL query: ...". Empty is "{}". */
int tempo_traceql(struct str text, struct arena *arena, const struct traceql **ret,
                  struct err *err);

/* --- endpoints: tempo_search.c, tempo_metrics.c, tempo_tags.c, tempo_trace.c --- */

call_run_fn tempo_search_http, tempo_search_grpc;
call_run_fn tempo_range_http, tempo_range_grpc;
call_run_fn tempo_instant_http, tempo_instant_grpc;
call_run_fn tempo_tags_http, tempo_tags_v2_http, tempo_tags_grpc, tempo_tags_v2_grpc;
call_run_fn tempo_values_http, tempo_values_v2_http, tempo_values_grpc, tempo_values_v2_grpc;
call_run_fn tempo_trace_v1, tempo_trace_v2;

#endif
