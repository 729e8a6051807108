/* health.c - /health for probes and /metrics for Prometheus. Both answer on the loop: they only read counters. */
#include <inttypes.h>

#include "api/call.h"
#include "api/dialects.h"

static void health(struct http_exchange *x, const struct http_request *req, void *user)
{
    struct api *api = user;
    bool stopping = atomic_load(&api->stopping);
    struct http_reply reply = {.status = stopping ? 503 : 200, .content_type = "application/json"};
    struct json_writer w;
    (void)req;
    buf_init(&reply.body, 0);
    json_init(&w, &reply.body, 0);
    json_object_begin(&w);
    json_key(&w, STR("status"));
    json_str(&w, stopping ? STR("stopping") : STR("ok"));
    json_key(&w, STR("version"));
    json_str(&w, str_of(api->version));
    json_object_end(&w);
    http_reply(x, &reply);
}

struct all_stats {
    struct engine_stats engine;
    struct http_stats http;
    uint64_t spans_rejected;
};

/* X(name, counter or gauge, help, value) */
#define METRICS(X)                                                                                 \
    X("spans_appended_total", "counter", "Spans taken in", s.engine.spans_appended)                \
    X("bytes_appended_total", "counter", "Bytes of spans taken in", s.engine.bytes_appended)       \
    X("batches_appended_total", "counter", "Requests taken in", s.engine.batches_appended)         \
    X("appends_refused_total", "counter",                                                          \
      "Requests refused because the queue or the disk was full", s.engine.appends_refused)         \
    X("spans_rejected_total", "counter", "Spans without valid ids, left out of their requests",    \
      s.spans_rejected)                                                                            \
    X("log_syncs_total", "counter", "Times the log was synced to disk", s.engine.syncs)            \
    X("head_spans", "gauge", "Spans in memory, not yet in a part", s.engine.head_spans)            \
    X("head_bytes", "gauge", "Memory of the head", s.engine.head_bytes)                            \
    X("parts", "gauge", "Parts on disk", s.engine.parts)                                           \
    X("part_spans", "gauge", "Spans in parts", s.engine.part_spans)                                \
    X("part_bytes", "gauge", "Bytes of parts on disk", s.engine.part_bytes)                        \
    X("log_bytes", "gauge", "Bytes of the log on disk", s.engine.log_bytes)                        \
    X("recovered_spans", "gauge", "Spans read back from the log at start",                         \
      s.engine.recovered_spans)                                                                    \
    X("damaged_bytes", "gauge", "Bytes skipped at start because they were damaged",                \
      s.engine.damaged_bytes)                                                                      \
    X("seal_failures_total", "counter", "Heads that could not be made a part",                     \
      s.engine.seal_failures)                                                                      \
    X("merge_failures_total", "counter", "Merges of parts that failed", s.engine.merge_failures)   \
    X("retention_runs_total", "counter", "Runs of retention", s.engine.retention_runs)             \
    X("retention_failures_total", "counter", "Runs of retention that failed",                      \
      s.engine.retention_failures)                                                                 \
    X("aged_spans_total", "counter", "Spans removed because of their age", s.engine.aged_spans)    \
    X("aged_bytes_total", "counter", "Bytes removed because of their age", s.engine.aged_bytes)    \
    X("oversize_spans_total", "counter", "Spans removed over the size limit",                      \
      s.engine.oversize_spans)                                                                     \
    X("oversize_bytes_total", "counter", "Bytes removed over the size limit",                      \
      s.engine.oversize_bytes)                                                                     \
    X("deleted_spans_total", "counter", "Spans of deleted traces removed", s.engine.deleted_spans) \
    X("deleted_bytes_total", "counter", "Bytes of deleted traces removed, about",                  \
      s.engine.deleted_bytes)                                                                      \
    X("traces_deleted_total", "counter", "Traces deleted by id", s.engine.traces_deleted)          \
    X("tombstones", "gauge", "Deleted traces whose bytes may still be on disk",                    \
      s.engine.tombstones)                                                                         \
    X("http_connections_open", "gauge", "Connections open now", s.http.connections_open)           \
    X("http_connections_total", "counter", "Connections accepted", s.http.connections_total)       \
    X("http_connections_refused_total", "counter", "Connections refused over the limit",           \
      s.http.connections_refused)                                                                  \
    X("http_requests_total", "counter", "Requests", s.http.requests)                               \
    X("http_bytes_in_total", "counter", "Bytes received", s.http.bytes_in)                         \
    X("http_bytes_out_total", "counter", "Bytes sent", s.http.bytes_out)                           \
    X("http_replies_4xx_total", "counter", "Replies with a client's error", s.http.replies_4xx)    \
    X("http_replies_5xx_total", "counter", "Replies with a server's error", s.http.replies_5xx)    \
    X("http_timeouts_total", "counter", "Connections that took too long", s.http.timeouts)         \
    X("http_protocol_errors_total", "counter", "Connections that spoke no HTTP",                   \
      s.http.protocol_errors)                                                                      \
    X("http_memory_refused_total", "counter", "Requests refused over the memory budget",           \
      s.http.memory_refused)                                                                       \
    X("http_memory_bytes", "gauge", "Bodies and replies in flight", s.http.memory_bytes)

static void metrics(struct http_exchange *x, const struct http_request *req, void *user)
{
    struct api *api = user;
    struct http_reply reply = {.status = 200,
                               .content_type = "text/plain; version=0.0.4; charset=utf-8"};
    struct all_stats s = {0};
    (void)req;
    engine_stats(api->engine, &s.engine);
    s.spans_rejected = atomic_load_explicit(&api->spans_rejected, memory_order_relaxed);
    if (api->server)
        http_server_stats(api->server, &s.http);
    buf_init(&reply.body, 0);
    buf_printf(&reply.body,
               "# HELP cairn_build_info The version that runs.\n# TYPE cairn_build_info gauge\n"
               "cairn_build_info{version=\"%s\"} 1\n",
               api->version);
#define X(name, type, help, value)                                                            \
    buf_printf(&reply.body,                                                                   \
               "# HELP cairn_" name " " help ".\n# TYPE cairn_" name " " type "\ncairn_" name \
               " %" PRIu64 "\n",                                                              \
               (uint64_t)(value));
    METRICS(X)
#undef X
    http_reply(x, &reply);
}

const struct endpoint health_endpoints[] = {
    {"/health", .handler = health},
    {"/metrics", .handler = metrics},
    {0},
};
