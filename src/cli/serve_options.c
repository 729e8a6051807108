/* serve_options.c - the table of the server's options; defaults as one would type them. */
#include "cli/serve_options.h"

/* in the order of enum engine_ack and enum log_level */
static const char *const acks[] = {"fsync", "write", "memory", NULL};
static const char *const levels[] = {"error", "warn", "info", "debug", NULL};

#define KIB      (1ull << 10)
#define MIB      (1ull << 20)
#define GIB      (1ull << 30)
#define MS       1000000ull
#define DAY      (24 * 3600 * 1000 * MS)
#define AT(what) .offset = offsetof(struct serve_options, what), .env = true

/* clang-format off */
const struct option serve_options[] = {
    {.name = "data-dir", .arg = "DIR", .type = OPTION_STRING, AT(data_dir), .fallback = "cairn-data",
     .text = "where spans are kept; made when missing"},
    {.name = "snapshot-dir", .arg = "DIR", .type = OPTION_STRING, AT(snapshot_dir),
     .text = "where 'cairn snapshot URL NAME' may make copies, best on the file system of the data; without it, nowhere"},
    {.name = "otlp-grpc-listen", .arg = "ADDR", .type = OPTION_STRING, AT(otlp_grpc_listen), .fallback = "127.0.0.1:4317",
     .text = "address of OTLP over gRPC; off does without"},
    {.name = "otlp-http-listen", .arg = "ADDR", .type = OPTION_STRING, AT(otlp_http_listen), .fallback = "127.0.0.1:4318",
     .text = "address of OTLP over HTTP; off does without"},
    {.name = "query-listen", .arg = "ADDR", .type = OPTION_STRING, AT(query_listen), .fallback = "127.0.0.1:16686",
     .text = "address of the web UI, the query APIs, /health and /metrics"},
    {.name = "tempo-listen", .arg = "ADDR", .type = OPTION_STRING, AT(tempo_listen), .fallback = "127.0.0.1:3200",
     .text = "address of Tempo's API, over HTTP and gRPC; off does without"},
    {.name = "zipkin-listen", .arg = "ADDR", .type = OPTION_STRING, AT(zipkin_listen), .fallback = "127.0.0.1:9411",
     .text = "address of Zipkin's API, spans in and queries; off does without"},
    {.name = "jaeger-http-listen", .arg = "ADDR", .type = OPTION_STRING, AT(jaeger_http_listen), .fallback = "off",
     .text = "address for spans of Jaeger's own clients over HTTP (thrift), as in 127.0.0.1:14268"},
    {.name = "jaeger-grpc-listen", .arg = "ADDR", .type = OPTION_STRING, AT(jaeger_grpc_listen), .fallback = "off",
     .text = "address for spans of Jaeger's agents over gRPC, as in 127.0.0.1:14250"},

    {.name = "ack", .arg = "WHEN", .type = OPTION_CHOICE, AT(ack), .fallback = "fsync", .choices = acks,
     .text = "when spans count as received: fsync, when they are on the disk; write, when the kernel has them (lost when the machine crashes); memory, at once (lost when the server crashes)"},
    {.name = "commit-interval", .arg = "TIME", .type = OPTION_DURATION, AT(commit_interval_ns), .fallback = "1ms", .max = 1000 * MS,
     .text = "longest that a request waits for others to share one sync with"},
    {.name = "head-size", .arg = "SIZE", .type = OPTION_SIZE, AT(head_bytes), .fallback = "96MiB", .min = MIB, .max = 64 * GIB,
     .text = "memory for the newest spans before they become a part on disk"},
    {.name = "head-age", .arg = "TIME", .type = OPTION_DURATION, AT(head_age_ns), .fallback = "60s", .min = 10 * MS, .max = DAY,
     .text = "or become one after this time"},
    {.name = "append-queue", .arg = "SIZE", .type = OPTION_SIZE, AT(queue_bytes), .fallback = "32MiB", .min = MIB,
     .text = "spans waiting for the disk; beyond, senders are told to retry"},
    {.name = "disk-free-min", .arg = "SIZE", .type = OPTION_SIZE, AT(disk_free_bytes), .fallback = "64MiB",
     .text = "free disk space below which senders are told to retry"},

    {.name = "retention", .arg = "TIME", .type = OPTION_DURATION, AT(retention_ns), .fallback = "0",
     .text = "how long spans are kept, as in 72h or 14d; 0 is for ever"},
    {.name = "retention-size", .arg = "SIZE", .type = OPTION_SIZE, AT(retention_bytes), .fallback = "0",
     .text = "disk space for spans and log; beyond, the oldest go; 0 is no limit"},
    {.name = "retention-rule", .arg = "RULE", .type = OPTION_LIST, AT(retention_rules),
     .text = "keep some traces longer: status=error:30d, duration>2s:30d; several times, or with commas between"},

    {.name = "max-request-size", .arg = "SIZE", .type = OPTION_SIZE, AT(request_bytes), .fallback = "64MiB", .min = KIB, .max = 2 * GIB,
     .text = "largest request body, before and after decompression"},
    {.name = "max-connections", .arg = "COUNT", .type = OPTION_COUNT, AT(connections), .fallback = "20000", .min = 1, .max = 1000000,
     .text = "open connections; further ones are closed at once"},
    {.name = "memory-limit", .arg = "SIZE", .type = OPTION_SIZE, AT(memory_bytes), .fallback = "512MiB", .min = MIB,
     .text = "memory for requests and replies under way; beyond, senders are told to retry"},
    {.name = "header-timeout", .arg = "TIME", .type = OPTION_DURATION, AT(header_timeout_ns), .fallback = "10s", .min = 10 * MS, .max = DAY,
     .text = "longest for the header of a request"},
    {.name = "body-timeout", .arg = "TIME", .type = OPTION_DURATION, AT(body_timeout_ns), .fallback = "30s", .min = 10 * MS, .max = DAY,
     .text = "longest for its body"},
    {.name = "idle-timeout", .arg = "TIME", .type = OPTION_DURATION, AT(idle_timeout_ns), .fallback = "5m", .min = 10 * MS, .max = DAY,
     .text = "longest between requests of a connection"},

    {.name = "query-timeout", .arg = "TIME", .type = OPTION_DURATION, AT(query_timeout_ns), .fallback = "30s", .min = MS, .max = DAY,
     .text = "longest that a query may run"},
    {.name = "query-memory", .arg = "SIZE", .type = OPTION_SIZE, AT(query_bytes), .fallback = "2GiB", .min = MIB,
     .text = "memory that one query may take, and size of its answer"},
    {.name = "search-limit", .arg = "COUNT", .type = OPTION_COUNT, AT(search_limit), .fallback = "10000", .min = 1, .max = 1000000,
     .text = "most traces that one search may ask for"},

    {.name = "loops", .arg = "COUNT", .type = OPTION_COUNT, AT(loops), .fallback = "0", .max = 1024,
     .text = "threads that serve connections; 0 is one per core"},
    {.name = "shutdown-grace", .arg = "TIME", .type = OPTION_DURATION, AT(grace_ns), .fallback = "10s", .max = DAY,
     .text = "how long requests under way may take after SIGTERM or SIGINT"},
    {.name = "log-level", .arg = "LEVEL", .type = OPTION_CHOICE, AT(log_level), .fallback = "info", .choices = levels,
     .text = "error, warn, info or debug"},
    {0},
};
/* clang-format on */
