/* engine.h - the contract of a place that keeps spans and answers queries.
 *
 * Two implementations: the embedded store (src/store, src/query) and, on a cluster, ClickHouse. Everything above
 * (api, cli) knows this header only.
 *
 * Threads: append may be called from any thread and never blocks; its callback comes from the engine's own thread.
 * The query functions block until done and may be called from several threads at once, but not from an event loop.
 * Results live in the caller's arena (their strings too) and stay valid until it is reset. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "trace/span.h"
#include "traceql/ast.h"

struct engine;

/* What "acknowledged" means: in the log and the log on the disk; in the log; in memory. */
enum engine_ack { ENGINE_ACK_FSYNC, ENGINE_ACK_WRITE, ENGINE_ACK_MEMORY };

/* Traces that are kept longer than engine_options.retention_ns: those that have a span with the status, or that took
 * longer than duration_ns from their first start to their last end. A rule looks at whole traces. */
enum retention_field { RETENTION_STATUS, RETENTION_DURATION };

struct retention_rule {
    enum retention_field field;
    enum status_code status;
    uint64_t duration_ns;
    uint64_t keep_ns; /* more than retention_ns, or it has no effect */
};

enum { RETENTION_RULES_MAX = 16 };

struct engine_options {
    const char *data_dir; /* created when missing (mode 0700) */
    enum engine_ack ack;
    uint32_t commit_interval_us;  /* group commit: longest wait for company; 0 = none */
    uint64_t head_bytes_max;      /* the in-memory head is sealed into a part beyond this */
    uint32_t head_age_ms_max;     /* or when its oldest batch is older than this */
    uint64_t queue_bytes_max;     /* appends waiting for the writer; beyond: ERR_BUSY */
    uint64_t disk_free_bytes_min; /* below this much free space appends are refused with ERR_BUSY */

    uint64_t retention_ns; /* spans older than this are removed; 0 = never */
    uint64_t
        retention_bytes; /* the oldest parts are removed until log and parts fit; 0 = no limit */
    const struct retention_rule *retention_rules; /* copied */
    uint32_t retention_rule_count;  /* up to RETENTION_RULES_MAX; needs retention_ns */
    uint32_t retention_interval_ms; /* between two looks */
    uint64_t (*now_ns)(void *user); /* Unix time for retention; NULL = the system's. Any thread */
    void *now_user;
};
#define ENGINE_OPTIONS_DEFAULT                                                               \
    {                                                                                        \
        .data_dir = "cairn-data", .ack = ENGINE_ACK_FSYNC, .commit_interval_us = 1000,       \
        .head_bytes_max = 80u << 20, .head_age_ms_max = 60000, .queue_bytes_max = 32u << 20, \
        .disk_free_bytes_min = 64u << 20, .retention_interval_ms = 60000                     \
    }

/* Opens the embedded engine, recovering what a crash left. On failure *ret is untouched and err says what to do
 * (directory not writable, in use by another process, damaged, from a newer version). */
int engine_open(const struct engine_options *options, struct engine **ret, struct err *err);

/* Finishes queued appends, syncs, stops the threads, frees. NULL is fine. */
void engine_close(struct engine *engine);

/* Called once per append, from the engine's thread: 0 when the batch is kept as `ack` promises, else why not. */
typedef void engine_append_fn(int result, const struct err *err, void *user);

/* One request's spans. bytes is the OTLP protobuf of exactly batch's spans, or empty when only batch is right
 * (it came as JSON, or the pipeline edited it): then the engine encodes it. */
struct engine_append {
    struct str bytes;
    const struct span_batch *batch;
    engine_append_fn *done;
    void *user;
};

/* Takes the batch: bytes and batch must stay valid until done is called. Returns 0 (done will be called), or
 * ERR_BUSY / ERR_CLOSED when it is not taken (done will not be called). */
int engine_append(struct engine *engine, const struct engine_append *append, struct err *err);

/* A query in progress. The caller sets cancelled (any thread) when nobody wants the answer any more, or has the
 * engine ask is_cancelled (NULL = never); the engine looks often and returns ERR_CANCELLED. Past deadline_ns
 * (clock_monotonic_ns; 0 = none) it returns ERR_TIMEOUT; over the arena's budget ERR_TOO_LARGE. */
struct engine_query {
    struct arena *arena;
    uint64_t deadline_ns;
    _Atomic int cancelled;
    bool (*is_cancelled)(void *user);
    void *user;
    /* filled by the engine */
    uint64_t spans_scanned;
    bool damaged; /* a part that cannot be read was left out: the answer may lack spans */
};

/* All spans of one trace, ordered by start time, each exactly once (identical re-sent spans are folded).
 * ERR_NOT_FOUND when there is none. */
int engine_trace(struct engine *engine, struct engine_query *q, struct trace_id id,
                 struct span_batch *ret, struct err *err);

/* Deletes a trace: what has been acknowledged of it before the call is in no answer to a query that starts after the
 * return, also not after a crash; queries under way finish with what they saw. Spans of it that arrive later are a new
 * trace. Names of services, operations and attributes that only this trace had may be listed until the parts that held
 * it are rewritten; then its bytes are gone, too. Blocks for a flush of the disk.
 * ERR_NOT_FOUND: there is no such trace. ERR_BUSY: too many deletions wait for a rewrite, or the disk is full; try again.
 * ERR_IO. After these two it is still there, or gone from the answers but may return with a restart: delete it again.
 * ERR_CLOSED. */
int engine_delete_trace(struct engine *engine, struct trace_id id, struct err *err);

struct service_summary {
    struct str name;
    uint32_t span_count, error_count;
};

/* One line of a result list, computed over all spans of the trace. */
struct trace_summary {
    struct trace_id trace_id;
    struct str root_service,
        root_name; /* the earliest span without parent; else the earliest span */
    bool rootless; /* the latter */
    uint64_t start_ns, end_ns;
    uint32_t span_count, error_count;
    uint32_t orphan_count;            /* spans whose parent is not in the trace */
    uint32_t matched_count;           /* spans that satisfied the filter */
    struct service_summary *services; /* by name */
    uint32_t service_count;
};

struct trace_summary_list {
    struct trace_summary *items; /* newest start first */
    size_t count;
};

int engine_search(struct engine *engine, struct engine_query *q, const struct trace_query *query,
                  struct trace_summary_list *ret, struct err *err);

struct str_list {
    struct str *items; /* sorted, unique */
    size_t count;
};

int engine_services(struct engine *engine, struct engine_query *q, struct str_list *ret,
                    struct err *err);

struct operation {
    struct str name;
    enum span_kind kind;
};

struct operation_list {
    struct operation *items; /* by name, then kind; unique */
    size_t count;
};

/* Of one service, or of all when service is empty. */
int engine_operations(struct engine *engine, struct engine_query *q, struct str service,
                      struct operation_list *ret, struct err *err);

struct dependency {
    struct str parent, child;
    uint64_t call_count, error_count;
    uint64_t duration_sum_ns, p50_ns, p95_ns,
        p99_ns; /* of the child's spans, within 1 %; 0 = not known yet */
};

struct dependency_list {
    struct dependency *items; /* by parent, then child */
    size_t count;
};

/* Calls between services: pairs of parent and child span of one trace with different service names, where the
 * child starts inside [start_ns, end_ns]; two sides of a call may share one span id. A span that was sent twice counts twice
 * until a merge folds it. Parts are joined in the background, the newest first; the call joins those of the range that were
 * not yet. */
int engine_dependencies(struct engine *engine, struct engine_query *q, uint64_t start_ns,
                        uint64_t end_ns, struct dependency_list *ret, struct err *err);

/* Counters and gauges, read without locks; for /metrics and `cairn serve`'s log. */
struct engine_stats {
    uint64_t spans_appended, bytes_appended, batches_appended;
    uint64_t appends_refused, syncs;
    uint64_t head_spans, head_bytes;
    uint64_t parts, part_spans, part_bytes, log_bytes;
    uint64_t recovered_spans; /* read back from the log at start */
    uint64_t damaged_bytes;   /* skipped at start: torn or damaged log records, unreadable parts */
    uint64_t seal_failures, merge_failures, retention_failures;
    uint64_t retention_runs;
    /* what is gone from the disk, by reason: past its age, over the size limit, deleted by id */
    uint64_t aged_spans, aged_bytes, oversize_spans, oversize_bytes, deleted_spans, deleted_bytes;
    uint64_t traces_deleted; /* by engine_delete_trace, since the start */
    uint64_t tombstones;     /* deleted traces whose bytes may still be on the disk */
};

void engine_stats(struct engine *engine, struct engine_stats *ret);

/* ---- For operators ---- */

/* What takes the bytes on disk. Columns of the same name in several parts are one. */
struct usage_column {
    const char *table; /* "spans", "events", "links", "" for indexes */
    const char *scope; /* "row", "attribute", "field", "index" */
    const char *type;  /* "string", "bool", "int", "double", "any", "" */
    struct str name;
    uint64_t values, entries;         /* entries of dictionaries */
    uint64_t stored_bytes, raw_bytes; /* compressed, with their headers; before compression */
};

struct usage_service {
    struct str name;
    uint64_t spans;
};

struct engine_usage {
    uint64_t spans, events, links; /* of parts; */
    uint64_t head_spans;           /* and those that are in memory and log */
    uint64_t traces;
    bool traces_exact; /* else one that lies in several parts counts several times */
    uint64_t parts, part_bytes, log_bytes;
    struct usage_column *columns; /* by stored bytes, most first */
    size_t column_count;
    struct usage_service *services; /* by spans, most first */
    size_t service_count;
};

int engine_usage(struct engine *engine, struct engine_query *q, struct engine_usage *ret,
                 struct err *err);

struct engine_copy {
    uint64_t parts, spans, bytes;
    uint64_t linked_bytes; /* of bytes: shared with the live files */
};

/* A consistent copy of all that was acknowledged before the call, as a data directory of its own. target must not exist;
 * it appears whole or not at all (TARGET.partial is what a crash leaves, and the next try replaces). Parts are
 * hard-linked where the file system can. */
int engine_copy(struct engine *engine, const char *target, struct engine_copy *ret,
                struct err *err);

#endif
