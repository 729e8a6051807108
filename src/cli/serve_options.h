/* serve_options.h - what `cairn serve` can be told. */
#ifndef CLI_SERVE_OPTIONS_H
#define CLI_SERVE_OPTIONS_H

#include "cli/options.h"

struct serve_options {
    const char *data_dir, *snapshot_dir, *otlp_grpc_listen, *otlp_http_listen, *query_listen,
        *tempo_listen;
    int ack, log_level;
    uint64_t commit_interval_ns, head_bytes, head_age_ns, queue_bytes, disk_free_bytes;
    uint64_t loops, request_bytes, connections, memory_bytes;
    uint64_t header_timeout_ns, body_timeout_ns, idle_timeout_ns, grace_ns;
    uint64_t retention_ns, retention_bytes;
    struct option_list retention_rules;
    uint64_t query_timeout_ns, query_bytes, search_limit;
};

extern const struct option serve_options[];

#endif
