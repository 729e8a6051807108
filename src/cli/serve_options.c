/* serve_options.c - the table of the server's options; defaults as one would type them. */
#include "cli/serve_options.h"

/* in the order of enum engine_ack and enum log_level */
static const char *const acks[] = {"fsync", "write", "memory", NULL};
static const char *const levels[] = {"error", "warn", "info", "debug", NULL};

static const uint64_t MS = 1000000, MIB = 1 << 20, GIB = 1 << 30;

#define OFFSET(field) .offset = offsetof(struct serve_options, field), .env = true
#define TIME_MAX      (24ull * 3600 * 1000 * 1000000)

const struct option serve_options[] = {
    {.name = "data-dir", .arg = "DIR", .type = OPTION_STRING, OFFSET(data_dir),
     .fallback = "cairn-data", .text = "where spans are kept; made when missing"},
    {.name = "otlp-grpc-listen", .arg = "ADDR", .type = OPTION_STRING, OFFSET(otlp_grpc_listen),
     .fallback = "127.0.0.1:4317", .text = "OTLP over gRPC; off does without"},
    {.name = "otlp-http-listen", .arg = "ADDR", .type = OPTION_STRING, OFFSET(otlp_http_listen),
     .fallback = "127.0.0.1:4318", .text = "OTLP over HTTP; off does without"},
    {.name = "query-listen", .arg = "ADDR", .type = OPTION_STRING, OFFSET(query_listen),
     .fallback = "127.0.0.1:16686", .text = "web UI, query APIs, /health and /metrics"},
};
